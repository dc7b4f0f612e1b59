"""Whether two pictures show the same thing at a place: by its structure, whatever its colour and light have become."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from inlay.siblings.pixels import F32, blurred, luma

SOFTEN_PX = 1.0
"""A sibling may be a little softer than its master."""
NOISE = 0.012
"""Standard deviation, encoded, below which a window shows nothing."""
WINDOWS = 24
"""Standard deviations of a window in the size of the object."""


class Agreement(NamedTuple):
    """H x W maps, 0..1: `alike`, and how much structure there is to tell by, `tells`."""

    alike: F32
    tells: F32

    def over(self, mask: F32) -> float:
        """How alike what lies under the mask (H x W, 0..1) is, 0..1."""
        weight = self.tells * mask
        return float((self.alike * weight).sum() / max(float(weight.sum()), 1e-6))


def agreement(one: F32, other: F32, size_px: float) -> Agreement:
    """Two pictures (H x W x 3, encoded 0..1) of an object of this size, by their correlation in windows, of either sign."""
    window = max(2.5, size_px / WINDOWS)

    def mean(values: F32) -> F32:
        return blurred(values, window)

    one, other = (_softened(picture) for picture in (one, other))
    one, other = one - mean(one), other - mean(other)
    varies, varied, shared = mean(one * one), mean(other * other), mean(one * other)
    noise = NOISE * NOISE
    alike = np.abs(shared) / np.sqrt((varies + noise / 4) * (varied + noise / 4))
    strongest = (varies * varied).argmax(axis=-1)[..., None]
    best = np.maximum(np.take_along_axis(alike, strongest, -1)[..., 0], alike[..., 3])
    most = np.maximum(varies.max(axis=-1), varied.max(axis=-1))
    return Agreement(np.clip(best, 0, 1), most / (most + noise))


def _softened(picture: F32) -> F32:
    return blurred(_channels(picture), SOFTEN_PX)


def _channels(picture: F32) -> F32:
    """R, G, B and luma."""
    return np.dstack([picture, luma(picture)])
