"""What an averaging eyedropper reads over a mask: mean and spread, and the distance to a target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay.errors import InvalidInput
from inlay.fidelity.brand_target import Target, hex_of
from inlay.fidelity.cielab import encoded_of, lab_of, linear_of
from inlay.fidelity.difference import delta_e_2000
from inlay.fidelity.raster import F32

Triple = tuple[float, float, float]
F64 = NDArray[np.float64]

_FULLY_OPEN = 0.98
"""Mask from which on a pixel shows the layer alone (250 of 255)."""
_ENOUGH = 0.25
"""Share of the mask that has to be fully open for the eyedropper to keep to those pixels."""


@dataclass(frozen=True)
class Probe:
    """The region's mean and spread.

    mean_linear: linear sRGB primaries; mean_encoded: sRGB 0..1, unbounded; hex: the same in 8 bit; mean_lab: CIELab D50.
    spread_encoded, spread_lab: standard deviation of the pixels' values, by channel. pixels: how many were read.
    delta_e: CIEDE2000 of the mean to the target, None without one.
    """

    mean_linear: Triple
    mean_encoded: Triple
    hex: str
    mean_lab: Triple
    spread_encoded: Triple
    spread_lab: Triple
    pixels: int
    delta_e: float | None

    def as_dict(self) -> dict[str, Any]:
        """The probe as JSON values."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in vars(self).items()}


class Openness(NamedTuple):
    """What decides which pixels of a mask the eyedropper keeps to; that of a whole is the sum of that of its parts."""

    total: float
    """Sum of the mask."""
    full: int
    """Pixels that are fully open."""
    half: int
    """Pixels that are open by more than half."""

    @classmethod
    def of(cls, mask: F32) -> Openness:
        """Of a mask of any shape, 0..1."""
        total = float(mask.sum(dtype=np.float64))
        return cls(total, int(np.count_nonzero(mask >= _FULLY_OPEN)), int(np.count_nonzero(mask > 0.5)))

    def plus(self, other: Openness) -> Openness:
        return Openness(self.total + other.total, self.full + other.full, self.half + other.half)


def material_weight(mask: F32, whole: Openness | None = None) -> F32:
    """How much each pixel counts for the eyedropper, HxW of a mask 0..1. whole: of all strips, where `mask` is one of them.

    Only fully open pixels, where they are a fair share of the mask: a soft edge still shows the original, and no one holds the
    eyedropper there. Under a soft mask, what is open by more than half, weighted by the mask; else everything, so weighted.

    Raises InvalidInput for an empty mask.
    """
    whole = whole or Openness.of(mask)
    if whole.total <= 0:
        raise InvalidInput("mask", "empty", "it must be open somewhere where the picture is not transparent")
    if whole.full >= _ENOUGH * whole.total:
        return (mask >= _FULLY_OPEN).astype(np.float32)
    return np.where(mask > 0.5, mask, np.float32(0)) if whole.half else mask.astype(np.float32)


class Moments:
    """Weighted mean and standard deviation by channel of values that come in parts.

    Chan, Golub, LeVeque: Algorithms for computing the sample variance (The American Statistician 37, 1983).
    """

    def __init__(self) -> None:
        self.weight = 0.0
        self.mean: F64 = np.zeros(1)
        self._squares: F64 = np.zeros(1)

    def add(self, values: NDArray[np.generic], weight: F32) -> None:
        """Values N x channels of any number type, each with its weight, above 0."""
        share = weight.astype(np.float64)
        added = float(share.sum())
        if not added:
            return
        numbers = values.astype(np.float64)
        mean = share @ numbers / added
        numbers -= mean
        np.square(numbers, out=numbers)
        both, apart = self.weight + added, mean - self.mean
        self._squares = self._squares + share @ numbers + apart**2 * (self.weight * added / both)
        self.mean = self.mean + apart * (added / both)
        self.weight = both

    @property
    def spread(self) -> F64:
        """The standard deviation."""
        return np.sqrt(self._squares / self.weight)


class Reader:
    """An eyedropper that reads pixels in parts. The mean is taken in linear light, as light adds up and as a defocused eye
    sees it."""

    def __init__(self) -> None:
        self._linear, self._encoded, self._lab = Moments(), Moments(), Moments()
        self._pixels = 0

    def add(self, encoded: F32, weight: F32) -> None:
        """Pixels N x 3 in the working space (sRGB-encoded), each with its weight, above 0."""
        linear = linear_of(encoded)
        self._linear.add(linear, weight)
        self._encoded.add(encoded, weight)
        self._lab.add(lab_of(linear), weight)
        self._pixels += len(weight)

    def probe(self, target: Target | None = None) -> Probe:
        """What was read."""
        mean = self._linear.mean
        mean_lab = lab_of(mean)
        return Probe(
            mean_linear=_triple(mean),
            mean_encoded=_triple(encoded_of(mean.astype(np.float32))),
            hex=hex_of(_triple(mean)),
            mean_lab=_triple(mean_lab),
            spread_encoded=_triple(self._encoded.spread),
            spread_lab=_triple(self._lab.spread),
            pixels=self._pixels,
            delta_e=None if target is None else float(delta_e_2000(mean_lab, np.array(target.lab))),
        )


def probe(pixels: F32, mask: F32, target: Target | None = None) -> Probe:
    """Read the region: pixels HxWx3 float32 working space (sRGB-encoded), mask HxW float32 0..1.

    Raises InvalidInput for an empty mask.
    """
    weight = material_weight(mask)
    inside = weight > 0
    reader = Reader()
    reader.add(pixels[inside], weight[inside])
    return reader.probe(target)


def _triple(values: NDArray[np.floating[Any]]) -> Triple:
    return float(values[0]), float(values[1]), float(values[2])
