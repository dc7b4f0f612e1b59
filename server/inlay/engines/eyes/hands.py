"""Hands: where they are, 21 points of each, a mask that follows the fingers, and how sure it is that there is one.

MediaPipe Hands (arXiv 2006.10214): a palm detector, and a network of points that sees the hand turned upright.
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

NAME = "hands"
PALM_PX, HAND_PX = 192, 224
_LAYERS = ((8, 2), (16, 6))
"""Strides and anchors a cell of the palm detector (mediapipe/modules/palm_detection)."""

LEAST_PALM, LEAST_PRESENCE = 0.5, 0.5
_WRIST, _MIDDLE = 0, 2
"""Of the palm's seven points: by them the hand is turned upright."""

_GROWN, _RAISED = 2.6, -0.5
"""The hand is in a square so many times as large as the palm's, moved by so much of its height towards the fingers."""

SMALL_PX = 600
"""A picture that is not larger is looked at once."""

FINGERS = ((0, 1, 2, 3, 4), (0, 5, 6, 7, 8), (0, 9, 10, 11, 12), (0, 13, 14, 15, 16), (0, 17, 18, 19, 20))
"""Points from the wrist to each tip, from the thumb on."""

PALM = (0, 1, 5, 9, 13, 17)
_FINGER_WIDTH = 0.28
"""Of a finger, of the palm's width at the knuckles."""


@dataclass(frozen=True)
class Hand:
    """One hand.

    presence: 0..1, how sure the network of points is of it. points: 21 x 2, the picture's pixels, from the wrist to the tips
    as in FINGERS. box: left, top, right, bottom of the points.
    """

    presence: float
    points: Floats

    @cached_property
    def box(self) -> tuple[float, float, float, float]:
        (left, top), (right, bottom) = self.points.min(axis=0), self.points.max(axis=0)
        return float(left), float(top), float(right), float(bottom)

    @property
    def finger_px(self) -> float:
        """About how wide a finger is."""
        knuckles = float(np.linalg.norm(self.points[5] - self.points[17]))
        length = float(np.linalg.norm(self.points[0] - self.points[9]))
        return max(2.0, _FINGER_WIDTH * max(knuckles, 0.6 * length))

    def mask(self, height: int, width: int) -> Floats:
        """The hand's shape, 0 or 1 but for the pixels at its edge: palm and fingers, as wide as fingers are."""
        drawn = np.zeros((height, width), np.uint8)
        palm = np.round(self.points[list(PALM)] * 8).astype(np.int32)
        cv2.fillConvexPoly(drawn, cv2.convexHull(palm), 255, cv2.LINE_AA, 3)
        thick = max(1, round(self.finger_px))
        for finger in FINGERS:
            bones = np.round(self.points[list(finger)] * 8).astype(np.int32)
            cv2.polylines(drawn, [bones], False, 255, thick, cv2.LINE_AA, 3)
        return floats(drawn) / floats(255)


class Hands:
    """The networks, loaded. folder: where `inlay models pull hands` put them."""

    def __init__(self, folder: Path) -> None:
        self._palms = tflite(folder / "palm_detection_full.tflite")
        self._points = tflite(folder / "hand_landmark_full.tflite")
        self._anchors = anchors(PALM_PX, _LAYERS)

    def find(self, pixels: NDArray[np.generic], least: float = LEAST_PRESENCE) -> list[Hand]:
        """The hands in a picture, the surest first.

        pixels: height x width x 3, uint8, uint16 or float 0..1, sRGB-encoded. least: presence below which there is none.
        """
        rgb = rgb_of(pixels)
        palms = [palm for view in views(rgb.shape[1], rgb.shape[0], SMALL_PX) for palm in self._palms_in(rgb, view)]
        hands = [self.at(rgb, _around(palm)) for palm in merged(palms)]
        sure = [hand for hand in hands if hand.presence >= least]
        return sorted(_distinct(sure), key=lambda hand: -hand.presence)

    def at(self, pixels: NDArray[np.generic], square: Square) -> Hand:
        """The hand in that square, however sure; pixels as `find` takes them."""
        self._points.setInput(batch(square.seen(rgb_of(pixels), HAND_PX)))
        points, presence = self._points.forward(["Identity", "Identity_1"])
        on_square = points.reshape(21, 3)[:, :2].astype(np.float32)
        return Hand(float(np.clip(presence.reshape(-1)[0], 0, 1)), square.back(on_square, HAND_PX))

    def _palms_in(self, rgb: Floats, view: Square) -> list[Found]:
        self._palms.setInput(batch(view.seen(rgb, PALM_PX)))
        raw, scores = self._palms.forward(["Identity", "Identity_1"])
        return list(
            decoded(view, PALM_PX, self._anchors, floats(raw).reshape(-1, 18), floats(scores).reshape(-1), LEAST_PALM)
        )


def _around(palm: Found) -> Square:
    """The square with the whole hand, turned so that its fingers point up."""
    left, top, right, bottom = palm.box
    along = palm.points[_MIDDLE] - palm.points[_WRIST]
    angle = float(np.arctan2(along[0], -along[1]))
    side = max(right - left, bottom - top)
    shift = _RAISED * side
    x = (left + right) / 2 - shift * np.sin(angle)
    y = (top + bottom) / 2 + shift * np.cos(angle)
    return Square(float(x), float(y), side * _GROWN, angle)


def _distinct(hands: list[Hand]) -> list[Hand]:
    """Without those whose points are another's: two palms may lead to one hand."""
    kept: list[Hand] = []
    for hand in sorted(hands, key=lambda one: -one.presence):
        left, top, right, bottom = hand.box
        size = max(right - left, bottom - top)
        if all(float(np.linalg.norm(hand.points - one.points, axis=1).mean()) > 0.25 * size for one in kept):
            kept.append(hand)
    return kept
