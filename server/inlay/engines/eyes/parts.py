"""Parts of people that are worth painting anew: hands, faces or eyes, each with its mask, and how good a detector finds them."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.engines.eyes import faces, hands
from inlay.engines.eyes.faces import Face, Faces
from inlay.engines.eyes.hands import Hand, Hands
from inlay.engines.eyes.here import Eyes
from inlay.engines.eyes.squares import Floats, floats

HANDS, FACES, EYES = "hands", "faces", "eyes"
KINDS = (HANDS, FACES, EYES)

LEAST_TO_MEND = 0.05
"""A part that is to be mended may look little like one: from this presence on it counts."""

MARGIN, FEATHER = 0.12, 0.05
"""Around a part and of its softness, of its longer side."""

UNSURE = 2.0
"""The points of a malformed hand may miss a finger: the less sure the detector is, the wider the margin, at most so much more."""


class Part(NamedTuple):
    """presence: 0..1. box: left, top, right, bottom, in pixels. mask: height x width, 0..1, with margin and soft edge."""

    presence: float
    box: tuple[float, float, float, float]
    mask: Floats

    @property
    def side_px(self) -> float:
        return max(self.box[2] - self.box[0], self.box[3] - self.box[1])


class Finder:
    """The detector of one kind. Raises Unsupported where its network is not here, saying what to type."""

    def __init__(self, kind: str, eyes: Eyes) -> None:
        self.kind = kind
        self.network = hands.NAME if kind == HANDS else faces.NAME
        place = eyes.place(self.network)
        self._eye: Hands | Faces = Hands(place) if kind == HANDS else Faces(place)

    def parts(self, pixels: NDArray[np.float32]) -> list[Part]:
        """What of its kind is in a picture, height x width x 3, float32, sRGB; the surest first."""
        height, width = pixels.shape[:2]
        return [_part(one, self.kind, height, width) for one in self._eye.find(pixels, LEAST_TO_MEND)]

    def presence(self, pixels: NDArray[np.float32]) -> float:
        """How sure it is that there is one, 0..1."""
        return max((one.presence for one in self._eye.find(pixels, 0.0)), default=0.0)


def _part(found: Hand | Face, kind: str, height: int, width: int) -> Part:
    if isinstance(found, Face) and kind == EYES:
        shape = found.eyes_mask(height, width)
        points = np.concatenate(found.eyes)
    else:
        shape, points = found.mask(height, width), found.points
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    box = (float(left), float(top), float(right), float(bottom))
    side = max(right - left, bottom - top)
    reach = max(1, round(MARGIN * side * (1 + UNSURE * (1 - found.presence))))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    soft = cv2.GaussianBlur(cv2.dilate(shape, disc), (0, 0), max(0.8, FEATHER * side))
    return Part(found.presence, box, floats(np.where(soft < 1 / 512, 0, np.clip(soft, 0, 1))))
