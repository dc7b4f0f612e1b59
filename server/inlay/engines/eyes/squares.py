"""Turned squares of a picture as small networks want them, and their answers brought back onto the picture.

The way of MediaPipe's graphs: a detector with anchors finds boxes and a few points; a square around them, turned upright, is
what the network of points sees (https://ai.google.dev/edge/mediapipe; arXiv 1907.05047, 2006.10214).
"""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def floats(values: object) -> Floats:
    """An array of float32."""
    return np.asarray(values, np.float32)


class Square(NamedTuple):
    """A square of a picture. x, y: its middle; side: in pixels; angle: by which it is turned, in radians, clockwise as seen."""

    x: float
    y: float
    side: float
    angle: float = 0.0

    def onto(self, px: int) -> Floats:
        """The 2 x 3 matrix from the picture's pixels to those of the square at px x px, middles of pixels at .0."""
        scale = px / self.side
        cos, sin = scale * np.cos(self.angle), scale * np.sin(self.angle)
        middle = (px - 1) / 2
        return floats(
            [[cos, sin, middle - cos * self.x - sin * self.y], [-sin, cos, middle + sin * self.x - cos * self.y]]
        )

    def seen(self, pixels: Floats, px: int) -> Floats:
        """The square at px x px; what is outside of the picture is black. pixels: height x width x 3."""
        shrink = self.side / px
        if shrink > 2:  # one sample for more than two pixels would miss what lies between them
            pixels = floats(cv2.GaussianBlur(pixels, (0, 0), 0.4 * shrink))
        return floats(cv2.warpAffine(pixels, self.onto(px), (px, px), flags=cv2.INTER_LINEAR))

    def back(self, points: Floats, px: int) -> Floats:
        """Points on the square at px x px, N x 2, as points of the picture."""
        inverse = cv2.invertAffineTransform(self.onto(px))
        return points @ inverse[:, :2].T.astype(np.float32) + inverse[:, 2].astype(np.float32)

    def corners(self) -> Floats:
        """4 x 2, in the picture's pixels."""
        return self.back(floats([[0, 0], [99, 0], [99, 99], [0, 99]]), 100)


class Found(NamedTuple):
    """What a detector says. score: 0..1. box: left, top, right, bottom; points: N x 2; both in the picture's pixels."""

    score: float
    box: tuple[float, float, float, float]
    points: Floats


def anchors(px: int, layers: Sequence[tuple[int, int]]) -> Floats:
    """The middles that a detector's answers are relative to, N x 2, 0..1. layers: the stride, and how many there are a cell."""
    rows = [
        ((column + 0.5) / (px // stride), (row + 0.5) / (px // stride))
        for stride, many in layers
        for row, column in itertools.product(range(px // stride), repeat=2)
        for _ in range(many)
    ]
    return floats(rows)


def decoded(square: Square, px: int, middles: Floats, raw: Floats, logits: Floats, least: float) -> Iterator[Found]:
    """What of a detector's answers is at least `least` likely. raw: N x (4 + 2 points), in pixels from the anchors; logits: N."""
    scores = 1 / (1 + np.exp(-np.clip(logits, -80, 80)))
    for at in np.flatnonzero(scores >= least):
        middle = raw[at, :2] + middles[at] * px
        half = raw[at, 2:4] / 2
        corners = square.back(floats([middle - half, middle + half]) - 0.5, px)
        points = square.back(raw[at, 4:].reshape(-1, 2) + middles[at] * px - 0.5, px)
        (left, top), (right, bottom) = corners
        yield Found(float(scores[at]), (float(left), float(top), float(right), float(bottom)), points)


def merged(found: Sequence[Found], overlap: float = 0.3) -> list[Found]:
    """One for each thing that was found several times, the surest first: those that overlap are averaged by their scores."""
    rest = sorted(found, key=lambda one: -one.score)
    kept: list[Found] = []
    while rest:
        same = [one for one in rest if _overlap(rest[0].box, one.box) > overlap]
        taken = {id(one) for one in same}
        rest, best = [one for one in rest if id(one) not in taken], rest[0]
        weights = floats([one.score for one in same])
        weights /= weights.sum()
        box = np.tensordot(weights, floats([one.box for one in same]), 1)
        points = np.tensordot(weights, np.stack([one.points for one in same]), 1)
        kept.append(Found(best.score, (float(box[0]), float(box[1]), float(box[2]), float(box[3])), points))
    return kept


def views(width: int, height: int, least_px: int) -> list[Square]:
    """Where a detector looks: the whole picture, and where that would be shrunk a lot, overlapping squares of it.

    least_px: a square of this side or smaller is not looked at in parts.
    """
    long, short = max(width, height), min(width, height)
    squares = [Square((width - 1) / 2, (height - 1) / 2, float(long))]
    side = float(max(least_px, min(short, long / 1.75)))
    if side < long * 0.8:
        squares += [Square(x, y, side) for y in _middles(height, side) for x in _middles(width, side)]
    return squares


def _middles(length: int, side: float) -> list[float]:
    """Of overlapping squares that cover a length."""
    count = max(1, int(np.ceil((length - side) / (side * 0.6))) + 1)
    if count == 1:
        return [(length - 1) / 2]
    return [float(one) for one in np.linspace(side / 2, length - side / 2, count)]


def _overlap(one: Sequence[float], other: Sequence[float]) -> float:
    """The area that two boxes have in common, of that which they cover together."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return common / (sum(areas) - common)


def rgb_of(pixels: NDArray[np.generic]) -> Floats:
    """A picture as the networks see it: height x width x 3, float32, 0..1; from uint8, uint16 or floats, which are clipped."""
    if pixels.ndim != 3 or pixels.shape[2] != 3:
        raise ValueError(f"a picture is height x width x 3, not {pixels.shape}")
    if pixels.dtype.kind == "u":
        return floats(pixels) / floats(255 if pixels.dtype.itemsize == 1 else 65535)
    return np.clip(np.nan_to_num(pixels.astype(np.float32)), 0, 1)


def batch(square: Floats) -> Floats:
    """A picture as one input of a network: 1 x 3 x height x width."""
    return np.ascontiguousarray(square.transpose(2, 0, 1)[None])


def tflite(path: Path) -> cv2.dnn.Net:
    """A network of MediaPipe's. OpenCV 5's new engine gives only its last answer, the classic one all of them."""
    classic: int | None = getattr(cv2.dnn, "ENGINE_CLASSIC", None)  # none before OpenCV 5, which has that engine alone
    return cv2.dnn.readNetFromTFLite(str(path)) if classic is None else cv2.dnn.readNetFromTFLite(str(path), classic)
