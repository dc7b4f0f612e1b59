"""The look of a layer beside that of a document: black and white point, cast; and how much of a difference is believed.

Statistics of surroundings do not tell a cast: of a layer that belongs they differ as much as of one that does not. So a difference
counts for little, the less the larger it is: what is far off is content.
Illuminant: G. Finlayson and E. Trezzi, "Shades of gray and colour constancy", CIC 2004.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from inlay.fidelity.cielab import encoded_of, linear_of, luminance_of
from inlay.fidelity.raster import F32, in_bands

BLACK_QUANTILE, WHITE_QUANTILE = 0.005, 0.995
NORM = 6.0
GAINS = (0.3, 0.35, 0.12, 0.05)
"""Share of a small difference in black, white, temperature and tint that is taken away: half of what predicts best."""
USUAL = (0.03, 0.12, 0.2, 0.1)
"""At twice such a difference the share is half."""
FEWEST = 200


class Look(NamedTuple):
    """black, white: of encoded values, 0..1. temperature, tint: natural logarithms of linear gains."""

    black: float
    white: float
    temperature: float
    tint: float


def look_of(pixels: F32) -> Look:
    """How N x 3 encoded pixels without grain look."""
    bounded = np.clip(pixels, 0, 1)
    linear = np.maximum(linear_of(bounded), 1e-4)
    red, green, blue = (float(v) for v in np.log((linear**NORM).mean(0)) / NORM)
    return Look(
        float(np.quantile(bounded.min(1), BLACK_QUANTILE)),
        float(np.quantile(bounded.max(1), WHITE_QUANTILE)),
        (red - blue) / 2,
        green - (red + blue) / 2,
    )


def change_of(theirs: Look, own: Look, light: float, color: float) -> Look:
    """What to add to the layer's look; light, color: 0..1, how much of what is believed."""
    amounts = (light, light, color, color)
    wanted = (
        amount * gain * (t - o) / (1 + abs(t - o) / (2 * usual))
        for amount, gain, usual, t, o in zip(amounts, GAINS, USUAL, theirs, own, strict=True)
    )
    return Look(*wanted)


def slope_of(change: Look) -> float:
    """By how much differences of tone, and grain with them, grow."""
    return 1 + change.white - change.black


def with_change(rgb: F32, change: Look) -> F32:
    """HxWx3 encoded `rgb` with another look."""
    tones = rgb * np.float32(slope_of(change)) + np.float32(change.black)
    if not (change.temperature or change.tint):
        return tones
    gains = np.exp([change.temperature, change.tint, -change.temperature]).astype(np.float32)
    gains /= luminance_of(gains[None])[0]

    def balanced(part: F32) -> F32:
        return encoded_of(linear_of(part) * gains)

    return in_bands(balanced, tones.reshape(-1, 3)).reshape(rgb.shape)
