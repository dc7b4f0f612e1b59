"""Reads from a document what an edit needs: the selection as it is, and the pixels of one window. Changes nothing."""

import time
from contextlib import asynccontextmanager
from typing import NamedTuple

from ..client.messages import raster_pb2, verbs_pb2
from ..client.tasks import sleep
from ..words import say
from . import composite, hands, identity
from .facts import CannotEdit

_COMPLEMENT = bytes(255 - value for value in range(256))

NEEDS_SELECTION, NEEDS_LAYER = verbs_pb2.NEEDS_SELECTION, verbs_pb2.NEEDS_LAYER

BAND_PX = 1 << 18
"""Pixels read in one call; a call must not hold the UI."""

HOLD_S = 0.015
"""After so long, reading lets Krita draw and listen before it goes on."""


class Rect(NamedTuple):
    """A rectangle in document pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def area(self) -> int:
        return self.width * self.height

    @property
    def message(self) -> raster_pb2.Rect:
        """As the contract has it."""
        return raster_pb2.Rect(x=self.x, y=self.y, width=self.width, height=self.height)

    def moved(self, offset: "tuple[int, int]") -> "Rect":
        """The rectangle `offset` (x, y) further right and down."""
        return Rect(self.x + offset[0], self.y + offset[1], self.width, self.height)

    def intersection(self, other: "Rect") -> "Rect | None":
        left, top = max(self.x, other.x), max(self.y, other.y)
        right = min(self.x + self.width, other.x + other.width)
        bottom = min(self.y + self.height, other.y + other.height)
        return Rect(left, top, right - left, bottom - top) if left < right and top < bottom else None


def rect_of(message) -> Rect:
    """The contract's rectangle."""
    return Rect(message.x, message.y, message.width, message.height)


def asides(form: verbs_pb2.VerbForm) -> list:
    """A form's fields for layers that are no part of the picture."""
    return [one for one in form.fields if one.is_aside]


def canvas_of(document) -> Rect:
    """All of a document."""
    return Rect(0, 0, document.width(), document.height())


class Mask(NamedTuple):
    """A selection: where, and how much (0 .. 255), pixels may change."""

    region: Rect
    data: bytes
    """region.width x region.height samples of 8 bit, row by row."""

    def raster(self, blob: str) -> raster_pb2.Raster:
        """The samples, as Krita keeps them, as the contract has them."""
        return raster_pb2.Raster(
            width=self.region.width,
            height=len(self.data) // self.region.width,
            order=raster_pb2.CHANNEL_ORDER_Y,
            sample_type=raster_pb2.SAMPLE_TYPE_U8,
            white_level=255.0,
            blob=blob,
        )


def all_of(region: Rect) -> Mask:
    """A mask that is open everywhere."""
    return Mask(region, b"\xff" * region.area)


def _selection(document):
    """What is selected, as Krita's ants show it: by a visible selection mask on the active layer, or else in the picture."""
    own = own_selection(document)
    return own.selection() if own is not None else document.selection()


def own_selection(document):
    """The visible selection mask on the active layer; None where it has none."""
    active = document.activeNode()
    children = active.childNodes() if active is not None and active.type() else []
    return next((node for node in reversed(children) if node.type() == "selectionmask" and node.visible()), None)


def region_of(document, form=None, drawn=None) -> "Rect | None":
    """The bounding rectangle of what `form` would change inside the canvas; None where that is nothing. Takes 20 µs.

    drawn: the layer that says where, unless something is selected.
    """
    selection, canvas = _selection(document), canvas_of(document)
    if form is not None and form.needs == NEEDS_LAYER:
        layer = layer_in_hand(document)
        bounds = layer.bounds() if layer is not None else None
        return Rect(bounds.x(), bounds.y(), bounds.width(), bounds.height()).intersection(canvas) if bounds else None
    if selection is None and drawn is not None:
        bounds = drawn.bounds()
        return Rect(bounds.x(), bounds.y(), bounds.width(), bounds.height()).intersection(canvas)
    if selection is None:
        return canvas if form is not None and form.needs > NEEDS_SELECTION else None
    bounds = Rect(selection.x(), selection.y(), selection.width(), selection.height()).intersection(canvas)
    return canvas if bounds and form is not None and form.inverts else bounds


def layer_in_hand(document):
    """The active layer, or the one whose mask is active; None where that is a group or nothing."""
    node = document.activeNode()
    while node is not None and node.type().endswith("mask"):
        node = node.parentNode()
    return node if node is not None and node.type().endswith("layer") and node.type() != "grouplayer" else None


def asked_of(document, form, drawn=None) -> Mask:
    """What a verb's form would change: the selection, what it leaves out, or without one all that is drawn, or all.

    Raises CannotEdit.
    """
    selection = _selection(document)
    if form.needs == NEEDS_LAYER:
        region = region_of(document, form)
        if region is None:
            raise CannotEdit(say("plan.no_layer"))
        return all_of(region) if selection is None else Mask(region, bytes(selection.pixelData(*region)))
    if selection is None and form.needs > NEEDS_SELECTION:
        region = region_of(document, form, drawn) or canvas_of(document)
        return all_of(region)
    mask = selection_of(document)
    if not form.inverts:
        return mask
    canvas = canvas_of(document)
    mask = Mask(canvas, bytes(_selection(document).pixelData(*canvas)).translate(_COMPLEMENT))
    if mask.data.count(0) == len(mask.data):
        raise CannotEdit(say("plan.no_surroundings"))
    return mask


def selection_of(document) -> Mask:
    """The selection, soft values and all. Raises CannotEdit where there is none."""
    selection = _selection(document)
    if selection is None:
        raise CannotEdit(say("plan.no_selection"))
    region = region_of(document)
    if region is None:
        raise CannotEdit(say("plan.selection_outside"))
    mask = Mask(region, bytes(selection.pixelData(*region)))
    if mask.data.count(0) == len(mask.data):
        raise CannotEdit(say("plan.selection_empty"))
    return mask


@asynccontextmanager
async def without(document, nodes):
    """The document as it is without these nodes; nothing stays hidden. Hiding is not undoable, so it leaves no trace."""
    hidden = [node for node in nodes if node.visible()]
    await hands.free(document)
    try:
        for node in hidden:
            node.setVisible(False)
        if hidden:
            await composite.refresh(document)
        yield
    finally:
        if hidden and identity.is_open(document):
            for node in hidden:
                node.setVisible(True)
            await composite.refresh(document)


def composite_of(document, rect: Rect) -> bytes:
    """What all of a document's layers show in a rectangle.

    `document.pixelData` gives one layer while Krita isolates it; the root's projection stays whole and current.
    """
    return bytes(document.rootNode().projectionPixelData(*rect))


def _samples_of(node, rect: Rect) -> bytes:
    """A layer's own pixels; of shapes and the like, which have none, what they show."""
    return bytes(node.pixelData(*rect) if node.type() == "paintlayer" else node.projectionPixelData(*rect))


async def pixels_of(document, rect: Rect, node=None, step: int = 1) -> bytes:
    """The pixels of a document, or of one of its nodes, every `step`-th row; read in bands, with Krita alive between them.

    Raises CannotEdit where the document is closed meanwhile.
    """
    rows = max(1, BAND_PX // rect.width) if step == 1 else 1
    bands, began = [], time.monotonic()
    for top in range(0, rect.height, rows * step):
        if time.monotonic() - began > HOLD_S:
            await sleep(0)
            began = time.monotonic()
        identity.must_be_open(document)
        band = Rect(rect.x, rect.y + top, rect.width, min(rows, rect.height - top))
        bands.append(_samples_of(node, band) if node else composite_of(document, band))
    return b"".join(bands)


async def sample_of(document, mask: Mask, most_px: int) -> "tuple[int, bytes, Mask]":
    """Every so many-th row, which comes first: what the document shows there, and the mask's values.

    Rows are left out above `most_px` pixels. Never waits for a stroke that is still being drawn: with the UI held, it would
    not end. Raises CannotEdit.
    """
    await hands.free(document)
    width, step = mask.region.width, -(-mask.region.area // most_px)
    pixels = await pixels_of(document, mask.region, step=step)
    rows = (mask.data[start : start + width] for start in range(0, len(mask.data), width * step))
    return step, pixels, mask._replace(data=b"".join(rows))
