"""What is urgent, with a real worker: a batch on the only device lets go, and live painting looks at its newest stroke alone."""

# pyright: reportPrivateUsage=false, reportUnknownLambdaType=false, reportAttributeAccessIssue=false

from pathlib import Path

import pytest

from inlay.events import Done, JobCancelled, Loading, Queued, VariationDone
from inlay.job import Job, JobState, Lane, Ticket
from inlay.jobs.queue import Jobs
from support.job_room import all_events, jobs_in, new_id, run, small_recipe, until


async def submitted(jobs: Jobs, lane: Lane, label: str = "", **changes: object) -> Job:
    return await jobs.submit(new_id(), small_recipe(jobs.blobs, **changes), Ticket(label, lane))


@pytest.mark.parametrize("devices", [("cpu",), ("cpu:0", "cpu:1")], ids=["alone", "beside one that cannot paint"])
def test_a_batch_on_the_only_device_lets_a_draft_in_between_and_then_goes_on_where_it_was(
    devices: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Variations that are painted along with the one that it finishes are not thrown away."""
    go = str(tmp_path / "go")
    monkeypatch.setenv("BROKEN", str(tmp_path))
    (tmp_path / "broken cpu:1").touch()

    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint_in_pairs", devices=devices) as jobs:
            known = jobs.readiness.devices
            while not all(proof.painted or proof.why for proof in known.values()):
                known = await jobs.readiness.changed(known)
            batch = await submitted(jobs, Lane.BATCH, prompt=go, count=6)
            await until(jobs, batch.job_id, Loading)
            draft = await submitted(jobs, Lane.DRAFT, prompt=go)
            Path(f"{go}0").touch()
            assert isinstance((await all_events(jobs, draft.job_id))[-1].happening, Done)
            assert (await jobs.get(batch.job_id)).variations_done == 2
            for number in (2, 4):
                Path(f"{go}{number}").touch()
            events = [event.happening for event in await all_events(jobs, batch.job_id)]
            told = [one for one in events if isinstance(one, Queued | VariationDone | Done)]
            assert [type(one) for one in told] == [*[VariationDone] * 2, Queued, *[VariationDone] * 4, Done]
            assert [one.variation.index for one in told if isinstance(one, VariationDone)] == [*range(6)]
            batch = await jobs.get(batch.job_id)
            assert (batch.attempts, batch.deaths) == (2, 0)

    run(scenario())


def test_a_batch_goes_on_undisturbed_where_nobody_else_waits(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint") as jobs:
            first = await submitted(jobs, Lane.BATCH, count=3)
            second = await submitted(jobs, Lane.BATCH, count=3)
            for job in (first, second):
                await all_events(jobs, job.job_id)
                assert (await jobs.get(job.job_id)).attempts == 1

    run(scenario())


def test_of_live_painting_in_one_document_only_the_newest_waits(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "never_finish") as jobs:
            running = await submitted(jobs, Lane.LIVE, "sketch.kra")
            await until(jobs, running.job_id, Loading)
            earlier = await submitted(jobs, Lane.LIVE, "sketch.kra")
            other = await submitted(jobs, Lane.LIVE, "other.kra")
            newest = await submitted(jobs, Lane.LIVE, "sketch.kra")
            events = await all_events(jobs, earlier.job_id)
            assert [type(event.happening) for event in events] == [Queued, JobCancelled]
            waiting = [job.job_id for job in jobs.list() if job.state is JobState.QUEUED]
            assert waiting == [newest.job_id, other.job_id]
            assert (await jobs.get(running.job_id)).state is JobState.RUNNING

    run(scenario())


def test_after_a_restart_the_newest_stroke_is_still_the_only_one_that_waits(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "never_finish") as jobs:
            recipe = small_recipe(jobs.blobs)
            strokes = [Ticket("sketch.kra", Lane.LIVE)] * 3
            # as if the server had been killed between accepting one and taking back the other
            *_, last = [jobs.journal.submit(new_id(), recipe, stroke) for stroke in strokes]
            first = jobs.journal.submit(new_id(), recipe, Ticket("cover.kra"))
        async with jobs_in(tmp_path, "never_finish") as jobs:
            left = {job.job_id for job in jobs.list() if not job.state.ended}
            assert left == {last.job_id, first.job_id}

    run(scenario())
