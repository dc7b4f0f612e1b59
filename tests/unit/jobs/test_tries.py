"""Which of a document's jobs are tries at one region, one after the other."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inlay.blobs import BlobStore
from inlay.events import Done, Failed, JobCancelled
from inlay.job import JobState, Lane, Rating, Ticket
from inlay.jobs.journal import Journal
from inlay.recipe import DRAFT, Input
from inlay.region import Rect, Size
from support.job_room import new_id, small_recipe, variation

HERE, BESIDE = Rect(10, 10, 20, 20), Rect(60, 10, 20, 20)


class Room:
    """A journal, and jobs numbered from 1."""

    def __init__(self, folder: Path) -> None:
        self.journal = Journal(folder / "journal.sqlite")
        self.recipe = small_recipe(BlobStore(folder / "blobs"), document=Size(100, 100), region=HERE)

    def begin(self, lane: Lane = Lane.FINAL, label: str = "a.kra", parent: str = "", **changes: Any) -> str:
        job_id = new_id()
        self.journal.submit(job_id, self.recipe.altered(**changes), Ticket(label, lane, parent))
        return job_id

    def paint(self, **said: Any) -> str:
        job_id = self.begin(**said)
        self.journal.append(job_id, variation(self.recipe, 0, "a"))
        self.journal.append(job_id, Done(1.0))
        return job_id

    def finish(self, draft: str) -> str:
        return self.paint(parent=draft, inputs=(Input(DRAFT, self.recipe.canvas.source),))

    def tries(self, job_id: str) -> list[int]:
        return list(self.journal.tries_at(job_id))


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path)
    yield made
    made.journal.close()


def test_the_one_in_hand_is_the_last_whether_it_brought_something_yet_or_not(room: Room) -> None:
    room.paint()
    assert room.tries(room.begin()) == [1, 2]


def test_those_that_came_later_are_not_counted(room: Room) -> None:
    first = room.paint()
    room.paint()
    assert room.tries(first) == [1]


def test_failed_waiting_and_looking_jobs_are_not_tries(room: Room) -> None:
    room.journal.append(room.begin(), Failed("INTERNAL", "no"))
    room.begin()
    room.paint(verb="select")
    recolored = room.paint(verb="recolor")
    assert room.tries(recolored) == []
    assert room.tries(room.paint(verb="fill")) == [5]


@pytest.mark.parametrize("elsewhere", [{"region": BESIDE}, {"label": "b.kra"}, {"document": Size(200, 100)}])
def test_only_the_region_of_the_document_counts(room: Room, elsewhere: dict[str, Any]) -> None:
    room.paint(**elsewhere)
    assert room.tries(room.paint()) == [2]


def test_the_cells_of_a_plan_are_no_tries_of_each_other_and_none_of_a_retouchers(room: Room) -> None:
    room.paint()
    room.paint(lane=Lane.BATCH)
    cell = room.paint(lane=Lane.BATCH)
    assert room.tries(cell) == [3]
    assert room.tries(room.paint()) == [1, 4]
    assert room.tries(room.paint(parent=cell)) == [3, 5]


def test_another_roll_is_where_its_parent_is(room: Room) -> None:
    first = room.paint()
    assert room.tries(room.paint(parent=first, region=BESIDE)) == [1, 2]


def test_a_draft_that_is_finished_ends_the_tries_and_its_final_is_none(room: Room) -> None:
    draft = room.paint()
    room.paint()
    final = room.finish(draft)
    assert room.tries(final) == []
    assert room.tries(room.paint()) == [4]


def test_what_was_kept_ends_them_and_what_was_rejected_does_not(room: Room) -> None:
    room.journal.rate(room.paint(), 0, Rating.REJECTED)
    assert room.tries(room.paint()) == [1, 2]
    room.journal.rate(room.paint(), 0, Rating.KEPT)
    assert room.tries(room.paint()) == [4]


def test_a_document_without_a_name_has_none(room: Room) -> None:
    room.paint(label="")
    assert room.tries(room.paint(label="")) == []


def test_a_job_that_was_taken_back_while_a_worker_took_it_stays_taken_back(room: Room) -> None:
    """Its worker is told to let go of it; were it running in the journal, the next start would paint it."""
    job_id = room.begin()
    room.journal.append(job_id, JobCancelled())
    room.journal.begin(job_id, "cpu")
    assert room.journal.state(job_id) is JobState.CANCELLED
    assert room.journal.unfinished() == []


def test_what_each_brought_is_read_back(room: Room) -> None:
    room.paint()
    (made,) = room.journal.variations_of(1)
    assert made == variation(room.recipe, 0, "a").variation
