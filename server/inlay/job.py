"""A job as the journal knows it."""

import enum
import uuid
from dataclasses import dataclass

from inlay.errors import InvalidInput, clipped
from inlay.person import OWNER, Person
from inlay.recipe import Recipe, Tier


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


class Lane(enum.StrEnum):
    """How urgent a job is, the most urgent first."""

    LIVE = "live"
    """Somebody draws and looks at it meanwhile."""
    DRAFT = "draft"
    """Somebody waits for a first look."""
    STANDARD = "standard"
    """Somebody waits for a good look."""
    FINAL = "final"
    """Somebody waits for what is delivered."""
    BATCH = "batch"
    """Nobody waits: overnight, many files."""


def lane_of(tier: Tier) -> Lane:
    """The lane of a job that names none."""
    return Lane(tier)


MAX_LABEL_CHARACTERS = 256


@dataclass(frozen=True)
class Ticket:
    """What a client says of a job beside its recipe: it decides no pixels."""

    label: str = ""
    """By which it is found again, such as the document's name; at most 256 characters."""
    lane: Lane | None = None
    """None: by its tier."""
    parent: str = ""
    """The id of the job that it comes from, such as the draft's that it finishes; it need not be known here."""
    batch: str = ""
    """What all jobs of one undertaking share; at most 256 characters."""
    hints: bool = True
    """Whether something may be said beside its results of how tries at their region go. No job remembers it."""
    by: Person = OWNER
    """Who asks, as the server knows it, whatever the client says; the job counts to their project."""


class Rating(enum.StrEnum):
    """What the retoucher thinks of a variation."""

    KEPT = "kept"
    REJECTED = "rejected"


@dataclass(frozen=True)
class HistoryEntry:
    """One finished variation, as a history shows it."""

    job_id: str
    variation: int
    """Which of the job's, from 0."""
    verb: str
    prompt: str
    target_color: str
    seed: int
    seconds: float | None
    """How long it was painted and fitted, the mean over its job's variations; None where that is not known."""
    submitted_unix_ms: int
    model: str
    """The id of the one that painted it."""
    thumbnail: bytes
    """PNG, sRGB, at most 192 px a side; empty where it is not kept."""
    rating: Rating | None = None
    title: str = ""
    """What it is named, in the language that was asked for; the journal has none."""


NOTHING_SAID = Ticket()


def canonical_id(job_id: str, field: str = "job_id") -> str:
    """The one spelling of a job id, lower case with hyphens. Raises InvalidInput naming `field` unless it is a UUID."""
    try:
        return str(uuid.UUID(job_id))
    except ValueError:
        raise InvalidInput(field, repr(clipped(job_id)), "it must be a UUID") from None


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
    lane: Lane
    parent: str
    """The id of the job that it comes from; empty where it has none."""
    batch: str
    """What it shares with others of one undertaking; empty where it is alone."""
    device: str
    """Where it is, or was last, painted; empty before."""
    attempts: int
    """How often a worker began it."""
    deaths: int
    """How many workers died under it."""
    person: str = OWNER.name
    """Whose it is."""
    project: str = ""
    """What it counts to; empty: nothing."""
    title: str = ""
    """What its result is named, in the language that was asked for; the journal has none."""
