"""Where a rough selection's boundary runs: the best closed path in a ribbon along its contour, by dynamic programming.

A path gains where colours change across it, pays for pixels on the wrong side of it by their colours, and for bends. So a
boundary goes on as it did where both sides look alike. Amini, Weymouth, Jain, "Using dynamic programming for solving variational
problems in vision", 1990.
"""

from __future__ import annotations

from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.fidelity.raster import F32, U8, Flags

REACH_PX = 8
STEP_PX = 0.5
"""Of the ribbon: how far to each side, and how finely."""
SHORTEST_PX = 24
"""Shorter contours stay as they are."""
SIDE_PX = (0.5, 1.0, 1.5)
"""From so far to both sides the colours of an edge are compared."""
ALONG_PX = 2.0
HALF_AN_EDGE = 8.0
"""Difference of two colours (8-bit L*a*b*) that counts half."""
WRONG_SIDE, BEND, AWAY = 0.03, 0.4, 0.006
"""What a pixel on the wrong side, a step sideways, and a squared pixel away from the selection's contour cost; a whole edge
gains 1."""
KNOWN_PX = (6, 40)
"""From so deep on both sides of the contour their colours are known, and so far in they count."""
BINS = (16, 20, 20)
UNSEEN = np.float32(3e-5)
MOST = 2.0
"""The logarithm of the ratio of likelihoods, at most."""


def along_boundary(picture: F32, selection: F32) -> U8:
    """0 or 1, HxW: HxW `selection` (0..1) with its boundary moved, by up to REACH_PX, to where HxWx3 encoded `picture` has one."""
    lab = cast(U8, cv2.cvtColor(np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8), cv2.COLOR_RGB2Lab))
    likely = _likelihood(lab, selection > 0.5)
    smooth = (cv2.GaussianBlur(selection, (0, 0), 1.5) > 0.5).astype(np.uint8)
    drawn, _ = cv2.findContours(smooth, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    moved = [_moved(points[:, 0].astype(np.float32), lab, likely) for points in drawn]
    corners = [np.rint(points * 16).astype(np.int32)[:, None] for points in moved]
    return cast(U8, cv2.fillPoly(np.zeros(selection.shape, np.uint8), corners, 1, cv2.LINE_8, 4))


def depth_px(inside: Flags | U8) -> F32:
    """HxW: how far inside each pixel is, negative outside."""
    flags = inside.astype(np.uint8)
    distances = (cv2.distanceTransform(side, cv2.DIST_L2, 3) for side in (flags, 1 - flags))
    return cast(F32, np.subtract(*distances))


def _moved(points: F32, lab: U8, likely: F32) -> F32:
    """The closed contour Nx2 where the picture has it."""
    if len(points) < SHORTEST_PX:
        return points
    path = _evenly(_along(points, ALONG_PX))
    smooth = _along(path, 3.0)
    ways = np.roll(smooth, -1, 0) - np.roll(smooth, 1, 0)
    ways /= np.linalg.norm(ways, axis=1, keepdims=True) + np.float32(1e-6)
    outward = np.stack([-ways[:, 1], ways[:, 0]], 1)  # OpenCV has the object on the left of its contours, holes too.
    offsets = np.arange(-REACH_PX, REACH_PX + STEP_PX / 2, STEP_PX, dtype=np.float32)

    def across(values: Any, offset: float = 0.0) -> F32:
        at = path[:, None] + outward[:, None] * (offsets + np.float32(offset))[None, :, None]
        return cast(F32, cv2.remap(values, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))

    colors = lab.astype(np.float32)
    outer, inner = (sum(across(colors, sign * px) for px in SIDE_PX) / len(SIDE_PX) for sign in (1, -1))
    change = np.linalg.norm(_along(cast(F32, outer - inner), ALONG_PX), axis=2)
    wrong = np.cumsum(-across(likely), axis=1) * STEP_PX
    cost = -change / (change + HALF_AN_EDGE) + WRONG_SIDE * wrong + AWAY * offsets**2
    found = offsets[_cheapest(cost.astype(np.float32))]
    return path + outward * _along(found[:, None], 1.0)


def _cheapest(cost: F32) -> NDArray[np.intp]:
    """Indices, one a row of LxN `cost`, of the cheapest closed path that moves by at most one a row."""
    length, width = cost.shape
    around = np.arange(-(length // 2), length + length // 2) % length
    back = np.zeros((len(around), width), np.int8)
    total = np.full(width + 2, 1e9, np.float32)
    total[1:-1] = cost[around[0]]
    for row, index in enumerate(around[1:], 1):
        ways = np.stack([total[:-2] + BEND, total[1:-1], total[2:] + BEND])
        back[row] = ways.argmin(0) - 1
        total[1:-1] = ways.min(0) + cost[index]
    at = int(total[1:-1].argmin())
    path = np.zeros(len(around), np.intp)
    for row in range(len(around) - 1, -1, -1):
        path[row] = at
        at += int(back[row, at])
    return path[length // 2 : length // 2 + length]


def _evenly(points: F32) -> F32:
    """The closed contour with a point at each pixel of its length."""
    closed = np.vstack([points, points[:1]])
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    at = np.linspace(0, length[-1], max(3, int(length[-1])), endpoint=False)
    return np.stack([np.interp(at, length, closed[:, k]) for k in (0, 1)], 1).astype(np.float32)


def _along(values: F32, sigma: float) -> F32:
    """A Gaussian mean of LxN or LxNxC along the closed contour, the first axis."""
    reach = min(int(np.ceil(3 * sigma)), len(values))
    wrapped = np.concatenate([values[-reach:], values, values[:reach]])
    mean = cv2.GaussianBlur(wrapped, (1, 2 * reach + 1), sigmaX=sigma, sigmaY=sigma)
    return cast(F32, mean[reach:-reach])


def _likelihood(lab: U8, selected: Flags) -> F32:
    """How much likelier each colour is inside than outside: the logarithm of the ratio, HxW."""
    depth, (least, most) = depth_px(selected), KNOWN_PX
    inside, outside = (np.abs(depth) < most) & (depth > least), (np.abs(depth) < most) & (depth < -least)
    first, second = (_histogram(lab, flags) for flags in (inside if inside.any() else selected, outside))
    ratio = np.log((first + UNSEEN) / (second + UNSEEN))
    light, a, b = (lab[..., k].astype(np.intp) * bins // 256 for k, bins in enumerate(BINS))
    return cast(F32, np.clip(cv2.GaussianBlur(ratio[light, a, b], (0, 0), 1.0), -MOST, MOST))


def _histogram(lab: U8, counted: Flags) -> F32:
    counts = cv2.calcHist([lab], [0, 1, 2], counted.astype(np.uint8), list(BINS), [0, 256] * 3)
    across = np.stack([cv2.GaussianBlur(plane, (0, 0), 1.0) for plane in counts])
    smooth = cv2.GaussianBlur(across.reshape(BINS[0], -1), (1, 9), sigmaX=1.0, sigmaY=1.0).reshape(BINS)
    return cast(F32, smooth / max(float(smooth.sum()), 1.0))
