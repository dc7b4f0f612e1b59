"""What an edit yields: a variation with its result, its report and its receipt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from inlay.color.raster import Raster
from inlay.errors import Unsupported
from inlay.region import Rect


@dataclass(frozen=True)
class Patch:
    """Pixels for a rectangle of the document, and the mask through which they show."""

    bounds: Rect
    pixels: Raster
    mask: Raster

    @property
    def blobs(self) -> tuple[str, ...]:
        return (self.pixels.blob, self.mask.blob)


@dataclass(frozen=True)
class Point:
    """A place in the document, in px; whole numbers are the middles of pixels."""

    x: float
    y: float


@dataclass(frozen=True)
class LiveType:
    """A line of type that stays editable where the host can.

    font: a family, or "serif" or "monospace", of which the host has one; empty: its own sans serif. size_px: an em. angle: degrees,
    clockwise as seen. color: `#RRGGBB`, sRGB. origin: where its baseline begins. corners: the line's box, clockwise from where its
    reading begins, at the top. slant: degrees by which its stems lean to the right. stretch: of its natural width; 0: that.
    """

    words: str
    font: str
    size_px: float
    angle: float
    color: str
    origin: Point
    corners: tuple[Point, ...] = ()
    bold: bool = False
    slant: float = 0.0
    stretch: float = 0.0


@dataclass(frozen=True)
class Joint:
    """A point of a skeleton; color: `#RRGGBB`, sRGB."""

    at: Point
    color: str
    radius_px: float


@dataclass(frozen=True)
class Bone:
    """What joins two joints of a skeleton, by their numbers from 0; color: `#RRGGBB`, sRGB."""

    one: int
    other: int
    color: str
    width_px: float


@dataclass(frozen=True)
class Skeleton:
    """How somebody is held: joints upon bones."""

    joints: tuple[Joint, ...]
    bones: tuple[Bone, ...] = ()


@dataclass(frozen=True)
class Layer:
    """One layer of several, with alpha; blend: normal, multiply, screen or add. type: where it is type, how that is set.
    skeleton: what it shows, where the host can keep that as shapes.

    mask: one channel over `bounds`, how much of it shows, where that is to stay editable.
    """

    name: str
    bounds: Rect
    pixels: Raster
    blend: str = "normal"
    type: LiveType | None = None
    mask: Raster | None = None
    skeleton: Skeleton | None = None

    @property
    def blobs(self) -> tuple[str, ...]:
        return (self.pixels.blob, self.mask.blob) if self.mask else (self.pixels.blob,)


@dataclass(frozen=True)
class Layers:
    """The region taken apart, or several results side by side, from the lowest to the topmost layer."""

    layers: tuple[Layer, ...]

    @property
    def blobs(self) -> tuple[str, ...]:
        return tuple(blob for layer in self.layers for blob in layer.blobs)


@dataclass(frozen=True)
class Selection:
    """A mask: what was found. 0 outside of `bounds`."""

    bounds: Rect
    mask: Raster

    @property
    def blobs(self) -> tuple[str, ...]:
        return (self.mask.blob,)


@dataclass(frozen=True)
class Picture:
    """A picture of its own size, for a document of its own."""

    pixels: Raster

    @property
    def blobs(self) -> tuple[str, ...]:
        return (self.pixels.blob,)


@dataclass(frozen=True)
class Frames:
    """A clip of a rectangle of the document: its pictures in the order of time, the first as the document has it.

    frames: of the rectangle's size. fps: frames a second.
    """

    bounds: Rect
    frames: tuple[Raster, ...]
    fps: float

    @property
    def blobs(self) -> tuple[str, ...]:
        return tuple(frame.blob for frame in self.frames)


Result = Patch | Layers | Selection | Picture | Frames


@dataclass(frozen=True)
class Report:
    """How the new pixels belong, as measured. Colour differences are CIEDE2000 on the ring around the mask."""

    ring_delta_e_before: float | None = None
    ring_delta_e_after: float | None = None
    notes: tuple[str, ...] = ()
    """Sentences for the retoucher."""
    details: dict[str, Any] = field(default_factory=dict[str, Any])
    """Everything else that was measured, JSON values only: working size, seconds per phase, registration, trust."""
    suggested: Mapping[str, str] = field(default_factory=dict[str, str])
    """Values for fields of a form, by their paths."""


@dataclass(frozen=True)
class Variation:
    """One candidate of a recipe."""

    index: int
    seed: int
    result: Result
    report: Report
    receipt: dict[str, Any]
    """Everything that decided the pixels, JSON values only; layers remember it."""

    @property
    def seconds(self) -> float | None:
        """How long it was painted and fitted, without waiting and loading; None where that was not measured."""
        phases = self.report.details.get("seconds") or {}
        return sum(phases.values()) - phases.get("read", 0.0) - phases.get("load", 0.0) if phases else None

    @property
    def patch(self) -> Patch:
        """The result, where new pixels for the region are wanted. Raises Unsupported where it is something else."""
        if not isinstance(self.result, Patch):
            kind = type(self.result).__name__.lower()
            raise Unsupported(f"variation {self.index + 1} is no patch of the picture but a {kind}", field="verb")
        return self.result
