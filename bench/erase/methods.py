"""What the erase benchmark compares: a whole edit, the classic engine alone, and the plain inpainters."""

import hashlib
import time
from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.restoration import inpaint_biharmonic

from bench.erase.scenes import Case
from inlay import color
from inlay.color.raster import Raster, SampleType
from inlay.edit.perform import perform
from inlay.engines.classic.engine import ClassicEngine
from inlay.engines.interface import Scene
from inlay.engines.registry import Registry
from inlay.recipe import Canvas, Recipe, Sampling, Verb, Where
from inlay.region import Size

ENGINE = ClassicEngine(threads=1)
BIHARMONIC_AT_MOST_PX = 6_000
"""skimage's solver takes minutes for more; larger holes are left to the others."""


class Erased(NamedTuple):
    """What a method made of a case: samples as the case's pixels, alpha as its alpha, CPU seconds."""

    pixels: NDArray[np.generic]
    alpha: NDArray[np.generic] | None
    seconds: float


Method = Callable[[Case], tuple[NDArray[np.generic], NDArray[np.generic] | None]]


class _Blobs:
    """A store in memory."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    def read(self, sha256: str) -> bytes:
        return self.held[sha256]

    def add(self, data: bytes | memoryview) -> str:
        name = hashlib.sha256(data).hexdigest()
        self.held[name] = bytes(data)
        return name


class _Unwatched:
    """A progress that nobody follows."""

    def step(self, index: int, total: int, phase: str) -> None: ...

    def preview(self, variation: int, pixels: NDArray[np.float32]) -> None: ...

    def check(self) -> None: ...

    def loading(self, what: str) -> None: ...


def recipe_of(case: Case, blobs: _Blobs) -> Recipe:
    """Erase the selection; the whole case is the window."""
    height, width = case.selection.shape
    size = Size(width, height)
    samples = case.pixels if case.alpha is None else np.dstack([case.pixels, case.alpha])
    order = "RGB" if case.alpha is None else "RGBA"
    kind = SampleType.U8 if case.white == 255 else SampleType.U16
    source = Raster(
        width, height, order, kind, case.white, "sRGB IEC61966-2.1", blobs.add(np.ascontiguousarray(samples).tobytes())
    )
    mask = Raster(width, height, "Y", SampleType.U8, 255, "", blobs.add(case.selection.tobytes()))
    return Recipe(Verb.ERASE, Canvas(size, size.bounds, source), Where(size.bounds, mask), sampling=Sampling(seed=1))


def whole_edit(case: Case) -> tuple[NDArray[np.generic], NDArray[np.generic] | None]:
    """What the document shows after `perform`, its layer laid over the original through its mask."""
    blobs = _Blobs()
    (variation,) = perform(recipe_of(case, blobs), blobs, _Unwatched(), Registry())
    patch = variation.patch
    place = patch.bounds.slices
    layer = patch.pixels.array(blobs.read(patch.pixels.blob), "patch").astype(np.float64)
    through = patch.mask.array(blobs.read(patch.mask.blob), "mask").astype(np.float64) / patch.mask.white_level
    original = case.pixels[place].astype(np.float64)
    pixels = case.pixels.copy()
    if case.alpha is None:
        pixels[place] = np.rint(original + (layer[..., :3] - original) * through)
        return pixels, None
    above = layer[..., 3:] / case.white * through
    below = case.alpha[place].astype(np.float64)[..., None] / case.white * (1 - above)
    covered = above + below
    mixed = np.rint((layer[..., :3] * above + original * below) / np.maximum(covered, 1e-9))
    pixels[place] = np.where(above > 0, mixed, original)
    alpha = case.alpha.copy()
    alpha[place] = np.rint(covered[..., 0] * case.white)
    return pixels, alpha


def engine_alone(case: Case) -> tuple[NDArray[np.generic], NDArray[np.generic] | None]:
    """The classic engine's painting, rounded to the document's depth."""
    recipe = recipe_of(case, _Blobs())
    pixels = color.decode(case.pixels, _three_channels(recipe.canvas.source)).pixels
    known = np.ones(case.hole.shape, np.bool_) if case.alpha is None else case.alpha > 0
    scene = Scene(pixels, case.selection.astype(np.float32) / 255, known)
    painting = next(iter(ENGINE.paint(scene, recipe, _Unwatched())))
    return _rounded(painting.pixels, case), case.alpha


def telea(case: Case) -> tuple[NDArray[np.generic], NDArray[np.generic] | None]:
    return _opencv(case, cv2.INPAINT_TELEA)


def navier_stokes(case: Case) -> tuple[NDArray[np.generic], NDArray[np.generic] | None]:
    return _opencv(case, cv2.INPAINT_NS)


def biharmonic(case: Case) -> tuple[NDArray[np.generic], NDArray[np.generic] | None]:
    """Raises ValueError where the hole is too large for it."""
    if case.hole.sum() > BIHARMONIC_AT_MOST_PX:
        raise ValueError("too large")
    filled = inpaint_biharmonic(case.pixels / case.white, case.hole, channel_axis=-1)
    return _rounded(filled, case), case.alpha


def unchanged(case: Case) -> tuple[NDArray[np.generic], NDArray[np.generic] | None]:
    """Nothing was erased: what a benchmark must not reward."""
    return case.pixels.copy(), case.alpha


METHODS: dict[str, Method] = {
    "inlay edit": whole_edit,
    "classic engine": engine_alone,
    "Telea": telea,
    "Navier-Stokes": navier_stokes,
    "biharmonic": biharmonic,
    "unchanged": unchanged,
}


def erased(method: Method, case: Case) -> Erased:
    """Run `method` and count its CPU time. Raises ValueError where it cannot do the case."""
    began = time.process_time()
    pixels, alpha = method(case)
    return Erased(pixels, alpha, time.process_time() - began)


def _opencv(case: Case, flag: int) -> tuple[NDArray[np.generic], NDArray[np.generic] | None]:
    planes = [np.ascontiguousarray(case.pixels[..., channel]) for channel in range(3)]
    holes = case.hole.astype(np.uint8)
    if case.white == 255:
        return cv2.inpaint(np.dstack(planes), holes, 3, flag), case.alpha
    return np.dstack([cv2.inpaint(plane, holes, 3, flag) for plane in planes]), case.alpha


def _rounded(pixels: NDArray[np.floating], case: Case) -> NDArray[np.generic]:
    samples = np.clip(np.rint(pixels * case.white), 0, case.white).astype(case.pixels.dtype)
    return np.where(case.hole[..., None], samples, case.pixels)


def _three_channels(raster: Raster) -> Raster:
    return Raster(
        raster.width, raster.height, "RGB", raster.sample_type, raster.white_level, raster.profile, raster.blob
    )
