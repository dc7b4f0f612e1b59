"""Faces: where they are, 468 points of each, the mask of the face and of each eye.

MediaPipe's finder for any distance (arXiv 1907.05047) and its mesh (arXiv 1907.06724).
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.engines.eyes.squares import (
    Floats,
    Found,
    Square,
    anchors,
    batch,
    decoded,
    floats,
    merged,
    rgb_of,
    tflite,
    views,
)

NAME = "faces"
SEEN_PX = 192
_LAYERS = ((4, 1),)
LEAST_FACE, LEAST_PRESENCE = 0.6, 0.5
_GROWN = 1.5
SMALL_PX = 600
"""A picture that is not larger is looked at once."""

OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136, 172, 58,
    132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
RIGHT_EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
LEFT_EYE = (362, 382, 381, 380, 374, 373, 390, 249, 263, 466, 388, 387, 386, 385, 384, 398)
"""Points of the mesh around the face and around the lids, in order (mediapipe/python/solutions/face_mesh_connections.py)."""

_EYE_GROWN = 1.6
"""The lids' outline, enlarged to hold lashes and creases."""


@dataclass(frozen=True)
class Face:
    """One face. presence: 0..1. points: 468 x 2, the picture's pixels. box: of the points: left, top, right, bottom."""

    presence: float
    points: Floats

    @cached_property
    def box(self) -> tuple[float, float, float, float]:
        (left, top), (right, bottom) = self.points.min(axis=0), self.points.max(axis=0)
        return float(left), float(top), float(right), float(bottom)

    @property
    def eyes(self) -> tuple[Floats, Floats]:
        """The outlines of the lids, 16 x 2 each: the person's right eye, then the left one."""
        return self.points[list(RIGHT_EYE)], self.points[list(LEFT_EYE)]

    def mask(self, height: int, width: int) -> Floats:
        """The face, 0 or 1 but for the pixels at its edge."""
        return _filled([self.points[list(OVAL)]], height, width)

    def eyes_mask(self, height: int, width: int) -> Floats:
        """Both eyes with their lids."""
        grown = [
            (eye - eye.mean(axis=0)) * floats([_EYE_GROWN, 2 * _EYE_GROWN]) + eye.mean(axis=0) for eye in self.eyes
        ]
        return _filled(grown, height, width)


class Faces:
    """The networks, loaded. folder: where `inlay models pull faces` put them."""

    def __init__(self, folder: Path) -> None:
        self._finder = tflite(folder / "face_detection_full_range.tflite")
        self._mesh = tflite(folder / "face_landmark.tflite")
        self._anchors = anchors(SEEN_PX, _LAYERS)

    def find(self, pixels: NDArray[np.generic], least: float = LEAST_PRESENCE) -> list[Face]:
        """The faces in a picture, the surest first.

        pixels: height x width x 3, uint8, uint16 or float 0..1, sRGB-encoded. least: presence below which there is none.
        """
        rgb = rgb_of(pixels)
        found = [face for view in views(rgb.shape[1], rgb.shape[0], SMALL_PX) for face in self._found_in(rgb, view)]
        faces = [self.at(rgb, _around(face)) for face in merged(found)]
        return sorted((face for face in faces if face.presence >= least), key=lambda face: -face.presence)

    def at(self, pixels: NDArray[np.generic], square: Square) -> Face:
        """The face in that square, however sure; pixels as `find` takes them."""
        self._mesh.setInput(batch(square.seen(rgb_of(pixels), SEEN_PX)))
        points, logit = self._mesh.forward(["conv2d_20", "conv2d_30"])
        on_square = points.reshape(468, 3)[:, :2].astype(np.float32)
        presence = 1 / (1 + np.exp(-np.clip(logit.reshape(-1)[0], -80, 80)))
        return Face(float(presence), square.back(on_square, SEEN_PX))

    def _found_in(self, rgb: Floats, view: Square) -> list[Found]:
        self._finder.setInput(batch(view.seen(rgb, SEEN_PX) * 2 - 1))
        raw, scores = self._finder.forward(["reshaped_regressor_face_4", "reshaped_classifier_face_4"])
        return list(
            decoded(view, SEEN_PX, self._anchors, floats(raw).reshape(-1, 16), floats(scores).reshape(-1), LEAST_FACE)
        )


def _around(face: Found) -> Square:
    """The square with the whole face, turned so that its eyes are level."""
    left, top, right, bottom = face.box
    along = face.points[1] - face.points[0]
    angle = float(np.arctan2(along[1], along[0]))
    return Square((left + right) / 2, (top + bottom) / 2, _GROWN * max(right - left, bottom - top), angle)


def _filled(outlines: list[Floats], height: int, width: int) -> Floats:
    drawn = np.zeros((height, width), np.uint8)
    for outline in outlines:
        cv2.fillPoly(drawn, [np.round(outline * 8).astype(np.int32)], 255, cv2.LINE_AA, 3)
    return floats(drawn) / floats(255)
