"""OpenCV's operations on float pictures, typed: H x W or H x W x C float32 in and out."""

from __future__ import annotations

from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]
Matrix = NDArray[np.float64]
"""3 x 3, from places (x, y, 1) to places."""

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_FROM = cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR


def blurred(picture: NDArray[Any], sigma_px: float) -> Any:
    """Gaussian blur, of the picture's own dtype."""
    return cv2.GaussianBlur(picture, (0, 0), sigma_px)


def luma(picture: F32) -> F32:
    """H x W x 3, encoded, to H x W."""
    return cast(F32, picture @ _LUMA)


def at(picture: NDArray[Any], places: F32, border: int = cv2.BORDER_REPLICATE) -> Any:
    """The picture at `places` (h x w x 2, x and y in its pixels), of its own dtype."""
    x, y = np.ascontiguousarray(places[..., 0]), np.ascontiguousarray(places[..., 1])
    return cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=border)


def through(picture: U8, matrix: Matrix, size: tuple[int, int], border: int = cv2.BORDER_CONSTANT) -> F32:
    """The picture at `size` (height, width), each pixel from where the matrix puts it; uint8 to 0..1."""
    seen = cast(U8, cv2.warpPerspective(picture, matrix, size[::-1], flags=_FROM, borderMode=border))
    return seen.astype(np.float32) * np.float32(1 / 255)


def resized(picture: NDArray[Any], size: tuple[int, int]) -> Any:
    """At `size` (height, width): each pixel the mean of those that it takes in, of the picture's own dtype."""
    smaller = size[0] < picture.shape[0] or size[1] < picture.shape[1]
    return cv2.resize(picture, size[::-1], interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)


def widened(mask: NDArray[Any], side_px: int) -> Any:
    """A mask grown by half of `side_px`, of its own dtype."""
    return cv2.dilate(mask, np.ones((side_px, side_px), np.uint8))


def grid(height: int, width: int) -> F32:
    """The places of a picture's pixels, H x W x 2: x and y."""
    return np.stack(np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)), -1)


def plane_through(
    here: NDArray[np.float64], there: NDArray[np.float64], method: int, near_px: float, most: int
) -> Matrix | None:
    """The homography that most pairs (N x 2 each) agree with to `near_px`, always the same; None where fewer than 12 do."""
    cv2.setRNGSeed(0)
    matrix, agree = cast(
        "tuple[Matrix | None, NDArray[np.uint8] | None]",
        cv2.findHomography(here, there, method, near_px, maxIters=most, confidence=0.999),
    )
    return None if matrix is None or agree is None or agree.sum() < 12 else matrix / matrix[2, 2]
