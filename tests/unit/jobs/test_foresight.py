"""How long a waiting job is told that it has to wait, when what runs before it takes longer than was measured."""

import asyncio
from functools import partial
from pathlib import Path

import pytest

from inlay.blobs import BlobStore
from inlay.engines.registry import Registry
from inlay.events import Queued, Step
from inlay.job import Lane
from inlay.jobs.line import Ahead, Entry, Line, Load, load_of, remaining_s
from inlay.recipe import Recipe, Tier, Verb
from support.job_room import happenings, jobs_in, small_recipe, submitted, until

DEVICES = ("cpu",)
PACE = 100e6 / 64
"""Seconds a megapixel at which a recipe of 8 x 8 px takes 100 s."""


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    return small_recipe(BlobStore(tmp_path))


def running(recipe: Recipe, began_s: float, counted_end_s: float | None = None) -> Entry:
    return Entry(
        "running",
        recipe,
        load_of(Registry(), DEVICES, recipe),
        Lane.FINAL,
        began_s=began_s,
        counted_end_s=counted_end_s,
    )


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
    left = remaining_s([running(recipe, 0.0, counted_end_s)], now_s, lambda *_: PACE)
    assert left == (None if left_s is None else pytest.approx(left_s))


def test_a_wait_is_told_anew_when_it_turns_out_another_and_not_before(recipe: Recipe) -> None:
    line = Line(partial(load_of, Registry(), DEVICES))
    line.join("waiting", recipe, Lane.FINAL)

    def told(ahead_s: float | None, now_s: float) -> list[float | None]:
        news = line.news(Ahead(ahead_s, 1), Ahead(0.0, 1), now_s, lambda *_: PACE)
        line.announced(news, now_s)
        return [queued.eta_s for _, queued in news]

    assert told(20.0, 0.0) == [pytest.approx(120)]
    assert told(10.0, 10.0) == []  # as was said
    assert told(15.0, 20.0) == []  # hardly another
    assert told(300.0, 25.0) == [pytest.approx(400)]
    assert told(None, 30.0) == [None]
    assert told(None, 40.0) == []
    assert told(5.0, 50.0) == [pytest.approx(105)]


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


def test_what_other_servers_paint_is_not_before_what_is_painted_here(recipe: Recipe) -> None:
    """Nor is anything here before it: each kind has its own line, its own places, and its own time."""
    kinds = {"here": ("cpu",), "away": ("remote:0", "remote:1")}
    order = ["away 1", "here 1", "away 2", "here 2", "away 3"]
    line = Line(lambda _: Load("any", "fill", Tier.FINAL, kinds[now[:4]], 1.0))
    for now in order:
        line.join(now, recipe, Lane.FINAL)
    news = dict(line.news(Ahead(20.0, 1), Ahead(1000.0, 2), 0.0, lambda *_: 100.0))
    assert {job: queued.position for job, queued in news.items()} == {
        "away 1": 0,
        "here 1": 0,
        "away 2": 1,
        "here 2": 1,
        "away 3": 2,
    }
    assert [news[job].eta_s for job in ("here 1", "here 2")] == [pytest.approx(120), pytest.approx(220)]
    assert [news[job].eta_s for job in ("away 1", "away 2")] == [pytest.approx(600), pytest.approx(650)]
    assert [line.position(job) for job in order] == [0, 0, 1, 1, 2]
