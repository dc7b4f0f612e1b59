"""One edit from a recipe to its variations: read -> engine -> fidelity -> patch."""

import dataclasses
import logging
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

import inlay
from inlay.color.raster import Raster, SampleType
from inlay.edit.check import check
from inlay.edit.fit import KEEPS_SILHOUETTE, fit
from inlay.edit.foreground import layer_samples
from inlay.edit.plan import working_of
from inlay.edit.sight import Blobs, Sight, look
from inlay.engines import Engine, Painting, Progress, Scene
from inlay.engines.classic.facts import CLASSIC
from inlay.engines.interface import Loading, Rehearsing
from inlay.engines.registry import Registry
from inlay.errors import Cancelled
from inlay.fidelity import Intent, belong
from inlay.recipe import Canvas, Recipe, Sampling, Tier, Verb, Where
from inlay.region import Rect, Size
from inlay.variation import Patch, Report, Variation


class JobProgress(Progress, Protocol):
    """Progress of a whole job: an engine's, and what is prepared before it."""

    def loading(self, what: str) -> None:
        """`what` is being prepared."""
        ...


_log = logging.getLogger(__name__)


def perform(
    recipe: Recipe, blobs: Blobs, progress: JobProgress, registry: Registry, first: int = 0
) -> Iterator[Variation]:
    """Paint `recipe` and yield its variations as they are done, from number `first` on (earlier ones are already there).

    Raises InvalidInput, BlobMissing, UnknownProfile, Unsupported, NotFound, Cancelled.
    """
    check(recipe, registry)
    phases = _Phases()
    progress.loading("pixels")
    with phases.measure("read"):
        sight = look(recipe, blobs, progress.check)
    capabilities = registry.choose(recipe.verb, recipe.sampling.model, bool(recipe.words.prompt))
    progress.loading(capabilities.name)
    with phases.measure("load"):
        engine = registry.engine(capabilities.name)
    working = working_of(recipe, capabilities)
    remaining = recipe.altered(seed=recipe.sampling.seed_of(first), count=recipe.sampling.count - first)
    paintings = engine.paint(sight.scene(working), remaining, progress)
    while True:
        with phases.measure("paint"):
            painting = next(paintings, None)
        if painting is None:
            return
        progress.check()
        yield _finish(recipe, sight, first + painting.variation, painting, capabilities.name, working, blobs, phases)
        phases = _Phases()


def warm_up(registry: Registry, progress: Loading) -> None:
    """Paint something tiny with what needs no weights, then with the models that are compiled, so that no job waits for it.

    Raises Cancelled. A model that cannot be rehearsed with is left to the first job that wants it, which will say why.
    """
    _warm_up_classic(registry.engine(CLASSIC.name))
    for name in registry.compiled():
        try:
            engine = registry.engine(name)
            if isinstance(engine, Rehearsing):
                engine.rehearse(progress)
        except Cancelled:
            raise
        except Exception:
            _log.exception("model %s could not be compiled ahead", name)


def _warm_up_classic(engine: Engine) -> None:
    rows, columns = np.mgrid[:96, :96].astype(np.float32) / 96
    pixels = np.stack([rows, columns, rows * columns], axis=-1)
    mask = np.zeros((96, 96), np.float32)
    mask[40:56, 40:56] = 1
    everywhere = Rect(0, 0, 96, 96)
    raster = Raster(96, 96, "Y", SampleType.U8, 255, "", "")
    canvas, where = Canvas(everywhere.size, everywhere, raster), Where(everywhere, raster)
    recipe = Recipe(Verb.ERASE, canvas, where, sampling=Sampling(tier=Tier.DRAFT))
    for painting in engine.paint(Scene(pixels, mask, mask < 2), recipe, _Unwatched()):
        belong(pixels, painting.pixels, mask, intent=Intent.ERASE)


class _Unwatched:
    """A progress that nobody follows."""

    def step(self, index: int, total: int, phase: str) -> None: ...

    def preview(self, variation: int, pixels: NDArray[np.float32]) -> None: ...

    def check(self) -> None: ...


def _finish(
    recipe: Recipe,
    sight: Sight,
    index: int,
    painting: Painting,
    engine: str,
    working: Size,
    blobs: Blobs,
    phases: "_Phases",
) -> Variation:
    """From a raw painting to a patch that belongs, its pixels and mask in the store."""
    with phases.measure("harmonize"):
        fitted = fit(recipe, sight, painting)
    with phases.measure("encode"):
        layer = layer_samples(
            sight, fitted.layer, recipe.canvas.source, keeps_silhouette=recipe.verb in KEEPS_SILHOUETTE
        )
        patch = _store(recipe, sight, layer, blobs)
    report = Report(
        ring_delta_e_before=fitted.belonging.ring_delta_e_before,
        ring_delta_e_after=fitted.belonging.ring_delta_e_after,
        notes=(*painting.notes, *fitted.notes),
        details={
            "engine": engine,
            "window": list(recipe.canvas.window),
            "working": list(working),
            "seconds": phases.seconds,
            **fitted.details,
        },
    )
    return Variation(index, painting.seed, patch, report, _receipt(recipe, index, painting, engine, working))


def _store(recipe: Recipe, sight: Sight, layer: NDArray[np.generic], blobs: Blobs) -> Patch:
    cut = np.ascontiguousarray(layer[sight.patch.relative_to(recipe.canvas.window).slices])
    pixels = dataclasses.replace(
        recipe.canvas.source, width=sight.patch.width, height=sight.patch.height, blob=blobs.add(cut.tobytes())
    )
    mask = dataclasses.replace(
        recipe.where.mask,
        width=sight.patch.width,
        height=sight.patch.height,
        blob=blobs.add(sight.mask_samples.tobytes()),
    )
    return Patch(sight.patch, pixels, mask)


def _receipt(recipe: Recipe, index: int, painting: Painting, engine: str, working: Size) -> dict[str, Any]:
    """Everything that decided the pixels. Submitting `recipe` with this seed and count 1 paints them again."""
    again = recipe.altered(seed=painting.seed, count=1)
    return {
        "inlay": inlay.__version__,
        "variation": index,
        "recipe": again.plain(),
        "recipe_sha256": again.sha256,
        "engine": engine,
        "working": list(working),
        **painting.receipt,
    }


class _Phases:
    """Seconds by phase of one variation."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def measure(self, phase: str) -> Generator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[phase] = self.seconds.get(phase, 0.0) + time.perf_counter() - start
