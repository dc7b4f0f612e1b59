"""How a draft can be looked at. What makes the pictures, `inlay.review.pictures`, loads libraries that who asks has no need of."""

from dataclasses import dataclass

from inlay.color.raster import Raster
from inlay.region import Rect, Size
from inlay.variation import Patch

LEAST_FIT_PX, MOST_FIT_PX, USUAL_FIT_PX = 16, 4_096, 2_048


@dataclass(frozen=True)
class Shown:
    """What a picture is of: the window's samples, where it lies in the document, and the result above it (None: before)."""

    source: Raster
    window: Rect
    patch: Patch | None = None


@dataclass(frozen=True)
class Fit:
    """The whole window as JPEG, at most `px` at its longest side and never enlarged, with `gamut`'s profile."""

    px: int = USUAL_FIT_PX
    gamut: str = "srgb"


@dataclass(frozen=True)
class Tile:
    """A part of it at 1:1 as PNG: samples and profile are the document's. Photoshop's 16 bit fill the whole range; what PNG has no
    samples for, floats and Lab, is 16 bit in Display P3."""

    column: int
    row: int


@dataclass(frozen=True)
class Encoded:
    """A file."""

    data: bytes
    media_type: str
    size: Size
