"""Some tiles of a large picture below one another: enough to measure on, whatever its size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inlay.fidelity.raster import Flags, Samples

MOST_PX = 400_000
TILE_PX = 384
"""A multiple of 8, so that the lattice of JPEG stays where it is."""
BORDER_PX = 12
"""So close to another tile nothing is measured."""

Tiles = list[tuple[slice, slice]]


def tiles_of(where: Flags) -> Tiles:
    """The tiles of HxW that hold most of `where`, in their order; none where all of it is little enough."""
    height, width = where.shape
    rows, columns = height // TILE_PX, width // TILE_PX
    if where.size <= MOST_PX or not rows or not columns:
        return []
    there = where[: rows * TILE_PX, : columns * TILE_PX].reshape(rows, TILE_PX, columns, TILE_PX).sum((1, 3)).ravel()
    chosen = np.sort(np.argsort(-there, kind="stable")[: MOST_PX // TILE_PX**2])
    corners = [(int(n) // columns * TILE_PX, int(n) % columns * TILE_PX) for n in chosen]
    return [(slice(y, y + TILE_PX), slice(x, x + TILE_PX)) for y, x in corners]


def mosaic_of(picture: Samples, tiles: Tiles) -> Samples:
    """Those tiles of a picture (HxW or HxWxC); the picture itself where there are none."""
    return np.concatenate([picture[tile] for tile in tiles]) if tiles else picture


def flags_of(where: Flags, tiles: Tiles) -> NDArray[np.bool_]:
    """Those tiles of `where`, False beside their borders."""
    if not tiles:
        return where
    inner = np.zeros((TILE_PX, TILE_PX), np.bool_)
    inner[BORDER_PX:-BORDER_PX, BORDER_PX:-BORDER_PX] = True
    return np.concatenate([where[tile] & inner for tile in tiles])
