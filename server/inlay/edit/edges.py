"""The edge of a found selection: along the picture's own edges, or as a matte with hair, at the document's own size."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from inlay.edit.sight import Sight, resized
from inlay.engines.interface import Mask
from inlay.fidelity.guided import guided
from inlay.fidelity.matting import REACH_PX, alpha_of
from inlay.recipe import Recipe
from inlay.region import Size

SOFTNESS = 1e-4
"""Variance of colours below which they are no edge."""
STEEPNESS = 2.0
LARGEST_REACH_PX = 24
LEAST_TILE_PX, TILE_REACHES = 64, 6
"""Sides of the tiles that are looked at: the margin of a tile is as much work as the tile itself, or less."""

Part = tuple[slice, slice]


def edged(recipe: Recipe, sight: Sight, mask: Mask) -> NDArray[np.float32]:
    """What was found, height x width of the window, 0..1, with the edge that the recipe's options ask for."""
    share = np.clip(resized(mask.share, Size(sight.mask.shape[1], sight.mask.shape[0])), 0, 1)
    return with_edge(recipe, sight.pixels, share, float(mask.receipt.get("reduction", "1")))


def with_edge(
    recipe: Recipe, pixels: NDArray[np.float32], share: NDArray[np.float32], reduction: float = 1.0
) -> NDArray[np.float32]:
    """`share`, height x width 0..1 of `pixels`, with the edge that the recipe's options ask for; by default its own.

    reduction: how many pixels of the window one of the picture was in which it was found.
    """
    match recipe.options.get("edge"):
        case "hair":
            return alpha_of(np.clip(pixels, 0, 1), share, round(float(recipe.options.get("hair_px", REACH_PX))))
        case "sharp":
            return _sharp(share, pixels, reduction)
        case _:
            return share


def _sharp(share: NDArray[np.float32], pixels: NDArray[np.float32], reduction: float) -> NDArray[np.float32]:
    """Guided by the picture where `share` changes, which is all that a guided filter alters: the edge costs, not the area."""
    reach = min(max(2, round(1.5 * reduction)), LARGEST_REACH_PX)
    sharp = _steep(share)
    for inner, seen in _tiles(share, max(LEAST_TILE_PX, TILE_REACHES * reach), 2 * reach):
        if share[seen].min() < share[seen].max():
            fine = guided(np.ascontiguousarray(share[seen]), np.clip(pixels[seen], 0, 1), reach, SOFTNESS)
            top, left = (inner[k].start - seen[k].start for k in (0, 1))
            height, width = (inner[k].stop - inner[k].start for k in (0, 1))
            sharp[inner] = _steep(fine[top : top + height, left : left + width])
    return sharp


def _steep(share: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.clip((share - 0.5) * STEEPNESS + 0.5, 0, 1).astype(np.float32, copy=False)


def _tiles(share: NDArray[np.float32], side: int, margin: int) -> Iterator[tuple[Part, Part]]:
    """The parts of a plane, each with those `margin` pixels around it that are in the plane too."""
    height, width = share.shape
    for top in range(0, height, side):
        for left in range(0, width, side):
            bottom, right = min(top + side, height), min(left + side, width)
            rows, columns = slice(max(0, top - margin), bottom + margin), slice(max(0, left - margin), right + margin)
            yield (slice(top, bottom), slice(left, right)), (rows, columns)
