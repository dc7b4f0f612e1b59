"""Mottle: grain of colour so coarse that blocks of 16 px take it for content. It is lowered to the document's in blocks of 64 px.

What remains of an enlarged or compressed picture's grain is low-pass: at frequencies lower than those measured it is as strong as
at the lowest of them. Only colour is touched: there the eye sees blotches, and pictures have little detail of their own.
"""

from __future__ import annotations

import numpy as np

from inlay.fidelity.lapped import BLOCK, WHITE, changed
from inlay.fidelity.noise import NODES, Noise
from inlay.fidelity.raster import F32, Flags, resize, stripes, thrice

REDUCTION = 4
COARSEST = 2
"""Index of the cosines up to which power is taken for that of all coarser ones."""
OVERSUBTRACTED = 2.2
LEAST_SHARE = 0.04
_YCC = np.array([[0.299, 0.587, 0.114], [-0.1687, -0.3313, 0.5], [0.5, -0.4187, -0.0813]], np.float32).T.copy()
_INDEX = np.hypot(*np.mgrid[:BLOCK, :BLOCK])
_COARSE = (_INDEX > 0) & (_INDEX <= COARSEST)


def without_mottle(rgb: F32, visible: Flags, own: Noise, theirs: Noise, share: float) -> F32:
    """HxWx3 `rgb` (encoded) with its coarse grain of colour lowered to the document's.

    visible: HxW, beyond it `rgb` is carried on and stays. own, theirs: the grain of layer and document. share: 0..1, how much goes.
    """
    height, width = visible.shape
    h, w = -(-height // REDUCTION), -(-width // REDUCTION)
    if min(h, w) < BLOCK:
        return rgb
    (there, own_levels), (wanted, their_levels) = (_coarse(noise) for noise in (own, theirs))
    if (there[1:] <= wanted[1:]).all():
        return rgb
    small = resize(rgb, h, w)
    where = resize(visible.astype(np.float32), h, w) > 0

    def change(cosines: F32, brightness: F32) -> F32:
        at = np.interp(brightness, NODES, own_levels).astype(np.float32)
        to = np.interp(brightness, NODES, their_levels).astype(np.float32)
        grain = (there[:, None] * at)[:, None, None] * WHITE[..., None]
        kept = np.sqrt(np.minimum(1, wanted[:, None] * to / np.maximum(there[:, None] * at, 1e-12)))[:, None, None]
        power = np.square(cosines)
        signal = np.maximum(np.maximum(power - OVERSUBTRACTED * grain, 0) / np.maximum(power, 1e-12), LEAST_SHARE)
        gain = 1 - np.float32(share) * (1 - signal) * (1 - kept)
        gain[0] = 1
        return np.asarray(cosines * gain, np.float32)

    out = resize(changed(small, where, change, _YCC) - small, height, width)
    for rows in stripes(height, width):
        out[rows] *= thrice(visible[rows].astype(np.float32))
        out[rows] += rgb[rows]
    return out


def _coarse(noise: Noise) -> tuple[F32, F32]:
    """Variance of each of luma and two colours after reduction, and its size against that over luma."""
    powers, levels = noise.powers(_YCC)
    return (powers / WHITE)[:, _COARSE].mean(1) / np.float32(REDUCTION**2), levels
