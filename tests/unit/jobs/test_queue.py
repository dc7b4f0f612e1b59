"""Jobs are accepted, wait, are painted by a real worker process, are watched, and end."""

# pyright: reportPrivateUsage=false, reportUnknownLambdaType=false, reportAttributeAccessIssue=false

import asyncio
import dataclasses
import multiprocessing
import re
from pathlib import Path

import pytest

from inlay.errors import NotFound, Unavailable
from inlay.events import Done, Failed, JobCancelled, Loading, Preview, Queued, Step, VariationDone
from inlay.job import JobState, Rating
from inlay.jobs.queue import Jobs
from inlay.person import OWNER
from inlay.recipe import Tier, Verb
from inlay.region import Rect, Size
from support.job_room import all_events, happenings, jobs_in, new_id, run, small_recipe, submitted, until


def test_a_job_is_painted_and_its_results_are_in_the_store(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint") as jobs:
            job = await submitted(jobs, count=2, seed=5)
            events = await all_events(jobs, job.job_id)
            assert [event.seq for event in events] == list(range(1, len(events) + 1))
            assert isinstance(events[0].happening, Queued)
            assert isinstance(events[-1].happening, Done)
            variations = [done.variation for done in happenings(events, VariationDone)]
            assert [(variation.index, variation.seed) for variation in variations] == [(0, 5), (1, 6)]
            for variation in variations:
                for raster in (variation.patch.pixels, variation.patch.mask):
                    assert jobs.blobs.size(raster.blob) == raster.byte_length
            ended = await jobs.get(job.job_id)
            assert (ended.state, ended.variations_done, ended.attempts) == (JobState.DONE, 2, 1)
            assert jobs.queue_length == 0

    run(scenario())


def test_waiting_jobs_are_told_where_they_stand_and_move_up(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "never_finish") as jobs:
            running = await submitted(jobs)
            await until(jobs, running.job_id, Step)
            second, third, fourth = [await submitted(jobs) for _ in range(3)]
            watching = jobs.watch(fourth.job_id)
            waited = [(await anext(watching)).happening]
            assert jobs.queue_length == 4
            await jobs.cancel(second.job_id)
            waited.append((await anext(watching)).happening)
            await jobs.cancel(running.job_id)
            await until(jobs, third.job_id, Step)
            waited.append((await anext(watching)).happening)
            await watching.aclose()
            assert [queued.position for queued in waited] == [2, 1, 0]
            assert [queued.eta_s for queued in waited] == [None] * 3

    run(scenario())


def test_the_wait_is_foreseen_from_what_was_measured(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "never_finish") as jobs:
            assert jobs.estimate("classic", Verb.ERASE, Tier.STANDARD, 64) is None
            jobs.journal.record_timing("classic", Verb.ERASE, Tier.STANDARD, "cpu", 1e6)
            assert jobs.estimate("classic", Verb.ERASE, Tier.STANDARD, 64, count=2) == pytest.approx(128)
            running = await submitted(jobs)
            step = (await until(jobs, running.job_id, Step)).happening
            assert isinstance(step, Step)
            assert step.eta_s == pytest.approx(64, abs=30)
            waiting = await submitted(jobs, count=3)
            (queued,) = happenings(list(await jobs.poll(waiting.job_id)), Queued)
            assert queued.position == 0
            assert queued.eta_s == pytest.approx(64 + 3 * 64, abs=60)

    run(scenario())


def test_finished_jobs_teach_how_long_the_next_ones_take(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint") as jobs:
            job = await submitted(jobs, count=2)
            done = (await all_events(jobs, job.job_id))[-1].happening
            assert isinstance(done, Done)
            estimate = jobs.estimate("classic", Verb.ERASE, Tier.STANDARD, 64, count=2)
            assert estimate == pytest.approx(done.seconds)

    run(scenario())


def test_cancelling_a_waiting_job_ends_it_at_once_and_it_is_never_painted(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "never_finish") as jobs:
            running = await submitted(jobs)
            await until(jobs, running.job_id, Step)
            waiting, last = [await submitted(jobs) for _ in range(2)]
            cancelled = await jobs.cancel(waiting.job_id)
            assert cancelled.state is JobState.CANCELLED
            await jobs.cancel(running.job_id)
            await until(jobs, last.job_id, Step)
            assert (await jobs.get(waiting.job_id)).attempts == 0
            events = await all_events(jobs, waiting.job_id)
            assert [type(event.happening) for event in events] == [Queued, JobCancelled]

    run(scenario())


def test_cancelling_a_running_job_frees_its_worker_for_the_next(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "never_finish") as jobs:
            first = await submitted(jobs)
            await until(jobs, first.job_id, Step)
            (worker,) = jobs._workers
            pid = worker.pid
            assert (await jobs.cancel(first.job_id)).state is JobState.CANCELLED
            assert isinstance((await all_events(jobs, first.job_id))[-1].happening, JobCancelled)
            second = await submitted(jobs)
            await until(jobs, second.job_id, Step)
            assert worker.pid == pid
            assert await jobs.cancel(first.job_id) == await jobs.get(first.job_id)

    run(scenario())


def test_a_job_that_was_cancelled_before_its_worker_stood_does_not_keep_it(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "never_finish") as jobs:
            first = await submitted(jobs)
            while jobs.queue_length and not jobs._dispatcher.running:
                await asyncio.sleep(0)
            await jobs.cancel(first.job_id)
            second = await submitted(jobs)
            await until(jobs, second.job_id, Step)

    run(scenario())


@pytest.mark.parametrize(
    ("prompt", "code", "message"),
    [
        ("InvalidInput", "INVALID_ARGUMENT", "mask is empty; it must not be"),
        ("MemoryError", "RESOURCE_EXHAUSTED", "not enough memory on cpu"),
        ("ValueError", "INTERNAL", "ValueError: something nobody thought of"),
        ("report", "INTERNAL", "TypeError: JSON cannot hold a float32"),
        ("lost", "RESOURCE_EXHAUSTED", "was evicted before it was in the journal"),
        ("fewer", "INTERNAL", r"without variations \[0\] of 1"),
    ],
)
def test_an_error_of_the_engine_ends_the_job_with_its_code_and_the_worker_goes_on(
    tmp_path: Path, prompt: str, code: str, message: str
) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "fail") as jobs:
            failing, fine = await submitted(jobs, prompt=prompt), await submitted(jobs)
            failed = (await all_events(jobs, failing.job_id))[-1].happening
            assert isinstance(failed, Failed)
            assert failed.code == code
            assert failed.field == ("mask" if prompt == "InvalidInput" else "")
            assert re.search(message, failed.message)
            assert (await jobs.get(failing.job_id)).state is JobState.FAILED
            assert isinstance((await all_events(jobs, fine.job_id))[-1].happening, Done)

    run(scenario())


def test_a_painter_that_cannot_be_loaded_fails_the_job_and_says_so(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "no_such_painter") as jobs:
            job = await submitted(jobs)
            failed = (await all_events(jobs, job.job_id))[-1].happening
            assert isinstance(failed, Failed)
            assert "no_such_painter" in failed.message

    run(scenario())


def test_watchers_that_come_and_go_see_the_same_events_without_gap_or_repetition(tmp_path: Path) -> None:
    async def drop_after_each_event(jobs: Jobs, job_id: str) -> list[int]:
        seen: list[int] = []
        while True:
            async for event in jobs.watch(job_id, seen[-1] if seen else 0):
                seen.append(event.seq)
                if isinstance(event.happening, Done):
                    return seen
                break

    async def poll(jobs: Jobs, job_id: str) -> list[int]:
        seen: list[int] = []
        while events := await jobs.poll(job_id, seen[-1] if seen else 0, wait_s=30):
            seen += [event.seq for event in events]
        return seen

    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint_slowly") as jobs:
            job = await submitted(jobs, count=2)
            watched, dropped, polled = await asyncio.gather(
                all_events(jobs, job.job_id), drop_after_each_event(jobs, job.job_id), poll(jobs, job.job_id)
            )
            stored = [event.seq for event in jobs.journal.events(job.job_id)]
            assert stored == list(range(1, len(stored) + 1))
            assert [event.seq for event in watched] == dropped == polled == stored
            assert await all_events(jobs, job.job_id, stored[-1]) == []
            assert await jobs.poll(job.job_id, stored[-1], wait_s=30) == []

    run(scenario())


def test_a_poll_answers_with_nothing_when_its_time_is_up(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "hear_nothing") as jobs:
            job = await submitted(jobs, prompt="hang")
            loading = await until(jobs, job.job_id, Loading)
            assert await jobs.poll(job.job_id, loading.seq) == []
            assert await jobs.poll(job.job_id, loading.seq, wait_s=0.05) == []

    run(scenario())


def test_asking_for_a_job_that_does_not_exist_says_so(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint") as jobs:
            for ask in (jobs.get, jobs.cancel, jobs.poll):
                with pytest.raises(NotFound, match="job"):
                    await ask(new_id())
            with pytest.raises(NotFound, match="job"):
                await all_events(jobs, new_id())
            with pytest.raises(NotFound, match="job"):
                await jobs.rate(new_id(), 0, Rating.KEPT)

    run(scenario())


def test_a_flood_of_reports_becomes_a_trickle_with_the_newest_preview(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "show_much") as jobs:
            job = await submitted(jobs)
            preview = (await until(jobs, job.job_id, Preview)).happening
            assert isinstance(preview, Preview)
            assert preview.size == Size(512, 34)
            assert len(preview.rgb) == 512 * 34 * 3
            assert preview.bounds == Rect(0, 0, 8, 8)
            events = await all_events(jobs, job.job_id)
            steps = [step.index for step in happenings(events, Step)]
            assert steps[0] == 1
            assert steps[-1] == 1000
            assert len(steps) < 200
            assert not [event for event in jobs.journal.events(job.job_id) if isinstance(event.happening, Preview)]

    run(scenario())


def test_each_device_paints_a_job_of_its_own(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "never_finish", devices=("cpu", "cuda:0")) as jobs:
            running = [await submitted(jobs) for _ in range(2)]
            for job in running:
                await until(jobs, job.job_id, Step)
            assert len({worker.pid for worker in jobs._workers}) == 2

    run(scenario())


@pytest.mark.parametrize("begun", [0, 1, 2])
def test_stopping_while_workers_still_start_leaves_none_behind(tmp_path: Path, begun: int) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint", devices=("cpu", "cuda:0")) as jobs:
            for _ in range(2):
                await submitted(jobs)
            while sum(worker.pid is not None for worker in jobs._workers) < begun:
                await asyncio.sleep(0)
        assert multiprocessing.active_children() == []

    run(scenario())


def test_a_recipe_larger_than_a_pipe_reaches_its_worker(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint") as jobs:
            recipe = small_recipe(jobs.blobs)
            source = dataclasses.replace(recipe.canvas.source, icc=bytes(4 * 2**20))
            job = await jobs.submit(new_id(), recipe.altered(source=source))
            (done,) = happenings(await all_events(jobs, job.job_id), VariationDone)
            assert done.variation.patch.pixels.icc == source.icc

    run(scenario())


def test_watchers_are_told_when_the_server_stops(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "never_finish") as jobs:
            job, hears = await submitted(jobs), asyncio.Event()

            async def watch() -> None:
                async for _ in jobs.watch(job.job_id):
                    hears.set()

            watching = asyncio.create_task(watch())
            await hears.wait()
        with pytest.raises(Unavailable, match="the job goes on when it is back"):
            await watching

    run(scenario())


def test_what_clients_fetch_and_think_is_remembered(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint") as jobs:
            job = await submitted(jobs)
            (done,) = happenings(await all_events(jobs, job.job_id), VariationDone)
            assert [listed.job_id for listed in jobs.list(unfetched_only=True)] == [job.job_id]
            for name in done.variation.result.blobs:
                jobs.mark_fetched(name, OWNER.name)
            assert (await jobs.get(job.job_id)).fetched
            assert jobs.list(unfetched_only=True) == []
            await jobs.rate(job.job_id, 0, Rating.KEPT)
            assert jobs.journal.ratings(job.job_id) == {0: Rating.KEPT}

    run(scenario())
