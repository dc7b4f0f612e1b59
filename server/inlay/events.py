"""What can happen to a job, as plain values; the journal stores them, the doors send them."""

from dataclasses import dataclass

from inlay.errors import InvalidInput
from inlay.region import Rect, Size
from inlay.variation import Variation


@dataclass(frozen=True)
class Queued:
    """The job waits behind `position` others."""

    position: int
    eta_s: float | None = None
    why: str = ""
    """What keeps the server from its work, a full disk for one; empty where nothing does."""


@dataclass(frozen=True)
class Loading:
    """A worker took the job and prepares."""

    what: str


@dataclass(frozen=True)
class Step:
    """Step `index` (1-based) of `total` of the whole job is done."""

    index: int
    total: int
    phase: str
    eta_s: float | None = None


@dataclass(frozen=True)
class Preview:
    """An early look: width x height x 3 bytes, sRGB, at most 512 px a side. Only the newest of a job is kept."""

    variation: int
    size: Size
    bounds: Rect
    rgb: bytes

    def check(self, field: str) -> None:
        """Raise InvalidInput unless there are bytes for each pixel."""
        if len(self.rgb) != self.size.area * 3:
            raise InvalidInput(f"{field}.rgb", f"{len(self.rgb)} bytes", f"it must be {self.size.area * 3} bytes")


@dataclass(frozen=True)
class VariationDone:
    """A variation is finished; its blobs are in the store."""

    variation: Variation
    thumbnail: bytes = b""
    """What it shows, as `inlay.edit.thumbnail` has it. On its way to the journal's history; events that are read have none."""


@dataclass(frozen=True)
class Done:
    """All variations are there. A last event."""

    seconds: float


@dataclass(frozen=True)
class Failed:
    """The job ended with an error. A last event."""

    code: str
    """The status code's name, such as INVALID_ARGUMENT."""
    message: str
    field: str = ""


@dataclass(frozen=True)
class JobCancelled:
    """The client took the job back. A last event."""


Happening = Queued | Loading | Step | Preview | VariationDone | Done | Failed | JobCancelled
LAST = (Done, Failed, JobCancelled)


@dataclass(frozen=True)
class Event:
    """One happening with its number. Numbers start at 1 and rise; superseded previews and positions leave gaps.

    What the journal cannot take, that a job waits because nothing can be written, has the number of the event before it.
    """

    seq: int
    time_unix_ms: int
    happening: Happening
