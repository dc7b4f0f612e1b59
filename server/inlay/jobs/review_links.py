"""Reviewers' links: their tokens, how long they are good, and how much may be said with them."""

import secrets
import time
from collections.abc import Sequence

from inlay.errors import InvalidInput
from inlay.review.events import Invitation, Reviewer, ReviewLink
from inlay.review.standing import Review

TOKEN_PREFIX = "review."
"""By it a reviewer's token is told from the server's, whatever server it is shown to."""

TOKEN_BYTES = 32
USUAL_DAYS, MOST_DAYS = 7, 90
MAX_NAME = 64
DAY_MS = 86_400_000


def links_for(review: Review, invitations: Sequence[Invitation]) -> list[ReviewLink]:
    """A new link for each. Raises InvalidInput."""
    links: list[ReviewLink] = []
    for at, asked in enumerate(invitations):
        check_text(f"invitations[{at}].name", asked.name.strip(), 1, MAX_NAME)
        if not 0 <= asked.days <= MOST_DAYS:
            limit = f"it must be 1 .. {MOST_DAYS}, or 0 for {USUAL_DAYS}"
            raise InvalidInput(f"invitations[{at}].days", asked.days, limit)
        until_ms = now_ms() + (asked.days or USUAL_DAYS) * DAY_MS
        reviewer = Reviewer(len(review.reviewers) + at + 1, asked.name.strip(), asked.role, until_ms)
        links.append(ReviewLink(reviewer, TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)))
    return links


def check_text(field: str, text: str, least: int, most: int) -> None:
    """Raise InvalidInput for a text that is too short or too long."""
    if not least <= len(text) <= most:
        raise InvalidInput(field, f"{len(text)} characters long", f"it must have {least} .. {most}")


def check_count(field: str, count: int, most: int) -> None:
    """Raise InvalidInput unless there is one, and at most so many."""
    if not 1 <= count <= most:
        raise InvalidInput(field, f"{count} of them", f"it must be 1 .. {most}")


def now_ms() -> int:
    """Since 1970-01-01 UTC."""
    return time.time_ns() // 1_000_000
