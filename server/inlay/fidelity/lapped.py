"""A picture as overlapping blocks of cosines, changed block by block and put together again without a seam.

Blocks of 16 px every 8 px under a sine window, whose square adds up to 1: what is not changed comes back as it was.
Reference: H. Malvar, "Signal Processing with Lapped Transforms", 1992.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.fidelity.raster import F32, LUMA, Flags, mix_channels

BLOCK = 16
STRIDE = BLOCK // 2
Places = NDArray[np.intp]
Change = Callable[..., F32]
"""Cosines (3 x 16 x 16 x N) of N blocks side by side, less their mean, their brightness (N, luma), and the cosines there of each
picture beside: the cosines wanted instead."""


def _cosines(size: int) -> F32:
    n = np.arange(size)
    basis = np.cos(np.pi * (n[None] + 0.5) * n[:, None] / size) * np.sqrt(2 / size)
    basis[0] /= np.sqrt(2)
    return basis.astype(np.float32)


def _window() -> F32:
    edge = np.sin(np.pi * (np.arange(BLOCK) + 0.5) / BLOCK)
    return np.outer(edge, edge).astype(np.float32)


COSINES = _cosines(BLOCK)
WINDOW = _window()
_WINDOWED = (COSINES * np.sin(np.pi * (np.arange(BLOCK) + 0.5) / BLOCK)).astype(np.float32)
_BACK = np.ascontiguousarray(_WINDOWED.T)
_FLAT = np.outer(*[_WINDOWED.sum(1)] * 2).astype(np.float32)[..., None]
"""Cosines of a block that is 1 everywhere."""
FREQUENCIES = (np.arange(BLOCK) / (2 * BLOCK)).astype(np.float32)
"""Of each cosine, in cycles per pixel."""
WHITE = np.outer(*[np.square(_WINDOWED).sum(1)] * 2).astype(np.float32)
"""Mean square of each cosine of white noise of variance 1 under the window."""


def cosines_of(blocks: F32) -> F32:
    """N x C x 16 x 16 pixels as cosines under the window."""
    return np.asarray(COSINES @ (blocks * WINDOW) @ COSINES.T, np.float32)


def _quadratics() -> F32:
    t = np.linspace(-1, 1, BLOCK)
    y, x = np.meshgrid(t, t, indexing="ij")
    basis, _ = np.linalg.qr(np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], -1).reshape(-1, 6))
    return basis.astype(np.float32)


_QUADRATICS = _quadratics()


def without_trend(blocks: F32) -> F32:
    """N x C x 16 x 16 less their best quadratic."""
    flat = blocks.reshape(-1, BLOCK * BLOCK)
    trend = np.asarray((flat @ _QUADRATICS) @ _QUADRATICS.T, np.float32)
    return (flat - trend).reshape(blocks.shape)


def gathered(image: F32, ys: Places, xs: Places) -> F32:
    """The blocks of HxWxC `image` whose upper left corners are there: N x C x 16 x 16."""
    views = np.lib.stride_tricks.sliding_window_view(image, (BLOCK, BLOCK), axis=(0, 1))
    return np.ascontiguousarray(views[ys, xs])


class Planes(NamedTuple):
    """values: 3 x H x W, mirrored around as far as blocks reach beyond. means: 3 x rows x columns, of the blocks."""

    values: F32
    means: F32

    def cosines(self, row: int, blocks: slice) -> F32:
        """3 x 16 x 16 x N, of the blocks of a row, less their mean."""
        strip = self.values[:, row * STRIDE :][:, :BLOCK, blocks.start * STRIDE : (blocks.stop + 1) * STRIDE]
        down = np.ascontiguousarray(_WINDOWED @ strip)
        side_by_side = np.lib.stride_tricks.sliding_window_view(down, BLOCK, axis=2)[:, :, ::STRIDE]
        cosines = _WINDOWED @ np.ascontiguousarray(side_by_side.swapaxes(2, 3))
        cosines -= _FLAT * self.means[:, None, None, row, blocks]
        return np.asarray(cosines, np.float32)


def planes_of(image: F32, basis: F32) -> Planes:
    """HxWx3 `image` as components of `basis` (3x3, a row for each of rgb)."""
    (top, bottom), (left, right) = (_margin(length) for length in image.shape[:2])
    there = cv2.copyMakeBorder(mix_channels(image, basis.T), top, bottom, left, right, cv2.BORDER_REFLECT)
    cells = cv2.resize(there, None, fx=1 / STRIDE, fy=1 / STRIDE, interpolation=cv2.INTER_AREA)
    means = (cells[:-1, :-1] + cells[1:, :-1] + cells[:-1, 1:] + cells[1:, 1:]) / np.float32(4)
    values, means = (np.ascontiguousarray(np.moveaxis(one, 2, 0), np.float32) for one in (there, means))
    return Planes(values, means)


def _margin(length: int) -> tuple[int, int]:
    return STRIDE, STRIDE + -length % STRIDE


def changed(image: F32, where: Flags, change: Change, basis: F32, *beside: Planes) -> F32:
    """`image` (HxWx3) with the cosines of its blocks `change`d, as far as `where` (HxW) reaches; elsewhere it is 0 or half done.

    basis: 3x3, rgb (a row) to the components whose cosines are changed; it has an inverse. beside: of pictures of the same size.
    """
    height, width = where.shape
    planes = planes_of(image, basis)
    rows, columns = (length // STRIDE for length in planes.values.shape[1:])
    cells = np.pad(where, (_margin(height), _margin(width))).reshape(rows, STRIDE, columns, STRIDE).max((1, 3))
    wanted = cells[:-1, :-1] | cells[1:, :-1] | cells[:-1, 1:] | cells[1:, 1:]
    back = np.linalg.inv(basis).astype(np.float32)
    out = np.zeros_like(planes.values)
    for row in np.flatnonzero(wanted.any(1)).tolist():
        there = np.flatnonzero(wanted[row])
        blocks = slice(int(there[0]), int(there[-1]) + 1)
        means = planes.means[:, row, blocks]
        cosines = change(
            planes.cosines(row, blocks), LUMA[0] @ back.T @ means, *(one.cosines(row, blocks) for one in beside)
        )
        cosines += _FLAT * means[:, None, None]
        across = _BACK @ cosines
        halves = np.zeros((3, BLOCK, STRIDE, across.shape[3] + 1), np.float32)
        halves[..., :-1] = across[:, :, :STRIDE]
        halves[..., 1:] += across[:, :, STRIDE:]
        strip = _BACK @ halves.swapaxes(2, 3).reshape(3, BLOCK, -1)
        out[:, row * STRIDE :][:, :BLOCK, blocks.start * STRIDE : (blocks.stop + 1) * STRIDE] += strip
    whole = cast(F32, cv2.merge([plane[STRIDE : STRIDE + height, STRIDE : STRIDE + width] for plane in out]))
    return mix_channels(whole, back.T)


def in_basis(blocks: F32, basis: F32) -> F32:
    """N x 3 x 16 x 16 of rgb as components of `basis` (3 x C)."""
    flat = blocks.reshape(len(blocks), 3, -1)
    return np.matmul(basis.T, flat).reshape(len(blocks), basis.shape[1], BLOCK, BLOCK)
