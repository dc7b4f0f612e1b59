"""People and their tokens: what is kept of them, who is let in, and for how long."""

import hashlib
import re
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from inlay.errors import InvalidInput, NotFound, OverLimit, Unauthenticated
from inlay.person import Person, Role, Sight
from inlay.studio import people as module
from inlay.studio.people import OWN_DAYS, OWN_TOKENS, PEOPLE_FILE, People
from inlay.studio.tokens import DAY_MS


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The time, in milliseconds, as the one who holds it sets it."""
    held = [1_700_000_000_000]
    monkeypatch.setattr(module, "_now_ms", lambda: held[0])
    return held


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / PEOPLE_FILE


@pytest.fixture
def desk(path: Path) -> People:
    """Who keeps the people: `inlay people`, a process of its own."""
    return People(path)


@pytest.fixture
def door(path: Path) -> Iterator[People]:
    """The server, which looks at the same file."""
    people = People(path)
    yield people
    people.close()


def refused(door: People, token: str) -> str:
    with pytest.raises(Unauthenticated) as caught:
        door.bearer(token)
    return caught.value.message


def test_a_token_lets_its_person_in_and_is_kept_as_a_hash_only(desk: People, door: People, path: Path) -> None:
    entry, token = desk.add("Anna Müller", Role.LEAD, ["autumn", "spring", "autumn"], None)
    assert re.fullmatch(r"inlay_[0-9a-f]{8}_[A-Za-z0-9_-]{43}", token)
    assert door.bearer(token) == (Person("Anna Müller", Role.LEAD, ("autumn", "spring")), entry.tokens[0].id)
    files = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert token.rpartition("_")[2].encode() not in files
    assert hashlib.sha256(token.encode()).hexdigest().encode() in files
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_tokens_are_never_alike(desk: People) -> None:
    tokens = {desk.add(f"p{number}", Role.ARTIST, [], None)[1] for number in range(20)}
    assert len({token[15:] for token in tokens}) == 20


def test_a_token_that_is_nearly_one_lets_nobody_in(desk: People, door: People) -> None:
    token = desk.add("anna", Role.ARTIST, [], None)[1]
    other = desk.add("ben", Role.ARTIST, [], None)[1]
    swapped = token[:15] + other[15:]
    for wrong in (
        token[:-1],
        token + "x",
        token[:-1] + "!",
        token.upper(),
        swapped,
        "inlay_",
        "inlay_00000000_" + "A" * 43,
    ):
        assert refused(door, wrong) == "this token is not known here; ask the studio for a new one"


def test_where_there_is_nobody_no_token_is_known(door: People) -> None:
    assert "not known here" in refused(door, "inlay_00000000_" + "A" * 43)


def test_a_change_counts_at_the_next_call(desk: People, door: People) -> None:
    token = desk.add("anna", Role.ARTIST, [], None)[1]
    assert door.bearer(token).person == Person("anna")
    desk.change("ANNA", Role.LEAD, ["autumn"])
    assert door.bearer(token).person == Person("anna", Role.LEAD, ("autumn",))
    desk.revoke("Anna")
    assert refused(door, token) == "this token was revoked; ask the studio for a new one"


def test_an_expired_token_lets_nobody_in(desk: People, door: People, now: list[int]) -> None:
    token = desk.add("anna", Role.ARTIST, [], 30)[1]
    now[0] += 30 * DAY_MS - 1
    assert door.bearer(token).person.name == "anna"
    now[0] += 1
    assert refused(door, token) == "this token has expired; ask the studio for a new one"


def test_two_tokens_are_good_while_a_person_moves_over(desk: People, door: People, now: list[int]) -> None:
    first = desk.add("anna", Role.ARTIST, [], None)[1]
    entry, second = desk.rotate("anna", 7 * DAY_MS, None)
    assert {door.bearer(token).person.name for token in (first, second)} == {"anna"}
    assert [token.expires_unix_ms for token in entry.tokens] == [None, now[0] + 7 * DAY_MS]
    third = desk.rotate("anna", 7 * DAY_MS, None)[1]
    assert "revoked" in refused(door, first), "there are never three"
    now[0] += 7 * DAY_MS
    assert "expired" in refused(door, second)
    assert door.bearer(third).person.name == "anna"


def test_rotating_lengthens_no_tokens_life(desk: People, now: list[int]) -> None:
    desk.add("anna", Role.ARTIST, [], 1)
    entry, _ = desk.rotate("anna", 7 * DAY_MS, 90)
    assert [token.expires_unix_ms for token in entry.tokens] == [now[0] + 90 * DAY_MS, now[0] + DAY_MS]


def test_a_token_that_leaked_is_out_at_once(desk: People, door: People) -> None:
    first = desk.add("anna", Role.ARTIST, [], None)[1]
    second = desk.rotate("anna", 0, None)[1]
    assert "expired" in refused(door, first)
    assert door.bearer(second).person.name == "anna"


def test_one_token_is_revoked_without_its_person(desk: People, door: People) -> None:
    first = desk.add("anna", Role.ARTIST, [], None)[1]
    second = desk.rotate("anna", DAY_MS, None)[1]
    desk.revoke("anna", first[6:14])
    assert "revoked" in refused(door, first)
    assert door.bearer(second).person.name == "anna"
    with pytest.raises(NotFound):
        desk.revoke("anna", "00000000")


def test_who_was_revoked_comes_back_only_on_purpose_and_with_a_new_token(desk: People, door: People) -> None:
    old = desk.add("anna", Role.ARTIST, [], None)[1]
    desk.revoke("anna")
    for change in (lambda: desk.rotate("anna", 0, None), lambda: desk.add("Anna", Role.ARTIST, [], None)):
        with pytest.raises(InvalidInput, match="--again"):
            change()
    new = desk.add("anna", Role.LEAD, ["autumn"], None, again=True)[1]
    assert door.bearer(new).person == Person("anna", Role.LEAD, ("autumn",))
    assert "revoked" in refused(door, old)


def test_who_comes_back_has_the_role_and_the_projects_that_were_theirs(desk: People, door: People) -> None:
    desk.add("ops", Role.ADMIN, ["autumn"], None)
    desk.revoke("ops")
    back = desk.add("ops", again=True)[1]
    assert door.bearer(back).person == Person("ops", Role.ADMIN, ("autumn",))
    desk.revoke("ops")
    bare = desk.add("ops", projects=[], again=True)[1]
    assert door.bearer(bare).person == Person("ops", Role.ADMIN, ())
    assert door.bearer(desk.add("new")[1]).person == Person("new", Role.ARTIST, ())


def test_when_a_token_was_used_is_written_down_once_a_minute(
    desk: People, door: People, now: list[int], path: Path
) -> None:
    token = desk.add("anna", Role.ARTIST, [], None)[1]
    first = now[0]
    for _ in range(60):
        door.used(door.bearer(token).token_id)
        now[0] += 1_000
    assert desk.entry("anna").tokens[0].used_unix_ms == first
    door.used(door.bearer(token).token_id)
    assert desk.entry("anna").tokens[0].used_unix_ms == first + 60_000


def test_nobody_waits_for_a_file_that_another_program_holds(desk: People, door: People, path: Path) -> None:
    token = desk.add("anna", Role.ARTIST, [], None)[1]
    door.bearer(token)
    holding = sqlite3.connect(path, isolation_level=None)
    holding.execute("BEGIN EXCLUSIVE")
    door.used(door.bearer(token).token_id)
    holding.close()
    assert desk.entry("anna").tokens[0].used_unix_ms is None


@pytest.mark.parametrize("name", ["", " ", "x" * 65, "a\nb", "a\x00b", "owner", " OWNER "])
def test_names_that_would_mislead_are_refused(desk: People, path: Path, name: str) -> None:
    with pytest.raises(InvalidInput):
        desk.add(name, Role.ARTIST, [], None)
    with pytest.raises(InvalidInput):
        desk.add("anna", Role.ARTIST, [name], None)
    assert desk.list() == []


def test_one_name_in_another_case_or_spelling_is_the_same_person(desk: People) -> None:
    desk.add("Müller@studio.example", Role.ARTIST, [], None)
    for other in ("müller@STUDIO.example", " Mu\u0308ller@studio.example "):
        with pytest.raises(InvalidInput, match="there is such a person"):
            desk.add(other, Role.ARTIST, [], None)
        assert desk.entry(other).person.name == "Müller@studio.example"


def test_another_file_in_its_place_counts_at_the_next_call(desk: People, door: People, path: Path) -> None:
    token = desk.add("anna", Role.ARTIST, [], None)[1]
    assert door.bearer(token)
    for file in path.parent.glob("people.sqlite*"):
        file.unlink()
    assert "not known" in refused(door, token)
    other = desk.add("ben", Role.ARTIST, [], None)[1]
    assert door.bearer(other).person.name == "ben"
    assert "not known" in refused(door, token)


@pytest.mark.parametrize(
    ("person", "whose", "project", "sees"),
    [
        (Person("anna"), "anna", "", Sight.WHOLE),
        (Person("anna", projects=("p",)), "ben", "p", Sight.NOTHING),
        (Person("anna"), "ben", "", Sight.NOTHING),
        (Person("lea", Role.LEAD, ("p", "q")), "ben", "q", Sight.WHOLE),
        (Person("lea", Role.LEAD, ("p",)), "ben", "r", Sight.NOTHING),
        (Person("lea", Role.LEAD), "ben", "", Sight.NOTHING),
        (Person("ada", Role.ADMIN, ("p",)), "ben", "p", Sight.OUTLINE),
        (Person("ada", Role.ADMIN), "ada", "", Sight.WHOLE),
    ],
)
def test_what_somebody_sees_of_anothers_work(person: Person, whose: str, project: str, sees: Sight) -> None:
    assert person.sight(whose, project) is sees


ARTIST, LEAD = (
    Person("cem@studio.example", Role.ARTIST, ("autumn",)),
    Person("cem@studio.example", Role.LEAD, ("spring",)),
)


def test_who_comes_by_their_groups_makes_tokens_that_follow_their_groups(door: People, path: Path) -> None:
    _, token = door.make_own(ARTIST)
    assert door.bearer(token).person == ARTIST
    assert door.signed_in(ARTIST.name, LEAD) == LEAD
    assert door.bearer(token).person == LEAD
    assert People(path).bearer(token).person == LEAD
    assert door.signed_in(ARTIST.name, None) is None, "without groups only those come in whom the studio added"


def test_whom_the_studio_added_or_changed_is_who_they_are_there(desk: People, door: People) -> None:
    desk.add("cem@studio.example", Role.ADMIN, [], None)
    _, token = door.make_own(LEAD)
    assert door.bearer(token).person.role is Role.ADMIN
    _, other = door.make_own(Person("dora", Role.LEAD, ()))
    desk.change("dora", Role.ARTIST, None)
    signed_in = door.signed_in("dora", Person("dora", Role.ADMIN, ()))
    assert signed_in
    assert (signed_in.role, door.bearer(other).person.role) == (Role.ARTIST, Role.ARTIST)


def test_who_was_revoked_makes_no_token_and_has_none(desk: People, door: People) -> None:
    _, token = door.make_own(ARTIST)
    desk.revoke(ARTIST.name)
    for asking in (lambda: door.bearer(token), lambda: door.make_own(ARTIST), lambda: door.signed_in(LEAD.name, LEAD)):
        with pytest.raises(Unauthenticated):
            asking()


def test_ones_own_tokens_are_few_and_run_out_and_others_stay_as_they_are(
    desk: People, door: People, now: list[int]
) -> None:
    _, first = desk.add("cem@studio.example", Role.ARTIST, [], None)
    made = [door.make_own(ARTIST) for _ in range(OWN_TOKENS - 1)]
    with pytest.raises(OverLimit, match="revoke one"):
        door.make_own(ARTIST)
    door.make_own(Person("dora", Role.ARTIST, ()))
    desk.revoke(ARTIST.name, made[0][0])
    _, last = door.make_own(ARTIST)
    assert [token.id for token in door.own("CEM@studio.example")][-2:] == [made[1][0], first[6:14]]
    now[0] += OWN_DAYS * DAY_MS
    with pytest.raises(Unauthenticated, match="expired"):
        door.bearer(last)
    assert door.bearer(first).person == Person("cem@studio.example", Role.ARTIST, ())
    assert [token.id for token in door.own("cem@studio.example")] == [first[6:14]]


def test_people_of_the_version_before_are_taken_over(desk: People, door: People, path: Path) -> None:
    """Their file as it was before anybody was there by their groups."""
    _, token = desk.add("anna", Role.LEAD, ["autumn"], None)
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE people DROP COLUMN from_groups")
        connection.execute("PRAGMA user_version = 1")
    assert door.bearer(token).person == Person("anna", Role.LEAD, ("autumn",))
    assert door.make_own(Person("anna", Role.ARTIST, ()))
    assert door.bearer(token).person.role is Role.LEAD
