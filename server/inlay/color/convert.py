"""Samples of any document <-> the working space: float32, sRGB-encoded with sRGB primaries, unbounded."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay.color import lab
from inlay.color.profiles import profile_of
from inlay.color.raster import Raster, SampleType

_BLOCK_PX = 1 << 17
"""Pixels that are converted at a time: their float64 intermediates stay in the cache."""


class Decoded(NamedTuple):
    """What a document's samples look like.

    pixels: height x width x 3 float32, sRGB-encoded with sRGB primaries; the curve continues oddly below 0 and beyond 1, so
        wide-gamut and HDR colours keep their place outside 0..1.
    alpha: height x width float32 0..1; None for documents without.
    """

    pixels: NDArray[np.float32]
    alpha: NDArray[np.float32] | None


def decode(samples: NDArray[np.generic], raster: Raster) -> Decoded:
    """Convert `samples` (height x width x channels as `raster` describes them) into the working space.

    Raises UnknownProfile, and Unsupported for CMYK and other colour models that are not RGB, gray or Lab.
    """
    profile = profile_of(raster)
    white = np.float32(raster.white_level)
    alpha = samples[..., -1].astype(np.float32) / white if raster.has_alpha else None
    values = samples[..., _colors(raster)]
    if profile.is_working_space:
        return Decoded(_scaled(values, white), alpha)
    return Decoded(_by_blocks(values, 3, lambda block: profile.decode(_values(block, raster))), alpha)


def encode(pixels: NDArray[np.float32], alpha: NDArray[np.float32] | None, raster: Raster) -> NDArray[np.generic]:
    """The inverse of `decode`: height x width x channels samples of `raster`, rounded to nearest and clipped to its range.

    pixels: height x width x 3 float32 working space. alpha: height x width 0..1; None where the document has alpha means opaque.
    A gray document gets the luminance. Raises UnknownProfile, Unsupported.
    """
    return rounded(encode_unrounded(pixels, alpha, raster), raster)


def encode_unrounded(
    pixels: NDArray[np.float32], alpha: NDArray[np.float32] | None, raster: Raster
) -> NDArray[np.float32]:
    """Like `encode`, float32 on the scale of the document's samples, neither rounded nor clipped."""
    profile = profile_of(raster)
    white = np.float32(raster.white_level)
    samples = np.empty((*pixels.shape[:2], raster.channels), np.float32)
    if raster.has_alpha:
        samples[..., -1] = white if alpha is None else alpha * white
    if profile.is_working_space:
        samples[..., _colors(raster)] = pixels * white
    else:
        channels = raster.channels - raster.has_alpha
        samples[..., _colors(raster)] = _by_blocks(
            pixels, channels, lambda block: _on_scale(profile.encode(block), raster)
        )
    return samples


def rounded(samples: NDArray[np.float32], raster: Raster) -> NDArray[np.generic]:
    """`samples` on the document's scale as its sample type: integers to nearest (ties to even) within 0..white level."""
    dtype = raster.sample_type.dtype
    if raster.sample_type is SampleType.F32:
        return samples.astype(dtype)
    if raster.sample_type is SampleType.F16:
        largest = np.float32(np.finfo(np.float16).max)
        return np.clip(samples, -largest, largest).astype(dtype)
    within = np.clip(samples, 0, np.float32(raster.white_level))
    return np.rint(within, out=within).astype(dtype)


def _values(block: NDArray[np.float64], raster: Raster) -> NDArray[np.float64]:
    """Samples as the numbers that a profile computes with: 0..1, or L*a*b*."""
    if raster.order.startswith("LAB"):
        return lab.from_samples(block, raster.white_level, not raster.sample_type.is_float)
    return block / raster.white_level


def _on_scale(values: NDArray[np.float64], raster: Raster) -> NDArray[np.float64]:
    """The inverse of `_values`."""
    if raster.order.startswith("LAB"):
        return lab.to_samples(values, raster.white_level, not raster.sample_type.is_float)
    return values * raster.white_level


def _colors(raster: Raster) -> slice | list[int]:
    """Where a pixel's colour channels lie, in the order the profile wants them."""
    return [2, 1, 0] if raster.order.startswith("BGR") else slice(0, raster.channels - raster.has_alpha)


def _scaled(values: NDArray[np.generic], white: np.float32) -> NDArray[np.float32]:
    pixels = values.astype(np.float32)
    if white != 1:
        pixels /= white
    return np.ascontiguousarray(pixels)


def _by_blocks(
    values: NDArray[np.generic], channels: int, convert: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> NDArray[np.float32]:
    height, width = values.shape[:2]
    converted = np.empty((height, width, channels), np.float32)
    rows = max(1, _BLOCK_PX // max(1, width))
    for top in range(0, height, rows):
        converted[top : top + rows] = convert(values[top : top + rows].astype(np.float64))
    return converted
