"""The colours of what was cut out, without those of what lay behind it.

Forte, "Approximate fast foreground colour estimation", 2021: both sides' colours as normalised means around each pixel, then the
foreground moved until the mixture shows the picture; once over a wide neighbourhood, once over a narrow one.
"""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np

from inlay.fidelity.raster import F32, thrice

REACHES_PX = (45, 4)
LEAST = np.float32(1e-5)


def foreground_colors(picture: F32, alpha: F32) -> F32:
    """HxWx3 float32 0..1: what blends through `alpha` (HxW, 0..1) over what is behind to `picture` (HxWx3, encoded)."""
    front = back = picture
    share, rest = thrice(alpha), thrice(1 - alpha)
    for reach in REACHES_PX:
        weight = _mean(alpha, reach)
        front = _mean(front * share, reach) / thrice(weight + LEAST)
        back = cast(F32, np.clip(_mean(back * rest, reach) / thrice(1 - weight + LEAST), 0, 1))
        front = cast(F32, np.clip(front + share * (picture - share * front - rest * back), 0, 1))
    return front


def colors_through(picture: F32, alpha: F32, shape: F32) -> F32:
    """The colours of glass: `alpha` is nowhere 1, so what is behind it is continued from around its `shape` (HxW, 0..1)."""
    height, width = shape.shape
    outside = (1 - shape) ** 4
    back, reach = picture, max(8, round(max(height, width) / 8))
    weight = _mean(outside, reach)
    back = _mean(picture * thrice(outside), reach) / thrice(weight + LEAST)
    front = (picture - thrice(1 - alpha) * back) / thrice(np.maximum(alpha, np.float32(0.05)))
    return np.clip(np.where(thrice(alpha) > 0, front, picture), 0, 1).astype(np.float32)


def _mean(values: F32, reach_px: int) -> F32:
    side = 2 * reach_px + 1
    return cast(F32, cv2.blur(values, (side, side), borderType=cv2.BORDER_REFLECT))
