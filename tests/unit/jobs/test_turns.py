"""Whose turn it is: urgent jobs first, what is loaded before what is not, nobody for ever."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inlay.blobs import BlobStore
from inlay.capabilities import Capabilities
from inlay.job import Lane
from inlay.jobs.line import PATIENCE, Line, Load
from inlay.recipe import Recipe, Tier, Verb
from support.job_room import small_recipe
from support.seats import Seat

DEVICES = ("cuda:0", "cuda:1", "cpu")
ENGINES = ("classic", "flux", "sdxl")
CARDS = DEVICES[:2]


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    return small_recipe(BlobStore(tmp_path_factory.mktemp("blobs")))


class Waiting:
    """A line whose jobs say by their prompt which engine paints them; the models are for cards alone."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.line = Line(
            lambda recipe: Load(recipe.words.prompt, Verb.FILL, Tier.FINAL, where(recipe.words.prompt), 1.0)
        )

    def join(self, job_id: str, lane: Lane = Lane.FINAL, engine: str = "classic") -> None:
        self.line.join(job_id, self.recipe.altered(prompt=engine), lane)

    def order(self, device: str = "cpu", held: tuple[str, ...] = ()) -> list[str]:
        return [entry.job_id for entry in iter(lambda: self.line.next(Seat(device, held)), None)]


def taken(waiting: Waiting, seat: Seat, *idle: Seat) -> str | None:
    entry = waiting.line.next(seat, idle)
    return entry and entry.job_id


def where(engine: str) -> tuple[str, ...]:
    return DEVICES if engine == "classic" else CARDS


@pytest.fixture
def waiting(recipe: Recipe) -> Waiting:
    return Waiting(recipe)


def test_urgent_jobs_come_first_and_equals_as_they_came(waiting: Waiting) -> None:
    for job_id, lane in enumerate([Lane.BATCH, Lane.FINAL, Lane.DRAFT, Lane.LIVE, Lane.FINAL, Lane.DRAFT]):
        waiting.join(str(job_id), lane)
    assert "".join(waiting.order()) == "325140"


def test_a_batch_is_painted_even_if_drafts_never_end(waiting: Waiting) -> None:
    waiting.join("batch", Lane.BATCH)
    done: list[str | None] = []
    while "batch" not in done and len(done) < 100:
        waiting.join(f"draft {len(done)}", Lane.DRAFT)
        done.append(taken(waiting, Seat("cpu")))
    assert len(done) == PATIENCE[Lane.BATCH] + 1


def test_a_worker_goes_on_with_the_model_that_it_has_but_not_for_ever(waiting: Waiting) -> None:
    waiting.join("other", engine="sdxl")
    for number in range(20):
        waiting.join(str(number), engine="flux")
    order = waiting.order("cuda:0", held=("flux",))
    assert order.index("other") == PATIENCE[Lane.FINAL]


def test_a_model_that_is_loaded_is_no_reason_to_pass_over_a_more_urgent_job(waiting: Waiting) -> None:
    waiting.join("final", Lane.FINAL, "flux")
    waiting.join("draft", Lane.DRAFT, "sdxl")
    assert waiting.order("cuda:0", held=("flux",)) == ["draft", "final"]


def test_a_job_is_left_to_the_idle_worker_that_has_its_model(waiting: Waiting) -> None:
    has, has_not = Seat("cuda:0", held=("flux",)), Seat("cuda:1")
    waiting.join("one", engine="flux")
    assert taken(waiting, has_not, has, has_not) is None
    assert taken(waiting, has, has, has_not) == "one"
    waiting.join("two", engine="flux")  # the one that has it is busy: nobody waits for it
    assert taken(waiting, has_not, has_not) == "two"


def test_what_only_a_card_can_paint_waits_for_one(waiting: Waiting) -> None:
    waiting.join("large", engine="flux")
    waiting.join("small")
    assert waiting.order("cpu") == ["small"]
    assert waiting.order("cuda:1") == ["large"]


def test_where_there_is_no_card_a_cpu_paints_everything() -> None:
    flux = Capabilities("flux", frozenset({Verb.FILL}), True, wants_card=True)
    classic = dataclasses.replace(flux, wants_card=False)
    assert flux.among(("cpu",)) == ("cpu",)
    assert flux.among(DEVICES) == CARDS
    assert classic.among(DEVICES) == DEVICES
    assert flux.among(("cpu", "mps")) == ("mps",)


def test_a_job_that_could_not_begin_is_next_again(waiting: Waiting) -> None:
    for job_id in "abc":
        waiting.join(job_id, Lane.BATCH)
    first = waiting.line.next(Seat("cpu"))
    assert first is not None
    waiting.join("d", Lane.LIVE)
    waiting.line.put_back(first)
    assert waiting.order() == ["a", "d", "b", "c"]


JOINS = st.tuples(st.just("join"), st.sampled_from(list(Lane)), st.sampled_from(ENGINES))
ASKS = st.tuples(st.just("ask"), st.sampled_from(DEVICES), st.just(None))


@settings(deadline=None, max_examples=150)
@given(st.lists(st.one_of(JOINS, ASKS), min_size=20, max_size=150))
def test_nobody_is_passed_over_more_often_than_is_promised(recipe: Recipe, history) -> None:
    """Workers come and ask in any order, hold what they painted last, and jobs come in any order. Of each job is counted, here,
    how many later ones were given to workers that could have taken it."""
    waiting, joined = Waiting(recipe), {}
    held: dict[str, tuple[str, ...]] = dict.fromkeys(DEVICES, ())
    passed: dict[str, int] = {}
    for number, (what, first, second) in enumerate(history):
        if what == "join":
            joined[str(number)] = (number, first, second)
            passed[str(number)] = 0
            waiting.join(str(number), first, second)
            continue
        seats = [Seat(device, held[device]) for device in DEVICES]
        (seat,) = [seat for seat in seats if seat.device == first]
        entry = waiting.line.next(seat, seats)
        mine = [job_id for job_id in passed if first in where(joined[job_id][2])]
        if entry is None:
            idle_have = {model for other in seats for model in other.held}
            assert all(joined[job_id][2] in idle_have for job_id in mine), "it was left to nobody"
            continue
        assert first in where(joined[entry.job_id][2])
        del passed[entry.job_id]
        for job_id in passed:
            if job_id in mine and int(job_id) < int(entry.job_id):
                passed[job_id] += 1
                assert passed[job_id] <= PATIENCE[joined[job_id][1]]
        held[first] = (joined[entry.job_id][2],) if joined[entry.job_id][2] != "classic" else held[first]
