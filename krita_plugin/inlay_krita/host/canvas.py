"""A picture's canvas and what is selected on it: room around it for Expand, its formats, selections that can be undone."""

from krita import Krita, Selection

from ..qt import QtCore
from . import place
from .capture import Mask, Rect, own_selection
from .facts import facts_of
from .memories import id_of

RATIOS = ((16, 9), (9, 16), (4, 5), (1, 1))
PERCENT = 10


def grown(width: int, height: int, ratio: "tuple[int, int] | None", anchor: "tuple[int, int]") -> Rect:
    """The canvas around a picture in its own coordinates: of a ratio, or PERCENT wider and higher.

    anchor: where the old picture lies in it, across and down: 0 at the beginning, 1 in the middle, 2 at the end.
    """
    if ratio is None:
        size = (round(width * (100 + PERCENT) / 100), round(height * (100 + PERCENT) / 100))
    else:
        across, down = ratio
        size = (max(width, -(-height * across // down)), max(height, -(-width * down // across)))
    return Rect(-((size[0] - width) * anchor[0] // 2), -((size[1] - height) * anchor[1] // 2), *size)


def grow(document, ratio: "tuple[int, int] | None", anchor: "tuple[int, int]") -> None:
    """Grows the canvas, which can be undone, and selects what is new of it."""
    was = Rect(0, 0, document.width(), document.height())
    now = grown(was.width, was.height, ratio, anchor)
    if now == was:
        return
    document.setSelection(framed(document, now))


def framed(document, now: Rect) -> Selection:
    """Gives a document another canvas in its coordinates, which can be undone; returns what is new of it."""
    was = Rect(0, 0, document.width(), document.height())
    document.resizeImage(*now)
    document.waitForDone()
    fresh, old = Selection(), Selection()
    fresh.select(0, 0, now.width, now.height, 255)
    old.select(-now.x, -now.y, was.width, was.height, 255)
    fresh.subtract(old)
    return fresh


def select(document, x: int, y: int, width: int, height: int) -> None:
    """Selects a rectangle of a document."""
    selection = Selection()
    selection.select(x, y, width, height, 255)
    put_selection(document, selection)


def put_selection(document, selection) -> None:
    """Selects what a selection says; one undo step back to what was selected before, where the picture is in front.

    Krita does not undo what a script selects. So an action goes before, whose undo brings back the selection that there was;
    not where the active layer has one of its own, which is what actions change then.
    """
    if document == Krita.instance().activeDocument() and own_selection(document) is None:
        Krita.instance().action("select_all" if document.selection() is None else "deselect").trigger()
        document.waitForDone()
    document.setSelection(selection)


def copy_without(document, left_out, name: str):
    """A new document with a copy of each layer but `left_out`, and the id there of the layer that it lay on; empty: on none.

    Shows it in the window in front.
    """
    facts, trail, node = facts_of(document), [], left_out
    while node != document.rootNode():
        trail.append(node.parentNode().childNodes().index(node))
        node = node.parentNode()
    made = Krita.instance().createDocument(*facts[:2], name, *facts[2:5], float(document.resolution()))
    blank = made.topLevelNodes()
    for node in document.topLevelNodes():
        copied = node.duplicate()
        made.rootNode().addChildNode(copied, None)
        place.draw_shapes(copied)
    for node in blank:
        node.remove()
    node = made.rootNode()
    for index in reversed(trail):
        node = node.childNodes()[index]
    lower = place.next_below(made, node)
    node.remove()
    Krita.instance().activeWindow().addView(made)
    return made, id_of(lower) if lower is not None else ""


def complement(mask: Mask, whole: Rect) -> Mask:
    """What a mask leaves out of a canvas."""
    selection = Selection()
    selection.setPixelData(QtCore.QByteArray(mask.data), *mask.region)
    selection.invert()
    return Mask(whole, bytes(selection.pixelData(*whole)))
