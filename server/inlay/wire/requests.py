"""What the service is asked, as values, where a message of the contract has more parts than one."""

from dataclasses import dataclass

from inlay.color.raster import Raster
from inlay.errors import InvalidInput
from inlay.job import Rating
from inlay.memory import Relation, ResultMemory
from inlay.recipe import Tier, Where
from inlay.region import Rect, Size


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
