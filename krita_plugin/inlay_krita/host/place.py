"""Puts results into a document: one group with its mask and its variations, in one undo step.

A new result is one step; one that takes the place of an earlier result of the same region is two (the earlier one goes).
"""

from contextlib import nullcontext
from typing import NamedTuple

from ..client.tasks import sleep
from ..qt import QtCore, to_bytes
from . import composite, identity
from .capture import CLOSED, Mask, Rect
from .facts import CannotEdit
from .recipes import Memory, has_recipe, id_of, recall
from .scratch import Scratch

PAUSE_S = 0.002
"""Between the pieces of putting a result together."""


class Layer(NamedTuple):
    """A variation's pixels, in the document's own samples."""

    name: str
    pixels: bytes


def build(scratch: Scratch, document, name: str, bounds: Rect, layers: "list[Layer]", mask: Mask, carried=()):
    """Puts together a group for `document`, not attached yet: the first of `layers` visible, the others hidden, `carried`
    nodes below, in their order.

    A generator whose pieces each hold the UI for a moment, see `built`. bounds: where the layers' pixels lie, document px.
    Raises CannotEdit.
    """
    with scratch.group(name, mask) as group:
        scratch.built_bytes += (len(layers) + len(carried)) * bounds.area * scratch.pixel_bytes
        for node in reversed(carried):
            copy = node.duplicate()
            copy.setVisible(False)
            group.addChildNode(copy, None)
        for number, layer in reversed(list(enumerate(layers))):
            yield
            scratch.check()
            node = document.createNode(layer.name, "paintlayer")
            node.setPixelData(QtCore.QByteArray(layer.pixels), *bounds)
            node.setVisible(number == 0)
            yield
            scratch.check()
            group.addChildNode(node, None)
        yield
        scratch.check()
        while not composite.is_idle(scratch.document):
            yield
            scratch.check()
        return group.duplicate()


async def built(document, steps, holding=nullcontext):
    """The group that `steps` of `build` put together, with Krita alive between them; each runs inside `holding()`."""
    try:
        while True:
            with holding():
                next(steps)
            await sleep(PAUSE_S)
            if not identity.is_open(document):
                raise CannotEdit(CLOSED)
    except StopIteration as end:
        return end.value
    finally:
        steps.close()


def attach(document, group) -> bool:
    """Adds the group on top of everything: what the server saw were all layers. One undo step.

    Returns whether the picture has to be composited (see `composite`): Krita shows one with a single layer without
    compositing it, and repaints only the mask's rectangle when a masked group joins it; the rest would stay empty.
    """
    layers = [node for node in document.rootNode().childNodes() if _is_layer(node)]
    document.rootNode().addChildNode(group, layers[-1] if layers else None)
    document.waitForDone()
    return len(layers) == 1


def attach_beside(document, group, sibling) -> None:
    """Adds the group directly above `sibling`. One undo step."""
    sibling.parentNode().addChildNode(group, sibling)
    document.waitForDone()


def remove(document, node) -> None:
    """Takes a node out. One undo step."""
    node.remove()
    document.waitForDone()


def results_of(document) -> list:
    """The result groups of the document, bottom to top."""
    found = []
    _collect(document, document.rootNode(), found)
    return found


def _collect(document, parent, found: list) -> None:
    for node in parent.childNodes():
        if node.type() != "grouplayer":
            continue
        if has_recipe(document, node):
            found.append(node)
        else:
            _collect(document, node, found)


def same_region(document, mask: Mask) -> "list[tuple[object, Memory]]":
    """The earlier results that `mask` replaces: it covers their mask, and they are no small part of it."""
    remembered = [(group, recall(document, group)) for group in results_of(document) if group.visible()]
    return [
        (group, memory)
        for group, memory in remembered
        if memory and mask.covers(memory.mask) and 2 * memory.mask.region.area >= mask.region.area
    ]


def result_with(document, group_id: str):
    """The result group with this unique id, or None."""
    return next((group for group in results_of(document) if id_of(group) == group_id), None)


def result_at(document):
    """The result group that the active layer is, or is part of; None where it is neither."""
    node = document.activeNode()
    while node is not None and node.type():
        if node.type() == "grouplayer" and has_recipe(document, node):
            return result_with(document, id_of(node))
        node = node.parentNode()
    return None


def activate(document, node, otherwise) -> None:
    """Makes `node` the active layer; `otherwise` where it is no longer in the document, as Krita may still say it is."""
    root, parent = document.rootNode(), node
    while parent is not None and parent.type() and parent != root:
        parent = parent.parentNode()
    document.setActiveNode(node if parent == root else otherwise)


def variations_of(group) -> list:
    """The group's pixel layers, top to bottom."""
    return [node for node in reversed(group.childNodes()) if node.type() == "paintlayer"]


def mask_of(group) -> "Mask | None":
    """The group's mask as it is now, possibly painted on; None where it was removed."""
    for node in group.childNodes():
        if node.type() == "transparencymask":
            bounds = node.bounds()
            region = Rect(bounds.x(), bounds.y(), bounds.width(), bounds.height())
            return Mask(region, to_bytes(node.pixelData(*region)))
    return None


def show(document, group, number: int) -> None:
    """Makes one variation visible and hides the others. Not undoable, as Krita's own eye icons."""
    for index, node in enumerate(variations_of(group)):
        node.setVisible(index == number)
    composite.refresh(document)


def shown(group) -> int:
    """The number of the visible variation; -1 where none is."""
    return next((index for index, node in enumerate(variations_of(group)) if node.visible()), -1)


def _is_layer(node) -> bool:
    return not node.type().endswith("mask")
