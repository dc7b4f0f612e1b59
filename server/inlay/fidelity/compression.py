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
from inlay.fidelity.raster import F32, Flags, luma, mix_channels

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
    ycc = mix_channels(rgb, _YCC)
    threshold = np.float32(THRESHOLD * rounding) * np.array([1, CHROMA_TIMES, CHROMA_TIMES], np.float32)
    smooth = np.zeros_like(ycc)
    for dy, dx in SHIFTS:
        smooth += _thresholded(ycc, dy, dx, threshold)
    return mix_channels(smooth / np.float32(len(SHIFTS)), np.linalg.inv(_YCC).astype(np.float32))


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
    height, width = ycc.shape[:2]
    rows, columns = -(-(height + dy) // SIDE), -(-(width + dx) // SIDE)
    padded = np.pad(ycc, ((dy, rows * SIDE - height - dy), (dx, columns * SIDE - width - dx), (0, 0)), mode="symmetric")
    blocks = padded.reshape(rows, SIDE, columns, SIDE, 3).transpose(0, 2, 4, 1, 3)
    cosines = _COSINES @ blocks @ _COSINES.T
    keep = np.abs(cosines) > threshold[:, None, None]
    keep[..., 0, 0] = True
    back = np.asarray(_COSINES.T @ (cosines * keep) @ _COSINES, np.float32)
    return back.transpose(0, 3, 1, 4, 2).reshape(rows * SIDE, columns * SIDE, 3)[dy : dy + height, dx : dx + width]
