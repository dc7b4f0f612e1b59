"""What an edit starts from: the window's samples, decoded, with its mask, and the scene that an engine sees of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay import color
from inlay.edit.mask import placed_mask
from inlay.engines import Scene
from inlay.engines.interface import LARGEST, SceneInput
from inlay.errors import InvalidInput
from inlay.recipe import DRAFT, REFERENCE, Recipe
from inlay.region import Rect, Size


class Blobs(Protocol):
    """Where pixels come from and go to, by SHA-256."""

    def read(self, sha256: str) -> bytes | memoryview: ...

    def add(self, data: bytes | memoryview) -> str: ...


@dataclass(frozen=True)
class Sight:
    """The window as the document has it and as everything else computes with it. All arrays have the window's size.

    samples: height x width x channels, the document's own.
    pixels: height x width x 3 float32, sRGB-encoded, unbounded; the mean of what is shown where nothing is.
    known: height x width bool, where the document shows something: neither transparent nor without a value (`LARGEST`).
    alpha: height x width float32 0..1, None for documents without.
    mask: height x width float32 0..1, as the layer's mask will be.
    mask_samples: the mask over `patch` in its raster's samples. patch: document rectangle inside the window.
    inputs: the recipe's further rasters; those with a place lie on the window.
    """

    samples: NDArray[np.generic]
    pixels: NDArray[np.float32]
    known: NDArray[np.bool_]
    alpha: NDArray[np.float32] | None
    mask: NDArray[np.float32]
    mask_samples: NDArray[np.generic]
    patch: Rect
    inputs: tuple[SceneInput, ...] = ()

    def scene(self, working: Size) -> Scene:
        """What an engine that paints at `working` gets to see."""
        if working == (self.mask.shape[1], self.mask.shape[0]):
            return Scene(self.pixels, self.mask, self.known, self.inputs)
        known = resized(self.known.astype(np.float32), working) > 0.5
        inputs = tuple(
            replace(one, pixels=resized(one.pixels, working)) if one.is_placed else one for one in self.inputs
        )
        return Scene(resized(self.pixels, working), np.clip(resized(self.mask, working), 0, 1), known, inputs)


def look(recipe: Recipe, blobs: Blobs, check: Callable[[], None] = lambda: None) -> Sight:
    """Read, check and decode what the recipe names. check: called now and then; whatever it raises ends this.

    Raises BlobMissing, InvalidInput (wrong length, NaN, empty mask), UnknownProfile, Unsupported.
    """
    canvas, where, mask_raster = recipe.canvas, recipe.where, recipe.where.mask
    selection = mask_raster.array(blobs.read(mask_raster.blob), "where.mask")[..., 0]
    laid = placed_mask(
        selection, where.region, canvas.window, mask_raster.white_level, where.grow_px, where.feather_px, check
    )
    samples = canvas.source.array(blobs.read(canvas.source.blob), "canvas.source")
    decoded = color.decode(samples, canvas.source)
    pixels, known = _shown(decoded)
    mask = np.zeros(samples.shape[:2], np.float32)
    mask[laid.bounds.relative_to(canvas.window).slices] = np.clip(
        laid.samples.astype(np.float32) / np.float32(mask_raster.white_level), 0, 1
    )
    inputs = tuple(_seen(number, recipe, blobs, pixels, laid.bounds) for number in range(len(recipe.inputs)))
    return Sight(samples, pixels, known, decoded.alpha, mask, laid.samples, laid.bounds, inputs)


def _shown(decoded: color.Decoded) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The colours that a window shows, and where it shows any: what lies under alpha 0 is nobody's picture, and is never read."""
    known = np.asarray((np.abs(decoded.pixels) <= LARGEST).all(axis=-1))
    if decoded.alpha is not None:
        known &= decoded.alpha > 0
    if known.all():
        return decoded.pixels, known
    opacity = None if decoded.alpha is None else decoded.alpha[known]
    mean = np.average(decoded.pixels[known], axis=0, weights=opacity) if known.any() else np.zeros(3)
    return np.where(known[..., None], decoded.pixels, mean.astype(np.float32)), known


def _seen(number: int, recipe: Recipe, blobs: Blobs, pixels: NDArray[np.float32], patch: Rect) -> SceneInput:
    """Input `number` of the recipe; with a place, on the window's pixels as they are around it. A draft lies on `patch`.

    Of a reference, what it shows and nothing around it: the window around it would show the model what shall go.
    """
    one, window, field = recipe.inputs[number], recipe.canvas.window, f"inputs[{number}].raster"
    place = patch if one.role == DRAFT else one.place
    if one.role == DRAFT and (one.raster.width, one.raster.height) != patch.size:
        limit = f"it must be {patch.width} x {patch.height}, the patch of the draft's own recipe"
        raise InvalidInput(f"{field}.size", f"{one.raster.width} x {one.raster.height}", limit)
    shown, known = _shown(color.decode(one.raster.array(blobs.read(one.raster.blob), field), one.raster))
    if one.role == REFERENCE:
        return SceneInput(one.role, _cropped(shown, known, field), one.weight, one.name)
    if place is None:
        return SceneInput(one.role, shown, one.weight, one.name)
    visible, laid = place.intersection(window), pixels.copy()
    laid[visible.relative_to(window).slices] = resized(shown, place.size)[visible.relative_to(place).slices]
    return SceneInput(one.role, laid, one.weight, one.name, is_placed=True)


def _cropped(shown: NDArray[np.float32], known: NDArray[np.bool_], field: str) -> NDArray[np.float32]:
    """The smallest rectangle of `shown` that holds all that is known. Raises InvalidInput where nothing is."""
    rows, columns = (np.flatnonzero(known.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        raise InvalidInput(
            field, "empty", "it shows nothing where the edit looks; move it there, or choose another layer"
        )
    return np.ascontiguousarray(shown[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def resized(pixels: NDArray[np.float32], size: Size) -> NDArray[np.float32]:
    """`pixels` (height x width [x channels], float32) at another size: area average down, Lanczos up."""
    if (pixels.shape[1], pixels.shape[0]) == size:
        return pixels
    shrinks = size.width * size.height < pixels.shape[0] * pixels.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LANCZOS4
    return np.asarray(cv2.resize(pixels, tuple(size), interpolation=how), np.float32)
