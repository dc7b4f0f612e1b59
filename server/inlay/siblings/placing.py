"""Moves an object's frame over the sibling until both lie on each other: a plane first, then bent where it bends.

Flow: Kroeger, Timofte, Dai and Van Gool, "Fast Optical Flow using Dense Inverse Search", ECCV 2016, as OpenCV has it.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import cv2
import numpy as np

from inlay.siblings.agreement import Agreement, agreement
from inlay.siblings.frame import Frame, is_plausible, moved_by
from inlay.siblings.pixels import F32, U8, Matrix, at, blurred, grid, luma, plane_through, resized

ROUNDS = 4
"""How often the plane is corrected."""
EVEN_PX = 6.0
"""Light and contrast are evened out over this standard deviation before the flow looks."""
RETURNS_PX = 1.5
"""How near flow forth and back must end to where it began."""
ENOUGH_PX = 0.5
"""A correction below this is the last one."""
MOST_POINTS = 2000
FEWEST_POINTS = 40
MOST_TRIES = 300
BEND = (16, 4)
"""Parts of the object's size over which flow is smoothed where it is sure, and carried on to where it is not."""


class Placed(NamedTuple):
    """The object where it was found. matrix: from the master to the sibling. flow: H x W x 2, from a place in the frame to where
    it lies in the sibling seen through `matrix`; seen: the sibling seen through both; visible: the mask where it has pixels at all.
    """

    matrix: Matrix
    flow: F32
    seen: F32
    agreement: Agreement
    visible: F32

    @property
    def alike(self) -> float:
        """What lies under the mask in both pictures, 0..1."""
        return self.agreement.over(self.visible)


def placed(frame: Frame, sibling: U8, matrix: Matrix) -> Placed:
    """The object near where `matrix`, from the master to the sibling, puts it."""
    base, near = _even(frame.picture), max(1.0, frame.size_px / 80)
    warped = frame.see(sibling, matrix)
    flow, sure = _flow(base, _even(warped))
    for _ in range(ROUNDS - 1):
        ys, xs = np.nonzero(sure * frame.mask > 0.5)
        if len(xs) < FEWEST_POINTS:
            break
        step = max(1, len(xs) // MOST_POINTS)
        here = np.stack([xs, ys], 1)[::step].astype(np.float64)
        motion = plane_through(here, here + flow[ys[::step], xs[::step]], cv2.RANSAC, near, MOST_TRIES)
        if motion is None:
            break
        corrected = matrix @ frame.matrix @ motion @ np.linalg.inv(frame.matrix)
        if not is_plausible(corrected, frame.center):
            break
        matrix = corrected
        warped = frame.see(sibling, matrix)
        flow, sure = _flow(base, _even(warped))
        if np.abs(moved_by(motion, here) - here).max() < ENOUGH_PX:
            break
    bent = _smoothed(flow, sure * frame.mask, frame.size_px)
    seen = at(warped, grid(*base.shape) + bent, cv2.BORDER_REFLECT_101)
    visible = frame.mask * frame.shows(sibling.shape[:2], matrix)
    return Placed(matrix, bent, seen, agreement(frame.picture, seen, frame.size_px), visible)


def _even(picture: F32) -> U8:
    """Luma with its local mean and contrast taken out, H x W."""
    y = luma(picture)
    rest = y - blurred(y, EVEN_PX)
    spread = np.sqrt(np.maximum(blurred(rest * rest, EVEN_PX), 0)) + 0.02
    return np.clip(128 + 48 * rest / spread, 0, 255).astype(np.uint8)


def _flow(one: U8, other: U8) -> tuple[F32, F32]:
    """From `one` to `other`, H x W x 2, and where it leads back to where it began, H x W, 0 or 1."""
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    forth, back = _searched(search, one, other), _searched(search, other, one)
    returned = forth + at(back, grid(*one.shape) + forth)
    return forth, (np.linalg.norm(returned, axis=-1) < RETURNS_PX).astype(np.float32)


def _searched(search: cv2.DISOpticalFlow, one: U8, other: U8) -> F32:
    return cast(F32, search.calc(one, other, np.zeros((*one.shape, 2), np.float32)))


def _smoothed(flow: F32, weight: F32, size_px: float) -> F32:
    """The flow where `weight` (H x W) says that it is sure, carried on to where it is not."""
    height, width = weight.shape
    weighed = np.dstack([flow * weight[..., None], weight])
    small = resized(weighed, (max(height // 4, 4), max(width // 4, 4)))
    mixed: F32 = blurred(small, size_px / BEND[0] / 4) + 0.02 * blurred(small, size_px / BEND[1] / 4)
    return resized(mixed[..., :2] / (mixed[..., 2:] + np.float32(1e-4)), (height, width))
