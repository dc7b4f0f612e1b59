"""The small shift that exists only inside the mask: models see a hole, and fill it a shade off.

It shows as a step of the corrected generated picture along the mask's contour where the picture itself should run on.
The step is read
from strips on both sides, extrapolated to the contour; the mode of these readings is taken if enough of the contour
agrees. Where the
caller knows that the original still shows true content inside the mask (`core`), it is read there directly.
Only for op="fill": the same step is what a small wanted recolour looks like. Constants: quality.md section 2, step 6.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inlay.fidelity.raster import F32, Flags, blur, distance_px, masked_blur

STRIPS_PX = (2.0, 6.0, 11.0)
LEAST_STEP = 0.006
LARGEST_STEP = 0.05
AGREEMENT = 0.03
LEAST_AGREEING = 0.5
FEWEST_READINGS = 24
MARGIN_FROM_PX = 4.0
"""The margin between core and mask is read from this distance inside the contour, where the shift is fully there."""
LEAST_SAME = 0.6
"""Share of the inside that must differ by one and the same small step for the inside to count as unreplaced content."""
RISE_PX = 2.5
"""The step is undone with this softness at the contour: latents (8 px) blur a shift's edge by about this much."""


def inside_step(
    target: F32, lab: F32, unsmoothed: F32, inside: Flags, margin: Flags | None, reduction: float
) -> F32 | None:
    """The OKLab shift of the inside against the outside (3 values), or None when there is none to be sure of.

    target, lab: original and corrected generated, low-passed OKLab, reduced HxWx3; unsmoothed: `lab` without the
    low-pass, which would wash out a step; inside: HxW; margin: HxW, inside the mask but
    showing true original content; reduction: window pixels per pixel here.
    """
    depth = distance_px(inside) * np.float32(reduction)
    height_out = distance_px(~inside) * np.float32(reduction)
    step = None
    if margin is not None:
        step = _read_margin(target, lab, inside, margin & (depth > MARGIN_FROM_PX), height_out, reduction)
    if step is None:
        step = _read_contour(unsmoothed, depth, height_out, reduction)
    if step is None or not LEAST_STEP < float(np.linalg.norm(step)) < LARGEST_STEP:
        return None
    return step.astype(np.float32)


def shows_the_same(target: F32, lab: F32, inside: Flags) -> bool:
    """Whether the inside holds what it held before (a refinement, a repeated edit), but for one small step of colour."""
    if inside.sum() < 4 * FEWEST_READINGS:
        return False
    difference = (lab - target)[inside][::7]
    mode, share = _mode(difference, np.ones(len(difference)))
    return share >= LEAST_SAME and float(np.linalg.norm(mode)) < LARGEST_STEP


def rise(inside: Flags, reduction: float) -> F32:
    """Where the step applies, 0..1, soft across the contour; HxW."""
    return blur(inside.astype(np.float32), RISE_PX / reduction)


def _read_margin(
    target: F32, lab: F32, inside: Flags, margin: Flags, outward: F32, reduction: float
) -> NDArray[np.float64] | None:
    outer = ~inside & (outward > 2) & (outward < 24)
    if margin.sum() < 4 * FEWEST_READINGS or outer.sum() < 4 * FEWEST_READINGS:
        return None
    within, share_in = _mode((lab - target)[margin], np.ones(int(margin.sum())))
    without, share_out = _mode((lab - target)[outer], np.ones(int(outer.sum())))
    if min(share_in, share_out) < LEAST_AGREEING:
        return None
    return within - without


def _read_contour(lab: F32, depth: F32, outward: F32, reduction: float) -> NDArray[np.float64] | None:
    near, middle, far = STRIPS_PX
    contour = (depth > 0) & (depth <= 1.5 * reduction)
    contour[:2], contour[-2:], contour[:, :2], contour[:, -2:] = False, False, False, False
    sides: list[F32] = []
    enough = contour
    spread = np.zeros(contour.shape, np.float32)
    for d in (depth, outward):
        means: list[F32] = []
        for low, high in ((near, middle), (middle, far)):
            strip = ((d > low) & (d <= high)).astype(np.float32)
            mean, support = masked_blur(lab, strip, 0.5 * (low + high) / reduction)
            enough = enough & (support > 0.02)
            means.append(mean)
        slope = means[0] - means[1]
        sides.append((means[0] + slope * np.float32((near + middle) / (far - near))).astype(np.float32))
        spread += (slope**2).sum(-1)
    if enough.sum() < FEWEST_READINGS:
        return None
    readings = (sides[0] - sides[1])[enough]
    weights = 1 / (1 + spread[enough] / AGREEMENT**2 * 4)
    mode, share = _mode(readings, weights)
    return mode if share >= LEAST_AGREEING else None


def _mode(readings: F32, weights: NDArray[np.floating]) -> tuple[NDArray[np.float64], float]:
    """The densest place of N 3-vectors by mean shift from the median and from zero, and the share of weight near it."""
    best, best_share = np.zeros(3), -1.0
    values, w = readings.astype(np.float64), np.asarray(weights, np.float64)
    for start in (np.median(values, axis=0), np.zeros(3)):
        at = start
        for reach in (0.06, 0.04, AGREEMENT, AGREEMENT, AGREEMENT, AGREEMENT):
            near = w * np.clip(1 - ((values - at) ** 2).sum(1) / reach**2, 0, None)
            if near.sum() <= 0:
                break
            at = (values * near[:, None]).sum(0) / near.sum()
        share = float(w[((values - at) ** 2).sum(1) < AGREEMENT**2].sum() / w.sum())
        if share > best_share:
            best, best_share = at, share
    return best, best_share
