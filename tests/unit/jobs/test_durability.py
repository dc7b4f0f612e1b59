"""Nobody is told of what is not on the disk yet, and nobody else waits for the disk."""

# pyright: reportPrivateUsage=false

import asyncio
import contextlib
import errno
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from inlay.blobs import BlobStore
from inlay.errors import Hindered
from inlay.events import Done
from inlay.job import JobState
from inlay.jobs import durability
from inlay.jobs.chronicle import Chronicle
from inlay.jobs.journal import Journal
from support.job_room import jobs_in, new_id, run, small_recipe, submitted, variation


class Disk:
    """What stands for the disk: it answers when it is let, or with an error."""

    def __init__(self) -> None:
        self.answers = threading.Event()
        self.answers.set()
        self.errors: list[OSError] = []
        self.asked = threading.Event()
        self.synced: list[tuple[str, int]] = []
        """The files, and how long they were."""

    def sync(self, number: int) -> None:
        self.asked.set()
        assert self.answers.wait(60)
        if self.errors:
            raise self.errors.pop()
        os.fsync(number)
        self.synced.append((os.readlink(f"/proc/self/fd/{number}"), os.fstat(number).st_size))


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    disk = Disk()
    monkeypatch.setattr(durability, "_sync", disk.sync)
    yield disk
    disk.answers.set()


pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="what a number is of is read there")


def test_a_job_is_accepted_once_it_is_on_the_disk_and_the_server_goes_on_meanwhile(tmp_path: Path, disk: Disk) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "never_finish") as jobs:
            first = await submitted(jobs)
            disk.answers.clear()
            accepting = asyncio.create_task(submitted(jobs))
            while jobs.queue_length < 2:
                await asyncio.sleep(0)
            assert not (await asyncio.wait([accepting], timeout=0.05))[0], "it was not on the disk"
            assert jobs.state(first.job_id) in (JobState.QUEUED, JobState.RUNNING)
            disk.answers.set()
            assert (await accepting).state in (JobState.QUEUED, JobState.RUNNING)

    run(scenario())


def test_nobody_hears_of_an_end_that_is_not_on_the_disk(tmp_path: Path, disk: Disk) -> None:
    async def scenario() -> None:
        journal = Journal(tmp_path / "journal.sqlite")
        journal.defer()
        chronicle = Chronicle(journal, lambda: None, lambda _: 0)
        recipe, job_id = small_recipe(BlobStore(tmp_path / "blobs")), new_id()
        journal.submit(job_id, recipe)
        disk.answers.clear()
        for happening in (variation(recipe, 0, "a"), Done(1.0)):
            chronicle.append([(job_id, happening)])
        assert journal._connection.execute("PRAGMA synchronous").fetchone()[0] == 1, "SQLite itself waited for the disk"
        hearing = [asyncio.create_task(chronicle.next(job_id, seq)) for seq in range(3)]
        assert not (await asyncio.wait(hearing, timeout=0.05))[0]
        disk.answers.set()
        assert [[event.seq for event in await one] for one in hearing] == [[1, 2], [2], []]
        path, length = disk.synced[-1]
        assert (path, length) == (f"{journal.path}-wal", journal.path.with_name("journal.sqlite-wal").stat().st_size)
        chronicle.close()
        journal.close()

    run(scenario())


def test_what_is_on_the_disk_is_told_although_what_follows_is_not(tmp_path: Path, disk: Disk) -> None:
    async def scenario() -> None:
        journal = Journal(tmp_path / "journal.sqlite")
        journal.defer()
        chronicle = Chronicle(journal, lambda: None, lambda _: 0)
        recipe, job_id = small_recipe(BlobStore(tmp_path / "blobs")), new_id()
        journal.submit(job_id, recipe)
        chronicle.append([(job_id, variation(recipe, 0, "a"))])
        await chronicle.kept()
        disk.answers.clear()
        for happening in (variation(recipe, 1, "b"), Done(1.0)):
            chronicle.append([(job_id, happening)])
        async with asyncio.timeout(0):
            assert [event.seq for event in await chronicle.next(job_id, 0)] == [1]
        disk.answers.set()
        assert [event.seq for event in await chronicle.next(job_id, 1)] in ([2], [2, 3])
        chronicle.close()
        journal.close()

    run(scenario())


def test_what_happens_reaches_the_disk_although_nobody_asks(tmp_path: Path, disk: Disk) -> None:
    async def scenario() -> None:
        journal = Journal(tmp_path / "journal.sqlite")
        journal.defer()
        chronicle = Chronicle(journal, lambda: None, lambda _: 0)
        job_id = new_id()
        journal.submit(job_id, small_recipe(BlobStore(tmp_path / "blobs")))
        disk.asked.clear()
        chronicle.append([(job_id, Done(1.0))])
        assert await asyncio.to_thread(disk.asked.wait, 60)
        await chronicle.kept()
        journal.close()

    run(scenario())


def test_a_disk_that_failed_once_gets_everything_anew(tmp_path: Path, disk: Disk) -> None:
    """Linux gives up what it could not write, and the next fsync finds nothing to do: https://lwn.net/Articles/752063/."""

    async def scenario() -> None:
        async with jobs_in(tmp_path, "never_finish") as jobs:
            disk.errors.append(OSError(errno.EIO, "Input/output error"))
            why, accepting = "", asyncio.create_task(submitted(jobs))
            why = await jobs.standstill_changed("")
            assert "disk does not answer" in why
            job = await accepting
            while why:
                why = await jobs.standstill_changed(why)
            shutil.copy(tmp_path / "journal.sqlite", tmp_path / "alone.sqlite")  # without its log
            with contextlib.closing(sqlite3.connect(tmp_path / "alone.sqlite")) as alone:
                assert alone.execute("SELECT job_id FROM jobs").fetchall() == [(job.job_id,)]

    run(scenario())


def test_what_did_not_reach_the_disk_is_owed_until_it_does(tmp_path: Path, disk: Disk) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    journal.defer()
    kept = journal.durability
    assert kept
    journal.submit(new_id(), small_recipe(BlobStore(tmp_path / "blobs")))
    disk.errors.append(OSError(errno.EIO, "Input/output error"))
    with pytest.raises(Hindered, match="disk does not answer"):
        kept.sync()
    assert kept.kept < kept.owed
    kept.sync()
    assert kept.kept == kept.owed
    journal.close()
