"""The interface every engine implements: a scene and a recipe in, raw answers for the whole window out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from inlay.capabilities import Capabilities
from inlay.recipe import Recipe
from inlay.region import Rect, Size
from inlay.variation import LiveType, Skeleton

LARGEST = 1e6
"""Samples beyond this (white is 1) and NaN say that there is no color: -3.4e38 in maps, infinities of renderers."""


@dataclass(frozen=True)
class SceneInput:
    """A further raster of the recipe.

    pixels: height x width x 3, float32, sRGB-encoded; of the scene's size where `is_placed`, else of its own.
    """

    role: str
    pixels: NDArray[np.float32]
    weight: float = 1.0
    """How much it counts, 0 .. 1."""
    name: str = ""
    is_placed: bool = False
    """Whether it lies on the scene, whose pixels are around it."""
    shows: NDArray[np.float32] | None = None
    """height x width, 0..1: how much of it shows, in a layer that is not opaque; of the pixels' size."""
    skeleton: Skeleton | None = None
    """What a map of a pose was drawn of, in the scene's pixels."""


@dataclass(frozen=True)
class Scene:
    """What the engine gets to see, at working size.

    pixels: height x width x 3, float32, sRGB-encoded with sRGB primaries; unbounded (wide-gamut and HDR documents
        go below 0 and above 1).
    mask: height x width, float32, 0..1; 0 never changes.
    known: height x width, bool: False where the document shows nothing (transparent, or outside the old canvas).
    alpha: height x width, float32, 0..1: how opaque the document is, for engines that paint what can be seen through. None: wholly.
    inputs: the recipe's further rasters, in its order.
    """

    pixels: NDArray[np.float32]
    mask: NDArray[np.float32]
    known: NDArray[np.bool_]
    inputs: tuple[SceneInput, ...] = ()
    alpha: NDArray[np.float32] | None = None

    @property
    def size(self) -> Size:
        return Size(self.pixels.shape[1], self.pixels.shape[0])

    def input(self, role: str) -> SceneInput | None:
        """The first input of that role."""
        return next((one for one in self.inputs if one.role == role), None)


class Frame(NamedTuple):
    """What was asked for: a picture of `size`, in which the scene fills `place`, enlarged but never stretched."""

    size: Size
    place: Rect


@dataclass(frozen=True)
class Painting:
    """One variation: the whole window as the engine sees it, raw, never pasted into the original.

    pixels: height x width x 3, float32, same space and size as the scene's; with a `frame` of any size.
    notes: sentences for the retoucher, such as what of the recipe was ignored.
    """

    variation: int
    seed: int
    pixels: NDArray[np.float32]
    notes: tuple[str, ...] = ()
    receipt: dict[str, str] = field(default_factory=dict[str, str])
    """What else decided the pixels: engine and library versions, model hash, parameters."""
    roundtrip: NDArray[np.float32] | None = None
    """The scene as the engine's own eye gives it back unedited, as pixels: what differs is the engine's doing (a VAE's
    colour shift). None: it gives the scene back as it is."""
    own_pixels: bool = False
    """Made of the scene's own pixels, so that their light and colour are right as they are."""
    opacity: float = 1.0
    """0..1, how much of it is to show over what was there: the strength, of an engine that has no other use for it."""
    settled: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Fields of the recipe's `resolved` that were left to the device, as they turned out."""
    alpha: NDArray[np.float32] | None = None
    """height x width, 0..1, of the pixels' size: how opaque what was painted is. None: as the verb has it."""
    frame: Frame | None = None
    """Another server answers to this with pixels that need not lie where they should: the scene is looked for in them, and
    another picture is refused. None: they lie on the scene."""


@dataclass(frozen=True)
class Sheet:
    """One layer of several.

    pixels: height x width x 4, float32, of the scene's size: the scene's colours, not multiplied with the fourth, alpha 0..1.
    blend: normal, multiply, screen or add. type: where it is a line of type, how that is set, in the scene's pixels.
    skeleton: where it shows how somebody is held, likewise.
    """

    name: str
    pixels: NDArray[np.float32]
    blend: str = "normal"
    type: LiveType | None = None
    skeleton: Skeleton | None = None


@dataclass(frozen=True)
class Layers:
    """One variation: the window taken apart, from the lowest to the topmost layer. notes, receipt, settled: as a painting's."""

    variation: int
    seed: int
    layers: tuple[Sheet, ...]
    notes: tuple[str, ...] = ()
    receipt: dict[str, str] = field(default_factory=dict[str, str])
    settled: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Mask:
    """One variation: what was found.

    share: height x width, float32, of the scene's size; 0 does not belong to it, 1 does wholly. notes, receipt, settled: as a
        painting's. goes_on: what lies beyond the scene belongs to it too. suggested: values for fields of a recipe, by their
        dotted paths, that what was found speaks for.
    """

    variation: int
    seed: int
    share: NDArray[np.float32]
    notes: tuple[str, ...] = ()
    receipt: dict[str, str] = field(default_factory=dict[str, str])
    settled: Mapping[str, Any] = field(default_factory=dict[str, Any])
    goes_on: bool = False
    suggested: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Picture:
    """One variation: a picture of its own.

    pixels: height x width x 3, or x 4 with alpha 0..1; float32, in the scene's colours, of any size. notes, receipt, settled: as a
    painting's.
    """

    variation: int
    seed: int
    pixels: NDArray[np.float32]
    notes: tuple[str, ...] = ()
    receipt: dict[str, str] = field(default_factory=dict[str, str])
    settled: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Enlargement:
    """One variation: the scene with more pixels, made piece by piece, since all of it may be more than the memory holds.

    scale: how many times as wide and high. enlarge: from a rectangle of the scene (height x width x 3 float32, 0 .. 1) to the same,
    `scale` times as large; two rectangles that overlap agree at `reach_px` from their borders. May raise Cancelled. notes,
    receipt, settled: as a painting's.
    """

    variation: int
    seed: int
    scale: int
    enlarge: Callable[[NDArray[np.float32]], NDArray[np.float32]]
    reach_px: int = 0
    notes: tuple[str, ...] = ()
    receipt: dict[str, str] = field(default_factory=dict[str, str])
    settled: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Clip:
    """One variation: the scene set in motion.

    frames: count x height x width x 3, float32 0..1, of the scene's size and in its colours; the first shows the scene itself. fps:
    frames a second. notes, receipt, settled: as a painting's.
    """

    variation: int
    seed: int
    frames: NDArray[np.float32]
    fps: float
    notes: tuple[str, ...] = ()
    receipt: dict[str, str] = field(default_factory=dict[str, str])
    settled: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Pasted:
    """One variation: the input `layer` as it is, which the fitting is to make belong. notes, receipt, settled: as a painting's."""

    variation: int
    seed: int
    notes: tuple[str, ...] = ()
    receipt: dict[str, str] = field(default_factory=dict[str, str])
    settled: Mapping[str, Any] = field(default_factory=dict[str, Any])


Answer = Painting | Layers | Mask | Picture | Enlargement | Clip | Pasted
"""What an engine gives; what becomes of it follows from its class alone, whatever the verb."""


class Ledger(Protocol):
    """What is written down about the calls of one job that cost money or go on without us: on the disk, before they are made."""

    @property
    def job_id(self) -> str:
        """The job's."""
        ...

    def kept(self, key: str) -> bytes | None:
        """The answer to the call `key` of this job, where it arrived; an earlier attempt may have got it."""
        ...

    def begin(self, key: str, to: str) -> None:
        """The call is about to be made, to somebody. Raises MayBeBilled where it was before, and nobody knows how it ended."""
        ...

    def keep(self, key: str, answer: bytes) -> None:
        """The answer has arrived."""
        ...

    def forget(self, key: str) -> None:
        """The call was refused before anything was done for it, so it may be made again."""
        ...


class Progress(Protocol):
    """How an engine says where it is. Each call raises `inlay.errors.Cancelled` once the client took the job back."""

    def step(self, index: int, total: int, phase: str) -> None:
        """Step `index` (1-based) of `total` of the whole recipe is done; `phase` is one word such as 'painting'."""
        ...

    def preview(self, variation: int, pixels: NDArray[np.float32]) -> None:
        """An early look: height x width x 3 float32, sRGB-encoded, any size."""
        ...

    def check(self) -> None:
        """Only look whether the job was cancelled."""
        ...


@runtime_checkable
class Accountable(Protocol):
    """The progress of a job that is accounted for: what engines need that ask other servers."""

    @property
    def ledger(self) -> Ledger:
        """Of the job that is painted."""
        ...


def ledger_of(progress: Progress) -> Ledger:
    """The ledger of the job that is painted. Raises TypeError where a painting is nobody's job."""
    if not isinstance(progress, Accountable):
        raise TypeError("without a job's ledger no other server is asked")
    return progress.ledger


@runtime_checkable
class Waiting(Protocol):
    """The progress of a job that may stand in another server's own line."""

    def waits(self, position: int) -> None:
        """Behind `position` others there; 0 as soon as it is its turn. Told at each look, changed or not."""
        ...


@runtime_checkable
class Rehearsing(Protocol):
    """An engine that can do ahead what would make the first edit wait."""

    def rehearse(self, progress: "Loading") -> None:
        """Raises Cancelled once `progress` does, and whatever `paint` raises."""
        ...


@runtime_checkable
class Loading(Protocol):
    """How it is told what is being prepared."""

    def loading(self, what: str) -> None: ...

    def check(self) -> None: ...


def tell_preparing(progress: Progress, what: str) -> None:
    """In the middle of a painting something is prepared anew, which may take as long as before its first step; whoever waits for
    the next one is told."""
    if isinstance(progress, Loading):
        progress.loading(what)


class Engine(Protocol):
    """Something that paints, finds or takes apart. It neither crops nor composites nor reads files."""

    def capabilities(self) -> Capabilities: ...

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Answer]:
        """Yield `recipe.sampling.count` answers, each as soon as it is finished. Raises Unsupported, Cancelled."""
        ...
