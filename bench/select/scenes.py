"""Pictures whose objects' outlines are known: photographs of scikit-image outlined by hand, and objects pasted into others.

What was outlined by hand follows the object within about 2 px.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data

U8 = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Points = list[tuple[float, float]]

HEAD: Points = [
    *((231, 16), (253, 18), (275, 29), (292, 47), (301, 72), (300, 94), (293, 114), (283, 128), (274, 137), (269, 137)),
    *((265, 131), (258, 156), (254, 183), (239, 190), (217, 189), (194, 181), (186, 172), (183, 150), (182, 131)),
    *((173, 128), (161, 114), (154, 94), (154, 69), (161, 56), (189, 42), (197, 28), (214, 19)),
]
ROCKET: Points = [
    *((322, 127), (313, 142), (311, 161), (312, 178), (315, 183), (314, 278), (312, 405)),
    *((332, 405), (331, 278), (331, 183), (333, 178), (333, 144)),
]
SPOON: Points = [(400, 72), (411, 67), (424, 71), (424, 83), (417, 108), (408, 133)]
SOFT_PX = 0.7
"""Of a pasted object's edge, as a lens leaves it."""


class Scene(NamedTuple):
    """picture: HxWx3 uint8. wanted: HxW, the object."""

    name: str
    picture: U8
    wanted: Flags


def scenes() -> list[Scene]:
    """Six objects outlined by hand and six pasted ones, always the same."""
    return [*_outlined(), *_pasted()]


def _outlined() -> list[Scene]:
    astronaut, coffee, coins = data.astronaut(), data.coffee(), np.dstack([data.coins()] * 3)
    cup = _ellipse(coffee, (278, 222), (200, 167)) | _ellipse(coffee, (287, 113), (114, 95)) | _polygon(coffee, SPOON)
    return [
        Scene("head", astronaut, _polygon(astronaut, HEAD)),
        Scene("badge", astronaut, _ellipse(astronaut, (170, 386), (37, 37))),
        Scene("cup with saucer", coffee, cup),
        Scene("rocket", data.rocket(), _polygon(data.rocket(), ROCKET)),
        Scene("coin, upper", coins, _ellipse(coins, (335, 43), (29, 28))),
        Scene("coin, lower", coins, _ellipse(coins, (46, 260), (27, 27))),
    ]


def _pasted() -> list[Scene]:
    horse = ~data.horse().astype(np.bool_)
    star, ring = _star(7, 0.35), _star(5, 0.12)
    rows = (
        ("horse of coffee", horse, data.coffee(), data.chelsea()),
        ("horse of fur", horse, data.chelsea(), data.coffee()),
        ("star of suit", star, data.astronaut()[220:, :], data.rocket()),
        ("star of wood", star, data.coffee(), data.astronaut()),
        ("blob of night", ring, data.rocket(), data.coffee()),
        ("blob of fur", ring, data.chelsea(), data.astronaut()),
    )
    return [_paste(number, *row) for number, row in enumerate(rows)]


def _paste(number: int, name: str, shape: Flags, front: U8, back: U8) -> Scene:
    height, width = back.shape[:2]
    side = int(min(height, width) * (0.5 + 0.04 * number))
    top, left = (height - side) * (1 + number % 3) // 4, (width - side) * (1 + number % 2) // 3
    alpha = np.zeros((height, width), np.float32)
    alpha[top : top + side, left : left + side] = cv2.resize(shape.astype(np.float32), (side, side))
    alpha = cv2.GaussianBlur((alpha > 0.5).astype(np.float32), (0, 0), SOFT_PX)
    filled = cv2.resize(front, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    mixed = filled * alpha[..., None] + back * (1 - alpha[..., None])
    grain = np.random.default_rng(number).normal(0, 2, mixed.shape)
    return Scene(name, np.rint(np.clip(mixed + grain, 0, 255)).astype(np.uint8), alpha > 0.5)


def _star(arms: int, depth: float) -> Flags:
    y, x = np.mgrid[-1:1:256j, -1:1:256j]
    return np.hypot(x, y) < (1 - depth / 2 + depth / 2 * np.cos(arms * np.arctan2(y, x))) * 0.95


def _ellipse(picture: U8, middle: tuple[int, int], radii: tuple[int, int]) -> Flags:
    return cv2.ellipse(np.zeros(picture.shape[:2], np.uint8), middle, radii, 0, 0, 360, 1, -1) > 0


def _polygon(picture: U8, points: Points) -> Flags:
    corners = np.rint(np.array(points)).astype(np.int32)
    return cv2.fillPoly(np.zeros(picture.shape[:2], np.uint8), [corners], 1) > 0
