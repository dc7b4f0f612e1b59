"""Grain of one picture by itself, or what a camera calls noise: found where the picture is calm, by tone and frequency.

Texture and edges hold some directions of some blocks, grain all of them: within a block the lower part of each ring of
frequencies tells, among blocks of a tone the quieter ones. (Level by tone after Liu et al., "Automatic estimation and removal of
noise from a single image", TPAMI 2008.)
"""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import cast

import cv2
import numpy as np

from inlay.fidelity.lapped import BLOCK, WHITE, Places, cosines_of, gathered, in_basis, without_trend
from inlay.fidelity.raster import F32, Flags, blur, luma

STRUCTURE_SIGMA_PX = 2.0
TONES = 8
CALMEST = 0.15
"""Share of a tone's blocks that are looked at, those with the least structure after a low-pass."""
FEWEST_OF_TONE = 4
FEWEST_BLOCKS = 5
MOST_BLOCKS = 600
MOST_CANDIDATES = 5000
RINGS = (1.0, 2.2, 3.4, 4.6, 6.0, 7.5, 9.0, 11.0, 13.0, 15.0, 22.0)
"""Bounds of the rings of frequencies, as indices of cosines."""
WITHIN = 0.35
AMONG = 0.12
"""Those quantiles within a ring and among blocks are taken."""
LEVEL_WIDTH = 0.08
FEW_BLOCKS = 3.0
NODES = np.linspace(0, 1, 33, dtype=np.float32)
LOUDEST_TIMES = 1.6
"""A tone's grain (standard deviation) against the quieter tones': what is louder is texture."""
QUIETEST_TIMES = 0.3
LEAST = (0.05 / 255) ** 2
"""Variance below which nothing is told apart."""
ROUNDS = 2
"""Of spectrum and level, each found with the other."""

_RADIUS = np.hypot(*np.mgrid[:BLOCK, :BLOCK])
_RINGS = [(low <= _RADIUS) & (high > _RADIUS) for low, high in pairwise(RINGS)]
_MIDDLES = np.array([_RADIUS[ring].mean() for ring in _RINGS])


class Noise:
    """covariance: 3x3 of rgb. cosines: N x 3 x 16 x 16, of calm blocks. brightness: N, their luma."""

    def __init__(self, covariance: F32, cosines: F32, brightness: F32) -> None:
        self.covariance, self.cosines, self.brightness = covariance, cosines, brightness

    def powers(self, basis: F32) -> tuple[F32, F32]:
        """Mean square of each cosine of rgb @ basis (C x 16 x 16), and its size against that over luma (NODES)."""
        rings = _rings(in_basis(self.cosines, basis))
        near = np.exp(-0.5 * ((NODES[:, None] - self.brightness[None]) / LEVEL_WIDTH) ** 2).astype(np.float32)
        levels = np.ones(len(NODES), np.float32)
        spectrum = np.quantile(rings, 0.3, axis=0).astype(np.float32)
        for _ in range(ROUNDS):
            own = np.median((rings / np.maximum(spectrum, 1e-14)).reshape(len(rings), -1), axis=1).astype(np.float32)
            levels = _levels(own, near)
            scaled = rings / np.interp(self.brightness, NODES, levels)[:, None, None]
            spectrum = (np.quantile(scaled, AMONG, axis=0) / _BIAS).astype(np.float32)
        return _spread(spectrum), levels

    @cached_property
    def partiality(self) -> float:
        """Standard deviation of the strongest of its colours, taken apart from each other, against the weakest.

        1 where the strongest is one colour against another instead of light.
        """
        values, ways = np.linalg.eigh(self.covariance)
        if np.ptp(np.sign(ways[:, -1])):
            return 1.0
        return float(np.sqrt(max(values[-1], LEAST) / max(values[0], LEAST)))

    def with_partiality(self, most: float) -> Noise:
        """The noise with its strongest colours at most so many times the weakest (standard deviations)."""
        values, ways = np.linalg.eigh(self.covariance.astype(np.float64))
        values = np.maximum(values, LEAST)
        shares = np.minimum(1, most * np.sqrt(values[0] / values))
        change = ((ways * shares) @ ways.T).astype(np.float32)
        return Noise(change @ self.covariance @ change, in_basis(self.cosines, change), self.brightness)

    def scaled(self, slope: float) -> Noise:
        """The noise of the picture with all differences of tone so many times as large."""
        return Noise(self.covariance * np.float32(slope**2), self.cosines * np.float32(slope), self.brightness)

    @cached_property
    def deviation(self) -> float:
        """Standard deviation of luma, encoded, in the middle tones."""
        spectrum, levels = self.powers(np.array([[0.299], [0.587], [0.114]], np.float32))
        usual = np.interp(self.brightness, NODES, levels).mean()
        return float(np.sqrt(spectrum.sum() / WHITE.sum() * usual))


def noise_of(image: F32, known: Flags, stride: int = 8) -> Noise | None:
    """The noise of HxWx3 `image` (encoded) where it is `known` (HxW); None where too little is calm."""
    ys, xs = _blocks_within(known, stride)
    if len(ys) < FEWEST_BLOCKS:
        return None
    step = -(-len(ys) // MOST_CANDIDATES)
    ys, xs = ys[::step], xs[::step]
    y = luma(image)
    structure = without_trend(gathered(blur(y, STRUCTURE_SIGMA_PX)[..., None], ys, xs)).var((1, 2, 3))
    mean = cv2.boxFilter(y, cv2.CV_32F, (BLOCK, BLOCK), anchor=(0, 0), borderType=cv2.BORDER_REPLICATE)
    brightness = np.asarray(mean, np.float32)[ys, xs]
    chosen = _calm(structure, brightness)
    blocks = without_trend(gathered(image, ys[chosen], xs[chosen]))
    variance = blocks.var((1, 2, 3))
    quiet = blocks[variance <= np.quantile(variance, 0.4)]
    flat = np.ascontiguousarray(np.moveaxis(quiet, 1, -1)).reshape(-1, 3)
    return Noise((flat.T @ flat / len(flat)).astype(np.float32), cosines_of(blocks), brightness[chosen])


def _calm(structure: F32, brightness: F32) -> Places:
    tone = np.clip(brightness * TONES, 0, TONES - 1).astype(np.intp)
    found: list[Places] = []
    for one in range(TONES):
        there = np.flatnonzero(tone == one)
        order = there[np.argsort(structure[there], kind="stable")]
        found.append(order[: max(FEWEST_OF_TONE, int(CALMEST * len(order)))])
    chosen = np.concatenate(found)
    return chosen[:: -(-chosen.size // MOST_BLOCKS)]


def _blocks_within(known: Flags, stride: int) -> tuple[Places, Places]:
    height, width = known.shape
    if height < BLOCK or width < BLOCK:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    unknown = cast(F32, cv2.integral((~known).astype(np.uint8)))
    y, x = np.arange(0, height - BLOCK + 1, stride), np.arange(0, width - BLOCK + 1, stride)
    bottom, right = np.ix_(y + BLOCK, x + BLOCK)
    top, left = np.ix_(y, x)
    count = unknown[bottom, right] - unknown[top, right] - unknown[bottom, left] + unknown[top, left]
    ys, xs = np.nonzero(count == 0)
    return y[ys], x[xs]


def _rings(cosines: F32) -> F32:
    """N x C x rings: what the quieter part of each ring has, against white noise of variance 1."""
    squares = np.square(cosines) / WHITE + LEAST
    lower = [np.quantile(squares[..., ring], WITHIN, axis=-1) for ring in _RINGS]
    return np.stack(lower, -1).astype(np.float32)


def _bias() -> F32:
    """What the quantiles make of white noise of variance 1."""
    white = np.random.default_rng(0).standard_normal((600, 1, BLOCK, BLOCK)).astype(np.float32)
    return np.quantile(_rings(cosines_of(without_trend(white))), AMONG, axis=0).astype(np.float32)


_BIAS = _bias()


def _spread(rings: F32) -> F32:
    """C x rings as C x 16 x 16."""
    logs = np.log(np.maximum(rings, 1e-14))
    spread = np.stack([np.interp(_RADIUS, _MIDDLES, one) for one in logs])
    return np.exp(spread).astype(np.float32) * WHITE


def _levels(own: F32, near: F32) -> F32:
    """Level (variance) over luma: of the blocks of a tone the quieter ones tell."""
    order = np.argsort(own, kind="stable")
    sums = np.cumsum(near[:, order], axis=1)
    there = sums[:, -1]
    level = own[order][(sums >= 0.3 * sums[:, -1:]).argmax(1)]
    usual = float(np.quantile(own, 0.3))
    level = (level * there + usual * FEW_BLOCKS) / (there + FEW_BLOCKS)
    common = level[(there > 0.05 * len(own)) & (NODES > 0.08) & (NODES < 0.92)]
    quiet = float(np.quantile(common, 0.2)) if common.size else usual
    return np.clip(level, quiet * QUIETEST_TIMES**2, quiet * LOUDEST_TIMES**2).astype(np.float32)
