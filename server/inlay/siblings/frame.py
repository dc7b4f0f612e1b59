"""The square in which an object is looked at, cut from its master; and any picture seen through it."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.siblings.pixels import F32, U8, Matrix, blurred, through

OBJECT_PX = (96, 224)
"""The size, as the square root of its area, at which an object is looked at."""
MARGIN = 0.3
"""Of the object's size: what is seen around it."""
SCALES = (0.3, 3.3)
"""How much smaller or larger an object may be in the sibling."""
FEWEST_PX = 64
"""Pixels inside the mask, below which there is nothing to look for."""


class Frame(NamedTuple):
    """picture: H x W x 3 float32, encoded 0..1; mask: H x W, 0..1; matrix: from the frame to the master, in working pixels."""

    picture: F32
    mask: F32
    matrix: Matrix

    @property
    def center(self) -> NDArray[np.float64]:
        """Of the object, x and y in the master's working pixels."""
        ys, xs = np.nonzero(self.mask > 0.5)
        return moved_by(self.matrix, np.array([[float(xs.mean()), float(ys.mean())]]))[0]

    @property
    def size_px(self) -> float:
        """Of the object in the frame."""
        return float(np.sqrt((self.mask > 0.5).sum()))

    def see(self, picture: U8, matrix: Matrix) -> F32:
        """A picture through `matrix`, from the master's pixels to its own: as `picture`, reflected beyond its border."""
        return _seen(picture, matrix @ self.matrix, self.mask.shape)

    def shows(self, size: tuple[int, int], matrix: Matrix) -> F32:
        """Where a picture of this size (height, width) has pixels, H x W, 0 or 1."""
        whole = np.full(size, 255, np.uint8)
        return (through(whole, matrix @ self.matrix, self.mask.shape) > 0.98).astype(np.float32)


def frame_of(picture: U8, mask: U8) -> Frame | None:
    """The frame around what lies inside the mask (H x W, 255 inside); None where that is next to nothing."""
    ys, xs = np.nonzero(mask > 127)
    if len(xs) < FEWEST_PX:
        return None
    size = float(np.sqrt(len(xs)))
    scale = float(np.clip(size, *OBJECT_PX)) / size
    margin = MARGIN * size
    left, top = float(xs.min()) - margin, float(ys.min()) - margin
    right, bottom = float(xs.max()) + margin, float(ys.max()) + margin
    width, height = (max(int(np.ceil(side * scale)), 16) for side in (right - left, bottom - top))
    matrix = np.array([[1 / scale, 0, left], [0, 1 / scale, top], [0, 0, 1.0]])
    seen = _seen(picture, matrix, (height, width))
    return Frame(seen, through(mask, matrix, (height, width)), matrix)


def moved_by(matrix: Matrix, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """N x 2 places, through a matrix."""
    lifted = np.column_stack([places, np.ones(len(places))]) @ matrix.T
    return lifted[:, :2] / lifted[:, 2:]


def scale_of(matrix: Matrix) -> float:
    """How much larger things become, at the origin."""
    return float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))


def is_plausible(matrix: Matrix, center: NDArray[np.float64]) -> bool:
    """Whether what lies at `center` (x, y) keeps its handedness and comes out between a third and three times as large."""
    corners = moved_by(matrix, center + np.array([[0, 0], [1, 0], [0, 1]]))
    right, down = corners[1] - corners[0], corners[2] - corners[0]
    area = right[0] * down[1] - right[1] * down[0]
    return bool(SCALES[0] ** 2 < area < SCALES[1] ** 2)


def _seen(picture: U8, matrix: Matrix, size: tuple[int, int]) -> F32:
    shrink = scale_of(matrix)
    source = blurred(picture, 0.5 * shrink) if shrink > 1.2 else picture
    return through(source, matrix, size, cv2.BORDER_REFLECT_101)
