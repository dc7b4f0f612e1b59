"""What of a written file is still the master's: samples outside a mask, counted from the file as it was read back."""

import hashlib
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.errors import InvalidInput

Outside = NDArray[np.bool_]
"""height x width: where nothing may change."""


class Compared(NamedTuple):
    """How many samples were compared, and how many of them differ."""

    samples: int
    differing: int

    def __add__(self, other: object) -> "Compared":
        assert isinstance(other, Compared)
        return Compared(self.samples + other.samples, self.differing + other.differing)


def outside_of(mask: NDArray[np.generic], grow_px: int = 0, feather_px: int = 0) -> Outside:
    """Where a mask that is grown and softened by so much, in px, cannot reach."""
    reach = max(0, grow_px + feather_px)
    inside = mask.astype(np.bool_).astype(np.uint8)
    if reach:
        inside = cv2.dilate(inside, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    return np.asarray(inside == 0)


def compared(one: NDArray[np.generic], other: NDArray[np.generic], outside: Outside) -> Compared:
    """Two pictures of one size, height x width x channels, bit for bit. Raises InvalidInput where sizes or depths differ."""
    if one.shape != other.shape or one.dtype != other.dtype:
        told = f"{other.shape} {other.dtype}"
        raise InvalidInput("file", told, f"it must be as its master, {one.shape} {one.dtype}")
    here, there = (_bits(picture[outside]) for picture in (one, other))
    return Compared(here.size, int(np.count_nonzero(here != there)))


def digest(picture: NDArray[np.generic], outside: Outside) -> str:
    """SHA-256 of the samples outside: equal where no bit differs."""
    return hashlib.sha256(np.ascontiguousarray(picture[outside]).tobytes()).hexdigest()


def _bits(samples: NDArray[np.generic]) -> NDArray[np.generic]:
    kind = np.dtype(f"u{samples.dtype.itemsize}")
    return np.ascontiguousarray(samples).view(kind)
