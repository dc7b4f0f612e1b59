"""Enlarges with a trained network, as often as its own scale takes to reach the one that is wanted."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.capabilities import Capabilities
from inlay.engines.interface import Enlargement, Progress, Scene
from inlay.engines.models.catalog import ModelEntry
from inlay.engines.upscale.facts import scale_of
from inlay.engines.upscale.lanczos import enlarged
from inlay.recipe import Recipe, Tier

F32 = NDArray[np.float32]


class Network(NamedTuple):
    """One in memory.

    enlarge: height x width x 3, 0 .. 1, to the same `scale` times as large; `check` is called between tiles. reach_px: how far a
    pixel sees. versions: of the libraries that decide its pixels.
    """

    enlarge: Callable[[F32, Callable[[], None]], F32]
    scale: int
    reach_px: int
    versions: dict[str, str]
    device: str = "cpu"


def _interpolated(pixels: F32, check: Callable[[], None]) -> F32:
    return enlarged(pixels, 2)


NONE = Network(_interpolated, 2, 0, {})
"""Stands for one that is not asked."""


class NetworkEngine:
    """load: called with what can say that it takes a while; for a draft, which asks no network, never."""

    def __init__(self, entry: ModelEntry, capabilities: Capabilities, load: Callable[[Progress], Network]) -> None:
        self._entry = entry
        self._capabilities = capabilities
        self._load = load

    def capabilities(self) -> Capabilities:
        return self._capabilities

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Enlargement]:
        """Yields one enlargement for each variation, all of them the same. Raises what loading raises."""
        wanted = scale_of(recipe)
        network = NONE if recipe.sampling.tier == Tier.DRAFT else self._load(progress)
        receipt = {"model": self._entry.id, "model_sha256": self._entry.sha256, "device": network.device}
        enlarge = partial(repeated, network, wanted, progress.check)
        for variation in range(recipe.sampling.count):
            yield Enlargement(
                variation,
                recipe.sampling.seed_of(variation),
                wanted,
                enlarge,
                reach_of(network, wanted),
                receipt=receipt | network.versions,
            )


def repeated(network: Network, wanted: int, check: Callable[[], None], pixels: F32) -> F32:
    """`pixels`, `wanted` times as large: enlarged until it is enough, and brought back by area means where it is too much."""
    reached, larger = 1, pixels
    while reached < wanted:
        larger = np.clip(network.enlarge(larger, check), 0, 1)
        reached *= network.scale
    if reached == wanted:
        return larger
    size = (pixels.shape[1] * wanted, pixels.shape[0] * wanted)
    return np.asarray(cv2.resize(larger, size, interpolation=cv2.INTER_AREA), np.float32)


def reach_of(network: Network, wanted: int) -> int:
    """How far, in the picture's own pixels, a pixel of the result sees."""
    reached, reach = 1, 0.0
    while reached < wanted:
        reach += network.reach_px / reached
        reached *= network.scale
    return int(np.ceil(reach))
