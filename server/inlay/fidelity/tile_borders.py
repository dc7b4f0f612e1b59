"""The borders of the tiles that an upscaler worked in: found in what it returned, and levelled.

Each tile has its own light, so that along a border all of a picture jumps between two neighbouring pixels, where the source does
not. Corrections of means are smooth and would leave the jump standing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inlay.fidelity.raster import F32, luma

LOOKED_AT = 256
"""So many lines across a border tell whether it is one."""
TOGETHER = 16
"""The median jump of so many lines counts: texture jumps up and down, a border one way."""
STANDS_OUT = 0.6
"""The share of them in which it is further than anything within BESIDE_PX. Chance is 1 in 7; contours hardly reach half."""
BESIDE_PX = 4
LEAST_JUMP = 0.25 / 255
REACH_PX = 4
"""The source's pixels on either side over which a jump is levelled; what is broader, means correct."""
BESIDE = 2
"""The source's pixels on either side of a border that say whether it jumps there too."""
LEAST_SHARE = 0.5
ALONG_PX = 8
"""The source's pixels along a border over which its jump is much the same."""


def levelled(upscaled: F32, source: F32, scale: int) -> F32:
    """HxWx3 `upscaled` without those jumps along whole rows or columns that `source`, HxW/scale, lacks; itself if there are none.

    Both are encoded.
    """
    across = _levelled(upscaled, source, scale)
    turned = across.transpose(1, 0, 2)
    down = _levelled(turned, source.transpose(1, 0, 2), scale)
    return across if down is turned else np.ascontiguousarray(down.transpose(1, 0, 2))


def _levelled(picture: F32, source: F32, scale: int) -> F32:
    out, reach, width = picture, REACH_PX * scale, picture.shape[1]
    fade = (0.5 - (np.arange(reach, dtype=np.float32) + 0.5) / (2 * reach))[:, None]
    for border in _borders(picture):
        jump = _smoothed(_jumps(picture[:, border - 2 : border + 2])[:, 0], ALONG_PX * scale)
        if _share_missing(jump, picture, source, int(border), scale) < LEAST_SHARE:
            continue
        out = picture.copy() if out is picture else out
        right, left = min(reach, width - border), min(reach, border)
        out[:, border : border + right] -= jump[:, None] * fade[:right]
        out[:, border - left : border] += jump[:, None] * fade[:left][::-1]
    return out


def _share_missing(jump: F32, picture: F32, source: F32, border: int, scale: int) -> float:
    """How much of the jump before the column `border` the source does not show: 0 none, 1 all of it."""
    before, after = border // scale, -(-border // scale)  # a pixel that the border runs through tells nothing
    left, right = slice(max(before - BESIDE, 0), before), slice(after, after + BESIDE)
    if before < 1 or after >= source.shape[1]:
        return 0.0
    extra = _mean_of_columns(picture, right, scale) - _mean_of_columns(picture, left, scale)
    extra -= source[:, right].mean(1) - source[:, left].mean(1)
    there = jump.reshape(-1, scale, jump.shape[1]).mean(1)
    return float(np.vdot(there, extra) / max(float(np.vdot(there, there)), 1e-12))


def _mean_of_columns(picture: F32, columns: slice, scale: int) -> F32:
    part = picture[:, columns.start * scale : columns.stop * scale].mean(1)
    return np.asarray(part.reshape(-1, scale, part.shape[1]).mean(1), np.float32)


def _borders(picture: F32) -> NDArray[np.intp]:
    """The columns before which a border is."""
    height, width = picture.shape[:2]
    if width < 4 * BESIDE_PX:
        return np.zeros(0, np.intp)
    seen = luma(np.ascontiguousarray(picture[:: max(1, height // LOOKED_AT)]))
    each = _jumps(seen)
    groups = max(1, len(each) // TOGETHER)
    jumps = np.abs([np.median(group, axis=0) for group in np.array_split(each, groups)])
    count = jumps.shape[1]
    room = np.pad(jumps, ((0, 0), (BESIDE_PX, BESIDE_PX)), mode="reflect")
    places = [
        place for place in range(2 * BESIDE_PX + 1) if abs(place - BESIDE_PX) > 1
    ]  # a jump shows in its neighbours
    beside = np.maximum.reduce([room[:, place : place + count] for place in places])
    found = np.flatnonzero((jumps > beside).mean(0) > STANDS_OUT)
    return found[np.median(jumps[:, found], 0) > LEAST_JUMP] + 2 if found.size else found


def _jumps(picture: F32) -> F32:
    """By how much more each column differs from the one before it than their neighbours do; from the third column on."""
    steps = np.diff(picture, axis=1)
    return np.asarray(steps[:, 1:-1] - np.float32(0.5) * (steps[:, :-2] + steps[:, 2:]), np.float32)


def _smoothed(jumps: F32, count: int) -> F32:
    """The median of each `count` neighbours of Nx3: a contour that crosses a border is not its jump."""
    half = count // 2
    room = np.pad(jumps, ((half, half), (0, 0)), mode="edge")
    return np.median(np.lib.stride_tricks.sliding_window_view(room, 2 * half + 1, axis=0), axis=-1).astype(np.float32)
