"""Reviews in the journal: kept as long as somebody's link is good, never changed, and there after every repair and upgrade."""

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from inlay.blobs import BlobStore
from inlay.events import Done
from inlay.jobs import journal as journal_module
from inlay.jobs import reviews as reviews_module
from inlay.jobs.journal import Journal
from inlay.jobs.reviews import decoded, encoded, token_sha256
from inlay.recipe import Recipe
from inlay.region import Rect, Size
from inlay.review.events import (
    Decision,
    Draft,
    Final,
    FinalState,
    Happening,
    Pin,
    PinResolved,
    Place,
    Reviewer,
    Revoked,
    Role,
    Verdict,
)
from support.job_room import new_id, small_recipe, variation

DAY_MS = 86_400_000
NOW_MS = 1_800_000_000_000
TABLES = ("review_events", "review_links", "review_jobs", "reviews")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    return small_recipe(BlobStore(tmp_path / "blobs"))


def ended(journal: Journal, recipe: Recipe) -> str:
    """A job whose results were fetched: nothing but a review keeps them."""
    job_id = new_id()
    journal.submit(job_id, recipe)
    journal.append(job_id, variation(recipe, 0, "a"))
    journal.append(job_id, Done(1.0))
    journal.mark_fetched("a" * 64)
    return job_id


def drafted(job_id: str, draft: int = 1, version: int = 1) -> Draft:
    return Draft(draft, version, "", "", job_id, 0, Size(8, 8), Rect(0, 0, 8, 8), Rect(2, 2, 2, 2), "sRGB", 8)


def asked(number: int, until_ms: int) -> Reviewer:
    return Reviewer(number, f"no. {number}", Role.DECIDE, until_ms)


EVERYTHING: list[Happening] = [
    asked(1, NOW_MS),
    drafted(new_id()),
    Pin(new_id(), 1, 1, "dark: „hier“", Place(0.25, 1.0), new_id(), 2),
    Pin(new_id(), 1, 1, "all of it"),
    PinResolved(new_id(), True, 1),
    Decision(1, 1, Verdict.CHANGES, "why", 1),
    Final(1, 1, FinalState.TO_FINISH, new_id(), "gone"),
    Revoked(0),
]


@pytest.mark.parametrize("happening", EVERYTHING, ids=lambda one: type(one).__name__)
def test_what_happened_is_read_as_it_was_written(happening: Any) -> None:
    assert decoded(encoded(happening)) == happening


def opened(journal: Journal, job_id: str, until_ms: int) -> str:
    review_id = new_id()
    happenings = [asked(1, until_ms), drafted(job_id)]
    journal.reviews.open(review_id, "a review", True, happenings, tokens=[(token_sha256("t"), 1)], jobs=[job_id])
    return review_id


def test_a_review_is_there_after_a_restart_with_its_events_in_order(path: Path, recipe: Recipe) -> None:
    journal = Journal(path)
    job_id = ended(journal, recipe)
    review_id = opened(journal, job_id, NOW_MS)
    journal.reviews.append(review_id, EVERYTHING[2:])
    before = journal.reviews.read(review_id)
    journal.close()
    journal = Journal(path)
    after = journal.reviews.read(review_id)
    assert after == before
    assert [event.seq for event in after.events] == list(range(1, 9))
    assert (after.title, after.needs_all) == ("a review", True)
    assert journal.reviews.access("t") == (review_id, 1)
    assert journal.reviews.access("T") is None
    assert journal.reviews.access(token_sha256("t")) is None
    assert journal.reviews.ids(10) == [review_id]
    journal.close()


def test_what_happens_at_once_is_written_wholly_or_not_at_all(path: Path, recipe: Recipe) -> None:
    journal = Journal(path)
    review_id = opened(journal, ended(journal, recipe), NOW_MS)
    before = journal.reviews.read(review_id)
    with pytest.raises(sqlite3.IntegrityError):  # the link is there already
        journal.reviews.append(review_id, [asked(2, NOW_MS)], tokens=[(token_sha256("t"), 2)])
    assert journal.reviews.read(review_id) == before
    journal.close()


def test_pixels_of_a_review_stay_until_its_last_link_is_void(
    path: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    journal = Journal(path)
    job_id = ended(journal, recipe)
    kept = {recipe.canvas.source.blob, recipe.where.mask.blob, "a" * 64}
    assert not kept & journal.pinned()
    now_ms = time.time_ns() // 1_000_000
    review_id = opened(journal, job_id, now_ms + DAY_MS)
    journal.reviews.append(review_id, [asked(2, now_ms + 2 * DAY_MS)])
    assert kept <= journal.pinned()
    journal.reviews.append(review_id, [Revoked(2)])
    assert kept <= journal.pinned()
    journal.reviews.append(review_id, [Revoked(1)])
    assert not kept & journal.pinned()
    other = opened_again(journal, job_id, now_ms - 1)
    assert not kept & journal.pinned()
    assert journal.reviews.ids(10) == [other, review_id]
    journal.close()


def opened_again(journal: Journal, job_id: str, until_ms: int) -> str:
    review_id = new_id()
    journal.reviews.open(review_id, "another", False, [asked(1, until_ms), drafted(job_id)], jobs=[job_id])
    return review_id


def test_a_job_that_an_open_review_shows_is_not_forgotten(
    path: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = {"ms": NOW_MS}
    for module in (journal_module, reviews_module):
        monkeypatch.setattr(module, "_now_ms", lambda: now["ms"])
    journal = Journal(path)
    shown, other = ended(journal, recipe), ended(journal, recipe)
    opened(journal, shown, NOW_MS + 120 * DAY_MS)
    for days in (91, 92, 93):
        now["ms"] = NOW_MS + days * DAY_MS
        journal.forget_old()
    assert [job.job_id for job in journal.list()] == [shown]
    assert other != shown
    for days in (121, 122, 123):
        now["ms"] = NOW_MS + days * DAY_MS
        journal.forget_old()
    assert not journal.list()
    assert len(journal.reviews.read(journal.reviews.ids(1)[0]).events) == 2  # what was said stays
    journal.close()


def test_what_was_said_in_a_review_is_never_changed(path: Path, recipe: Recipe) -> None:
    journal = Journal(path)
    opened(journal, ended(journal, recipe), NOW_MS)
    journal.close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for change in ("UPDATE review_events SET seq = 9 WHERE seq = 1", "DELETE FROM review_events"):
            with pytest.raises(sqlite3.IntegrityError, match="never changed"):
                connection.execute(change)


def test_a_repaired_journal_has_its_reviews(path: Path, recipe: Recipe) -> None:
    journal = Journal(path)
    reviews = {opened_again(journal, ended(journal, recipe.altered(seed=seed)), NOW_MS) for seed in range(30)}
    linked = opened(journal, ended(journal, recipe), NOW_MS)
    before = {review_id: journal.reviews.read(review_id) for review_id in reviews | {linked}}
    journal.close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'history'").fetchone()[0]
    with path.open("rb+") as file:
        file.seek((page - 1) * 4096)
        file.write(bytes(4096))
    journal = Journal(path)
    assert {review_id: journal.reviews.read(review_id) for review_id in before} == before
    assert journal.reviews.access("t") == (linked, 1)
    journal.close()
