"""Colour as numbers that people compare: the sRGB curve, linear light and CIELab under D50, as Photoshop shows it.

IEC 61966-2-1 (sRGB); CIE 15 (Lab); the matrix is sRGB's, adapted to D50 with Bradford as in every sRGB ICC profile.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from inlay.fidelity.raster import F32, power

F64 = NDArray[np.float64]

_XYZ_FROM_LINEAR = np.array(
    [[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]]
)
_LINEAR_FROM_XYZ = np.linalg.inv(_XYZ_FROM_LINEAR)
_WHITE_D50 = _XYZ_FROM_LINEAR.sum(1)
_LUMINANCE = _XYZ_FROM_LINEAR[1]
_TOE_ENCODED, _TOE_LINEAR = np.float32(0.04045), np.float32(0.0031308)
_CUBE_FROM = (6 / 29) ** 3
_SLOPE = (29 / 6) ** 2 / 3


AT_ONCE = 1 << 16
"""Values that a curve takes together: what it needs on the way stays in a core's cache. A multiple of any vector's length."""


def linear_of(encoded: F32) -> F32:
    """sRGB-encoded float32 of any shape to linear light; the curve goes on above 1 and is odd below 0."""
    return _by_parts(_linear, encoded)


def encoded_of(linear: F32) -> F32:
    """Linear light, float32 of any shape, to sRGB encoding; the inverse of `linear_of`."""
    return _by_parts(_encoded, linear)


def _by_parts(curve: Callable[[F32], F32], values: F32) -> F32:
    if values.size <= AT_ONCE:
        return curve(values)
    flat = values.reshape(-1)
    out = np.empty_like(flat)
    for start in range(0, flat.size, AT_ONCE):
        out[start : start + AT_ONCE] = curve(flat[start : start + AT_ONCE])
    return out.reshape(values.shape)


def _linear(encoded: F32) -> F32:
    size = np.abs(encoded)
    above = size + np.float32(0.055)
    above *= np.float32(1 / 1.055)
    linear = power(above, 2.4).reshape(encoded.shape)
    np.multiply(size, np.float32(1 / 12.92), out=linear, where=size <= _TOE_ENCODED)
    return np.copysign(linear, encoded, out=linear)


def _encoded(linear: F32) -> F32:
    size = np.abs(linear)
    encoded = power(size, 1 / 2.4).reshape(linear.shape)
    encoded *= np.float32(1.055)
    encoded -= np.float32(0.055)
    np.multiply(size, np.float32(12.92), out=encoded, where=size <= _TOE_LINEAR)
    return np.copysign(encoded, linear, out=encoded)


def lab_of(linear: NDArray[np.floating]) -> F64:
    """Linear sRGB primaries (..., 3), unbounded, to CIELab D50."""
    t = np.asarray(linear, np.float64) @ _XYZ_FROM_LINEAR.T / _WHITE_D50
    f = np.where(t > _CUBE_FROM, np.cbrt(t), _SLOPE * t + 4 / 29)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)


def linear_of_lab(lab: NDArray[np.floating]) -> F64:
    """CIELab D50 (..., 3) to linear sRGB primaries; outside 0..1 where sRGB does not hold the colour."""
    values = np.asarray(lab, np.float64)
    y = (values[..., 0] + 16) / 116
    f = np.stack([y + values[..., 1] / 500, y, y - values[..., 2] / 200], -1)
    t = np.where(f > 6 / 29, f**3, (f - 4 / 29) / _SLOPE)
    return (t * _WHITE_D50) @ _LINEAR_FROM_XYZ.T


def luminance_of(linear: F32) -> F32:
    """Relative luminance Y (white = 1) of linear sRGB primaries (..., 3)."""
    return linear @ _LUMINANCE.astype(np.float32)


def lightness_of(linear: F32) -> F32:
    """CIELab lightness L (0..100 and beyond) of linear sRGB primaries (N, 3)."""
    y = luminance_of(linear)
    cube = np.cbrt(np.maximum(y, np.float32(_CUBE_FROM)))
    return np.where(y > _CUBE_FROM, 116 * cube - 16, np.float32(116 * _SLOPE) * y).astype(np.float32)
