"""The look that was likely added to a layer, beside a document that was not made to look so: light, contrast, cast, saturation.

Looks are tried, each as likely as such looks are and none as likely as all others together. One is believed the more, the nearer it
brings the layer's colours to colours of the document, and its black, white, cast and saturation to the document's; the mean of all
is taken (Bayes), the less of it the larger it is. How dense the document's colours are about one is told by the distance to the
nearest of them (L. Kozachenko and N. Leonenko, 1987); a look that draws colours together brings them near to anything, which its
determinant counts against it.
Illuminant: G. Finlayson and E. Trezzi, "Shades of gray and colour constancy", CIC 2004.
"""

from __future__ import annotations

import functools
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from inlay.fidelity.cielab import encoded_of, linear_of, luminance_of
from inlay.fidelity.raster import F32, LUMA
from inlay.fidelity.tones import Tones

LOOKS = 200
USUAL = (0.45, 0.15, 0.05, 0.05, 0.15, 0.05, 0.25)
"""Standard deviations of looks: exposure (powers of 2); contrast (natural logarithm of a power); black, white (encoded);
temperature, tint, saturation (natural logarithms of linear gains)."""
STRENGTHS = (0.3, 0.6, 1.0, 1.3)
NONE_ADDED = 0.8
"""How likely it is that nothing was added, before colours were seen."""
MIDDLE = 0.45
"""The encoded value that contrast leaves as it is."""
SAMPLES = 200
COLORS = 32
"""Steps of each channel: the document's colours are the means of such cells."""
RARE = 1.5e-4
"""Of the document's pixels: what fewer have is none of its colours."""
OPPONENT = np.array([[0.299, 0.8, -0.55], [0.587, 0.0, 1.1], [0.114, -0.8, -0.55]], np.float32)
"""From encoded rgb to lightness, blue to red and magenta to green, as far apart as they look."""
NEAREST = 0.01
"""Distances below this are as likely as this: so wide are the cells."""
STRANGE = 0.05
"""Beyond it a colour is none of the document's."""
KNOWN = (0.2, 0.8)
"""Shares of strange colours between which less and less is believed, down to LEAST_BELIEVED."""
LEAST_BELIEVED = 0.3
MANY_COLORS = 10.0
"""So many colours tell as much as one pixel by itself, to FEW_AND_MANY of them."""
FEW_AND_MANY = (0.6, 3.9)
TONES = 20
FIRST_BELIEF = 2.0
ALIKE = (0.021, 0.084, 0.14, 0.07, 0.35)
"""Differences in black, white, temperature, tint and saturation that are half as likely as none."""
SAYS = (0.7, 0.42, 0.42, 0.42, 0.21)
BLACK_QUANTILE, WHITE_QUANTILE = 0.005, 0.995
NORM = 6.0
NEUTRAL = 0.12
"""Of chroma over the largest channel: so near to gray a pixel counts for the cast of what should be gray."""
NEITHER_BLACK_NOR_WHITE = (0.08, 0.95)
FAINTEST = 0.05
LEAST_SATURATION = 0.02
RIDGE = 1e-3
LARGE = 0.1
"""A change (encoded, root mean square) of which half is believed, of larger ones less: what is far off is mostly content."""
SAME = 0.002
"""Of the map's numbers: so little is no difference."""
FEWEST = 200


class Look(NamedTuple):
    """Of each picture: black, white: of encoded values, 0..1. temperature, tint, saturation: natural logarithms of linear gains."""

    black: Any
    white: Any
    temperature: Any
    tint: Any
    saturation: Any


def likely_tones(document: F32, layer: F32, none_added: float = NONE_ADDED) -> Tones | None:
    """What takes the look off the layer's N x 3 encoded pixels, as far as it is believed; document: M x 3. Both without grain.

    none_added: 0..1, how likely it is that there is no look, before colours were seen. None where nothing could be seen of the
    change, or where there are fewer than FEWEST pixels.
    """
    if min(len(document), len(layer)) < FEWEST:
        return None
    own = np.ascontiguousarray(layer[:: max(1, len(layer) // SAMPLES)][:SAMPLES])
    changed = _with_looks(own)
    maps = _maps(own, changed)
    distances = _distances(changed, _colors(document))
    dense = np.log(np.abs(np.linalg.det(maps[:, :3])) + 1e-3) - 3 * np.log(distances + NEAREST).mean(1)
    strange = float(_believed(FIRST_BELIEF * dense) @ (distances > STRANGE).mean(1))
    low, high = KNOWN
    doubt = (1 - LEAST_BELIEVED) * float(np.clip((strange - low) / (high - low), 0, 1))
    pixels = float(np.clip(_diversity(own) / MANY_COLORS, *FEW_AND_MANY)) * (1 - doubt)
    share = _believed(pixels * dense + _alike(look_of(document), look_of(changed)), none_added)
    change = np.tensordot(share, maps, 1) - np.eye(4, 3)
    change /= 1 + np.square(own @ change[:3] + change[3]).mean() / LARGE**2
    return Tones((np.eye(4, 3) + change).astype(np.float32)) if np.abs(change).max() > SAME else None


def look_of(pixels: F32) -> Look:
    """How ... x N x 3 encoded pixels without grain look."""
    bounded = np.clip(pixels, 0, 1)
    linear = np.maximum(linear_of(bounded), 1e-4)
    least, most = bounded.min(-1), bounded.max(-1)
    vividness = (most - least) / np.maximum(most, FAINTEST)
    tone = bounded @ LUMA[0]
    low, high = NEITHER_BLACK_NOR_WHITE
    gray = np.exp(-np.square(vividness / NEUTRAL)) * ((tone > low) & (tone < high)) + 1e-6
    brightest = np.log((linear**NORM).mean(-2)) / NORM
    grayest = np.log((gray[..., None] * linear).sum(-2) / gray.sum(-1)[..., None])
    red, green, blue = np.moveaxis((brightest + grayest) / 2, -1, 0)
    return Look(
        np.quantile(least, BLACK_QUANTILE, -1),
        np.quantile(most, WHITE_QUANTILE, -1),
        (red - blue) / 2,
        green - (red + blue) / 2,
        np.log(vividness.mean(-1) + LEAST_SATURATION),
    )


@functools.cache
def _looks() -> Any:
    """LOOKS x 7 numbers as in USUAL, spread evenly (M. Roberts' sequence); the first is none."""
    count = len(USUAL) + 1
    root = 2.0
    for _ in range(30):
        root = (1 + root) ** (1 / (count + 1))
    evenly = (0.5 + np.outer(np.arange(1, LOOKS), root ** -np.arange(1.0, count + 1))) % 1
    strength = np.take(STRENGTHS, (evenly[:, -1] * len(STRENGTHS)).astype(int))
    normal = np.vectorize(NormalDist().inv_cdf)(evenly[:, :-1])
    return np.concatenate([np.zeros((1, len(USUAL))), normal * USUAL * strength[:, None]])


def _with_looks(rgb: F32) -> F32:
    """LOOKS x N x 3: N x 3 encoded `rgb` with every look."""
    exposure, contrast, black, white, temperature, tint, saturation = (
        number[:, None, None].astype(np.float32) for number in _looks().T
    )
    gains = np.exp(np.concatenate([temperature, tint, -temperature], 2)) * 2**exposure
    linear = linear_of(np.clip(rgb, 0, None)) * gains
    gray = luminance_of(linear)[..., None]
    tones = encoded_of(np.maximum(gray + (linear - gray) * np.exp(saturation), 0))
    tones = MIDDLE * (np.maximum(tones, 1e-5) / MIDDLE) ** np.exp(contrast)
    return np.asarray(black + np.minimum(tones, 1) * (1 + white - black), np.float32)


def _maps(own: F32, changed: F32) -> Any:
    """K x 4 x 3: the affine map from N x 3 to each of K x N x 3 that fits best, over so few colours as near to none as may be."""
    features = np.concatenate([own, np.ones((len(own), 1), np.float32)], 1).astype(np.float64)
    normal = features.T @ features / len(own) + RIDGE * np.diag([1, 1, 1, 0.1])
    return np.eye(4, 3) + np.linalg.solve(normal, features.T @ (changed - own) / len(own))


def _colors(pixels: F32) -> F32:
    """The colours of N x 3 pixels, without rare ones."""
    cells = np.clip(pixels * COLORS, 0, COLORS - 1).astype(np.int64) @ (COLORS**2, COLORS, 1)
    count = np.bincount(cells, minlength=COLORS**3)
    usual = count > RARE * len(pixels)
    sums = np.stack([np.bincount(cells, pixels[:, channel], COLORS**3)[usual] for channel in range(3)], 1)
    return np.asarray(sums / count[usual, None], np.float32)


def _distances(changed: F32, colors: F32) -> F32:
    """K x N: from each of K x N x 3 colours to the nearest of M x 3."""
    apart = colors @ OPPONENT
    squared = np.square(apart).sum(1)
    nearest = [(squared - 2 * (one @ apart.T)).min(1) + np.square(one).sum(1) for one in changed @ OPPONENT]
    return np.sqrt(np.maximum(np.stack(nearest), 0))


def _diversity(pixels: F32) -> float:
    """How many colours N x 3 have: as many as even shares of would be as hard to tell."""
    cells = np.clip(pixels * TONES, 0, TONES).astype(np.int64) @ ((TONES + 1) ** 2, TONES + 1, 1)
    share = np.unique(cells, return_counts=True)[1] / len(pixels)
    return float(np.exp(-(share * np.log(share)).sum()))


def _alike(theirs: Look, own: Look) -> Any:
    apart = (np.stack(own) - np.array(theirs)[:, None]) / np.array(ALIKE)[:, None]
    return -np.array(SAYS) @ np.log1p(np.square(apart))


def _believed(evidence: Any, none_added: float = 0.3) -> Any:
    """K shares of 1, from the logarithms of likelihoods; the first is of no look."""
    before = np.full(len(evidence), (1 - none_added) / (len(evidence) - 1))
    before[0] = none_added
    share = before * np.exp(evidence - evidence.max())
    return share / share.sum()
