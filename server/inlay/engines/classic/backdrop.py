"""Smooth ground around a hole: a studio backdrop, a sky, evenly lit cloth. Its light is a surface, its grain or weave lies on it.

A patch can be copied only from where the light is the same, which for a spot of light is nowhere. So the surface is fitted to the
surroundings and taken away; what is left is copied, and the surface of the hole is put under it. Only what is as fast as grain is
copied: slower light is the surface's, and patches of grain side by side make blotches, which are taken away again. Fit: polynomials
in two variables by iteratively reweighted least squares (Holland and Welsch, 1977) with Tukey's weights.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

from inlay.engines.classic.smooth import smoothly_filled

DEGREES = (6, 2, 4)
"""Tried in this order: what the first one does not fit is not smooth, and what a later one fits needs no more."""
ROUNDS = 6
TUKEY_SPREADS = 4.5
SAMPLES = 4000
"""Pixels that the surface is fitted to, evenly thinned: their grain averages out."""

REACH = 0.75
LEAST_REACH_PX = 24
"""The surface is fitted to what lies within this, and within `REACH` times the hole's size, of the hole."""

RIM_PX = 16
LOW_PASS_PX = 5.0
FITS = 1.25 / 255
FITTING_SHARE = 0.97
"""The ground is smooth if the low-passed surroundings at the rim differ less from the surface, nearly everywhere."""

FEWEST = 400
"""Fewer surroundings (px) do not tell of a surface."""

OVERSHOOT = 0.5
"""How far the surface may leave the range of its surroundings inside the hole, as a share of that range."""

SEEN = 0.4 / 255
"""What is spread less around the surface is rounding to 8 bit, and no grain."""


class Backdrop(NamedTuple):
    """surface: height x width x 3, float32, the light of the ground, right in the hole and where it was learned.
    learned: height x width, bool. spread: of the surroundings around the surface.
    """

    surface: NDArray[np.float32]
    learned: NDArray[np.bool_]
    spread: float


def backdrop_of(pixels: NDArray[np.float32], source: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> Backdrop | None:
    """The smooth ground all around the `wanted` pixels, learned from the `source` ones; None where it is not smooth.

    pixels: height x width x 3. source, wanted: height x width, bool.
    """
    away = np.asarray(cv2.distanceTransform((~wanted).astype(np.uint8), cv2.DIST_L2, 5), np.float32)
    around = source & (away <= max(LEAST_REACH_PX, REACH * float(np.sqrt(np.count_nonzero(wanted)))))
    if np.count_nonzero(around) < FEWEST or not _encloses(source, wanted, away):
        return None
    box = _box_around(around | wanted)
    look = _Look(pixels[box], around[box], around[box] & (away[box] <= RIM_PX))
    hole = wanted[box]
    best = None
    for degree in DEGREES:
        found = _fitted(look, degree)
        if found is None or not _stays_near(found[0][hole], pixels[around]):
            if best is None:
                return None
            continue
        simplest = best is not None
        best = found
        if simplest:
            break
    assert best is not None
    surface = pixels.copy()
    surface[box] = best[0] + smoothly_filled(low_of(look.pixels - best[0], look.around), look.around)
    return Backdrop(surface, around, best[1])


def _encloses(source: NDArray[np.bool_], wanted: NDArray[np.bool_], away: NDArray[np.float32]) -> bool:
    """Whether the hole has known surroundings on all sides: a surface is not to be continued to where nothing holds it."""
    beside = (away > 0) & (away < 2)
    open_side = wanted[0].any() or wanted[-1].any() or wanted[:, 0].any() or wanted[:, -1].any()
    return not open_side and float(source[beside].mean()) >= FITTING_SHARE


class _Look(NamedTuple):
    """The part of the window that is looked at: its pixels, which of them the surface is fitted to, which of these tell."""

    pixels: NDArray[np.float32]
    around: NDArray[np.bool_]
    rim: NDArray[np.bool_]


def _fitted(look: _Look, degree: int) -> tuple[NDArray[np.float32], float] | None:
    """The surface of that degree over all that is looked at, hole included, and the spread; None where it does not fit."""
    height, width = look.around.shape
    at = np.flatnonzero(look.around)
    y, x = np.divmod(at[:: -(-at.size // SAMPLES)], width)
    rows, columns = (legendre.legvander(np.linspace(-1, 1, length), degree) for length in (height, width))
    kept = np.add.outer(np.arange(degree + 1), np.arange(degree + 1)) <= degree
    basis = (rows[y][:, :, None] * columns[x][:, None, :])[:, kept]
    squares = np.zeros((3, degree + 1, degree + 1))
    squares[:, kept] = _robust(basis, look.pixels[y, x].astype(np.float64)).T
    surface = np.stack([rows @ square @ columns.T for square in squares], axis=-1).astype(np.float32)
    rest = look.pixels - surface
    apart = np.abs(low_of(rest, look.around)).max(axis=2)[look.rim]
    if (apart <= FITS).mean() < FITTING_SHARE:
        return None
    return surface, float(1.4826 * np.median(np.abs(rest[look.around])))


def _robust(basis: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coefficients, terms x 3, of the surface through most of N values (N x 3) with a basis of N x terms."""
    weight = np.ones(len(values))
    ridge = np.eye(basis.shape[1]) * 1e-9 * len(values)
    coefficients: NDArray[np.float64] = np.zeros((basis.shape[1], values.shape[1]))
    for _ in range(ROUNDS):
        weighted = basis * weight[:, None]
        coefficients = np.asarray(np.linalg.solve(weighted.T @ basis + ridge, weighted.T @ values), np.float64)
        apart = np.abs(values - basis @ coefficients).max(axis=1)
        spread = max(1.4826 * float(np.median(apart)), SEEN)
        weight = np.maximum(1 - np.square(apart / (TUKEY_SPREADS * spread)), 0) ** 2
    return coefficients


def _box_around(area: NDArray[np.bool_]) -> tuple[slice, slice]:
    rows, columns = (np.flatnonzero(area.any(axis=axis)) for axis in (1, 0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _stays_near(inside: NDArray[np.float32], around: NDArray[np.float32]) -> bool:
    low, high = np.quantile(around, 0.01, axis=0), np.quantile(around, 0.99, axis=0)
    room = OVERSHOOT * (high - low) + FITS
    return bool(((inside >= low - room) & (inside <= high + room)).all())


def low_of(pixels: NDArray[np.float32], where: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Means of `pixels` (height x width x 3), of those in `where` alone, weighted by a Gaussian of `LOW_PASS_PX`."""
    share = np.maximum(_low(where.astype(np.float32)), 1e-6)
    return np.divide(_low(np.where(where[..., None], pixels, np.float32(0))), share[..., None], dtype=np.float32)


def _low(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), LOW_PASS_PX, borderType=cv2.BORDER_CONSTANT), np.float32)
