"""How blurred a picture is: the width of its sharpest edges, by how much they lose when blurred once more.

S. Zhuo and T. Sim, "Defocus map estimation from a single image", Pattern Recognition 44, 2011.
"""

from __future__ import annotations

from typing import NamedTuple

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
DEAD_ZONE = 0.6
BELIEVED = 0.8
"""Of a difference: by 0.7 px² it is off itself (standard deviation), and usual are 1.2."""
LARGEST_SHARPENING = 2.2
HIDING_NOISE = 0.05
"""With so much grain half of a sharpening is left: fine detail is not to be told from it."""
STEPS = (0.4, 0.8, 1.4, 2.2, 3.2, 5.0)
"""Blurs (px²) that are tried."""
ROUNDS = 4
"""Of Van Cittert's iteration, which sharpens: `1 - (1 - g)^(n + 1)` of what the blur `g` took."""


def edge_variance(y: F32, where: Flags, noise: float) -> float | None:
    """Variance (px²) of the blur of the sharpest edges of HxW `y`, which has no grain any more; None with too few of them.

    noise: the standard deviation that its grain had. Of thin lines it is too small, down to minus the finer blur's: compare it with
    another picture's only by what a blur adds.
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
    return float(np.clip(np.quantile(variance, SHARP_QUANTILE), -(FINE_PX**2), WIDEST))


def _gradient(y: F32) -> tuple[F32, F32]:
    down, right = np.gradient(y)
    return np.asarray(down, np.float32), np.asarray(right, np.float32)


class Edges(NamedTuple):
    """y: HxW without its grain. where: HxW, what counts. noise: the standard deviation its grain had."""

    y: F32
    where: Flags
    noise: float

    def variance(self, blurred_by: float = 0.0) -> float | None:
        """`edge_variance` of the picture blurred by so much (px²)."""
        return edge_variance(blur(self.y, float(np.sqrt(blurred_by))) if blurred_by else self.y, self.where, self.noise)


def wanted_change(theirs: Edges, own: Edges) -> float:
    """By how much (px²) the layer's blur has to grow to be the document's; below 0: to shrink.

    Lines and texture lose otherwise than edges do. So the sharper of the two is blurred, step by step, until it is as the other.
    """
    there, here = theirs.variance(), own.variance()
    if there is None or here is None:
        return 0.0
    change = _blur_between(own, here, there) if here < there else -_blur_between(theirs, there, here)
    if abs(change) < DEAD_ZONE:
        return 0.0
    believed = BELIEVED * change
    return believed if believed > 0 else max(believed, -LARGEST_SHARPENING) / (1 + (own.noise / HIDING_NOISE) ** 2)


def _blur_between(sharper: Edges, now: float, wanted: float) -> float:
    """By how much (px²) `sharper` has to be blurred until its edges' variance is `wanted`."""
    before = 0.0
    for step in STEPS:
        after = sharper.variance(step)
        if after is None:
            return before
        if after >= wanted:
            return before + (step - before) * (wanted - now) / max(after - now, 1e-6)
        before, now = step, max(now, after)
    return before


def response(change: float, frequencies: F32) -> F32:
    """What a change of blur (px²) does to each of these frequencies (cycles per pixel)."""
    gaussian = np.exp(-2 * np.pi**2 * np.square(frequencies) * abs(change)).astype(np.float32)
    if change >= 0:
        return gaussian
    return ((1 - (1 - gaussian) ** (ROUNDS + 1)) / gaussian).astype(np.float32)
