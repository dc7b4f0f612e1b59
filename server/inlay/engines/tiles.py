"""Windows larger than a model paints at once: overlapping tiles of latents, blended where they overlap."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

OVERLAP = 0.25
"""Of a tile's side."""


class Tile(NamedTuple):
    """A rectangle of latents."""

    top: int
    left: int
    height: int
    width: int

    def of(self, latents: Tensor, scale: int = 1) -> Tensor:
        """The tile's part of B x C x h x w latents, or of pixels where `scale` is pixels per latent."""
        rows = slice(self.top * scale, (self.top + self.height) * scale)
        columns = slice(self.left * scale, (self.left + self.width) * scale)
        return latents[..., rows, columns]


def tiles_of(height: int, width: int, side: int, multiple: int) -> Iterator[Tile]:
    """Tiles of about `side` latents a side that cover height x width; all edges are multiples of `multiple`."""
    tall, wide = _length(height, side, multiple), _length(width, side, multiple)
    for top in _starts(height, tall, multiple):
        for left in _starts(width, wide, multiple):
            yield Tile(top, left, tall, wide)


def feather(tile: Tile, height: int, width: int) -> Tensor:
    """1 x 1 x h x w weights: falling towards those edges of the tile that lie inside the window, never 0."""
    rows = _ramp(tile.height, tile.top > 0, tile.top + tile.height < height)
    columns = _ramp(tile.width, tile.left > 0, tile.left + tile.width < width)
    return (rows[:, None] * columns[None, :])[None, None]


def _length(total: int, side: int, multiple: int) -> int:
    return min(total, max(multiple, side // multiple * multiple))


def _starts(total: int, length: int, multiple: int) -> list[int]:
    if length >= total:
        return [0]
    count = 1 + -(-(total - length) // max(multiple, int(length * (1 - OVERLAP))))
    last = total - length
    return sorted({round(last * index / (count - 1) / multiple) * multiple for index in range(count)})


def _ramp(length: int, opens: bool, closes: bool) -> Tensor:
    ramp = torch.ones(length)
    reach = max(1, int(length * OVERLAP))
    rise = (torch.arange(reach) + 0.5) / reach
    if opens:
        ramp[:reach] *= rise
    if closes:
        ramp[-reach:] *= rise.flip(0)
    return ramp
