"""Where a review stands, from its events alone."""

import pytest

from inlay.cli.review_told import place_of
from inlay.errors import InvalidInput, NotFound
from inlay.region import Rect, Size
from inlay.review.events import (
    Decision,
    Draft,
    Happening,
    Pin,
    PinResolved,
    Place,
    Reviewer,
    ReviewEvent,
    Revoked,
    Role,
    Verdict,
)
from inlay.review.standing import Review

WINDOW = Rect(100, 50, 700, 530)
ANNA, BEN = (Reviewer(number, name, Role.DECIDE, 1) for number, name in ((1, "Anna"), (2, "Ben")))
CEM = Reviewer(3, "Cem", Role.COMMENT, 1)


def drafted(draft: int = 1, version: int = 1) -> Draft:
    return Draft(draft, version, "", "", "job", 0, Size(2_000, 2_000), WINDOW, WINDOW, "sRGB", 8)


def said(verdict: Verdict, reviewer: int, version: int = 1) -> Decision:
    return Decision(1, version, verdict, reviewer=reviewer)


def review(*happenings: Happening, needs_all: bool = False) -> Review:
    return Review("id", "", 0, needs_all, tuple(ReviewEvent(at, 0, one) for at, one in enumerate(happenings, start=1)))


APPROVE, CHANGES, REJECT = Verdict.APPROVE, Verdict.CHANGES, Verdict.REJECT


@pytest.mark.parametrize(
    ("needs_all", "decisions", "verdict"),
    [
        (False, [], None),
        (False, [(APPROVE, 1)], APPROVE),
        (False, [(APPROVE, 1), (REJECT, 2)], REJECT),
        (False, [(REJECT, 2), (APPROVE, 1)], APPROVE),
        (False, [(REJECT, 1), (CHANGES, 2), (APPROVE, 1)], APPROVE),
        (True, [], None),
        (True, [(APPROVE, 1)], None),
        (True, [(APPROVE, 1), (APPROVE, 2)], APPROVE),
        (True, [(CHANGES, 1), (APPROVE, 2)], CHANGES),
        (True, [(CHANGES, 1), (REJECT, 2)], REJECT),
        (True, [(CHANGES, 1), (APPROVE, 2), (APPROVE, 1)], APPROVE),
    ],
)
def test_what_a_draft_came_to_follows_from_each_ones_last_word_and_the_rule(needs_all, decisions, verdict):
    happened = (ANNA, BEN, CEM, drafted(), *(said(*one) for one in decisions))
    assert review(*happened, needs_all=needs_all).state((1, 1)).verdict is verdict


def test_who_cannot_decide_any_more_is_not_waited_for():
    happened = (ANNA, BEN, drafted(), said(APPROVE, 1))
    assert review(*happened, needs_all=True).state((1, 1)).verdict is None
    assert review(*happened, Revoked(2), needs_all=True).state((1, 1)).verdict is APPROVE


def test_a_newer_version_begins_anew_and_locks_its_own_draft_only():
    now = review(ANNA, drafted(), drafted(2), said(REJECT, 1), drafted(1, 2))
    assert [(one.draft, one.version, one.is_locked, one.verdict) for one in now.drafts] == [
        (1, 1, True, REJECT),
        (2, 1, False, None),
        (1, 2, False, None),
    ]
    with pytest.raises(InvalidInput, match="locked, for there is version 2 of draft 1"):
        now.open_version(1, 1)
    assert now.open_version(1, 2).version == 2
    for there_is_not in ((3, 1), (1, 3), (1, 0)):
        with pytest.raises(NotFound):
            now.version(*there_is_not)


def test_a_pin_is_done_with_as_was_said_last():
    pins = [Pin(name, 1, 1, name) for name in "abc"]
    now = review(ANNA, drafted(), *pins, PinResolved("a", True), PinResolved("b", True), PinResolved("b", False))
    assert now.resolved == {"a"}


def test_a_review_that_is_over_is_closed_to_everybody():
    now = review(ANNA, BEN, Revoked(2), Revoked(0))
    assert now.is_over
    assert [one.is_revoked for one in now.reviewers.values()] == [True, True]
    assert [one.is_revoked for one in review(ANNA, BEN, Revoked(2)).reviewers.values()] == [False, True]


@pytest.mark.parametrize(("at", "px"), [((0, 0), (100, 50)), ((0.5, 1), (450, 580)), ((1, 0.25), (800, 182))])
def test_a_pins_place_is_told_in_document_px(at, px):
    pin = Pin("a", 1, 1, "here", Place(*at))
    assert place_of(review(drafted(), pin), pin) == px
