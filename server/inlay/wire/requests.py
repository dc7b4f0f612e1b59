"""What the service is asked, as values, where a message of the contract has more parts than one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from inlay.color.raster import Raster
from inlay.errors import InvalidInput
from inlay.job import Rating, Ticket
from inlay.memory import Relation, ResultMemory
from inlay.plain import from_plain
from inlay.recipe import Canvas, NamedColor, Option, Style, Tier, Where, Words
from inlay.region import Rect, Size
from inlay.v1 import inlay_pb2


@dataclass(frozen=True)
class PlanQuestion:
    """PlanEditRequest."""

    document: Size
    region: Rect
    verb: str
    tier: Tier = Tier.STANDARD
    model: str = ""
    context_px: int = 0
    grow_px: int = 0
    feather_px: int = 0
    count: int = 1
    prompted: bool = False
    locale: str = ""
    references: tuple[Size, ...] = ()
    reference_layers: tuple[Rect, ...] = ()
    words: Words | None = None
    style: str = ""
    options: Mapping[str, Option] = field(default_factory=dict[str, Option])

    def check(self, _: str) -> None:
        """Raise InvalidInput where no verb is named."""
        if not self.verb:
            raise InvalidInput("verb", "not set", "it must be set")


@dataclass(frozen=True)
class Rated:
    """RateVariationRequest."""

    job_id: str
    variation: int
    rating: Rating


@dataclass(frozen=True)
class ProbeQuestion:
    """ProbeRegionRequest."""

    source: Raster
    mask: Raster
    target_color: str = ""
    locale: str = ""


@dataclass(frozen=True)
class Finishing:
    """FinishVariationRequest."""

    job_id: str
    memory: ResultMemory
    pixels: Raster | None = None
    source: Raster | None = None
    tier: Tier = Tier.FINAL
    model: str = ""
    label: str = ""
    locale: str = ""


@dataclass(frozen=True)
class Comparing:
    """CompareResultsRequest."""

    verb: str
    where: Where
    memories: tuple[ResultMemory, ...] = ()


@dataclass(frozen=True)
class Compared:
    """CompareResultsResponse."""

    relations: tuple[Relation, ...] = ()


@dataclass(frozen=True)
class Part:
    """Part."""

    place: Rect
    pixels: Raster


@dataclass(frozen=True)
class Locating:
    """LocateSourceRequest."""

    canvas: Canvas
    document: Size
    expected: tuple[Rect, ...] = ()
    veiled: tuple[Rect, ...] = ()
    parts: tuple[Part, ...] = ()
    locale: str = ""


@dataclass(frozen=True)
class Saving:
    """SaveStyleRequest."""

    style: Style
    job_id: str = ""
    replaces: str = ""


@dataclass(frozen=True)
class BrandQuestion:
    """CheckBrandRequest."""

    source: Raster
    mask: Raster | None = None
    style: str = ""
    colors: tuple[NamedColor, ...] = ()
    locale: str = ""


@dataclass(frozen=True)
class CarryQuestion:
    """CarryMaskRequest."""

    master: Raster
    master_size: Size
    region: Rect
    mask: Raster
    sibling: Raster
    sibling_size: Size
    locale: str = ""


@dataclass(frozen=True)
class FormatsQuestion:
    """FrameFormatsRequest."""

    document: Size
    focus: Rect | None = None
    formats: tuple[str, ...] = ()
    locale: str = ""


def ticket_from(request: inlay_pb2.SubmitEditRequest) -> Ticket:
    """What a SubmitEditRequest says beside the recipe. Raises InvalidInput for a lane that there is not."""
    said = {name: getattr(request, name) for name in ("label", "lane", "parent", "batch")}
    return from_plain(Ticket, {name: text for name, text in said.items() if text} | {"hints": not request.no_hints})
