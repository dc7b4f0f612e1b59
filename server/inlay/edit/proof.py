"""A device proves that it paints: an edit of 64 x 64 px, the whole way from a recipe to a result, with what is in memory."""

import dataclasses
import hashlib

import numpy as np
from numpy.typing import NDArray

from inlay.capabilities import Kind
from inlay.color.raster import Raster, SampleType
from inlay.edit.perform import perform
from inlay.engines.classic.facts import CLASSIC
from inlay.engines.interface import Loading
from inlay.engines.registry import Registry
from inlay.recipe import Canvas, Recipe, Sampling, Tier, Verb, Where, Words
from inlay.region import Rect, Size

SIDE_PX = 64


def prove(registry: Registry, progress: Loading) -> None:
    """Paint with the model that is in memory, else with the classic engine; on a card let that compute, too, where PyTorch is here.

    Raises Cancelled once `progress` does, Unavailable and whatever else keeps the device from painting.
    """
    registry.compute()
    blobs = _Memory()
    for _ in perform(_recipe(registry, blobs), blobs, _Watched(progress), registry):
        pass


def _recipe(registry: Registry, blobs: "_Memory") -> Recipe:
    """Erase the middle of a slope of greys, or fill it with words where a model is in memory that does so."""
    side, middle = SIDE_PX, slice(SIDE_PX // 3, 2 * SIDE_PX // 3)
    slope = np.repeat(np.linspace(64, 192, side).astype(np.uint8)[:, None, None], side, axis=1)
    mask = np.zeros((side, side), np.uint8)
    mask[middle, middle] = 255
    source = Raster(
        side, side, "RGB", SampleType.U8, 255, "sRGB IEC61966-2.1", blobs.add(np.repeat(slope, 3, axis=2).tobytes())
    )
    where = Where(Rect(0, 0, side, side), Raster(side, side, "Y", SampleType.U8, 255, "", blobs.add(mask.tobytes())))
    canvas = Canvas(Size(side, side), Rect(0, 0, side, side), source)
    sampling = Sampling(tier=Tier.DRAFT, seed=1)
    for one in registry.available():
        if one.name in registry.held and one.kind is Kind.PAINTS and Verb.FILL in one.verbs:
            named = dataclasses.replace(sampling, model=one.name)
            return Recipe(Verb.FILL, canvas, where, Words(prompt="a plain wall"), sampling=named)
    return Recipe(Verb.ERASE, canvas, where, sampling=dataclasses.replace(sampling, model=CLASSIC.name))


class _Memory:
    """Pixels that nobody keeps."""

    def __init__(self) -> None:
        self._held: dict[str, bytes | memoryview] = {}

    def read(self, sha256: str) -> bytes | memoryview:
        return self._held[sha256]

    def add(self, data: bytes | memoryview) -> str:
        name = hashlib.sha256(data).hexdigest()
        self._held[name] = data
        return name


class _Watched:
    """A painting's progress that only asks whether to go on."""

    def __init__(self, progress: Loading) -> None:
        self.check = progress.check

    def loading(self, what: str) -> None:
        self.check()

    def step(self, index: int, total: int, phase: str) -> None:
        self.check()

    def preview(self, variation: int, pixels: NDArray[np.float32]) -> None:
        self.check()
