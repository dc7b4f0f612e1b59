"""A journal that is damaged: what can be read of it goes on, the rest is said, and nothing begins silently with an empty one."""

import dataclasses
import logging
import os
import random
import sqlite3
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from inlay.blobs import BlobStore
from inlay.errors import InvalidInput, NotFound, Unavailable
from inlay.events import Done, Event, Failed, JobCancelled, Loading, Step, VariationDone
from inlay.job import JobState
from inlay.jobs import rescue
from inlay.jobs.audit import Line, flaw
from inlay.jobs.journal import Journal
from inlay.jobs.rescue import copy_journal
from inlay.person import Person
from inlay.recipe import Recipe
from support.job_room import new_id, preview, small_recipe, variation

PAGE = 4096


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    recipe = small_recipe(BlobStore(tmp_path / "blobs"))
    return recipe.altered(source=dataclasses.replace(recipe.canvas.source, icc=bytes(range(256)) * 8))


def write(path: Path, recipe: Recipe, count: int) -> Mapping[str, Recipe]:
    """A journal with jobs in every state."""
    journal, jobs = Journal(path), {}
    for seed in range(count):
        of_this, job_id = recipe.altered(seed=seed, prompt=f"job {seed}"), new_id()
        jobs[job_id] = of_this
        journal.submit(job_id, of_this)
        for step in range(1, 6):
            journal.append(job_id, Step(step, 5, "painting"))
        match seed % 5:
            case 0:
                journal.append(job_id, JobCancelled())
            case 1:
                journal.append(job_id, Failed("INTERNAL", "broke"))
            case 2:
                journal.append(job_id, preview(seed % 256))
            case _:
                journal.append(job_id, variation(of_this, 0, "a"))
                journal.append(job_id, Done(1.0))
    journal.mark_fetched("a" * 64)
    journal.close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return jobs


def damage(path: Path, page: int, how: str) -> None:
    noise = {"zeros": bytes(PAGE), "noise": random.Random(page).randbytes(PAGE)}[how]
    with path.open("rb+") as file:
        file.seek((page - 1) * PAGE)
        file.write(noise)


def told(events: list[Event]) -> list[object]:
    return [event.happening for event in events]


def assert_true_to(journal: Journal, jobs: Mapping[str, Recipe]) -> int:
    """Every job that is there is one of those that were, whole or on its way to be; how many there are.

    That a result was fetched may be lost: then it is offered again.
    """
    found = journal.list(limit=1000)
    for job in found:
        assert job.recipe == jobs[job.job_id]
        events = list(journal.events(job.job_id))
        assert [event.seq for event in events] == sorted({event.seq for event in events})
        assert not events or events[-1].seq <= job.last_seq
        variations = [event for event in told(events) if isinstance(event, VariationDone)]
        assert all(done.variation.patch.pixels.icc == job.recipe.canvas.source.icc for done in variations)
        last = events[-1].happening if events else None
        match job.state:
            case JobState.DONE:
                assert (type(last), len(variations)) == (Done, 1)
            case JobState.FAILED:
                assert isinstance(last, Failed)
            case JobState.CANCELLED:
                assert isinstance(last, JobCancelled)
            case _:
                assert not isinstance(last, (Done, Failed, JobCancelled))
                index = 0 if not variations else 1
                journal.append(job.job_id, Loading("again"))
                if not index:
                    journal.append(job.job_id, variation(job.recipe, 0, "a"))
                journal.append(job.job_id, Done(1.0))
                assert journal.job(job.job_id).state is JobState.DONE
    return len(found)


def opened(path: Path) -> Journal | None:
    """The journal; None where it is refused with a sentence."""
    try:
        return Journal(path)
    except Unavailable as refused:
        if "move it" not in refused.message:
            raise
        return None


@pytest.mark.slow
@pytest.mark.parametrize("how", ["zeros", "noise"])
def test_whatever_page_goes_bad_the_rest_goes_on_and_the_damaged_file_is_kept(
    path: Path, recipe: Recipe, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    jobs = write(path, recipe, 30)
    whole = path.read_bytes()
    mended = 0
    for page in range(1, len(whole) // PAGE + 1):
        for file in path.parent.glob("journal*"):
            file.unlink()
        path.write_bytes(whole)
        damage(path, page, how)
        hurt = path.read_bytes()
        caplog.clear()
        journal = opened(path)
        if journal is None:
            assert path.read_bytes() == hurt, "nothing was changed"
            assert list(path.parent.glob("journal-damaged-*")) == []
            continue
        found = assert_true_to(journal, jobs)
        journal.close()
        kept = [file for file in path.parent.glob("journal-damaged-*") if file.suffix == ".sqlite"]
        if not kept:  # a page that nothing was on
            assert found == len(jobs)
            continue
        mended += 1
        assert found >= 0.4 * len(jobs), f"page {page}: {found} jobs"
        assert kept[0].read_bytes() == hurt
        assert str(kept[0]) in caplog.text
        assert f"{found} jobs could be read" in caplog.text
    assert mended > len(whole) / PAGE / 2


def test_what_was_only_in_the_write_ahead_log_is_read_too(
    path: Path, recipe: Recipe, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    jobs = dict(write(path, recipe, 40))
    journal = Journal(path)
    late = new_id()
    jobs[late] = recipe.altered(prompt="late")
    journal.submit(late, jobs[late])
    left = tmp_path / "left"
    left.mkdir()
    for suffix in ("", "-wal"):
        (left / f"journal.sqlite{suffix}").write_bytes(Path(f"{path}{suffix}").read_bytes())
    damage(left / "journal.sqlite", 30, "noise")
    survivor = Journal(left / "journal.sqlite")
    assert "journal was damaged" in caplog.text
    assert survivor.job(late).recipe == jobs[late]
    assert_true_to(survivor, jobs)


def test_whose_pixels_are_whose_and_what_was_noted_outlive_a_damaged_page(path: Path, recipe: Recipe) -> None:
    anna = Person("anna")
    write(path, recipe, 40)
    journal = Journal(path)
    for number in range(30):
        journal.owners.give(anna, f"{number:064x}")
        journal.audit.note(Line({"person": "anna", "method": f"call {number}"}), "OK")
    journal.close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole, names = path.read_bytes(), {f"{number:064x}" for number in range(30)}
    pages = [whole[at : at + PAGE] for at in range(0, len(whole), PAGE)]
    of_events = [number for number, page in enumerate(pages, 1) if page[:1] == b"\x0d" and page.count(b"painting") > 20]
    assert len(of_events) > 2
    for page in of_events[:3]:
        copy = path.parent / f"{page}" / "journal.sqlite"
        copy.parent.mkdir()
        copy.write_bytes(whole)
        damage(copy, page, "noise")
        mended = Journal(copy)
        assert mended.owners.held(anna, names) == names
        assert mended.owners.held(Person("ben"), names) == frozenset()
        mended.close()
        with sqlite3.connect(copy) as log:
            assert log.execute("SELECT count(*) FROM audit").fetchone() == (30,)
            assert flaw(log) == ""
        assert [*copy.parent.glob("journal-damaged-*")]


def test_a_sound_journal_is_left_alone(path: Path, recipe: Recipe, caplog: pytest.LogCaptureFixture) -> None:
    jobs = write(path, recipe, 10)
    with caplog.at_level(logging.WARNING):
        assert assert_true_to(Journal(path), jobs) == 10
    assert caplog.text == ""
    assert list(path.parent.glob("journal-damaged-*")) == []


def test_a_backup_of_a_journal_in_use_is_a_whole_journal_for_its_owner_alone(
    path: Path, recipe: Recipe, tmp_path: Path
) -> None:
    jobs = dict(write(path, recipe, 10))
    journal, target = Journal(path), tmp_path / "copy.sqlite"
    late = new_id()
    jobs[late] = recipe
    journal.submit(late, recipe)
    assert copy_journal(path, target) == 11
    assert stat.S_IMODE(os.stat(target).st_mode) == 0o600
    assert sorted(file.name for file in tmp_path.glob("copy*")) == ["copy.sqlite"]
    journal.append(late, Loading("after the backup"))
    restored = tmp_path / "restored.sqlite"
    restored.write_bytes(target.read_bytes())
    copy = Journal(restored)
    assert copy.events(late) == []
    assert assert_true_to(copy, jobs) == 11


def test_a_backup_that_cannot_be_made_is_said_and_leaves_nothing(path: Path, recipe: Recipe, tmp_path: Path) -> None:
    target = tmp_path / "copy.sqlite"
    with pytest.raises(NotFound, match="no server ever used"):
        copy_journal(path, target)
    write(path, recipe, 30)
    damage(path, 20, "noise")
    with pytest.raises(Unavailable, match="damaged"):
        copy_journal(path, target)
    assert list(tmp_path.glob("copy*")) == []
    target.write_bytes(b"mine")
    with pytest.raises(InvalidInput, match="exists"):
        copy_journal(path, target)
    assert target.read_bytes() == b"mine"


def test_a_large_journal_that_was_closed_in_order_is_not_read_before_the_doors_open(
    path: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What went bad in it meanwhile is found while its server runs, and mended at the next start."""
    jobs = write(path, recipe, 40)
    monkeypatch.setattr(rescue, "READ_AT_ONCE_BYTES", 0)
    damage(path, path.stat().st_size // PAGE - 3, "noise")
    journal = Journal(path)
    assert not list(path.parent.glob("journal-damaged-*")), "nothing was read"
    journal.examine()
    assert "stop the server and start it again" in caplog.text
    journal.close()
    mended = Journal(path)
    assert len(list(path.parent.glob("journal-damaged-*.sqlite"))) == 1
    assert assert_true_to(mended, jobs) > 0
    mended.examine()
    mended.close()
    Journal(path).close()
    assert len(list(path.parent.glob("journal-damaged-*.sqlite"))) == 1


def test_a_large_journal_whose_server_was_killed_is_read_before_the_doors_open(
    path: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = write(path, recipe, 40)
    monkeypatch.setattr(rescue, "READ_AT_ONCE_BYTES", 0)
    Journal(path)._connection.close()  # pyright: ignore[reportPrivateUsage]  # it is never told to close
    damage(path, path.stat().st_size // PAGE - 3, "noise")
    mended = Journal(path)
    assert len(list(path.parent.glob("journal-damaged-*.sqlite"))) == 1
    assert assert_true_to(mended, jobs) > 0
    mended.close()
