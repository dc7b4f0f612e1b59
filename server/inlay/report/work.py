"""What the journal knows of one job, as a report reads it."""

import re
from dataclasses import dataclass

from inlay.capabilities import REMOTE
from inlay.edit.verbs import LOOKS
from inlay.job import JobState, Lane
from inlay.region import Rect, Size

_PLACE = re.compile(r"(.+) [0-9a-f]{32}")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Price:
    """What another server asked for one variation, as the receipt has it."""

    amount: float
    currency: str


@dataclass(frozen=True)
class Judged:
    """The last judgement of a variation."""

    variation: int
    is_kept: bool
    time_ms: int


@dataclass(frozen=True)
class Work:
    """One job. Times are milliseconds since 1970-01-01 UTC, as the server's clock had them."""

    number: int
    """Rises with each job that was accepted, whatever the clock did."""
    job_id: str
    state: JobState
    submitted_ms: int
    verb: str
    region: Rect
    """Of the document, in px: the box of what was selected."""
    canvas: Size
    source: str
    """The hash of the pixels that it read."""
    label: str = ""
    batch: str = ""
    lane: Lane = Lane.FINAL
    parent: str = ""
    """The id of the job that it comes from; empty where it has none."""
    finishes_draft: bool = False
    person: str = ""
    model: str = ""
    style: str = ""
    device: str = ""
    device_s: float = 0.0
    """So long a worker had it."""
    variations: int = 0
    """Finished ones."""
    prices: tuple[Price, ...] = ()
    """Of finished variations whose receipts have one."""
    judged: tuple[Judged, ...] = ()
    reviewed_ms: int | None = None
    """When it was first approved in a review; None: it was not."""
    prompt: str = ""

    @property
    def is_remote(self) -> bool:
        """Whether another server painted it."""
        return self.device.partition(":")[0] == REMOTE

    @property
    def looks_only(self) -> bool:
        """It costs, and is no try."""
        return self.verb in LOOKS

    @property
    def document(self) -> str:
        """What is one document: its label; where there is none, the pixels that were read."""
        return self.label or f"pixels {self.source}"


def name_of(document: str) -> str:
    """What a document is called: its file's name, without the hash of where it lies."""
    if found := _PLACE.fullmatch(document):
        return found[1]
    if _ID.fullmatch(document):
        return f"document {document[:8]}"
    return f"unnamed {document[7:15]}" if document.startswith("pixels ") else document
