"""The raster operations this room is built from: OpenCV's, with the types numpy users expect.

OpenCV's kernels are vectorised, release the GIL and use two threads; its stubs are loose, so every cast stands here
and nowhere else.
Reference: https://docs.opencv.org/5.x (imgproc, core).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Samples = NDArray[Any]

BLUR_REACH = 3.0
"""A Gaussian is cut off at this many standard deviations (0.3 % of its weight lies beyond)."""


STRIPE_PIXELS = 16384
"""Pixels handled at once in chains of whole-picture steps: a few such float buffers stay in a core's cache."""


def stripes(height: int, width: int) -> Iterator[slice]:
    """Slices of rows that cover a picture, top to bottom, each of about STRIPE_PIXELS."""
    rows = max(1, STRIPE_PIXELS // max(1, width))
    return (slice(top, min(top + rows, height)) for top in range(0, height, rows))


def in_bands(work: Callable[..., F32], *values: F32) -> F32:
    """`work`, N x 3 float32, of N values each (x channels), a band at a time: what it holds on the way stays small."""
    out = np.empty((len(values[0]), 3), np.float32)
    for band in stripes(len(out), 1):
        out[band] = work(*(each[band] for each in values))
    return out


def thrice(plane: F32) -> F32:
    """HxW as HxWx3: numpy broadcasts over a last axis of three far slower than it works on full arrays."""
    return repeated(plane, 3)


def repeated(plane: F32, channels: int) -> F32:
    """HxW as HxWx`channels`."""
    return cast(F32, cv2.merge((plane,) * channels))


def blur(image: F32, sigma_px: float) -> F32:
    """Gaussian low-pass of HxW or HxWxC float32; borders mirrored; `sigma_px` <= 0 returns the image itself."""
    if sigma_px <= 0:
        return image
    side = 2 * int(np.ceil(BLUR_REACH * sigma_px)) + 1
    return cast(F32, cv2.GaussianBlur(image, (side, side), sigma_px, borderType=cv2.BORDER_REFLECT))


def masked_blur(image: F32, weight: F32, sigma_px: float) -> tuple[F32, F32]:
    """Normalised convolution: the Gaussian mean of HxWxC `image` under HxW `weight`, and the weight it rests on."""
    support = blur(weight, sigma_px)
    channels = image.shape[2]
    total = blur(image * repeated(weight, channels), sigma_px)
    total /= repeated(np.maximum(support, np.float32(1e-6)), channels)
    return total, support


def resize(image: F32, height: int, width: int) -> F32:
    """Area means when shrinking, linear interpolation when enlarging; float32 HxW or HxWxC."""
    if image.shape[:2] == (height, width):
        return image
    smaller = height * width < image.shape[0] * image.shape[1]
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return cast(F32, cv2.resize(image, (width, height), interpolation=how))


def mix_channels(image: F32, matrix: F32) -> F32:
    """Multiply every pixel of HxWx3 by a 3x3 (or k x 3) matrix; k = 1 gives HxW."""
    return cast(F32, cv2.transform(image, matrix.astype(np.float32)))


def power(image: F32, exponent: float) -> F32:
    """`image ** exponent` for non-negative float32."""
    return cast(F32, cv2.pow(image, exponent))


def distance_px(inside: Flags) -> F32:
    """Euclidean distance in pixels from every True pixel to the nearest False one; 0 where False."""
    return cast(F32, cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 5)).astype(np.float32, copy=False)


def grow(region: Flags, px: int) -> Flags:
    """Dilate a region by a square of `px` pixels to each side."""
    if px <= 0:
        return region
    kernel = np.ones((2 * px + 1, 2 * px + 1), np.uint8)
    return cast(U8, cv2.dilate(region.astype(np.uint8), kernel)) > 0


def put(values: F32, where: Flags, onto: F32) -> None:
    """Write HxWx3 `values` over those of `onto` `where` (HxW) it is True."""
    cv2.copyTo(np.ascontiguousarray(values), where.view(np.uint8), onto)


def extremes(image: F32, px: int) -> tuple[F32, F32]:
    """The least and the greatest value within `px` pixels to each side, per channel of HxWxC float32."""
    kernel = np.ones((2 * px + 1, 2 * px + 1), np.uint8)
    return cast(F32, cv2.erode(image, kernel)), cast(F32, cv2.dilate(image, kernel))


def warp(image: F32, matrix: F32) -> F32:
    """Sample HxWxC float32 at `matrix` (2x3, output pixel -> input pixel) with bicubic weights; edges repeated."""
    height, width = image.shape[:2]
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return cast(F32, cv2.warpAffine(image, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE))


def sample(image: F32, x: F32, y: F32) -> F32:
    """Bilinear samples of HxW or HxWxC float32 at N positions (pixels); returns N or NxC; edges repeated."""
    columns = 1024
    rows = -(-x.size // columns)
    map_x, map_y = np.zeros((rows * columns,), np.float32), np.zeros((rows * columns,), np.float32)
    map_x[: x.size], map_y[: y.size] = x, y
    shape = (rows, columns)
    out = cast(
        F32,
        cv2.remap(image, map_x.reshape(shape), map_y.reshape(shape), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE),
    )
    return out.reshape((rows * columns, *image.shape[2:]))[: x.size]


def mirrored(image: F32, bottom: int, right: int) -> F32:
    """HxWxC with so many rows and columns more, mirrored at the border."""
    return cast(F32, cv2.copyMakeBorder(image, 0, bottom, 0, right, cv2.BORDER_REFLECT))


def cosine_transform(plane: F32, inverse: bool = False) -> F32:
    """Orthonormal cosine transform (DCT-II, or its inverse) of HxW float32, both sides even."""
    return cast(F32, cv2.dct(plane, flags=cv2.DCT_INVERSE if inverse else 0))


def split(image: F32) -> list[F32]:
    """HxWxC as C planes."""
    return [np.ascontiguousarray(image[..., channel]) for channel in range(image.shape[2])]


def merged(planes: list[F32]) -> F32:
    """C planes HxW as HxWxC."""
    height, width = planes[0].shape
    return cast(F32, cv2.merge(planes)).reshape(height, width, len(planes))


def enlarged_smoothly(plane: F32, scale: int) -> F32:
    """HxW, `scale` times as large, by cubic interpolation."""
    height, width = plane.shape
    return cast(F32, cv2.resize(plane, (width * scale, height * scale), interpolation=cv2.INTER_CUBIC))


LUMA = np.array([[0.299, 0.587, 0.114]], np.float32)
"""Rec. 601 weights on encoded values: good enough to look for structure and grain."""


def luma(rgb: F32) -> F32:
    """Encoded luma HxW of encoded rgb HxWx3."""
    return mix_channels(rgb, LUMA)
