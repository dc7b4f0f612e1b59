"""Fill narrow gaps smoothly, as a soap film stretched over them: scan lines, meshes, hair, dust.

Method: pull-push interpolation (Gortler et al., "The Lumigraph", 1996), relaxed to the membrane at each size.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.engines.classic.patchmatch import relax

ROUNDS = 16
OVERSHOOT = 1.6
"""Successive over-relaxation: from a coarser film so many rounds of it settle gaps of any width."""


def smoothly_filled(colors: NDArray[np.float32], source: NDArray[np.bool_]) -> NDArray[np.float32]:
    """`colors` (height x width x channels) with every pixel that is no source (height x width, bool) interpolated."""
    if source.all() or not source.any():
        return colors.copy()
    height, width = source.shape
    share = halved(source.astype(np.float32))
    sums = halved(np.where(source[..., None], colors, np.float32(0)))
    coarse = np.divide(sums, np.maximum(share, 1e-6)[..., None], dtype=np.float32)
    if min(height, width) > 1:
        coarse = smoothly_filled(coarse, share > 0)
    size = (2 * coarse.shape[1], 2 * coarse.shape[0])
    grown = cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR)[:height, :width]
    film = np.ascontiguousarray(np.where(source[..., None], colors, grown), np.float32)
    relax(film, np.flatnonzero(~source), np.float32(OVERSHOOT), ROUNDS)
    return film


def halved(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """2 x 2 means of height x width (x channels), float32; an odd last row or column counts double."""
    height, width = plane.shape[0] + plane.shape[0] % 2, plane.shape[1] + plane.shape[1] % 2
    if (height, width) != plane.shape[:2]:
        odd = [(0, height - plane.shape[0]), (0, width - plane.shape[1])] + [(0, 0)] * (plane.ndim - 2)
        plane = np.pad(plane, odd, mode="edge")
    return cv2.resize(plane, (width // 2, height // 2), interpolation=cv2.INTER_AREA).astype(np.float32, copy=False)
