"""How long a waiting job is told that it has to wait, when what runs before it takes longer than was measured."""

# pyright: reportPrivateUsage=false, reportUnknownLambdaType=false, reportAttributeAccessIssue=false

import asyncio
import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from inlay.blobs import BlobStore
from inlay.engines.registry import Registry
from inlay.events import Queued, Step
from inlay.job import Lane
from inlay.jobs.entry import Entry, load_of
from inlay.jobs.forecast import remaining_s
from inlay.jobs.queue import Jobs
from inlay.recipe import Recipe, Tier, Verb
from support.job_room import happenings, jobs_in, small_recipe, submitted, until
from support.moving import registry_of

DEVICES = ("cpu",)
PACE = 100e6 / 64
"""Seconds a megapixel at which a recipe of 8 x 8 px takes 100 s."""


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    return small_recipe(BlobStore(tmp_path))


@pytest.mark.parametrize(
    ("now_s", "counted_end_s", "left_s"),
    [
        (30, None, 70),  # as long as former jobs took
        (30, 500, 70),
        (130, None, None),  # it takes longer, and does not say how much
        (130, 500, 370),  # what it counts itself
        (530, 500, None),
    ],
)
def test_a_running_job_takes_what_was_measured_and_beyond_it_what_it_counts_itself(
    recipe: Recipe, now_s: float, counted_end_s: float | None, left_s: float | None
) -> None:
    entry = Entry("running", recipe, load_of(Registry(), DEVICES, recipe), Lane.FINAL, counted_end_s=counted_end_s)
    left = remaining_s(entry, "cpu", 0.0, now_s, lambda *_: PACE)
    assert left == (None if left_s is None else pytest.approx(left_s))


def test_a_job_that_was_taken_back_is_soon_gone(recipe: Recipe) -> None:
    entry = Entry("running", recipe, load_of(Registry(), DEVICES, recipe), Lane.FINAL, cancelled=True)
    assert remaining_s(entry, "cpu", 0.0, 30.0, lambda *_: PACE) == 0.0


def test_a_clip_takes_as_long_as_all_its_pictures(recipe: Recipe) -> None:
    def left_s(seconds: float, count: int = 1) -> float | None:
        sampling = dataclasses.replace(recipe.sampling, model="mover", count=count)
        clip = dataclasses.replace(recipe, verb=Verb.ANIMATE, options={"seconds": seconds}, sampling=sampling)
        entry = Entry("running", clip, load_of(registry_of(None), DEVICES, clip), Lane.FINAL)
        return remaining_s(entry, "cpu", 0.0, 0.0, lambda *_: PACE)

    a_picture_s = (left_s(1.0) or 0.0) / 9
    assert a_picture_s > 0
    assert left_s(5.0) == pytest.approx(41 * a_picture_s), "8 a second, and the one that they begin with"
    assert left_s(1.0, count=2) == pytest.approx(18 * a_picture_s)


def test_a_device_that_cannot_paint_shortens_nobodys_wait_and_is_counted_on_again_once_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job takes 100 s; one is being painted, one waits for it."""
    monkeypatch.setenv("BROKEN", str(tmp_path))
    (tmp_path / "broken cpu:1").touch()
    told, never = str(tmp_path / "told"), str(tmp_path / "never")

    async def foretold(jobs: Jobs, job_id: str, fits: Callable[[float], bool]) -> None:
        async for event in jobs.watch(job_id):
            eta_s = event.happening.eta_s if isinstance(event.happening, Queued) else None
            if eta_s is not None and fits(eta_s):
                return
        raise AssertionError("it began")

    async def scenario() -> None:
        async with asyncio.timeout(120), jobs_in(tmp_path, "paint_in_pairs", devices=("cpu:0", "cpu:1")) as jobs:
            for device in ("cpu:0", "cpu:1"):
                jobs.journal.record_timing("classic", Verb.ERASE, Tier.STANDARD, device, PACE)
            while not (jobs.readiness.devices["cpu:1"].why and jobs.readiness.devices["cpu:0"].painted):
                await asyncio.sleep(0.01)
            running = await submitted(jobs, prompt=never)
            await until(jobs, running.job_id, Step)
            first, second = await submitted(jobs, prompt=told), await submitted(jobs, prompt=told)
            await foretold(jobs, first.job_id, lambda eta_s: 150 < eta_s <= 200)
            await foretold(jobs, second.job_id, lambda eta_s: 250 < eta_s <= 300)
            (tmp_path / "broken cpu:1").unlink()
            await foretold(jobs, second.job_id, lambda eta_s: eta_s <= 200)

    asyncio.run(scenario())


def test_who_waits_behind_a_job_that_takes_much_longer_than_foreseen_hears_of_it(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with asyncio.timeout(60), jobs_in(tmp_path, "never_finish") as jobs:
            jobs.journal.record_timing("classic", Verb.ERASE, Tier.STANDARD, "cpu", 1.0)
            ahead = await submitted(jobs)
            await until(jobs, ahead.job_id, Step)
            waiting = await submitted(jobs)
            seq, longest = 0, 0.0
            while longest < 1_000:  # a million steps of 10 ms
                events = await jobs.poll(waiting.job_id, seq, wait_s=10)
                seq = events[-1].seq if events else seq
                longest = max([longest, *(queued.eta_s or 0.0 for queued in happenings(list(events), Queued))])

    asyncio.run(scenario())
