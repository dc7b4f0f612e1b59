"""Bodies: how somebody stands, 33 points each. MediaPipe's BlazePose (arXiv 2006.10204), its network of points alone.

Its detector's sparse weights OpenCV cannot read. What that is for, a square around the body, is found by the faces instead; a
body whose face is not seen is looked for in the whole picture. The network tells by two more points where the body really is, and
is shown that, as MediaPipe does from one frame to the next.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inlay.engines.eyes.faces import Face
from inlay.engines.eyes.squares import Floats, Square, batch, floats, rgb_of, tflite, views

NAME = "body"
SEEN_PX = 256
POINTS, TOLD = 33, 39
"""Of the body; with those that tell where it is: its middle is the first of them, the second lies on the circle around it."""

NOSE = 0
LEFT_EYE, RIGHT_EYE, LEFT_EAR, RIGHT_EAR = 2, 5, 7, 8
LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_ELBOW, RIGHT_ELBOW, LEFT_WRIST, RIGHT_WRIST = range(11, 17)
LEFT_HIP, RIGHT_HIP, LEFT_KNEE, RIGHT_KNEE, LEFT_ANKLE, RIGHT_ANKLE = range(23, 29)

LEAST_PRESENCE, LEAST_SEEN = 0.5, 0.5
LEAST_HINT = 0.05
"""Below it what is told of where the body is means nothing."""

_GROWN = 1.25
"""The square that is shown, of the circle around a body (mediapipe/modules/pose_landmark)."""

_ROUNDS, _REST = 10, 0.03
"""It is looked at again until the square moves by less than this share of its side."""

_UNDER_A_FACE = ((1.3, 5.0), (2.6, 9.0))
"""Where a body may be: how far its middle lies below its face's, and the side of the square, in heights of the face."""

_SMALL_PX = 600
"""A picture that is not larger is looked at once."""


@dataclass(frozen=True)
class Body:
    """One body. presence: 0..1. points: 33 x 2, the picture's pixels. seen: 33, 0..1, how surely a point is in sight."""

    presence: float
    points: Floats
    seen: Floats


class Bodies:
    """The network, loaded. folder: where `inlay models pull body` put it."""

    def __init__(self, folder: Path) -> None:
        self._points = tflite(folder / "pose_landmark_full.tflite")

    def find(self, pixels: NDArray[np.generic], faces: Sequence[Face] = ()) -> list[Body]:
        """The bodies of these faces; without a face the surest body of the picture. The surest first.

        pixels: height x width x 3, uint8, uint16 or float 0..1, sRGB-encoded.
        """
        rgb = rgb_of(pixels)
        height, width = rgb.shape[:2]
        if not faces:
            found = list(self._settled(rgb, views(width, height, _SMALL_PX)))
            return [max(found, key=lambda body: body.presence)] if found else []
        bodies = [body for face in faces if (body := self._of(rgb, face))]
        return sorted(bodies, key=lambda body: -body.presence)

    def _of(self, rgb: Floats, face: Face) -> Body | None:
        """The surest body that has this face."""
        (left, top, right, bottom) = face.box
        x, y, high = (left + right) / 2, (top + bottom) / 2, bottom - top
        squares = [Square(x, y + down * high, side * high) for down, side in _UNDER_A_FACE]
        own = [
            body
            for body in self._settled(rgb, squares)
            if left <= body.points[NOSE, 0] <= right and top <= body.points[NOSE, 1] <= bottom
        ]
        return max(own, key=lambda body: body.presence, default=None)

    def _settled(self, rgb: Floats, squares: Sequence[Square]) -> Iterator[Body]:
        """From each square the body that it leads to."""
        for square in squares:
            body, told = self._at(rgb, square)
            for _ in range(_ROUNDS):
                if told is None or body.presence < LEAST_HINT or _moved(square, told) < _REST:
                    break
                square = told
                body, told = self._at(rgb, square)
            if body.presence >= LEAST_PRESENCE:
                yield body

    def _at(self, rgb: Floats, square: Square) -> tuple[Body, Square | None]:
        """What is seen there, and where it says that the body is; None: nowhere that could be looked at."""
        self._points.setInput(batch(square.seen(rgb, SEEN_PX)))
        raw, presence = self._points.forward(["Identity", "Identity_1"])
        told = floats(raw).reshape(TOLD, 5)
        points = square.back(told[:, :2], SEEN_PX)
        body = Body(
            float(np.clip(presence.reshape(-1)[0], 0, 1)),
            points[:POINTS],
            floats(1 / (1 + np.exp(-np.clip(told[:POINTS, 3:].min(axis=1), -80, 80)))),
        )
        middle, rim = points[POINTS : POINTS + 2]
        along = rim - middle
        side = 2 * _GROWN * float(np.linalg.norm(along))
        if not 8 <= side <= 8 * max(rgb.shape[:2]):
            return body, None
        return body, Square(float(middle[0]), float(middle[1]), side, float(np.arctan2(along[0], -along[1])))


def _moved(one: Square, other: Square) -> float:
    """How far two squares are apart, of the first one's side."""
    return float(np.hypot(other.x - one.x, other.y - one.y) + abs(other.side - one.side)) / one.side
