"""How strange a source looks beside the rim of the hole: what keeps a far-away object from being copied into plain sky."""

from collections.abc import Callable
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.engines.classic.pyramid import Level, grown
from inlay.engines.classic.smooth import halved

LOOKED_AT_PX = 1 << 16
"""The finest size with at most this many pixels decides: fine enough to tell the rim from what lies behind it."""

RIM_WIDTH_PX = 4
"""How much around the hole counts as its rim."""

RIM_SAMPLES = 256
"""Rim pixels that sources are compared with, spread evenly."""

RIM_SHARE = 0.05
RIM_LENGTH_PX = 3
"""Something is at home when it resembles this share of the rim, or, on a long rim, this length of it."""

_ROWS = 4096
"""Sources compared at a time, for memory and for a look at whether the job is still wanted."""


def strangeness_of(levels: list[Level], check: Callable[[], None]) -> list[NDArray[np.float32]]:
    """For each level height x width, float32: squared difference between a pixel's look and the rim's, 0 where at home.

    The look of a pixel is the mean of its patch's features. All zero where the hole is too shallow to need it.
    """
    maps = [np.zeros(level.source.shape, np.float32) for level in levels]
    index = next((i for i, level in enumerate(levels) if level.source.size <= LOOKED_AT_PX), None)
    if index is None:
        return maps
    maps[index] = _strangeness(levels[index], check)
    for finer, coarser in pairwise(range(index, len(levels))):
        maps[coarser] = halved(maps[finer])
    for finer in reversed(range(index)):
        height, width = levels[finer].source.shape
        rough = cv2.resize(maps[finer + 1], None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
        check()
        maps[finer] = np.ascontiguousarray(rough[:height, :width], np.float32)
    return maps


def _strangeness(level: Level, check: Callable[[], None]) -> NDArray[np.float32]:
    side = 2 * level.radius + 1
    share_known = cv2.blur(level.source.astype(np.float32), (side, side))
    looks = cv2.blur(level.feat, (side, side)) / np.maximum(share_known, 1e-6)[..., None]
    looks = looks.astype(np.float32, copy=False)
    rim = looks[grown(level.wanted, RIM_WIDTH_PX) & level.source]
    if not len(rim):
        return np.zeros(level.source.shape, np.float32)
    share = min(RIM_SHARE, RIM_WIDTH_PX * RIM_LENGTH_PX / len(rim))
    rim = rim[:: -(-len(rim) // RIM_SAMPLES)]
    enough = min(int(share * len(rim)), len(rim) - 1)
    flat = looks.reshape(-1, looks.shape[2])
    usual = float(np.quantile(_apart(rim, rim, enough), 0.9))
    strange = np.empty(len(flat), np.float32)
    for first in range(0, len(flat), _ROWS):
        check()
        strange[first : first + _ROWS] = _apart(flat[first : first + _ROWS], rim, enough)
    return np.maximum(strange - usual, 0).reshape(level.source.shape)


def _apart(looks: NDArray[np.float32], rim: NDArray[np.float32], enough: int) -> NDArray[np.float32]:
    """The squared difference between each look and the `enough`-th most similar one of the rim."""
    apart = (looks**2).sum(axis=1)[:, None] + (rim**2).sum(axis=1) - 2 * looks @ rim.T
    return np.partition(apart, enough, axis=1)[:, enough]
