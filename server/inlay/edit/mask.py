"""The mask that an edit really uses: the selection, grown and feathered if the retoucher asked for it, laid over the patch."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.errors import InvalidInput
from inlay.region import Rect

PATCH_MARGIN_PX = 32
"""Painted pixels around the mask that come back too, so that the retoucher can paint the mask open a little."""


class PlacedMask(NamedTuple):
    """A mask in its raster's own samples, and the document rectangle it covers."""

    samples: NDArray[np.generic]  # height x width
    bounds: Rect


def placed_mask(
    samples: NDArray[np.generic],
    region: Rect,
    window: Rect,
    white: float,
    grow_px: int,
    feather_px: int,
    check: Callable[[], None] = lambda: None,
) -> PlacedMask:
    """Grow, soften and pad the selection `samples` (height x width over `region`), inside `window`.

    With neither growth nor feather every sample stays as it is. Growth dilates (negative: erodes) with a disc and keeps soft values
    soft; the feather is a Gaussian that has faded out after `feather_px`. check: called now and then, so that whatever it raises
    ends this. Raises InvalidInput where the mask is empty, before or after.
    """
    if not samples.any():
        raise InvalidInput("where.mask", "empty (every sample is 0)", "select at least one pixel")
    bounds = region.padded(max(0, grow_px) + feather_px + PATCH_MARGIN_PX).intersection(window)
    laid = np.zeros((bounds.height, bounds.width), samples.dtype)
    laid[region.relative_to(bounds).slices] = samples
    if not grow_px and not feather_px:
        return PlacedMask(laid, bounds)
    soft = grown(laid, grow_px, check).astype(np.float32) / np.float32(white)
    if feather_px:
        soft = cv2.GaussianBlur(soft, (2 * feather_px + 1,) * 2, feather_px / 3, borderType=cv2.BORDER_REPLICATE)
    shaped = np.clip(soft, 0, 1) * np.float32(white)
    if samples.dtype.kind == "u":
        shaped = np.rint(shaped)
    shaped = shaped.astype(samples.dtype)
    if not shaped.any():
        raise InvalidInput("where.grow_px", grow_px, "nothing of the mask is left; shrink it less")
    return PlacedMask(shaped, bounds)


def grown(samples: NDArray[np.generic], grow_px: int, check: Callable[[], None] = lambda: None) -> NDArray[np.generic]:
    """Each sample's largest neighbour within a disc of `grow_px` (negative: its smallest); height x width, what lies outside does
    not count.

    The disc's row at distance d from its centre reaches round(sqrt(grow_px^2 - d^2)) to both sides. From the rim to the centre each
    row reaches further than the one before, so that its extreme follows from that one's: time rises with the radius, not its area.
    """
    radius = abs(grow_px)
    widened, pick = (cv2.dilate, np.maximum) if grow_px > 0 else (cv2.erode, np.minimum)
    line: NDArray[Any] = samples.astype(np.float32) if samples.dtype == np.float16 else samples
    disc, reach = line.copy(), 0
    for distance in range(radius, 0, -1):
        check()
        wanted = round(math.sqrt(radius**2 - distance**2))
        while reach < wanted:
            reach += 1
            line = widened(line, np.ones((1, 3), np.uint8))
        pick(disc[distance:], line[:-distance], out=disc[distance:])
        pick(disc[:-distance], line[distance:], out=disc[:-distance])
    while reach < radius:
        reach += 1
        line = widened(line, np.ones((1, 3), np.uint8))
    return pick(disc, line).astype(samples.dtype)
