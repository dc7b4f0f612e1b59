"""Whole code values that keep the means of blocks: what is left over in a block is given to the pixels that have most of it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from inlay.fidelity.raster import F32

U16 = NDArray[np.uint16]

BITS = 16


def rounded_by_blocks(values: F32, scale: int) -> F32:
    """Whole numbers with each block's own sum, as near as whole numbers come: the largest remainders are rounded up.

    values: (scale H)x(scale W)xC, 0 or more; a remainder counts to 1/256 at least; of equal ones the first is rounded up.
    """
    height, width, channels = values.shape
    count = scale * scale
    fine = (1 << BITS) // (1 << (count - 1).bit_length())  # the rest of the bits says which pixel of the block it is
    whole = np.floor(values)
    remainders = ((values - whole) * np.float32(fine)).astype(np.uint16)
    blocks = remainders.reshape(height // scale, scale, width // scale, scale, channels).transpose(1, 3, 0, 2, 4)
    keys = np.minimum(blocks, fine - 1).reshape(count, -1)
    ups = (keys.sum(0, dtype=np.uint32) + fine // 2) // fine
    keys *= count
    keys += np.arange(count - 1, -1, -1, dtype=np.uint16)[:, None]
    last = _in_order(keys).reshape(-1).take((np.uint32(count) - ups.clip(1)) * np.uint32(keys.shape[1]) + _index(keys))
    up = ((keys >= last) & (ups > 0)).reshape(blocks.shape)
    into = whole.reshape(height // scale, scale, width // scale, scale, channels)
    for row in range(scale):
        for column in range(scale):
            into[:, row, :, column] += up[row, column]
    return whole


def _index(keys: U16) -> NDArray[np.uint32]:
    return np.arange(keys.shape[1], dtype=np.uint32)


def _in_order(keys: U16) -> U16:
    """Each column's keys, the least first."""
    ordered = keys.copy()
    lesser = np.empty_like(keys[0])
    for low, high in _comparisons(len(keys)):
        np.minimum(ordered[low], ordered[high], out=lesser)
        np.maximum(ordered[low], ordered[high], out=ordered[high])
        ordered[low] = lesser
    return ordered


def _comparisons(count: int) -> Iterator[tuple[int, int]]:
    """Batcher's merge exchange, for any number of values. Knuth, "The Art of Computer Programming" 5.2.2, algorithm M."""
    most = 1 << ((count - 1).bit_length() - 1) if count > 1 else 0
    step = most
    while step:
        half, offset, distance = most, 0, step
        while True:
            for low in range(count - distance):
                if low & step == offset:
                    yield low, low + distance
            if half == step:
                break
            distance, half, offset = half - step, half // 2, step
        step //= 2
