"""Retouching jobs with a known answer: a clean picture, something on it, a selection, and what is left of it afterwards."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.color import lab2rgb, rgb2lab

from inlay.color.raster import Raster, SampleType
from inlay.edit.perform import perform
from inlay.engines.registry import Registry
from inlay.recipe import Canvas, Recipe, Sampling, Verb, Where
from inlay.region import Rect
from inlay.variation import Variation
from support.edits import MemoryBlobs, Silent

SAMPLE_TYPES = {"uint8": SampleType.U8, "uint16": SampleType.U16, "float32": SampleType.F32}
WHITE = {"uint8": 255, "uint16": 65535, "float32": 1}
ORDERS = {1: "Y", 3: "RGB", 4: "RGBA"}


@dataclasses.dataclass(frozen=True)
class Retouched:
    """shown: what a host shows, computed here and not by the product. layer, share: of the whole picture, 0 outside the patch."""

    shown: NDArray[np.generic]
    layer: NDArray[np.generic]
    share: NDArray[np.float64]
    variation: Variation


def raster_of(pixels: NDArray[np.generic], blobs: MemoryBlobs, white: float | None = None) -> Raster:
    """`pixels` (height x width x channels, sRGB) in the store."""
    height, width, channels = pixels.shape
    kind = pixels.dtype.name
    blob = blobs.add(np.ascontiguousarray(pixels).tobytes())
    profile = "" if channels == 1 else "sRGB-elle-V2-srgbtrc.icc"
    return Raster(width, height, ORDERS[channels], SAMPLE_TYPES[kind], white or WHITE[kind], profile, blob)


def retouch(
    pixels: NDArray[np.generic],
    selection: NDArray[np.generic],
    verb: str = Verb.ERASE,
    registry: Registry | None = None,
    **changes: object,
) -> Retouched:
    """Edit the whole of `pixels` (height x width x channels) where `selection` (height x width, any depth) is open.

    registry: what can paint; None: only what needs no weights.
    """
    blobs = MemoryBlobs()
    height, width = selection.shape
    canvas = Rect(0, 0, width, height)
    mask = dataclasses.replace(raster_of(selection[..., None], blobs), profile="")
    source = raster_of(pixels, blobs)
    if source.order == "Y":
        source = dataclasses.replace(source, profile="Gray-D50-elle-V2-srgbtrc.icc")
    recipe = Recipe(verb, Canvas(canvas.size, canvas, source), Where(canvas, mask), sampling=Sampling(seed=1))
    wanted = recipe.altered(**changes)
    (variation,) = perform(wanted, blobs, Silent(), registry or Registry())
    place = variation.patch.bounds.slices
    layer, share = np.zeros_like(pixels), np.zeros((height, width))
    layer[place] = blobs.array(variation.patch.pixels)
    share[place] = blobs.array(variation.patch.mask)[..., 0] / variation.patch.mask.white_level
    return Retouched(laid_over(pixels, layer, share), layer, share, variation)


def laid_over(
    below: NDArray[np.generic],
    layer: NDArray[np.generic],
    share: NDArray[np.float64],
    *,
    white: float | None = None,
    has_alpha: bool | None = None,
) -> NDArray[np.generic]:
    """Porter and Duff's "over" of `layer` through a mask `share` (0..1), in the samples' own encoding; straight alpha."""
    white = white or WHITE[below.dtype.name]
    has_alpha = below.shape[2] == 4 if has_alpha is None else has_alpha
    old, new, above = below.astype(np.float64), layer.astype(np.float64), share[..., None].astype(np.float64)
    if not has_alpha:
        shown = old * (1 - above) + new * above
    else:
        above = new[..., -1:] / white * above
        alpha = above + old[..., -1:] / white * (1 - above)
        weight = np.divide(above, alpha, out=np.zeros_like(alpha), where=alpha > 0)
        colors = old[..., :-1] * (1 - weight) + new[..., :-1] * weight
        shown = np.concatenate([colors, alpha * white], -1)
    return shown.astype(below.dtype) if below.dtype.kind == "f" else np.rint(shown).astype(below.dtype)


def left_of_it(
    result: NDArray[np.generic],
    clean: NDArray[np.generic],
    spoilt: NDArray[np.generic],
    truth: NDArray[np.generic] | None = None,
) -> float:
    """Share of the thing's contrast (`spoilt` less `truth`, which is `clean` if not given) that `result` shows over `clean`."""
    truth = clean if truth is None else truth
    thing = spoilt.astype(np.float64) - truth.astype(np.float64)
    return float(((result.astype(np.float64) - clean.astype(np.float64)) * thing).sum() / (thing**2).sum())


def darkened(pixels: NDArray[np.generic], shape: NDArray[np.float32], delta_e: float) -> NDArray[np.generic]:
    """`pixels` (height x width x 3, uint8 or uint16) with CIELab lightness lowered by `delta_e` where `shape` is 1."""
    white = WHITE[pixels.dtype.name]
    lab = rgb2lab(pixels / white)
    lab[..., 0] -= delta_e * shape
    return np.rint(np.clip(lab2rgb(lab), 0, 1) * white).astype(pixels.dtype)


def disc(height: int, width: int, radius: float, softness: float = 0.0) -> NDArray[np.float32]:
    """1 within `radius` px of the middle, 0 outside."""
    rows, columns = np.mgrid[:height, :width]
    away = np.hypot(rows - height / 2, columns - width / 2)
    edge = np.clip(radius + 0.5 - away, 0, 1).astype(np.float32)
    return cv2.GaussianBlur(edge, (0, 0), softness) if softness else edge
