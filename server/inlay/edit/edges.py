"""The edge of a found selection: along the picture's own edges, or as a matte with hair, at the document's own size."""

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.edit.sight import Sight, resized
from inlay.engines.interface import Mask
from inlay.fidelity.guided import guided
from inlay.fidelity.matting import REACH_PX, alpha_of
from inlay.recipe import Recipe
from inlay.region import Size

SOFTNESS = 1e-4
"""Variance of colours below which they are no edge."""
STEEPNESS = 2.0
LARGEST_REACH_PX = 24


def edged(recipe: Recipe, sight: Sight, mask: Mask) -> NDArray[np.float32]:
    """What was found, height x width of the window, 0..1, with the edge that the recipe's options ask for."""
    share = np.clip(resized(mask.share, Size(sight.mask.shape[1], sight.mask.shape[0])), 0, 1)
    return with_edge(recipe, sight.pixels, share, float(mask.receipt.get("reduction", "1")))


def with_edge(
    recipe: Recipe, pixels: NDArray[np.float32], share: NDArray[np.float32], reduction: float = 1.0
) -> NDArray[np.float32]:
    """`share`, height x width 0..1 of `pixels`, with the edge that the recipe's options ask for; by default its own.

    reduction: how many pixels of the window one of the picture was in which it was found.
    """
    match recipe.options.get("edge"):
        case "hair":
            return alpha_of(np.clip(pixels, 0, 1), share, round(float(recipe.options.get("hair_px", REACH_PX))))
        case "sharp":
            return _sharp(share, pixels, reduction)
        case _:
            return share


def _sharp(share: NDArray[np.float32], pixels: NDArray[np.float32], reduction: float) -> NDArray[np.float32]:
    reach = min(max(2, round(1.5 * reduction)), LARGEST_REACH_PX)
    x, y, width, height = cv2.boundingRect((share > 0).astype(np.uint8))
    if not width:
        return share
    box = slice(max(0, y - 4 * reach), y + height + 4 * reach), slice(max(0, x - 4 * reach), x + width + 4 * reach)
    fine = guided(np.ascontiguousarray(share[box]), np.clip(pixels[box], 0, 1), reach, SOFTNESS)
    sharp = np.zeros_like(share)
    sharp[box] = np.clip((fine - 0.5) * STEEPNESS + 0.5, 0, 1)
    return sharp
