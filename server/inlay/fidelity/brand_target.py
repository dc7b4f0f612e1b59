"""The colour that a material shall have: read from the recipe's text, held in linear light and in CIELab."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from inlay.errors import InvalidInput
from inlay.fidelity.cielab import encoded_of, lab_of, linear_of, linear_of_lab

TARGET_LIMIT = "it must be #RRGGBB in sRGB or lab(L, a, b) under D50, L 0..100, a and b -128..128"

_HEX = re.compile(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", re.IGNORECASE)
_NUMBER = r"\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*"
_LAB = re.compile(rf"lab\s*\({_NUMBER},{_NUMBER},{_NUMBER}\)", re.IGNORECASE)


@dataclass(frozen=True)
class Target:
    """A colour to reach. linear: sRGB primaries, unbounded; lab: CIELab D50. `text` is how the recipe spells it."""

    text: str
    linear: tuple[float, float, float]
    lab: tuple[float, float, float]


def parse_target(text: str, field: str = "target_color") -> Target:
    """Read `#RRGGBB` (sRGB) or `lab(L, a, b)` (D50, as Photoshop shows it); raises InvalidInput naming `field`."""
    spelled = text.strip()
    if found := _HEX.fullmatch(spelled):
        codes = np.array([int(code, 16) for code in found.groups()], np.float32)
        linear = linear_of(codes / np.float32(255)).astype(np.float64)
        return Target(spelled, _triple(linear), _triple(lab_of(linear)))
    if found := _LAB.fullmatch(spelled):
        lab = np.array([float(number) for number in found.groups()])
        if 0 <= lab[0] <= 100 and np.all(np.abs(lab[1:]) <= 128):
            return Target(spelled, _triple(linear_of_lab(lab)), _triple(lab))
    raise InvalidInput(field, repr(text), TARGET_LIMIT)


def hex_of(linear: tuple[float, float, float]) -> str:
    """The nearest `#RRGGBB` of linear sRGB primaries, each channel clipped to what 8-bit sRGB holds."""
    codes = np.rint(np.clip(encoded_of(np.array(linear, np.float32)), 0, 1) * 255).astype(int)
    return "#" + "".join(f"{code:02x}" for code in codes)


def _triple(values: np.ndarray) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])
