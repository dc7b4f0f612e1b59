"""Journals of every earlier version, each dumped from a file that the Inlay of then wrote: nothing that was accepted is lost."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from inlay.blobs import BlobStore
from inlay.errors import Unavailable, Unsupported
from inlay.events import Done, Failed, JobCancelled, VariationDone
from inlay.job import JobState, Rating
from inlay.jobs import schema
from inlay.jobs.journal import Journal
from inlay.jobs.schema import STEPS, VERSION
from support.job_room import new_id, small_recipe
from support.obstacles import small_disk

JOURNALS = Path(__file__).parents[2] / "support" / "journals"
EARLIER = range(1, VERSION)

ID = "{:08d}-0000-4000-8000-000000000000".format
ICC = b"a profile of the studio's printer"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


def write(path: Path, version: int) -> None:
    """The journal as that version left it."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript((JOURNALS / f"v{version}.sql").read_text("utf-8"))
        connection.execute("PRAGMA journal_mode = WAL")


def version_in(path: Path) -> int:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA user_version").fetchone()[0]


def tables_in(path: Path) -> dict[tuple[str, str], list[tuple[object, ...]]]:
    """Tables with their columns in order, indices with theirs and their conditions, triggers."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        found = {}
        for kind, name, sql in connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall():
            shape = "table_xinfo" if kind == "table" else "index_xinfo"
            text = "" if kind == "table" else " ".join((sql or "").split())
            found[kind, name] = [(text,), *connection.execute(f"PRAGMA {shape}({name})")]
            if kind == "table":
                keys = connection.execute(f"PRAGMA foreign_key_list({name})")
                found[kind, name] += sorted(key[2:] for key in keys)
        return found


def rows_in(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in names}


def test_every_version_before_this_one_has_a_journal_here() -> None:
    """Who adds a step writes one of the version before it: with the Inlay of then, as `iterdump` tells it."""
    assert {path.name for path in JOURNALS.glob("*.sql")} >= {f"v{version}.sql" for version in EARLIER}


@pytest.mark.parametrize("version", EARLIER)
def test_a_journal_of_an_earlier_version_is_taken_over_whole(path: Path, tmp_path: Path, version: int) -> None:
    write(path, version)
    journal = Journal(path)
    done, running, waiting, cancelled, failed = (journal.job(ID(number)) for number in range(1, 6))
    assert [job.state for job in (done, running, waiting, cancelled, failed)] == [
        JobState.DONE, JobState.RUNNING, JobState.QUEUED, JobState.CANCELLED, JobState.FAILED,
    ]  # fmt: skip
    assert [job.recipe.words.prompt for job in (done, running, waiting)] == ["A kite", "two clouds", "a boat"]
    assert {job.recipe.canvas.source.icc for job in journal.list()} == {ICC}
    assert (done.label, waiting.label, running.label) == ("hero", "hero", "")
    assert [job.job_id for job in journal.unfinished()] == [ID(2), ID(3)]
    assert (running.attempts, running.variations_done, running.recipe.sampling.count) == (1, 1, 2)
    made = [event.happening for event in journal.events(ID(1))]
    assert isinstance(made[0], VariationDone)
    assert made[0].variation.seed == 7
    assert made[0].variation.result.blobs[0] == "a" * 64
    assert made[1] == Done(1.5)
    assert [event.happening for event in journal.events(ID(4))] == [JobCancelled()]
    assert [event.happening for event in journal.events(ID(5))] == [Failed("INTERNAL", "why it was")]
    assert journal.ratings(ID(1)) == {0: Rating.KEPT}
    assert [(entry.job_id, entry.prompt, entry.rating) for entry in journal.history().entries] == [
        (ID(2), "two clouds", None),
        (ID(1), "A kite", Rating.KEPT),
    ]
    assert {"b" * 64, waiting.recipe.canvas.source.blob} <= journal.pinned()
    journal.append(ID(2), Done(2.0))
    later = new_id()
    journal.submit(later, small_recipe(BlobStore(tmp_path / "blobs")))
    assert journal.list()[0].job_id == later
    journal.close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert [tuple(row) for row in connection.execute("PRAGMA integrity_check")] == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        users = connection.execute("SELECT number FROM profile_uses ORDER BY number").fetchall()
    assert users[:5] == [(number,) for number in range(1, 6)], "nobody's profile goes while a job has it"


@pytest.mark.parametrize("version", EARLIER)
def test_its_tables_are_then_those_of_a_new_one(path: Path, tmp_path: Path, version: int) -> None:
    write(path, version)
    Journal(path).close()
    Journal(tmp_path / "new.sqlite").close()
    assert version_in(path) == version_in(tmp_path / "new.sqlite") == VERSION
    assert tables_in(path) == tables_in(tmp_path / "new.sqlite")


@pytest.mark.parametrize("version", EARLIER)
def test_as_it_was_it_is_kept_beside_where_only_its_owner_reads_it(path: Path, version: int) -> None:
    write(path, version)
    before = rows_in(path)
    Journal(path).close()
    copy = path.with_name(f"journal.v{version}.sqlite")
    assert rows_in(copy) == before
    assert version_in(copy) == version
    assert copy.stat().st_mode & 0o077 == 0
    Journal(path).close()  # and only once: there is nothing to change any more
    assert sorted(file.name for file in path.parent.glob("*.sqlite")) == ["journal.sqlite", copy.name]


def test_a_step_that_fails_leaves_everything_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, 1)
    before, tables = rows_in(path), tables_in(path)

    def fail(_: sqlite3.Connection) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as failing:
        failing.setattr(schema, "STEPS", (*STEPS[:-1], fail))
        with pytest.raises(ZeroDivisionError):
            Journal(path)
    assert (version_in(path), rows_in(path), tables_in(path)) == (1, before, tables)
    journal = Journal(path)
    assert journal.job(ID(3)).state is JobState.QUEUED
    journal.close()


@pytest.mark.slow
def test_on_a_full_disk_nothing_is_changed_the_sentence_says_what_it_takes_and_with_room_it_goes_on(
    tmp_path: Path,
) -> None:
    with small_disk(tmp_path / "data", megabytes=1) as disk:
        path = disk.folder / "journal.sqlite"
        write(path, 1)
        before = rows_in(path)
        disk.fill(leave_bytes=9 * 4096)  # enough to open the journal, not for a second one
        with pytest.raises(Unavailable, match=r"it needs 1 MB there: make room.*Nothing was changed"):
            Journal(path)
        assert (version_in(path), rows_in(path)) == (1, before)
        assert not list(disk.folder.glob("*.v1.*"))
        disk.free()
        journal = Journal(path)
        assert journal.job(ID(3)).state is JobState.QUEUED
        journal.close()


def test_a_journal_is_never_taken_back_and_the_way_back_is_named(path: Path) -> None:
    Journal(path).close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    bytes_before = path.read_bytes()
    with pytest.raises(Unsupported, match=r"newer Inlay.*install that one again\. A journal is never taken back"):
        Journal(path)
    copy = path.with_name(f"journal.v{VERSION}.sqlite")
    copy.touch()
    with pytest.raises(Unsupported) as caught:
        Journal(path)
    assert f"or put {copy} in its place" in caught.value.message
    assert path.read_bytes() == bytes_before
