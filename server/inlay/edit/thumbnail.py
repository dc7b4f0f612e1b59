"""What a result shows, small enough for a list of hundreds: a PNG in sRGB of the result alone, without the window around it."""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay import color
from inlay.color.raster import Raster
from inlay.edit.sight import Blobs
from inlay.errors import InlayError
from inlay.region import Rect
from inlay.variation import Frames, Layers, Patch, Picture, Result, Selection

SIDE_PX = 192
"""The longest side."""

_SAMPLED = 4
"""Samples of the result a side for each pixel of the thumbnail: enough that nothing flickers, however large the result is."""

PNG_LEVEL = 6
"""The hardest one, 9, takes five times as long, which a click would feel, for files a twentieth smaller."""

_OPAQUE = 255


def thumbnail(result: Result, blobs: Blobs) -> bytes:
    """A PNG, 8 bit, sRGB, with alpha where something shows through; empty where pixels cannot be read: a picture of a result
    is not worth its loss.
    """
    try:
        pixels = _shown(result, blobs)
    except InlayError:
        return b""
    _, encoded = cv2.imencode(".png", _in_8_bit(_reduced(pixels)), [cv2.IMWRITE_PNG_COMPRESSION, PNG_LEVEL])
    return encoded.tobytes()


def _reduced(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Height x width [x channels], no side longer than SIDE_PX."""
    scale = SIDE_PX / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    size = tuple(max(1, round(side * scale)) for side in pixels.shape[1::-1])
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.float32)


def _shown(result: Result, blobs: Blobs) -> NDArray[np.float32]:
    """Height x width x 4, sRGB-encoded and premultiplied, sampled down where it is large."""
    match result:
        case Patch(pixels=raster) | Picture(pixels=raster):
            return _read(raster, _stride(raster.width, raster.height), blobs)
        case Frames(frames=frames):
            middle = frames[len(frames) // 2]  # the first shows what was there before
            return _read(middle, _stride(middle.width, middle.height), blobs)
        case Selection(mask=mask):
            stride = _stride(mask.width, mask.height)
            small = _reduced(_samples(mask, stride, blobs)[..., 0].astype(np.float32))
            share = np.clip(small / np.float32(mask.white_level), 0, 1)
            return np.dstack([share, share, share, np.ones_like(share)])
        case Layers(layers=layers):
            around = _around([layer.bounds for layer in layers])
            stride = _stride(around.width, around.height)
            canvas: NDArray[np.float32] = np.zeros(
                (-(-around.height // stride), -(-around.width // stride), 4), np.float32
            )
            for layer in layers:
                pixels = _read(layer.pixels, stride, blobs)
                top, left = (layer.bounds.y - around.y) // stride, (layer.bounds.x - around.x) // stride
                below = canvas[top : top + pixels.shape[0], left : left + pixels.shape[1]]
                pixels = pixels[: below.shape[0], : below.shape[1]]
                below *= 1 - pixels[..., 3:]
                below += pixels
            return canvas


def _around(bounds: Sequence[Rect]) -> Rect:
    """The smallest rectangle that holds all; one pixel where there are none."""
    if not bounds:
        return Rect(0, 0, 1, 1)
    left, top = min(rect.x for rect in bounds), min(rect.y for rect in bounds)
    return Rect.of_edges(left, top, max(rect.right for rect in bounds), max(rect.bottom for rect in bounds))


def _stride(width: int, height: int) -> int:
    return max(1, math.floor(max(width, height) / (SIDE_PX * _SAMPLED)))


def _read(raster: Raster, stride: int, blobs: Blobs) -> NDArray[np.float32]:
    samples = _samples(raster, stride, blobs)
    decoded = color.decode(samples, raster)
    alpha = np.ones(samples.shape[:2], np.float32) if decoded.alpha is None else np.clip(decoded.alpha, 0, 1)
    return np.dstack([np.clip(decoded.pixels, 0, 1) * alpha[..., None], alpha])


def _samples(raster: Raster, stride: int, blobs: Blobs) -> NDArray[np.generic]:
    return raster.array(blobs.read(raster.blob), "result")[::stride, ::stride]


def _in_8_bit(pixels: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Blue, green, red, and alpha unless all is opaque."""
    alpha = pixels[..., 3:]
    colors = np.divide(pixels[..., 2::-1], alpha, out=np.zeros_like(pixels[..., :3]), where=alpha > 0)
    whole = np.rint(np.clip(np.dstack([colors, alpha]), 0, 1) * _OPAQUE).astype(np.uint8)
    return whole[..., :3] if (whole[..., 3] == _OPAQUE).all() else whole
