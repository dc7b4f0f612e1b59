"""What the journal holds stays small: profiles once, old jobs not for ever, and no room that nobody uses."""

import dataclasses
import os
import sqlite3
from pathlib import Path

import pytest

from inlay.blobs import BlobStore
from inlay.events import Done, VariationDone
from inlay.jobs import journal as journal_module
from inlay.jobs.journal import Journal
from inlay.recipe import Recipe
from support.job_room import new_id, small_recipe, variation
from support.old_journal import write_old_journal

DAY_MS = 86_400_000
NOW_MS = 1_800_000_000_000


class Clock:
    """The wall clock as the journal sees it."""

    def __init__(self) -> None:
        self.now_ms = NOW_MS

    def __call__(self) -> int:
        return self.now_ms

    def forward(self, days: float) -> None:
        self.now_ms += round(days * DAY_MS)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(journal_module, "_now_ms", clock)
    return clock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    return small_recipe(BlobStore(tmp_path / "blobs"))


def with_profile(recipe: Recipe, icc: bytes) -> Recipe:
    return recipe.altered(source=dataclasses.replace(recipe.canvas.source, icc=icc))


def ended(journal: Journal, recipe: Recipe, fetched: bool = True) -> str:
    job_id = new_id()
    journal.submit(job_id, recipe)
    journal.append(job_id, variation(recipe, 0, "a" if fetched else "b"))
    journal.append(job_id, Done(1.0))
    journal.mark_fetched("a" * 64)
    return job_id


def listed(journal: Journal) -> set[str]:
    return {job.job_id for job in journal.list()}


def clean(journal: Journal) -> None:
    journal.forget_old()
    while journal.shrink():
        pass


def size(path: Path) -> int:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size


def test_jobs_that_ended_long_ago_are_forgotten_with_everything_about_them_unless_nobody_fetched_them(
    path: Path, recipe: Recipe, clock: Clock
) -> None:
    journal = Journal(path)
    old, unfetched, waiting = ended(journal, recipe), ended(journal, recipe, fetched=False), new_id()
    journal.submit(waiting, recipe)
    clock.forward(89.5)
    clean(journal)
    recent = ended(journal, recipe)
    for _ in range(2):
        assert old in listed(journal)
        clock.forward(1)
        clean(journal)
    assert listed(journal) == {unfetched, waiting, recent}
    journal.close()
    rest = sqlite3.connect(path).execute("SELECT DISTINCT number FROM events UNION SELECT DISTINCT number FROM results")
    assert {number for (number,) in rest} == {2, 4}


def test_a_clock_that_was_wrong_for_a_while_costs_nobody_a_job(path: Path, recipe: Recipe, clock: Clock) -> None:
    journal = Journal(path)
    jobs = {ended(journal, recipe) for _ in range(3)}
    for restart in (False, True, True):  # however often the server starts meanwhile
        clock.forward(91)
        clean(journal)
        if restart:
            journal.close()
            journal = Journal(path)
        clean(journal)
        clock.forward(-91)
        clean(journal)
        assert listed(journal) == jobs
    clock.forward(-400)
    clean(journal)
    clock.forward(400)
    clean(journal)
    assert listed(journal) == jobs


@pytest.mark.slow
def test_a_profile_is_kept_once_however_many_jobs_and_results_have_it(path: Path, recipe: Recipe, clock: Clock) -> None:
    profile, other = os.urandom(2_000_000), os.urandom(100_000)
    journal = Journal(path)
    recipes = {}
    for seed in range(20):
        of_this = with_profile(recipe, profile if seed else other).altered(seed=seed)
        recipes[ended(journal, of_this)] = of_this
    assert size(path) < 3_000_000
    for reopened in (False, True):
        if reopened:
            journal.close()
            journal = Journal(path)
        for job_id, of_this in recipes.items():
            assert journal.job(job_id).recipe == of_this
            done = journal.events(job_id)[0].happening
            assert isinstance(done, VariationDone)
            assert done.variation.patch.pixels.icc == of_this.canvas.source.icc
            assert journal.submit(job_id, of_this).job_id == job_id, "it is still known to be the same recipe"
        assert {job.job_id: job.recipe for job in journal.list()} == recipes


def test_jobs_with_one_profile_share_its_bytes_in_memory(path: Path, recipe: Recipe) -> None:
    journal = Journal(path)
    for seed in range(2):
        journal.submit(new_id(), with_profile(recipe, bytes(10_000)).altered(seed=seed))
    one, other = journal.list()
    assert one.recipe.canvas.source.icc is other.recipe.canvas.source.icc


def test_the_file_gets_smaller_when_jobs_go_and_profiles_go_with_their_last_job(
    path: Path, recipe: Recipe, clock: Clock
) -> None:
    journal = Journal(path)
    for _ in range(10):
        ended(journal, with_profile(recipe, os.urandom(400_000)))
    kept = with_profile(recipe, os.urandom(50_000))
    clock.forward(60)
    stays = ended(journal, kept)
    assert size(path) > 4_000_000
    for _ in range(2):
        clock.forward(31)
        clean(journal)
    assert size(path) < 400_000
    assert listed(journal) == {stays}
    assert journal.job(stays).recipe == kept


def test_a_journal_of_the_first_version_is_taken_over_whole_and_gets_smaller(
    path: Path, recipe: Recipe, clock: Clock
) -> None:
    profile = os.urandom(300_000)
    jobs = {}
    for seed in range(12):
        of_this = with_profile(recipe, profile).altered(seed=seed, prompt=f'a "icc":"AAAA" {seed}')
        jobs[new_id()] = of_this, variation(of_this, 0, "a")
    write_old_journal(path, jobs, NOW_MS)
    assert size(path) > 9_000_000
    journal = Journal(path)
    assert size(path) < 1_000_000
    for job_id, (of_this, done) in jobs.items():
        job = journal.job(job_id)
        assert (job.recipe, job.variations_done, job.fetched) == (of_this, 1, True)
        assert [event.happening for event in journal.events(job_id)] == [done, Done(1.0)]
    for _ in range(3):
        clock.forward(80)
        clean(journal)
    assert listed(journal) == set()
    assert size(path) < 200_000


def test_a_change_of_version_that_is_interrupted_changes_nothing(
    path: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_this = with_profile(recipe, os.urandom(1000))
    job_id = new_id()
    write_old_journal(path, {job_id: (of_this, variation(of_this, 0, "a"))}, NOW_MS)
    with monkeypatch.context() as interrupted:
        interrupted.setattr("inlay.jobs.profiles.Profiles.note_uses", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            Journal(path)
    assert sqlite3.connect(path).execute("PRAGMA user_version").fetchone() == (1,)
    assert Journal(path).job(job_id).recipe == of_this
