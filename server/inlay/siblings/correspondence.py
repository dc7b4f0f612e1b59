"""Where an object of one picture may be found in another: similarities and a plane, from points that look alike.

Points and their description: Lowe, "Distinctive Image Features from Scale-Invariant Keypoints", IJCV 2004, as OpenCV has it;
compared by their roots: Arandjelovic and Zisserman, CVPR 2012. Each pair of points tells a whole similarity by itself (place, scale
and turn), so that every hypothesis there is can be counted: no dice.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.siblings.frame import SCALES, moved_by, scale_of
from inlay.siblings.pixels import U8, Matrix, plane_through

F64 = NDArray[np.float64]

MOST_POINTS = 4000
LEAST_CONTRAST = 0.008
"""Of a point, a quarter of Lowe's .03: dull objects have few."""
NEAREST = 3
"""How many points of the sibling are tried for each point of the object: the right one is not always the likest."""
LEAST_ALIKE = 0.72
"""Cosine of two descriptions below which they show different things."""
NEAR = 0.06
"""Of the object's size: how far a point may lie from where a hypothesis puts it."""
FEWEST = 4
"""Pairs that a hypothesis needs."""
FEWEST_OF_A_PLANE = 12
PLANE_PX = 3.0
MOST_PAIRS = 500
TRIES = 12
"""Hypotheses that are fitted."""
APART = 0.25
"""Of the object's size: hypotheses nearer to each other are one."""


class Points(NamedTuple):
    """N points of a picture: N x 2 in px, their diameters, their turns in radians, their descriptions (N x 128, unit length)."""

    places: F64
    sizes: F64
    turns: F64
    told: NDArray[np.float32]

    def under(self, mask: U8) -> Points:
        """Those where the mask (H x W) is not 0."""
        x, y = self.places.round().astype(int).T
        keep = mask[y.clip(0, mask.shape[0] - 1), x.clip(0, mask.shape[1] - 1)] > 0
        return Points(self.places[keep], self.sizes[keep], self.turns[keep], self.told[keep])


def points_of(grey: U8) -> Points:
    """What stands out in a picture (H x W)."""
    sift: Any = cv2.SIFT.create(MOST_POINTS, contrastThreshold=LEAST_CONTRAST)
    found, told = sift.detectAndCompute(grey, None)
    if not found:
        return Points(np.zeros((0, 2)), np.zeros(0), np.zeros(0), np.zeros((0, 128), np.float32))
    roots = np.sqrt(told / np.maximum(told.sum(axis=1, keepdims=True), 1e-9))
    places = np.array([point.pt for point in found], np.float64)
    sizes, turns = np.array([(point.size, np.deg2rad(point.angle)) for point in found], np.float64).T
    return Points(places, sizes, turns, roots.astype(np.float32))


class Pairs(NamedTuple):
    """N pairs of places that look alike: here and there (N x 2), how alike (N), and the similarity that each tells (N x 2 x 3)."""

    here: F64
    there: F64
    alike: F64
    told: F64


def pairs_of(mine: Points, theirs: Points) -> Pairs:
    """For each point of `mine`, the likest of `theirs`."""
    nearest = min(NEAREST, len(theirs.places))
    if not len(mine.places) or not nearest:
        return Pairs(np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0), np.zeros((0, 2, 3)))
    alike = mine.told @ theirs.told.T
    columns = np.argpartition(-alike, nearest - 1, axis=1)[:, :nearest].ravel()
    rows = np.repeat(np.arange(len(mine.places)), nearest)
    values = alike[rows, columns]
    scale = theirs.sizes[columns] / mine.sizes[rows]
    keep = (values > LEAST_ALIKE) & (scale > SCALES[0]) & (scale < SCALES[1])
    rows, columns, values, scale = rows[keep], columns[keep], values[keep].astype(np.float64), scale[keep]
    turn = theirs.turns[columns] - mine.turns[rows]
    here, there = mine.places[rows], theirs.places[columns]
    cosine, sine = scale * np.cos(turn), scale * np.sin(turn)
    told = np.empty((len(rows), 2, 3))
    told[:, :, :2] = np.stack([np.stack([cosine, -sine], -1), np.stack([sine, cosine], -1)], 1)
    told[:, :, 2] = there - np.einsum("nij,nj->ni", told[:, :, :2], here)
    return Pairs(here, there, values, told)


def similarities(pairs: Pairs, size_px: float, center: F64, most: int) -> list[Matrix]:
    """The similarities, here to there, that most pairs agree with; the best first, each elsewhere than those before it.

    size_px: of the object, the square root of its area; center: x and y of its middle, here.
    """
    if len(pairs.here) < FEWEST:
        return []
    here, there, alike, told = (part[np.argsort(-pairs.alike)[:MOST_PAIRS]] for part in pairs)
    moved = np.einsum("nij,mj->nmi", told[:, :, :2], here) + told[:, None, :, 2]
    scale = np.sqrt(np.abs(np.linalg.det(told[:, :, :2])))
    miss = np.linalg.norm(moved - there[None], axis=-1) / (scale[:, None] * size_px)
    votes = np.where(miss < 2 * NEAR, (alike - LEAST_ALIKE + 0.05)[None], 0)
    found: list[Matrix] = []
    tries = 0
    for each in np.argsort(-votes.sum(axis=1)):
        agree = votes[each] > 0
        if len(found) == most or tries == TRIES or agree.sum() < FEWEST:
            break
        if any(_is_same(_lifted(told[each]), other, center, size_px) for other in found):
            continue
        tries += 1
        fitted = _fitted(here[agree], there[agree], size_px)
        if fitted is not None and not any(_is_same(fitted, other, center, size_px) for other in found):
            found.append(fitted)
    return found


def _fitted(here: F64, there: F64, size_px: float) -> Matrix | None:
    """The similarity that fits the pairs, without those that do not fit after all."""
    keep = np.ones(len(here), np.bool_)
    matrix = np.eye(3)
    for _ in range(4):
        if len(np.unique(here[keep].round(1), axis=0)) < FEWEST - 1:
            return None
        (x, y), (u, v) = here[keep].T, there[keep].T
        one, none = np.ones_like(x), np.zeros_like(x)
        system = np.concatenate([np.stack([x, -y, one, none], 1), np.stack([y, x, none, one], 1)])
        a, b, right, down = np.linalg.lstsq(system, np.concatenate([u, v]), rcond=None)[0]
        matrix = np.array([[a, -b, right], [b, a, down], [0, 0, 1.0]])
        keep = np.linalg.norm(moved_by(matrix, here) - there, axis=1) < NEAR * size_px * max(np.hypot(a, b), 1e-6)
    return matrix


def _lifted(matrix: F64) -> Matrix:
    return np.vstack([matrix, (0, 0, 1)])


def _is_same(one: Matrix, other: Matrix, center: F64, size_px: float) -> bool:
    apart = np.linalg.norm(moved_by(one, center[None]) - moved_by(other, center[None]))
    return bool(apart < APART * size_px * scale_of(one) and 0.8 < scale_of(one) / scale_of(other) < 1.25)


def plane(pairs: Pairs) -> Matrix | None:
    """The homography of the whole scene, here to there; None where there is none."""
    order = np.argsort(-pairs.alike)
    _, first = np.unique(pairs.here[order].round(2), axis=0, return_index=True)
    likest = order[first]
    if len(likest) < FEWEST_OF_A_PLANE:
        return None
    return plane_through(pairs.here[likest], pairs.there[likest], cv2.USAC_MAGSAC, PLANE_PX, 3000)
