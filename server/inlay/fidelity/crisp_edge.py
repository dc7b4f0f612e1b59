"""Where a boundary is crisp, and what alpha it has there: a graph cut close to a contour, and how colours change across it.

Rother, Kolmogorov, Blake, "GrabCut", 2004.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import cv2
import numpy as np

from inlay.fidelity.raster import F32, U8, Flags, blur, masked_blur, resize
from inlay.fidelity.ribbon import depth_px

REACH_PX = 5
ROUNDS = 1
NEAR_PX, FAR_PX = (0.5, 2.2), (4.0, 8.0)
"""Distances from the contour, to both sides, whose colours are compared."""
SIDES_PX = 5.0
STEEP_PX, BEYOND_PX = (4, 14), (25, 60)
"""Outside the contour: where strands that stand out of it show, and where there are none."""
STRANDS = 0.2
"""How much of crispness strands take."""
ALONG_PX, FAR_ALONG_PX = 24.0, 60.0
"""Over so much of a contour its stretches are judged."""
TOGETHER = (3.0, 1.0)
"""How much the whole contour says of a stretch that itself says little, of its edge and of what lies beyond."""
REDUCTION = 4
ANTIALIASED_PX = 0.6
THIN_PX = 3
RIDGE = (0.2, 0.3)
ROOT_PX, SHORTEST_PX, WIDEST_PX = 4, 8, 4.5
"""A strand is narrower than twice THIN_PX, stands out by so much alpha everywhere and somewhere, begins so close to the boundary,
is so long, and so wide at most on average. No composite with a crisp edge and no strands lost by it (18)."""
LEAST_RIDGE = 0.05
"""So little alpha a strand may stand out by where it reaches farther than anything else."""


def cut(picture: F32, selection: U8) -> U8:
    """0 or 1, HxW: HxWx3 encoded `picture` cut within REACH_PX of the contour of HxW `selection` (0 or 1)."""
    kernel = disc(REACH_PX)
    found: U8 = np.where(selection > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    found[cv2.erode(selection, kernel) > 0] = cv2.GC_FGD
    found[cv2.dilate(selection, kernel) == 0] = cv2.GC_BGD
    if 0 < np.count_nonzero(found & 1) < found.size:
        cv2.setRNGSeed(1)
        codes = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
        cv2.grabCut(codes, found, (0, 0, 0, 0), np.zeros((1, 65)), np.zeros((1, 65)), ROUNDS, cv2.GC_INIT_WITH_MASK)
    return cast(U8, found & 1)


class Boundary(NamedTuple):
    """What a boundary is like around each pixel, HxW float32.

    step: the share of the change from outside to inside (FAR_PX) that lies within NEAR_PX of it; 0 where there is no boundary.
    strands: 0..1, the logarithm of how much steeper the picture is just outside it than farther out.
    """

    step: F32
    strands: F32

    def crispness(self) -> F32:
        return (self.step - np.float32(STRANDS) * self.strands).astype(np.float32, copy=False)


def boundary(picture: F32, found: U8) -> Boundary:
    """What that of HxW `found` (0 or 1) is like in HxWx3 encoded `picture`."""
    depth = depth_px(found)
    on = (np.abs(depth) <= 1).astype(np.float32)
    none = np.zeros_like(depth)
    if not on.any():
        return Boundary(none, none)
    lab = cast(F32, cv2.cvtColor(picture, cv2.COLOR_RGB2Lab))
    near, far = (_difference(lab, depth, *range_px) for range_px in (NEAR_PX, FAR_PX))
    step = _around((near * far).sum(2) * on, (far * far).sum(2) * on, float(on.sum()), ALONG_PX, TOGETHER[0])
    close, beyond = (((depth < -least) & (depth > -most)).astype(np.float32) for least, most in (STEEP_PX, BEYOND_PX))
    if not close.any() or not beyond.any():
        return Boundary(step, none)
    gradients = [cv2.Sobel(lab, cv2.CV_32F, *axis) for axis in ((1, 0), (0, 1))]
    steepness = np.sqrt(sum(np.square(gradient).sum(2) for gradient in gradients)).astype(np.float32)
    busy = _around(steepness * close, close, float(close.sum()), ALONG_PX, TOGETHER[0])
    calm = _around(steepness * beyond, beyond, float(beyond.sum()), FAR_ALONG_PX, TOGETHER[1])
    return Boundary(step, np.clip(np.log((busy + 1e-3) / (calm + 1e-3)), 0, 1).astype(np.float32))


def crisp_alpha(found: U8) -> F32:
    """HxW 0..1: HxW `found` (0 or 1), antialiased."""
    return cast(F32, cv2.GaussianBlur(found.astype(np.float32), (0, 0), ANTIALIASED_PX))


def strands(soft: F32, found: U8) -> Flags:
    """Thin parts of HxW `soft` alpha that stand out of the boundary of HxW `found` (0 or 1), HxW: hairs, whiskers, threads."""
    depth = depth_px(found)
    ridge = soft - cast(F32, cv2.morphologyEx(soft, cv2.MORPH_OPEN, disc(THIN_PX)))
    lines = ((ridge > RIDGE[0]) & (depth < -1)).astype(np.uint8)
    count, labels, facts, _ = cv2.connectedComponentsWithStats(lines, connectivity=8)
    parts = labels.astype(np.intp)
    farthest, nearest, best = np.full(count, -np.inf), np.full(count, np.inf), np.zeros(count)
    at, away = parts[lines > 0], -depth[lines > 0]
    np.maximum.at(farthest, at, away)
    np.minimum.at(nearest, at, away)
    np.maximum.at(best, at, ridge[lines > 0])
    length = farthest - nearest
    kept = (nearest < ROOT_PX) & (length > SHORTEST_PX) & (best > RIDGE[1])
    kept &= facts[:, cv2.CC_STAT_AREA] < WIDEST_PX * np.maximum(length, 1)
    kept[0] = False
    return cv2.dilate(kept[parts].astype(np.uint8), disc(1)) > 0


def reaching(alpha: F32, far: Flags) -> Flags:
    """Where HxW `alpha` is strands that reach into what is `far` (HxW) from nearer; HxW. Glass and ground stay out of it."""
    ridge = alpha - cast(F32, cv2.morphologyEx(alpha, cv2.MORPH_OPEN, disc(THIN_PX)))
    count, labels = cv2.connectedComponents((ridge > LEAST_RIDGE).astype(np.uint8), connectivity=8)
    parts = labels.astype(np.intp)
    kept = np.bincount(parts[~far], minlength=count) >= ROOT_PX
    best = np.zeros(count)
    np.maximum.at(best, parts[~far], ridge[~far])
    kept &= best > RIDGE[1]
    kept[0] = False
    return cv2.dilate(kept[parts].astype(np.uint8), disc(2)) > 0


def disc(px: int) -> U8:
    """A kernel that reaches `px` pixels to each side."""
    return cast(U8, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * px + 1, 2 * px + 1)))


def _difference(lab: F32, depth: F32, near: float, far: float) -> F32:
    """HxWx3: the colours inside less those outside, at `near` to `far` pixels from the contour."""
    sides = (((depth >= least) & (depth <= most)).astype(np.float32) for least, most in ((near, far), (-far, -near)))
    inside, outside = (masked_blur(lab, side, SIDES_PX)[0] for side in sides)
    return inside - outside


def _around(values: F32, weights: F32, count: float, sigma_px: float, together: float) -> F32:
    """The sum of `values` by that of `weights`, HxW both, around each pixel, together with that of the whole (`count` pixels)."""
    height, width = values.shape
    small = max(1, height // REDUCTION), max(1, width // REDUCTION)
    nearby = [resize(blur(resize(plane, *small), sigma_px / REDUCTION), height, width) for plane in (values, weights)]
    whole = float(values.sum()) / max(float(weights.sum()), 1e-9)
    held = np.float32(together * float(weights.sum()) / count)
    return cast(F32, (nearby[0] + held * np.float32(whole)) / (nearby[1] + held + np.float32(1e-9)))
