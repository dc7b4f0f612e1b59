"""What a server answers that has no other home: who it is, what it proposes to capture, what an upload took."""

from dataclasses import dataclass
from typing import NamedTuple

from inlay.recipe import Told
from inlay.region import Rect, Size
from inlay.variation import Selection


@dataclass(frozen=True)
class ServerInfo:
    """Who answers."""

    version: str
    protocol: int
    name: str
    """The machine's name, for people."""
    devices: tuple[str, ...]
    profiles: tuple[str, ...]
    """Names of colour profiles that need no ICC bytes."""
    max_chunk_bytes: int


@dataclass(frozen=True)
class Leaving:
    """What an edit sends to another machine."""

    to: str
    """Who gets it, for people."""
    rect: Rect
    """Of the document, in its pixels."""
    bytes: int
    """For all variations, at most."""
    price: str
    """Of all variations, for people; empty: not known, or nothing."""
    sentence: str


@dataclass(frozen=True)
class EditPlan:
    """What to capture for an edit, and what it will cost."""

    window: Rect
    """The rectangle of pixels to capture, in document pixels."""
    working: Size
    """The size it is painted at."""
    model: str
    notes: tuple[str, ...]
    """Sentences for the retoucher."""
    estimate_s: float | None
    """Seconds of work; None while nothing was measured."""
    queue_length: int
    """Jobs that wait or run now."""
    sentence: str = ""
    """Seconds and sharpness in one line."""
    leaving: Leaving | None = None
    """None: everything stays with the server."""
    told: Told | None = None
    """What the model would be told; None where it reads no words, or nobody asked."""

    @property
    def scale(self) -> float:
        """Working pixels per document pixel; below 1 the result is softer than the document."""
        return self.working.width / self.window.width


@dataclass(frozen=True)
class Reading:
    """What an averaging eyedropper reads in a region."""

    pixels: int
    """How many were read."""
    document_mean: tuple[float, ...]
    """Of the document's own samples, by channel."""
    document_spread: tuple[float, ...]
    """Their standard deviation."""
    lab_mean: tuple[float, ...]
    """CIELab (D50) of the mean in linear light."""
    lab_spread: tuple[float, ...]
    hex: str
    """The mean as `#rrggbb` in sRGB, clipped to it."""
    delta_e: float | None
    """CIEDE2000 to the target; None without one."""


class Upload(NamedTuple):
    """A blob that is at the server now."""

    sha256: str
    sent: int
    """Bytes that had to travel; 0 where the server had them."""


@dataclass(frozen=True)
class MainColor:
    """One of a picture's main colours. share: of its pixels, 0 .. 1. lab: D50. nearest: the name of the brand's colour."""

    share: float
    hex: str
    lab: tuple[float, ...]
    nearest: str
    delta_e: float


@dataclass(frozen=True)
class BrandReading:
    """How a picture keeps to a brand's colours."""

    pixels: int
    """How many were looked at."""
    share: float = 0.0
    """Of them, within a CIEDE2000 of 2 of one of the colours."""
    shares: tuple[float, ...] = ()
    """The same for each colour alone, in their order."""
    clusters: tuple[MainColor, ...] = ()
    """The main colours, the largest first."""
    lines: tuple[str, ...] = ()
    """All of it for people."""


@dataclass(frozen=True)
class CarriedMask:
    """Where a mask of one picture lies in another."""

    found: Selection | None = None
    """On the other picture, in px of its document; None where nothing was found."""
    is_sure: bool = False
    """Whether it can be painted through; if not, a person must look."""
    alike: float = 0.0
    """What lies under both masks, 0 .. 1."""
    sentence: str = ""
    """Why a person must look; empty where it is sure."""


@dataclass(frozen=True)
class FramedFormat:
    """What of a picture a format shows; in px of the document, nothing rescaled."""

    name: str
    title: str
    """For people."""
    crop: Rect
    """What of it lies beyond the document has to be painted."""
    safe: Rect
    """What the platform leaves free."""
    flags: tuple[str, ...] = ()
    """What a person should know."""
