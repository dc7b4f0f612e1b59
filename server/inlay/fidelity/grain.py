"""Grain: what flat protected surroundings have and the generated pixels lack, measured and made anew.

Blocks that the generated picture shows as flat give the noise: its spectrum per decorrelated colour component and its level by
brightness (after the film grain synthesis of AV1, Norkin and Birkbeck, DCC 2018, with a full spectrum instead of an
autoregression). New grain is Gaussian noise shaped by that spectrum.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import cv2
import numpy as np

from inlay.fidelity.raster import F32, Flags, luma, resize

BLOCK = 16
STRIDE = 8
MOST_CANDIDATES = 1600
MOST_BLOCKS = 600
FEWEST_BLOCKS = 6
TONES = 8
"""Flat blocks are looked for in as many ranges of brightness, so that not all are found in a black sky."""
COMMON_SHARE = 0.08
LOUDEST_TIMES = 2.5
"""Grain differs between tones, but not by more than this against the quietest common one between black and white:
what is louder is texture the model lost."""
FEW_BLOCKS = 0.3
"""So many blocks must agree to move a tone's level half way from the mean level."""
REFERENCE_BLOCKS = 12
"""The flattest blocks of a range; their median variance stands for its grain."""
STRUCTURE_SHARE = 0.25
"""A block tells of grain if its structure has at most this share of the grain's variance: the model blurs structure, and what
it has lost of it would be taken for grain."""
LEVEL_WIDTH = 0.07
"""Width of the kernel (encoded luma) over which block levels are averaged."""
LEVEL_NODES = 24
LEVEL_RANGE = (0.0, 3.0)
GAIN = 1.0
"""Makes up for the energy the quadratic takes out of a block."""
INVISIBLE = 0.35 / 255
"""Less grain than this is lost in 8-bit rounding."""
GUIDE_REDUCTION = 4
"""The brightness that steers the grain is averaged over squares of so many pixels."""
TILE = 512


class Grain(NamedTuple):
    """What is missing.

    spectrum: BLOCKxBLOCKx3, power per component. mixing: 3x3, component to rgb. levels: nodes x rgb, relative standard deviation
    over luma 0..1. strength: standard deviation at level 1. present: grain variance that the generated pixels have already, against
    the original's, 0..1. shared: covariance of the two, against the original's variance, 0..1.
    """

    spectrum: F32
    mixing: F32
    levels: F32
    strength: float
    present: float
    shared: float

    def needed(self, new: F32) -> F32:
        """Strength (HxW, 0..1) that restores the variance where `new` (0..1) of the pixel is generated and the rest original."""
        old = 1 - new
        there = old * old + new * new * self.present + 2 * old * new * self.shared
        return np.sqrt(np.maximum(1 - there, 0) / (1 - self.present))


def measure_grain(original: F32, generated: F32, known: Flags, random: np.random.Generator) -> Grain | None:
    """Compare flat blocks of two full-resolution windows (HxWx3 encoded); None when there is too little to see or nothing missing.

    known: HxW pixels to learn from.
    """
    ys, xs = _grain_blocks(original, generated, known, random)
    if len(ys) < FEWEST_BLOCKS:
        return None
    o, g = (_gather(image, ys, xs) for image in (original, generated))
    middle = g.mean((1, 2))
    grainy, own = _without_trend(o), _without_trend(g)
    covariance = _covariance(grainy - own, grainy - own)
    _, basis = np.linalg.eigh(covariance)
    mixing = basis.astype(np.float32)
    spectrum = np.maximum(_power(grainy @ mixing) - _power(own @ mixing), 0)
    spectrum[0, 0] = 0
    lacking = grainy.var((1, 2)) - own.var((1, 2))
    brightness = middle @ np.array([0.299, 0.587, 0.114], np.float32)
    strength = float(np.sqrt(max(float(spectrum.sum(axis=(0, 1)).sum()) / 3, 0.0)))
    if strength < INVISIBLE:
        return None
    total = max(float(np.trace(_covariance(grainy, grainy))), 1e-12)
    present = float(np.clip(np.trace(_covariance(own, own)) / total, 0, 0.95))
    shared = float(np.clip(np.trace(_covariance(grainy, own)) / total, 0, 1))
    return Grain(spectrum.astype(np.float32), mixing, _levels(lacking, brightness), strength, present, shared)


def _covariance(first: F32, second: F32) -> F32:
    """3x3 covariance of the colours of two stacks of zero-mean blocks (NxBxBx3)."""
    a, b = (x.reshape(-1, 3) for x in (first, second))
    return a.T @ b / np.float32(len(a))


_Places = np.ndarray[tuple[int], np.dtype[np.intp]]


def _grain_blocks(original: F32, generated: F32, known: Flags, random: np.random.Generator) -> tuple[_Places, _Places]:
    """Where the original's variance is grain: blocks of every brightness with little structure in the generated picture."""
    ys, xs, structure = _blocks_by_flatness(generated, known, random)
    if not len(ys):
        return ys, xs
    variance = _without_trend(_gather(luma(original)[..., None], ys, xs)).var((1, 2))[:, 0]
    brightness = luma(generated)[ys + BLOCK // 2, xs + BLOCK // 2]
    tone = np.clip(brightness * TONES, 0, TONES - 1).astype(np.intp)
    tones = [np.flatnonzero(tone == t) for t in range(TONES)]
    levels = [float(np.median(variance[t[:REFERENCE_BLOCKS]])) if t.size >= FEWEST_BLOCKS else 0.0 for t in tones]
    between = list(zip(tones, levels, strict=True))[1:-1]
    common = [v for t, v in between if t.size > COMMON_SHARE * len(ys) and v > INVISIBLE**2]
    loudest = LOUDEST_TIMES**2 * min(common, default=np.inf)
    chosen = [
        t[structure[t] <= STRUCTURE_SHARE * v][: MOST_BLOCKS // TONES]
        for t, v in zip(tones, levels, strict=True)
        if v <= loudest
    ]
    found = np.concatenate([*chosen, np.zeros(0, np.intp)])
    if found.size < REFERENCE_BLOCKS:
        found = np.argsort(variance[: 3 * REFERENCE_BLOCKS], kind="stable")[:REFERENCE_BLOCKS]
    return ys[found], xs[found]


def _blocks_by_flatness(generated: F32, known: Flags, random: np.random.Generator) -> tuple[_Places, _Places, F32]:
    """Blocks of known pixels, flattest first: rows, columns, and variance of luma; none if there are very few."""
    height, width = known.shape
    empty = np.zeros(0, np.intp)
    if height < BLOCK or width < BLOCK:
        return empty, empty, np.zeros(0, np.float32)
    unknown = cast(F32, cv2.integral((~known).astype(np.uint8)))
    y, x = np.arange(0, height - BLOCK + 1, STRIDE), np.arange(0, width - BLOCK + 1, STRIDE)
    count = (
        unknown[np.ix_(y + BLOCK, x + BLOCK)]
        - unknown[np.ix_(y, x + BLOCK)]
        - unknown[np.ix_(y + BLOCK, x)]
        + unknown[np.ix_(y, x)]
    )
    ys, xs = (i * STRIDE for i in np.nonzero(count == 0))
    if len(ys) > MOST_CANDIDATES:
        keep = random.choice(len(ys), MOST_CANDIDATES, replace=False)
        ys, xs = ys[keep], xs[keep]
    if len(ys) < FEWEST_BLOCKS:
        return empty, empty, np.zeros(0, np.float32)
    spread = _without_trend(_gather(luma(generated)[..., None], ys, xs)).var((1, 2))[:, 0]
    order = np.argsort(spread, kind="stable")
    return ys[order], xs[order], spread[order]


def _gather(
    image: F32, ys: np.ndarray[tuple[int], np.dtype[np.intp]], xs: np.ndarray[tuple[int], np.dtype[np.intp]]
) -> F32:
    views = np.lib.stride_tricks.sliding_window_view(image, (BLOCK, BLOCK), axis=(0, 1))
    return np.ascontiguousarray(np.moveaxis(views[ys, xs], 1, -1))


def _trend_projector() -> F32:
    t = np.linspace(-1, 1, BLOCK)
    y, x = np.meshgrid(t, t, indexing="ij")
    basis, _ = np.linalg.qr(np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], -1).reshape(-1, 6))
    return basis.astype(np.float32)


_TREND = _trend_projector()


def _without_trend(blocks: F32) -> F32:
    """Blocks (NxBxBxC) less their best quadratic."""
    flat = blocks.reshape(len(blocks), BLOCK * BLOCK, -1)
    trend = np.einsum("pk,nkc->npc", _TREND, np.einsum("pk,npc->nkc", _TREND, flat, optimize=True), optimize=True)
    return (flat - trend).reshape(blocks.shape)


def _power(blocks: F32) -> F32:
    """Mean power spectrum BxBxC, scaled so that its sum is the variance."""
    planes = np.ascontiguousarray(np.moveaxis(blocks, -1, 1))
    waves = np.fft.rfft2(planes)
    half = (np.square(waves.real) + np.square(waves.imag)).mean(0) / BLOCK**4
    mirrored = np.roll(half[:, ::-1, BLOCK // 2 - 1 : 0 : -1], 1, axis=1)  # the power of a real field is even
    return np.ascontiguousarray(np.moveaxis(np.concatenate([half, mirrored], 2), 0, -1), dtype=np.float32)


def _levels(lacking: F32, brightness: F32) -> F32:
    """Standard deviation over luma nodes, relative to the mean level: LEVEL_NODES x 3."""
    nodes = np.linspace(0, 1, LEVEL_NODES, dtype=np.float32)[:, None]
    kernel = np.exp(-0.5 * ((nodes - brightness[None]) / LEVEL_WIDTH) ** 2) + 1e-4 * np.exp(
        -np.abs(nodes - brightness[None]) / 0.2
    )
    mean = np.maximum(lacking.mean(0), 1e-12)
    weight = kernel.sum(1, keepdims=True)
    variance = np.maximum((kernel @ lacking + FEW_BLOCKS * mean) / (weight + FEW_BLOCKS), 0)
    return np.clip(np.sqrt(variance / mean), *LEVEL_RANGE).astype(np.float32)


def brightness_of(rgb: F32) -> F32:
    """What steers the level of new grain over a picture HxWx3: its low-passed luma, at a smaller size."""
    height, width = rgb.shape[:2]
    return luma(resize(rgb, max(1, height // GUIDE_REDUCTION), max(1, width // GUIDE_REDUCTION)))


def make_grain(grain: Grain, brightness: F32, height: int, width: int, random: np.random.Generator) -> F32:
    """New grain, height x width x 3 (encoded, zero mean), at the level that `brightness` (of any size) asks for."""
    nodes = np.linspace(0, 1, len(grain.levels))
    levels = np.stack([np.interp(brightness, nodes, grain.levels[:, k] * GAIN) for k in range(3)], -1)
    noise = _tile(grain, height, width, random)
    noise *= resize(levels.astype(np.float32), height, width)
    return noise


def _tile(grain: Grain, height: int, width: int, random: np.random.Generator) -> F32:
    """Shaped noise of the window's size; beyond TILE pixels, sums of two periodic fields whose common period is never reached."""
    if max(height, width) <= TILE:
        return _shaped(grain, cv2.getOptimalDFTSize(height), cv2.getOptimalDFTSize(width), random)[:height, :width]
    out = np.zeros((height, width, 3), np.float32)
    for side in (TILE, 500):
        tile = _shaped(grain, side, side, random) * np.float32(np.sqrt(0.5))
        for y in range(0, height, side):
            for x in range(0, width, side):
                view = out[y : y + side, x : x + side]
                view += tile[: view.shape[0], : view.shape[1]]
    return out


def _shaped(grain: Grain, height: int, width: int, random: np.random.Generator) -> F32:
    amplitude = np.sqrt(np.fft.fftshift(grain.spectrum, axes=(0, 1)) * np.float32(BLOCK**2))
    padded = np.concatenate(
        [np.concatenate([amplitude, amplitude[:1]], 0), np.concatenate([amplitude, amplitude[:1]], 0)[:, :1]], 1
    )
    fy = np.fft.fftfreq(height).astype(np.float32) * BLOCK + BLOCK / 2
    fx = np.fft.rfftfreq(width).astype(np.float32) * BLOCK + BLOCK / 2
    grid_x, grid_y = np.meshgrid(fx, fy)
    shape = cast(F32, cv2.remap(padded, grid_x.astype(np.float32), grid_y.astype(np.float32), cv2.INTER_LINEAR))
    out = np.empty((height, width, 3), np.float32)
    for k in range(3):
        white = random.standard_normal((height, width), dtype=np.float32)
        out[..., k] = np.fft.irfft2(np.fft.rfft2(white) * shape[..., k], s=(height, width))
    return np.ascontiguousarray(out @ grain.mixing.T)
