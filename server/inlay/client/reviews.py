"""Reviews of a server as the studio sees them: opening, inviting, reading, withdrawing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from inlay.review.events import Invitation, NewDraft, ReviewEvent, ReviewLink
from inlay.review.standing import Review
from inlay.v1 import review_pb2
from inlay.wire.codec import from_message, to_message

Ask = Callable[[str, Any], Any]
"""A call of the contract by its name."""


@dataclass(frozen=True)
class Links:
    """Reviewers' links, told once. fingerprint: of the certificate that browsers will ask about; empty without TLS."""

    review_id: str
    links: tuple[ReviewLink, ...]
    fingerprint: str


class Reviews:
    """once: a call that must not be made twice. again: one that may, made until it arrives."""

    def __init__(self, once: Ask, again: Ask) -> None:
        self._once = once
        self._again = again

    def create(
        self, title: str, drafts: Sequence[NewDraft], invitations: Sequence[Invitation], needs_all: bool = False
    ) -> Links:
        """Open a review of drafts and make the reviewers' links."""
        request = review_pb2.CreateReviewRequest(
            title=title,
            drafts=[to_message(one, review_pb2.NewDraft) for one in drafts],
            invitations=[to_message(one, review_pb2.Invitation) for one in invitations],
            needs_all=needs_all,
        )
        answer = self._once("CreateReview", request)
        links = tuple(from_message(ReviewLink, link) for link in answer.links)
        return Links(answer.review.review_id, links, answer.fingerprint)

    def add(self, review_id: str, drafts: Sequence[NewDraft]) -> Review:
        """Add drafts, or newer versions of drafts, which lock the older ones."""
        shown = [to_message(one, review_pb2.NewDraft) for one in drafts]
        request = review_pb2.AddVersionRequest(review_id=review_id, drafts=shown)
        return from_message(Review, self._once("AddVersion", request).review)

    def invite(self, review_id: str, invitation: Invitation) -> Links:
        """A link for one more reviewer."""
        request = review_pb2.InviteReviewerRequest(
            review_id=review_id, invitation=to_message(invitation, review_pb2.Invitation)
        )
        answer = self._once("InviteReviewer", request)
        return Links(review_id, (from_message(ReviewLink, answer.link),), answer.fingerprint)

    def newest(self, limit: int = 30) -> list[Review]:
        """The newest reviews, the newest first."""
        answer = self._again("ListReviews", review_pb2.ListReviewsRequest(limit=limit))
        return [from_message(Review, review) for review in answer.reviews]

    def get(self, review_id: str) -> Review:
        """A review with everything that happened in it. Raises NotFound."""
        answer = self._again("GetReview", review_pb2.GetReviewRequest(review_id=review_id))
        return from_message(Review, answer.review)

    def poll(self, review_id: str, after_seq: int = 0) -> list[ReviewEvent]:
        """What happened after number `after_seq`."""
        answer = self._again("PollReview", review_pb2.PollReviewRequest(review_id=review_id, after_seq=after_seq))
        return [from_message(ReviewEvent, event) for event in answer.events]

    def resolve(self, review_id: str, pin_id: str, is_resolved: bool = True) -> None:
        """A pin is done with, or is not."""
        request = review_pb2.ResolvePinRequest(review_id=review_id, pin_id=pin_id, is_resolved=is_resolved)
        self._again("ResolvePin", request)

    def revoke(self, review_id: str, reviewer: int = 0) -> Review:
        """Make a reviewer's link void; 0: all of them, and the review is over."""
        request = review_pb2.RevokeReviewRequest(review_id=review_id, reviewer=reviewer)
        return from_message(Review, self._again("RevokeReview", request).review)
