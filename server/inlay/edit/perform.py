"""One edit from a recipe to its variations: read -> engine -> fidelity -> result."""

import logging
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

import inlay
from inlay.capabilities import REMOTE, Kind
from inlay.color.raster import Raster, SampleType
from inlay.edit.apart import Cut, cut_out
from inlay.edit.check import check
from inlay.edit.marking import Marked, marked, marking
from inlay.edit.mending import mended, mending
from inlay.edit.resolve import resolve
from inlay.edit.results import finished
from inlay.edit.returned import brought_back
from inlay.edit.separate import behind
from inlay.edit.sight import Blobs, Sight, look
from inlay.edit.structure import with_structure
from inlay.engines import Engine, Progress, Scene
from inlay.engines.classic.facts import CLASSIC
from inlay.engines.eyes import Eyes
from inlay.engines.interface import Answer, Loading, Mask, Painting, Rehearsing
from inlay.engines.registry import Registry
from inlay.engines.selecting.facts import SELECTING
from inlay.errors import Cancelled
from inlay.fidelity import Intent, belong
from inlay.recipe import Canvas, Recipe, Sampling, Tier, Verb, Where
from inlay.region import Rect, Size
from inlay.variation import Report, Variation


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

    Raises InvalidInput, BlobMissing, UnknownProfile, Unsupported, NotFound, Cancelled; of other servers Declined, BadAnswer,
    MayBeBilled, Unavailable.
    """
    check(recipe, registry)
    recipe = resolve(recipe, registry, (registry.device,))
    phases = _Phases()
    progress.loading("the picture")
    with phases.measure("read"):
        sight = look(recipe, blobs, progress.check)
    capabilities = registry.painter_of(recipe)
    progress.loading(capabilities.name)
    with phases.measure("load"):
        engine = registry.engine(capabilities.name)
    resolved = recipe.sampling.resolved
    assert resolved
    assert resolved.working
    working = resolved.working
    remaining = recipe.altered(seed=recipe.sampling.seed_of(first), count=recipe.sampling.count - first)
    job = drawn = None
    if recipe.verb == Verb.MARKS:
        with phases.measure("find"):
            drawn = marking(recipe, sight, Eyes(registry.catalog))
    if recipe.verb == Verb.FIX and capabilities.kind is Kind.PAINTS:
        with phases.measure("find"):
            job = mending(recipe, sight, Eyes(registry.catalog))
        sight = job.sight
    cut = None
    if recipe.verb == Verb.SEPARATE:
        with phases.measure("find"):
            sight, cut = cut_out(recipe, sight, Eyes(registry.catalog))
    scene = (behind(sight, cut) if cut else sight).scene(working)
    if not job:
        with phases.measure("find"):
            scene = with_structure(scene, recipe, Eyes(registry.catalog))
    if drawn:
        answers = marked(engine, drawn, remaining, sight, blobs, progress, registry)
    elif job:
        answers = mended(engine, job, remaining, progress)
    else:
        answers = engine.paint(scene, remaining, progress)
    while True:
        with phases.measure("paint"):
            answer = next(answers, None)
        if answer is None:
            return
        progress.check()
        if isinstance(answer, Painting) and answer.frame:
            with phases.measure("align"):
                answer = brought_back(scene, answer, answer.frame)
        yield _finish(
            recipe, sight, cut, first + answer.variation, answer, capabilities.name, working, blobs, phases, progress
        )
        phases = _Phases()


def warm_up(registry: Registry, progress: Loading) -> None:
    """Paint and select something tiny without weights, then paint with the models that are compiled, so that no job waits for it.

    Raises Cancelled. A model that cannot be rehearsed with is left to the first job that wants it, which will say why.
    """
    if registry.device == REMOTE:
        return
    _warm_up_classic(registry.engine(CLASSIC.name))
    for name in (SELECTING.name, *registry.compiled()):
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
        assert isinstance(painting, Painting)
        belong(pixels, painting.pixels, mask, intent=Intent.ERASE)


class _Unwatched:
    """A progress that nobody follows."""

    def step(self, index: int, total: int, phase: str) -> None: ...

    def preview(self, variation: int, pixels: NDArray[np.float32]) -> None: ...

    def check(self) -> None: ...


def _finish(
    recipe: Recipe,
    sight: Sight,
    cut: Cut | None,
    index: int,
    answer: Answer | Marked,
    engine: str,
    working: Size,
    blobs: Blobs,
    phases: "_Phases",
    progress: Progress,
) -> Variation:
    """From a raw answer to a result, its pixels in the store."""
    made = finished(recipe, sight, cut, answer, blobs, phases, progress)
    report = Report(
        ring_delta_e_before=made.ring_delta_e_before,
        ring_delta_e_after=made.ring_delta_e_after,
        notes=(*answer.notes, *made.notes),
        details={
            "engine": engine,
            "window": list(recipe.canvas.window),
            "working": list(working),
            "seconds": phases.seconds,
            **made.details,
        },
        suggested=answer.suggested if isinstance(answer, Mask) else {},
    )
    return Variation(index, answer.seed, made.result, report, _receipt(recipe, index, answer, engine, working))


def _receipt(recipe: Recipe, index: int, answer: Answer | Marked, engine: str, working: Size) -> dict[str, Any]:
    """Everything that decided the pixels. Submitting `recipe` with this seed and count 1 paints them again."""
    assert recipe.sampling.resolved
    settled = replace(recipe.sampling.resolved, **answer.settled)
    again = recipe.altered(seed=answer.seed, count=1, resolved=settled)
    return {
        "inlay": inlay.__version__,
        "variation": index,
        "recipe": again.plain(),
        "recipe_sha256": again.sha256,
        "engine": engine,
        "working": list(working),
        **answer.receipt,
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
