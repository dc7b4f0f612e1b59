"""Colours of a picture for another one: the spread of its hues and chromas, at the lightness that is there.

The linear map between two normal distributions that moves the least (Pitie and Kokaram 2007, "The linear Monge-Kantorovitch linear
colour mapping for example-based colour transfer"), on OKLab's a and b alone: light and shadow stay as they were painted.
"""

from __future__ import annotations

import numpy as np

from inlay.fidelity.oklab import shift_in_oklab, to_oklab
from inlay.fidelity.raster import F32

MOST_SPREAD = 4.0
"""Colours are drawn apart by no more than this: of what is nearly grey it would make coloured noise."""
_LEAST_VARIANCE = 1e-6


def with_palette(pixels: F32, share: F32, palette: F32, weight: float = 1.0) -> F32:
    """`pixels` with the palette's mean and spread of a and b, as far as `weight` says; lightness as it was.

    pixels: HxWx3 float32, sRGB-encoded. share: HxW float32 0..1, which of them count and how much. palette: hxwx3, likewise
    encoded, of any size. weight: 0 .. 1.
    """
    if not share.any():
        return pixels
    own_mean, own_spread = _statistics(to_oklab(pixels)[..., 1:], share)
    new_mean, new_spread = _statistics(to_oklab(palette)[..., 1:], np.ones(palette.shape[:2], np.float32))
    plane = np.eye(2) + weight * (_map_between(own_spread, new_spread) - np.eye(2))
    middle = own_mean + weight * (new_mean - own_mean)
    matrix = np.eye(3)
    matrix[1:, 1:] = plane
    offset = np.zeros(pixels.shape, np.float32)
    offset[..., 1:] = middle - plane @ own_mean
    return shift_in_oklab(pixels, matrix.astype(np.float32), offset)


def _statistics(plane: F32, share: F32) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of HxWx2, weighted by `share`."""
    weights = share.reshape(-1).astype(np.float64) / float(share.sum(dtype=np.float64))
    values = plane.reshape(-1, 2).astype(np.float64)
    mean = weights @ values
    apart = values - mean
    return mean, (apart * weights[:, None]).T @ apart + _LEAST_VARIANCE * np.eye(2)


def _map_between(own: np.ndarray, new: np.ndarray) -> np.ndarray:
    """The symmetric matrix that takes one covariance to another, without drawing anything apart too far."""
    root = _power(own, 0.5)
    back = _power(own, -0.5)
    found = back @ _power(root @ new @ root, 0.5) @ back
    values, vectors = np.linalg.eigh(found)
    return (vectors * np.clip(values, 0, MOST_SPREAD)) @ vectors.T


def _power(matrix: np.ndarray, exponent: float) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.maximum(values, _LEAST_VARIANCE**2) ** exponent) @ vectors.T
