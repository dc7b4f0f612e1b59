"""A faithful enlargement: whatever enlarged a picture, brought back to its own size it is the picture.

Back-projection (Irani and Peleg, "Improving resolution by image registration", CVGIP 1991), with the one correction that is exact
in a single step and adds nothing of its own: the band-limited field whose means over each source pixel are the error there.
"""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from inlay.fidelity.block_rounding import rounded_by_blocks
from inlay.fidelity.cielab import encoded_of, linear_of
from inlay.fidelity.raster import F32, extremes, resize, warp
from inlay.fidelity.registration import STILL, register
from inlay.fidelity.softness import as_sharp
from inlay.fidelity.tile_borders import levelled
from inlay.fidelity.waves import spread

Samples = NDArray[np.uint8] | NDArray[np.uint16]

OVERSHOOT = (0.25, 0.5 / 255)
"""How far a corrected value may lie beyond what the source shows within a pixel: a share of that range, and as much again.
Without it a band-limited correction draws stripes into a plain sky beside a mast."""
RATIOS = 26
"""Corrections of linear light by factors, at most: for what contrast and clipping left of one of encoded values."""
SMOOTH_RATIOS = 4
"""So many of them first are interpolated; the others are the same over a source pixel: by then little is left. A second correction
of encoded values takes three times as long as two of these, and leaves no less."""
NEAR = 0.2 / 255
"""An encoded error that needs no further correction."""
UNKNOWN_CODES = 0.1
"""So much of a code value the source's own rounding may have taken. It is not put back, or plain skies would show its steps."""
DARKEST = np.float32(3e-5)
"""Added to both sides of a ratio: linear light below this is black."""
RATIO_LIMITS = (0.25, 4.0)
ROWS_AT_ONCE = 16
"""The source's rows whose light is found together: a core's cache holds them."""
COVER_ROUNDS = 3
"""Corrections of an alpha that are smooth; the last one is exact."""


def faithful(source: Samples, upscaled: F32, scale: int, *, seed: int = 0) -> Samples:
    """`upscaled`, made to agree with `source`: its means over each source pixel, in linear light, are that pixel.

    source: HxWx3 uint8 or uint16, sRGB-encoded; upscaled: (scale H)x(scale W)x3 float32, encoded, 0..1, from any upscaler: moved
    by a few pixels, tinted, tiled or sharpened; scale: 2 or more; seed: chooses the points that a movement is found by.
    Returns (scale H)x(scale W)x3 of the source's type. Raises `ValueError` where the sizes are not those.
    """
    if upscaled.shape != (source.shape[0] * scale, source.shape[1] * scale, source.shape[2]):
        raise ValueError(f"upscaled {upscaled.shape} is not {scale} times the source {source.shape}")
    white = np.iinfo(source.dtype).max
    wanted = source.astype(np.float32) / np.float32(white)
    still = np.asarray(upscaled, np.float32).clip(0, 1)
    if np.isnan(still.sum()):
        still = np.nan_to_num(still)
    means = _encoded_means(still, scale)
    placed = as_sharp(levelled(_in_place(wanted, still, means, scale, seed), wanted, scale), wanted, scale)
    light = agreeing(wanted, placed, scale, UNKNOWN_CODES / white, means=means if placed is still else None)
    values = encoded_of(light) * np.float32(white)
    rounded = rounded_by_blocks(values, scale) if white == np.iinfo(np.uint8).max else np.rint(values)
    return cast(Samples, rounded.clip(0, white).astype(source.dtype))


def agreeing(
    source: F32, upscaled: F32, scale: int, unknown: float = 0.0, white: float = 1.0, means: F32 | None = None
) -> F32:
    """Linear light of `upscaled` with the source's own means: both encoded float32, 0..`white`, sizes as in `faithful`.

    unknown: how far, encoded, the means may lie from the source on either side. white: the largest encoded value there can be.
    means: those of `upscaled`, of the source's shape, where somebody has them.
    """
    height, width = source.shape[:2]
    least, most = np.maximum(source - np.float32(unknown), 0), np.minimum(source + np.float32(unknown), white)
    lowest, highest = _limits(source, upscaled, scale, white)
    brightest = linear_of(np.full(1, white, np.float32))
    means = _encoded_means(upscaled, scale) if means is None else means
    encoded = spread(means.clip(least, most) - means, scale)
    encoded += upscaled
    light = linear_of(np.clip(encoded, lowest, highest, out=encoded))
    for _ in range(SMOOTH_RATIOS):
        means = resize(light, height, width)
        ratio, _ = _wanted_ratio(means, least, most)
        _scale(light, resize(ratio, height * scale, width * scale), brightest)
    blocks = light.reshape(height, scale, width, scale, -1)
    means = resize(light, height, width).reshape(height, width, -1)
    ratio, off = _wanted_ratio(means, least, most)
    rows, columns = np.nonzero(off.max(-1) >= NEAR)
    chosen = blocks[rows, :, columns]
    part = np.ascontiguousarray(chosen.reshape(rows.size, scale * scale, source.shape[2]).swapaxes(0, 1))
    least, most = least[rows, columns], most[rows, columns]
    for _ in range(RATIOS - SMOOTH_RATIOS if rows.size else 0):  # each by itself: nothing depends on what is far off
        ratio, off = _wanted_ratio(part.mean(0), least, most)
        if off.max() < NEAR:
            break
        _scale(part, np.where(off >= NEAR, ratio, np.float32(1)), brightest)
    blocks[rows, :, columns] = part.swapaxes(0, 1).reshape(chosen.shape)
    return light


def _encoded_means(encoded: F32, scale: int) -> F32:
    """The means of the light over blocks of scale x scale, encoded again."""
    height, width = encoded.shape[0] // scale, encoded.shape[1] // scale
    means = np.empty((height, width, encoded.shape[2]), np.float32)
    for top in range(0, height, ROWS_AT_ONCE):
        part = encoded[top * scale : (top + ROWS_AT_ONCE) * scale]
        means[top : top + ROWS_AT_ONCE] = resize(linear_of(part), len(part) // scale, width).reshape(
            -1, width, means.shape[2]
        )
    return encoded_of(means)


def _wanted_ratio(means: F32, least: F32, most: F32) -> tuple[F32, F32]:
    """By what light has to be multiplied for its means to be between two encoded values, and how far, encoded, they are off."""
    shown = encoded_of(means)
    wanted = shown.clip(least, most)
    ratio = ((linear_of(wanted) + DARKEST) / (means + DARKEST)).clip(*RATIO_LIMITS)
    return ratio, np.abs(wanted - shown)


def _scale(light: F32, ratio: F32, brightest: F32) -> None:
    light += DARKEST
    light *= ratio
    light -= DARKEST
    np.clip(light, 0, brightest, out=light)


def enlarged_cover(alpha: F32, scale: int) -> F32:
    """HxW `alpha` or mask, 0..1, `scale` times as large, with its own means over each pixel, and within what lies around it."""
    low, high = (each[..., None] for each in extremes(alpha, 1))
    lowest, highest = _repeated(low, scale), _repeated(high, scale)
    cover = resize(alpha, alpha.shape[0] * scale, alpha.shape[1] * scale)[..., None]
    for _ in range(COVER_ROUNDS):
        left = alpha - resize(cover[..., 0], *alpha.shape)
        cover = (cover + spread(left[..., None], scale)).clip(lowest, highest)
    left = alpha - resize(cover[..., 0], *alpha.shape)
    room = np.where(_repeated(left[..., None], scale) > 0, highest - cover, lowest - cover)
    # 0 .. 1: all the room of a pixel together is enough.
    part = np.divide(left, resize(room[..., 0], *alpha.shape), out=np.zeros_like(left), where=left != 0)
    return (cover + room * _repeated(part[..., None], scale))[..., 0]


def _limits(source: F32, upscaled: F32, scale: int, white: float = 1.0) -> tuple[F32, F32]:
    """The least and greatest encoded value of each pixel of the enlargement; what the upscaler showed is within them."""
    low, high = extremes(source, 1)
    margin = np.float32(OVERSHOOT[0]) * (high - low) + np.float32(OVERSHOOT[1])
    large = upscaled.shape[0], upscaled.shape[1]  # between them: a step of the limits would be one of the picture
    lowest = resize((low - margin).clip(0, white), *large).reshape(upscaled.shape)
    highest = resize((high + margin).clip(0, white), *large).reshape(upscaled.shape)
    return np.minimum(lowest, upscaled, out=lowest), np.maximum(highest, upscaled, out=highest)


def _in_place(source: F32, upscaled: F32, means: F32, scale: int, seed: int) -> F32:
    """`upscaled` moved back to where the source shows the same. means: its own, of the source's shape."""
    height, width = source.shape[:2]
    found = register(source, means, np.ones((height, width), bool), 1.0, np.random.default_rng(seed))
    if found is STILL:
        return upscaled
    matrix = found.matrix.copy()  # of source pixels; a pixel's middle is at half, in either size
    middle = (scale - 1) / 2
    matrix[:, 2] = scale * matrix[:, 2] + middle - matrix[:, :2] @ np.array([middle, middle], np.float32)
    return warp(upscaled, matrix).clip(0, 1)


def _repeated(image: F32, scale: int) -> F32:
    return image.repeat(scale, 0).repeat(scale, 1)
