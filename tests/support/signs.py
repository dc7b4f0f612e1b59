"""A sign on a brick wall: lettering whose words, size, angle and colour are known, and the wall without it."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data

INK = (250, 240, 220)


class Sign(NamedTuple):
    """Both height x width x 3, uint8, sRGB. cap_px: how high its capitals are. angle: degrees, clockwise as seen."""

    pixels: NDArray[np.uint8]
    wall: NDArray[np.uint8]
    cap_px: int
    angle: float


def sign(words: str = "Corner Bakery", angle: float = -6.0) -> Sign:
    brick = cv2.cvtColor(data.brick(), cv2.COLOR_GRAY2RGB)[:300]
    wall = (brick * np.array([1.0, 0.8, 0.7])).astype(np.uint8)
    ink = np.zeros(wall.shape[:2], np.uint8)
    cv2.putText(ink, words, (70, 165), cv2.FONT_HERSHEY_DUPLEX, 1.7, (255,), 3, cv2.LINE_AA)
    capital = np.zeros_like(ink)
    cv2.putText(capital, "B", (70, 165), cv2.FONT_HERSHEY_DUPLEX, 1.7, (255,), 3, cv2.LINE_AA)
    cap_px = int(np.ptp(np.nonzero(capital > 128)[0])) + 1
    turned = cv2.warpAffine(ink, cv2.getRotationMatrix2D((256, 150), -angle, 1), (512, 300), flags=cv2.INTER_CUBIC)
    share = turned[..., None].astype(np.float32) / 255
    return Sign(np.rint(wall * (1 - share) + np.array(INK) * share).astype(np.uint8), wall, cap_px, angle)
