"""CIE L*a*b* (D50): how editors scale it into samples, and its way to linear light with sRGB primaries.

Krita's scales are verified against Krita 5.1.5 (8 and 16 bit, float). Photoshop's 16 bit (white 32768, centre 16384) follows from
its documented range and is not verified in Photoshop.
"""

import numpy as np
from numpy.typing import NDArray

from inlay.color.icc import D50
from inlay.color.names import SPACES

_SRGB_TO_XYZ = SPACES["sRGB"]
_XYZ_TO_SRGB = np.linalg.inv(_SRGB_TO_XYZ).astype(np.float64)
_KINK = 6 / 29


def from_samples(samples: NDArray[np.float64], white: float, integer: bool) -> NDArray[np.float64]:
    """Samples (... x 3) as L* 0..100, a* and b* about -128..127.

    Integers: L* fills 0..white; a* and b* are centred at 128 (8 bit), 32896 (16 bit) or 16384 (white 32768). Floats hold
    the numbers themselves.
    """
    if not integer:
        return samples / white
    unit, centre = _chroma_scale(white)
    return (samples - [0.0, centre, centre]) * [100 / white, 1 / unit, 1 / unit]


def to_samples(values: NDArray[np.float64], white: float, integer: bool) -> NDArray[np.float64]:
    """The inverse of `from_samples`."""
    if not integer:
        return values * white
    unit, centre = _chroma_scale(white)
    return values * [white / 100, unit, unit] + [0.0, centre, centre]


def _chroma_scale(white: float) -> tuple[float, float]:
    """Samples per unit of a* or b*, and the sample of a neutral colour."""
    unit = white / 256 if white == 32_768 else white / 255
    return unit, 128 * unit


def to_linear(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """L*a*b* (... x 3) as linear light with sRGB primaries, unbounded."""
    f_y = (values[..., 0] + 16) / 116
    f = np.stack([f_y + values[..., 1] / 500, f_y, f_y - values[..., 2] / 200], axis=-1)
    ratios = np.where(f > _KINK, f**3, (f - 4 / 29) * (3 * _KINK**2))
    return (ratios * D50) @ _XYZ_TO_SRGB.T


def from_linear(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inverse of `to_linear`."""
    ratios = (linear @ _SRGB_TO_XYZ.T) / D50
    f = np.where(ratios > _KINK**3, np.cbrt(ratios), ratios / (3 * _KINK**2) + 4 / 29)
    return np.stack(
        [116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])],
        axis=-1,
    )
