"""The picture that another server is asked to paint: the scene, padded to a shape that it takes, never stretched."""

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.engines.interface import Frame
from inlay.region import Framing, Rect, Size


def frame_for(scene: Size, framing: Framing) -> Frame:
    """The scene in the middle of a picture that is taken."""
    outer = framing.size_for(scene)
    left, top = (outer.width - scene.width) // 2, (outer.height - scene.height) // 2
    return Frame(outer, Rect(left, top, scene.width, scene.height))


def padded(pixels: NDArray[np.float32], frame: Frame) -> NDArray[np.float32]:
    """Height x width x 3 in its frame; around it the picture is mirrored, so that no edge invites painting."""
    top, left, bottom, right = _borders(frame)
    if not any((top, left, bottom, right)):
        return pixels
    while top or left or bottom or right:  # a mirror is at most as wide as what it shows
        most_y, most_x = pixels.shape[0] - 1, pixels.shape[1] - 1
        now = min(top, most_y), min(bottom, most_y), min(left, most_x), min(right, most_x)
        how = cv2.BORDER_REFLECT_101 if max(now) else cv2.BORDER_REPLICATE
        step = now if max(now) else (top, bottom, left, right)
        pixels = np.asarray(cv2.copyMakeBorder(pixels, *step, borderType=how), np.float32)
        top, bottom, left, right = top - step[0], bottom - step[1], left - step[2], right - step[3]
    return pixels


def padded_mask(mask: NDArray[np.float32], frame: Frame) -> NDArray[np.float32]:
    """Height x width in its frame; around it nothing may change."""
    top, left, bottom, right = _borders(frame)
    return np.pad(mask, ((top, bottom), (left, right)))


def _borders(frame: Frame) -> tuple[int, int, int, int]:
    """Top, left, bottom, right."""
    place, size = frame.place, frame.size
    return place.y, place.x, size.height - place.y - place.height, size.width - place.x - place.width
