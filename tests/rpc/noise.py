"""A painter whose pixels tell their seed: the server's whole way of an edit around an engine that paints noise."""

import time
from collections.abc import Iterator

import numpy as np

from inlay.edit.perform import perform
from inlay.edit.sight import Blobs
from inlay.engines import Capabilities, Painting, Progress, Scene
from inlay.engines.classic.facts import CLASSIC
from inlay.engines.registry import Registry
from inlay.recipe import Recipe
from inlay.variation import Variation

STEPS = 4


class Noise:
    """Noise that follows from the seed, in steps. The prompt `slow` makes it take twenty seconds."""

    def capabilities(self) -> Capabilities:
        return CLASSIC

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Painting]:
        steps = 400 if recipe.words.prompt == "slow" else STEPS
        for variation in range(recipe.sampling.count):
            for step in range(1, steps + 1):
                time.sleep(0.06)  # so that the worker's limit on the rate of events lets each one through
                progress.step(variation * steps + step, recipe.sampling.count * steps, "painting")
            seed = recipe.sampling.seed_of(variation)
            pixels = np.random.default_rng(seed).random(scene.pixels.shape, np.float32)
            progress.preview(variation, pixels)
            yield Painting(variation, seed, pixels, notes=("a note",))


def paint(recipe: Recipe, blobs: Blobs, progress: Progress, first: int = 0) -> Iterator[Variation]:
    registry = Registry()
    registry.register(Noise())
    return perform(recipe, blobs, progress, registry, first)
