"""Places that are edits of their own: what was selected when they were added, and what layers cover when a run begins."""

import uuid
from typing import NamedTuple

from ..client.messages import raster_pb2
from ..qt import QtGui
from ..words import say
from . import capture, pictures, place
from .capture import Mask, Rect
from .facts import CannotEdit, Facts, facts_of


class Selected(NamedTuple):
    """What was selected, in which canvas, and how that looked."""

    mask: Mask
    canvas: "tuple[int, int]"
    shown: QtGui.QImage


class Region(NamedTuple):
    """facts: the layer's samples; None: they are a mask's."""

    bounds: Rect
    pixels: bytes
    facts: "Facts | None" = None

    def raster(self, blob: str) -> raster_pb2.Raster:
        """Its samples, as the contract has them: what is opaque is the region."""
        if self.facts is None:
            return Mask(self.bounds, self.pixels).raster(blob)
        return self.facts.raster(self.bounds.width, self.bounds.height, blob, b"")


_selected: "dict[str, Selected]" = {}
"""By the key that a form holds; as long as Krita runs."""


def selected(document) -> str:
    """Takes what is selected, soft values and all; returns its key. Raises CannotEdit."""
    mask, key = capture.selection_of(document), str(uuid.uuid4())
    _selected[key] = Selected(mask, facts_of(document)[:2], _seen(document, mask))
    return key


def place_of(document, key: str) -> "Rect | None":
    """Where a region lies on the canvas; None where it is gone, or of another canvas."""
    if document is None:
        return None
    if key in _selected:
        known = _selected[key]
        return known.mask.region if known.canvas == (document.width(), document.height()) else None
    layer = place.layer_with(document, key)
    return place.bounds_of(layer).intersection(capture.canvas_of(document)) if layer is not None else None


def around(document, wish) -> "Rect | None":
    """What holds all regions of a wish; None where it has none. Raises CannotEdit where one is gone."""
    places = [place_of(document, one["region"]) for one in wish.regions()]
    if None in places:
        raise CannotEdit(say("regions.gone"))
    found = [one for one in places if one is not None]
    if not found:
        return None
    left, top = min(one.x for one in found), min(one.y for one in found)
    right, bottom = max(one.x + one.width for one in found), max(one.y + one.height for one in found)
    return Rect(left, top, right - left, bottom - top)


def name_of(document, key: str) -> str:
    """For people: of a layer its name, of a selection its size."""
    if key not in _selected:
        return pictures.name_of(document, key)
    region = _selected[key].mask.region
    return f"{region.width} × {region.height} px"


def thumbnail(document, key: str) -> QtGui.QImage:
    """How it looked; what is not selected is transparent."""
    return _selected[key].shown if key in _selected else pictures.thumbnail(document, key)


async def read(document, key: str) -> Region:
    """A region with its samples. Raises CannotEdit where there is nothing any more."""
    if key in _selected:
        return Region(*_selected[key].mask)
    picture, bounds = await pictures.read(document, key), place_of(document, key)
    if bounds is None:
        raise CannotEdit(say("regions.gone"))
    return Region(bounds, picture.pixels, picture.facts)


def _seen(document, mask: Mask) -> QtGui.QImage:
    shown = document.projection(*mask.region).convertToFormat(QtGui.QImage.Format.Format_ARGB32)
    size, kind = (mask.region.width, mask.region.height), QtGui.QImage.Format.Format_Alpha8
    shown.setAlphaChannel(QtGui.QImage(mask.data, *size, size[0], kind))
    return pictures.small(shown)
