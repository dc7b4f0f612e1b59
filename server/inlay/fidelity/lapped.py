"""A picture as overlapping blocks of cosines, changed block by block and put together again without a seam.

Blocks of 16 px every 8 px under a sine window, whose square adds up to 1: what is not changed comes back as it was.
Reference: H. Malvar, "Signal Processing with Lapped Transforms", 1992.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from inlay.fidelity.raster import F32, LUMA, Flags

BLOCK = 16
STRIDE = BLOCK // 2
AT_ONCE = 2048
"""Blocks changed together: what they take stays small, whatever the picture's size."""

Places = NDArray[np.intp]
Change = Callable[[F32, F32, Places, Places], F32]
"""Cosines (N x 3 x 16 x 16), brightness (N, luma), rows and columns of the blocks: the cosines wanted instead."""


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
FREQUENCIES = (np.arange(BLOCK) / (2 * BLOCK)).astype(np.float32)
"""Of each cosine, in cycles per pixel."""
WHITE = np.outer(*[np.square(COSINES * np.sin(np.pi * (np.arange(BLOCK) + 0.5) / BLOCK)).sum(1)] * 2).astype(np.float32)
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


def margined(image: F32) -> F32:
    """HxWxC with as much mirrored around it as the blocks of `changed` reach beyond; their rows and columns count from there."""
    height, width = image.shape[:2]
    return np.pad(image, (_margin(height), _margin(width), (0, 0)), mode="symmetric")


def _margin(length: int) -> tuple[int, int]:
    return STRIDE, STRIDE + -length % STRIDE


def changed(image: F32, where: Flags, change: Change, basis: F32) -> F32:
    """`image` (HxWx3) with the cosines of its blocks `change`d, as far as `where` (HxW) reaches; elsewhere it is 0 or half done.

    basis: 3x3, rgb (a row) to the components whose cosines are changed; it has an inverse.
    """
    height, width = where.shape
    padded = margined(image)
    rows, columns = padded.shape[0] // STRIDE, padded.shape[1] // STRIDE
    cells = np.pad(where, (_margin(height), _margin(width))).reshape(rows, STRIDE, columns, STRIDE).max((1, 3))
    ys, xs = np.nonzero(cells[:-1, :-1] | cells[1:, :-1] | cells[:-1, 1:] | cells[1:, 1:])
    out = np.zeros((rows, columns, 3, STRIDE, STRIDE), np.float32)
    back = np.linalg.inv(basis).astype(np.float32)
    for start in range(0, len(ys), AT_ONCE):
        y, x = ys[start : start + AT_ONCE], xs[start : start + AT_ONCE]
        blocks = gathered(padded, y * STRIDE, x * STRIDE)
        mean = blocks.mean((2, 3))
        brightness = mean @ LUMA[0]
        blocks = in_basis(blocks - mean[..., None, None], basis)
        cosines = change(cosines_of(blocks), brightness, y * STRIDE, x * STRIDE)
        pixels = np.asarray(COSINES.T @ cosines @ COSINES, np.float32)
        blocks = in_basis(pixels, back) + mean[..., None, None] * WINDOW
        blocks *= WINDOW
        for p in (0, 1):
            for q in (0, 1):
                quarter = blocks[:, :, p * STRIDE : (p + 1) * STRIDE, q * STRIDE : (q + 1) * STRIDE]
                out[y + p, x + q] += quarter
    whole = out.transpose(0, 3, 1, 4, 2).reshape(rows * STRIDE, columns * STRIDE, 3)
    return np.ascontiguousarray(whole[STRIDE : STRIDE + height, STRIDE : STRIDE + width])


def in_basis(blocks: F32, basis: F32) -> F32:
    """N x 3 x 16 x 16 of rgb as components of `basis` (3 x C)."""
    flat = blocks.reshape(len(blocks), 3, -1)
    return np.matmul(basis.T, flat).reshape(len(blocks), basis.shape[1], BLOCK, BLOCK)
