"""Sharpness the model lost (VAE, working size), given back by the band gains seen on the protected surroundings.

Three bands of luma; the gain of each is the ratio of structure energy, original to generated, grain taken off.
Constants: docs/facts/fidelity.md#sharpness.
"""

from __future__ import annotations

import numpy as np

from inlay.fidelity.raster import F32, Flags, blur

BAND_SIGMAS_PX = (0.7, 1.4, 2.8)
LARGEST_GAIN = 3.0
LEAST_GAIN = 1.02
LARGEST_DETAIL = 0.12
"""Added detail is held within this (encoded), so a strong edge does not ring."""
STRUCTURED_SHARE = 0.2
FLAT_SHARE = 0.4
FEWEST_PIXELS = 400


def bands(y: F32) -> tuple[F32, F32, F32]:
    """The three detail bands of HxW luma, finest first."""
    lows = [y, *(blur(y, s) for s in BAND_SIGMAS_PX)]
    return lows[0] - lows[1], lows[1] - lows[2], lows[2] - lows[3]


def band_gains(original: tuple[F32, ...], generated: tuple[F32, ...], known: Flags) -> tuple[float, ...]:
    """How much each generated band must grow to carry the original's structure; 1..`LARGEST_GAIN` each.

    original, generated: bands (HxW) of luma on the same pixels; known: pixels to learn from.
    """
    strength = blur(np.abs(generated[1]) + np.abs(generated[2]), 1.5)
    where = np.flatnonzero(known)
    if where.size < FEWEST_PIXELS:
        return (1.0, 1.0, 1.0)
    s = strength.ravel()[where]
    structured = where[s >= np.quantile(s, 1 - STRUCTURED_SHARE)]
    flat = where[s <= np.quantile(s, FLAT_SHARE)]
    gains: list[float] = []
    for o, g in zip(original, generated, strict=True):
        og, gg = o.ravel(), g.ravel()
        grain = max(float(og[flat].var()) - float(gg[flat].var()), 0.0)
        energy = max(float(og[structured].var()) - grain, 0.0)
        have = max(float(gg[structured].var()), 1e-10)
        gains.append(float(np.clip(np.sqrt(energy / have), 1.0, LARGEST_GAIN)))
    return tuple(gains)


def added_detail(generated: tuple[F32, ...], gains: tuple[float, ...]) -> F32 | None:
    """The luma detail to add (HxW, encoded), or None when there is nothing to add."""
    if max(gains) < LEAST_GAIN:
        return None
    detail = np.zeros_like(generated[0])
    for band, gain in zip(generated, gains, strict=True):
        if gain >= LEAST_GAIN:
            detail += band * np.float32(gain - 1)
    return np.clip(detail, -LARGEST_DETAIL, LARGEST_DETAIL)
