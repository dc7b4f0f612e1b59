"""How much of a movement that was found between two pictures they do show: of each way to move only what is alike in both along it.

A horizon shows nothing of a shift along it, plain ground nothing of any, and grain that was painted anew what chance makes of it. A
place of some pixels shows where it went, no better than models hold their lines, and not how it was zoomed: there sharpness passes
for zoom. The aperture problem; Shi and Tomasi, "Good features to track", CVPR 1994, for six parameters instead of two.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from inlay.fidelity.raster import F32

LEAST_AGREEMENT = 0.3
"""Correlation of both pictures' slopes along a way to move, below which chance made it; at a level that noise hardly reaches."""
PLACE_PX = 16
"""The side of a place."""
HELD_PX = 0.3
"""How well models hold a line (standard deviation, at the size of comparison)."""


class Slopes(NamedTuple):
    """along_x, along_y: N, of a picture at the same N pixels, encoded values per pixel."""

    along_x: Any
    along_y: Any


class Places(NamedTuple):
    """Where N pixels are. number: N, which place each belongs to. basis: Nx3, 1, x and y, of the pixels. total: how many places."""

    number: Any
    basis: F32
    total: int

    def summed(self, values: Any) -> Any:
        return np.bincount(self.number, values, self.total)


def places_of(x: F32, y: F32, width: int, height: int) -> Places:
    """x, y: N, in pixels of a picture of so many."""
    across = width // PLACE_PX + 1
    number = (y // PLACE_PX).astype(np.int64) * across + (x // PLACE_PX).astype(np.int64)
    u, v = (x + 0.5) * (2 / width) - 1, (y + 0.5) * (2 / height) - 1
    return Places(number, np.stack([np.ones_like(u), u, v], 1), (height // PLACE_PX + 1) * across)


def usual(shift_px: float, zoom_px: float, else_px: float) -> Any:
    """6x6, what is expected of a movement before anything was seen, as its precision.

    shift_px, zoom_px, else_px: how far a picture, and its border, is usually moved by a shift, by zooming, and by stretching,
    turning and shearing (standard deviations).
    """
    ways = np.eye(6)
    ways[[1, 1, 5, 5], [1, 5, 1, 5]] = np.array([1, 1, 1, -1]) / np.sqrt(2)  # both sides alike, and against each other
    spreads = np.array([shift_px, zoom_px * np.sqrt(2), else_px, shift_px, else_px, else_px * np.sqrt(2)])
    return ways.T @ np.diag(1 / np.square(spreads)) @ ways


def step(places: Places, slopes: Slopes, residual: F32, weight: F32) -> tuple[Any, Any]:
    """6x6 and 6: what the pixels show of a movement, and which way it would leave less of `residual`, as Gauss and Newton have it.

    weight: N, one over the noise, squared.
    """
    tensors, centres = _tensors(places, slopes, slopes, weight)
    pulls = np.stack([places.summed(weight * along * residual) for along in slopes], 1)
    held = np.linalg.inv(np.eye(2) + HELD_PX**2 * tensors)
    return _normal(held @ tensors, centres), np.einsum("pij,pj,pk->ik", held, pulls, centres).ravel()


def shown(move: Any, places: Places, original: Slopes, moved: Slopes, weight: F32, expected: Any) -> Any:
    """What of `move` is shown; the rest stays at 0, where the picture was expected.

    move: six numbers, u = m0 + m1 x + m2 y and v = m3 + m4 x + m5 y, in px. original, moved: slopes of the one picture and of the
    other, once moved. weight: N, one over the noise, squared. expected: 6x6, as from `usual`.
    """
    own, centres = _tensors(places, original, original, weight)
    own = (own + _tensors(places, moved, moved, weight)[0]) / 2
    cross = _tensors(places, original, moved, weight)[0]
    # Ways to move that are independent of each other in what both pictures show.
    values, ways = np.linalg.eigh(_normal(own, centres))
    root = ways * np.sqrt(np.maximum(values, max(1e-12, 1e-9 * values.max())))
    back = np.linalg.inv(root)
    agreement, turned = np.linalg.eigh(back @ _normal((cross + cross.swapaxes(1, 2)) / 2, centres) @ back.T)
    heard = back.T @ (turned * (agreement > LEAST_AGREEMENT)) @ turned.T @ root.T
    known = heard.T @ _normal(np.linalg.inv(np.eye(2) + HELD_PX**2 * own) @ own, centres) @ heard
    return np.linalg.solve(known + expected, known @ move)


def _tensors(places: Places, one: Slopes, other: Slopes, weight: F32) -> tuple[Any, Any]:
    """Per place, 2x2: slopes of the one times slopes of the other; and, 3, where its slopes are on the whole."""
    tensors = np.array([[places.summed(weight * a * b) for b in other] for a in one]).transpose(2, 0, 1)
    strength = weight * (one.along_x**2 + one.along_y**2)
    total = np.maximum(places.summed(strength), 1e-12)
    return tensors, np.stack([places.summed(strength * along) / total for along in places.basis.T], 1)


def _normal(tensors: Any, centres: Any) -> Any:
    """6x6, of a movement, from what each place shows of its own."""
    return np.einsum("pij,pk,pl->ikjl", tensors, centres, centres).reshape(6, 6)
