"""The mask that an edit really uses: the selection, grown and feathered if the retoucher asked for it, laid over the patch."""

from typing import NamedTuple

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
    samples: NDArray[np.generic], region: Rect, window: Rect, white: float, grow_px: int, feather_px: int
) -> PlacedMask:
    """Grow, soften and pad the selection `samples` (height x width over `region`), inside `window`.

    With neither growth nor feather every sample stays as it is. Growth dilates (negative: erodes) with a disc and keeps soft values
    soft; the feather is a Gaussian that has faded out after `feather_px`. Raises InvalidInput where the mask is empty, before
    or after.
    """
    if not samples.any():
        raise InvalidInput("mask", "empty (every sample is 0)", "select at least one pixel")
    bounds = region.padded(max(0, grow_px) + feather_px + PATCH_MARGIN_PX).intersection(window)
    laid = np.zeros((bounds.height, bounds.width), samples.dtype)
    laid[region.relative_to(bounds).slices] = samples
    if not grow_px and not feather_px:
        return PlacedMask(laid, bounds)
    soft = laid.astype(np.float32) / np.float32(white)
    if grow_px:
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * abs(grow_px) + 1,) * 2)
        soft = cv2.dilate(soft, disc) if grow_px > 0 else cv2.erode(soft, disc)
    if feather_px:
        soft = cv2.GaussianBlur(soft, (2 * feather_px + 1,) * 2, feather_px / 3, borderType=cv2.BORDER_REPLICATE)
    shaped = np.clip(soft, 0, 1) * np.float32(white)
    if samples.dtype.kind == "u":
        shaped = np.rint(shaped)
    shaped = shaped.astype(samples.dtype)
    if not shaped.any():
        raise InvalidInput("grow_px", grow_px, "nothing of the mask is left; shrink it less")
    return PlacedMask(shaped, bounds)
