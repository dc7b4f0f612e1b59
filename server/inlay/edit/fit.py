"""From a raw painting to pixels that belong: light, colour, sharpness and grain of the surroundings, and the brand's colour."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay import color
from inlay.color.raster import Raster
from inlay.edit.sight import Sight, resized
from inlay.edit.target import target_of
from inlay.engines import Painting
from inlay.fidelity import Report, belong
from inlay.fidelity.brand import recolored
from inlay.recipe import Recipe, Verb
from inlay.region import Size

EDITS_WHAT_IS_THERE = frozenset({Verb.REFINE, Verb.INSTRUCT, Verb.RECOLOR, Verb.UPSCALE})
"""Verbs whose small differences to the original are wanted; harmonizing must not take them back (quality.md section 2)."""


class Fitted(NamedTuple):
    """Pixels that belong, height x width x 3 float32 in the working space, and what was measured on the way.

    composite: what the document shall show. paint: the layer behind the mask, ready where the mask is closed too.
    """

    composite: NDArray[np.float32]
    paint: NDArray[np.float32]
    belonging: Report
    notes: tuple[str, ...]
    details: dict[str, Any]


def fit(recipe: Recipe, sight: Sight, painting: Painting) -> Fitted:
    """Fit `painting` into what the document shows, and give it the target colour if the recipe names one.

    Raises InvalidInput where the target colour cannot be read.
    """
    height, width = sight.mask.shape
    generated = resized(painting.pixels, Size(width, height))
    # Where the document shows nothing there is nothing to compare with: the painting itself stands in.
    original = np.where(sight.known[..., None], sight.pixels, generated)
    op = "edit" if recipe.verb in EDITS_WHAT_IS_THERE else "fill"
    harmonized = belong(original, generated, sight.mask, op=op, seed=painting.seed)
    belonging = harmonized.report
    fitted = Fitted(
        np.asarray(harmonized.composite, np.float32),
        np.asarray(harmonized.foreground, np.float32),
        belonging,
        belonging.hints,
        {"fidelity": belonging.as_dict()},
    )
    return _colored(recipe, sight, original, fitted) if recipe.target_color else fitted


def _colored(recipe: Recipe, sight: Sight, original: NDArray[np.float32], fitted: Fitted) -> Fitted:
    """`fitted` with the target colour as the mean of what the document will hold."""
    target = target_of(recipe.target_color, recipe.source)
    brand = recolored(fitted.composite, sight.mask, target, quantise=_held_by(recipe.source))
    share = sight.mask[..., None]
    return fitted._replace(
        composite=original + (brand.pixels - original) * share,
        paint=np.where(share > 0, brand.pixels, fitted.paint),
        notes=(*fitted.notes, *brand.report.hints),
        details={**fitted.details, "brand": brand.report.as_dict()},
    )


def _held_by(raster: Raster) -> Callable[[NDArray[np.float32]], NDArray[np.float32]] | None:
    """What the document holds of working pixels: rounded and clipped to its range; None for floats, which hold everything."""
    if raster.sample_type.is_float:
        return None
    return lambda pixels: color.decode(color.encode(pixels, None, raster), raster).pixels
