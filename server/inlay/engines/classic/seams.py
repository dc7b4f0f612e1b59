"""Take the faint steps out of a fill, where copies of differently lit places meet: a smooth correction of its tones.

Method: gradient-domain blending (Perez, Gangnet and Blake, "Poisson image editing", 2003) solved for the correction, pulled
back to zero over `REACH_PX`, and blind to steps that are too strong to be anything but an edge.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

EDGE = 0.04
"""Steps (sRGB-encoded, length over the channels) well above this are edges and stay."""

REACH_PX = 48.0
"""How far a step at a seam is spread out."""

ROUNDS = 24
COARSEST_PX = 8

_CROSS = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.float32)


def without_seams(
    painted: NDArray[np.float32],
    colors: NDArray[np.float32],
    source: NDArray[np.bool_],
    copied: NDArray[np.int32],
    check: Callable[[], None],
) -> NDArray[np.float32]:
    """`painted` (height x width x 3) with its seams smoothed where `copied` names a source pixel.

    colors, source: the samples and where they may be copied from. copied: height x width, int32 flat index, -1 elsewhere.
    """
    hole = copied >= 0
    box = _box_around(hole)
    copies = copied[box]
    pull = np.zeros((*copies.shape, 3), np.float32)
    for axis in (0, 1):
        check()
        step = _unexplained(painted[box], colors, source, copies, source[box], axis)
        first, second = _pair(axis)
        pull[first] += step
        pull[second] -= step
    pull[copies < 0] = 0
    corrected = painted.copy()
    corrected[box] += _relaxed(pull, hole[box], REACH_PX, check)
    return corrected


def _unexplained(
    painted: NDArray[np.float32],
    colors: NDArray[np.float32],
    source: NDArray[np.bool_],
    copied: NDArray[np.int32],
    outside: NDArray[np.bool_],
    axis: int,
) -> NDArray[np.float32]:
    """The part of each step between neighbours along `axis` that no copy shows at its source, faded out at edges."""
    first, second = _pair(axis)
    ahead, seen_ahead = _step_at_source(colors, source, copied[first], axis, 1)
    behind, seen_behind = _step_at_source(colors, source, copied[second], axis, -1)
    witnesses = seen_ahead.astype(np.float32) + seen_behind
    explained = (ahead - behind) / np.maximum(witnesses, 1)[..., None]
    step = painted[second] - painted[first] - explained
    fade = np.exp(-np.square(step).sum(axis=-1) / EDGE**2)
    reachable = ((copied[first] >= 0) | outside[first]) & ((copied[second] >= 0) | outside[second])
    return np.multiply(step, (fade * ((witnesses > 0) & reachable))[..., None], dtype=np.float32)


def _step_at_source(
    colors: NDArray[np.float32], source: NDArray[np.bool_], copied: NDArray[np.int32], axis: int, direction: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """What lies beside each copied pixel at its source, minus that pixel; 0 and False where that is no source."""
    height, width = source.shape
    y, x = np.divmod(np.maximum(copied, 0), width)
    ny, nx = (y + direction, x) if axis == 0 else (y, x + direction)
    within = (copied >= 0) & (ny >= 0) & (ny < height) & (nx >= 0) & (nx < width)
    ny, nx = np.clip(ny, 0, height - 1), np.clip(nx, 0, width - 1)
    seen = within & source[ny, nx]
    return np.where(seen[..., None], colors[ny, nx] - colors[y, x], np.float32(0)), seen


def _relaxed(
    pull: NDArray[np.float32], hole: NDArray[np.bool_], reach: float, check: Callable[[], None]
) -> NDArray[np.float32]:
    """The smooth field whose steps answer `pull`, zero outside the hole; a cascade from coarse to fine."""
    height, width = hole.shape
    inside = hole.astype(np.float32)[..., None]
    field = np.zeros_like(pull)
    if min(height, width) >= 2 * COARSEST_PX and reach > 2:
        odd = ((0, height % 2), (0, width % 2))
        padded = np.pad(pull, (*odd, (0, 0)))
        size = (padded.shape[1] // 2, padded.shape[0] // 2)
        half_pull = cv2.resize(padded, size, interpolation=cv2.INTER_AREA) * np.float32(4)
        half_hole = cv2.resize(np.pad(hole, odd).astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.5
        coarse = _relaxed(half_pull, half_hole, reach / 2, check)
        grown = cv2.resize(coarse, (2 * size[0], 2 * size[1]), interpolation=cv2.INTER_LINEAR)
        field = np.multiply(grown[:height, :width], inside, dtype=np.float32)
    degree = cv2.filter2D(np.ones((height, width), np.float32), -1, _CROSS, borderType=cv2.BORDER_CONSTANT)
    share = (inside / (degree[..., None] + np.float32(1 / reach**2))).astype(np.float32)
    for _ in range(ROUNDS):
        check()
        around = cv2.filter2D(field, -1, _CROSS, borderType=cv2.BORDER_CONSTANT)
        field *= np.float32(0.2)
        field += np.multiply(around + pull, share * np.float32(0.8), dtype=np.float32)
    return field


def _pair(axis: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Indices of each pixel that has a next one along `axis`, and of that next one."""
    whole = slice(None)
    if axis == 0:
        return (slice(None, -1), whole), (slice(1, None), whole)
    return (whole, slice(None, -1)), (whole, slice(1, None))


def _box_around(area: NDArray[np.bool_]) -> tuple[slice, slice]:
    """The bounding rectangle of `area` and one pixel more on each side."""
    rows, columns = np.flatnonzero(area.any(axis=1)), np.flatnonzero(area.any(axis=0))
    return slice(max(0, rows[0] - 1), rows[-1] + 2), slice(max(0, columns[0] - 1), columns[-1] + 2)
