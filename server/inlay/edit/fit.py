"""From a raw painting to pixels that belong: light, colour, sharpness and grain of the surroundings, and the brand's colour."""

from collections.abc import Callable
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay import color
from inlay.color.blend import blended
from inlay.color.raster import Raster
from inlay.edit.sight import Sight, resized
from inlay.edit.target import target_of
from inlay.edit.verbs import EDITS_WHAT_IS_THERE
from inlay.engines import Painting
from inlay.fidelity import Intent, Report, belong
from inlay.fidelity.brand import recolored
from inlay.fidelity.palette import with_palette
from inlay.recipe import PALETTE, Recipe, Verb
from inlay.region import Size


def intent_of(verb: str) -> Intent:
    """What `verb` wants of the pixels inside the mask."""
    if verb in (Verb.ERASE, Verb.SEPARATE):  # what is painted for the latter is what is behind
        return Intent.ERASE
    return Intent.EDIT if verb in EDITS_WHAT_IS_THERE else Intent.FILL


class Fitted(NamedTuple):
    """Pixels that belong, and what was measured on the way.

    layer: height x width x 3 float32 in the working space, what shows through the mask; ready where the mask is closed too.
    alpha: height x width 0..1, the layer's own, of what was painted with one; None: as the verb has it.
    """

    layer: NDArray[np.float32]
    belonging: Report
    notes: tuple[str, ...]
    details: dict[str, Any]
    alpha: NDArray[np.float32] | None = None


def fit(recipe: Recipe, sight: Sight, painting: Painting) -> Fitted:
    """Fit `painting` into what the document shows, and give it the palette's colours and the target colour that the recipe names.

    Raises InvalidInput where the target colour cannot be read.
    """
    height, width = sight.mask.shape
    generated = _as_meant(sight, painting, Size(width, height))
    # Where the document shows nothing there is nothing to compare with: the painting itself stands in.
    original = np.where(sight.known[..., None], sight.pixels, generated)
    belonging = belong(
        original,
        generated,
        sight.mask,
        intent=intent_of(recipe.verb),
        visible=sight.known,
        own_pixels=painting.own_pixels,
        seed=painting.seed,
    )
    report = belonging.report
    layer = belonging.layer
    del belonging
    if painting.opacity < 1:
        layer = blended(original, layer, np.full(sight.mask.shape, painting.opacity, np.float32))
    if palette := next((one for one in sight.inputs if one.role == PALETTE), None):
        moved = with_palette(layer, sight.mask, palette.pixels, palette.weight)
        layer = np.where(sight.mask[..., None] > 0, moved, layer)
    alpha = None if painting.alpha is None else np.clip(resized(painting.alpha, Size(width, height)), 0, 1)
    fitted = Fitted(layer, report, report.hints, {"fidelity": report.as_dict()}, alpha)
    return _colored(recipe, sight, original, fitted) if recipe.words.target_color else fitted


SHIFT_SIGMA_PX = 16.0
"""A VAE's colour shift is smoother than this; its loss of detail is finer and stays the sharpness step's to mend."""


def _as_meant(sight: Sight, painting: Painting, size: Size) -> NDArray[np.float32]:
    """The painting at the window's size, without the colour shift that the engine's own eye puts on everything.

    The shift is what the unedited window lost on its way through the engine (`Painting.roundtrip`), low-passed over the
    known pixels. It needs no surroundings, so it is right for selections that leave none too.
    """
    generated = resized(painting.pixels, size)
    if painting.roundtrip is None:
        return generated
    known = sight.known.astype(np.float32)
    if painting.alpha is not None and sight.alpha is not None:  # what hardly shows has hardly a colour
        known *= sight.alpha
    lost = (sight.pixels - resized(painting.roundtrip, size)) * known[..., None]
    share = np.maximum(cv2.GaussianBlur(known, (0, 0), SHIFT_SIGMA_PX), 1e-3)
    shift = cv2.GaussianBlur(lost, (0, 0), SHIFT_SIGMA_PX) / share[..., None]
    return np.asarray(generated + shift, np.float32)


def _colored(recipe: Recipe, sight: Sight, original: NDArray[np.float32], fitted: Fitted) -> Fitted:
    """`fitted` with the target colour as the mean of what the document will hold."""
    target = target_of(recipe.words.target_color, recipe.canvas.source)
    shown = blended(original, fitted.layer, sight.mask)
    brand = recolored(shown, sight.mask, target, opacity=sight.alpha, quantise=_held_by(recipe.canvas.source))
    return fitted._replace(
        layer=np.where(sight.mask[..., None] > 0, brand.pixels, fitted.layer),
        notes=(*fitted.notes, *brand.report.hints),
        details={**fitted.details, "brand": brand.report.as_dict()},
    )


def _held_by(raster: Raster) -> Callable[[NDArray[np.float32]], NDArray[np.float32]] | None:
    """What the document holds of working pixels: rounded and clipped to its range; None for floats, which hold everything."""
    if raster.sample_type.is_float:
        return None
    return lambda pixels: color.decode(color.encode(pixels, None, raster), raster).pixels
