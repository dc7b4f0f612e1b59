"""How far apart two pictures look: CIEDE2000 on samples of the protected surroundings.

Sharma, Wu, Dalal, "The CIEDE2000 color-difference formula: implementation notes", Color Research and Application 30 (2005).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inlay.fidelity.raster import F32

F64 = NDArray[np.float64]
_XYZ_FROM_RGB = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = _XYZ_FROM_RGB.sum(1)


def to_cielab(rgb: F32) -> F64:
    """Encoded sRGB (..., 3), clipped to 0..1, to CIELab D65."""
    x = np.clip(rgb.astype(np.float64), 0, 1)
    linear = np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)
    t = linear @ _XYZ_FROM_RGB.T / _WHITE
    f = np.where(t > 0.008856451679, np.cbrt(t), 7.787037037 * t + 16 / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)


def delta_e_2000(first: F64, second: F64) -> F64:
    """CIEDE2000 of two CIELab arrays (..., 3)."""
    l1, a1, b1 = np.moveaxis(first, -1, 0)
    l2, a2, b2 = np.moveaxis(second, -1, 0)
    c7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    g = 0.5 * (1 - np.sqrt(c7 / (c7 + 25.0**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.arctan2(b1, a1) % (2 * np.pi), np.arctan2(b2, a2) % (2 * np.pi)
    grey = c1 * c2 == 0
    turn = (h2 - h1 + np.pi) % (2 * np.pi) - np.pi
    dl, dc, dh = l2 - l1, c2 - c1, np.where(grey, 0, 2 * np.sqrt(c1 * c2) * np.sin(turn / 2))
    lightness, c = (l1 + l2) / 2, (c1 + c2) / 2
    h = np.where(grey, h1 + h2, (h1 + turn / 2) % (2 * np.pi))
    t = (
        1
        - 0.17 * np.cos(h - np.pi / 6)
        + 0.24 * np.cos(2 * h)
        + 0.32 * np.cos(3 * h + np.pi / 30)
        - 0.2 * np.cos(4 * h - 63 * np.pi / 180)
    )
    sl = 1 + 0.015 * (lightness - 50) ** 2 / np.sqrt(20 + (lightness - 50) ** 2)
    sc, sh = 1 + 0.045 * c, 1 + 0.015 * c * t
    rotation = -np.sin(np.pi / 3 * np.exp(-(((np.degrees(h) - 275) / 25) ** 2))) * 2 * np.sqrt(c**7 / (c**7 + 25.0**7))
    return np.sqrt((dl / sl) ** 2 + (dc / sc) ** 2 + (dh / sh) ** 2 + rotation * (dc / sc) * (dh / sh))
