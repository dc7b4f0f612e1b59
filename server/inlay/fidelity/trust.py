"""Does the generated window show the surroundings it was given? Only then may anything be learned from it.

Band-passed luma of both windows is correlated on protected pixels. Constants: quality.md section 2, step 2.
"""

from __future__ import annotations

import numpy as np

from inlay.fidelity.raster import F32, Flags, blur, luma
from inlay.fidelity.report import Trust

LEAST_LIKENESS = 0.4
BAND_SIGMA_PX = (2.0, 12.0)
FLAT_SPREAD = 0.006
"""Surroundings with less structure than this (encoded) cannot be correlated, only compared."""
FLAT_DIFFERENCE = 0.2
"""Largest difference of medians, encoded, at which flat surroundings still count as the same."""
FEWEST_PIXELS = 64
PASTED_DIFFERENCE = 0.5 / 255
"""Protected pixels closer than this are copies of the original, not painted: nothing can be learned from them."""
PASTED_SHARE = 0.9


def judge(original: F32, generated: F32, known: Flags, reduction: float) -> Trust:
    """Decide whether light, colour, sharpness and movement may be estimated.

    original, generated: reduced windows, HxWx3 encoded float32; known: HxW protected pixels; reduction: window pixels
    per pixel here.
    """
    if known.sum() < FEWEST_PIXELS:
        return Trust(False, "Hardly any untouched picture surrounds the selection.")
    o, g = luma(original), luma(generated)
    apart = np.abs(original - generated)
    apart = np.maximum(np.maximum(apart[..., 0], apart[..., 1]), apart[..., 2])
    same = apart[known] < PASTED_DIFFERENCE
    if same.mean() > PASTED_SHARE and (~known).any():
        return Trust(
            False, "The surroundings came back as exact copies, so they tell nothing about the new pixels.", 1.0
        )
    weight = known.astype(np.float32)
    bands = [_band(y, weight, reduction)[known] for y in (o, g)]
    spreads = [float(b.std()) for b in bands]
    if max(spreads) <= FLAT_SPREAD:
        difference = float(np.abs(np.median(original[known] - generated[known], axis=0)).max())
        if difference < FLAT_DIFFERENCE:
            return Trust(True, "", 1.0)
        return Trust(False, "The plain surroundings came back in another colour.", 0.0)
    a, b = (band - band.mean() for band in bands)
    likeness = float((a * b).mean() / max(float(a.std() * b.std()), 1e-9))
    if likeness < LEAST_LIKENESS:
        return Trust(
            False,
            "The model did not repaint the surroundings as they are; it may show another picture.",
            round(likeness, 4),
        )
    return Trust(True, "", round(likeness, 4))


def _band(y: F32, weight: F32, reduction: float) -> F32:
    narrow, wide = (max(s / reduction, 0.5) for s in BAND_SIGMA_PX)

    def low(sigma: float) -> F32:
        return (blur(y * weight, sigma) / np.maximum(blur(weight, sigma), np.float32(1e-4))).astype(np.float32)

    return low(narrow) - low(wide)
