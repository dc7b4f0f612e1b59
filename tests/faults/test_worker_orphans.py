"""The process that runs the jobs is killed: its workers end, and the next one finishes what was accepted."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inlay.events import Done, Queued, Step, VariationDone
from inlay.job import JobState
from support.job_room import all_events, happenings, jobs_in, submitted, until

pytestmark = pytest.mark.slow


TESTS = Path(__file__).parents[1]


def start(folder: Path, painter: str, count: int, variations: int, prompt: str = "") -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "support.jobs_process", str(folder), painter, str(count), str(variations), prompt]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(TESTS)})


def lives(pid: int) -> bool:
    """Whether the process runs; one that ended and that nobody buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def said_by(process: "subprocess.Popen[str]") -> Iterator[dict[str, Any]]:
    assert process.stdout
    return map(json.loads, process.stdout)


def worker_of(process: "subprocess.Popen[str]") -> int:
    return next(said["worker"] for said in said_by(process) if "worker" in said)


@pytest.mark.parametrize("prompt", ["", "hang"], ids=["mid-job", "hanging"])
def test_a_worker_ends_when_its_parent_is_killed_whatever_it_does(tmp_path: Path, prompt: str) -> None:
    process = start(tmp_path, "hear_nothing" if prompt else "never_finish", 1, 1, prompt)
    worker = worker_of(process)
    assert lives(worker)
    process.kill()
    process.wait()
    deadline = time.monotonic() + 20
    while lives(worker):
        assert time.monotonic() < deadline, "the worker outlives its parent"
        time.sleep(0.02)


def test_jobs_go_on_where_a_stopped_server_left_them(tmp_path: Path) -> None:
    async def begin() -> tuple[list[str], int]:
        async with jobs_in(tmp_path, "never_finish") as jobs:
            ids = [(await submitted(jobs, count=2, seed=number)).job_id for number in range(3)]
            step = await until(jobs, ids[0], Step)
            return ids, step.seq

    async def finish(ids: list[str], seen: int) -> None:
        async with jobs_in(tmp_path, "paint") as jobs:
            for job_id in ids:
                events = await all_events(jobs, job_id)
                numbers = [event.seq for event in events]  # with gaps where a job waited elsewhere before
                assert numbers == sorted(set(numbers))
                assert isinstance(events[-1].happening, Done)
                assert [done.variation.index for done in happenings(events, VariationDone)] == [0, 1]
                assert (await jobs.get(job_id)).deaths == 0
            later = await all_events(jobs, ids[0], seen)
            assert later[0].seq == seen + 1
            assert happenings(later, Queued) == [Queued(0, None)]

    ids, seen = asyncio.run(begin())
    asyncio.run(finish(ids, seen))


def test_accepted_jobs_survive_any_number_of_kills_and_end_exactly_once(tmp_path: Path) -> None:
    accepted: list[str] = []
    for lines in (1, 2, 3, 4):  # the fourth says that the first job of this process has its worker
        process = start(tmp_path, "paint_slowly", 3, 2)
        said = said_by(process)
        heard = [next(said) for _ in range(lines)]
        process.kill()
        accepted += [line["accepted"] for line in (*heard, *said) if "accepted" in line]
        process.wait()
    assert len(accepted) >= 1 + 2 + 3 + 3

    async def finish() -> None:
        async with jobs_in(tmp_path, "paint") as jobs:
            assert {job.job_id for job in jobs.list(limit=1000)} >= set(accepted)
            for job in jobs.list(limit=1000):
                events = await all_events(jobs, job.job_id)
                assert isinstance(events[-1].happening, Done)
                numbers = [event.seq for event in events]  # with gaps where a job waited elsewhere before
                assert numbers == sorted(set(numbers))
                assert [done.variation.index for done in happenings(events, VariationDone)] == [0, 1]
                for done in happenings(events, VariationDone):
                    assert all(jobs.blobs.received(name).present for name in done.variation.patch.blobs)
                assert (await jobs.get(job.job_id)).state is JobState.DONE
                assert (await jobs.get(job.job_id)).deaths == 0

    asyncio.run(finish())


def test_a_job_whose_end_alone_was_lost_is_not_painted_again(tmp_path: Path) -> None:
    async def paint() -> str:
        async with jobs_in(tmp_path, "paint") as jobs:
            job = await submitted(jobs, count=2)
            await all_events(jobs, job.job_id)
            return job.job_id

    async def finish(job_id: str) -> None:
        async with jobs_in(tmp_path, "die_always") as jobs:
            events = await all_events(jobs, job_id)
            assert isinstance(events[-1].happening, Done)
            assert [done.variation.index for done in happenings(events, VariationDone)] == [0, 1]

    job_id = asyncio.run(paint())
    forget_the_end(tmp_path / "journal.sqlite")
    asyncio.run(finish(job_id))


def forget_the_end(journal: Path) -> None:
    """Bring the journal into the state of a process that was killed just before it wrote the last event."""
    with sqlite3.connect(journal) as connection:
        connection.execute("DELETE FROM events WHERE kind = 'done'")
        connection.execute("UPDATE jobs SET state = 'running', ended_unix_ms = NULL, last_seq = last_seq - 1")
