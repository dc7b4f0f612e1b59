"""From one picture to layers that add up to it, bit for bit: what is selected, over what was painted behind it.

An engine that erases paints the plate; one that answers with layers of its own has them corrected in the same way.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inlay import color, variation
from inlay.color.raster import Raster
from inlay.edit.apart import Cut
from inlay.edit.sight import Blobs, Sight
from inlay.engines.interface import Sheet
from inlay.fidelity import reconcile
from inlay.fidelity.raster import grow
from inlay.recipe import Recipe
from inlay.region import Rect

F32 = NDArray[np.float32]
Samples = NDArray[Any]

PLATE = "Clean plate"
BEHIND_PX = 3
"""So far beyond the subject the plate is painted too: what shines through its rim is in the picture there."""
AROUND_PX = 48
"""Pixels around the subject from which a tint of the plate is learned."""
WITHIN_ROUNDING = "In floats the layers add up to the picture within rounding: hosts round differently."
NOT_NORMAL = (
    "Layers that blend otherwise than normally were left as the model made them: they do not add up to the picture."
)


def behind(sight: Sight, cut: Cut) -> Sight:
    """The sight with the mask that the plate is painted through: all that the subject has a share in, and a little more."""
    return dataclasses.replace(sight, mask=grow(cut.shown > 0, BEHIND_PX).astype(np.float32))


def over_plate(
    recipe: Recipe, sight: Sight, cut: Cut, plate: F32, blobs: Blobs
) -> tuple[variation.Layers, tuple[str, ...]]:
    """The plate and what was cut out, which together are the document. plate: height x width x 3, painted where `behind` says."""
    hidden = behind(sight, cut).mask > 0
    like, window = recipe.canvas.source, recipe.canvas.window
    around = _around(hidden, AROUND_PX)
    crop = around.slices
    below = np.where(hidden[..., None], plate, sight.pixels)[crop]
    opaque = np.ones(below.shape[:2], np.float32)
    said = [_said(below, opaque, like), *(_said(cut.colors[crop], alpha[crop], like) for alpha in cut.alphas)]
    source = sight.samples[crop]
    made = _exact(source, said, like, sure_edges=True)
    whole = _opaque(sight.samples, like)
    whole[crop] = made[0]
    layers = [_layer(PLATE, whole, window, like, blobs)]
    for name, samples in zip(cut.names, made[1:], strict=True):
        if samples[..., -1].any():
            layers.append(_layer(name, samples, around.moved(window.x, window.y), like, blobs))
    return variation.Layers(tuple(layers)), (WITHIN_ROUNDING,) if like.sample_type.is_float else ()


def added_up(
    recipe: Recipe, sight: Sight, sheets: Sequence[Sheet], blobs: Blobs
) -> tuple[variation.Layers, tuple[str, ...]]:
    """A model's layers, back to front and of the window's size, corrected until they are the document."""
    like, window = recipe.canvas.source, recipe.canvas.window
    said = [_said(sheet.pixels[..., :3], sheet.pixels[..., 3], like) for sheet in sheets]
    made = _exact(sight.samples, said, like, sure_edges=False)
    layers = [
        _layer(sheet.name, samples, window, like, blobs)
        for sheet, samples in zip(sheets, made, strict=True)
        if samples[..., -1].any()
    ]
    return variation.Layers(tuple(layers)), (WITHIN_ROUNDING,) if like.sample_type.is_float else ()


def _said(pixels: F32, alpha: F32, like: Raster) -> F32:
    """A layer in the document's encoding: height x width x 4, 0 .. 1."""
    values = color.encode_unrounded(pixels, None, like) / np.float32(like.white_level)
    colors = values[..., : like.channels - like.has_alpha]
    return np.dstack([np.broadcast_to(colors, (*colors.shape[:2], 3)), alpha]).astype(np.float32)


def _opaque(samples: Samples, like: Raster) -> Samples:
    """The document's samples with an alpha."""
    if like.has_alpha:
        return samples.copy()
    return np.dstack([samples, np.full(samples.shape[:2], like.white_level, samples.dtype)])


def _exact(source: Samples, said: list[F32], like: Raster, *, sure_edges: bool) -> list[Samples]:
    """Layers in the document's samples, with alpha, whose stack is `source`."""
    channels = like.channels - like.has_alpha
    colors = np.ascontiguousarray(np.broadcast_to(source[..., :channels], (*source.shape[:2], 3)))
    is_float = like.sample_type.is_float
    if is_float:
        made = _in_floats(colors, said, like)
    else:
        made = reconcile(colors, said, white=int(like.white_level), sure_edges=sure_edges)
    layers = [np.dstack([layer[..., :channels], layer[..., 3:]]) for layer in made]
    if like.has_alpha:
        _whole_where_it_shows_through(layers, source, like)
    return layers


def _in_floats(source: Samples, said: list[F32], like: Raster) -> list[Samples]:
    """The error goes to the layer that shows most; twice, for what the first time rounded."""
    layers = [layer.astype(np.float64) for layer in said]
    layers[0][..., 3] = 1
    white = like.white_level
    left, shares = np.ones(source.shape[:2]), []
    for layer in reversed(layers):
        shares.insert(0, layer[..., 3] * left)
        left = left * (1 - layer[..., 3])
    strongest = np.argmax(shares, axis=0)
    made = [np.dstack([layer[..., :3] * white, layer[..., 3] * white]).astype(source.dtype) for layer in layers]
    for _ in range(2):
        below = made[0][..., :3].astype(np.float64)
        for layer in made[1:]:
            below += (layer[..., :3] - below) * (layer[..., 3:].astype(np.float64) / white)
        error = source - below
        for index, (layer, share) in enumerate(zip(made, shares, strict=True)):
            here = strongest == index
            layer[here, :3] = layer[here, :3] + error[here] / share[here][:, None]
    return made


def _whole_where_it_shows_through(layers: list[Samples], source: Samples, like: Raster) -> None:
    """Where the document itself is not opaque, a pixel is wholly in the one layer that it mostly belongs to."""
    thin = source[..., -1] != like.white_level
    owner = np.zeros(thin.shape, np.intp)
    for index, layer in enumerate(layers[1:], 1):
        owner[layer[..., -1] >= like.white_level / 2] = index
    for index, layer in enumerate(layers):
        layer[thin & (owner != index), -1] = 0
        mine = thin & (owner == index)
        layer[mine] = source[mine]


def _layer(name: str, samples: Samples, place: Rect, like: Raster, blobs: Blobs) -> variation.Layer:
    """Cut to what it shows. place: where `samples` lie in the document."""
    shown = _around(samples[..., -1] > 0, 0)
    cut = np.ascontiguousarray(samples[shown.slices])
    order = like.order if like.has_alpha else f"{like.order}A"
    blob = blobs.add(cut.reshape(-1).view(np.uint8).data)
    raster = dataclasses.replace(like, width=shown.width, height=shown.height, order=order, blob=blob)
    return variation.Layer(name, shown.moved(place.x, place.y), raster)


def _around(shown: NDArray[np.bool_], px: int) -> Rect:
    """The smallest rectangle that holds all of it, so much larger where there is room."""
    rows, columns = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
    rect = Rect.of_edges(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    return rect.padded(px).intersection(Rect(0, 0, shown.shape[1], shown.shape[0]))
