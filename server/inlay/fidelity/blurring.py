"""How blurred a picture is: the width of its sharpest edges, by how much they lose when blurred once more.

S. Zhuo and T. Sim, "Defocus map estimation from a single image", Pattern Recognition 44, 2011.
"""

from __future__ import annotations

import numpy as np

from inlay.fidelity.raster import F32, Flags, blur

FINE_PX, COARSE_PX = 0.6, 1.5
STRONGEST = 0.2
NOISE_TIMES = 2.0
LEAST_GRADIENT = 0.004
SHARP_QUANTILE = 0.1
"""Of their variances: a picture is as sharp as its sharpest edges are; the others are soft by themselves."""
FEWEST = 60
WIDEST = 8.0
DEAD_ZONE = 0.4
SHRINK = 0.1
LARGEST_SHARPENING = 2.2
HIDING_NOISE = 0.05
"""With so much grain half of a sharpening is left: fine detail is not to be told from it."""
ROUNDS = 4
"""Of Van Cittert's iteration, which sharpens: `1 - (1 - g)^(n + 1)` of what the blur `g` took."""


def edge_variance(y: F32, where: Flags, noise: float) -> float | None:
    """Variance (px²) of the blur of the sharpest edges of HxW `y`, which has no grain any more; None with too few of them.

    noise: the standard deviation that its grain had.
    """
    fine, coarse = blur(y, FINE_PX), blur(y, COARSE_PX)
    gy, gx = _gradient(fine)
    cy, cx = _gradient(coarse)
    strong: F32 = np.hypot(gy, gx)
    weak: F32 = np.hypot(cy, cx)
    inner = where[1:-1, 1:-1]
    middle = strong[1:-1, 1:-1]
    across = np.abs(gx[1:-1, 1:-1]) > np.abs(gy[1:-1, 1:-1])
    beside = np.where(
        across, np.maximum(strong[1:-1, :-2], strong[1:-1, 2:]), np.maximum(strong[:-2, 1:-1], strong[2:, 1:-1])
    )
    peak = inner & (middle >= beside) & (middle > max(LEAST_GRADIENT, NOISE_TIMES * noise * 0.3))
    if peak.sum() < FEWEST:
        return None
    limit = np.quantile(middle[peak], 1 - STRONGEST)
    peak &= middle >= limit
    ratio = np.square(middle[peak] / np.maximum(weak[1:-1, 1:-1][peak], 1e-6))
    variance = (COARSE_PX**2 - ratio * FINE_PX**2) / np.maximum(ratio - 1, 1e-3)
    return float(np.clip(np.quantile(variance, SHARP_QUANTILE), 0, WIDEST))


def _gradient(y: F32) -> tuple[F32, F32]:
    down, right = np.gradient(y)
    return np.asarray(down, np.float32), np.asarray(right, np.float32)


def wanted_change(theirs: float | None, own: float | None, noise: float) -> float:
    """By how much (px²) the layer's blur has to grow to be the document's; below 0: to shrink.

    noise: standard deviation of the layer's grain, which sharpening brings up too.
    """
    if theirs is None or own is None:
        return 0.0
    change = theirs - own
    if abs(change) < DEAD_ZONE:
        return 0.0
    if change > 0:
        return change - SHRINK
    return max(change + SHRINK, -LARGEST_SHARPENING) / (1 + (noise / HIDING_NOISE) ** 2)


def response(change: float, frequencies: F32) -> F32:
    """What a change of blur (px²) does to each of these frequencies (cycles per pixel)."""
    gaussian = np.exp(-2 * np.pi**2 * np.square(frequencies) * abs(change)).astype(np.float32)
    if change >= 0:
        return gaussian
    return ((1 - (1 - gaussian) ** (ROUNDS + 1)) / gaussian).astype(np.float32)
