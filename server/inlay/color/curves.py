"""Tone curves: how a channel's encoded values relate to linear light. Source: ICC.1:2022, parametricCurveType and curveType."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


class Curve(Protocol):
    """Encoded 0..1 <-> linear 0..1, float64 arrays of any shape. Unbounded: odd below 0, continued above 1."""

    def decode(self, encoded: Values) -> Values: ...

    def encode(self, linear: Values) -> Values: ...


@dataclass(frozen=True)
class Parametric:
    """linear = (a x + b) ^ gamma + e where x >= d, else c x + f."""

    gamma: float
    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0
    e: float = 0.0
    f: float = 0.0

    def decode(self, encoded: Values) -> Values:
        x = np.abs(encoded)
        linear = np.power(np.maximum(self.a * x + self.b, 0.0), self.gamma) + self.e
        if self.d > 0:
            linear = np.where(x >= self.d, linear, self.c * x + self.f)
        return np.copysign(linear, encoded)

    def encode(self, linear: Values) -> Values:
        y = np.abs(linear)
        x = (np.power(np.maximum(y - self.e, 0.0), 1.0 / self.gamma) - self.b) / self.a
        if self.d > 0:
            threshold = max(self.a * self.d + self.b, 0.0) ** self.gamma + self.e
            x = np.where(y >= threshold, x, (y - self.f) / self.c if self.c > 0 else 0.0)
        return np.copysign(x, linear)


@dataclass(frozen=True, eq=False)
class Sampled:
    """A table over 0..1, at least two entries, not falling; between them a straight line."""

    table: Values
    _grid: Values = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_grid", np.linspace(0.0, 1.0, self.table.size))

    @property
    def _last_slope(self) -> float:
        return float(self.table[-1] - self.table[-2]) * (self.table.size - 1)

    def decode(self, encoded: Values) -> Values:
        x = np.abs(encoded)
        linear = np.interp(x, self._grid, self.table) + np.maximum(x - 1.0, 0.0) * self._last_slope
        return np.copysign(linear, encoded)

    def encode(self, linear: Values) -> Values:
        y = np.abs(linear)
        x = np.interp(y, self.table, self._grid)
        if self._last_slope > 0:
            x += np.maximum(y - self.table[-1], 0.0) / self._last_slope
        return np.copysign(x, linear)


LINEAR = Parametric(1.0)
SRGB = Parametric(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
GAMMA_18 = Parametric(461 / 256)
"""1.8 as profiles of version 2 can store it."""
GAMMA_22 = Parametric(563 / 256)
"""2.2 as profiles of version 2 can store it; Adobe RGB (1998) is defined by this number."""
LIGHTNESS = Parametric(3.0, 1 / 1.16, 0.16 / 1.16, 27 / 243.89, 0.08)
REC709_ELLE = Parametric(2.22223, 0.90991, 0.09009, 0.22223, 0.01801)
"""As Elle Stone's profiles of that name have it: the straight part ends earlier than in Rec. 709 itself."""


def recognised(curve: Curve) -> Curve:
    """`curve`, or the exact sRGB or straight line that it is a rounded copy of.

    The sRGB curve mostly arrives as a table of 1024 or 4096 entries of 16 bit. Computing with the table would move every sample of
    the most common documents; the curve it samples is known.
    """
    x = np.linspace(0.0, 1.0, 1025)
    values = curve.decode(x)
    for exact in (SRGB, LINEAR):
        linear = exact.decode(x)
        if np.all(np.abs(values - linear) <= 2e-5 + 2e-4 * linear):
            return exact
    return curve
