"""What an edit yields: a variation with its patch, its report and its receipt."""

from dataclasses import dataclass
from typing import Any

from inlay.color.raster import Raster
from inlay.region import Rect


@dataclass(frozen=True)
class Patch:
    """Pixels for a rectangle of the document, and the mask through which they show."""

    bounds: Rect
    pixels: Raster
    mask: Raster

    @property
    def blobs(self) -> tuple[str, str]:
        return (self.pixels.blob, self.mask.blob)


@dataclass(frozen=True)
class Report:
    """How the new pixels belong, as measured. Colour differences are CIEDE2000 on the ring around the mask."""

    ring_delta_e_before: float | None
    ring_delta_e_after: float | None
    notes: tuple[str, ...]
    """Sentences for the retoucher."""
    details: dict[str, Any]
    """Everything else that was measured, JSON values only: working size, seconds per phase, registration, trust."""


@dataclass(frozen=True)
class Variation:
    """One candidate of a recipe."""

    index: int
    seed: int
    patch: Patch
    report: Report
    receipt: dict[str, Any]
    """Everything that decided the pixels, JSON values only; layers remember it."""
