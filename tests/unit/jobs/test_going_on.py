"""A worker goes on with the next job while the end of the last is written down, and whatever happens then, each is painted once."""

import asyncio
import time
import zlib
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from inlay.events import Done, Failed, Happening, JobCancelled, VariationDone
from inlay.job import JobState, Lane, Ticket
from inlay.jobs.queue import Jobs
from inlay.jobs.workers.base import Paint, Workplace
from inlay.jobs.workers.child import Desk, Told
from inlay.jobs.workers.local import LocalWorker
from inlay.person import Person
from inlay.recipe import Recipe
from support.acting import PaintsWith
from support.job_room import all_events, happenings, jobs_in, new_id, small_recipe
from support.seats import Seat, Waiting

PATIENCE_S = 120.0


def run(scenario: Coroutine[Any, Any, None]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(2 * PATIENCE_S):
            await scenario

    asyncio.run(limited())


class Desks:
    """Jobs that say in files of their own that they were begun."""

    def __init__(self, jobs: Jobs, folder: Path) -> None:
        self.jobs, self.folder = jobs, folder

    def began(self, name: str) -> int:
        """How often it was."""
        path = self.folder / name
        return len(path.read_text().splitlines()) if path.exists() else 0

    def hold(self, name: str) -> Path:
        path = self.folder / f"{name}.hold"
        path.touch()
        return path

    async def submit(self, name: str, fate: str = "") -> str:
        seed = zlib.crc32(name.encode())  # else the next job brings back the very blob that one lost
        recipe = small_recipe(self.jobs.blobs, prompt=f"{self.folder / name} {fate}".strip(), seed=seed)
        return (await self.jobs.submit(new_id(), recipe, Ticket(lane=Lane.FINAL))).job_id

    def submit_for(self, person: str, name: str) -> str:
        """As the next server finds it in the journal."""
        recipe = small_recipe(self.jobs.blobs, prompt=str(self.folder / name))
        job = self.jobs.journal.submit(new_id(), recipe, Ticket(lane=Lane.FINAL, by=Person(person)))
        self.jobs._join(job)  # pyright: ignore[reportPrivateUsage]
        self.jobs.stir()
        return job.job_id

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not is_so():
                await asyncio.sleep(0.01)

    async def last(self, job_id: str) -> Happening:
        events = await all_events(self.jobs, job_id)
        assert sum(isinstance(event.happening, Done | Failed | JobCancelled) for event in events) == 1
        assert [event.seq for event in events] == sorted({event.seq for event in events})
        return events[-1].happening

    def before_the_end_of(self, job_id: str, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
        """Do something when the job is painted and its end is about to be written, before it is."""
        append, journal = self.jobs.journal.append_each, self.jobs.journal

        def appending(written: Any) -> Any:
            pairs = list(written)
            if any(name == job_id and isinstance(happening, Done) for name, happening in pairs):
                monkeypatch.setattr(journal, "append_each", append)
                act()
            return append(pairs)

        monkeypatch.setattr(journal, "append_each", appending)


def waits_for(is_so: Callable[[], bool]) -> None:
    """In the midst of the event loop, which stands still meanwhile."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


@pytest.mark.parametrize("devices", [("cpu",), ("cpu:0", "cpu:1")], ids=["alone", "beside one kept for drafts"])
def test_the_next_job_is_being_painted_before_the_end_of_the_last_is_written(
    devices: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "begin_visibly", devices=devices) as jobs:
            desks = Desks(jobs, tmp_path)
            hold = desks.hold("first")
            first = desks.submit_for("anna", "first")
            second = desks.submit_for("ben", "second")
            seen: list[JobState] = []

            def look() -> None:
                waits_for(lambda: desks.began("second") > 0)
                seen.append(jobs.state(first))

            desks.before_the_end_of(first, monkeypatch, look)
            hold.unlink()
            assert isinstance(await desks.last(first), Done)
            assert isinstance(await desks.last(second), Done)
            assert seen == [JobState.RUNNING]
            assert (desks.began("first"), desks.began("second")) == (1, 1)
            assert [(await jobs.get(one)).attempts for one in (first, second)] == [1, 1]

    run(scenario())


def test_one_that_is_cancelled_while_it_lies_before_the_worker_brings_nothing_and_the_next_is_painted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "begin_visibly", cancel_grace_s=PATIENCE_S) as jobs:
            desks = Desks(jobs, tmp_path)
            hold = desks.hold("first")
            first, second = await desks.submit("first"), await desks.submit("second")
            third = await desks.submit("third")
            desks.hold("second")  # only a cancellation ends it
            cancelling: list[asyncio.Task[object]] = []
            desks.before_the_end_of(
                first, monkeypatch, lambda: cancelling.append(asyncio.ensure_future(jobs.cancel(second)))
            )
            hold.unlink()
            assert isinstance(await desks.last(third), Done)
            await asyncio.gather(*cancelling)
            assert isinstance(await desks.last(first), Done)
            events = await all_events(jobs, second)
            assert isinstance(events[-1].happening, JobCancelled)
            assert not happenings(events, VariationDone)
            assert (await jobs.get(second)).deaths == 0, "its worker heard it, and need not be killed"
            assert jobs.queue_length == 0

    run(scenario())


def test_one_that_is_cancelled_just_when_it_was_begun_and_does_not_hear_it_loses_its_worker_as_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "begin_visibly", cancel_grace_s=0.1) as jobs:
            desks = Desks(jobs, tmp_path)
            hold = desks.hold("first")
            first, second = await desks.submit("first"), await desks.submit("second", "deaf")
            third = await desks.submit("third")
            cancelling: list[asyncio.Task[object]] = []

            def cancel() -> None:
                waits_for(lambda: desks.began("second") > 0)
                jobs._take_back(second)  # pyright: ignore[reportPrivateUsage] - as `cancel`, at this very moment
                jobs._let_go(second)  # pyright: ignore[reportPrivateUsage]
                cancelling.append(asyncio.ensure_future(jobs.cancel(second)))

            desks.before_the_end_of(first, monkeypatch, cancel)
            hold.unlink()
            assert isinstance(await desks.last(third), Done)
            assert isinstance(await desks.last(first), Done)
            assert isinstance(await desks.last(second), JobCancelled)
            await asyncio.gather(*cancelling)

    run(scenario())


@pytest.mark.parametrize(("fate", "end"), [("die", Done), ("lose", Failed)])
def test_a_worker_that_ends_with_the_next_job_before_it_takes_that_along_and_nobody_blames_it(
    tmp_path: Path, fate: str, end: type[Happening]
) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "begin_visibly") as jobs:
            desks = Desks(jobs, tmp_path)
            hold = desks.hold("first")
            first, second = await desks.submit("first", fate), await desks.submit("second")
            hold.unlink()
            assert isinstance(await desks.last(first), end)
            assert isinstance(await desks.last(second), Done)
            events = await all_events(jobs, second)
            assert len(happenings(events, VariationDone)) == 1
            assert (await jobs.get(second)).deaths == 0

    run(scenario())


def test_a_worker_that_ends_idle_says_so_also_after_it_was_through_with_the_next_job_before_anybody_asked(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "begin_visibly", devices=()) as jobs:
            place = Workplace("cpu", jobs.blobs.folder, 2**30, jobs.journal.path)
            worker = LocalWorker(place, painter=PaintsWith("support.painters:begin_visibly"))
            recipe = small_recipe(jobs.blobs, prompt=str(tmp_path / "one")).canonical()
            try:
                await worker.take(Paint("first", recipe, 0))
                worker.lay(Paint("second", recipe, 0))
                told = [happening async for happening in worker.happenings("first")]
                before = worker.proof
                heard = worker._inbox._queue  # pyright: ignore
                async with asyncio.timeout(PATIENCE_S):
                    while not any(isinstance(one, Told) and one.encoded.kind == "done" for one in heard):
                        await asyncio.sleep(0.01)
                    await worker.take(Paint("second", recipe, 0))
                    told += [happening async for happening in worker.happenings("second")]
                    worker.kill()
                    while not worker.proof.why:
                        await asyncio.sleep(0.01)
                assert sum(isinstance(happening, Done) for happening in told) == 2
                assert before.painted
                assert not worker.proof.painted
                assert worker.proof.why.startswith("the worker for cpu was killed by SIGKILL")
            finally:
                await worker.stop()

    run(scenario())


def test_a_server_that_is_told_to_stop_gives_back_what_already_lay_before_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "begin_visibly") as jobs:
            desks = Desks(jobs, tmp_path)
            hold = desks.hold("first")
            first, second = await desks.submit("first"), await desks.submit("second")
            desks.hold("second")
            draining: list[asyncio.Task[object]] = []

            def drain() -> None:
                jobs._supervisor.drains = True  # pyright: ignore[reportPrivateUsage] - it begins before anything else does
                draining.append(asyncio.ensure_future(jobs.drain()))

            desks.before_the_end_of(first, monkeypatch, drain)
            hold.unlink()
            assert isinstance(await desks.last(first), Done)
            await asyncio.gather(*draining)
            job = await jobs.get(second)
            assert (job.state, job.attempts, job.variations_done) == (JobState.QUEUED, 0, 0)
        (tmp_path / "second.hold").unlink()
        async with jobs_in(tmp_path, "begin_visibly") as jobs:
            assert isinstance(await Desks(jobs, tmp_path).last(second), Done)

    run(scenario())


def anywhere(_: Recipe) -> None:
    """Where the recipe may be painted."""


@pytest.mark.parametrize("why", ["other servers paint, and want money for it", "nothing can be written"])
def test_nothing_lies_ahead_where(why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings: dict[str, Any] = {"devices": (), "remote": 1} if "money" in why else {}

    async def scenario() -> None:
        async with jobs_in(tmp_path, "begin_visibly", **settings) as jobs:
            desks = Desks(jobs, tmp_path)
            (worker,) = jobs._workers  # pyright: ignore[reportPrivateUsage]
            if settings:  # what nothing here can paint may be painted anywhere
                monkeypatch.setattr(jobs._line, "_load_of", anywhere)  # pyright: ignore[reportPrivateUsage]
            hold = desks.hold("first")
            recipes = [small_recipe(jobs.blobs, prompt=str(tmp_path / name)) for name in ("first", "second")]
            made = [jobs.journal.submit(new_id(), recipe) for recipe in recipes]
            for job in made:
                jobs._join(job)  # pyright: ignore[reportPrivateUsage]
            jobs.stir()
            await desks.until(lambda: desks.began("first") > 0)
            if not settings:
                jobs.hinders("nothing can be written")
            laid: list[str] = []
            desks.before_the_end_of(made[0].job_id, monkeypatch, lambda: laid.append(worker.laid))
            hold.unlink()
            for job in made:
                assert isinstance((await all_events(jobs, job.job_id))[-1].happening, Done)
            assert laid == [""]

    run(scenario())


def test_a_seat_whose_job_is_painted_may_be_given_the_next_that_is_not_urgent_too(tmp_path: Path) -> None:
    from inlay.blobs import BlobStore

    waiting = Waiting(small_recipe(BlobStore(tmp_path)))
    one, other = Seat("cuda:0"), Seat("cuda:1")
    for number, person in enumerate(("anna", "ben", "anna")):
        waiting.join(str(number), Lane.FINAL, person=person)
    first = waiting.takes(one, other)
    assert first
    assert waiting.takes(other, one) is None, "it is kept for drafts"
    assert waiting.takes(one, other) is None
    waiting.line.leaving(first)
    second = waiting.takes(one, other)
    assert second
    waiting.line.done(first, 1.0, waiting.now_s)
    assert waiting.takes(other, one) is None, "it is kept for drafts all the same"
    waiting.line.done(second, 1.0, waiting.now_s)
    assert waiting.takes(other, one) is not None


def test_cancelling_the_job_that_is_next_does_not_take_back_that_the_present_one_was_cancelled() -> None:
    desk = Desk()
    desk.put(Paint("present", "", 0))
    assert desk.next().job_id == "present"
    desk.put(Paint("next", "", 0))
    desk.cancel("present")
    desk.cancel("next")
    assert desk.cancelled("present")
    assert desk.next().job_id == "next"
    assert desk.cancelled("next")
    assert not desk.cancelled("present"), "what is over is forgotten"
