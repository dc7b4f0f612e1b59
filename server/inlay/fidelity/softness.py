"""What an upscaler blurred, made as sharp as the source shows: by one factor for its finest detail, found by least squares.

A correction of means reaches no finer than the source's own pixels and leaves what is beyond them as weak as it came.
"""

from __future__ import annotations

import numpy as np

from inlay.fidelity.raster import F32, blur, enlarged_smoothly, luma, resize

FINE_PX = 0.35
"""Detail is what a Gaussian of so many of the source's pixels takes away."""
FINER = 1.6
"""The source shows the coarser part of that detail; of the finer a blur has taken more."""
LEAST, SURE = 0.3, 0.6
"""If less of the detail is missing, nothing is added; from the second on, all of it. Networks (waifu2x) miss up to 0.1."""
MOST = 3.0
"""So many times the detail is added at most."""
LIGHT_PX = 2.0
"""Differences broader than so many of the source's pixels are of light, not of sharpness."""
INTERPOLATED = 0.91
"""Correlation with the detail of the means, interpolated, above which there is none to sharpen: it would be the source's pixels.
Lanczos and cubic ones have 0.93 to 0.97, blurred truth 0.65 to 0.89."""


def as_sharp(upscaled: F32, source: F32, scale: int) -> F32:
    """HxWx3 `upscaled` with as much detail as `source`, (H/scale)x(W/scale)x3, shows; itself where that is not missing.

    Both are encoded; what is returned may lie beyond 0..1.
    """
    height, width = source.shape[:2]
    seen = luma(upscaled)
    own, fine = resize(seen, height, width), _fine(seen, scale)
    shown, missing = _narrow(resize(fine, height, width)), _narrow(luma(source) - own)
    found = float(np.vdot(shown, missing) / max(float(np.vdot(shown, shown)), 1e-12))
    if found <= LEAST or _likeness(fine, _fine(enlarged_smoothly(own, scale), scale)) > INTERPOLATED:
        return upscaled
    sharper = upscaled - blur(upscaled, FINE_PX * scale)
    sharper *= np.float32(min(FINER * found, MOST) * min((found - LEAST) / (SURE - LEAST), 1))
    sharper += upscaled
    return sharper


def _fine(plane: F32, scale: int) -> F32:
    return plane - blur(plane, FINE_PX * scale)


def _narrow(plane: F32) -> F32:
    return plane - blur(plane, LIGHT_PX)


def _likeness(one: F32, other: F32) -> float:
    """Correlation of details, -1 .. 1."""
    return float(np.vdot(one, other) / max(float(np.sqrt(np.vdot(one, one) * np.vdot(other, other))), 1e-12))
