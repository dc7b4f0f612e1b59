"""Fill narrow gaps smoothly, where no whole patch of the surroundings is left to copy: scan lines, meshes, dust.

Method: pull-push interpolation, Gortler et al., "The Lumigraph" (1996).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.engines.classic.pyramid import halved


def smoothly_filled(colors: NDArray[np.float32], source: NDArray[np.bool_]) -> NDArray[np.float32]:
    """`colors` (height x width x 3) with every pixel that is no source (height x width, bool) interpolated from those."""
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
    return np.where(source[..., None], colors, grown).astype(np.float32, copy=False)
