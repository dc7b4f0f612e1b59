"""Colour profiles ready to compute with: matrix, gray and Lab profiles in float64, profiles with tables through LittleCMS."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from inlay.color import lab
from inlay.color.curves import LINEAR, SRGB, Curve
from inlay.color.icc import D50, IccFacts, gray_profile, matrix_profile, parse
from inlay.color.names import NAMED, SPACES, NamedProfile, named
from inlay.color.raster import Raster
from inlay.errors import UnknownProfile, Unsupported

Values = NDArray[np.float64]

_MODEL_OF_ORDER = {"Y": "GRAY", "YA": "GRAY", "RGB": "RGB", "RGBA": "RGB", "BGR": "RGB", "BGRA": "RGB"}
_MODEL_NAMES = {"RGB": "an RGB", "GRAY": "a gray", "LAB": "a Lab"}
_SAME_PRIMARIES = 1e-3
"""sRGB profiles of several makers differ by less than this in their matrices, from rounding and from how white was adapted."""
_SAME_WHITE = 2e-3
_FLOAT32_NOISE = 2.0**-24
"""The working space cannot tell less than this from 0 beside a bright channel. In pure gamma curves it would become up to 40 of
65535; channels clipped to 0, which saturated pictures are full of, come back as 0 instead."""
_LUMINANCE = SPACES["sRGB"][1]
"""Y of linear sRGB red, green and blue as profiles connect them (D50)."""
_CACHED_PROFILES = 32


class Profile(Protocol):
    """A document's values (0..1, or L*a*b*) <-> the working space; float64, rows x columns x channels."""

    @property
    def is_working_space(self) -> bool:
        """Converting would change nothing."""
        ...

    def decode(self, values: Values) -> Values: ...

    def encode(self, pixels: Values) -> Values: ...


@dataclass(frozen=True, eq=False)
class MatrixProfile:
    """RGB: a tone curve per channel, then a matrix (3 x 3, for column vectors) to linear light with sRGB primaries."""

    curves: tuple[Curve, ...]
    to_srgb: Values

    @property
    def has_srgb_primaries(self) -> bool:
        return bool(np.all(np.abs(self.to_srgb - np.eye(3)) < _SAME_PRIMARIES))

    @property
    def is_working_space(self) -> bool:
        return self.has_srgb_primaries and all(curve is SRGB for curve in self.curves)

    def decode(self, values: Values) -> Values:
        linear = _by_channel([curve.decode for curve in self.curves], values)
        return SRGB.encode(linear if self.has_srgb_primaries else linear @ self.to_srgb.T)

    def encode(self, pixels: Values) -> Values:
        linear = SRGB.decode(pixels)
        if not self.has_srgb_primaries:
            red, green, blue = np.moveaxis(np.abs(linear), -1, 0)
            noise = np.maximum(np.maximum(red, green), blue)[..., None] * _FLOAT32_NOISE
            linear = linear @ np.linalg.inv(self.to_srgb).T
            linear = np.where(np.abs(linear) <= noise, 0.0, linear)
        return _by_channel([curve.encode for curve in self.curves], linear)


@dataclass(frozen=True, eq=False)
class GrayProfile:
    """One tone curve. Decoded, the three channels are equal; encoding takes the luminance."""

    curve: Curve
    is_working_space: bool = False

    def decode(self, values: Values) -> Values:
        pixels = values if self.curve is SRGB else SRGB.encode(self.curve.decode(values))
        return np.repeat(pixels, 3, axis=-1)

    def encode(self, pixels: Values) -> Values:
        return self.curve.encode(SRGB.decode(pixels) @ _LUMINANCE)[..., None]


@dataclass(frozen=True, eq=False)
class LabProfile:
    """CIE L*a*b*, D50."""

    is_working_space: bool = False

    def decode(self, values: Values) -> Values:
        return SRGB.encode(lab.to_linear(values))

    def encode(self, pixels: Values) -> Values:
        return lab.from_linear(SRGB.decode(pixels))


@dataclass(frozen=True, eq=False)
class TableProfile:
    """RGB through multidimensional tables, both ways by LittleCMS in float32, relative colorimetric.

    Its two tables are not exact inverses of each other, and colours outside them are clipped.
    """

    icc: bytes
    is_working_space: bool = False

    def decode(self, values: Values) -> Values:
        return SRGB.encode(_littlecms(values, self.icc, _linear_srgb()))

    def encode(self, pixels: Values) -> Values:
        return _littlecms(SRGB.decode(pixels), _linear_srgb(), self.icc)


def profile_of(raster: Raster) -> Profile:
    """The profile of `raster`'s samples: its ICC bytes, else its name. Raises UnknownProfile, Unsupported."""
    return _profile(raster.profile, raster.icc, _MODEL_OF_ORDER.get(raster.order, "LAB"))


def primaries_of(raster: Raster) -> Values | None:
    """From linear light with the document's primaries to that with sRGB's, 3 x 3 for column vectors; None where they are the
    same, or a profile knows none. Raises UnknownProfile, Unsupported.
    """
    profile = profile_of(raster)
    if not isinstance(profile, MatrixProfile) or profile.has_srgb_primaries:
        return None
    return profile.to_srgb


def profile_bytes(raster: Raster) -> bytes:
    """The ICC profile of `raster`: its own bytes, else one built from its name. Raises UnknownProfile, Unsupported."""
    profile_of(raster)
    return raster.icc or _built(raster.profile)


def profile_name(icc: bytes) -> str:
    """The description that editors show as the profile's name. Raises UnknownProfile where the bytes are no profile."""
    return parse(icc).description


def known_profiles() -> tuple[str, ...]:
    """The names that need no bytes, sorted."""
    return tuple(sorted(NAMED))


@lru_cache(_CACHED_PROFILES)
def _profile(name: str, icc: bytes, model: str) -> Profile:
    return _from_icc(icc, model) if icc else _from_name(name, model)


def _from_name(name: str, model: str) -> Profile:
    found = _named(name)
    own = found.space if found.space in ("GRAY", "LAB") else "RGB"
    if own != model:
        raise UnknownProfile(
            "profile", repr(name), f"it is {_MODEL_NAMES[own]} profile; the samples need {_MODEL_NAMES[model]} one"
        )
    if model == "LAB":
        return LabProfile()
    if model == "GRAY":
        return GrayProfile(found.curve)
    return _matrix((found.curve,) * 3, SPACES[found.space])


def _named(name: str) -> NamedProfile:
    found = named(name)
    if found is None:
        raise UnknownProfile(
            "profile",
            repr(name),
            "send the ICC profile itself (icc), convert the document to a profile known by name such as "
            "'sRGB IEC61966-2.1' or 'Adobe RGB (1998)', or see color.known_profiles() for all of them",
        )
    return found


def _from_icc(icc: bytes, model: str) -> Profile:
    facts = parse(icc)
    own = facts.color_space.upper()
    if own not in _MODEL_NAMES:
        raise Unsupported(
            f"{facts.color_space} documents ({facts.description or 'profile without a name'}) cannot be edited; "
            "convert a copy to RGB, for example Adobe RGB (1998), and place the result from there",
            field="icc",
        )
    if own != model:
        raise UnknownProfile(
            "icc",
            repr(facts.description),
            f"it is {_MODEL_NAMES[own]} profile; the samples need {_MODEL_NAMES[model]} one",
        )
    if model == "LAB":
        return LabProfile()
    if model == "GRAY":
        return _gray(facts)
    if facts.has_tables:
        return TableProfile(icc)
    if facts.colorants is None or len(facts.curves) != 3:
        raise UnknownProfile(
            "icc", repr(facts.description), "an RGB profile needs primaries and tone curves, or tables"
        )
    return _matrix(facts.curves, facts.colorants)


def _gray(facts: IccFacts) -> GrayProfile:
    if facts.has_tables or len(facts.curves) != 1 or facts.connection_space != "XYZ":
        raise Unsupported(
            f"the gray profile {facts.description!r} has no plain tone curve; convert the document to Gray Gamma 2.2",
            field="icc",
        )
    return GrayProfile(facts.curves[0])


def _matrix(curves: tuple[Curve, ...], colorants: Values) -> MatrixProfile:
    white = colorants.sum(axis=1)
    if np.all(np.abs(white - D50) < _SAME_WHITE):
        # Rounded to 16 bit, red + green + blue misses white by a hair; neutral has to stay neutral.
        colorants = colorants * (D50 / white)[:, None]
    to_srgb = np.linalg.solve(SPACES["sRGB"], colorants).astype(np.float64)
    return MatrixProfile(curves, to_srgb)


@cache
def _built(name: str) -> bytes:
    found = _named(name)
    if found.space == "LAB":
        import imagecodecs

        return bytes(imagecodecs.cms_profile("lab4"))
    if found.space == "GRAY":
        return gray_profile(name, found.curve)
    return matrix_profile(name, SPACES[found.space], found.curve)


@cache
def _linear_srgb() -> bytes:
    return matrix_profile("linear sRGB", SPACES["sRGB"], LINEAR)


def _littlecms(values: Values, source: bytes, target: bytes) -> Values:
    import imagecodecs

    relative = imagecodecs.CMS.INTENT.RELATIVE_COLORIMETRIC
    try:
        converted = imagecodecs.cms_transform(
            values.astype(np.float32), source, target, colorspace="rgb", outcolorspace="rgb", intent=relative
        )
    except imagecodecs.CmsError as broken:
        raise UnknownProfile("icc", f"{len(source)} bytes", f"LittleCMS cannot use it ({broken})") from broken
    return converted.astype(np.float64)


def _by_channel(convert: list[Callable[[Values], Values]], values: Values) -> Values:
    if all(function == convert[0] for function in convert):
        return convert[0](values)
    return np.stack([function(values[..., channel]) for channel, function in enumerate(convert)], axis=-1)
