"""Where the erase benchmark's pictures come from, and how it finds plain or busy places in them."""

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import skimage
from numpy.typing import NDArray
from skimage import data, io

Photo = NDArray[np.uint8]
"""height x width x 3, sRGB."""

SUFFIXES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp"}
PACKAGED = ("astronaut", "coffee", "chelsea", "rocket", "brick", "grass", "gravel", "retina")
LARGEST_SIDE_PX = 1400
TRIES = 60


class Place(NamedTuple):
    """A window of a photograph. fine: spread of its detail; broad: spread of what is left without it; uneven: between parts."""

    pixels: Photo
    fine: float
    broad: float
    uneven: float


def photos_of(folder: Path | None) -> list[Photo]:
    """The pictures in `folder`, or without one those that scikit-image brings."""
    if folder is not None:
        files = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
        read = [cv2.imread(str(path), cv2.IMREAD_COLOR) for path in files]
        found = [np.ascontiguousarray(picture[..., ::-1]) for picture in read if picture is not None]
    else:
        motorcycle = io.imread(Path(skimage.__file__).parent / "data" / "motorcycle_left.png")
        found = [*(_rgb(getattr(data, name)()) for name in PACKAGED), _rgb(motorcycle)]
    return [_reduced(photo) for photo in found]


def places(photos: list[Photo], rng: np.random.Generator, height: int, width: int) -> list[Place]:
    """Some windows of that size, anywhere in the photographs that hold it."""
    large = [photo for photo in photos if photo.shape[0] >= height and photo.shape[1] >= width]
    if not large:
        raise ValueError(f"none of the {len(photos)} photographs is at least {width} x {height} px")
    return [_place(large[int(rng.integers(len(large)))], rng, height, width) for _ in range(TRIES)]


def plainest(found: list[Place], rng: np.random.Generator) -> Photo:
    """One of the windows that show least but grain."""
    return _one_of_the_first(sorted(found, key=lambda place: place.broad + 2 * place.fine), rng)


def busiest(found: list[Place], rng: np.random.Generator) -> Photo:
    """One of the windows that are full of one and the same texture."""
    return _one_of_the_first(sorted(found, key=lambda place: (place.uneven + 1) / max(place.fine, 0.5)), rng)


def liveliest(found: list[Place], rng: np.random.Generator) -> Photo:
    """One of the windows that show things, neither plain nor all texture."""
    return _one_of_the_first(sorted(found, key=lambda place: -place.broad), rng)


def _one_of_the_first(ranked: list[Place], rng: np.random.Generator) -> Photo:
    return ranked[int(rng.integers(max(1, len(ranked) // 6)))].pixels


def _place(photo: Photo, rng: np.random.Generator, height: int, width: int) -> Place:
    y, x = (int(rng.integers(have - want + 1)) for have, want in zip(photo.shape, (height, width), strict=False))
    pixels = np.ascontiguousarray(photo[y : y + height, x : x + width])
    gray = pixels.mean(axis=2, dtype=np.float32)
    low = cv2.GaussianBlur(gray, (0, 0), 2)
    energy = cv2.resize(np.square(gray - low), (4, 3), interpolation=cv2.INTER_AREA)
    tone = cv2.resize(low, (4, 3), interpolation=cv2.INTER_AREA)
    uneven = float(np.sqrt(energy).std() + tone.std())
    return Place(pixels, float((gray - low).std()), float(low.std()), uneven)


def _rgb(samples: NDArray[np.uint8]) -> Photo:
    return np.repeat(samples[..., None], 3, axis=2) if samples.ndim == 2 else np.ascontiguousarray(samples[..., :3])


def _reduced(photo: Photo) -> Photo:
    share = LARGEST_SIDE_PX / max(photo.shape[:2])
    return photo if share >= 1 else cv2.resize(photo, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
