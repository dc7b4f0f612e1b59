"""Maps of a picture, as ControlNets were trained to be held to them: light marks on black.

Canny 1986; soft edges and lines stand for those that networks draw, HED (arXiv 1504.06375) and for line art, and are made without
one: of the gradient, and of the difference of two blurs (Winnemoeller et al. 2012, XDoG).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.structure import COMPOSITION, EDGES, LINES, SOFT_EDGES

WEAK, STRONG = 50, 200
"""Canny's thresholds, of 8-bit samples, that FLUX.1 Canny was trained with (its makers' repository, `CannyImageEncoder`);
ControlNets saw any."""

SOFT_PX, LINE_PX = 1.5, 1.0
"""Blur before the gradient, and the finer of two blurs whose difference is a line; of a picture of 1024 px, in px."""
_USUAL_PX = 1024
_COARSE = 1 / 64
"""Of the longer side: what a composition does not tell apart."""
_WIDER = 1.6
_BRIGHTEST = 99.5
"""Percentile that becomes white."""

Floats = NDArray[np.float32]


def map_of(kind: str, pixels: Floats) -> Floats:
    """The map of a kind that needs no network: height x width x 3, float32 0..1. pixels: likewise, sRGB-encoded.

    kind: EDGES, SOFT_EDGES, LINES or COMPOSITION.
    """
    seen = np.clip(pixels, 0, 1).astype(np.float32)
    scale = max(seen.shape[:2]) / _USUAL_PX
    match kind:
        case "edges":
            made = cv2.Canny(np.round(seen * 255).astype(np.uint8), WEAK, STRONG).astype(np.float32) / 255
        case "soft_edges":
            made = _brightened(_gradient(seen, max(0.8, SOFT_PX * scale)))
        case "lines":
            made = _brightened(_lines(seen, max(0.6, LINE_PX * scale)))
        case "composition":
            made = _brightened(_gradient(seen, max(2.0, max(seen.shape[:2]) * _COARSE)))
        case _:
            raise ValueError(kind)
    return np.repeat(np.ascontiguousarray(made, np.float32)[..., None], 3, axis=2)


CLASSICAL = (EDGES, SOFT_EDGES, LINES, COMPOSITION)
"""The kinds that `map_of` makes."""


def _gradient(pixels: Floats, sigma: float) -> Floats:
    """How steep the steepest channel is."""
    smooth = cv2.GaussianBlur(pixels, (0, 0), sigma)
    across, down = cv2.Scharr(smooth, cv2.CV_32F, 1, 0), cv2.Scharr(smooth, cv2.CV_32F, 0, 1)
    return np.asarray(np.hypot(across, down).max(axis=2), np.float32)


def _lines(pixels: Floats, sigma: float) -> Floats:
    """How much darker than its surroundings a pixel is."""
    light = pixels @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    apart = cv2.GaussianBlur(light, (0, 0), _WIDER * sigma) - cv2.GaussianBlur(light, (0, 0), sigma)
    return np.maximum(np.asarray(apart, np.float32), 0)


def _brightened(values: Floats) -> Floats:
    """0..1, the strongest white; black where there is nothing but rounding."""
    white = float(np.percentile(values, _BRIGHTEST)) or float(values.max())
    return np.clip(values / np.float32(white), 0, 1) if white > 1e-4 else np.zeros_like(values)
