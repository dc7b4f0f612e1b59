"""What an edit starts from: the window's samples, decoded, with its mask, and the scene that an engine sees of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay import color
from inlay.color.raster import Raster
from inlay.edit.mask import placed_mask
from inlay.edit.remembered import Remembered
from inlay.engines import Scene
from inlay.engines.interface import LARGEST, SceneInput
from inlay.errors import InvalidInput
from inlay.recipe import CONTROL, DRAFT, LOOKED_AT, PALETTE, REGION, Input, Recipe, Verb
from inlay.region import Rect, Size

OWN_PICTURES = LOOKED_AT | {PALETTE}
"""The roles of inputs that are pictures of their own, wherever they lie; one that counts nothing is none."""

ASKED_AGAIN = frozenset({Verb.SELECT})
"""Verbs that are asked of one window click by click: what it shows is remembered, in arrays that nobody can write to."""
KEPT_BYTES = 160_000_000
"""Of windows that are remembered: a dozen megapixels."""


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
            return Scene(self.pixels, self.mask, self.known, self.inputs, self._alpha_if_any)
        known = resized(self.known.astype(np.float32), working) > 0.5
        inputs = tuple(
            replace(one, pixels=resized(one.pixels, working), shows=_shows(one.shows, working))
            if one.is_placed
            else one
            for one in self.inputs
        )
        mask = np.clip(resized(self.mask, working), 0, 1)
        return Scene(resized(self.pixels, working), mask, known, inputs, _shows(self._alpha_if_any, working))

    @property
    def _alpha_if_any(self) -> NDArray[np.float32] | None:
        """None where everything is opaque."""
        return None if self.alpha is None or (self.alpha >= 1).all() else self.alpha


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
    if recipe.verb in ASKED_AGAIN:
        window = _remembered.of(canvas.source, lambda: _frozen(_window(samples, canvas.source)))
    else:
        window = _window(samples, canvas.source)
    pixels, known, alpha = window
    mask = np.zeros(samples.shape[:2], np.float32)
    mask[laid.bounds.relative_to(canvas.window).slices] = np.clip(
        laid.samples.astype(np.float32) / np.float32(mask_raster.white_level), 0, 1
    )
    counted = (number for number, one in enumerate(recipe.inputs) if one.weight or one.role not in OWN_PICTURES)
    inputs = tuple(_seen(number, recipe, blobs, pixels, laid.bounds) for number in counted)
    return Sight(samples, pixels, known, alpha, mask, laid.samples, laid.bounds, inputs)


class _Window(NamedTuple):
    """As `Sight` has them."""

    pixels: NDArray[np.float32]
    known: NDArray[np.bool_]
    alpha: NDArray[np.float32] | None


_remembered = Remembered[_Window](KEPT_BYTES)


def _window(samples: NDArray[np.generic], source: Raster) -> _Window:
    decoded = color.decode(samples, source)
    return _Window(*_shown(decoded), decoded.alpha)


def _frozen(window: _Window) -> _Window:
    for part in window:
        if part is not None:
            part.flags.writeable = False
    return window


def _shown(decoded: color.Decoded) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The colours that a window shows, and where it shows any: what lies under alpha 0 is nobody's picture, and is never read."""
    if decoded.pixels.min() >= -LARGEST and decoded.pixels.max() <= LARGEST:  # untrue where there is a NaN
        known = np.ones(decoded.pixels.shape[:2], np.bool_)
    else:
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
    samples = one.raster.array(blobs.read(one.raster.blob), field)
    if one.role == REGION:
        return SceneInput(one.role, pixels, one.weight, one.name, True, _share(samples, one, window))
    decoded = color.decode(samples, one.raster)
    shown, known = _shown(decoded)
    if one.role == CONTROL:
        return _drawn(one, shown, decoded.alpha, window, place)
    if one.role in OWN_PICTURES:
        return SceneInput(one.role, _cropped(shown, known, field), one.weight, one.name)
    if place is None:
        return SceneInput(one.role, shown, one.weight, one.name, shows=decoded.alpha)
    visible, laid = place.intersection(window), pixels.copy()
    here, there = visible.relative_to(window).slices, visible.relative_to(place).slices
    laid[here] = resized(shown, place.size)[there]
    shows = None
    if decoded.alpha is not None:
        shows = np.zeros(pixels.shape[:2], np.float32)
        shows[here] = np.clip(resized(decoded.alpha, place.size)[there], 0, 1)
    return SceneInput(one.role, laid, one.weight, one.name, is_placed=True, shows=shows)


def _drawn(
    one: Input, shown: NDArray[np.float32], alpha: NDArray[np.float32] | None, window: Rect, place: Rect | None
) -> SceneInput:
    """A map of structure on black, where it has a place; else over the whole window."""
    marks = shown if alpha is None else shown * np.clip(alpha, 0, 1)[..., None]
    if place is None:
        return SceneInput(one.role, resized(marks, window.size), one.weight, one.name, is_placed=True)
    visible, laid = place.intersection(window), np.zeros((window.height, window.width, 3), np.float32)
    laid[visible.relative_to(window).slices] = resized(marks, place.size)[visible.relative_to(place).slices]
    return SceneInput(one.role, laid, one.weight, one.name, is_placed=True)


def _share(samples: NDArray[np.generic], one: Input, window: Rect) -> NDArray[np.float32]:
    """How much of a region each of the window's pixels belongs to: its alpha, or its one channel, value for value."""
    share = np.clip(samples[..., -1].astype(np.float32) / np.float32(one.raster.white_level), 0, 1)
    if one.raster.channels != 1 and not one.raster.has_alpha:
        share = np.ones_like(share)
    place = one.place or window
    visible, laid = place.intersection(window), np.zeros((window.height, window.width), np.float32)
    laid[visible.relative_to(window).slices] = resized(share, place.size)[visible.relative_to(place).slices]
    return np.clip(laid, 0, 1)


def _shows(shows: NDArray[np.float32] | None, working: Size) -> NDArray[np.float32] | None:
    return None if shows is None else np.clip(resized(shows, working), 0, 1)


def _cropped(shown: NDArray[np.float32], known: NDArray[np.bool_], field: str) -> NDArray[np.float32]:
    """The smallest rectangle of `shown` that holds all that is known. Raises InvalidInput where nothing is."""
    rows, columns = (np.flatnonzero(known.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        raise InvalidInput(
            field, "empty", "it shows nothing where the edit looks; move it there, or choose another layer"
        )
    return np.ascontiguousarray(shown[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def stored(samples: NDArray[np.generic], like: Raster, blobs: Blobs) -> Raster:
    """`samples` (height x width [x channels]) in the store; the raster is `like`, of their size."""
    height, width = samples.shape[:2]
    blob = blobs.add(np.ascontiguousarray(samples).reshape(-1).view(np.uint8).data)
    return replace(like, width=width, height=height, blob=blob)


def resized(pixels: NDArray[np.float32], size: Size) -> NDArray[np.float32]:
    """`pixels` (height x width [x channels], float32) at another size: area average down, Lanczos up."""
    if (pixels.shape[1], pixels.shape[0]) == size:
        return pixels
    shrinks = size.width * size.height < pixels.shape[0] * pixels.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LANCZOS4
    return np.asarray(cv2.resize(pixels, tuple(size), interpolation=how), np.float32)
