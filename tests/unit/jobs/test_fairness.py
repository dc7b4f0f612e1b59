"""What the line promises whoever comes, in whatever order: work goes on, nobody starves, who floods gets no more than others."""

# pyright: reportMissingParameterType=false

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inlay.blobs import BlobStore
from inlay.job import Lane
from inlay.jobs.rules import RULES, URGENT
from inlay.recipe import Recipe
from support.job_room import small_recipe
from support.seats import CARDS, Seat, Waiting

PEOPLE = ("anna", "ben", "chris")
MODELS = ("flux", "sdxl")
SLOW_LANES = (Lane.DRAFT, Lane.STANDARD, Lane.FINAL, Lane.BATCH)


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    return small_recipe(BlobStore(tmp_path_factory.mktemp("blobs")))


def jain(shares: list[float]) -> float:
    return sum(shares) ** 2 / (len(shares) * sum(share**2 for share in shares))


MOMENTS = st.lists(
    st.tuples(
        st.sampled_from(["join", "join", "end", "pass"]),
        st.sampled_from(PEOPLE),
        st.sampled_from(list(Lane)),
        st.sampled_from(MODELS),
        st.integers(1, 90),
    ),
    max_size=60,
)


@settings(deadline=None, max_examples=60)
@given(MOMENTS)
def test_an_idle_device_waits_only_for_a_stated_delay_or_because_it_is_reserved(recipe: Recipe, moments) -> None:
    """Counted here: how long a job was looked at by an idle device that did not take it."""
    waiting, cards = Waiting(recipe), [Seat(device) for device in CARDS]
    running: dict[str, tuple[Seat, object]] = {}
    joined: dict[str, tuple[Lane, str]] = {}
    left_since: dict[str, float] = {}
    for number, (what, person, lane, model, seconds) in enumerate(moments):
        if what == "join":
            joined[str(number)] = lane, model
            waiting.join(str(number), lane, model, person, seconds=seconds)
        elif what == "end" and running:
            job_id = min(running)
            _, entry = running.pop(job_id)
            waiting.line.done(entry, float(seconds), waiting.now_s)  # pyright: ignore[reportArgumentType]
        elif what == "pass":
            waiting.now_s += seconds / 10
        busy = {id(seat) for seat, _ in running.values()}
        for card in cards:
            if id(card) not in busy and (entry := waiting.takes(card, *cards)):
                running[entry.job_id] = card, entry
                left_since.pop(entry.job_id, None)
                card.held = (joined[entry.job_id][1],)
        idle = [card for card in cards if id(card) not in {id(seat) for seat, _ in running.values()}]
        ordinary = sum(joined[job_id][0] not in URGENT for job_id in running)
        for job_id, (lane_, model_) in joined.items():
            if not idle or job_id not in waiting.line or (lane_ not in URGENT and ordinary >= 3):
                left_since.pop(job_id, None)
                continue
            assert any(model_ in card.held for card in cards), "it waits for nobody"
            since_s = left_since.setdefault(job_id, waiting.now_s)
            assert waiting.now_s - since_s < RULES.delay_s[lane_] or waiting.now_s == since_s


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(SLOW_LANES),
    st.lists(st.tuples(st.sampled_from(PEOPLE), st.integers(1, 60)), min_size=1, max_size=8),
    st.integers(0, 10),
)
def test_nothing_starves(recipe: Recipe, lane: Lane, jobs, rivals: int) -> None:
    """However many more urgent jobs never end: once a lane's oldest has waited so long, an eighth of the starts is the lane's."""
    waiting, card = Waiting(recipe), Seat("cuda:0")
    for number, (person, seconds) in enumerate(jobs):
        waiting.join(f"old {number}", lane, "flux", person, seconds=seconds)
    waiting.now_s = RULES.ageing_s[lane]
    done: list[str | None] = []
    while any(f"old {number}" in waiting.line for number in range(len(jobs))):
        for rival in range(rivals + 1):
            waiting.join(f"rival {len(done)} {rival}", Lane.LIVE, "flux", f"rival {rival}", seconds=1)
        done.append(waiting.paints(card))
        waiting.now_s += 1
        assert len(done) <= RULES.every * len(jobs)


@settings(deadline=None, max_examples=25)
@given(st.integers(2, 8), st.integers(1, 4), st.integers(0, 2**32))
def test_who_floods_gets_no_more_than_who_always_has_two_jobs_waiting(
    recipe: Recipe, others: int, cards: int, seed: int
) -> None:
    """Jain's index of the devices' time, of people whose jobs differ in length, which nobody knows before."""
    dice = random.Random(seed)
    lengths = [dice.randint(5, 60) for _ in range(8)]
    waiting, seats = Waiting(recipe), [Seat(device) for device in CARDS[:cards]]
    had = Counter[str]()
    waiting.join("once", Lane.LIVE, person="somebody")
    waiting.paints(seats[0], *seats)
    people = ["hog", *(f"artist {number}" for number in range(others))]
    for number in range(600):
        waiting.join(f"hog {number}", Lane.DRAFT, "flux", "hog", seconds=lengths[0])
    numbers = Counter[str]()

    def asks(person: str) -> None:
        if person != "hog":
            numbers[person] += 1
            waiting.join(f"{person} {numbers[person]}", Lane.DRAFT, "flux", person, seconds=20)

    for person in people * 2:
        asks(person)
    busy: list[tuple[float, int]] = []
    running: dict[int, tuple[object, Seat, float]] = {}
    free, starts = [*seats], 0
    while waiting.now_s < 60 * 60 * (others + 1) / cards:
        while free and (entry := waiting.takes(free[-1], *seats)):
            took_s = lengths[people.index(entry.person) % 8] * dice.uniform(0.5, 1.5)
            starts += 1
            busy.append((waiting.now_s + took_s, starts))
            running[starts] = entry, free.pop(), took_s
            asks(entry.person)
        waiting.now_s, number = min(busy)
        busy.remove((waiting.now_s, number))
        entry, seat, took_s = running.pop(number)
        waiting.line.done(entry, took_s, waiting.now_s)  # pyright: ignore[reportArgumentType]
        had[entry.person] += took_s  # pyright: ignore
        free.append(seat)
    assert jain([had[person] for person in people]) >= 0.95


@settings(deadline=None, max_examples=80)
@given(
    st.lists(st.tuples(st.sampled_from(PEOPLE), st.integers(1, 30)), min_size=3, max_size=14),
    st.lists(st.integers(0, 13), max_size=10),
    st.randoms(use_true_random=False),
)
def test_who_comes_and_goes_again_leaves_the_order_as_it_was(recipe: Recipe, jobs, noisy, dice) -> None:
    def order(noise: bool) -> list[str]:
        waiting = Waiting(recipe)
        for number, (person, seconds) in enumerate(jobs):
            if noise and number in noisy:
                waiting.join(f"noise {number}", Lane.FINAL, person=dice.choice([*PEOPLE, "dora"]), seconds=50)
            waiting.join(str(number), Lane.FINAL, person=person, seconds=seconds)
        for number in noisy:
            waiting.line.leave(f"noise {number}")
        return waiting.order(Seat("cpu"))

    assert order(noise=True) == order(noise=False)


@settings(deadline=None, max_examples=80)
@given(st.lists(st.sampled_from(PEOPLE), min_size=3, max_size=12), st.randoms(use_true_random=False))
def test_in_which_order_people_ask_decides_nothing_but_who_is_first_of_equals(recipe: Recipe, asking, dice) -> None:
    """After any number of starts nobody has one more than he would have, had others asked before him or after."""

    def starts(order: list[str]) -> list[Counter[str]]:
        waiting, had, counted = Waiting(recipe), Counter[str](), []
        for number, person in enumerate(order):
            waiting.join(f"{person} {number}", Lane.FINAL, person=person)
        while job_id := waiting.paints(Seat("cpu")):
            had[job_id.split()[0]] += 1
            counted.append(Counter(had))
        return counted

    other = [*asking]
    dice.shuffle(other)
    for one, two in zip(starts(asking), starts(other), strict=True):
        assert all(abs(one[person] - two[person]) <= 1 for person in PEOPLE)
