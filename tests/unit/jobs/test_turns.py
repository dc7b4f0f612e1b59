"""Whose turn it is: urgent jobs first, then who had least, what is loaded before what is not, nobody for ever."""

import dataclasses

import pytest

from inlay.blobs import BlobStore
from inlay.capabilities import Capabilities
from inlay.job import Lane
from inlay.jobs.rules import ALONE_S, RULES
from inlay.recipe import Recipe, Verb
from support.job_room import small_recipe
from support.seats import CARDS, DEVICES, Seat, Waiting


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    return small_recipe(BlobStore(tmp_path_factory.mktemp("blobs")))


@pytest.fixture
def waiting(recipe: Recipe) -> Waiting:
    return Waiting(recipe)


def four_cards() -> list[Seat]:
    return [Seat(device) for device in CARDS]


def test_urgent_jobs_come_first_and_one_persons_equals_as_they_came(waiting: Waiting) -> None:
    lanes = [Lane.BATCH, Lane.FINAL, Lane.DRAFT, Lane.STANDARD, Lane.LIVE, Lane.FINAL, Lane.DRAFT]
    for job_id, lane in enumerate(lanes):
        waiting.join(str(job_id), lane)
    assert "".join(waiting.order(Seat("cpu"))) == "4263150"


@pytest.mark.parametrize("lane", [Lane.DRAFT, Lane.STANDARD, Lane.FINAL, Lane.BATCH])
def test_a_lane_whose_oldest_waited_too_long_gets_every_eighth_start(waiting: Waiting, lane: Lane) -> None:
    for number in range(3):
        waiting.join(f"old {number}", lane)
    waiting.now_s = RULES.ageing_s[lane]
    done: list[str | None] = []
    for number in range(24):
        waiting.join(f"live {number}", Lane.LIVE)
        done.append(waiting.paints(Seat("cpu")))
    assert [at for at, job_id in enumerate(done) if job_id and job_id.startswith("old")] == [7, 15, 23]


def test_before_that_it_waits_as_long_as_more_urgent_jobs_come(waiting: Waiting) -> None:
    waiting.join("batch", Lane.BATCH)
    waiting.now_s = RULES.ageing_s[Lane.BATCH] - 1
    for number in range(50):
        waiting.join(f"draft {number}", Lane.DRAFT)
        assert waiting.paints(Seat("cpu")) == f"draft {number}"


def test_within_a_lane_it_is_the_turn_of_who_had_least_of_the_devices_time(waiting: Waiting) -> None:
    for number in range(4):
        waiting.join(f"anna {number}", person="anna", seconds=10)
    for number in range(4):
        waiting.join(f"ben {number}", person="ben", seconds=30)
    assert waiting.order(Seat("cpu")) == [
        *("anna 0", "ben 0"),
        *("anna 1", "anna 2", "anna 3"),
        *("ben 1", "ben 2", "ben 3"),
    ]


def test_who_floods_the_line_waits_behind_who_asks_for_one_thing(waiting: Waiting) -> None:
    for number in range(40):
        waiting.join(f"hog {number}", person="hog")
    assert waiting.paints(Seat("cpu")) == "hog 0"
    waiting.join("anna", person="anna")
    assert waiting.paints(Seat("cpu")) == "anna"


def test_what_a_job_really_took_counts_and_not_what_was_foreseen(waiting: Waiting) -> None:
    for number in range(3):
        waiting.join(f"anna {number}", person="anna")
        waiting.join(f"ben {number}", person="ben")
    assert waiting.paints(Seat("cpu"), seconds=2.5) == "anna 0"
    assert [waiting.paints(Seat("cpu")) for _ in range(4)] == ["ben 0", "ben 1", "ben 2", "anna 1"]


def test_who_slept_has_no_credit_for_it(waiting: Waiting) -> None:
    waiting.join("early", person="anna")
    waiting.paints(Seat("cpu"))
    for number in range(40):
        waiting.join(f"ben {number}", person="ben")
    for _ in range(20):
        waiting.paints(Seat("cpu"))
    for number in range(20):
        waiting.join(f"anna {number}", person="anna")
    people = [job_id.split()[0] for job_id in (waiting.paints(Seat("cpu")) for _ in range(10)) if job_id]
    assert people.count("anna") == people.count("ben") == 5


def test_what_is_painted_in_one_lane_is_no_debt_in_another(waiting: Waiting) -> None:
    waiting.join("batch", Lane.BATCH, person="anna", seconds=10_000)
    waiting.paints(Seat("cpu"))
    waiting.join("ben 0", Lane.DRAFT, person="ben")
    waiting.paints(Seat("cpu"))
    waiting.join("anna", Lane.DRAFT, person="anna")
    waiting.join("ben 1", Lane.DRAFT, person="ben")
    assert waiting.paints(Seat("cpu")) == "anna"


def test_a_device_goes_on_with_the_model_that_it_has_but_not_for_ever(waiting: Waiting) -> None:
    waiting.join("other", engine="sdxl")
    for number in range(20):
        waiting.join(str(number), engine="flux")
    card, order = Seat("cuda:0", held=("flux",)), []
    while "other" not in order:
        order.append(waiting.paints(card))
        waiting.now_s += 1
    assert order.index("other") == RULES.affinity_s[Lane.FINAL]


def test_what_it_has_loaded_is_looked_for_only_so_far_behind_who_is_next(waiting: Waiting) -> None:
    for number in range(RULES.heads + 1):
        waiting.join(str(number), engine="sdxl")
    waiting.join("held", engine="flux")
    card = Seat("cuda:0", held=("flux",))
    assert waiting.paints(card) == "0"
    assert waiting.paints(card) == "held"


def test_a_model_that_is_loaded_is_no_reason_to_pass_over_a_more_urgent_job(waiting: Waiting) -> None:
    waiting.join("final", Lane.FINAL, "flux")
    waiting.join("draft", Lane.DRAFT, "sdxl")
    assert waiting.order(Seat("cuda:0", held=("flux",))) == ["draft", "final"]


def test_a_job_is_left_to_the_idle_device_that_has_its_model(waiting: Waiting) -> None:
    has, has_not = Seat("cuda:0", held=("flux",)), Seat("cuda:1")
    waiting.join("one", engine="flux")
    assert waiting.takes(has_not, has) is None
    assert waiting.paints(has, has_not) == "one"


def test_a_job_waits_a_little_for_the_busy_device_that_has_its_model(waiting: Waiting) -> None:
    has, has_not = Seat("cuda:0", held=("flux",)), Seat("cuda:1")
    waiting.join("first", Lane.DRAFT, "flux", seconds=2)
    waiting.takes(has, has_not)
    waiting.join("second", Lane.DRAFT, "flux")
    assert waiting.takes(has_not, has) is None
    patience_s = RULES.delay_s[Lane.DRAFT]
    assert waiting.line.wakes_s(waiting.now_s) == patience_s
    waiting.now_s = patience_s - 0.1
    assert waiting.takes(has_not, has) is None
    waiting.now_s = patience_s
    assert waiting.paints(has_not, has) == "second"


def test_nobody_waits_for_a_device_that_will_be_busy_for_longer_than_that(waiting: Waiting) -> None:
    has, has_not = Seat("cuda:0", held=("flux",)), Seat("cuda:1")
    waiting.join("first", Lane.FINAL, "flux", seconds=60)
    waiting.takes(has, has_not)
    waiting.join("second", Lane.DRAFT, "flux")
    assert waiting.paints(has_not, has) == "second"


def test_a_quarter_of_the_devices_is_kept_for_who_looks_at_the_screen(waiting: Waiting) -> None:
    cards = four_cards()
    for number in range(8):
        waiting.join(f"final {number}", person=f"person {number}")
    taken = [waiting.takes(card, *cards) for card in cards]
    assert [entry is not None for entry in taken] == [True, True, True, False]
    waiting.join("draft", Lane.DRAFT)
    assert waiting.paints(cards[3], *cards) == "draft"
    assert waiting.takes(cards[3], *cards) is None
    assert taken[0]
    waiting.line.done(taken[0], 1.0, waiting.now_s)
    assert waiting.takes(cards[3], *cards)


def test_nothing_is_kept_for_others_where_there_is_but_one_person(waiting: Waiting) -> None:
    cards = four_cards()
    waiting.join("ben", person="ben")
    waiting.paints(cards[0], *cards)
    waiting.now_s = ALONE_S + 1
    for number in range(4):
        waiting.join(f"final {number}", person="anna")
    assert all(waiting.takes(card, *cards) for card in cards)


def test_one_device_takes_everything(waiting: Waiting) -> None:
    for number in range(3):
        waiting.join(f"final {number}", person=f"person {number}")
    assert len(waiting.order(Seat("cuda:0"), Seat("cpu"))) == 3


def test_other_servers_are_no_devices_of_which_any_is_kept(waiting: Waiting, monkeypatch: pytest.MonkeyPatch) -> None:
    away = ("remote:0", "remote:1")
    monkeypatch.setattr("support.seats.CARDS", away)
    for number in range(2):
        waiting.join(f"final {number}", engine="flux", person=f"person {number}")
    seats = [Seat(device) for device in away]
    assert all(waiting.takes(seat, *seats) for seat in seats)


def test_of_a_live_session_only_the_newest_waits(waiting: Waiting) -> None:
    assert waiting.join("1", Lane.LIVE, session="sketch.kra") == []
    assert waiting.join("2", Lane.LIVE, session="other.kra") == []
    assert waiting.join("3", Lane.LIVE, session="sketch.kra", person="ben") == []
    assert waiting.join("4", Lane.DRAFT, session="sketch.kra") == []
    assert waiting.join("5", Lane.LIVE, session="sketch.kra") == ["1"]
    assert waiting.join("6", Lane.LIVE) == []
    assert waiting.join("7", Lane.LIVE) == []
    assert sorted(waiting.order(Seat("cpu"))) == ["2", "3", "4", "5", "6", "7"]


@pytest.mark.parametrize(("lane", "lets_go"), [(Lane.BATCH, True), (Lane.FINAL, False)])
def test_a_batch_lets_go_of_the_only_device_for_what_is_more_urgent(
    waiting: Waiting, lane: Lane, lets_go: bool
) -> None:
    seat = Seat("cuda:0")
    waiting.join("running", lane)
    entry = waiting.takes(seat, Seat("cpu"))
    assert entry
    waiting.join("another batch", Lane.BATCH)
    assert not waiting.line.is_overtaken(entry, [seat])
    waiting.join("draft", Lane.DRAFT)
    assert waiting.line.is_overtaken(entry, [seat, Seat("cpu")]) is lets_go
    assert not waiting.line.is_overtaken(entry, [seat, Seat("cuda:1")])
    waiting.line.put_back(entry, 0.5)
    assert waiting.order(seat) == ["draft", "running", "another batch"]


def test_what_only_a_card_can_paint_waits_for_one(waiting: Waiting) -> None:
    waiting.join("large", engine="flux")
    waiting.join("small")
    assert waiting.order(Seat("cpu")) == ["small"]
    assert waiting.order(Seat("cuda:1")) == ["large"]


def test_where_there_is_no_card_a_cpu_paints_everything() -> None:
    flux = Capabilities("flux", frozenset({Verb.FILL}), True, wants_card=True)
    classic = dataclasses.replace(flux, wants_card=False)
    assert flux.among(("cpu",)) == ("cpu",)
    assert flux.among(DEVICES) == CARDS
    assert classic.among(DEVICES) == DEVICES
    assert flux.among(("cpu", "mps")) == ("mps",)


def test_a_job_that_could_not_begin_is_next_of_its_lane_again(waiting: Waiting) -> None:
    for job_id in "abc":
        waiting.join(job_id, Lane.BATCH)
    first = waiting.takes(Seat("cpu"))
    assert first is not None
    waiting.join("d", Lane.LIVE)
    waiting.join("e", Lane.BATCH, person="ben")
    waiting.line.put_back(first)
    assert waiting.order(Seat("cpu")) == ["d", "a", "e", "b", "c"]
