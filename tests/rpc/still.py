"""Painters that change nothing: the server's whole way of an edit around an engine that hands its scene back."""

import time
from collections.abc import Iterator

from inlay.blobs import BlobStore
from inlay.edit.perform import perform
from inlay.engines import Capabilities, Painting, Progress, Scene
from inlay.engines.classic.facts import CLASSIC
from inlay.engines.registry import Registry
from inlay.jobs.workers.progress import Progress as JobProgress
from inlay.recipe import Recipe
from inlay.variation import Variation

STEPS = 20


class Still:
    """Hands back what it sees, after `pause_s` for each step of a variation."""

    def __init__(self, pause_s: float) -> None:
        self.pause_s = pause_s

    def capabilities(self) -> Capabilities:
        return CLASSIC

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Painting]:
        for variation in range(recipe.sampling.count):
            for step in range(1, STEPS + 1):
                time.sleep(self.pause_s)
                progress.step(variation * STEPS + step, recipe.sampling.count * STEPS, "painting")
                progress.preview(variation, scene.pixels)
            yield Painting(variation, recipe.sampling.seed_of(variation), scene.pixels, own_pixels=True)


def nothing(recipe: Recipe, blobs: BlobStore, progress: JobProgress, first: int) -> Iterator[Variation]:
    return _with(Still(0), recipe, blobs, progress, first)


def slowly(recipe: Recipe, blobs: BlobStore, progress: JobProgress, first: int) -> Iterator[Variation]:
    """Takes about one second for a variation."""
    return _with(Still(0.05), recipe, blobs, progress, first)


def _with(engine: Still, recipe: Recipe, blobs: BlobStore, progress: JobProgress, first: int) -> Iterator[Variation]:
    registry = Registry()
    registry.register(engine)
    return perform(recipe, blobs, progress, registry, first)
