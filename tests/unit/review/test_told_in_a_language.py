"""Why a final is left to the studio is told in the studio's language, and to no reviewer."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from inlay.errors import BlobMissing
from inlay.forms import Forms
from inlay.jobs import finals
from inlay.review.events import Final, FinalState, ReviewEvent, Role
from inlay.review.events import Reviewer as Asked
from inlay.review.standing import Review
from inlay.rpc.reviewing import ReviewCalls
from inlay.v1 import review_pb2

ME = Asked(1, "Anna", Role.DECIDE, 2**40, False)


def reason_of(error: Exception) -> str:
    return cast(Any, finals)._reason(error)


def told(reason: str, language: str, me: Asked | None = None) -> str:
    """What GetReview says to the studio, or to a reviewer."""
    events = (ReviewEvent(1, 0, ME), ReviewEvent(2, 0, Final(1, 1, FinalState.TO_FINISH, "", reason)))
    review = Review("9b2d3a52-6f0e-4c8e-9a5b-2a1b6a6d6a01", "Autumn", 0, False, events)

    def caller(link: str, review_id: str) -> SimpleNamespace:
        return SimpleNamespace(review=review, me=me)

    reviews = SimpleNamespace(caller=caller)
    context = SimpleNamespace(language=language, principal=SimpleNamespace(link=""))
    answer = asyncio.run(
        ReviewCalls(cast(Any, reviews), Forms()).get_review(review_pb2.GetReviewRequest(), cast(Any, context))
    )
    return answer.review.events[1].final.reason


@pytest.mark.parametrize(
    ("reason", "german"),
    [
        (reason_of(BlobMissing("ab" * 32, field="canvas.source.blob")), "der Server hat das Bild davon nicht mehr;"),
        (reason_of(BlobMissing("ab" * 32, field="where.mask.blob")), "der Server hat die Auswahl davon nicht mehr;"),
        ("its job was taken back", "der Auftrag dafür wurde zurückgenommen"),
    ],
)
def test_a_german_studio_reads_the_reason_in_german_and_others_as_it_was_said(reason: str, german: str) -> None:
    assert told(reason, "de-DE").startswith(german)
    assert told(reason, "en-GB") == told(reason, "") == reason


def test_a_reviewer_is_not_told_it_in_any_language() -> None:
    assert told("its job was taken back", "de-DE", ME) == ""
