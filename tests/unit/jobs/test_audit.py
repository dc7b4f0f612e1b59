"""The audit log: nothing of it is ever changed unseen, and a job and its line are there together or not at all."""

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from inlay.blobs import BlobStore
from inlay.job import Ticket
from inlay.jobs.audit import BEGIN, Line, flaw, lines, noting
from inlay.jobs.journal import Journal
from inlay.person import Person
from support.job_room import new_id, small_recipe


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    opened = Journal(path)
    yield opened
    opened.close()


@pytest.fixture
def noted(journal: Journal, path: Path) -> sqlite3.Connection:
    """A log of twenty lines, and a connection of somebody who found the file."""
    for number in range(20):
        journal.audit.note(Line({"person": "anna", "method": f"m{number}"}), "OK")
    connection = sqlite3.connect(path, isolation_level=None)
    assert flaw(connection) == ""
    return connection


def unlocked(connection: sqlite3.Connection) -> None:
    """What keeps the table from being changed is taken away: whoever has the file can."""
    connection.executescript("DROP TRIGGER audit_no_UPDATE; DROP TRIGGER audit_no_DELETE")


def test_a_line_tells_what_it_was_told_and_holds_the_hash_of_all_before_it(noted: sqlite3.Connection) -> None:
    before = BEGIN
    rows = noted.execute("SELECT number, facts, sha256 FROM audit ORDER BY number").fetchall()
    for at, (number, told, sha256) in enumerate(rows):
        facts = json.loads(told)
        assert (number, facts["method"], facts["outcome"]) == (at + 1, f"m{at}", "OK")
        assert sha256 == hashlib.sha256((before + told).encode()).hexdigest()
        before = sha256


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET facts = '{}' WHERE number = 7",
        "DELETE FROM audit WHERE number = 7",
        "DELETE FROM audit",
        "REPLACE INTO audit VALUES (7, '{}', 'x')",
    ],
)
def test_the_table_lets_nobody_change_a_line(noted: sqlite3.Connection, change: str) -> None:
    noted.execute("PRAGMA recursive_triggers = ON")
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        noted.execute(change)
    assert flaw(noted) == ""


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("""UPDATE audit SET facts = replace(facts, '"anna"', '"ben"') WHERE number = 7""", "line 7 was changed"),
        (
            "UPDATE audit SET sha256 = (SELECT sha256 FROM audit WHERE number = 8) WHERE number = 7",
            "line 7 was changed",
        ),
        ("DELETE FROM audit WHERE number = 7", "line 7 is missing"),
        ("DELETE FROM audit WHERE number = 1", "line 1 is missing"),
        ("DELETE FROM audit WHERE number > 17", r"lines 18 \.\. 20 are missing at the end"),
    ],
)
def test_who_changes_it_around_the_table_is_seen(noted: sqlite3.Connection, change: str, says: str) -> None:
    import re

    unlocked(noted)
    noted.execute(change)
    assert re.match(says, flaw(noted))


def test_a_line_rewritten_with_its_hash_breaks_the_next_one(noted: sqlite3.Connection) -> None:
    unlocked(noted)
    (before,) = noted.execute("SELECT sha256 FROM audit WHERE number = 6").fetchone()
    sha256 = hashlib.sha256(f"{before}{{}}".encode()).hexdigest()
    noted.execute("UPDATE audit SET facts = '{}', sha256 = ? WHERE number = 7", (sha256,))
    assert flaw(noted) == "line 8 was changed, or a line before it"


def test_lines_cut_off_with_every_trace_are_seen_by_who_noted_a_head(noted: sqlite3.Connection) -> None:
    (head,) = noted.execute("SELECT sha256 FROM audit WHERE number = 20").fetchone()
    assert flaw(noted, head) == ""
    unlocked(noted)
    noted.executescript("DELETE FROM audit WHERE number > 17; UPDATE sqlite_sequence SET seq = 17 WHERE name = 'audit'")
    assert flaw(noted) == ""
    assert "missing at the end" in flaw(noted, head)


def test_a_job_and_its_line_are_written_at_once(journal: Journal, path: Path, tmp_path: Path) -> None:
    recipe = small_recipe(BlobStore(tmp_path / "blobs"))
    seen: list[tuple[int, int]] = []

    def counted() -> None:
        with contextlib.closing(sqlite3.connect(path)) as other:
            seen.append(
                tuple(other.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("jobs", "audit"))
            )  # pyright: ignore

    line = Line({"person": "anna", "method": "SubmitEdit"})
    journal._connection.set_trace_callback(lambda _: counted())  # pyright: ignore[reportPrivateUsage]
    with noting(line):
        journal.submit(new_id(), recipe, Ticket(by=Person("anna")))
    journal._connection.set_trace_callback(None)  # pyright: ignore[reportPrivateUsage]
    counted()
    assert line.is_written
    assert set(seen) == {(0, 0), (1, 1)}, "whatever moment the power goes at, neither is there without the other"


def test_what_fails_leaves_neither_job_nor_line(journal: Journal, tmp_path: Path) -> None:
    recipe = small_recipe(BlobStore(tmp_path / "blobs"))
    line = Line({"method": "SubmitEdit"})
    journal._connection.execute("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END")  # pyright: ignore
    with noting(line), pytest.raises(sqlite3.IntegrityError, match="no room"):
        journal.submit(new_id(), recipe)
    assert not line.is_written
    assert not journal.list()


def test_a_call_is_noted_once_and_what_goes_on_in_its_name_is_not(journal: Journal, tmp_path: Path) -> None:
    recipe = small_recipe(BlobStore(tmp_path / "blobs"))
    first, second = new_id(), new_id()
    line = Line({"method": "SubmitEdit", "job": first})
    with noting(line):
        journal.submit(first, recipe)
        journal.begin(first, "cpu")
    over = Line({"method": "Decide"})
    with noting(over):
        over.is_over = True
        journal.submit(second, recipe.altered(seed=9))
    journal.begin(second, "cpu")
    assert [one.facts["method"] for one in lines(journal._connection)] == ["SubmitEdit"]  # pyright: ignore[reportPrivateUsage]
