"""How much a person may have waiting, painted in a day and stored; and when who is refused may come back."""

import asyncio
import time
from collections.abc import Awaitable
from pathlib import Path

import pytest

from inlay.blobs import BlobStore
from inlay.engines.registry import Registry
from inlay.errors import InvalidInput, OverLimit
from inlay.events import Done, Step
from inlay.job import Job, Lane, Ticket
from inlay.jobs.announcer import Announcer
from inlay.jobs.forecast import foreseen
from inlay.jobs.limits import LATE, LIMITS_FILE, MOST_LATE_S, LimitBook, Limits
from inlay.jobs.queue import Jobs
from inlay.jobs.room import result_bytes
from inlay.jobs.rules import UNMEASURED_S
from inlay.person import OWNER, Person
from inlay.recipe import Tier, Verb
from support.job_room import all_events, jobs_in, new_id, run, small_recipe, until
from support.seats import Seat, Waiting, a_second

ANNA, BEN = Person("anna"), Person("ben")


async def submitted(jobs: Jobs, by: Person = ANNA, lane: Lane | None = None, job_id: str = "", batch: str = "") -> Job:
    recipe = small_recipe(jobs.blobs)
    for name in recipe.blobs:
        await jobs.give(by, name)
    return await jobs.submit(job_id or new_id(), recipe, Ticket(lane=lane, by=by, batch=batch))


async def cell(jobs: Jobs, batch: str = "colours", by: Person = ANNA) -> Job:
    """A job of a plan."""
    return await submitted(jobs, by, Lane.BATCH, batch=batch)


async def refused(submitting: Awaitable[Job], limit: str) -> OverLimit:
    with pytest.raises(OverLimit) as told:
        await submitting
    assert told.value.limit == limit
    return told.value


def took_s(jobs: Jobs, person: str = "anna") -> float:
    return sum(spent.seconds for spent in jobs.journal.usage.today(person))


async def counted(jobs: Jobs, person: str = "anna") -> None:
    """What was painted is written down, which may be a moment after its end is told."""
    async with asyncio.timeout(60):
        while not took_s(jobs, person):
            await asyncio.sleep(0.01)


def measured(jobs: Jobs) -> None:
    """A job is known to take 64 s."""
    jobs.journal.record_timing("classic", "erase", Tier.STANDARD, "cpu", 1e6)


def limited(folder: Path, text: str) -> None:
    (folder / LIMITS_FILE).write_text(text)


async def occupied(jobs: Jobs) -> None:
    """The only device is at somebody's job."""
    running = await submitted(jobs, BEN, Lane.LIVE)
    await until(jobs, running.job_id, Step)


def test_one_person_may_have_so_many_waiting_and_others_are_not_hindered_by_that(tmp_path: Path) -> None:
    limited(tmp_path, "jobs = 3\ndrafts = 2\n")

    async def scenario() -> None:
        async with jobs_in(tmp_path, "never_finish") as jobs:
            await occupied(jobs)
            drafts = [await submitted(jobs, lane=Lane.DRAFT) for _ in range(2)]
            told = await refused(submitted(jobs, lane=Lane.DRAFT), "drafts")
            assert told.message.startswith("2 of your drafts wait")
            await submitted(jobs, lane=Lane.FINAL)
            with pytest.raises(OverLimit, match="3 of your jobs wait"):
                await submitted(jobs, lane=Lane.FINAL)
            await submitted(jobs, BEN, Lane.DRAFT)
            for _ in range(5):
                await submitted(jobs, OWNER, Lane.DRAFT)
            await jobs.cancel(drafts[0].job_id)
            await submitted(jobs, lane=Lane.DRAFT)

    run(scenario())


def test_a_known_job_is_never_refused(tmp_path: Path) -> None:
    limited(tmp_path, "jobs = 1\n")

    async def scenario() -> None:
        async with jobs_in(tmp_path, "never_finish") as jobs:
            await occupied(jobs)
            job = await submitted(jobs)
            assert (await submitted(jobs, job_id=job.job_id)).job_id == job.job_id

    run(scenario())


def test_everybody_together_may_have_so_many_waiting(tmp_path: Path) -> None:
    limited(tmp_path, "waiting = 2\n")

    async def scenario() -> None:
        async with jobs_in(tmp_path, "never_finish") as jobs:
            await occupied(jobs)
            await submitted(jobs, ANNA)
            await submitted(jobs, OWNER)
            for person in (ANNA, BEN, OWNER):
                with pytest.raises(OverLimit, match="2 jobs wait, no more"):
                    await submitted(jobs, person)

    run(scenario())


@pytest.mark.parametrize(
    ("pace", "least_s", "most_s"),
    [(1e9, 64_000, 64_000 + MOST_LATE_S), (None, 2 * UNMEASURED_S, 2 * UNMEASURED_S * (1 + LATE))],
    ids=["slow", "unmeasured"],
)
def test_who_is_refused_is_told_when_the_first_that_he_waits_for_will_have_begun(
    tmp_path: Path, pace: float | None, least_s: float, most_s: float
) -> None:
    """By what is known of the job that is being painted; where nothing is, what all of them would take."""
    limited(tmp_path, "jobs = 2\n")

    async def scenario() -> None:
        async with jobs_in(tmp_path, "never_finish") as jobs:
            if pace:
                jobs.journal.record_timing("classic", "erase", Tier.STANDARD, "cpu", pace)
            await occupied(jobs)
            for _ in range(2):
                await submitted(jobs)
            told = await refused(submitted(jobs), "jobs")
            assert told.retry_s is not None
            assert least_s - 60 <= told.retry_s <= most_s + 0.1, "a minute is what the scenario may take"

    run(scenario())


def test_who_has_had_much_today_comes_after_others_and_then_not_at_all(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint") as jobs:
            first = await submitted(jobs)
            await all_events(jobs, first.job_id)
            await counted(jobs)
            assert took_s(jobs, "ben") == 0
            limited(tmp_path, "gpu_seconds_soft = 1e-9\n")
            assert (await submitted(jobs)).lane is Lane.BATCH
            assert (await submitted(jobs, BEN)).lane is Lane.STANDARD
            limited(tmp_path, "gpu_seconds_soft = 1e-9\ngpu_seconds = 1e-9\n[people.ben]\ngpu_seconds = 1e9\n")
            with pytest.raises(OverLimit, match="in 24 hours"):
                await submitted(jobs)
            await submitted(jobs, OWNER)

    run(scenario())


def test_what_was_painted_the_day_before_does_not_count(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint") as jobs:
            job = await submitted(jobs)
            await all_events(jobs, job.job_id)
            await counted(jobs)
            ended(jobs, job, hours_ago=24.001)
            assert took_s(jobs) == 0

    run(scenario())


def ended(jobs: Jobs, job: Job, hours_ago: float, took_s: float | None = None) -> None:
    """As if it had been so long ago, and had taken so long."""
    connection, at = jobs.journal._connection, int((time.time() - hours_ago * 3600) * 1000)  # pyright: ignore
    connection.execute("UPDATE jobs SET ended_unix_ms = ? WHERE job_id = ?", (at, job.job_id))
    if took_s is not None:
        connection.execute("UPDATE jobs SET device_seconds = ? WHERE job_id = ?", (took_s, job.job_id))


@pytest.mark.parametrize(("limit", "hours"), [(130, 1), (101, 1), (99, 23), (10, 23)])
def test_after_the_seconds_that_are_told_enough_of_the_day_is_a_day_ago(
    tmp_path: Path, limit: float, hours: float
) -> None:
    """23 hours ago a job took 50 s, an hour ago one 100 s."""

    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint") as jobs:
            painted = [await submitted(jobs) for _ in range(2)]
            for job in painted:
                await all_events(jobs, job.job_id)
            async with asyncio.timeout(60):
                while len(jobs.journal.usage.today("anna")) < 2:
                    await asyncio.sleep(0.01)
            limited(tmp_path, f"gpu_seconds = {limit}\n")
            for job, ago, seconds in zip(painted, (23, 1), (50, 100), strict=True):
                ended(jobs, job, ago, seconds)
            told = await refused(submitted(jobs), "gpu_seconds")
            assert told.retry_s is not None
            assert hours * 3600 - 60 <= told.retry_s <= hours * 3600 + MOST_LATE_S
            others = {(await refused(submitted(jobs), "gpu_seconds")).retry_s for _ in range(20)}
            assert len(others) > 1, "not all come back at once"
            for job, ago in zip(painted, (23, 1), strict=True):
                ended(jobs, job, ago + told.retry_s / 3600)
            await submitted(jobs)

    run(scenario())


def test_what_was_cancelled_has_taken_what_it_took(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "never_finish") as jobs:
            job = await submitted(jobs)
            await until(jobs, job.job_id, Step)
            await jobs.cancel(job.job_id)
            await counted(jobs)
            limited(tmp_path, "gpu_seconds = 1e-9\n")
            await refused(submitted(jobs), "gpu_seconds")

    run(scenario())


@pytest.mark.parametrize("begins", [False, True], ids=["all wait", "one is being painted"])
def test_what_was_taken_counts_as_what_it_will_take_before_it_has(tmp_path: Path, begins: bool) -> None:
    """A plan of a thousand cells is no way around the day's seconds, however soon they are handed in; nor are jobs."""
    limited(tmp_path, "gpu_seconds = 200\n")

    async def scenario() -> None:
        async with jobs_in(tmp_path, "never_finish") as jobs:
            measured(jobs)
            if begins:
                await until(jobs, (await submitted(jobs)).job_id, Step)
            else:
                await occupied(jobs)
                await submitted(jobs)
            plan = [await cell(jobs) for _ in range(3)]
            told = await refused(cell(jobs), "gpu_seconds")
            assert "those that wait will take 256 s" in told.message
            assert told.retry_s is not None
            assert told.retry_s >= 86_400, "what waits will be a day old at the earliest then"
            await refused(submitted(jobs, lane=Lane.DRAFT), "gpu_seconds")
            await submitted(jobs, BEN)
            await jobs.cancel(plan[0].job_id)
            await cell(jobs)

    run(scenario())


def test_only_what_waits_outside_of_the_batch_lane_makes_the_next_one_batch(tmp_path: Path) -> None:
    limited(tmp_path, "gpu_seconds_soft = 100\n")

    async def scenario() -> None:
        async with jobs_in(tmp_path, "never_finish") as jobs:
            measured(jobs)
            await occupied(jobs)
            for _ in range(3):
                await cell(jobs)
            lanes = [(await submitted(jobs, lane=Lane.FINAL)).lane for _ in range(3)]
            assert lanes == [Lane.FINAL, Lane.FINAL, Lane.BATCH]

    run(scenario())


def test_a_plan_waits_as_one_beside_its_persons_jobs(tmp_path: Path) -> None:
    limited(tmp_path, "jobs = 2\ndrafts = 1\nbatches = 2\ncells = 4\n")

    async def scenario() -> None:
        async with jobs_in(tmp_path, "never_finish") as jobs:
            await occupied(jobs)
            first = [await cell(jobs, "colours") for _ in range(2)]
            await cell(jobs, "formats")
            told = await refused(cell(jobs, "languages"), "batches")
            assert told.message.startswith("2 of your batches wait")
            await cell(jobs, "colours")
            await refused(cell(jobs, "formats"), "cells")
            await submitted(jobs, lane=Lane.DRAFT)
            await submitted(jobs, lane=Lane.BATCH)  # of no plan: a job like any other
            await refused(submitted(jobs, lane=Lane.BATCH), "jobs")
            await refused(submitted(jobs, lane=Lane.FINAL, batch="colours"), "jobs")
            await cell(jobs, "languages", BEN)
            await jobs.cancel(first[0].job_id)
            await cell(jobs, "colours")

    run(scenario())


def test_plans_leave_half_of_the_room_for_whoever_waits_for_an_answer(tmp_path: Path) -> None:
    limited(tmp_path, "waiting = 4\n")

    async def scenario() -> None:
        async with jobs_in(tmp_path, "never_finish") as jobs:
            await occupied(jobs)
            await cell(jobs, by=ANNA)
            await cell(jobs, by=BEN)
            told = await refused(cell(jobs, by=OWNER), "waiting")
            assert told.message.startswith("2 jobs of batches wait")
            for _ in range(2):
                await submitted(jobs, BEN)
            await refused(submitted(jobs, BEN), "waiting")

    run(scenario())


def test_who_is_refused_and_comes_back_when_told_finds_room(tmp_path: Path) -> None:
    """Simulated time: what is told is when the line itself lets the first of one's own jobs go."""
    waiting, card = Waiting(small_recipe(BlobStore(tmp_path / "blobs"))), Seat("cuda:0")
    announcer = Announcer(waiting.line, lambda: [card], a_second, None)  # pyright: ignore[reportArgumentType]
    waiting.join("running", person="ben", seconds=100)
    running = waiting.takes(card)
    assert running
    waiting.now_s = 30.0
    for person, lane, seconds in (
        ("ben", Lane.FINAL, 40), ("ben", Lane.DRAFT, 7), ("anna", Lane.FINAL, 20), ("anna", Lane.FINAL, 5), ("ada", Lane.LIVE, 3),
    ):  # fmt: skip
        waiting.join(f"{person} {lane} {seconds}", lane, person=person, seconds=seconds)
    news, _ = announcer.news(foreseen(waiting.line, [card], 30.0, a_second), 30.0)
    announcer.told(news, 30.0)
    own = waiting.line.of("anna")
    told_s = announcer.begins_s(own, 30.0)
    later_s = announcer.begins_s(own, 35.0)
    assert told_s is not None
    assert later_s == told_s - 5
    waiting.now_s = 100.0
    waiting.line.done(running, None, 100.0)
    while len(waiting.line.of("anna")) == 2:
        entry = waiting.takes(card)
        assert entry
        if entry.person != "anna":
            waiting.now_s += entry.cost_s
            waiting.line.done(entry, None, waiting.now_s)
    assert 30.0 + told_s == waiting.now_s
    assert announcer.begins_s([], 30.0) is None


def test_who_has_too_much_stored_is_refused_until_it_is_gone(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint") as jobs:
            job = await submitted(jobs)
            events = await all_events(jobs, job.job_id)
            assert isinstance(events[-1].happening, Done)
            limited(tmp_path, f"storage_gib = {320 / 2**30}\n")  # the picture and the mask alone have so many bytes
            told = await refused(submitted(jobs), "storage_gib")
            assert "pixels are stored" in told.message
            assert told.retry_s is None, "nobody knows when others' work makes room"
            await submitted(jobs, BEN)

    run(scenario())


def test_what_waiting_jobs_will_bring_counts_before_it_is_there_and_no_longer_once_they_are_taken_back(
    tmp_path: Path,
) -> None:
    """A result here is 64 px of RGBA and their mask, 320 bytes; all jobs name the same 320 bytes of input."""
    limited(tmp_path, f"storage_gib = {1_000 / 2**30}\n")

    async def scenario() -> None:
        async with jobs_in(tmp_path, "never_finish") as jobs:
            await occupied(jobs)
            waiting = [await submitted(jobs) for _ in range(3)]  # 320 stored, then 640, then 960, then 1,280
            told = await refused(submitted(jobs), "storage_gib")
            assert told.retry_s is None
            await submitted(jobs, BEN)
            await jobs.cancel(waiting[0].job_id)
            await submitted(jobs)
            await refused(cell(jobs), "storage_gib")

    run(scenario())


@pytest.mark.parametrize(
    ("verb", "options", "count", "nbytes"),
    [
        (Verb.ERASE, {}, 1, 64 * 4 + 64),
        (Verb.ERASE, {}, 3, 3 * (64 * 4 + 64)),
        (Verb.UPSCALE, {}, 1, 16 * 16 * 4),
        (Verb.UPSCALE, {"scale": "4x"}, 1, 32 * 32 * 4),
        (Verb.SEPARATE, {}, 2, 2 * 2 * 64 * 4),
        (Verb.SELECT, {}, 1, 64),
    ],
)
def test_a_result_takes_what_its_verb_makes_of_the_region(
    tmp_path: Path, verb: Verb, options: dict[str, str], count: int, nbytes: int
) -> None:
    recipe = small_recipe(BlobStore(tmp_path), verb=verb, options=options, count=count)
    assert result_bytes(recipe, Registry()) == nbytes


def test_limits_are_read_anew_when_they_change_and_a_broken_file_changes_nothing(tmp_path: Path) -> None:
    book = LimitBook(tmp_path / LIMITS_FILE)
    assert book.of("anna") == Limits()
    assert book.of(OWNER.name) == Limits(jobs=0, drafts=0, batches=0, cells=0)
    limited(tmp_path, "jobs = 7\n[people.ben]\njobs = 9\n")
    assert (book.of("anna").jobs, book.of("ben").jobs) == (7, 9)
    limited(tmp_path, '[people."anna Mu\u0308ller"]\njobs = 9\n')
    assert book.of("Anna M\u00fcller").jobs == 9, "as everywhere, in any case and spelling"
    limited(tmp_path, "jobs = 7\n[people.ben]\njobs = 9\n")
    assert (book.of("anna").jobs, book.of("ben").jobs) == (7, 9)
    for broken in ("jobs = ", "jobs = -1", "work = 3", "[people]\nben = 3", "[people.ben]\nwaiting = 3"):
        limited(tmp_path, broken)
        assert (book.of("anna").jobs, book.of("ben").jobs) == (7, 9)
        with pytest.raises(InvalidInput, match=LIMITS_FILE):
            LimitBook(tmp_path / LIMITS_FILE)
    (tmp_path / LIMITS_FILE).unlink()
    assert book.of("ben") == Limits()
