"""From what an engine answers to what a host places: a patch that belongs, layers, a selection, or a picture.

What becomes of an answer follows from its class alone. All pixels go to the store in the document's own samples.
"""

import dataclasses
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from inlay import color, variation
from inlay.color.raster import Raster
from inlay.edit.apart import Cut
from inlay.edit.edges import edged
from inlay.edit.enlarge import enlarged
from inlay.edit.fit import fit
from inlay.edit.foreground import layer_samples
from inlay.edit.frames import animated
from inlay.edit.marking import Marked
from inlay.edit.pasted import made_to_belong
from inlay.edit.separate import NOT_NORMAL, added_up, behind, over_plate
from inlay.edit.sight import Blobs, Sight, resized, stored
from inlay.edit.verbs import KEEPS_SILHOUETTE
from inlay.engines.interface import Answer, Clip, Enlargement, Layers, Mask, Painting, Pasted, Picture, Progress, Sheet
from inlay.recipe import Recipe
from inlay.region import Rect, Size

NOTHING_FOUND = "Nothing was found."


class Phases(Protocol):
    """Measures how long something takes."""

    def measure(self, phase: str) -> AbstractContextManager[None]: ...


class Finished(NamedTuple):
    """A result whose pixels are in the store, and what was measured on the way."""

    result: variation.Result
    notes: tuple[str, ...] = ()
    details: Mapping[str, Any] = {}
    ring_delta_e_before: float | None = None
    ring_delta_e_after: float | None = None


def finished(
    recipe: Recipe,
    sight: Sight,
    cut: Cut | None,
    answer: Answer | Marked,
    blobs: Blobs,
    phases: Phases,
    progress: Progress,
) -> Finished:
    """cut: what separate lifts off.

    Raises InvalidInput where a target colour cannot be read, Unsupported where the document cannot hold it, Cancelled."""
    if cut and isinstance(answer, Painting | Layers):
        return _taken_apart(recipe, sight, cut, answer, blobs, phases)
    if isinstance(answer, Painting):
        return _patch(recipe, sight, answer, blobs, phases)
    if isinstance(answer, Marked):
        return Finished(variation.Layers(answer.layers))
    if isinstance(answer, Pasted):
        return _belonging(recipe, sight, answer, blobs, phases)
    if isinstance(answer, Enlargement):
        with phases.measure("enlarge"):
            return Finished(enlarged(recipe, sight, answer, blobs, progress))
    if isinstance(answer, Clip):
        with phases.measure("harmonize"):
            return Finished(*animated(recipe, sight, answer, blobs, progress))
    with phases.measure("encode"):
        match answer:
            case Layers():
                return Finished(variation.Layers(tuple(_layer(recipe, sheet, blobs) for sheet in _shown(answer))))
            case Mask():
                return _selection(recipe, sight, answer, blobs)
            case Picture():
                return Finished(variation.Picture(_encoded(answer.pixels, recipe.canvas.source, blobs)))


def _patch(recipe: Recipe, sight: Sight, painting: Painting, blobs: Blobs, phases: Phases) -> Finished:
    with phases.measure("harmonize"):
        fitted = fit(recipe, sight, painting)
    with phases.measure("encode"):
        keeps_silhouette = recipe.verb in KEEPS_SILHOUETTE
        source = recipe.canvas.source
        layer = layer_samples(sight, fitted.layer, source, keeps_silhouette=keeps_silhouette, alpha=fitted.alpha)
        cut = layer[sight.patch.relative_to(recipe.canvas.window).slices]
        patch = variation.Patch(
            sight.patch,
            stored(cut, recipe.canvas.source, blobs),
            stored(sight.mask_samples, recipe.where.mask, blobs),
        )
    measured = fitted.belonging
    return Finished(patch, fitted.notes, fitted.details, measured.ring_delta_e_before, measured.ring_delta_e_after)


def _taken_apart(
    recipe: Recipe, sight: Sight, cut: Cut, answer: Painting | Layers, blobs: Blobs, phases: Phases
) -> Finished:
    """Layers that add up to the document. sight: with the selection as its mask."""
    if isinstance(answer, Layers):
        if any(sheet.blend != "normal" for sheet in answer.layers):
            return Finished(
                variation.Layers(tuple(_layer(recipe, sheet, blobs) for sheet in _shown(answer))), (NOT_NORMAL,)
            )
        size = recipe.canvas.window.size
        sheets = [dataclasses.replace(sheet, pixels=_at(sheet.pixels, size)) for sheet in answer.layers]
        with phases.measure("reconcile"):
            return Finished(*added_up(recipe, sight, sheets, blobs))
    with phases.measure("harmonize"):
        fitted = fit(recipe, behind(sight, cut), answer)
    with phases.measure("reconcile"):
        layers, notes = over_plate(recipe, sight, cut, fitted.layer, blobs)
    return Finished(layers, (*fitted.notes, *notes), fitted.details)


def _belonging(recipe: Recipe, sight: Sight, answer: Pasted, blobs: Blobs, phases: Phases) -> Finished:
    with phases.measure("harmonize"):
        made = made_to_belong(recipe, sight, blobs, answer.seed)
    layer = variation.Layer(made.name, made.bounds, stored(made.samples, made.raster, blobs))
    return Finished(variation.Layers((layer,)), made.notes, made.details)


def _shown(layers: Layers) -> list[Sheet]:
    """Without those that show nothing."""
    return [sheet for sheet in layers.layers if (sheet.pixels[..., 3] > 0).any()]


def _layer(recipe: Recipe, sheet: Sheet, blobs: Blobs) -> variation.Layer:
    """A sheet at the document's size, cut to what it shows."""
    window = recipe.canvas.window
    pixels = _at(sheet.pixels, window.size)
    bounds = _bounds(pixels[..., 3] > 0)
    return variation.Layer(
        sheet.name,
        bounds.moved(window.x, window.y),
        _encoded(pixels[bounds.slices], recipe.canvas.source, blobs),
        sheet.blend,
        _type(sheet, window) if sheet.type else None,
        skeleton=_skeleton(sheet, window) if sheet.skeleton else None,
    )


def _onto(sheet: Sheet, window: Rect) -> tuple[float, Callable[[variation.Point], variation.Point]]:
    """By how much a sheet is enlarged, and from its pixels to the document's."""
    height, width = sheet.pixels.shape[:2]
    across, down = window.width / width, window.height / height

    def moved(point: variation.Point) -> variation.Point:
        return variation.Point(window.x + (point.x + 0.5) * across - 0.5, window.y + (point.y + 0.5) * down - 0.5)

    return (across + down) / 2, moved


def _type(sheet: Sheet, window: Rect) -> variation.LiveType:
    """In the document's pixels."""
    assert sheet.type
    scale, moved = _onto(sheet, window)
    return dataclasses.replace(
        sheet.type,
        size_px=sheet.type.size_px * scale,
        origin=moved(sheet.type.origin),
        corners=tuple(moved(corner) for corner in sheet.type.corners),
    )


def _skeleton(sheet: Sheet, window: Rect) -> variation.Skeleton:
    """In the document's pixels."""
    assert sheet.skeleton
    scale, moved = _onto(sheet, window)
    return variation.Skeleton(
        tuple(
            dataclasses.replace(one, at=moved(one.at), radius_px=one.radius_px * scale) for one in sheet.skeleton.joints
        ),
        tuple(dataclasses.replace(one, width_px=one.width_px * scale) for one in sheet.skeleton.bones),
    )


def _selection(recipe: Recipe, sight: Sight, mask: Mask, blobs: Blobs) -> Finished:
    """In the samples of the recipe's own mask, cut to where it is open."""
    window, raster = recipe.canvas.window, recipe.where.mask
    samples = color.rounded(edged(recipe, sight, mask) * np.float32(raster.white_level), raster)
    if mask.goes_on:
        document = recipe.canvas.document
        whole = np.full((document.height, document.width), raster.white_level, samples.dtype)
        whole[window.slices] = samples
        samples, window = whole, document.bounds
    if not samples.any():
        nothing = np.zeros((recipe.where.region.height, recipe.where.region.width), samples.dtype)
        return Finished(variation.Selection(recipe.where.region, stored(nothing, raster, blobs)), (NOTHING_FOUND,))
    bounds = _bounds(samples.astype(np.bool_))
    found = stored(samples[bounds.slices], raster, blobs)
    return Finished(variation.Selection(bounds.moved(window.x, window.y), found))


def _encoded(pixels: NDArray[np.float32], like: Raster, blobs: Blobs) -> Raster:
    """Pixels with three or four channels in the samples of a document, which gets an alpha where they have one."""
    order = like.order if like.has_alpha or pixels.shape[2] == 3 else f"{like.order}A"
    raster = dataclasses.replace(like, order=order)
    alpha = pixels[..., 3] if pixels.shape[2] == 4 else None
    return stored(color.encode(pixels[..., :3], alpha, raster), raster, blobs)


def _at(pixels: NDArray[np.float32], size: Size) -> NDArray[np.float32]:
    """Height x width x 4 at another size; what shows nothing lends no colour to what does."""
    if (pixels.shape[1], pixels.shape[0]) == size:
        return pixels
    alpha = np.clip(resized(np.ascontiguousarray(pixels[..., 3]), size), 0, 1)
    weighted = resized(pixels[..., :3] * pixels[..., 3:], size)
    colors = np.divide(weighted, alpha[..., None], out=np.zeros_like(weighted), where=alpha[..., None] > 0)
    return np.dstack([colors, alpha])


def _bounds(shown: NDArray[np.bool_]) -> Rect:
    """The smallest rectangle that holds all of it; there is some."""
    rows, columns = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
    top, left = int(rows[0]), int(columns[0])
    return Rect(left, top, int(columns[-1]) - left + 1, int(rows[-1]) - top + 1)
