"""The lattice of JPEG: found by what its rounding leaves of faint cosines, whatever its offset, and smoothed by shifted cosines.

On the lattice itself faint cosines are rounded to nothing, beside it they are not (Z. Fan and R. de Queiroz, "Identification of
bitmap compression history", IEEE Trans. Image Processing 12, 2003). A. Nosratinia, "Denoising of JPEG images by re-application of
JPEG", J. VLSI Signal Processing 27, 2001.
"""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np

from inlay.fidelity.mosaic import flags_of, mosaic_of, tiles_of
from inlay.fidelity.raster import F32, Flags, luma, merged, mix_channels, split

SIDE = 8
FAINT = (7, 12)
"""Sums of the indices of cosines that are mostly rounded to nothing."""
LEAST_RATIO = 1.8
"""Beside the lattice these are larger by so much: 2.7 and more in JPEG of quality 35 and 60, elsewhere at most 1.3."""
LEAST_FAINT = 0.05 / 255
FEWEST_BLOCKS, MOST_BLOCKS = 20, 400
COARSE = ((0, 1), (1, 0), (1, 1), (2, 0), (0, 2), (2, 1), (1, 2), (2, 2))
"""Indices of cosines that are seldom rounded to nothing: the least of the others is one step."""
NOTHING = 2 / 255
LEAST_QUANTILE = 0.05
FEWEST_STEPS = 8
THRESHOLD = 2.0
"""Times the step, below which a cosine is taken for rounding."""
SHIFTS = ((0, 0), (2, 5), (4, 2), (6, 7), (1, 4), (3, 1), (5, 6), (7, 3))
_YCC = np.array([[0.299, 0.587, 0.114], [-0.1687, -0.3313, 0.5], [0.5, -0.4187, -0.0813]], np.float32)
CHROMA_TIMES = 1.6
BAND_PX = 300_000
"""Pixels that are smoothed at once."""


def _cosines() -> F32:
    n = np.arange(SIDE)
    basis = np.cos(np.pi * (n[None] + 0.5) * n[:, None] / SIDE) * np.sqrt(2 / SIDE)
    basis[0] /= np.sqrt(2)
    return basis.astype(np.float32)


_COSINES = _cosines()


def rounding_of(rgb: F32, where: Flags) -> float:
    """The step (encoded) that JPEG has rounded coarse cosines of HxWx3 `rgb` to; 0 where no lattice is found `where` (HxW)."""
    tiles = tiles_of(where)
    y, where = luma(mosaic_of(rgb, tiles)), flags_of(where, tiles)
    blocks = [_blocks(y, where, dy, dx) for dy in range(SIDE) for dx in range(SIDE)]
    if min(map(len, blocks)) < FEWEST_BLOCKS:
        return 0.0
    sums = np.add.outer(np.arange(SIDE), np.arange(SIDE))
    faint = (sums >= FAINT[0]) & (sums <= FAINT[1])
    cosines = [np.abs(_COSINES @ some @ _COSINES.T) for some in blocks]
    left = np.array([some[:, faint].mean() for some in cosines])
    at = int(left.argmin())
    if np.median(left) < LEAST_RATIO * max(float(left[at]), LEAST_FAINT):
        return 0.0
    rounded = [some[some > NOTHING] for some in (cosines[at][:, i, j] for i, j in COARSE)]
    steps = [float(np.quantile(some, LEAST_QUANTILE)) for some in rounded if some.size >= FEWEST_STEPS]
    return float(np.median(steps)) if steps else 0.0


def without_lattice(rgb: F32, rounding: float) -> F32:
    """HxWx3 `rgb` (encoded) without what JPEG's `rounding` (as from `rounding_of`) has made of it."""
    height, out = rgb.shape[0], np.empty_like(rgb)
    threshold = np.float32(THRESHOLD * rounding) * np.array([1, CHROMA_TIMES, CHROMA_TIMES], np.float32)
    rows = SIDE * max(1, BAND_PX // (SIDE * rgb.shape[1]))
    for top in range(0, height, rows):
        first, last = max(0, top - SIDE), min(height, top + rows)
        ycc = np.stack(split(mix_channels(rgb[first : last + SIDE], _YCC)))
        smooth = np.zeros_like(ycc)
        for dy, dx in SHIFTS:
            smooth += _thresholded(ycc, dy, dx, threshold)
        back = mix_channels(merged([plane / len(SHIFTS) for plane in smooth]), np.linalg.inv(_YCC).astype(np.float32))
        out[top:last] = back[top - first : last - first]
    return out


def _blocks(y: F32, where: Flags, top: int, left: int) -> F32:
    """N x 8 x 8 of HxW `y`, on the lattice from there on, all of each `where`; some where there are many."""
    height, width = y.shape
    unknown = cast(F32, cv2.integral((~where).astype(np.uint8)))
    rows, columns = np.arange(top, height - SIDE + 1, SIDE), np.arange(left, width - SIDE + 1, SIDE)
    low, right = np.ix_(rows + SIDE, columns + SIDE)
    high, start = np.ix_(rows, columns)
    count = unknown[low, right] - unknown[high, right] - unknown[low, start] + unknown[high, start]
    ys, xs = (found[:: max(1, found.size // MOST_BLOCKS)] for found in np.nonzero(count == 0))
    inner = np.arange(SIDE)
    return y[rows[ys][:, None, None] + inner[:, None], columns[xs][:, None, None] + inner]


def _thresholded(ycc: F32, dy: int, dx: int, threshold: F32) -> F32:
    """3xHxW with the cosines of its blocks below `threshold` (3) set to 0, on the lattice that begins at -dy, -dx."""
    height, width = ycc.shape[1:]
    rows, columns = -(-(height + dy) // SIDE), -(-(width + dx) // SIDE)
    around = (0, 0), (dy, rows * SIDE - height - dy), (dx, columns * SIDE - width - dx)
    padded = np.pad(ycc, around, mode="symmetric").reshape(3, rows, SIDE, -1)
    cosines = (_COSINES @ padded).reshape(3, -1, SIDE) @ _COSINES.T
    by_block = cosines.reshape(3, rows, SIDE, columns, SIDE)
    means = by_block[:, :, 0, :, 0].copy()
    cosines *= np.abs(cosines) > threshold[:, None, None]
    by_block[:, :, 0, :, 0] = means
    back = _COSINES.T @ (cosines @ _COSINES).reshape(3, rows, SIDE, -1)
    return np.asarray(back, np.float32).reshape(3, rows * SIDE, -1)[:, dy : dy + height, dx : dx + width]
