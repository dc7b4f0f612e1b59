"""A data folder with its journal, blobs and jobs, and small recipes to submit."""

import asyncio
import contextlib
import dataclasses
import uuid
from collections.abc import AsyncIterator, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

from inlay.blobs import BlobStore
from inlay.color.raster import Raster, SampleType
from inlay.engines.registry import Registry
from inlay.events import Event, Happening, Preview, VariationDone
from inlay.job import Job
from inlay.jobs.journal import Journal
from inlay.jobs.queue import Jobs, WorkerSettings
from inlay.jobs.workers.local import SILENT_S, LocalWorker
from inlay.recipe import Canvas, Recipe, Verb, Where
from inlay.region import Rect, Size
from inlay.variation import Patch, Report, Variation
from support.acting import PaintsWith

SIDE = 8


def small_recipe(blobs: BlobStore, **changes: object) -> Recipe:
    """Erase the middle of a picture of 8 x 8 px, whose pixels and mask are put into `blobs`."""
    source = Raster(SIDE, SIDE, "RGBA", SampleType.U8, 255, "sRGB", blobs.add(bytes(range(256))))
    mask = Raster(SIDE, SIDE, "Y", SampleType.U8, 255, "", blobs.add(bytes(range(64))))
    window = Rect(0, 0, SIDE, SIDE)
    recipe = Recipe(Verb.ERASE, Canvas(Size(SIDE, SIDE), window, source), Where(window, mask))
    return recipe.altered(**changes)


def variation(recipe: Recipe, index: int, pixels: str, mask: str = "") -> VariationDone:
    """A variation whose blobs are named by one repeated hex digit; without `mask` its mask is the recipe's own."""
    patch = Patch(
        recipe.where.region,
        dataclasses.replace(recipe.canvas.source, blob=pixels * 64),
        dataclasses.replace(recipe.where.mask, blob=mask * 64 or recipe.where.mask.blob),
    )
    return VariationDone(Variation(index, 7 + index, patch, Report(1.0, 0.5, ("soft",), {}), {"engine": "test"}))


def preview(shade: int) -> Preview:
    return Preview(0, Size(2, 1), Rect(0, 0, SIDE, SIDE), bytes([shade] * 6))


def run(scenario: Coroutine[Any, Any, None]) -> None:
    """A test's story, which has a minute."""

    async def limited() -> None:
        async with asyncio.timeout(60):
            await scenario

    asyncio.run(limited())


def new_id() -> str:
    return str(uuid.uuid4())


@contextlib.asynccontextmanager
async def jobs_in(folder: Path, painter: str, silent_s: float = SILENT_S, **settings: object) -> AsyncIterator[Jobs]:
    """The jobs of a data folder, started and at the end stopped; `painter` is a function of `support.painters`."""
    journal = Journal(folder / "journal.sqlite")
    blobs = BlobStore(folder / "blobs", pinned=journal.pinned)
    hire = partial(LocalWorker, silent_s=silent_s, painter=PaintsWith(f"support.painters:{painter}"))
    jobs = Jobs(journal, blobs, Registry(), WorkerSettings(hire=hire, **settings))  # pyright: ignore
    await jobs.start()
    try:
        yield jobs
    finally:
        await jobs.stop()


async def submitted(jobs: Jobs, **changes: object) -> Job:
    """A new job for a small recipe."""
    return await jobs.submit(new_id(), small_recipe(jobs.blobs, **changes))


async def all_events(jobs: Jobs, job_id: str, after_seq: int = 0) -> list[Event]:
    """Everything up to the job's end."""
    async with asyncio.timeout(60):
        return [event async for event in jobs.watch(job_id, after_seq)]


async def until(jobs: Jobs, job_id: str, kind: type[Happening]) -> Event:
    """Wait for the first event of a kind."""
    async with asyncio.timeout(60):
        async for event in jobs.watch(job_id):
            if isinstance(event.happening, kind):
                return event
    raise AssertionError(f"job {job_id} ended without a {kind.__name__}")


def happenings(events: list[Event], kind: type[Happening]) -> list[Happening]:
    return [event.happening for event in events if isinstance(event.happening, kind)]
