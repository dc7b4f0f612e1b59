"""How much a person may have waiting, painted in a day and stored; and when who is refused may come back."""

from pathlib import Path

import pytest

from inlay.errors import InvalidInput, OverLimit
from inlay.events import Done, Step
from inlay.job import Job, JobState, Lane, Ticket
from inlay.jobs.limits import LIMITS_FILE, MOST_RETRY_S, LimitBook, Limits
from inlay.jobs.queue import Jobs
from inlay.person import OWNER, Person
from inlay.recipe import Tier
from support.job_room import all_events, jobs_in, new_id, run, small_recipe, until

ANNA, BEN = Person("anna"), Person("ben")


async def submitted(jobs: Jobs, by: Person = ANNA, lane: Lane | None = None, job_id: str = "") -> Job:
    return await jobs.submit(job_id or new_id(), small_recipe(jobs.blobs), Ticket(lane=lane, by=by))


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
            with pytest.raises(OverLimit, match="2 of your drafts wait") as refused:
                await submitted(jobs, lane=Lane.DRAFT)
            assert refused.value.limit == "drafts"
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


@pytest.mark.parametrize(("pace", "least_s", "most_s"), [(1e6, 2 * 64 * 0.8, 2 * 64 * 1.2), (1e9, 300, 300), (1, 1, 1)])
def test_who_is_refused_is_told_when_what_he_waits_for_will_be_painted(
    tmp_path: Path, pace: float, least_s: float, most_s: float
) -> None:
    limited(tmp_path, "jobs = 2\n")

    async def scenario() -> None:
        async with jobs_in(tmp_path, "never_finish") as jobs:
            jobs.journal.record_timing("classic", "erase", Tier.STANDARD, "cpu", pace)
            await occupied(jobs)
            for _ in range(2):
                await submitted(jobs)
            with pytest.raises(OverLimit) as refused:
                await submitted(jobs)
            assert least_s - 0.1 <= refused.value.retry_s <= most_s + 0.1

    run(scenario())


def test_who_has_had_much_today_comes_after_others_and_then_not_at_all(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint") as jobs:
            first = await submitted(jobs)
            await all_events(jobs, first.job_id)
            assert jobs.journal.painted_s("anna") > 0
            assert jobs.journal.painted_s("ben") == 0
            limited(tmp_path, "gpu_seconds_soft = 1e-9\n")
            assert (await submitted(jobs)).lane is Lane.BATCH
            assert (await submitted(jobs, BEN)).lane is Lane.STANDARD
            limited(tmp_path, "gpu_seconds_soft = 1e-9\ngpu_seconds = 1e-9\n[people.ben]\ngpu_seconds = 1e9\n")
            with pytest.raises(OverLimit, match="in 24 hours") as refused:
                await submitted(jobs)
            assert refused.value.retry_s == MOST_RETRY_S
            await submitted(jobs, OWNER)

    run(scenario())


def test_what_was_painted_the_day_before_does_not_count(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint") as jobs:
            job = await submitted(jobs)
            await all_events(jobs, job.job_id)
            jobs.journal._connection.execute("UPDATE jobs SET ended_unix_ms = ended_unix_ms - 86400001")  # pyright: ignore
            assert jobs.journal.painted_s("anna") == 0

    run(scenario())


def test_who_has_too_much_stored_is_refused_until_it_is_gone(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint") as jobs:
            job = await submitted(jobs)
            events = await all_events(jobs, job.job_id)
            assert isinstance(events[-1].happening, Done)
            limited(tmp_path, f"storage_gib = {320 / 2**30}\n")  # the picture and the mask alone have so many bytes
            with pytest.raises(OverLimit, match="pixels are stored"):
                await submitted(jobs)
            assert (await submitted(jobs, BEN)).state is JobState.QUEUED

    run(scenario())


def test_limits_are_read_anew_when_they_change_and_a_broken_file_changes_nothing(tmp_path: Path) -> None:
    book = LimitBook(tmp_path / LIMITS_FILE)
    assert book.of("anna") == Limits()
    assert book.of(OWNER.name) == Limits(jobs=0, drafts=0)
    limited(tmp_path, "jobs = 7\n[people.ben]\njobs = 9\n")
    assert (book.of("anna").jobs, book.of("ben").jobs) == (7, 9)
    for broken in ("jobs = ", "jobs = -1", "work = 3", "[people]\nben = 3", "[people.ben]\nwaiting = 3"):
        limited(tmp_path, broken)
        assert (book.of("anna").jobs, book.of("ben").jobs) == (7, 9)
        with pytest.raises(InvalidInput, match=LIMITS_FILE):
            LimitBook(tmp_path / LIMITS_FILE)
    (tmp_path / LIMITS_FILE).unlink()
    assert book.of("ben") == Limits()
