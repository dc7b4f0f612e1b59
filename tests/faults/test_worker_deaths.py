"""Workers die, hang and come back: jobs are finished exactly once, or they say why not."""

import asyncio
import os
import signal
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from inlay.events import Done, Failed, JobCancelled, Loading, Step, VariationDone
from inlay.job import JobState
from inlay.jobs.queue import Jobs
from support.job_room import all_events, happenings, jobs_in, submitted, until

pytestmark = pytest.mark.slow


def run(scenario: Coroutine[Any, Any, None]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(120):
            await scenario

    asyncio.run(limited())


def test_a_job_whose_worker_is_killed_once_is_finished_and_nothing_is_painted_twice(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "die_once") as jobs:
            job = await submitted(jobs, count=3, prompt=str(tmp_path / "died"))
            events = await all_events(jobs, job.job_id)
            assert [event.seq for event in events] == list(range(1, len(events) + 1))
            assert isinstance(events[-1].happening, Done)
            assert [done.variation.index for done in happenings(events, VariationDone)] == [0, 1, 2]
            steps = [step.index for step in happenings(events, Step)]
            assert steps == sorted(steps), "the second worker began with the second variation"
            again = [loading.what for loading in happenings(events, Loading) if "again" in loading.what]
            assert len(again) == 1
            assert "killed by SIGKILL" in again[0]
            ended = await jobs.get(job.job_id)
            assert (ended.state, ended.attempts, ended.deaths) == (JobState.DONE, 2, 1)

    run(scenario())


def test_a_job_that_kills_two_workers_fails_with_the_reason_and_the_next_job_is_painted(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "die_always") as jobs:
            deadly, fine = await submitted(jobs, prompt="die"), await submitted(jobs)
            failed = (await all_events(jobs, deadly.job_id))[-1].happening
            assert isinstance(failed, Failed)
            assert failed.code == "INTERNAL"
            assert "the worker for cpu ended with exit code 3" in failed.message
            ended = await jobs.get(deadly.job_id)
            assert (ended.state, ended.attempts, ended.deaths) == (JobState.FAILED, 2, 2)
            assert isinstance((await all_events(jobs, fine.job_id))[-1].happening, Done)

    run(scenario())


def test_a_job_is_not_blamed_for_workers_that_were_told_to_end(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "be_told_to_end") as jobs:
            job = await submitted(jobs, prompt=str(tmp_path / "times"))
            assert isinstance((await all_events(jobs, job.job_id))[-1].happening, Done)
            ended = await jobs.get(job.job_id)
            assert (ended.attempts, ended.deaths) == (3, 0)

    run(scenario())


def test_a_worker_that_does_not_hear_a_cancel_is_killed_and_the_next_job_is_painted(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "hear_nothing", cancel_grace_s=0.2) as jobs:
            deaf, fine = await submitted(jobs, prompt="hang"), await submitted(jobs)
            await until(jobs, deaf.job_id, Loading)
            pid = jobs._workers[0].pid
            assert (await jobs.cancel(deaf.job_id)).state is JobState.CANCELLED
            assert isinstance((await all_events(jobs, fine.job_id))[-1].happening, Done)
            assert jobs._workers[0].pid != pid
            assert isinstance((await all_events(jobs, deaf.job_id))[-1].happening, JobCancelled)
            assert (await jobs.get(fine.job_id)).deaths == 0

    run(scenario())


def test_a_worker_that_dies_between_jobs_is_replaced_and_no_job_is_blamed(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint") as jobs:
            await all_events(jobs, (await submitted(jobs)).job_id)
            (worker,) = jobs._workers
            pid = worker.pid
            assert pid
            os.kill(pid, signal.SIGKILL)
            while worker._inbox.empty():  # its end is known
                await asyncio.sleep(0.01)
            job = await submitted(jobs)
            assert isinstance((await all_events(jobs, job.job_id))[-1].happening, Done)
            assert worker.pid != pid
            assert (await jobs.get(job.job_id)).deaths == 0

    run(scenario())


def test_an_engine_that_repeats_itself_does_not_repeat_variations(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "repeat_everything") as jobs:
            job = await submitted(jobs, count=3)
            events = await all_events(jobs, job.job_id)
            assert [done.variation.index for done in happenings(events, VariationDone)] == [0, 1, 2]
            assert isinstance(events[-1].happening, Done)

    run(scenario())


def test_jobs_whose_workers_are_killed_in_their_midst_end_exactly_once(tmp_path: Path) -> None:
    async def kill_workers_of(jobs: Jobs, job_id: str, steps: list[int]) -> None:
        """One worker after the other, as soon as it told of one of these steps or a later one."""
        seq = 0
        for step in steps:
            async for event in jobs.watch(job_id, seq):
                seq = event.seq
                if isinstance(event.happening, Step) and event.happening.index >= step:
                    worker = jobs._dispatcher.running[job_id].worker
                    assert worker
                    assert worker.pid
                    os.kill(worker.pid, signal.SIGKILL)
                    break

    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint_slowly", devices=("cpu", "cpu")) as jobs:
            kills = [[], [1], [5], [9], [11], [18], [3, 4], [12, 12]]
            ids = [(await submitted(jobs, count=2, seed=10 * number)).job_id for number in range(len(kills))]
            killing = [asyncio.create_task(kill_workers_of(jobs, *each)) for each in zip(ids, kills, strict=True)]
            everything = await asyncio.gather(*(all_events(jobs, job_id) for job_id in ids))
            await asyncio.gather(*killing)
            for job_id, steps, events in zip(ids, kills, everything, strict=True):
                job, last = await jobs.get(job_id), events[-1].happening
                painted = [done.variation.index for done in happenings(events, VariationDone)]
                assert painted == sorted(set(painted))
                assert job.deaths == len(steps)
                if len(steps) < 2:
                    assert job.state is JobState.DONE
                    assert painted == [0, 1]
                else:
                    assert isinstance(last, Failed)
                    assert "SIGKILL" in last.message
                numbers = [event.seq for event in events]
                assert numbers == sorted(set(numbers))
                assert numbers[-1] == job.last_seq

    run(scenario())
