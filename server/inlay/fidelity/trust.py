"""Does the generated window show the surroundings it was given? Only then may anything be learned from it.

Band-passed luma of both windows is correlated on protected pixels."""

from __future__ import annotations

import numpy as np

from inlay.fidelity.raster import F32, Flags, blur, luma
from inlay.fidelity.report import Surroundings, Trust

LEAST_LIKENESS = 0.4
BAND_SIGMA_PX = (2.0, 12.0)
FLAT_SPREAD = 0.006
"""Surroundings with less structure than this (encoded) cannot be correlated, only compared."""
FLAT_DIFFERENCE = 0.2
"""Largest difference of medians, encoded, at which flat surroundings still count as the same."""
FEWEST_PIXELS = 64
COPIED_DIFFERENCE = 0.5 / 255
"""Protected pixels closer than this are copies of the original, not painted: nothing can be learned from them."""
COPIED_SHARE = 0.9


def are_copies(original: F32, generated: F32, known: Flags) -> bool:
    """Whether the protected pixels came back as the original's own; arrays as in `judge`."""
    if not known.any():
        return False
    apart = np.abs(original - generated)
    apart = np.maximum(np.maximum(apart[..., 0], apart[..., 1]), apart[..., 2])
    return bool((apart[known] < COPIED_DIFFERENCE).mean() > COPIED_SHARE)


def judge(original: F32, generated: F32, known: Flags, reduction: float) -> Trust:
    """Decide whether light, colour, sharpness and movement may be estimated.

    original, generated: reduced windows, HxWx3 encoded float32; known: HxW protected pixels; reduction: window pixels
    per pixel here.
    """
    if known.sum() < FEWEST_PIXELS:
        return Trust(Surroundings.MISSING)
    weight = known.astype(np.float32)
    bands = [_band(luma(image), weight, reduction)[known] for image in (original, generated)]
    spreads = [float(b.std()) for b in bands]
    if max(spreads) <= FLAT_SPREAD:
        difference = float(np.abs(np.median(original[known] - generated[known], axis=0)).max())
        return Trust(Surroundings.REPAINTED if difference < FLAT_DIFFERENCE else Surroundings.RECOLORED)
    a, b = (band - band.mean() for band in bands)
    likeness = float((a * b).mean() / max(float(a.std() * b.std()), 1e-9))
    kind = Surroundings.UNLIKE if likeness < LEAST_LIKENESS else Surroundings.REPAINTED
    return Trust(kind, round(likeness, 4))


def _band(y: F32, weight: F32, reduction: float) -> F32:
    narrow, wide = (max(s / reduction, 0.5) for s in BAND_SIGMA_PX)

    def low(sigma: float) -> F32:
        return (blur(y * weight, sigma) / np.maximum(blur(weight, sigma), np.float32(1e-4))).astype(np.float32)

    return low(narrow) - low(wide)
