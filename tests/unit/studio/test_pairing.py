"""How long a request to be let in is good, and how many there are at a time."""

import asyncio
from pathlib import Path

import pytest

from inlay.errors import InvalidInput, NotFound, QuotaExceeded
from inlay.pairing import commitment, heard, words_of
from inlay.person import OWNER
from inlay.studio import pairing as module
from inlay.studio.pairing import MAX_WAITING, REQUEST_S, REVEAL_S, Admission, Pairings
from inlay.studio.people import PEOPLE_FILE, People

NONCE = bytes(range(32))
CERTIFICATE = b"\x17" * 32


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, in seconds, as the one who holds it sets it."""
    held = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: held[0])
    return held


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People(tmp_path / PEOPLE_FILE)


def asked(pairings: Pairings, name: str = "Anna", came_from: str = "10.0.0.7") -> module.Request:
    request = pairings.begin(name, "pc-12", commitment(NONCE), came_from)
    return pairings.reveal(request.pairing_id, NONCE, CERTIFICATE)


def test_a_request_is_good_for_ten_minutes_and_then_gone_for_both_sides(people: People, now: list[float]) -> None:
    pairings = Pairings(people)
    request = asked(pairings)
    now[0] += REQUEST_S - 1
    assert [one.good_ms for one in pairings.waiting()] == [1000]
    now[0] += 1
    assert pairings.waiting() == []
    with pytest.raises(NotFound, match="else they ran out"):
        asyncio.run(pairings.decide(request.words, Admission(), OWNER))
    with pytest.raises(NotFound, match="it ran out; ask anew"):
        pairings.reveal(request.pairing_id, NONCE, CERTIFICATE)
    assert not people.exist


def test_a_token_that_nobody_fetched_in_time_was_never_made(people: People, now: list[float]) -> None:
    pairings = Pairings(people)
    request = asked(pairings)
    asyncio.run(pairings.decide(request.words, Admission(), OWNER))
    now[0] += REQUEST_S
    with pytest.raises(NotFound):
        pairings.reveal(request.pairing_id, NONCE, CERTIFICATE)
    assert not people.exist


def test_a_request_is_shown_once_its_machine_is_bound_and_decided_once(people: People, now: list[float]) -> None:
    pairings = Pairings(people)
    silent = pairings.begin("Ben", "pc-9", commitment(NONCE), "10.0.0.8")
    assert pairings.waiting() == []
    now[0] += REVEAL_S
    with pytest.raises(NotFound):
        pairings.reveal(silent.pairing_id, NONCE, CERTIFICATE)
    request = asked(pairings)
    asyncio.run(pairings.decide(request.words, None, OWNER))
    with pytest.raises(NotFound):
        asyncio.run(pairings.decide(request.words, Admission(), OWNER))


def test_there_are_so_many_and_no_more_and_they_make_room_as_they_run_out(people: People, now: list[float]) -> None:
    pairings = Pairings(people)
    for number in range(MAX_WAITING):
        asked(pairings, came_from=f"10.0.1.{number}")
    with pytest.raises(QuotaExceeded, match="in ten minutes"):
        asked(pairings, came_from="10.0.2.1")
    now[0] += REQUEST_S
    asked(pairings, came_from="10.0.2.1")


@pytest.mark.parametrize(
    ("name", "machine", "bound"),
    [("", "pc", b"x" * 32), ("A\x1b[2J", "pc", b"x" * 32), ("Anna", "p" * 65, b"x" * 32), ("Anna", "pc", b"x" * 31)],
)
def test_what_a_list_could_not_show_is_no_request(people: People, name: str, machine: str, bound: bytes) -> None:
    with pytest.raises(InvalidInput):
        Pairings(people).begin(name, machine, bound, "10.0.0.7")


def test_words_are_heard_as_people_type_them() -> None:
    assert heard("  LUSAB babad ") == heard("lusab-babad") == "lusab-babad"


def test_the_words_are_those_of_every_other_side() -> None:
    """The same figures as in photoshop_uxp/test/client/pairing.test.ts, made from the paper by neither."""
    certificate, nonce, theirs = (bytes((first + at) & 255 for at in range(32)) for first in (1, 60, 200))
    assert words_of(certificate, "Anna Müller", "pc-12", nonce, theirs) == "fopam-fusal"
