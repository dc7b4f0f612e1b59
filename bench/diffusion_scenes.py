"""What the diffusion bench paints: a picture with grain, a soft selection, and recipes for whole edits without a server."""

import hashlib
from typing import Any

import numpy as np

from inlay.color.raster import Raster, SampleType
from inlay.engines import Scene
from inlay.recipe import Canvas, Recipe, Sampling, Verb, Where, Words
from inlay.region import Rect, Size

PROMPT = "a stone bridge over a calm river"


class Silence:
    """A progress nobody listens to."""

    def step(self, index: int, total: int, phase: str) -> None: ...

    def preview(self, variation: int, pixels: Any) -> None: ...

    def check(self) -> None: ...

    def loading(self, what: str) -> None: ...


class Blobs(dict[str, bytes]):
    """A blob store in memory."""

    def read(self, sha256: str) -> bytes:
        return self[sha256]

    def add(self, data: bytes | memoryview) -> str:
        name = hashlib.sha256(data).hexdigest()
        self[name] = bytes(data)
        return name


def scene_of(size: Size, number: int) -> Scene:
    """A picture and a soft round selection of half its width."""
    pixels = picture(size, number).astype(np.float32) / 255
    return Scene(pixels, disc(size).astype(np.float32) / 255, np.ones(pixels.shape[:2], np.bool_))


def recipe_for(blobs: Blobs, size: Size, seed: int) -> Recipe:
    pixels, selection = picture(size, 0), disc(size)
    source = Raster(*size, "RGB", SampleType.U8, 255, "sRGB IEC61966-2.1", blobs.add(pixels.tobytes()))
    mask = Raster(*size, "Y", SampleType.U8, 255, "", blobs.add(selection.tobytes()))
    whole = Rect(0, 0, *size)
    return Recipe(
        verb=Verb.FILL,
        canvas=Canvas(size, whole, source),
        where=Where(whole, mask),
        words=Words(PROMPT),
        sampling=Sampling(seed=seed, model="bench"),
    )


def picture(size: Size, number: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Smooth colours with grain."""
    rows, columns = np.mgrid[: size.height, : size.width]
    waves = np.stack(
        [np.sin(rows / (37 + 9 * band) + number) + np.cos(columns / (51 - 7 * band)) for band in range(3)], -1
    )
    grain = np.random.default_rng(number).normal(0, 4, waves.shape)
    return np.clip(128 + 45 * waves + grain, 0, 255).astype(np.uint8)


def disc(size: Size) -> np.ndarray[Any, np.dtype[np.uint8]]:
    rows, columns = np.mgrid[: size.height, : size.width]
    distance = np.hypot(rows - size.height / 2, columns - size.width / 2)
    return np.clip((size.width / 4 - distance) * 12 + 128, 0, 255).astype(np.uint8)
