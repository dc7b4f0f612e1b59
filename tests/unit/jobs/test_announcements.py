"""What waiting jobs are told: their place in their own lane, and an end that follows from playing the line on."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

import pytest

from inlay.blobs import BlobStore
from inlay.events import Queued
from inlay.job import Lane
from inlay.jobs import announcer, forecast
from inlay.jobs.announcer import LEAST_S, Announcer
from inlay.jobs.entry import Load
from inlay.jobs.forecast import foreseen
from inlay.recipe import Recipe
from support.job_room import small_recipe
from support.seats import CARDS, Seat, Waiting, a_second


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    return small_recipe(BlobStore(tmp_path_factory.mktemp("blobs")))


@pytest.fixture
def waiting(recipe: Recipe) -> Waiting:
    return Waiting(recipe)


def ends(waiting: Waiting, *seats: Seat) -> Mapping[str, float | None]:
    return foreseen(waiting.line, seats, waiting.now_s, a_second)


def _here_or_away(engine: str) -> tuple[str, ...]:
    return ("remote:0",) if engine == "away" else ("cpu",)


class Listening:
    """Who is told what, when, by an announcer that knows every end."""

    def __init__(self, waiting: Waiting) -> None:
        self.waiting = waiting
        self.announcer = Announcer(waiting.line, lambda: [], a_second, None)  # pyright: ignore[reportArgumentType]

    def hears(self, **ends: float | None) -> dict[str, Queued]:
        news, self.owed = self.announcer.news(ends, self.waiting.now_s)
        self.announcer.told(news, self.waiting.now_s)
        return dict(news)


def test_the_end_is_that_of_the_line_played_on(waiting: Waiting) -> None:
    """Two people, one card: by turns, the more urgent first, whatever came first."""
    card = Seat("cuda:0")
    waiting.join("running", seconds=100)
    waiting.takes(card)
    waiting.now_s = 30.0
    for number in range(3):
        waiting.join(f"anna {number}", person="anna", seconds=10)
    waiting.join("ben", person="ben", seconds=10)
    waiting.join("draft", Lane.DRAFT, seconds=5)
    assert ends(waiting, card) == {"draft": 75, "ben": 85, "anna 0": 95, "anna 1": 105, "anna 2": 115}


def test_it_knows_of_the_device_that_is_kept_for_urgent_jobs(waiting: Waiting) -> None:
    cards = [Seat(device) for device in CARDS]
    for number in range(4):
        waiting.join(f"final {number}", person=f"person {number}", seconds=50)
    assert sorted(ends(waiting, *cards).values(), key=lambda end_s: end_s or 0.0) == [50, 50, 50, 100]


def test_to_foresee_the_end_changes_nothing(waiting: Waiting) -> None:
    card, other = Seat("cuda:0", held=("flux",)), Seat("cuda:1")
    for number in range(6):
        waiting.join(str(number), engine="flux" if number % 2 else "sdxl", person=str(number % 3))
    before = ends(waiting, card, other)
    for _ in range(3):
        assert ends(waiting, card, other) == before
    assert len(waiting.line) == 6
    assert card.held == ("flux",)


def test_nobody_knows_the_end_behind_what_was_never_measured(waiting: Waiting) -> None:
    def pace(load: Load, device: str) -> float | None:
        return None if load.engine == "classic" else 1.0

    waiting.join("unknown", Lane.DRAFT, "classic")
    waiting.join("behind", Lane.FINAL, "flux")
    assert foreseen(waiting.line, [Seat("cuda:0")], 0.0, pace) == {"unknown": None, "behind": None}
    waiting.join("elsewhere", Lane.BATCH, "flux")
    two = [Seat("cuda:0"), Seat("cpu")]
    found = foreseen(waiting.line, two, 0.0, pace)
    assert found["unknown"] is None


def test_what_is_far_back_is_taken_to_follow_what_is_before_it(
    waiting: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        waiting.join(str(number), seconds=10)
    exact = ends(waiting, Seat("cpu"))
    monkeypatch.setattr(forecast, "MOST", 5)
    assert ends(waiting, Seat("cpu")) == pytest.approx(exact, abs=10)


def test_what_other_servers_paint_is_not_before_what_is_painted_here(
    waiting: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is anything here before it: each kind has its own places, and its own time."""
    monkeypatch.setattr("support.seats.where", _here_or_away)
    order = [("away 1", "away"), ("here 1", "classic"), ("away 2", "away"), ("here 2", "classic")]
    for job_id, engine in order:
        waiting.join(job_id, engine=engine, seconds=600 if engine == "away" else 20)
    seats = [Seat("cpu"), Seat("remote:0")]
    news, _ = Announcer(waiting.line, lambda: seats, a_second, None).news(ends(waiting, *seats), 0.0)  # pyright: ignore
    assert dict(news) == {
        "away 1": Queued(0, 600),
        "here 1": Queued(0, 20),
        "away 2": Queued(1, 1200),
        "here 2": Queued(1, 40),
    }
    assert [waiting.line.position(job_id) for job_id, _ in order] == [0, 0, 1, 1]


def test_the_place_is_the_one_in_the_jobs_own_lane(waiting: Waiting) -> None:
    for number in range(5):
        waiting.join(f"draft {number}", Lane.DRAFT)
    waiting.join("final", Lane.FINAL)
    assert waiting.line.position("final") == 0
    assert Listening(waiting).hears()["final"] == Queued(0)


def test_who_had_less_goes_before_in_the_places_too(waiting: Waiting) -> None:
    for number in range(3):
        waiting.join(f"hog {number}", person="hog")
    waiting.join("anna", person="anna")
    assert [waiting.line.position(job_id) for job_id in ("hog 0", "anna", "hog 1", "hog 2")] == [0, 1, 2, 3]


def test_a_wait_is_told_anew_when_it_turns_out_another_by_a_fifth_and_not_before(waiting: Waiting) -> None:
    waiting.join("job")
    anna = Listening(waiting)
    assert anna.hears(job=120.0) == {"job": Queued(0, 120.0)}
    waiting.now_s = 10.0
    assert anna.hears(job=110.0) == {}  # as was said
    assert anna.hears(job=130.0) == {}  # less than a fifth more
    assert anna.hears(job=140.0) == {"job": Queued(0, 140.0)}
    waiting.now_s = 20.0
    assert anna.hears(job=None) == {"job": Queued(0, None)}
    waiting.now_s = 30.0
    assert anna.hears(job=None) == {}
    assert anna.hears(job=5.0) == {"job": Queued(0, 5.0)}


def test_nobody_hears_more_than_once_a_second(waiting: Waiting) -> None:
    waiting.join("job")
    anna = Listening(waiting)
    anna.hears(job=100.0)
    waiting.now_s = LEAST_S / 2
    assert anna.hears(job=500.0) == {}
    assert anna.owed
    waiting.now_s = LEAST_S
    assert anna.hears(job=500.0) == {"job": Queued(0, 500.0)}
    assert not anna.owed


def test_far_back_in_a_long_line_only_every_tenth_place_is_told(waiting: Waiting) -> None:
    for number in range(35):
        waiting.join(str(number))
    anna, told = Listening(waiting), []
    for _ in range(35):
        told += [queued.position for job_id, queued in anna.hears().items() if job_id == "34"]
        waiting.paints(Seat("cpu"))
        waiting.now_s += LEAST_S
    assert told == [34, 30, 20, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]


class Collecting:
    """Stands for the chronicle: what is written down, in order."""

    def __init__(self) -> None:
        self.news: list[tuple[str, Queued]] = []

    def append(self, news: Sequence[tuple[str, Queued]]) -> None:
        self.news += news

    def try_to(self, does: Callable[[], None]) -> None:
        does()


def test_a_long_line_is_foreseen_bit_by_bit_and_others_are_served_between(
    waiting: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who comes while that goes on has a place at once, and hears of an end afterwards, like everybody."""
    monkeypatch.setattr(announcer, "SLICE_S", 0.0)
    monkeypatch.setattr(announcer, "RESTS", 0.0)
    monkeypatch.setattr(announcer, "LEAST_S", 0.0)
    card, chronicle = Seat("cuda:0"), Collecting()

    def knows_all() -> bool:
        return {job_id for job_id, queued in chronicle.news if queued.eta_s is not None} == {
            *map(str, range(30)),
            "late",
        }

    async def served() -> int:
        loop = asyncio.get_running_loop()
        waiting.now_s = loop.time()
        for number in range(30):
            waiting.join(str(number), person=f"person {number % 3}", seconds=100)
        announcing = Announcer(waiting.line, lambda: [card], a_second, chronicle)  # pyright: ignore[reportArgumentType]
        announcing.announce()
        assert [queued.eta_s for _, queued in chronicle.news] == [None] * 30
        waiting.join("late", Lane.BATCH, seconds=100)
        announcing.announce()
        assert chronicle.news[30:] == [("late", Queued(0))]
        turns = 0
        while not knows_all():
            await asyncio.sleep(0)
            turns += 1
        announcing.stop()
        return turns

    assert asyncio.run(served()) > 30
    last, expected = dict(chronicle.news), ends(waiting, card)
    before_late = [str(number) for number in range(20)]
    assert [last[job_id].eta_s for job_id in before_late] == pytest.approx(
        [expected[job_id] for job_id in before_late], abs=30
    )
