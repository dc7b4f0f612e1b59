"""The colour that a material shall have: read from the recipe's text, held in linear light and in CIELab."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from inlay.errors import InvalidInput
from inlay.fidelity.cielab import encoded_of, lab_of, linear_of, linear_of_lab

TARGET_LIMIT = (
    "it must be #RRGGBB (its # may be left out) or rgb(R, G, B) of 0..255, both in sRGB, "
    "or lab(L, a, b) under D50, L 0..100, a and b -128..128"
)

_HEX = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_RGB = re.compile(r"rgb\s*\(\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*\)", re.IGNORECASE)
_NUMBER = r"\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*"
_LAB = re.compile(rf"lab\s*\({_NUMBER},{_NUMBER},{_NUMBER}\)", re.IGNORECASE)


@dataclass(frozen=True)
class Target:
    """A colour to reach. linear: sRGB primaries, unbounded; lab: CIELab D50. `text` is how the recipe spells it."""

    text: str
    linear: tuple[float, float, float]
    lab: tuple[float, float, float]


def parse_target(text: str, field: str = "target_color") -> Target:
    """Read `#RRGGBB` or `rgb(R, G, B)` (sRGB, 0..255) or `lab(L, a, b)` (D50, as Photoshop shows it).

    As in a style sheet `#RGB` is short for each digit twice; the # may be left out. Raises InvalidInput naming `field`.
    """
    spelled = text.strip()
    if codes := _codes_of(spelled):
        linear = linear_of(np.array(codes, np.float32) / np.float32(255)).astype(np.float64)
        return Target(spelled, _triple(linear), _triple(lab_of(linear)))
    if found := _LAB.fullmatch(spelled):
        lab = np.array([float(number) for number in found.groups()])
        if 0 <= lab[0] <= 100 and np.all(np.abs(lab[1:]) <= 128):
            return Target(spelled, _triple(linear_of_lab(lab)), _triple(lab))
    raise InvalidInput(field, repr(text), TARGET_LIMIT)


def _codes_of(spelled: str) -> tuple[int, ...]:
    """Red, green and blue, 0..255; nothing where `spelled` is no colour in sRGB."""
    if found := _HEX.fullmatch(spelled):
        digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
        return tuple(bytes.fromhex(digits))
    found = _RGB.fullmatch(spelled)
    codes = tuple(int(code) for code in found.groups()) if found else ()
    return codes if max(codes, default=256) <= 255 else ()


def hex_of(linear: tuple[float, float, float]) -> str:
    """The nearest `#RRGGBB` of linear sRGB primaries, each channel clipped to what 8-bit sRGB holds."""
    codes = np.rint(np.clip(encoded_of(np.array(linear, np.float32)), 0, 1) * 255).astype(int)
    return "#" + "".join(f"{code:02x}" for code in codes)


def _triple(values: np.ndarray) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])
