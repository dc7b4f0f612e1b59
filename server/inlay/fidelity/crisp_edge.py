"""Whether a boundary is crisp, and where it then runs: a graph cut around the selection's contour.

Rother, Kolmogorov, Blake, "GrabCut", 2004.
"""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np

from inlay.fidelity.raster import F32, U8, Flags, thrice

REACH_PX = 6
ROUNDS = 2
FINE_REACH_PX = 5
FINE_ROUNDS = 1
NEAR_PX, FAR_PX = (1.0, 2.5), (6.0, 12.0)
"""Distances from the contour, to both sides, between which crispness compares."""
COLORS_PX = 20
"""From so far around the colours of both sides are taken."""
WEAK = np.float32(0.003)
"""Squared distance of two colours at which the share on the line between them counts half."""
ANTIALIASED_PX = 0.6


def cut(picture: F32, selection: F32, reach_px: int = REACH_PX, rounds: int = ROUNDS) -> U8:
    """0 or 1, HxW: HxWx3 encoded `picture` cut within `reach_px` of the contour of HxW `selection` (0..1)."""
    kernel = disc(reach_px)
    labels = np.where(selection > 0.5, cv2.GC_PR_FGD, cv2.GC_PR_BGD)
    labels[cv2.erode(selection, kernel) > 0.8] = cv2.GC_FGD
    labels[cv2.dilate(selection, kernel) < 0.2] = cv2.GC_BGD
    found: U8 = labels.astype(np.uint8)
    if 0 < np.count_nonzero(found & 1) < found.size:
        cv2.setRNGSeed(1)
        codes = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
        cv2.grabCut(codes, found, (0, 0, 0, 0), np.zeros((1, 65)), np.zeros((1, 65)), rounds, cv2.GC_INIT_WITH_MASK)
    return cast(U8, found & 1)


def crispness(picture: F32, alpha: F32, found: U8, inside: Flags, outside: Flags) -> float:
    """How much of the way from outside to inside lies within NEAR_PX of the contour of `found`; 1 is crisp.

    The mean of what closed-form `alpha` says, HxW, and of what colours say: how far each pixel of HxWx3 `picture` is from
    the colours that are surely `outside` to those surely `inside`, both continued to the contour.
    """
    front, back = (_colors(picture, flags) for flags in (inside, outside))
    between = front - back
    squared = np.einsum("ijk,ijk->ij", between, between) + WEAK
    share = cast(F32, np.clip(np.einsum("ijk,ijk->ij", picture - back, between) / squared, 0, 1))
    depth = _depth(found)
    return (_step(alpha, depth) + _step(share, depth)) / 2


def crisp_alpha(picture: F32, coarse: F32) -> F32:
    """Alpha of a crisp boundary, HxW: cut once more at full size, near that of `coarse` (HxW, 0..1), and antialiased."""
    fine = cut(picture, cast(F32, np.rint(coarse)), FINE_REACH_PX, FINE_ROUNDS).astype(np.float32)
    return cast(F32, cv2.GaussianBlur(fine, (0, 0), ANTIALIASED_PX))


def disc(px: int) -> U8:
    """A kernel that reaches `px` pixels to each side."""
    return cast(U8, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * px + 1, 2 * px + 1)))


def _step(share: F32, depth: F32) -> float:
    near, whole = (_difference(share, depth, *range_px) for range_px in (NEAR_PX, FAR_PX))
    return near / max(whole, 0.05)


def _difference(share: F32, depth: F32, near: float, far: float) -> float:
    """The mean inside less that outside, at `near` to `far` pixels from the contour; 0 where there are none."""
    sides = [share[(depth >= a) & (depth <= b)] for a, b in ((near, far), (-far, -near))]
    return float(sides[0].mean() - sides[1].mean()) if all(side.size for side in sides) else 0.0


def _depth(found: U8) -> F32:
    distances = (cv2.distanceTransform(flags, cv2.DIST_L2, 3) for flags in (found, 1 - found))
    return cast(F32, np.subtract(*distances))


def _colors(picture: F32, flags: Flags) -> F32:
    side = 2 * COLORS_PX + 1
    weight = flags.astype(np.float32) + np.float32(1e-4)

    def mean(values: F32) -> F32:
        once = cv2.blur(values, (side, side), borderType=cv2.BORDER_REFLECT)
        return cast(F32, cv2.blur(once, (side, side), borderType=cv2.BORDER_REFLECT))

    return mean(picture * thrice(weight)) / thrice(mean(weight) + np.float32(1e-5))
