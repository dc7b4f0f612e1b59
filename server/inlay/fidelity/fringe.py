"""The fringe of a cut-out: what soft pixels hold of the background they were cut from, and the object's own colour instead.

A soft pixel was alpha times the object plus the rest of the old background (Smith and Blinn, SIGGRAPH 1996). The object's colour
is carried outward from where it is opaque, the old background's is what soft pixels have beyond it; both are smooth.
"""

from __future__ import annotations

import cv2
import numpy as np

from inlay.fidelity.light import pull_push
from inlay.fidelity.raster import F32, Flags, masked_blur, thrice

OPAQUE = 0.95
SOFT = (0.02, 0.97)
JUDGED = (0.08, 0.9)
BACKGROUND_SIGMA_PX = 10.0
DETAIL_SIGMA_PX = 1.5
ROUNDS = 3
DOUBT = 0.06
FINAL_DOUBT = 0.03
MOST_GAIN = 2.0
LARGEST_LEFT = 0.8
"""With a fringe, the model of one leaves at most this share of what differs from the object's own colour."""
LEAST_DIFFERENCE = 0.085
"""Old background and object differ by at least this (encoded), or there is nothing to see."""
FEWEST = 60


def without_fringe(rgb: F32, alpha: F32) -> F32 | None:
    """HxWx3 `rgb` (encoded, straight) with its soft pixels in the object's own colours; None where nothing of another shows.

    alpha: HxW, 0..1.
    """
    soft, judged = ((alpha > low) & (alpha < high) for low, high in (SOFT, JUDGED))
    if judged.sum() < FEWEST:
        return None
    opaque = cv2.erode((alpha > OPAQUE).astype(np.float32), np.ones((3, 3), np.uint8))
    if opaque.sum() < FEWEST:
        return None
    own = pull_push(rgb, np.asarray(opaque, np.float32), 0.02)
    visible = (alpha > 0).astype(np.float32)
    old = _background(rgb, own, alpha, visible)
    if not _shows(rgb, own, old, alpha, judged):
        return None
    a = thrice(alpha)
    rest = 1 - a
    for _ in range(ROUNDS):
        correction = np.asarray(a / (a * a + DOUBT) * (rgb - a * own - rest * old), np.float32)
        smooth, _ = masked_blur(correction, visible * alpha, DETAIL_SIGMA_PX)
        own += smooth * thrice(soft.astype(np.float32))
        old = _background(rgb, own, alpha, visible)
    gain = np.minimum(a / (a * a + FINAL_DOUBT), MOST_GAIN)
    clean = own + gain * (rgb - a * own - rest * old)
    edge = np.clip((1 - alpha) / (1 - SOFT[1]), 0, 1)
    return np.where(thrice(alpha) > 0, rgb + (clean - rgb) * thrice(edge), rgb).astype(np.float32)


def _background(rgb: F32, own: F32, alpha: F32, visible: F32) -> F32:
    rest = 1 - alpha
    said = (rgb - thrice(alpha) * own) / thrice(np.maximum(rest, 0.05))
    said = np.clip(said, -0.2, 1.2).astype(np.float32)
    mean, _ = masked_blur(said, rest * rest * visible, BACKGROUND_SIGMA_PX)
    return mean


def _shows(rgb: F32, own: F32, old: F32, alpha: F32, judged: Flags) -> bool:
    low, _ = masked_blur(rgb, (alpha > 0).astype(np.float32), 0.8)
    weight = np.sqrt(alpha)[judged][:, None]
    clean = (low - own)[judged] * weight
    mixed = (low - thrice(alpha) * own - (1 - thrice(alpha)) * old)[judged] * weight
    apart = np.sqrt(np.square((old - own)[judged]).mean())
    return bool(np.square(mixed).sum() < LARGEST_LEFT**2 * np.square(clean).sum() and apart > LEAST_DIFFERENCE)
