"""A worker that paints with a function of the tests in the place of engines: every other part of it is the product's."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module

from inlay.blobs import BlobStore
from inlay.engines.interface import Loading
from inlay.jobs.workers.base import Workplace
from inlay.jobs.workers.progress import Progress
from inlay.recipe import Recipe
from inlay.variation import Variation

Paint = Callable[[Recipe, BlobStore, Progress, int], Iterator[Variation]]


@dataclass(frozen=True)
class Acting:
    """`inlay.jobs.workers.child.Painter` with nothing to prepare. What `paint` has to prove lies in its `proof`, called with the
    device."""

    paint: Paint
    held: tuple[str, ...] = ()
    device: str = "cpu"

    def warm_up(self, progress: Loading) -> None: ...

    def prove(self, progress: Loading) -> None:
        if proof := getattr(self.paint, "proof", None):
            proof(self.device)


@dataclass(frozen=True)
class PaintsWith:
    """What a worker is given: it looks `module:function` up inside its own process. model: what is in its memory, if its device
    is `where`."""

    dotted: str
    model: str = ""
    where: str = ""

    def __call__(self, place: Workplace) -> Acting:
        module, _, name = self.dotted.partition(":")
        return Acting(
            getattr(import_module(module), name), (self.model,) if place.device == self.where else (), place.device
        )
