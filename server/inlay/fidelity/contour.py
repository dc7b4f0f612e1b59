"""The step of colour a picture has along a contour, and how much of it is to be believed.

The step is the multiple of a soft edge that explains the picture's slope across the contour. Slopes of pictures have
long tails, so the fit is robust: Student's t, iteratively reweighted (Lange, Little, Taylor, "Robust statistical modeling
using the t distribution", JASA 1989). The same fit along the contour moved inward and outward, where nothing was
replaced, tells what the picture's own edges amount to; the step is shrunk by that (empirical Bayes: Efron and Morris, JASA 1973).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay.fidelity.raster import F32, Flags, blur, distance_px

EDGE_SIGMA_PX = 2.2
"""Softness of a step at the contour: latents (8 px) blur it by about this much."""
HALF_WIDTH_PX = 4.0
"""Slopes are read this far to both sides of a contour."""
MOVED_PX = (-28.0, -20.0, -12.0, 12.0, 20.0, 28.0)
"""Where the contour is moved to for comparison, inward positive; the bands do not meet."""
LEAST_SHARE = 0.3
"""A moved contour shorter than this share of the contour tells nothing."""
MOST_PIXELS = 2000
FEWEST_PIXELS = 24
TAIL = 1.0
"""Degrees of freedom of Student's t: slopes across edges of things are outliers."""
CALM_SIGMA_PX = 1.5
CALM_FLOOR = 0.1
"""Slopes count by the calm of their neighbourhood; no place counts as calmer than this share of the mean."""
ROUNDS = 12
PIECE_PX = 20
"""Readings closer than this are taken to depend on each other."""
EXPECTED_STEP = (0.015, 0.006, 0.006)
"""Standard deviation of a step where there is one (OKLab): dE 2-4.5 is assumed (docs/facts/fidelity.md#step-inside-the-hole)."""
RARITY = 1.0
"""Odds against a step before anything is seen."""
TREND_SHARE = 0.5
"""Share of the moved contours' mean step that is taken for a trend of the picture."""
LEAST_NOISE = 1e-4


class _Bands(NamedTuple):
    """Readings at pixels near the contour and near its moved copies, sorted by `band` (0: the contour itself)."""

    across: F32  # N x 3, slope of the picture along the contour's normal, inward
    along: F32  # N x 3, slope along the contour
    profile: F32  # N, slope of a soft edge of height 1
    starts: NDArray[np.intp]  # first reading of each band
    piece: NDArray[np.intp]  # N, which stretch of the picture
    pixels: tuple[NDArray[np.intp], NDArray[np.intp]]
    shape: tuple[int, int]


def find_step(lab: F32, inside: Flags, reduction: float) -> NDArray[np.float64] | None:
    """The step of `lab` (HxWx3 OKLab) that the contour of `inside` (HxW) makes, inside less outside; 3 values, shrunk
    towards 0 by its uncertainty. None where the contour is too short to tell. reduction: window pixels per pixel here.
    """
    bands = _bands(lab, inside, reduction)
    if bands is None:
        return None
    whiten = np.linalg.cholesky(np.linalg.inv(_spread(bands.along))).astype(np.float32)
    restlessness = _local_mean(np.square(bands.along @ whiten).mean(1, dtype=np.float32), bands, reduction)
    calm = np.reciprocal(restlessness + np.float32(CALM_FLOOR), dtype=np.float32)
    steps, own = _fit(bands, whiten, calm)
    back = np.linalg.inv(whiten.astype(np.float64))
    found, elsewhere = steps[0] @ back, steps[1:] @ back
    noise = back.T @ own @ back
    if len(elsewhere):
        noise = noise + elsewhere.T @ elsewhere / len(elsewhere)
        found = found - TREND_SHARE * elsewhere.mean(0)
    return _believe(found, noise)


def _bands(lab: F32, inside: Flags, reduction: float) -> _Bands | None:
    # distances run between pixel centres; the contour lies half a pixel before the first of them
    signed = np.where(inside, distance_px(inside) - 0.5, 0.5 - distance_px(~inside)) * np.float32(reduction)
    smooth = blur(signed.astype(np.float32, copy=False), 1.0)
    ys, xs = (i + 1 for i in np.nonzero(np.abs(signed[1:-1, 1:-1]) < MOVED_PX[-1] + HALF_WIDTH_PX))
    depth = signed[ys, xs]
    members = _members(depth)
    if members is None:
        return None
    sizes = [m.size for m in members.values()]
    order = np.concatenate(list(members.values()))
    ys, xs, off = ys[order], xs[order], depth[order] - np.repeat(list(members), sizes)
    nx, ny = smooth[ys, xs + 1] - smooth[ys, xs - 1], smooth[ys + 1, xs] - smooth[ys - 1, xs]
    length = np.maximum(np.hypot(nx, ny), np.float32(1e-6))
    nx, ny = (nx / length)[:, None], (ny / length)[:, None]
    lx, ly = 0.5 * (lab[ys, xs + 1] - lab[ys, xs - 1]), 0.5 * (lab[ys + 1, xs] - lab[ys - 1, xs])
    profile = np.exp(-0.5 * (off / EDGE_SIGMA_PX) ** 2) * (reduction / (EDGE_SIGMA_PX * np.sqrt(2 * np.pi)))
    side = max(1, round(PIECE_PX / reduction))
    return _Bands(
        (lx * nx + ly * ny).astype(np.float32, copy=False),
        (ly * nx - lx * ny).astype(np.float32, copy=False),
        profile.astype(np.float32),
        np.cumsum([0, *sizes[:-1]]),
        ys // side * lab.shape[1] + xs // side,
        (ys, xs),
        inside.shape,
    )


def _members(depth: F32) -> dict[float, NDArray[np.intp]] | None:
    """Which of N readings, by their depth in the mask, belong to the contour (0) and to its moved copies; evenly thinned."""
    members: dict[float, NDArray[np.intp]] = {}
    longest = 0
    for offset in (0.0, *MOVED_PX):
        here = np.flatnonzero(np.abs(depth - offset) < HALF_WIDTH_PX)
        longest = longest or here.size
        if longest < FEWEST_PIXELS:
            return None
        if here.size >= LEAST_SHARE * longest:
            members[offset] = here[:: -(-here.size // MOST_PIXELS)]
    return members


def _spread(slopes: F32) -> NDArray[np.float64]:
    """The 3x3 scale of N slopes whose tails are long."""
    sample = slopes[:: -(-len(slopes) // MOST_PIXELS)].astype(np.float64)
    floor = np.eye(3) * 1e-8
    spread = sample.T @ sample / len(sample) + floor
    for _ in range(ROUNDS // 2):
        far = np.einsum("ij,jk,ik->i", sample, np.linalg.inv(spread), sample)
        spread = (sample * ((TAIL + 3) / (TAIL + far))[:, None]).T @ sample / len(sample) + floor
    return spread


def _local_mean(values: F32, bands: _Bands, reduction: float) -> F32:
    total, count = np.zeros(bands.shape, np.float32), np.zeros(bands.shape, np.float32)
    total[bands.pixels], count[bands.pixels] = values, 1
    sigma = CALM_SIGMA_PX / reduction
    mean = blur(total, sigma) / np.maximum(blur(count, sigma), np.float32(1e-6))
    return mean[bands.pixels].astype(np.float32, copy=False)


def _fit(bands: _Bands, whiten: F32, calm: F32) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The step of every band (whitened), and the covariance of the first as its pieces disagree about it."""
    slopes, profile, starts = bands.across @ whiten, bands.profile, bands.starts
    sizes = np.diff([*starts, profile.size])
    steps = np.zeros((len(starts), 3), np.float32)
    weighted = calm * (TAIL + 3)
    residual, pull = slopes, profile
    for _ in range(ROUNDS):
        residual = slopes - profile[:, None] * np.repeat(steps, sizes, axis=0)
        pull = weighted / (TAIL + np.square(residual).sum(1) * calm) * profile
        total = np.add.reduceat(pull * profile, starts)
        steps = np.add.reduceat(pull[:, None] * slopes, starts, axis=0) / np.maximum(total, np.float32(1e-12))[:, None]
    first = slice(0, sizes[0])
    _, which = np.unique(bands.piece[first], return_inverse=True)
    scores = (pull[first, None] * residual[first]).astype(np.float64)
    pieces = np.stack([np.bincount(which, scores[:, k]) for k in range(3)], 1)
    weight = max(float((pull * profile)[first].sum()), 1e-12)
    return steps.astype(np.float64), pieces.T @ pieces / weight**2


def _believe(step: NDArray[np.float64], noise: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of what the step may be, given its noise (3x3) and that most contours have none."""
    noise = 0.5 * (noise + np.diag(np.diag(noise))) + np.eye(3) * LEAST_NOISE**2
    prior = np.diag(np.square(EXPECTED_STEP))
    both = prior + noise
    by_chance, by_step = (float(step @ np.linalg.solve(c, step)) for c in (noise, both))
    log_odds = 0.5 * (by_chance - by_step) - 0.5 * (np.linalg.slogdet(both)[1] - np.linalg.slogdet(noise)[1])
    chance = 1 / (1 + RARITY * np.exp(-np.clip(log_odds, -50, 50)))
    return chance * (prior @ np.linalg.solve(both, step))
