"""The look of a layer beside that of a document: black and white point, cast, saturation; and how much of a difference is believed.

Statistics of surroundings do not tell a cast: of a layer that belongs they differ as much as of one that does not. So a difference
counts for little, the less the larger it is: what is far off is content.
Illuminant: G. Finlayson and E. Trezzi, "Shades of gray and colour constancy", CIC 2004.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from inlay.fidelity.cielab import encoded_of, linear_of, luminance_of
from inlay.fidelity.raster import F32, LUMA, in_bands

BLACK_QUANTILE, WHITE_QUANTILE = 0.005, 0.995
NORM = 6.0
GAINS = (0.5, 0.3, 0.12, 0.08, 0.06)
"""Share of a small difference in black, white, temperature, tint and saturation that is taken away: half of what predicts best."""
USUAL = (0.03, 0.12, 0.2, 0.1, 0.5)
"""At twice such a difference the share is half."""
NEUTRAL = 0.12
"""Of chroma over the largest channel: so near to gray a pixel counts for the cast of what should be gray."""
NEITHER_BLACK_NOR_WHITE = (0.08, 0.95)
FAINTEST = 0.05
LEAST_SATURATION = 0.02
FEWEST = 200


class Look(NamedTuple):
    """black, white: of encoded values, 0..1. temperature, tint, saturation: natural logarithms of linear gains."""

    black: float
    white: float
    temperature: float
    tint: float
    saturation: float


def look_of(pixels: F32) -> Look:
    """How N x 3 encoded pixels without grain look."""
    bounded = np.clip(pixels, 0, 1)
    linear = np.maximum(linear_of(bounded), 1e-4)
    least, most = bounded.min(1), bounded.max(1)
    vividness = (most - least) / np.maximum(most, FAINTEST)
    tone = bounded @ LUMA[0]
    low, high = NEITHER_BLACK_NOR_WHITE
    gray = np.exp(-np.square(vividness / NEUTRAL)) * ((tone > low) & (tone < high)) + 1e-6
    brightest, grayest = np.log((linear**NORM).mean(0)) / NORM, np.log(gray @ linear / gray.sum())
    red, green, blue = (float(v) for v in (brightest + grayest) / 2)
    return Look(
        float(np.quantile(least, BLACK_QUANTILE)),
        float(np.quantile(most, WHITE_QUANTILE)),
        (red - blue) / 2,
        green - (red + blue) / 2,
        float(np.log(vividness.mean() + LEAST_SATURATION)),
    )


def change_of(theirs: Look, own: Look, light: float, color: float) -> Look:
    """What to add to the layer's look; light, color: 0..1, how much of what is believed."""
    amounts = (light, light, color, color, color)
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
    if not (change.temperature or change.tint or change.saturation):
        return tones
    gains = np.exp([change.temperature, change.tint, -change.temperature]).astype(np.float32)
    gains /= luminance_of(gains[None])[0]
    vivid = np.float32(np.exp(change.saturation))

    def balanced(part: F32) -> F32:
        linear = linear_of(part) * gains
        gray = luminance_of(linear)[:, None]
        return encoded_of(gray + (linear - gray) * vivid)

    return in_bands(balanced, tones.reshape(-1, 3)).reshape(rgb.shape)
