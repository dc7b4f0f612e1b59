"""What a review says of a plan's cells, from its events alone."""

from collections.abc import Sequence

import pytest

from inlay.batch.approved import Judged, drafts_of, judged
from inlay.batch.manifest import Record, State
from inlay.region import Rect, Size
from inlay.review.events import (
    Decision,
    Draft,
    Final,
    FinalState,
    Happening,
    Pin,
    PinResolved,
    Reviewer,
    ReviewEvent,
    Role,
    Verdict,
)
from inlay.review.standing import Review

ADA, BEN = Reviewer(1, "Ada", Role.DECIDE, 0), Reviewer(2, "Ben", Role.DECIDE, 0)


def draft(number: int, job: str, version: int = 1, variation: int = 0) -> Draft:
    return Draft(number, version, "", "", job, variation, Size(9, 9), Rect(0, 0, 9, 9), Rect(2, 2, 3, 3), "sRGB", 8)


def review(happened: Sequence[Happening], needs_all: bool = False) -> Review:
    events = tuple(ReviewEvent(at, at, one) for at, one in enumerate((ADA, BEN, *happened), 1))
    return Review("r", "Autumn", 0, needs_all, events)


def test_what_nobody_has_judged_is_not_there_and_an_approved_final_counts_once_it_is_painted() -> None:
    shown = [draft(1, "one"), draft(2, "two"), draft(3, "three")]
    approved = [Decision(1, 1, Verdict.APPROVE, "", 1), Decision(2, 1, Verdict.APPROVE, "", 1)]
    finals = [
        Final(1, 1, FinalState.PAINTING, "f1"),
        Final(1, 1, FinalState.DONE, "f1"),
        Final(2, 1, FinalState.PAINTING, "f2"),
    ]
    assert judged(review([*shown, *approved, *finals])) == {
        "one": Judged("approved", "", "f1"),
        "two": Judged("approved"),
    }


def test_what_is_turned_down_comes_with_the_words_of_whoever_did_and_with_open_pins() -> None:
    said = [
        draft(1, "one"),
        Decision(1, 1, Verdict.REJECT, "too warm", 2),
        Pin("a", 1, 1, "the horizon tilts", None, "", 1),
        Pin("b", 1, 1, "done since", None, "", 1),
        Pin("c", 1, 1, "yes", None, "a", 2),
        PinResolved("b", True, 1),
    ]
    assert judged(review(said)) == {"one": Judged("rejected", "Ben: too warm; Ada: the horizon tilts")}
    changed = [*said, Decision(1, 1, Verdict.CHANGES, "", 2)]
    assert judged(review(changed))["one"].verdict == "changes"


def test_where_all_have_to_agree_one_is_not_enough() -> None:
    said = [draft(1, "one"), Decision(1, 1, Verdict.APPROVE, "", 1)]
    assert judged(review(said, needs_all=True)) == {}
    assert judged(review([*said, Decision(1, 1, Verdict.APPROVE, "", 2)], needs_all=True)) == {
        "one": Judged("approved")
    }


def test_a_locked_version_decides_nothing_any_more() -> None:
    said = [draft(1, "old"), Decision(1, 1, Verdict.REJECT, "", 1), draft(1, "new", version=2)]
    assert judged(review(said)) == {}
    assert judged(review([*said, Decision(1, 2, Verdict.REJECT, "", 1)])) == {"new": Judged("rejected")}


@pytest.mark.parametrize("liked", [1, 2])
def test_of_several_variations_the_approved_one_is_the_cells(liked: int) -> None:
    said = [
        draft(1, "one"),
        draft(2, "one", variation=1),
        Decision(liked, 1, Verdict.APPROVE, "", 1),
        Final(liked, 1, FinalState.DONE, "f"),
        Decision(3 - liked, 1, Verdict.REJECT, "no", 1),
    ]
    assert judged(review(said)) == {"one": Judged("approved", "", "f")}


def test_cells_that_have_a_file_are_shown_under_what_their_axes_say() -> None:
    def record(job: str, sha256: str, count: int) -> Record:
        axes = {"document": "hero", "format": "", "headline": job}
        recipe = {"sampling": {"count": count}}
        return Record(job, f"{job}.psd", "hero.psd", axes, {}, 0, State.DONE, job_id=job, sha256=sha256, recipe=recipe)

    shown = drafts_of([record("a", "0", 2), record("b", "", 1), record("c", "1", 1)])
    assert [(one.job_id, one.variation, one.text) for one in shown] == [
        ("a", 0, "hero, a"), ("a", 1, "hero, a"), ("c", 0, "hero, c")
    ]  # fmt: skip
