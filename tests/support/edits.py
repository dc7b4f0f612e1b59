"""Real edits without a server: a photograph, a soft mask, a recipe, and a store that is a dictionary."""

import dataclasses
import hashlib
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from skimage import data

from inlay import color
from inlay.color.raster import Raster, SampleType
from inlay.engines import Capabilities, Painting, Progress, Scene
from inlay.engines.classic.facts import CLASSIC
from inlay.recipe import Canvas, Recipe, Sampling, Verb, Where
from inlay.region import Rect, Size

WHITE = {SampleType.U8: 255, SampleType.U16: 65535, SampleType.F16: 1, SampleType.F32: 1}


class MemoryBlobs:
    """A blob store without a disk."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    def read(self, sha256: str) -> bytes:
        return self.held[sha256]

    def add(self, data: bytes | memoryview) -> str:
        name = hashlib.sha256(data).hexdigest()
        self.held[name] = bytes(data)
        return name

    def array(self, raster: Raster) -> NDArray[np.generic]:
        return raster.array(self.held[raster.blob], "result")


class Silent:
    """A progress that nobody watches."""

    def step(self, index: int, total: int, phase: str) -> None: ...

    def preview(self, variation: int, pixels: NDArray[np.float32]) -> None: ...

    def check(self) -> None: ...

    def loading(self, what: str) -> None: ...


class Painter:
    """An engine whose brush is a function on the scene; a fourth channel is its alpha.

    can: what it says of itself; it stands in for the classic engine.
    """

    def __init__(
        self, brush: Callable[[Scene], NDArray[np.float32]], own_pixels: bool = False, can: Capabilities = CLASSIC
    ) -> None:
        self.brush, self.own_pixels, self.can = brush, own_pixels, can

    def capabilities(self) -> Capabilities:
        return self.can

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Painting]:
        for variation in range(recipe.sampling.count):
            made = self.brush(scene)
            alpha = np.ascontiguousarray(made[..., 3]) if made.shape[2] == 4 else None
            colors = np.ascontiguousarray(made[..., :3])
            yield Painting(
                variation, recipe.sampling.seed_of(variation), colors, own_pixels=self.own_pixels, alpha=alpha
            )


def photo(width: int = 240, height: int = 200) -> NDArray[np.float32]:
    """A real photograph, sRGB-encoded float32 0..1 with a little noise, so that all codes of 16 bit occur."""
    crop = data.astronaut()[:height, 100 : 100 + width].astype(np.float32) / 255
    noise = np.random.default_rng(1).normal(0, 0.01, crop.shape).astype(np.float32)
    return np.clip(crop + noise, 0, 1)


def soft_mask(width: int, height: int) -> NDArray[np.uint8]:
    """An ellipse with a soft edge of about twenty pixels: every value from 0 to 255 occurs."""
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return np.clip((1 - np.hypot(rows, columns)) * 255 * 3, 0, 255).astype(np.uint8)


def recipe_for(
    blobs: MemoryBlobs,
    *,
    sample_type: SampleType = SampleType.U8,
    order: str = "RGBA",
    profile: str = "sRGB-elle-V2-srgbtrc.icc",
    white: float | None = None,
    **changes: object,
) -> Recipe:
    """Erase an ellipse from the photograph, in a document of this format."""
    pixels = photo()
    height, width = pixels.shape[:2]
    raster = Raster(width, height, order, sample_type, white or WHITE[sample_type], profile, "")
    samples = color.encode(pixels, None, raster)
    region = Rect(70, 60, 100, 80)
    mask = soft_mask(region.width, region.height)
    recipe = Recipe(
        verb=Verb.ERASE,
        canvas=Canvas(
            Size(width, height),
            Rect(0, 0, width, height),
            dataclasses.replace(raster, blob=blobs.add(samples.tobytes())),
        ),
        where=Where(
            region, Raster(region.width, region.height, "Y", SampleType.U8, 255, "", blobs.add(mask.tobytes()))
        ),
        sampling=Sampling(seed=7),
    )
    return recipe.altered(**changes)
