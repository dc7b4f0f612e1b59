"""A material taken apart into what its colour decides and what it does not: shading, highlights, texture, grain.

The dichromatic model (Shafer, "Using color to separate reflection components", 1985) in linear light: a pixel is the material's
colour times its shading, plus white light that never entered the material, plus the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from inlay.fidelity.cielab import encoded_of, linear_of, luminance_of
from inlay.fidelity.raster import F32, Flags, blur

GRAIN_SIGMA_PX = 1.2
"""Detail finer than this is grain and is kept at its strength, whatever the colour does (docs/facts/fidelity.md#brand-colour)."""
_GRAIN_FLOOR = 0.012
"""Encoded amplitude that always counts as grain, three 8-bit codes."""
_GRAIN_REACH = 4.0
"""Fine detail beyond this many standard deviations of the grain is an edge: it is recoloured, not added back."""
_LIT = (0.30, 0.85)
"""Luminance quantiles between which a pixel shows the material's colour: neither shadow nor highlight."""
_RIDGE = 0.06
"""Keeps chroma noise of greyish materials out of the highlights; relative to white squared."""
_BODY_LIMIT = 2.2
"""Shading above which light on a grey material is a highlight: diffuse shading stays below about twice its median."""
_VEIL_REACH = 2.0
"""Standard deviations of the white share that still belong to the material."""
_FLARE = 0.002
"""Linear light that glare adds to every dark pixel; without it the codes of a black material become steps on a bright one."""
_KNEE = 0.8
"""Linear light from which on body colour is bent towards the channel's end instead of being cut there."""
_LEAST_REST = 0.25
"""Share of the rest that a channel keeps where the new colour has least of it. In proportion to the channel, as pigment varies,
else a trace of green becomes a patch of orange on red; but not less than this, for on black the rest is most of the shading."""
_SAMPLE = 60_000


class Ease(NamedTuple):
    """What a document without room takes from a material, 0 nothing .. 1 everything.

    shading: its contrast. gloss: up to a half highlights take on the material's colour, as on metal, beyond it they fade.
    """

    shading: float = 0.0
    gloss: float = 0.0


@dataclass(frozen=True)
class Material:
    """N pixels taken apart, in document linear light: shading * color + highlight * white + rest; grain is encoded.

    shading, highlight: N; rest, grain: N x 3; color: 3, at shading 1; level: the mean shading.
    """

    shading: F32
    highlight: F32
    rest: F32
    grain: F32
    color: F32
    level: float

    def take(self, index: Flags | np.ndarray) -> Material:
        """The same material, fewer pixels."""
        return Material(
            self.shading[index], self.highlight[index], self.rest[index], self.grain[index], self.color, self.level
        )

    def recolored(self, color: F32, hue: F32, ease: Ease, bounded: bool) -> F32:
        """The pixels with another colour, N x 3 encoded document channels.

        color: at shading 1. hue: what highlights are tinted with, largest channel 1. bounded: the channels end at 0 and 1;
        what nears 1 is bent, not cut, and grain shrinks where there is no room for it.
        """
        body = self._eased_shading(ease.shading)[:, None] * color
        if bounded:
            _bend(body)
        darker = min(float(np.linalg.norm(color) / max(np.linalg.norm(self.color), 1e-6)), 1.0)
        kept = np.clip(color / np.maximum(self.color, np.float32(1e-4)), _LEAST_REST * darker, 1)
        tint, left = min(1.0, 2 * ease.gloss), np.float32(min(1.0, 2 - 2 * ease.gloss))
        body += (left * self.highlight)[:, None] * (np.float32(1 - tint) + np.float32(tint) * hue)
        body += (kept * np.float32(1 - ease.gloss)) * self.rest
        encoded = encoded_of(body)
        grain = self.grain * np.float32(np.sqrt(1 - ease.shading))
        if bounded:
            room = np.minimum(encoded, 1 - encoded)
            grain *= np.clip(room * np.float32(1 / (3 * _GRAIN_FLOOR)), 0, 1)
        return (encoded + grain).astype(np.float32, copy=False)

    def _eased_shading(self, ease: float) -> F32:
        """Less contrast in lightness (a cube root of light), so that what is left runs with the lightness it came from."""
        if ease == 0:
            return self.shading
        middle = np.float32(np.cbrt(self.level))
        root = middle + np.float32(1 - ease) * (np.cbrt(self.shading) - middle)
        return (root * root * root).astype(np.float32, copy=False)


def split(encoded: F32, inside: Flags, typical: F32) -> Material:
    """Take apart the pixels of `encoded` (HxWx3 document channels, sRGB curve) where `inside` (HxW).

    typical: one weight for each of those pixels, above 0 where the pixel surely is the material.
    """
    fine = encoded - blur(encoded, GRAIN_SIGMA_PX)
    base, grain = encoded[inside], fine[inside]
    grain = _only_grain(grain, typical)
    linear = linear_of(base - grain)
    color = _lit_color(linear, typical)
    shading, highlight = _shares(linear, color, typical)
    highlight = _above_veil(highlight, typical)
    rest = (linear - shading[:, None] * color - highlight[:, None]).astype(np.float32, copy=False)
    brightness = float(luminance_of(color))
    shading, level = _without_steps(shading, typical, brightness / (brightness + _FLARE))
    return Material(shading, highlight, rest, grain, color, level)


def _only_grain(fine: F32, typical: F32) -> F32:
    """Fine detail with the edges taken out."""
    size = np.abs(fine)
    strength = np.maximum(np.maximum(size[:, 0], size[:, 1]), size[:, 2])
    deviation = 1.4826 * float(np.median(_some(strength[typical > 0]))) / 1.6  # the largest of three channels, for one
    limit = max(_GRAIN_REACH * deviation, _GRAIN_FLOOR)
    ratio = strength * np.float32(1 / limit)
    ratio *= ratio
    ratio *= ratio
    return (fine * (1 / (1 + ratio))[:, None]).astype(np.float32, copy=False)


def _lit_color(linear: F32, typical: F32) -> F32:
    sure = _some(linear[typical > 0])
    brightness = luminance_of(sure)
    low, high = np.quantile(brightness, _LIT)
    lit = sure[(brightness >= low) & (brightness <= high)]
    return np.maximum(np.median(lit, axis=0), np.float32(1e-4)).astype(np.float32)


def _shares(linear: F32, color: F32, typical: F32) -> tuple[F32, F32]:
    """Least squares of each pixel on the material's colour and white, both at least 0."""
    own, cross, white = float(color @ color), float(color.sum()), 3.0
    grey = _RIDGE / (1 - cross * cross / (own * white) + _RIDGE)
    on_color, on_white = linear @ color, linear @ np.ones(3, np.float32)
    determinant = own * white * (1 + _RIDGE) - cross * cross
    highlight = (on_white * np.float32(own) - on_color * np.float32(cross)) / np.float32(determinant)
    np.maximum(highlight, 0, out=highlight)
    shading = ((on_color - np.float32(cross) * highlight) / np.float32(own)).astype(np.float32, copy=False)
    bare = shading < 0
    shading[bare] = 0
    highlight[bare] = np.maximum(on_white[bare] / np.float32(white), 0)
    beyond = np.float32(grey) * _beyond(shading, _body_limit(shading[typical > 0]))
    highlight += beyond * luminance_of(color)
    shading -= beyond
    return shading, highlight.astype(np.float32, copy=False)


def _body_limit(sure: F32) -> float:
    """Shading above which light on a grey material, whose colour cannot tell, counts as a highlight."""
    return float(np.clip(1.2 * np.quantile(_some(sure), 0.9), 1.2, _BODY_LIMIT))


def _beyond(shading: F32, limit: float) -> F32:
    """What lies above `limit`, with a soft start of a third of it."""
    width = np.float32(limit / 3)
    over = np.clip(shading - (np.float32(limit) - width), 0, 2 * width)
    steady = np.maximum(shading - (np.float32(limit) + width), 0)
    return (over * over / (4 * width) + steady).astype(np.float32, copy=False)


def _above_veil(highlight: F32, typical: F32) -> F32:
    """White light beyond what most of the material shows; the rest is how cloth or china looks, not a highlight."""
    sure = _some(highlight[typical > 0])
    middle = float(np.median(sure))
    veil = middle + _VEIL_REACH * 1.4826 * float(np.median(np.abs(sure - middle)))
    return np.maximum(highlight - np.float32(veil), 0)


def _without_steps(shading: F32, typical: F32, contrast: float) -> tuple[F32, float]:
    """Shading with its contrast scaled around its mean, and that mean; a material without any light becomes flat."""
    level = float(np.average(shading, weights=typical))
    if level < 1e-3:
        return np.ones_like(shading), 1.0
    return level + np.float32(contrast) * (shading - np.float32(level)), level


def _bend(body: F32) -> None:
    """Bend values above the knee towards 1, which they do not pass; slope 1 at the knee. In place."""
    over = body > _KNEE
    room = 1 - _KNEE
    body[over] = 1 - np.float32(room) * np.exp((_KNEE - body[over]) / np.float32(room))


def _some(values: F32) -> F32:
    """At most _SAMPLE of the values, evenly taken."""
    return values[:: max(1, len(values) // _SAMPLE)]
