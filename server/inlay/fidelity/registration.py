"""Small movements of the generated window against the original, found on protected pixels.

Robust affine Lucas-Kanade, coarse to fine, on band-passed luma, so that differences of light and contrast do not matter.
Baker and Matthews, "Lucas-Kanade 20 years on", IJCV 2004. Constants: docs/facts/fidelity.md#registration.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from inlay.fidelity import evidence
from inlay.fidelity.raster import F32, Flags, blur, distance_px, luma, resize, sample
from inlay.fidelity.report import Registration

LEVELS = (4, 2, 1)
"""Shrink factors of the pyramid, on top of the working reduction."""
ITERATIONS = 6
BAND_SIGMA_PX = (0.6, 3.0)
"""Structure between these two Gaussians is compared, at each level."""
POINTS = 12000
TUKEY_SPREADS = 4.5
LARGEST_MOVE_PX = 24.0
"""A larger movement is not a drift but another picture."""
LEAST_GAIN = 0.015
"""Share of the residual that must vanish, else the picture is left where it is."""
LEAST_MOVE_PX = 0.04
"""Movements below this are not worth a resampling."""
FEWEST_POINTS = 80
USUAL_PX = (4.0, 3.0, 1.0)
"""How far models move a picture, and its border by zooming, and by stretching, turning and shearing."""
TELLS_PX = 4.5
"""Pixels of a band that tell one thing: the area of its finer Gaussian, squared, 4 pi sigma^2."""
LEAST_NOISE = 0.5 / 255
LEAST_STRUCTURE = 0.5 / 255
"""Bands that vary less than this (standard deviation, encoded) show nothing that could be found again."""
BORDER_PX = 2 * BAND_SIGMA_PX[1]
"""So close to the window's border the band of a plain gradient is not plain: what is there counts, but proves nothing."""
LEAST_LIKENESS = 0.4
"""Correlation of both bands, once moved, below which a level has found chance and is not heard: noise hardly reaches 0.2."""


class Movement(NamedTuple):
    """Where the original's pixel is found in the generated window: `matrix` (2x3) maps the first to the second, in pixels."""

    matrix: F32
    found: Registration


STILL = Movement(np.eye(2, 3, dtype=np.float32), Registration())


def _band(y: F32) -> F32:
    return blur(y, BAND_SIGMA_PX[0]) - blur(y, BAND_SIGMA_PX[1])


def _residual_spread(residual: F32) -> float:
    return float(1.4826 * np.median(np.abs(residual)))


def _likeness(a: F32, b: F32) -> float:
    """Correlation of two series, -1..1; 0 where one of them does not vary."""
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / max(float(np.sqrt((a * a).sum() * (b * b).sum())), 1e-12))


def register(original: F32, generated: F32, known: Flags, reduction: float, random: np.random.Generator) -> Movement:
    """Find the affine movement between two reduced windows.

    original, generated: HxWx3 float32, encoded; known: HxW, True where the original may be trusted to show what the model saw;
    reduction: window pixels per pixel of these arrays. Returns `STILL` where nothing reliable is found.
    """
    height, width = known.shape
    full_y = (luma(original), luma(generated))
    move = np.zeros(6)  # u = m0 + m1 x + m2 y, v = m3 + m4 x + m5 y; x, y in -1..1; u, v in pixels of these arrays
    gain = 0.0
    for level in LEVELS:
        h, w = height // level, width // level
        if min(h, w) < 24:
            continue
        o, g = (_band(resize(y, h, w)) for y in full_y)
        clear = resize(known.astype(np.float32), h, w) > 0.999
        clear = distance_px(clear) > 2.0 * BAND_SIGMA_PX[1] if not clear.all() else clear
        clear[:2], clear[-2:], clear[:, :2], clear[:, -2:] = False, False, False, False
        gy, gx = (a.astype(np.float32) for a in np.gradient(g))
        along_y, along_x = np.gradient(o)
        strength = np.abs(along_y) + np.abs(along_x)
        candidates = np.flatnonzero(clear)
        if candidates.size < FEWEST_POINTS:
            continue
        strong = strength.ravel()[candidates]
        chosen = candidates[strong >= np.quantile(strong, 0.6)]
        if chosen.size > POINTS:
            chosen = random.choice(chosen, POINTS, replace=False, shuffle=False)
        ys, xs = (a.astype(np.float32) for a in np.divmod(chosen, w))
        nx, ny = (xs + 0.5) * (2 / w) - 1, (ys + 0.5) * (2 / h) - 1
        basis = np.stack([np.ones_like(nx), nx, ny], 1)
        target = o.ravel()[chosen]
        inner = (np.abs(nx) * w < w - 2 * BORDER_PX) & (np.abs(ny) * h < h - 2 * BORDER_PX)
        if inner.sum() < FEWEST_POINTS or target[inner].std() < LEAST_STRUCTURE:
            continue
        planes = np.dstack([g, gx, gy])
        step_scale = np.float32(1 / level)
        first = None
        last = 0.0
        before, likeness, noise = move, 0.0, LEAST_NOISE
        own = theirs = evidence.Slopes(along_x.ravel()[chosen], along_y.ravel()[chosen])
        weight = np.zeros_like(target)
        for _ in range(ITERATIONS):
            u, v = basis @ move[:3] * step_scale, basis @ move[3:] * step_scale
            here = sample(planes, (xs + u).astype(np.float32), (ys + v).astype(np.float32))
            contrast = float(
                np.clip((here[:, 0] * target).sum() / max(float((here[:, 0] ** 2).sum()), 1e-12), 0.5, 2.0)
            )
            likeness = _likeness(here[inner, 0], target[inner])
            residual = contrast * here[:, 0] - target
            spread = max(_residual_spread(residual), 1e-5)
            noise = max(spread, LEAST_NOISE)
            weight = np.clip(1 - (residual / (TUKEY_SPREADS * spread)) ** 2, 0, None) ** 2
            last = float(np.sqrt((weight * residual**2).sum() / max(float(weight.sum()), 1e-6)))
            first = last if first is None else first
            slopes = np.concatenate([basis * here[:, 1:2], basis * here[:, 2:3]], 1) * contrast * step_scale
            theirs = evidence.Slopes(contrast * here[:, 1], contrast * here[:, 2])
            normal = slopes.T @ (slopes * weight[:, None])
            ridge = np.diag(np.array([1e-4, 1e-2, 1e-2] * 2) * max(float(np.trace(normal)) / 6, 1e-12))
            delta = np.linalg.solve(normal + ridge, -(slopes.T @ (weight * residual)))
            move = move + delta
            if np.abs(delta).sum() < 0.003 * level:
                break
        if likeness < LEAST_LIKENESS:
            move = before
            continue
        gain = max(gain, 1 - last / max(first or 0.0, 1e-9))
        weight = weight / np.float32(noise**2 * max(1.0, TELLS_PX * chosen.size / candidates.size))
        usual = evidence.usual(*(far / reduction / level for far in USUAL_PX))
        move = evidence.shown(move / level, evidence.places_of(xs, ys, w, h), own, theirs, weight, usual) * level
    return _accept(move, gain, height, width, reduction)


def _accept(
    move: np.ndarray[tuple[int], np.dtype[np.float64]], gain: float, height: int, width: int, reduction: float
) -> Movement:
    corners = np.array([[1, x, y] for x in (-1, 1) for y in (-1, 1)], np.float64)
    reach = np.hypot(corners @ move[:3], corners @ move[3:]).max() * reduction
    if not np.isfinite(reach) or reach > LARGEST_MOVE_PX or reach < LEAST_MOVE_PX or gain < LEAST_GAIN:
        return STILL
    sx, sy = 2 / (width * reduction), 2 / (height * reduction)  # normalised per window pixel; pixel centres at +0.5
    matrix = np.eye(2, 3)
    for row, m in ((0, move[:3]), (1, move[3:])):
        c0, c1, c2 = m * reduction
        matrix[row, 0] += c1 * sx
        matrix[row, 1] += c2 * sy
        matrix[row, 2] += c0 + c1 * (0.5 * sx - 1) + c2 * (0.5 * sy - 1)
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    found = Registration(
        round(float(move[0] * reduction), 4), round(float(move[3] * reduction), 4), round(scale, 6), True
    )
    return Movement(matrix.astype(np.float32), found)
