"""What an averaging eyedropper reads over a mask: mean and spread, and the distance to a target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from inlay.errors import InvalidInput
from inlay.fidelity.brand_target import Target, hex_of
from inlay.fidelity.cielab import encoded_of, lab_of, linear_of
from inlay.fidelity.difference import delta_e_2000
from inlay.fidelity.raster import F32

Triple = tuple[float, float, float]

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


def material_weight(mask: F32) -> F32:
    """How much each pixel counts for the eyedropper, HxW of a mask 0..1.

    Only fully open pixels, where they are a fair share of the mask: a soft edge still shows the original, and no one holds the
    eyedropper there. Under a soft mask, what is open by more than half, weighted by the mask; else everything, so weighted.

    Raises InvalidInput for an empty mask.
    """
    total = float(mask.sum())
    if total <= 0:
        raise InvalidInput("mask", "empty", "it must be open somewhere where the picture is not transparent")
    full = mask >= _FULLY_OPEN
    if full.sum() >= _ENOUGH * total:
        return full.astype(np.float32)
    half = np.where(mask > 0.5, mask, np.float32(0))
    return (half if half.any() else mask).astype(np.float32)


def probe(pixels: F32, mask: F32, target: Target | None = None) -> Probe:
    """Read the region: pixels HxWx3 float32 working space (sRGB-encoded), mask HxW float32 0..1.

    The mean is taken in linear light, as light adds up and as a defocused eye sees it. Raises InvalidInput for an empty mask.
    """
    weight = material_weight(mask)
    inside = weight > 0
    encoded, share = pixels[inside], weight[inside].astype(np.float64)
    share /= share.sum()
    linear = linear_of(encoded)
    lab = lab_of(linear)
    mean = share @ linear
    mean_lab = lab_of(mean)
    return Probe(
        mean_linear=_triple(mean),
        mean_encoded=_triple(encoded_of(mean.astype(np.float32))),
        hex=hex_of(_triple(mean)),
        mean_lab=_triple(mean_lab),
        spread_encoded=_triple(_spread(encoded, share)),
        spread_lab=_triple(_spread(lab, share)),
        pixels=int(inside.sum()),
        delta_e=None if target is None else float(delta_e_2000(mean_lab, np.array(target.lab))),
    )


def _spread(values: np.ndarray, share: np.ndarray) -> np.ndarray:
    return np.sqrt(share @ (values - share @ values) ** 2)


def _triple(values: np.ndarray) -> Triple:
    return float(values[0]), float(values[1]), float(values[2])
