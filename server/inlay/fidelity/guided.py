"""A guided filter: a coarse alpha follows the picture's own edges.

He, Sun, Tang, "Guided image filtering", 2010, with a colour guide.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.fidelity.raster import F32


def guided(alpha: F32, picture: F32, reach_px: int, softness: float) -> F32:
    """`alpha`, HxW 0..1, as a linear function of HxWx3 `picture` in each window of `reach_px` to each side.

    softness: added to the colours' variance; what varies less is smoothed away.
    """
    return following(guide_of(picture, reach_px, softness), alpha, reach_px)


def guide_of(picture: F32, reach_px: int, softness: float) -> F32:
    """What `following` needs to know of a picture, whatever follows it; arguments as for `guided`.

    Returns 13xHxW: the colours, their means, and six of the inverse of their covariance, which still have to be multiplied with
    the last.
    """
    red, green, blue = (cast(F32, plane) for plane in cv2.split(picture))
    r, g, b = _means((red, green, blue), reach_px)
    products = red * red, red * green, red * blue, green * green, green * blue, blue * blue
    rr, rg, rb, gg, gb, bb = _means(products, reach_px)
    rr, rg, rb = rr - r * r + softness, rg - r * g, rb - r * b
    gg, gb, bb = gg - g * g + softness, gb - g * b, bb - b * b + softness
    first, second, third = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
    scale = 1 / (rr * first + rg * second + rb * third)
    others = rr * bb - rb * rb, rg * rb - rr * gb, rr * gg - rg * rg
    return cast(F32, np.stack((red, green, blue, r, g, b, first, second, third, *others, scale)))


def following(guide: F32, alpha: F32, reach_px: int) -> F32:
    """`alpha`, HxW 0..1, guided; `guide` and `reach_px` are those of `guide_of`."""
    red, green, blue, r, g, b, first, second, third, fourth, fifth, sixth, scale = guide
    weighted_r, weighted_g, weighted_b, level = _means((red * alpha, green * alpha, blue * alpha, alpha), reach_px)
    x, y, z = weighted_r - r * level, weighted_g - g * level, weighted_b - b * level
    slope_r = (first * x + second * y + third * z) * scale
    slope_g = (second * x + fourth * y + fifth * z) * scale
    slope_b = (third * x + fifth * y + sixth * z) * scale
    offset = level - slope_r * r - slope_g * g - slope_b * b
    spread_r, spread_g, spread_b, rest = _means((slope_r, slope_g, slope_b, offset), reach_px)
    found = spread_r * red + spread_g * green + spread_b * blue + rest
    return cast(F32, np.clip(found, 0, 1, out=found))


def _means(planes: Iterable[NDArray[np.floating[Any]]], reach_px: int) -> list[F32]:
    side = (2 * reach_px + 1, 2 * reach_px + 1)
    return [cast(F32, cv2.blur(plane, side, borderType=cv2.BORDER_REFLECT)) for plane in planes]
