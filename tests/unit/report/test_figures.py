"""Journals made by hand, and the figures that they must come to, worked out on paper."""

import contextlib
import dataclasses
import datetime
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from inlay.blobs import BlobStore
from inlay.errors import InvalidInput, NotFound, Unavailable, Unsupported
from inlay.events import Done, Failed, JobCancelled, Loading, Queued, Step
from inlay.job import Lane, Rating
from inlay.jobs import reviews
from inlay.jobs.journal import Journal
from inlay.person import Person
from inlay.region import Rect, Size
from inlay.region.same import overlap
from inlay.report import Figures, Rates, place, read, read_rates, summarise
from inlay.review.events import Decision, Draft, Reviewer, Role, Verdict
from support.job_room import new_id, small_recipe, variation
from support.old_journal import write_old_journal
from support.report_desk import BEGAN, BESIDE, HERE, Desk, ms


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    path = tmp_path / "journal.sqlite"
    journal = Journal(path)
    yield Desk(path, journal, small_recipe(BlobStore(tmp_path / "blobs")))
    journal.close()


def test_an_empty_journal_comes_to_nothing(desk: Desk) -> None:
    told = desk.report()
    assert told.rows == {}
    assert told.total == Figures(0, 0, 0, 0, 0, 0, 0, 0, None, 0, 0, 0, 0.0, {})
    assert told.total.first_pass_yield is None
    assert told.total.passes_per_region is None


def test_where_nothing_was_approved_there_are_no_minutes(desk: Desk) -> None:
    desk.tried(0)
    desk.rate(desk.tried(1), 2, Rating.REJECTED)
    told = desk.figures()
    assert (told.tries, told.regions, told.approved, told.minutes_to_approval) == (2, 1, 0, None)
    assert (told.first_pass_yield, told.passes_per_region) == (0, 2)
    assert (told.kept, told.rejected) == (0, 1)


def test_minutes_are_the_median_over_regions_from_the_first_try_to_the_first_approval(desk: Desk) -> None:
    desk.tried(0)
    desk.rate(desk.tried(4), 7)  # 7 minutes
    desk.rate(desk.tried(10, BESIDE), 11)  # 1 minute
    desk.rate(desk.tried(20, label="b.psd"), 23)  # 3 minutes
    desk.rate(desk.tried(25, label="b.psd"), 30)  # approved before
    told = desk.figures()
    assert (told.regions, told.approved, told.minutes_to_approval) == (3, 3, 3)
    assert told.approved_at_first == 2
    assert told.passes_per_region == 5 / 3


def test_a_draft_that_is_promoted_is_approved_then_and_its_final_is_no_try(desk: Desk) -> None:
    draft = desk.tried(0)
    desk.finish(5, draft)
    told = desk.figures()
    assert (told.tries, told.passes, told.finals, told.regions) == (1, 1, 1, 1)
    assert (told.approved, told.approved_at_first, told.minutes_to_approval) == (1, 1, 5)
    assert told.device_s == 60, "the final was painted all the same"
    assert told.variations == 2


def test_a_draft_that_is_promoted_twice_is_approved_once(desk: Desk) -> None:
    draft = desk.tried(0)
    desk.finish(5, draft)
    desk.rate(desk.finish(9, draft), 12)
    told = desk.figures()
    assert (told.tries, told.finals, told.regions, told.approved, told.minutes_to_approval) == (1, 2, 1, 1, 5)
    assert told.kept == 1


def test_a_final_whose_draft_is_forgotten_is_a_try_of_its_own(desk: Desk) -> None:
    desk.rate(desk.finish(5, new_id()), 6)
    told = desk.figures()
    assert (told.tries, told.finals, told.approved, told.approved_at_first, told.minutes_to_approval) == (
        1, 0, 1, 1, 1,
    )  # fmt: skip


def reviewed(desk: Desk, job: str, *decisions: tuple[float, Decision], needs_all: bool = False) -> None:
    """Two reviewers decide about what a job made, each at a minute."""
    review_id = new_id()
    asked = [Reviewer(number, f"no. {number}", Role.DECIDE, 2**50) for number in (1, 2)]
    shown = Draft(1, 1, "", "", job, 0, Size(100, 100), Rect(0, 0, 100, 100), HERE, "sRGB", 8)
    desk.journal.reviews.open(review_id, "", needs_all, [*asked, shown], jobs=[job])
    for minute, decision in decisions:
        with patch.object(reviews, "_now_ms", lambda minute=minute: ms(minute)):
            desk.journal.reviews.append(review_id, [decision])


def test_who_reviews_approves(desk: Desk) -> None:
    reviewed(desk, desk.tried(0), (3, Decision(1, 1, Verdict.APPROVE, "", 1)))
    reviewed(desk, desk.tried(0, BESIDE), (5, Decision(1, 1, Verdict.CHANGES, "", 1)))
    reviewed(desk, desk.tried(0, label="b.psd"), (5, Decision(1, 1, Verdict.REJECT, "", 2)))
    told = desk.figures()
    assert (told.regions, told.approved, told.approved_at_first, told.minutes_to_approval) == (3, 1, 1, 3)


def test_where_all_have_to_approve_the_last_one_does(desk: Desk) -> None:
    yes = [Decision(1, 1, Verdict.APPROVE, "", number) for number in (1, 2)]
    reviewed(desk, desk.tried(0), (2, yes[0]), needs_all=True)
    assert desk.figures().approved == 0
    reviewed(desk, desk.tried(0, BESIDE), (2, yes[0]), (7, yes[1]), needs_all=True)
    assert desk.figures().minutes_to_approval == 7


def test_an_approval_that_is_taken_back_was_one_and_a_final_afterwards_is_no_second(desk: Desk) -> None:
    draft = desk.tried(0)
    verdicts = (4, Verdict.APPROVE), (6, Verdict.REJECT), (8, Verdict.APPROVE)
    reviewed(desk, draft, *((minute, Decision(1, 1, verdict, "", 1)) for minute, verdict in verdicts))
    desk.finish(9, draft)
    told = desk.figures()
    assert (told.approved, told.finals, told.minutes_to_approval) == (1, 1, 4)


def test_what_was_kept_after_another_pass_was_not_approved_at_first(desk: Desk) -> None:
    first = desk.tried(0)
    desk.tried(1)
    desk.rate(first, 2)
    assert desk.figures().approved_at_first == 0


def test_failed_and_cancelled_jobs_are_tries_and_no_passes(desk: Desk) -> None:
    failed, cancelled = desk.submit(0), desk.submit(1)
    desk.happen(failed, 0, Failed("INTERNAL", "no"))
    desk.happen(cancelled, 1, JobCancelled())
    desk.submit(2)  # waits
    desk.rate(desk.tried(3), 4)
    told = desk.figures()
    assert (told.tries, told.failed, told.cancelled, told.passes) == (4, 1, 1, 1)
    assert (told.approved_at_first, told.minutes_to_approval) == (1, 4), "the waiting counts, the failing is no pass"


def test_a_job_that_brought_nothing_makes_no_region(desk: Desk) -> None:
    desk.happen(desk.submit(0), 0, Failed("INTERNAL", "no"))
    told = desk.figures()
    assert (told.tries, told.regions, told.passes, told.first_pass_yield) == (1, 0, 0, None)


def test_a_job_that_was_cancelled_in_time_is_a_pass_with_what_it_brought(desk: Desk) -> None:
    job = desk.submit(0, count=4)
    desk.journal.begin(job, "cuda:0")
    desk.happen(job, 0, variation(desk.recipe, 0, "a"))
    desk.happen(job, 1, JobCancelled())
    desk.rate(job, 2)
    told = desk.figures()
    assert (told.cancelled, told.passes, told.variations, told.approved_at_first) == (1, 1, 1, 1)
    assert told.device_s == 60


def test_a_clock_that_went_back_gives_no_minutes_rather_than_fewer_than_none(desk: Desk) -> None:
    desk.rate(desk.tried(60), 5)
    desk.rate(desk.tried(10, BESIDE), 12)
    job = desk.submit(20, label="b.psd")
    desk.journal.begin(job, "cuda:0")
    desk.happen(job, 30, Loading("model"))
    desk.happen(job, 21, Step(1, 4, "painting"))
    desk.happen(job, 22, Failed("INTERNAL", "no"))
    told = desk.figures()
    assert (told.approved, told.minutes_to_approval) == (2, 2)
    assert told.device_s == 30 + 30 + 60


def test_what_passes_until_a_job_is_taken_up_again_is_nobodys_work(desk: Desk) -> None:
    job = desk.submit(0)
    desk.happen(job, 0, Queued(0))
    desk.journal.begin(job, "cuda:0")
    desk.happen(job, 1, Loading("pixels"))
    desk.happen(job, 2, Loading("model"))
    desk.happen(job, 3, Step(1, 4, "painting"))
    desk.journal.begin(job, "cuda:0")  # an hour later
    desk.happen(job, 63, Loading("again, because the worker died"))
    desk.happen(job, 64, Step(1, 4, "painting"))
    desk.happen(job, 65, variation(desk.recipe, 0, "a"))
    desk.happen(job, 65, Done(60.0))
    assert desk.figures().device_s == (2 + 2) * 60


def test_selecting_and_describing_cost_and_are_no_tries(desk: Desk) -> None:
    for verb in ("select", "describe", "structure"):
        desk.tried(0, verb=verb)
    told = desk.figures()
    assert (told.tries, told.regions, told.passes, told.device_s, told.variations) == (0, 0, 0, 90, 3)


def test_the_whole_picture_is_a_region_like_any_other(desk: Desk) -> None:
    for region in (HERE, Rect(0, 0, 100, 100), HERE, Rect(0, 0, 100, 100)):
        desk.tried(0, region)
    assert [len(region.tries) for region in desk.report().regions] == [2, 2]


@pytest.mark.parametrize(
    ("other", "regions"),
    [
        pytest.param({"region": Rect(16, 10, 20, 20)}, 1, id="seven tenths of both"),
        pytest.param({"region": Rect(17, 10, 20, 20)}, 2, id="less than half of what both cover"),
        pytest.param({"canvas": Size(200, 100)}, 2, id="another canvas"),
        pytest.param({"label": "b.kra"}, 2, id="another document"),
        pytest.param({"verb": "fill"}, 1, id="another verb"),
    ],
)
def test_one_region_is_one_place_in_one_document(desk: Desk, other: dict[str, Any], regions: int) -> None:
    desk.tried(0)
    desk.tried(1, **other)
    assert desk.figures().regions == regions


def test_a_mask_that_wanders_is_followed(desk: Desk) -> None:
    for step in range(5):
        desk.tried(step, Rect(10 + 5 * step, 10, 20, 20))
    assert desk.figures().regions == 1


def test_each_cell_of_a_plan_is_a_region_and_its_final_is_of_it(desk: Desk) -> None:
    cells = [desk.tried(minute, lane=Lane.BATCH) for minute in range(3)]
    desk.finish(5, cells[1])
    told = desk.figures()
    assert (told.tries, told.finals, told.regions, told.approved, told.approved_at_first) == (3, 1, 3, 1, 1)
    assert told.passes_per_region == 1


def test_between_two_regions_the_nearer_one_has_it(desk: Desk) -> None:
    desk.tried(0, Rect(0, 0, 20, 20))
    desk.tried(1, Rect(8, 0, 20, 20))  # 12 of 28 columns in common: another
    desk.tried(2, Rect(6, 0, 20, 20))  # 14 of 26 with the first, 18 of 22 with the second
    told = desk.report()
    assert [len(region.tries) for region in told.regions] == [1, 2]


def test_another_roll_is_of_its_parents_region_wherever_its_mask_went(desk: Desk) -> None:
    first = desk.tried(0)
    desk.tried(1, BESIDE, parent=first)
    assert desk.figures().regions == 1


def test_without_a_label_who_read_the_same_pixels_is_of_one_document(desk: Desk) -> None:
    desk.tried(0, label="")
    desk.tried(1, label="")
    other = dataclasses.replace(desk.recipe.canvas.source, blob="f" * 64)
    desk.tried(2, label="", source=other)
    told = desk.report()
    assert [one.tries for one in told.rows.values()] == [2, 1]
    assert told.total.regions == 2


def test_two_persons_have_a_row_each_and_one_region_between_them(desk: Desk) -> None:
    jobs = [desk.tried(0, by=Person("anna")), desk.tried(2, by=Person("ben")), desk.tried(3, BESIDE, by=Person("ben"))]
    desk.rate(jobs[1], 5)
    rows = desk.report("person").rows
    assert list(rows) == ["ben", "anna"]
    assert (rows["anna"].tries, rows["anna"].approved) == (1, 0)
    assert (rows["ben"].tries, rows["ben"].regions, rows["ben"].approved) == (2, 2, 1)
    assert rows["ben"].minutes_to_approval == 3, "from the first of these tries"
    assert desk.report().total.minutes_to_approval == 5


def test_on_a_single_desk_everything_is_the_owners(desk: Desk) -> None:
    desk.tried(0)
    assert list(desk.report("person").rows) == ["owner"]


def test_rows_are_by_style_model_and_batch_too(desk: Desk) -> None:
    desk.tried(0, batch="autumn", style="house")
    desk.tried(1, model="other")
    assert list(desk.report("batch").rows) == ["", "autumn"]
    assert list(desk.report("style").rows) == ["", "house"]
    assert desk.report("model").rows["painter"].tries == 2, "who painted it is who is told"


def test_money_is_what_receipts_say_and_what_devices_cost(desk: Desk) -> None:
    desk.paint(desk.submit(0), 0, seconds=1800)
    desk.paint(desk.submit(0), 0, count=2, seconds=0.001, receipt={"engine": "api", "price": "0.04 USD (2026-11)"})
    rates = Rates("EUR", {"cuda": 3.0, "cuda:1": 9.0}, {"painter": 0.25, "api": 100.0})
    assert desk.report(rates=rates).total.money == pytest.approx({"EUR": 1.5 + 0.25, "USD": 0.08}, abs=1e-5)
    assert desk.report(rates=Rates("EUR", {"cuda:0": 4.0, "cuda": 3.0})).total.money["EUR"] == pytest.approx(
        2.0, abs=1e-5
    )
    assert desk.report().total.money == pytest.approx({"USD": 0.08})


def test_what_another_server_paints_holds_no_device(desk: Desk) -> None:
    job = desk.submit(0)
    desk.journal.begin(job, "remote:0")
    desk.happen(job, 0, variation(desk.recipe, 0, "a"))
    desk.happen(job, 0, Done(500.0))
    told = desk.report(rates=Rates("EUR", {"remote": 9.0})).total
    assert (told.device_s, told.money) == (0, {})


def test_a_period_has_what_was_submitted_in_it(desk: Desk) -> None:
    desk.tried(0)
    desk.rate(desk.tried(10), 40)
    desk.tried(20)
    at = [datetime.datetime.fromtimestamp(BEGAN + 60 * minute).astimezone() for minute in (10, 20)]
    told = desk.report(since=at[0], until=at[1]).total
    assert (told.tries, told.approved, told.approved_at_first, told.minutes_to_approval) == (1, 1, 1, 30)


def test_a_journal_of_the_first_version_is_read_as_it_lies(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "old" / "journal.sqlite"
    path.parent.mkdir()
    write_old_journal(path, {new_id(): (desk.recipe, variation(desk.recipe, 0, "a"))}, ms(0))
    before = path.read_bytes()
    told = summarise(place(read(path)), Rates()).total
    assert (told.tries, told.passes, told.device_s) == (1, 1, 1)
    assert path.read_bytes() == before


def test_a_backup_in_a_folder_that_nobody_may_write_is_read(desk: Desk, tmp_path: Path) -> None:
    desk.tried(0)
    folder = tmp_path / "archive"
    folder.mkdir()
    desk.journal.close()
    copy = folder / "journal.sqlite"
    copy.write_bytes(desk.path.read_bytes())
    copy.chmod(0o400)
    folder.chmod(0o500)
    try:
        assert len(read(copy)) == 1
        if os.geteuid():
            assert [path.name for path in folder.iterdir()] == ["journal.sqlite"]
    finally:
        folder.chmod(0o700)
    desk.journal = Journal(desk.path)


def test_what_is_no_journal_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read(tmp_path / "journal.sqlite")
    other = tmp_path / "other.sqlite"
    with contextlib.closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("CREATE TABLE jobs (number)")
    with pytest.raises(Unsupported, match="no journal"):
        read(other)
    with contextlib.closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("PRAGMA user_version = 900")
    with pytest.raises(Unsupported, match="newer"):
        read(other)
    other.write_bytes(b"neither is this one, however long it is" * 100)
    with pytest.raises(Unavailable):
        read(other)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("[hour]\ncpu = 1", "rates.currency"),
        ("currency = 3\n[hour]\ncpu = 1", "rates.currency"),
        ('currency = "EUR"\n[hour]\ncpu = "much"', "rates.hour.cpu"),
        ('currency = "EUR"\n[hour]\ncpu = -1', "rates.hour.cpu"),
        ('currency = "EUR"\nhour = 3', "rates.hour"),
        ('currency = "EUR"\n[day]\ncpu = 3', "rates.day"),
        ("= 3", "rates"),
    ],
)
def test_rates_that_say_something_else_are_refused(tmp_path: Path, text: str, field: str) -> None:
    path = tmp_path / "rates.toml"
    path.write_text(text)
    with pytest.raises(InvalidInput) as refused:
        read_rates(path)
    assert refused.value.field == field


def test_no_rates_are_no_money(tmp_path: Path) -> None:
    assert read_rates(tmp_path / "rates.toml") == Rates()


def test_boxes_share_what_they_share() -> None:
    assert overlap(Rect(0, 0, 10, 10), Rect(5, 0, 10, 10)) == 50 / 150
    assert overlap(Rect(0, 0, 10, 10), Rect(10, 0, 10, 10)) == 0
