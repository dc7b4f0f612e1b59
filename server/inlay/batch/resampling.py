"""A picture at another size, resampled once: the mean of what a pixel takes in where it shrinks, Lanczos where it grows."""

import dataclasses

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay import color
from inlay.color.curves import SRGB
from inlay.documents import Document
from inlay.documents.document import white_of
from inlay.region import Size

_REACH = 4
"""Of Lanczos to each side, in px of what is enlarged."""


def at_size(document: Document, size: Size) -> Document:
    """What a document shows at `size`, flat, in its depth and profile: resampled in linear light, as lenses and screens mix it."""
    if document.size == size:
        return document
    decoded = color.decode(document.samples, document.raster(document.size, ""))
    linear = SRGB.decode(decoded.pixels.astype(np.float64)).astype(np.float32)
    has_alpha = decoded.alpha is not None
    if decoded.alpha is not None:
        linear = np.concatenate([linear, decoded.alpha[..., None]], axis=-1)
    made = np.asarray(resampled(linear, size, has_alpha=has_alpha), np.float32)
    pixels = SRGB.encode(made[..., :3].astype(np.float64)).astype(np.float32)
    samples = color.encode(pixels, made[..., 3] if has_alpha else None, document.raster(size, ""))
    return dataclasses.replace(document, samples=samples, original=b"", metadata=document.metadata.settled(size))


def only_of(whole: NDArray[np.bool_], size: Size) -> NDArray[np.bool_]:
    """Of a picture's px (height x width), which are true in `whole` where it takes in nothing else at `size`."""
    height, width = whole.shape
    others = (~whole).astype(np.uint8)
    if size.width > width or size.height > height:
        others = cv2.dilate(others, np.ones((2 * _REACH + 1, 2 * _REACH + 1), np.uint8))
    return np.asarray(resampled(others.astype(np.float32)[..., None], size, has_alpha=False)[..., 0]) == 0


def resampled(samples: NDArray[np.generic], size: Size, *, has_alpha: bool) -> NDArray[np.generic]:
    """`samples` (height x width x channels, straight alpha last where it has one) at `size`, of the same dtype.

    Both sides by the same factor: what is left of a pixel by the ratio's rounding is cut off at the right or the lower edge.
    """
    height, width = samples.shape[:2]
    if (width, height) == tuple(size):
        return samples
    scale = max(size.width / width, size.height / height)
    whole = Size(max(size.width, round(width * scale)), max(size.height, round(height * scale)))
    white = np.float32(white_of(samples.dtype))
    values = samples.astype(np.float32)
    if has_alpha:
        values[..., :-1] *= values[..., -1:] / white
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LANCZOS4
    made = np.asarray(cv2.resize(values, whole, interpolation=how), np.float32).reshape(whole.height, whole.width, -1)
    made = made[: size.height, : size.width]
    if has_alpha:
        alpha = np.clip(made[..., -1:], 0, white)
        made = np.concatenate(
            [np.divide(made[..., :-1] * white, alpha, out=np.zeros_like(made[..., :-1]), where=alpha > 0), alpha],
            axis=-1,
        )
    if samples.dtype.kind == "u":
        made = np.rint(np.clip(made, 0, white))
    return made.astype(samples.dtype)
