"""The profiles that Krita and Photoshop know by name, from their published primaries, whites and tone curves."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inlay.color.curves import GAMMA_18, GAMMA_22, LIGHTNESS, LINEAR, REC709_ELLE, SRGB, Parametric
from inlay.color.icc import D50

_D65 = (0.3127, 0.3290)
_D60 = (0.32168, 0.33767)
_D50 = (0.3457, 0.3585)
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def colorants(primaries: tuple[float, ...], white: tuple[float, float]) -> NDArray[np.float64]:
    """3 x 3, columns = XYZ of red, green and blue adapted to D50 (Bradford), from xy of the three and of white."""
    red_green_blue = np.column_stack([_xyz(primaries[i], primaries[i + 1]) for i in (0, 2, 4)])
    if white == _D50:
        return red_green_blue * np.linalg.solve(red_green_blue, D50)
    white_xyz = _xyz(*white)
    native = red_green_blue * np.linalg.solve(red_green_blue, white_xyz)
    gains = np.diag((_BRADFORD @ D50) / (_BRADFORD @ white_xyz))
    return np.linalg.solve(_BRADFORD, gains @ _BRADFORD) @ native


def _xyz(x: float, y: float) -> NDArray[np.float64]:
    return np.array([x / y, 1.0, (1 - x - y) / y])


SPACES: dict[str, NDArray[np.float64]] = {
    "sRGB": colorants((0.64, 0.33, 0.30, 0.60, 0.15, 0.06), _D65),
    "ClayRGB": colorants((0.64, 0.33, 0.21, 0.71, 0.15, 0.06), _D65),
    "LargeRGB": colorants((0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001), _D50),
    "WideRGB": colorants((0.7347, 0.2653, 0.1152, 0.8264, 0.1566, 0.0177), _D50),
    "Rec2020": colorants((0.708, 0.292, 0.170, 0.797, 0.131, 0.046), _D65),
    "ACES": colorants((0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.0770), _D60),
    "ACEScg": colorants((0.713, 0.293, 0.165, 0.830, 0.128, 0.044), _D60),
    "P3": colorants((0.680, 0.320, 0.265, 0.690, 0.150, 0.060), _D65),
    "Apple": colorants((0.625, 0.340, 0.280, 0.595, 0.155, 0.070), _D65),
    "ColorMatch": colorants((0.630, 0.340, 0.295, 0.605, 0.150, 0.075), _D50),
    # The profile of that name adapts its white in another way than all others; these are its own numbers.
    "scRGB": np.array([[0.48508, 0.34889, 0.13023], [0.25012, 0.69778, 0.05209], [0.02274, 0.11630, 0.68587]]),
}
"""Colorants by the names that Elle Stone's profiles (Krita ships them) and Photoshop's use for a space."""

_ELLE_SPACES = ("sRGB", "ClayRGB", "LargeRGB", "WideRGB", "Rec2020", "ACES", "ACEScg")
_ELLE_CURVES = {
    "g10": LINEAR,
    "g18": GAMMA_18,
    "g22": GAMMA_22,
    "labl": LIGHTNESS,
    "rec709": REC709_ELLE,
    "srgbtrc": SRGB,
}


@dataclass(frozen=True)
class NamedProfile:
    """A profile that needs no bytes."""

    space: str
    """A key of SPACES, GRAY or LAB."""
    curve: Parametric


def _elle() -> dict[str, NamedProfile]:
    named: dict[str, NamedProfile] = {}
    for version in ("V2", "V4"):
        for ending, curve in _ELLE_CURVES.items():
            for space in _ELLE_SPACES:
                named[f"{space}-elle-{version}-{ending}.icc"] = NamedProfile(space, curve)
            named[f"Gray-D50-elle-{version}-{ending}.icc"] = NamedProfile("GRAY", curve)
    return named


NAMED: dict[str, NamedProfile] = {
    **_elle(),
    # Krita's own
    "sRGB built-in": NamedProfile("sRGB", SRGB),
    "krita-2.5, lcms sRGB built-in with linear gamma TRC": NamedProfile("sRGB", LINEAR),
    "scRGB (linear)": NamedProfile("scRGB", LINEAR),
    "gray built-in": NamedProfile("GRAY", GAMMA_22),
    "Lab identity built-in": NamedProfile("LAB", LINEAR),
    # Photoshop's
    "sRGB IEC61966-2.1": NamedProfile("sRGB", SRGB),
    "Adobe RGB (1998)": NamedProfile("ClayRGB", GAMMA_22),
    "ProPhoto RGB": NamedProfile("LargeRGB", GAMMA_18),
    "Display P3": NamedProfile("P3", SRGB),
    "Apple RGB": NamedProfile("Apple", GAMMA_18),
    "ColorMatch RGB": NamedProfile("ColorMatch", GAMMA_18),
    "Wide Gamut RGB": NamedProfile("WideRGB", GAMMA_22),
    "Gray Gamma 1.8": NamedProfile("GRAY", GAMMA_18),
    "Gray Gamma 2.2": NamedProfile("GRAY", GAMMA_22),
    "sGray": NamedProfile("GRAY", SRGB),
    "Lab": NamedProfile("LAB", LINEAR),
}

_LINEAR_SUFFIX = re.compile(r" \(Linear (?:RGB|Gray|Grayscale) Profile\)$")
"""Photoshop appends it to the names of 32-bit documents' profiles."""


def named(name: str) -> NamedProfile | None:
    """The profile of that name, or None."""
    plain, linear = _LINEAR_SUFFIX.subn("", name)
    found = NAMED.get(plain)
    return NamedProfile(found.space, LINEAR) if found and linear else found
