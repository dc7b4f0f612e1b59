"""What paints in earnest inside a worker: whole edits, with the engines of its process."""

from collections.abc import Iterator

from inlay.edit.perform import JobProgress, perform, warm_up
from inlay.edit.proof import prove
from inlay.edit.sight import Blobs
from inlay.engines.interface import Loading
from inlay.engines.registry import Registry
from inlay.recipe import Recipe
from inlay.variation import Variation


class Studio:
    """`inlay.jobs.workers.child.Painter` with the engines of `registry`."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    @property
    def held(self) -> tuple[str, ...]:
        return self._registry.held

    def warm_up(self, progress: Loading) -> None:
        warm_up(self._registry, progress)

    def prove(self, progress: Loading) -> None:
        prove(self._registry, progress)

    def paint(self, recipe: Recipe, blobs: Blobs, progress: JobProgress, first: int) -> Iterator[Variation]:
        return perform(recipe, blobs, progress, self._registry, first)
