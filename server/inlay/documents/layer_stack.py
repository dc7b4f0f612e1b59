"""The layers of a document as a value, between the formats that have layers: what both know is kept, the rest is named."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay.documents.document import white_of
from inlay.region import Rect, Size

Shares = NDArray[np.float64]

NORMAL = "svg:src-over"
MIXES: dict[str, Callable[[Shares, Shares], Shares]] = {
    "svg:multiply": lambda below, above: below * above,
    "svg:screen": lambda below, above: below + above - below * above,
    "svg:plus": lambda below, above: np.minimum(below + above, 1),
}
"""What colours become of both, beside Normal's, which are those above."""
ROWS_AT_ONCE = 128
_SHOWN = 5


class LayerMask(NamedTuple):
    """How much of a layer shows: samples (height x width) at x, y, white or black everywhere else."""

    x: int
    y: int
    samples: NDArray[np.generic]
    white_outside: bool = False

    def over(self, x: int, y: int, size: Size) -> NDArray[np.generic]:
        """The mask's samples over a rectangle."""
        full = white_of(self.samples.dtype) if self.white_outside else 0
        canvas = np.full((size.height, size.width), full, self.samples.dtype)
        put(canvas, self.samples, self.x - x, self.y - y)
        return canvas


@dataclass(frozen=True, eq=False)
class Layer:
    """Pixels with a place; they may reach beyond the canvas. samples: height x width x (Y or RGB, then alpha), straight."""

    name: str
    x: int
    y: int
    samples: NDArray[np.generic]
    opacity: float = 1.0
    visible: bool = True
    blend: str = NORMAL
    mask: LayerMask | None = None


@dataclass(frozen=True, eq=False)
class Group:
    """Layers, the uppermost first. isolated: they blend with each other before they do with what is below."""

    name: str
    items: "tuple[Item, ...]"
    opacity: float = 1.0
    visible: bool = True
    blend: str = NORMAL
    isolated: bool = True
    mask: LayerMask | None = None


Item = Layer | Group


class Stack(NamedTuple):
    """A document's layers, the uppermost first, and what of the file is not among them, in sentences for people."""

    items: tuple[Item, ...]
    notes: tuple[str, ...] = ()


class Losses:
    """Collects names by what was lost of them."""

    def __init__(self) -> None:
        self._names: dict[str, list[str]] = {}

    def add(self, what: str, name: str) -> None:
        self._names.setdefault(what, []).append(name)

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(f"{what}: {listed(names)}" for what, names in self._names.items())


def shifted(items: Iterable[Item], right: int, down: int) -> tuple[Item, ...]:
    """The same layers further right and down, in px."""
    return tuple(_shifted(item, right, down) for item in items)


def put(canvas: NDArray[np.generic], samples: NDArray[np.generic], x: int, y: int) -> None:
    """Write what of `samples` lies on `canvas` when its corner is at x, y."""
    height, width = samples.shape[:2]
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + width, canvas.shape[1]), min(y + height, canvas.shape[0])
    if right > left and bottom > top:
        canvas[top:bottom, left:right] = samples[top - y : bottom - y, left - x : right - x]


def composed(
    items: Sequence[Item], size: Size, channels: int, dtype: np.dtype[np.generic]
) -> NDArray[np.generic] | None:
    """What layers show over nothing: height x width x channels, the last one alpha; None where they blend in ways of which only
    their own program knows what they do.

    By the W3C's "Compositing and Blending Level 1", in the document's own encoding.
    """
    if not _known(items):
        return None
    shown = np.empty((size.height, size.width, channels), dtype)
    for top in range(0, size.height, ROWS_AT_ONCE):
        strip = Rect(0, top, size.width, min(ROWS_AT_ONCE, size.height - top))
        shares = _over(items, strip, channels)
        shown[strip.slices] = shares if dtype.kind == "f" else np.rint(shares * white_of(dtype))
    return shown


def _known(items: Sequence[Item], alone: bool = True) -> bool:
    """alone: whether only these are blended with each other."""
    for item in items:
        if item.visible and item.blend != NORMAL and not (alone and item.blend in MIXES):
            return False
        if isinstance(item, Group) and not _known(item.items, item.isolated):
            return False
    return True


def _over(items: Sequence[Item], place: Rect, channels: int) -> Shares:
    """Straight colours and alpha, 0..1, of layers over nothing, in one part of the canvas."""
    below = np.zeros((place.height, place.width, channels))
    for item in reversed(items):
        if not item.visible:
            continue
        if isinstance(item, Group):
            above = _over(item.items, place, channels)
        else:
            above = np.zeros_like(below)
            _lay(above, item, place)
        alpha = above[..., -1:] * item.opacity
        if item.mask is not None:
            alpha = alpha * _shares(item.mask.over(place.x, place.y, place.size)[..., None])
        if item.blend != NORMAL:
            mixed = MIXES[item.blend](below[..., :-1], above[..., :-1])
            above[..., :-1] += (mixed - above[..., :-1]) * below[..., -1:]
        under = below[..., -1:] * (1 - alpha)
        both = alpha + under
        weight = np.divide(alpha, both, out=np.zeros_like(alpha), where=both > 0)
        below[..., :-1] += (above[..., :-1] - below[..., :-1]) * weight
        below[..., -1:] = both
    return below


def _lay(canvas: Shares, layer: Layer, place: Rect) -> None:
    """Put what of a layer lies in `place` on its canvas."""
    height, width = layer.samples.shape[:2]
    own = Rect(layer.x, layer.y, width, height)
    seen = own.intersection(place)
    if not seen.area:
        return
    shares = _shares(layer.samples[seen.relative_to(own).slices])
    part = canvas[seen.relative_to(place).slices]
    part[..., -1] = shares[..., -1]
    part[..., :-1] = shares[..., :-1]


def _shares(samples: NDArray[np.generic]) -> Shares:
    return samples.astype(np.float64) / white_of(samples.dtype)


def _shifted(item: Item, right: int, down: int) -> Item:
    mask = item.mask._replace(x=item.mask.x + right, y=item.mask.y + down) if item.mask else None
    if isinstance(item, Group):
        return replace(item, items=shifted(item.items, right, down), mask=mask)
    return replace(item, x=item.x + right, y=item.y + down, mask=mask)


def listed(names: Sequence[str]) -> str:
    """The first few names, quoted, and how many more there are."""
    quoted = [repr(name[:40]) for name in names[:_SHOWN]]
    return ", ".join(quoted) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
