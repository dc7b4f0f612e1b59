"""Matting: from a rough selection to how much of each pixel belongs to it, hair and motion included, and to its own colours.

Where a boundary is crisp it is cut, strands apart; elsewhere (hair, fur, motion, defocus) it gets closed-form alpha in a wide
band around the selection's contour. Both are found at half size first; a guided filter brings alpha to the picture's own size.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.fidelity.closed_form import closed_form
from inlay.fidelity.crisp_edge import boundary, crisp_alpha, cut, disc, reaching, strands
from inlay.fidelity.foreground_colors import colors_through, foreground_colors
from inlay.fidelity.guided import guided
from inlay.fidelity.raster import F32, Flags, resize
from inlay.fidelity.ribbon import along_boundary

REACH_PX = 20
"""So far beyond the selection blur may reach, and hair FARTHER / OUTER of it; INNER / OUTER of it inside the selection something
may show through."""
REDUCTION = 2
INNER, OUTER, FARTHER = 6, 10, 15
"""Of the reduced picture: from so deep inside, and from so far outside on, all is sure; the latter where strands stand out."""
STRANDS, BLURRED = 0.25, 0.45
"""From this on strands show, on a boundary that is no more blurred than that: of 18 composites with hair 16, with motion or defocus
none of 36. Closed form begins with the boundary found, but where it is more blurred than that with the selection."""
GUIDE_PX = 3
GUIDE_SOFTNESS = 2e-5
CRISP = (0.58, 0.66)
"""Up to this crispness a boundary is soft, and from this on it is cut. Of 18 composites each, those with a crisp edge had 0.65 and
more as a whole, with fur 0.58 and less, with motion 0.46, with defocus 0.37."""
SURELY = 0.02
"""Alphas this close to 0 or 1 are that; the rest is spread out again."""


class Matte(NamedTuple):
    """alpha: HxW float32 0..1. foreground: HxWx3 float32, encoded, what blends through alpha."""

    alpha: F32
    foreground: F32


def matte(
    image: NDArray[Any], selection: NDArray[np.uint8], *, reach_px: int = REACH_PX, opacity: float = 1.0
) -> Matte:
    """What `selection`, up to 10 px wrong, means: alpha, and the foreground's own colours without the old background.

    image: HxWx3 uint8 or uint16, or float 0..1, encoded; selection: HxW uint8. reach_px: how far hair may reach. opacity: 0..1, of
    glass, which no picture of one background tells. Raises `ValueError` where the sizes differ.
    """
    if image.shape[:2] != selection.shape or image.shape[2:] != (3,):
        raise ValueError(f"a selection of {selection.shape} is none of a picture of {image.shape}")
    picture: F32 = image.astype(np.float32)
    if image.dtype.kind == "u":
        picture /= np.float32(np.iinfo(image.dtype).max)
    picture = np.clip(np.nan_to_num(picture), 0, 1)
    shape = alpha_of(picture, selection.astype(np.float32) / np.float32(255), reach_px)
    if opacity >= 1:
        return Matte(shape, foreground_colors(picture, shape))
    alpha = shape * np.float32(opacity)
    return Matte(alpha, colors_through(picture, alpha, shape))


def alpha_of(picture: F32, selection: F32, reach_px: int = REACH_PX) -> F32:
    """HxW 0..1; HxWx3 encoded `picture` and HxW `selection`, both 0..1."""
    alpha = cast(F32, np.rint(selection))
    inside, outside = _surely(selection, reach_px * INNER // OUTER, reach_px * FARTHER // OUTER)
    box = _band(selection, ~(inside | outside), 2 * reach_px)
    if box is None:
        return selection.copy()
    found = _in_band(np.ascontiguousarray(picture[box]), np.ascontiguousarray(selection[box]), reach_px)
    alpha[box] = np.where(inside[box], np.float32(1), np.where(outside[box], np.float32(0), found))
    return alpha


def _band(selection: F32, open_: Flags, margin: int) -> tuple[slice, slice] | None:
    """The rectangle with all that is not sure, and what is needed around it; None where nothing is selected, or everything."""
    if not open_.any() or selection.min() > 0:
        return None
    x, y, width, height = cv2.boundingRect(open_.astype(np.uint8))
    return slice(max(0, y - margin), y + height + margin), slice(max(0, x - margin), x + width + margin)


def _in_band(picture: F32, selection: F32, reach_px: int) -> F32:
    height, width = selection.shape
    reduction = REDUCTION * max(1.0, reach_px / REACH_PX)
    small = (max(1, round(height / reduction)), max(1, round(width / reduction)))
    colors, rough = resize(picture, *small), resize(selection, *small)
    path = along_boundary(colors, rough).astype(np.float32)
    found = cut(picture, np.rint(resize(path, height, width)).astype(np.uint8))
    seen = boundary(picture, found)
    inside, outside = _surely(rough, INNER, OUTER)
    _, far_outside = _surely(rough, INNER, FARTHER)
    outside &= far_outside | (resize(seen.strands, *small) < STRANDS) | (resize(seen.step, *small) < BLURRED)
    if not inside.any():
        inside = rough >= min(float(rough.max()), 0.98)
    guess = np.where(resize(seen.step, *small) < BLURRED, rough, path)
    alpha = _spread(closed_form(colors, inside, outside, guess), SURELY)
    reach = max(GUIDE_PX, round(GUIDE_PX * reduction / REDUCTION))
    soft = _spread(guided(resize(alpha, height, width), picture, reach, GUIDE_SOFTNESS), SURELY / 2)
    crisp = np.clip((seen.crispness() - CRISP[0]) / (CRISP[1] - CRISP[0]), 0, 1)
    crisp[strands(soft, found)] = 0
    alpha = (soft + crisp * (crisp_alpha(found) - soft)).astype(np.float32, copy=False)
    _, far = _surely(selection, 0, reach_px)
    alpha[far & ~reaching(alpha, far)] = 0
    return alpha


def _surely(selection: F32, inner_px: int, outer_px: int) -> tuple[Flags, Flags]:
    """Where all is inside, and where all is outside, however wrong the selection is by that much."""
    return _shrunk(selection, inner_px) > 0.9, _grown(selection, outer_px) < 0.1


def _grown(plane: F32, px: int) -> F32:
    return cast(F32, cv2.dilate(plane, disc(px)))


def _shrunk(plane: F32, px: int) -> F32:
    return cast(F32, cv2.erode(plane, disc(px)))


def _spread(alpha: F32, surely: float) -> F32:
    return np.clip((alpha - surely) / (1 - 2 * surely), 0, 1).astype(np.float32, copy=False)
