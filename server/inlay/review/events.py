"""What happens in a review, as values. The contract's messages have the same names: proto/inlay/v1/review.proto."""

import enum
from dataclasses import dataclass

from inlay.region import Rect, Size


class Role(enum.StrEnum):
    """What a reviewer may do; each may do what those before it may."""

    VIEW = "view"
    COMMENT = "comment"
    DECIDE = "decide"

    def covers(self, other: "Role") -> bool:
        """Whether who has this role may do what `other` may."""
        return _ROLES.index(self) >= _ROLES.index(other)


_ROLES = list(Role)


class Verdict(enum.StrEnum):
    """What a reviewer thinks of a draft."""

    APPROVE = "approve"
    CHANGES = "changes"
    REJECT = "reject"


class FinalState(enum.StrEnum):
    """Where a draft's final is."""

    PAINTING = "painting"
    DONE = "done"
    TO_FINISH = "to_finish"
    """The server cannot paint it by itself: who has the document has to."""


STUDIO = 0
"""The reviewer's number that stands for the studio itself."""


@dataclass(frozen=True)
class Reviewer:
    """Somebody was asked. number: from 1."""

    number: int
    name: str
    role: Role
    expires_unix_ms: int
    is_revoked: bool = False
    """In what stands now; an event that asks somebody says no."""


@dataclass(frozen=True)
class Draft:
    """A version of a draft is there. draft and version: from 1. window, region: in document px."""

    draft: int
    version: int
    title: str
    text: str
    job_id: str
    variation: int
    document: Size
    window: Rect
    region: Rect
    profile: str
    bits: int


@dataclass(frozen=True)
class Place:
    """In a picture: 0 at its left and top edges, 1 at its right and bottom ones."""

    x: float
    y: float


@dataclass(frozen=True)
class Pin:
    """Somebody says something of a version of a draft. answers: the id of a pin, or empty. reviewer: 0: the studio."""

    pin_id: str
    draft: int
    version: int
    text: str
    at: Place | None = None
    answers: str = ""
    reviewer: int = STUDIO


@dataclass(frozen=True)
class PinResolved:
    """A pin is done with, or is not."""

    pin_id: str
    is_resolved: bool
    reviewer: int = STUDIO


@dataclass(frozen=True)
class Decision:
    """A judgement of a version of a draft."""

    draft: int
    version: int
    verdict: Verdict
    text: str = ""
    reviewer: int = STUDIO


@dataclass(frozen=True)
class Final:
    """What becomes of an approved version of a draft. reason: why somebody has to finish it."""

    draft: int
    version: int
    state: FinalState
    job_id: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Revoked:
    """Links were made void: a reviewer's, or for 0 everybody's, and the review is over."""

    reviewer: int


Happening = Reviewer | Draft | Pin | PinResolved | Decision | Final | Revoked


@dataclass(frozen=True)
class ReviewEvent:
    """One thing that happened in a review. seq: from 1, without gaps."""

    seq: int
    time_unix_ms: int
    happening: Happening


@dataclass(frozen=True)
class DraftState:
    """Where a version of a draft stands. verdict: of all reviewers together; None: in review."""

    draft: int
    version: int
    is_locked: bool
    verdict: Verdict | None = None


@dataclass(frozen=True)
class NewDraft:
    """A variation to be shown. variation: from 0. replaces: the number of the draft that it is a newer version of, or 0."""

    job_id: str
    variation: int = 0
    text: str = ""
    replaces: int = 0


@dataclass(frozen=True)
class Invitation:
    """Somebody to be asked. days: for how long the link is good; 0: the usual time."""

    name: str
    role: Role
    days: int = 0


@dataclass(frozen=True)
class ReviewLink:
    """A reviewer's link; told once. url: empty where whoever made it does not know where the server is. code: the same as a PNG."""

    reviewer: Reviewer
    token: str
    url: str = ""
    code: bytes = b""
