"""Puts results into a document: one group with its mask and its variations, in one undo step.

A new result is one step; one that takes the place of an earlier result of the same region is two (the earlier one goes).
"""

from typing import NamedTuple

from ..qt import QtCore, to_bytes
from . import composite
from .capture import Mask, Rect
from .recipes import Memory, has_recipe, recall
from .scratch import Scratch


class Layer(NamedTuple):
    """A variation's pixels, in the document's own samples."""

    name: str
    pixels: bytes


def build(scratch: Scratch, document, name: str, bounds: Rect, layers: "list[Layer]", mask: Mask, carried=()):
    """A group for `document`, not attached yet: the first of `layers` visible, the others hidden, `carried` nodes below.

    bounds: where the layers' pixels lie, document px.
    """
    scratch.group.setName(name)
    scratch.mask.setPixelData(QtCore.QByteArray(mask.data), *mask.region)
    for node in carried:
        copy = node.duplicate()
        copy.setVisible(False)
        scratch.group.addChildNode(copy, None)
    for number, layer in reversed(list(enumerate(layers))):
        node = document.createNode(layer.name, "paintlayer")
        node.setPixelData(QtCore.QByteArray(layer.pixels), *bounds)
        node.setVisible(number == 0)
        scratch.group.addChildNode(node, None)
    scratch.document.waitForDone()
    return scratch.group.duplicate()


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
    return next((group for group in results_of(document) if group.uniqueId().toString() == group_id), None)


def result_at(document):
    """The result group that the active layer is, or is part of; None where it is neither."""
    node = document.activeNode()
    while node is not None and node.type():
        if node.type() == "grouplayer" and has_recipe(document, node):
            return result_with(document, node.uniqueId().toString())
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
