"""Lanes and devices with real worker processes: who is painted when, and where."""

# pyright: reportPrivateUsage=false, reportUnknownLambdaType=false, reportAttributeAccessIssue=false
# pyright: reportDeprecated=false, reportArgumentType=false

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

from inlay.blobs import BlobStore
from inlay.capabilities import Capabilities
from inlay.engines.registry import Registry
from inlay.events import Loading, VariationDone
from inlay.job import Job, Lane, Ticket
from inlay.jobs.journal import Journal
from inlay.jobs.queue import Jobs, WorkerSettings
from inlay.jobs.workers.local import LocalWorker
from inlay.recipe import Tier, Verb
from support.acting import PaintsWith
from support.edits import Painter
from support.job_room import all_events, new_id, small_recipe, until

PAINTER = "support.painters:paint_when_told"


@contextlib.asynccontextmanager
async def room(folder: Path, devices: tuple[str, ...], registry: Registry, painter: PaintsWith) -> AsyncIterator[Jobs]:
    journal = Journal(folder / "journal.sqlite")
    blobs = BlobStore(folder / "blobs", pinned=journal.pinned)
    jobs = Jobs(journal, blobs, registry, WorkerSettings(devices, partial(LocalWorker, painter=painter)))
    await jobs.start()
    try:
        async with asyncio.timeout(120):
            yield jobs
    finally:
        await jobs.stop()


def go(folder: Path) -> str:
    """The file that lets painters finish."""
    return str(folder / "go")


async def submitted(jobs: Jobs, folder: Path, lane: Lane | None = None, **changes: object) -> Job:
    recipe = small_recipe(jobs.blobs, prompt=go(folder), **changes)
    return await jobs.submit(new_id(), recipe, Ticket(lane=lane))


def test_what_is_urgent_is_painted_before_what_was_there_earlier(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with room(tmp_path, ("cpu",), Registry(), PaintsWith(PAINTER)) as jobs:
            running = await submitted(jobs, tmp_path, Lane.BATCH)
            await until(jobs, running.job_id, Loading)
            waiting = [
                await submitted(jobs, tmp_path, Lane.BATCH),
                await submitted(jobs, tmp_path),
                await submitted(jobs, tmp_path, tier=Tier.DRAFT),
                await submitted(jobs, tmp_path, Lane.LIVE),
            ]
            Path(go(tmp_path)).touch()
            done: list[tuple[int, str]] = []
            for job in waiting:
                events = await all_events(jobs, job.job_id)
                (painted,) = [event for event in events if isinstance(event.happening, VariationDone)]
                done.append((painted.time_unix_ms, (await jobs.get(job.job_id)).lane))
            assert [lane for _, lane in sorted(done)] == ["live", "draft", "standard", "batch"]

    asyncio.run(scenario())


def test_a_job_goes_to_the_worker_that_has_its_model_in_memory(tmp_path: Path) -> None:
    async def scenario() -> None:
        devices = ("cpu:0", "cpu:1", "cpu:2")
        async with room(tmp_path, devices, Registry(), PaintsWith(PAINTER, "classic", "cpu:1")) as jobs:
            each = [await submitted(jobs, tmp_path) for _ in devices]
            for job in each:  # all three are busy, so each has painted once when these are done
                await until(jobs, job.job_id, Loading)
            Path(go(tmp_path)).touch()
            for job in each:
                await all_events(jobs, job.job_id)
            assert {(await jobs.get(job.job_id)).device for job in each} == set(devices)
            for _ in range(4):
                job = await submitted(jobs, tmp_path)
                await all_events(jobs, job.job_id)
                assert (await jobs.get(job.job_id)).device == "cpu:1"

    asyncio.run(scenario())


def test_a_cpu_never_takes_what_is_for_the_card(tmp_path: Path) -> None:
    registry = Registry()
    large = Capabilities("large", frozenset({Verb.ERASE}), understands_prompts=True, wants_card=True)
    registry.register(Painter(lambda scene: scene.pixels, can=large))

    async def scenario() -> None:
        async with room(tmp_path, ("cpu", "cuda:0"), registry, PaintsWith(PAINTER)) as jobs:
            large = [await submitted(jobs, tmp_path, model="large") for _ in range(3)]
            small = await submitted(jobs, tmp_path, model="classic")
            await until(jobs, large[0].job_id, Loading)
            await until(jobs, small.job_id, Loading)  # the CPU passes those over that it may not take
            Path(go(tmp_path)).touch()
            for job in (*large, small):
                await all_events(jobs, job.job_id)
            assert [(await jobs.get(job.job_id)).device for job in (*large, small)] == ["cuda:0"] * 3 + ["cpu"]
            assert jobs.estimate("large", Verb.ERASE, Tier.STANDARD, 64) is not None
            assert jobs.journal.seconds_per_megapixel("large", Verb.ERASE, Tier.STANDARD, "cuda:0") is not None
            assert jobs.journal.seconds_per_megapixel("large", Verb.ERASE, Tier.STANDARD, "cpu") is None

    asyncio.run(scenario())
