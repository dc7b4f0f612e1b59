"""A job as the journal knows it."""

import enum
import uuid
from dataclasses import dataclass

from inlay.errors import InvalidInput, clipped
from inlay.recipe import Recipe


class JobState(enum.StrEnum):
    """Where a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self not in (JobState.QUEUED, JobState.RUNNING)


class Rating(enum.StrEnum):
    """What the retoucher thinks of a variation."""

    KEPT = "kept"
    REJECTED = "rejected"


def canonical_id(job_id: str) -> str:
    """The one spelling of a job id, lower case with hyphens. Raises InvalidInput unless it is a UUID."""
    try:
        return str(uuid.UUID(job_id))
    except ValueError:
        raise InvalidInput("job_id", repr(clipped(job_id)), "it must be a UUID") from None


@dataclass(frozen=True)
class Job:
    """One submitted recipe on its way, as it stood when this was read."""

    job_id: str
    """The UUID that the client chose, in its canonical spelling."""
    state: JobState
    recipe: Recipe
    last_seq: int
    """The number of its newest event; 0 before the first."""
    submitted_unix_ms: int
    variations_done: int
    fetched: bool
    """There are variations, and a client fetched all their blobs."""
    label: str
    attempts: int
    """How often a worker began it."""
    deaths: int
    """How many workers died under it."""
    title: str = ""
    """What its result is named, in the language that was asked for; the journal has none."""
