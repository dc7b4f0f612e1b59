"""Scenes for the classic engine's tests: photographs, holes, and a progress that remembers what it was told."""

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.color.raster import Raster, SampleType
from inlay.engines.classic.engine import ClassicEngine
from inlay.engines.interface import Painting, Scene
from inlay.recipe import Canvas, Recipe, Verb, Where
from inlay.region import Size

ENGINE = ClassicEngine()


class Witness:
    """A progress that writes down what it hears."""

    def __init__(self) -> None:
        self.steps: list[tuple[int, int]] = []
        self.previews: list[NDArray[np.float32]] = []
        self.checks = 0

    def step(self, index: int, total: int, phase: str) -> None:
        self.steps.append((index, total))

    def preview(self, variation: int, pixels: NDArray[np.float32]) -> None:
        self.previews.append(pixels)

    def check(self) -> None:
        self.checks += 1


def photo(samples: NDArray[np.uint8]) -> NDArray[np.float32]:
    """An 8-bit photograph, gray or RGB, as an engine sees it."""
    pixels = samples.astype(np.float32) / 255
    return np.repeat(pixels[..., None], 3, axis=2) if pixels.ndim == 2 else pixels[..., :3]


def disk(pixels: NDArray[np.float32], y: int, x: int, radius: float) -> NDArray[np.float32]:
    rows, columns = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    return ((rows - y) ** 2 + (columns - x) ** 2 <= radius**2).astype(np.float32)


def recipe_for(mask: NDArray[np.float32], **changes: object) -> Recipe:
    height, width = mask.shape
    raster = Raster(width, height, "RGB", SampleType.U8, 255, "sRGB", "0" * 64)
    size = Size(width, height)
    return Recipe(Verb.ERASE, Canvas(size, size.bounds, raster), Where(size.bounds, raster)).altered(**changes)


def paint(
    pixels: NDArray[np.float32],
    mask: NDArray[np.float32],
    known: NDArray[np.bool_] | None = None,
    *,
    engine: ClassicEngine = ENGINE,
    progress: object = None,
    **changes: object,
) -> list[Painting]:
    known = np.ones(mask.shape, np.bool_) if known is None else known
    scene = Scene(pixels.astype(np.float32), mask.astype(np.float32), known)
    return list(engine.paint(scene, recipe_for(mask, **changes), progress or Witness()))


def painted(pixels, mask, known=None, **changes) -> NDArray[np.float32]:
    """The pixels of the only variation."""
    return paint(pixels, mask, known, **changes)[0].pixels


def texture_energy(pixels: NDArray[np.float32], where: NDArray[np.bool_]) -> float:
    """How busy the pixels in `where` are: the spread of what a blur of 1.5 px takes away."""
    gray = pixels.mean(axis=2)
    inner = cv2.erode(where.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    return float((gray - cv2.GaussianBlur(gray, (0, 0), 1.5))[inner].std())
