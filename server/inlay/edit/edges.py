"""The edge of a found selection: along the picture's own edges, or as a matte with hair, at the document's own size.

Both are made in tiles, and those of the last selections are remembered: a further click costs what it changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.edit.remembered import Remembered
from inlay.edit.sight import Sight, resized
from inlay.engines.interface import Mask
from inlay.fidelity.guided import following, guide_of
from inlay.fidelity.matting import REACH_PX, alpha_of
from inlay.recipe import Recipe
from inlay.region import Size

SOFTNESS = 1e-4
"""Variance of colours below which they are no edge."""
STEEPNESS = 2.0
LARGEST_REACH_PX = 24
LEAST_TILE_PX, TILE_REACHES = 64, 6
"""Sides of the tiles that are looked at: the margin of a tile is as much work as the tile itself, or less."""
MATTE_TILE_PX, MATTE_TILE_REACHES, MATTE_MARGIN_PX = 320, 8, 24
"""The same of a matte, whose margin also has a RAMP_PX over which one tile becomes the next."""
RAMP_PX = 32
KEPT_BYTES = 64_000_000
"""Of tiles that are remembered: the matte of some 16 megapixels of edge."""

Part = tuple[slice, slice]


_remembered = Remembered[NDArray[np.float32]](KEPT_BYTES)
_guides = Remembered[NDArray[np.float32]](KEPT_BYTES)
"""What edges follow, whatever is selected: of a megapixel the half."""


def edged(recipe: Recipe, sight: Sight, mask: Mask) -> NDArray[np.float32]:
    """What was found, height x width of the window, 0..1, with the edge that the recipe's options ask for."""
    share, size = mask.share, Size(sight.mask.shape[1], sight.mask.shape[0])
    if (share.shape[1], share.shape[0]) != size:
        share = np.clip(resized(share, size), 0, 1)
    return with_edge(recipe, sight.pixels, share, float(mask.receipt.get("reduction", "1")))


def with_edge(
    recipe: Recipe, pixels: NDArray[np.float32], share: NDArray[np.float32], reduction: float = 1.0
) -> NDArray[np.float32]:
    """`share`, height x width 0..1 of `pixels`, with the edge that the recipe's options ask for; by default its own.

    reduction: how many pixels of the window one of the picture was in which it was found.
    """
    match recipe.options.get("edge"):
        case "hair":
            return _matte(recipe, share, pixels, round(float(recipe.options.get("hair_px", REACH_PX))))
        case "sharp":
            return _sharp(recipe, share, pixels, reduction)
        case _:
            return share


def _key(
    recipe: Recipe, kind: str, reach: int, seen: Part, share: NDArray[np.float32] | None = None
) -> Hashable | None:
    """What decides a tile: the window's pixels by their name, where it lies in them, and what was found there, if that counts."""
    if not recipe.canvas.source.blob:
        return None
    place = [(part.start, part.stop) for part in seen]
    found = b"" if share is None else hashlib.blake2b(np.ascontiguousarray(share[seen]).data, digest_size=16).digest()
    return recipe.canvas.source, recipe.canvas.window, kind, reach, *place, found


def _sharp(
    recipe: Recipe, share: NDArray[np.float32], pixels: NDArray[np.float32], reduction: float
) -> NDArray[np.float32]:
    """Guided by the picture where `share` changes, which is all that a guided filter alters: the edge costs, not the area."""
    reach = min(max(2, round(1.5 * reduction)), LARGEST_REACH_PX)
    sharp = _steep(share)
    for inner, seen in _changing(share, max(LEAST_TILE_PX, TILE_REACHES * reach), 2 * reach):

        def guide(seen: Part = seen) -> NDArray[np.float32]:
            return guide_of(np.clip(pixels[seen], 0, 1), reach, SOFTNESS)

        def tile(inner: Part = inner, seen: Part = seen) -> NDArray[np.float32]:
            along = _guides.of(_key(recipe, "guide", reach, seen), guide)
            return _steep(following(along, np.ascontiguousarray(share[seen]), reach)[_inside(inner, seen)])

        sharp[inner] = _remembered.of(_key(recipe, "sharp", reach, seen, share), tile)
    return sharp


def _matte(recipe: Recipe, share: NDArray[np.float32], pixels: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """Each tile from what lies around it; where two meet, one slowly becomes the other: how much they count adds up to 1."""
    found = share.copy()
    side, margin = max(MATTE_TILE_PX, MATTE_TILE_REACHES * reach), MATTE_MARGIN_PX + 2 * reach
    for inner, seen in _changing(share, side, margin):

        def tile(seen: Part = seen) -> NDArray[np.float32]:
            return alpha_of(np.clip(pixels[seen], 0, 1), np.ascontiguousarray(share[seen]), reach)

        made = _remembered.of(_key(recipe, "hair", reach, seen, share), tile)
        found[seen] += np.outer(*(_ramp(inner[k], seen[k], share.shape[k]) for k in (0, 1))) * (made - share[seen])
    return np.clip(found, 0, 1, out=found)


def _ramp(inner: slice, seen: slice, whole: int) -> NDArray[np.float32]:
    """How much a tile counts along one side of it: nothing up to RAMP_PX before its own part, all of it from as far inside on."""
    at = np.arange(seen.start, seen.stop, dtype=np.float32)
    up = (at + 0.5 - inner.start + RAMP_PX) / (2 * RAMP_PX) if inner.start > 0 else np.ones_like(at)
    down = (inner.stop + RAMP_PX - at - 0.5) / (2 * RAMP_PX) if inner.stop < whole else np.ones_like(at)
    return np.clip(np.minimum(up, down), 0, 1).astype(np.float32)


def _inside(inner: Part, seen: Part) -> Part:
    rows, columns = (slice(inner[k].start - seen[k].start, inner[k].stop - seen[k].start) for k in (0, 1))
    return rows, columns


def _steep(share: NDArray[np.float32]) -> NDArray[np.float32]:
    steep = share - np.float32(0.5)
    steep *= np.float32(STEEPNESS)
    steep += np.float32(0.5)
    return np.clip(steep, 0, 1, out=steep)


def _changing(share: NDArray[np.float32], side: int, margin: int) -> Iterator[tuple[Part, Part]]:
    """The tiles of a plane, each with those `margin` pixels around it that are in the plane too, in which `share` changes."""
    assert margin <= side
    starts = [np.arange(0, length, side) for length in share.shape]
    rows = [share[at : at + side] for at in starts[0]]
    least, most = (
        each.reduceat(np.stack([each.reduce(row) for row in rows]), starts[1], axis=1)
        for each in (np.minimum, np.maximum)
    )
    around = np.ones((3, 3), np.uint8)
    for row, column in np.argwhere(cv2.dilate(most, around) > cv2.erode(least, around)):
        begins = int(starts[0][row]), int(starts[1][column])
        ends = [min(at + side, length) for at, length in zip(begins, share.shape, strict=True)]
        inner = slice(begins[0], ends[0]), slice(begins[1], ends[1])
        rows, columns = (
            slice(max(0, at - margin), min(end + margin, length))
            for at, end, length in zip(begins, ends, share.shape, strict=True)
        )
        if share[rows, columns].min() < share[rows, columns].max():
            yield inner, (rows, columns)
