"""Things for small networks to look at, drawn here: a hand with five fingers, and one whose fingers run into each other."""

import cv2
import numpy as np
from numpy.typing import NDArray

FINGERS = (
    ((-62, 40), (-118, -4), (-150, -44), 17),
    ((-46, -40), (-62, -120), (-70, -172), 15),
    ((-14, -52), (-16, -142), (-17, -200), 16),
    ((18, -48), (28, -130), (34, -182), 15),
    ((46, -30), (66, -92), (80, -134), 12),
)
"""Root, joint, tip and half the width, from the middle of the palm, in px of a hand about 330 high."""


def hand(size: int = 480, scale: float = 1.0, turned: float = 0.0, fingers: int = 5) -> NDArray[np.float32]:
    """A hand on grey: size x size x 3, float32, 0..1, sRGB. turned: degrees. fingers: how many of the five there are."""
    height = np.zeros((size, size), np.float32)
    cos, sin = np.cos(np.radians(turned)) * scale, np.sin(np.radians(turned)) * scale

    def at(point: tuple[float, float]) -> tuple[int, int]:
        x, y = point[0], point[1] + 10
        return round(size / 2 + cos * x - sin * y), round(size / 2 + sin * x + cos * y)

    parts = [
        ((at((-34, -20)), at((-30, 62))), 36),
        ((at((30, -16)), at((26, 62))), 34),
        ((at((0, -20)), at((0, 160))), 34),
    ]
    for root, joint, tip, half in FINGERS[:fingers]:
        parts += [((at(root), at(joint)), half), ((at(joint), at(tip)), half * 0.86)]
    for (start, end), half in parts:
        line = np.zeros((size, size), np.uint8)
        cv2.line(line, start, end, 255, max(1, round(2 * half * scale)), cv2.LINE_AA)
        inside = cv2.distanceTransform((line > 127).astype(np.uint8), cv2.DIST_L2, 5) / (half * scale)
        height = np.maximum(height, np.sqrt(np.clip(1 - (1 - np.clip(inside, 0, 1)) ** 2, 0, 1)))
    height = cv2.GaussianBlur(height, (0, 0), 1.2)
    down, across = np.gradient(cv2.GaussianBlur(height, (0, 0), 3.0))
    light = np.clip(0.86 - 2.2 * across - 1.6 * down, 0.35, 1.05)[..., None]
    skin = np.float32([0.87, 0.66, 0.54]) * light
    share = np.clip(height * 3, 0, 1)[..., None]
    return np.asarray(skin * share + 0.42 * (1 - share), np.float32)
