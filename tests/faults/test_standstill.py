"""A full disk, a locked journal, no file descriptor left: accepted jobs wait, say why, and go on by themselves."""

import asyncio
import contextlib
import os
import resource
import signal
import sqlite3
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from inlay.errors import Hindered, StorageFull
from inlay.events import Done, Event, Loading, Queued, Step, VariationDone
from inlay.job import JobState
from inlay.jobs.queue import Jobs
from support.job_room import all_events, happenings, jobs_in, new_id, small_recipe, submitted, until
from support.obstacles import PAGE, SmallDisk, locked, small_disk

pytestmark = pytest.mark.slow


def run(scenario: Coroutine[Any, Any, None]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(120):
            await scenario

    asyncio.run(limited())


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "data", megabytes=4) as mounted:
        yield mounted


async def standstill(jobs: Jobs, words: str) -> None:
    """Wait until jobs wait for a reason with these words in it."""
    why = jobs.standstill
    while words not in why:
        why = await jobs.standstill_changed(why)


async def goes_on(jobs: Jobs) -> None:
    while why := jobs.standstill:
        await jobs.standstill_changed(why)


@contextlib.asynccontextmanager
async def told_why(jobs: Jobs, job_id: str, words: str) -> AsyncIterator[None]:
    """Somebody watches the job; at the end they were told why it waits."""
    events: list[Event] = []

    async def watch() -> None:
        async for event in jobs.watch(job_id):
            events.append(event)
            if isinstance(event.happening, Queued) and words in event.happening.why:
                return

    watching = asyncio.create_task(watch())
    yield
    await watching
    numbers = [event.seq for event in events]
    assert numbers == sorted(numbers)


async def assert_done_once(jobs: Jobs, job_id: str, deaths: int = 0) -> None:
    events = await all_events(jobs, job_id)
    assert isinstance(events[-1].happening, Done)
    assert [done.variation.index for done in happenings(events, VariationDone)] == [0]
    job = await jobs.get(job_id)
    assert (job.state, job.deaths) == (JobState.DONE, deaths)
    await goes_on(jobs)


async def submit_until_refused(jobs: Jobs) -> None:
    while True:
        await submitted(jobs)


@pytest.mark.parametrize("kilobytes", [0, 8, 24, 40, 60, 100])
def test_a_disk_that_is_full_at_submission_refuses_the_job_or_finishes_it_once_there_is_room(
    disk: SmallDisk, kilobytes: int
) -> None:
    async def scenario() -> None:
        async with jobs_in(disk.folder, "paint") as jobs:
            job_id, recipe = new_id(), small_recipe(jobs.blobs)
            disk.fill(kilobytes * 1024)
            try:
                await jobs.submit(job_id, recipe)
            except StorageFull:
                assert jobs.standstill
                disk.free()
                await goes_on(jobs)
                assert all(job.state.ended for job in jobs.list()), "a refused job is not half accepted"
                await jobs.submit(job_id, recipe)
            else:
                assert kilobytes > 0
                disk.free()
            await assert_done_once(jobs, job_id)

    run(scenario())


def test_a_disk_that_fills_before_a_job_begins_lets_it_wait(disk: SmallDisk, tmp_path: Path) -> None:
    told = tmp_path / "told"

    async def scenario() -> None:
        async with jobs_in(disk.folder, "paint_when_told") as jobs:
            first, second = [await submitted(jobs, prompt=str(told), seed=seed) for seed in (1, 2)]
            await until(jobs, first.job_id, Step)
            disk.fill()
            async with told_why(jobs, second.job_id, "disk"):
                told.touch()
            disk.free()
            await assert_done_once(jobs, first.job_id)
            await assert_done_once(jobs, second.job_id)

    run(scenario())


@pytest.mark.parametrize("pages", [0, 1, 4])
def test_a_disk_that_fills_while_a_job_is_painted_lets_it_wait_and_its_watchers_know(
    disk: SmallDisk, tmp_path: Path, pages: int
) -> None:
    told = tmp_path / "told"

    async def scenario() -> None:
        async with jobs_in(disk.folder, "paint_when_told") as jobs:
            job = await submitted(jobs, prompt=str(told))
            await until(jobs, job.job_id, Step)
            disk.fill(pages * PAGE)
            async with told_why(jobs, job.job_id, "disk"):
                told.touch()
            (waits,) = [event.happening for event in await jobs.poll(job.job_id, 2**40)]
            assert isinstance(waits, Queued)
            assert "full" in waits.why
            disk.free()
            await assert_done_once(jobs, job.job_id)

    run(scenario())


def test_a_worker_that_is_killed_while_the_disk_is_full_is_replaced_once_there_is_room(
    disk: SmallDisk, tmp_path: Path
) -> None:
    told = tmp_path / "told"

    async def scenario() -> None:
        async with jobs_in(disk.folder, "paint_when_told") as jobs:
            job = await submitted(jobs, prompt=str(told))
            await until(jobs, job.job_id, Step)
            disk.fill()
            pid = jobs._workers[0].pid
            assert pid
            os.kill(pid, signal.SIGKILL)
            await standstill(jobs, "disk")
            told.touch()
            disk.free()
            await assert_done_once(jobs, job.job_id, deaths=1)

    run(scenario())


def test_a_result_for_which_the_worker_finds_no_room_is_painted_again_when_there_is(tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.touch()

    async def scenario() -> None:
        async with jobs_in(tmp_path, "find_the_disk_full") as jobs:
            job_id, recipe = new_id(), small_recipe(jobs.blobs, prompt=str(full))
            await jobs.submit(job_id, recipe)
            async with told_why(jobs, job_id, "disk"):
                pass
            full.unlink()
            await assert_done_once(jobs, job_id)

    run(scenario())


def test_a_journal_that_finds_no_room_takes_up_everything_when_there_is(tmp_path: Path) -> None:
    """SQLite itself says that the disk is full, at a limit of pages instead of a disk's."""
    told = tmp_path / "told"

    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint_when_told") as jobs:
            job = await submitted(jobs, prompt=str(told))
            await until(jobs, job.job_id, Step)
            connection = jobs.journal._connection
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages}")
            connection.execute("PRAGMA cache_size = 1")
            with pytest.raises(sqlite3.OperationalError, match="full"):
                connection.execute("CREATE TABLE ballast AS SELECT zeroblob(100000)")
            with pytest.raises(StorageFull):
                await submit_until_refused(jobs)
            told.touch()
            connection.execute("PRAGMA max_page_count = 1073741823")
            await assert_done_once(jobs, job.job_id)

    run(scenario())


def test_a_journal_that_another_process_locks_holds_up_nobody_and_fails_nothing(tmp_path: Path) -> None:
    told = tmp_path / "told"

    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint_when_told") as jobs:
            running, waiting = [await submitted(jobs, prompt=str(told), seed=seed) for seed in (1, 2)]
            await until(jobs, running.job_id, Step)
            recipe = small_recipe(jobs.blobs, prompt=str(told), seed=3)
            with locked(jobs.journal.path):
                submitting = asyncio.create_task(jobs.submit(new_id(), recipe))
                async with told_why(jobs, running.job_id, "locked"), told_why(jobs, waiting.job_id, "locked"):
                    told.touch()
                for _ in range(10):  # small calls are answered while others wait for the journal
                    assert (await jobs.get(running.job_id)).state is JobState.RUNNING
                    await asyncio.sleep(0)
                assert not submitting.done()
            third = await submitting
            for job in (running, waiting, third):
                await assert_done_once(jobs, job.job_id)

    run(scenario())


def test_a_caller_is_told_when_the_journal_stays_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inlay.jobs.queue.PATIENCE_S", 0.1)

    async def scenario() -> None:
        async with jobs_in(tmp_path, "never_finish") as jobs:
            job = await submitted(jobs)
            await until(jobs, job.job_id, Step)
            recipe = small_recipe(jobs.blobs)
            with locked(jobs.journal.path):
                with pytest.raises(Hindered, match="another process has the journal locked"):
                    await jobs.submit(new_id(), recipe)
                with pytest.raises(Hindered, match="locked"):
                    await jobs.cancel(job.job_id)
            await goes_on(jobs)
            assert (await jobs.cancel(job.job_id)).state is JobState.CANCELLED

    run(scenario())


def test_a_known_job_that_nobody_has_in_line_is_taken_up_by_submitting_it_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint") as jobs:
            job_id, recipe = new_id(), small_recipe(jobs.blobs)
            jobs.journal.submit(job_id, recipe)
            await jobs.submit(job_id, recipe)
            await assert_done_once(jobs, job_id)

    run(scenario())


def test_a_worker_that_cannot_be_started_for_want_of_descriptors_is_started_when_there_are(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint") as jobs:
            job_id, recipe = new_id(), small_recipe(jobs.blobs)
            await assert_done_once(jobs, (await submitted(jobs)).job_id)
            pid = jobs._workers[0].pid
            assert pid
            probe = os.open(os.devnull, os.O_RDONLY)
            os.close(probe)
            resource.setrlimit(resource.RLIMIT_NOFILE, (probe, hard))
            try:
                os.kill(pid, signal.SIGKILL)
                while jobs._workers[0]._inbox.empty():  # its end is known
                    await asyncio.sleep(0.01)
                await jobs.submit(job_id, recipe)
                async with told_why(jobs, job_id, "the worker for cpu"):  # was killed, or cannot be started
                    pass
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            await assert_done_once(jobs, job_id)
            assert (await jobs.get(job_id)).attempts == 1

    run(scenario())


def test_workers_that_are_killed_before_they_have_the_job_are_no_deaths_of_it(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint") as jobs:
            (worker,) = jobs._workers
            job = await submitted(jobs)
            killed: set[int] = set()
            while len(killed) < 4:
                if worker.pid and worker.pid not in killed:  # it has just been started, and loads for a second
                    os.kill(worker.pid, signal.SIGKILL)
                    killed.add(worker.pid)
                await asyncio.sleep(0.001)
            await assert_done_once(jobs, job.job_id)
            assert (await jobs.get(job.job_id)).attempts == 1

    run(scenario())


def test_a_job_that_was_cancelled_while_nothing_went_on_is_never_painted(tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.touch()

    async def scenario() -> None:
        async with jobs_in(tmp_path, "find_the_disk_full") as jobs:
            job = await submitted(jobs, prompt=str(full))
            await until(jobs, job.job_id, Loading)
            await standstill(jobs, "disk")
            assert (await jobs.cancel(job.job_id)).state is JobState.CANCELLED
            full.unlink()
            await assert_done_once(jobs, (await submitted(jobs)).job_id)
            assert (await jobs.get(job.job_id)).variations_done == 0

    run(scenario())
