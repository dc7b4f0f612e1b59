"""A pasted layer, made to belong to what lies around it: from the layer as the document has it to its own samples again."""

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay import color
from inlay.color.raster import Raster
from inlay.edit.sight import Blobs, Sight
from inlay.errors import InvalidInput
from inlay.fidelity import Amounts, Matched, matched
from inlay.fidelity.raster import stripes
from inlay.recipe import LAYER, Input, Recipe
from inlay.region import Rect

BESIDE_PX = 3
"""So close to the layer the picture may show something of it, where a host reads what is seen with the layer in it."""
LEAST_AROUND = 0.1
"""Share of the window that must lie outside the layer; else the picture under it is looked at too."""
ALIKE = "The layer has the picture's own grain and sharpness and no fringe: it was left as it is."
SMALL = "The layer is too small to tell its grain and sharpness: they were left as they are."


class Belonging(NamedTuple):
    """name: the layer's. bounds: of the document. samples: height x width x channels, as its raster has them."""

    name: str
    bounds: Rect
    samples: NDArray[np.generic]
    raster: Raster
    notes: tuple[str, ...]
    details: dict[str, Any]


def made_to_belong(recipe: Recipe, sight: Sight, blobs: Blobs, seed: int) -> Belonging:
    """The input `layer` as `recipe.options` want it: light, color, sharpness, grain, fringe, 0..1 each.

    Its alpha, and what did not change, come back bit for bit; the mask says how much of it may. Raises InvalidInput without such an
    input, or where it has no alpha or nothing of it is in the window.
    """
    pasted = _pasted(recipe)
    window, place = recipe.canvas.window, pasted.place or recipe.canvas.window
    visible = place.intersection(window)
    raster = pasted.raster
    if not raster.has_alpha:
        raise InvalidInput("inputs.layer.order", raster.order, "a pasted layer has alpha")
    samples = raster.array(blobs.read(raster.blob), "inputs.layer")[visible.relative_to(place).slices]
    decoded = color.decode(samples, raster)
    assert decoded.alpha is not None
    box = _box(decoded.alpha > 0)
    if box is None:
        raise InvalidInput("inputs.layer", "empty", "something of the layer must be in the window")
    samples, pixels = samples[box.slices], decoded.pixels[box.slices]
    alpha = np.ascontiguousarray(decoded.alpha[box.slices])
    bounds = box.moved(visible.x, visible.y)
    place_in_window = bounds.relative_to(window)
    amounts = Amounts(**{name: float(recipe.options.get(name, 1.0)) for name in Amounts.__dataclass_fields__})
    found = matched(
        sight.pixels,
        _around(sight, place_in_window, alpha),
        pixels,
        alpha,
        place_in_window.slices,
        amounts,
        np.random.default_rng(seed),
    )
    share, new = sight.mask[place_in_window.slices], np.empty_like(samples)
    for rows in stripes(*alpha.shape):
        now, before = (color.encode_unrounded(rgb[rows], alpha[rows], raster) for rgb in (found.rgb, pixels))
        moved = share[rows, :, None] * (now - before)
        new[rows] = color.rounded(np.asarray(samples[rows].astype(np.float32) + moved, np.float32), raster)
    new[..., -1] = samples[..., -1]
    return Belonging(pasted.name, bounds, new, raster, _notes(found, amounts), {"match": _told(found)})


def _pasted(recipe: Recipe) -> Input:
    for one in recipe.inputs:
        if one.role == LAYER:
            return one
    raise InvalidInput("inputs", "no layer", "match needs the layer that is to belong, as the input `layer`")


def _around(sight: Sight, place: Rect, alpha: NDArray[np.float32]) -> NDArray[np.bool_]:
    covered = np.zeros(sight.known.shape, np.uint8)
    covered[place.slices] = alpha > 0
    side = 2 * BESIDE_PX + 1
    beside = np.asarray(cv2.dilate(covered, np.ones((side, side), np.uint8))) > 0
    around = sight.known & ~beside
    return around if around.sum() >= LEAST_AROUND * around.size else sight.known


def _box(where: NDArray[np.bool_]) -> Rect | None:
    rows, columns = np.flatnonzero(where.any(axis=1)), np.flatnonzero(where.any(axis=0))
    if not rows.size:
        return None
    return Rect.of_edges(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def _notes(found: Matched, amounts: Amounts) -> tuple[str, ...]:
    if found.belongs:
        return (ALIKE,)
    return (SMALL,) if found.grain is None and (amounts.grain or amounts.sharpness) else ()


def _told(found: Matched) -> dict[str, Any]:
    return {
        "fringe": found.fringe,
        "compression": found.compression,
        "grain": None if found.grain is None else round(found.grain, 3),
        "blur_px2": None if found.blur is None else round(found.blur, 3),
        "tones": None if found.tones is None else found.tones.matrix.round(4).tolist(),
        "belongs": found.belongs,
        "seen_twice": found.seen_twice,
    }
