"""The journal remembers every accepted job and what happened to it, across every restart."""

# pyright: reportPrivateUsage=false, reportUnknownLambdaType=false, reportAttributeAccessIssue=false

import dataclasses
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from inlay.blobs import BlobStore
from inlay.errors import InvalidInput, JobConflict, NotFound, Unavailable, Unsupported
from inlay.events import Done, Failed, JobCancelled, Loading, Preview, Queued, Step
from inlay.job import JobState, Lane, Rating, Ticket
from inlay.jobs import journal as journal_module
from inlay.jobs.journal import Journal
from inlay.recipe import Recipe, Tier, Verb
from support.job_room import new_id, preview, small_recipe, variation


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    opened = Journal(path)
    yield opened
    opened.close()


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    return small_recipe(BlobStore(tmp_path / "blobs"))


def test_the_same_id_and_recipe_again_is_the_same_job(journal: Journal, recipe: Recipe) -> None:
    job_id = new_id()
    first = journal.submit(job_id, recipe, Ticket("a document"))
    journal.append(job_id, Loading("pixels"))
    again = journal.submit(job_id, recipe.altered(), Ticket("another label"))
    assert again == dataclasses.replace(first, state=JobState.RUNNING, last_seq=1)
    assert len(journal.list()) == 1


def test_the_same_id_with_another_recipe_is_refused(journal: Journal, recipe: Recipe) -> None:
    job_id = new_id()
    journal.submit(job_id, recipe)
    with pytest.raises(JobConflict, match=job_id):
        journal.submit(job_id, recipe.altered(seed=1))
    assert journal.job(job_id).recipe == recipe


def test_an_id_is_the_same_however_it_is_spelt(journal: Journal, recipe: Recipe) -> None:
    job_id = str(uuid.UUID(int=0xABCDEF))
    journal.submit(job_id.upper(), recipe)
    assert journal.submit(f"{{{job_id}}}", recipe).job_id == job_id
    assert len(journal.list()) == 1


@pytest.mark.parametrize("job_id", ["", "1", "../x", "g" * 32, "a" * 33])
def test_an_id_that_is_no_uuid_is_refused(journal: Journal, recipe: Recipe, job_id: str) -> None:
    with pytest.raises(InvalidInput, match="job_id"):
        journal.submit(job_id, recipe)
    with pytest.raises(InvalidInput, match="job_id"):
        journal.events(job_id)


def test_a_label_that_is_too_long_is_refused(journal: Journal, recipe: Recipe) -> None:
    journal.submit(new_id(), recipe, Ticket("x" * 256))
    with pytest.raises(InvalidInput, match="label is 257 characters long"):
        journal.submit(new_id(), recipe, Ticket("x" * 257))


def test_a_job_that_was_never_submitted_is_not_found(journal: Journal) -> None:
    for ask in (journal.job, journal.events, journal.painted, journal.state, journal.ratings):
        with pytest.raises(NotFound, match="job"):
            ask(new_id())
    with pytest.raises(NotFound):
        journal.append(new_id(), Loading("pixels"))


def test_numbers_rise_across_restarts_and_events_come_back_as_they_were(path: Path, recipe: Recipe) -> None:
    job_id = new_id()
    happened = [
        Queued(0, 12.5),
        Loading("pixels"),
        Step(1, 4, "painting", 2.5),
        preview(9),
        variation(recipe, 0, "a"),
        Failed("INVALID_ARGUMENT", "mask is empty", "mask"),
    ]
    for number, happening in enumerate(happened, start=1):
        journal = Journal(path)
        journal.submit(job_id, recipe)
        assert journal.append(job_id, happening).seq == number
        journal.close()
    journal = Journal(path)
    kept = [happening for happening in happened if not isinstance(happening, Preview)]
    assert [event.happening for event in journal.events(job_id)] == kept
    assert [event.seq for event in journal.events(job_id)] == [1, 2, 3, 5, 6]
    assert [event.seq for event in journal.events(job_id, after_seq=3)] == [5, 6]
    journal.close()


def test_where_a_job_waits_replaces_where_it_waited(journal: Journal, recipe: Recipe) -> None:
    job_id, other = new_id(), new_id()
    for waiting in (job_id, other):
        journal.submit(waiting, recipe)
        for position in (3, 2, 1):
            journal.append(waiting, Queued(position))
    assert [(event.seq, event.happening) for event in journal.events(job_id)] == [(3, Queued(1))]
    assert journal.append(job_id, Loading("pixels")).seq == 4
    assert [event.seq for event in journal.events(other)] == [3]


def test_only_the_newest_preview_is_kept_and_none_after_the_end(journal: Journal, recipe: Recipe) -> None:
    job_id, other = new_id(), new_id()
    for each in (job_id, other):
        journal.submit(each, recipe)
        for shade in range(3):
            journal.append(each, preview(shade))
    assert [event.happening for event in journal.events(job_id)] == [preview(2)]
    journal.append(job_id, Done(1.0))
    assert [event.happening for event in journal.events(job_id)] == [Done(1.0)]
    assert [event.seq for event in journal.events(job_id)] == [4]
    assert [event.happening for event in journal.events(other)] == [preview(2)]


def test_a_previews_pixels_are_in_no_file_and_end_with_the_process(path: Path, recipe: Recipe) -> None:
    """Several a second of up to 800 kB: whoever writes something down would wait until they are on the disk."""
    job_id, shown = new_id(), dataclasses.replace(preview(0), rgb=b"eight hundred thousand of these")
    journal = Journal(path)
    journal.submit(job_id, recipe)
    journal.append(job_id, shown)
    assert [(event.seq, event.happening) for event in journal.events(job_id)] == [(1, shown)]
    written = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    assert job_id.encode() in written
    assert shown.rgb not in written
    journal.close()
    journal = Journal(path)
    assert journal.events(job_id) == []
    assert journal.append(job_id, Loading("pixels")).seq == 2, "its number was given twice"
    journal.close()


def test_a_preview_beside_what_cannot_be_written_down_is_not_kept(journal: Journal, recipe: Recipe) -> None:
    job_id, ended = new_id(), new_id()
    for each in (job_id, ended):
        journal.submit(each, recipe)
    journal.append(ended, Done(1.0))
    with pytest.raises(ValueError, match="any more"):
        journal.append_each([(job_id, preview(1)), (ended, preview(1))])
    assert journal.events(job_id) == []


def test_a_preview_is_over_where_its_job_waits_again(journal: Journal, recipe: Recipe) -> None:
    job_id = new_id()
    journal.submit(job_id, recipe)
    for happening in (preview(1), Queued(0)):
        journal.append(job_id, happening)
    assert [event.happening for event in journal.events(job_id)] == [Queued(0)]


def test_the_state_follows_what_happens(journal: Journal, recipe: Recipe) -> None:
    job_id = new_id()
    states = [journal.submit(job_id, recipe).state]
    for happening in (Queued(0), Loading("pixels"), Step(1, 2, "painting"), variation(recipe, 0, "a"), Done(2.0)):
        journal.append(job_id, happening)
        states.append(journal.job(job_id).state)
    assert states == ["queued", "queued", "running", "running", "running", "done"]
    assert journal.job(job_id).variations_done == 1


@pytest.mark.parametrize("last", [Done(1.0), Failed("INTERNAL", "no"), JobCancelled()])
def test_nothing_happens_to_a_job_after_its_end(journal: Journal, recipe: Recipe, last: Done) -> None:
    job_id = new_id()
    journal.submit(job_id, recipe)
    journal.append(job_id, last)
    with pytest.raises(ValueError, match="nothing happens to it any more"):
        journal.append(job_id, Loading("more"))
    assert [event.happening for event in journal.events(job_id)] == [last]


def test_a_variation_is_written_down_once(journal: Journal, recipe: Recipe) -> None:
    job_id = new_id()
    journal.submit(job_id, recipe)
    journal.append(job_id, variation(recipe, 0, "a"))
    with pytest.raises(ValueError, match=r"variation 0 of job .* is already there"):
        journal.append(job_id, variation(recipe, 0, "b"))
    journal.append(job_id, variation(recipe, 2, "c"))
    assert journal.painted(job_id) == {0, 2}
    assert journal.job(job_id).variations_done == 2
    assert [event.seq for event in journal.events(job_id)] == [1, 2]


def test_what_belongs_together_is_written_wholly_or_not_at_all(journal: Journal, recipe: Recipe) -> None:
    job_id = new_id()
    journal.submit(job_id, recipe)
    with pytest.raises(NotFound):
        journal.append_each([(job_id, Queued(0)), (new_id(), Queued(1))])
    assert journal.events(job_id) == []
    assert journal.job(job_id).last_seq == 0


def test_unfinished_jobs_come_in_the_order_in_which_they_were_accepted(journal: Journal, recipe: Recipe) -> None:
    ids = [new_id() for _ in range(4)]
    for job_id in ids:
        journal.submit(job_id, recipe)
    journal.append(ids[1], Done(1.0))
    journal.append(ids[3], Loading("pixels"))
    assert [job.job_id for job in journal.unfinished()] == [ids[0], ids[2], ids[3]]


def test_lists_are_newest_first_and_know_labels_and_what_is_unfetched(journal: Journal, recipe: Recipe) -> None:
    ids = [new_id() for _ in range(5)]
    for number, job_id in enumerate(ids):
        journal.submit(job_id, recipe, Ticket("even" if number % 2 == 0 else "odd"))
    assert [job.job_id for job in journal.list()] == ids[::-1]
    assert [job.job_id for job in journal.list("even", limit=2)] == [ids[4], ids[2]]
    for job_id in ids[:3]:
        journal.append(job_id, variation(recipe, 0, "a"))
    journal.append(ids[0], Done(1.0))
    journal.append(ids[1], JobCancelled())
    journal.append(ids[3], Failed("INTERNAL", "no"))
    assert [job.job_id for job in journal.list(unfetched_only=True)] == [ids[1], ids[0]]
    for limit in (0, 1001):
        with pytest.raises(InvalidInput, match="limit"):
            journal.list(limit=limit)


def test_a_job_is_fetched_once_all_that_it_brought_was(journal: Journal, recipe: Recipe) -> None:
    job_id = new_id()
    journal.submit(job_id, recipe)
    assert not journal.job(job_id).fetched
    journal.append(job_id, variation(recipe, 0, "a", mask="c"))
    journal.append(job_id, variation(recipe, 1, "b", mask="c"))
    journal.append(job_id, Done(1.0))
    for name in ("a", "c"):
        journal.mark_fetched(name * 64)
        assert not journal.job(job_id).fetched
    journal.mark_fetched("b" * 64)
    assert journal.job(job_id).fetched
    assert journal.list(unfetched_only=True) == []


def test_a_mask_that_the_client_sent_need_not_be_fetched_but_is_kept_with_the_rest(
    journal: Journal, recipe: Recipe
) -> None:
    job_id = new_id()
    journal.submit(job_id, recipe)
    journal.append(job_id, variation(recipe, 0, "a"))
    journal.append(job_id, Done(1.0))
    assert journal.pinned() == {"a" * 64, recipe.where.mask.blob}
    journal.mark_fetched("a" * 64)
    assert journal.job(job_id).fetched


def test_blobs_are_pinned_while_a_job_needs_them(journal: Journal, recipe: Recipe) -> None:
    job_id = new_id()
    assert journal.pinned() == set()
    journal.submit(job_id, recipe)
    assert journal.pinned() == {recipe.canvas.source.blob, recipe.where.mask.blob}
    journal.append(job_id, variation(recipe, 0, "a", mask="c"))
    journal.mark_fetched("a" * 64)
    journal.mark_fetched("c" * 64)
    assert journal.pinned() == {recipe.canvas.source.blob, recipe.where.mask.blob, "a" * 64, "c" * 64}
    journal.append(job_id, variation(recipe, 1, "b", mask="c"))
    journal.append(job_id, Done(1.0))
    assert journal.pinned() == {"a" * 64, "b" * 64, "c" * 64}
    journal.mark_fetched("b" * 64)
    assert journal.pinned() == set()


def test_results_that_nobody_fetched_are_pinned_for_fourteen_days(
    journal: Journal, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_ms = journal_module._now_ms()
    for days, pixels in ((13.9, "a"), (14.1, "b")):
        monkeypatch.setattr(journal_module, "_now_ms", lambda days=days: now_ms - int(days * 86_400_000))
        job_id = new_id()
        journal.submit(job_id, recipe)
        journal.append(job_id, variation(recipe, 0, pixels, mask="c"))
        journal.append(job_id, Done(1.0))
    assert journal.pinned() == {"a" * 64, "c" * 64}


def test_what_a_client_says_of_a_job_is_kept_and_found_again(journal: Journal, recipe: Recipe) -> None:
    draft = journal.submit(new_id(), recipe.altered(tier=Tier.DRAFT))
    final = journal.submit(new_id(), recipe, Ticket("cover", parent=draft.job_id.upper(), batch="spring"))
    night = journal.submit(new_id(), recipe, Ticket(lane=Lane.BATCH, batch="spring"))
    assert [job.lane for job in (draft, final, night)] == [Lane.DRAFT, Lane.STANDARD, Lane.BATCH]
    assert (final.label, final.parent, final.batch) == ("cover", draft.job_id, "spring")
    assert (draft.parent, draft.batch, draft.device) == ("", "", "")
    assert [job.job_id for job in journal.list(batch="spring")] == [night.job_id, final.job_id]
    journal.begin(final.job_id, "cuda:1")
    assert journal.job(final.job_id).device == "cuda:1"
    with pytest.raises(InvalidInput, match="parent"):
        journal.submit(new_id(), recipe, Ticket(parent="not a uuid"))
    with pytest.raises(InvalidInput, match="batch is 257 characters long"):
        journal.submit(new_id(), recipe, Ticket(batch="x" * 257))


def test_who_reads_a_long_list_page_by_page_sees_each_job_once_while_more_come(
    journal: Journal, recipe: Recipe
) -> None:
    ids = [journal.submit(new_id(), recipe, Ticket(batch="spring")).job_id for _ in range(7)]
    seen: list[str] = []
    while page := journal.list(batch="spring", limit=3, after=seen[-1] if seen else ""):
        seen += [job.job_id for job in page]
        journal.submit(new_id(), recipe, Ticket(batch="spring"))
    assert seen == ids[::-1]
    with pytest.raises(NotFound) as refused:
        journal.list(after=new_id())
    assert refused.value.field == "after"


def test_the_last_judgement_of_a_variation_counts(journal: Journal, recipe: Recipe) -> None:
    job_id = new_id()
    journal.submit(job_id, recipe)
    journal.append(job_id, variation(recipe, 1, "a"))
    journal.rate(job_id, 1, Rating.KEPT)
    journal.rate(job_id, 1, Rating.REJECTED)
    assert journal.ratings(job_id) == {1: Rating.REJECTED}
    with pytest.raises(NotFound, match="variation '0'"):
        journal.rate(job_id, 0, Rating.KEPT)


def test_the_pace_is_the_median_of_the_newest_measurements(journal: Journal) -> None:
    key = ("classic", Verb.ERASE, Tier.DRAFT, "cuda:0")
    assert journal.seconds_per_megapixel(*key) is None
    for seconds in [100.0] * 20 + [1.0] * 7 + [2.0] * 8:
        journal.record_timing(*key, seconds)
    assert journal.seconds_per_megapixel(*key) == 2.0
    assert journal.seconds_per_megapixel("classic", Verb.ERASE, Tier.FINAL, "cuda:0") is None
    assert journal.seconds_per_megapixel("classic", Verb.ERASE, Tier.DRAFT, "cpu") is None


def test_a_copy_of_the_files_of_a_running_journal_opens_and_has_everything(
    journal: Journal, path: Path, recipe: Recipe, tmp_path: Path
) -> None:
    """What kill -9 leaves behind: the files as they are, with the process that wrote them gone."""
    job_id = new_id()
    journal.submit(job_id, recipe)
    for step in range(1, 200):
        journal.append(job_id, Step(step, 200, "painting"))
    left = tmp_path / "left"
    left.mkdir()
    for file in path.parent.glob("journal.sqlite*"):
        if not file.name.endswith("-shm"):
            shutil.copy(file, left)
    survivor = Journal(left / "journal.sqlite")
    assert survivor.events(job_id) == journal.events(job_id)
    assert [job.job_id for job in survivor.unfinished()] == [job_id]
    survivor.close()


def test_a_journal_of_a_newer_inlay_is_left_alone(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(Unsupported, match="newer Inlay"):
        Journal(path)


@pytest.mark.parametrize("damage", ["not a database", "cut short", "a folder", "another program's"])
def test_a_journal_that_cannot_be_opened_is_said_in_a_sentence_with_a_cure(path: Path, damage: str) -> None:
    match damage:
        case "not a database":
            path.write_bytes(b"no journal of anybody" * 500)
        case "cut short":
            Journal(path).close()
            path.write_bytes(path.read_bytes()[:5000])
        case "a folder":
            path.mkdir()
        case _:
            with sqlite3.connect(path) as connection:
                connection.execute("CREATE TABLE theirs (number INTEGER)")
    with pytest.raises((Unavailable, Unsupported), match=r"move it|must be a file"):
        Journal(path)


def test_a_state_is_known_without_reading_the_recipe(
    journal: Journal, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = new_id()
    journal.submit(job_id, recipe)
    monkeypatch.setattr(Recipe, "parse", lambda *_: pytest.fail("the recipe was parsed"))
    assert journal.state(job_id) is JobState.QUEUED
    with pytest.raises(NotFound):
        journal.state(new_id())
