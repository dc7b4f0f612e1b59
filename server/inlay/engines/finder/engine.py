"""The verb fix without a painting model: what would be mended is selected, and the plan says what is missing."""

from collections.abc import Iterator

import numpy as np

from inlay.capabilities import Capabilities
from inlay.engines.eyes import Eyes
from inlay.engines.eyes.parts import HANDS, Finder
from inlay.engines.finder.facts import FINDER
from inlay.engines.interface import Mask, Progress, Scene
from inlay.recipe import Recipe


class FinderEngine:
    """Yields the soft mask with which a model would paint, inside the selection."""

    def __init__(self, eyes: Eyes) -> None:
        self._eyes = eyes

    def capabilities(self) -> Capabilities:
        return FINDER

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Mask]:
        """The same mask for every variation. Raises Unsupported where the network that finds is not here; Cancelled."""
        finder = Finder(str(recipe.options.get("fix", HANDS)), self._eyes)
        progress.check()
        share = np.zeros_like(scene.mask)
        for part in finder.parts(np.clip(scene.pixels, 0, 1)):
            share = np.maximum(share, part.mask)
        receipt = {"finder_sha256": self._eyes.sha256(finder.network)}
        for variation in range(recipe.sampling.count):
            seed = recipe.sampling.seed_of(variation)
            yield Mask(variation, seed, np.minimum(share, scene.mask), receipt=receipt)
