"""Light and colour of a layer changed as a whole: one affine map of encoded colours, each of both as far as is wanted."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from inlay.fidelity.raster import F32, luma, thrice


class Tones(NamedTuple):
    """matrix: 4x3; [rgb, 1] @ matrix are the wanted encoded colours for the layer's."""

    matrix: F32

    @property
    def slope(self) -> float:
        """By how much differences of tone, and grain with them, grow."""
        return float(self.matrix[:3].sum() / 3)

    def applied(self, rgb: F32, light: float, color: float) -> F32:
        """HxWx3 encoded `rgb` with the wanted light and colour, each as far as 0..1 says."""
        full = np.asarray(cv2.transform(rgb, np.ascontiguousarray(self.matrix.T)), np.float32)
        brighter = np.maximum(luma(full), 0) / np.maximum(luma(rgb), np.float32(1e-3))
        lit: F32 = rgb * thrice(brighter.astype(np.float32, copy=False))
        return np.asarray(rgb + np.float32(light) * (lit - rgb) + np.float32(color) * (full - lit), np.float32)
