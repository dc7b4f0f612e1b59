"""Puts results into a document and takes variations out, each in one undo step; never touches what is the retoucher's.

A new result is a group with its mask and its variations. Another roll of it goes into that group, right above the variation
that showed: what lies below is covered, so nothing has to be hidden, and undo shows it again.
"""

from contextlib import nullcontext
from typing import NamedTuple

from krita import Krita

from ..client.tasks import sleep
from ..qt import QtCore, to_bytes
from . import composite, identity
from .capture import CLOSED, Mask, Rect
from .facts import CannotEdit
from .recipes import has_recipe, id_of, recall
from .scratch import Scratch

PAUSE_S = 0.002
"""Between the pieces of putting a result together."""

COVERS = "copy"
"""Krita's blending mode in which transparent pixels, too, take the place of what lies below."""


class Layer(NamedTuple):
    """A variation's pixels, in the document's own samples."""

    name: str
    pixels: bytes


def build(scratch: Scratch, document, name: str, bounds: Rect, layers: "list[Layer]", mask: "Mask | None"):
    """Puts together what is to join `document`: the first of `layers` visible, the others hidden, in a group with `mask`.

    With `mask` None it is meant for the inside of a result: a group without a mask, or the layer itself where there is one.
    A generator whose pieces each hold the UI for a moment, see `built`. bounds: where the layers' pixels lie, document px.
    Raises CannotEdit.
    """
    with scratch.group(name, mask) as group:
        scratch.built_bytes += len(layers) * bounds.area * scratch.pixel_bytes
        for number, layer in reversed(list(enumerate(layers))):
            yield
            scratch.check()
            node = document.createNode(layer.name, "paintlayer")
            node.setPixelData(QtCore.QByteArray(layer.pixels), *bounds)
            node.setVisible(number == 0)
            if mask is None and len(layers) == 1:
                return node
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


def insert(document, group, node, layer) -> None:
    """Adds a variation, or a roll of them, to a result: above the variation `layer` and its like. One undo step.

    Never above a layer of the retoucher's that lies higher.
    """
    made = recall(document, group).variations
    below = layer
    while True:
        siblings = below.parentNode().childNodes()
        higher = siblings[siblings.index(below) + 1 :]
        for other in higher:
            if not _is_of(other, made):
                break
            below = other
        else:
            if below.parentNode() != group:
                below = below.parentNode()
                continue
        break
    below.parentNode().addChildNode(node, below)
    document.waitForDone()


def _is_of(node, made) -> bool:
    """Whether a node is a variation, or a roll of nothing else, or a mask."""
    if node.type() == "grouplayer":
        return bool(node.childNodes()) and all(_is_of(child, made) for child in node.childNodes())
    return id_of(node) in made or not _is_layer(node)


def cover(node) -> None:
    """Has a node that is not attached yet show nothing of what lies below it, where it is transparent."""
    node.setBlendingMode(COVERS)


def remove(document, nodes: list) -> None:
    """Takes nodes out: one undo step where the document is in front, else one for each."""
    if len(nodes) > 1 and select_only(document, nodes):
        Krita.instance().action("remove_layer").trigger()
    else:
        for node in nodes:
            node.remove()
    document.waitForDone()


def select_only(document, nodes: list) -> bool:
    """Selects these nodes in the layer list, and no others; whether that was possible.

    Krita's scripts select none but the active one. There is an action that selects what is locked; where just that is
    selected already, it selects everything else instead, so it is asked twice then.
    """
    krita = Krita.instance()
    if krita.activeDocument() != document:
        return False
    wanted = {id_of(node) for node in nodes}
    locks = [(node, node.locked()) for node in _below(document.rootNode())]
    for node, _ in locks:
        node.setLocked(id_of(node) in wanted)
    try:
        for _ in range(2):
            krita.action("select_locked_layers").trigger()
            if {id_of(node) for node in krita.activeWindow().activeView().selectedNodes()} == wanted:
                return True
        return False
    finally:
        for node, was_locked in locks:
            node.setLocked(was_locked)


def _below(parent):
    for node in parent.childNodes():
        yield node
        yield from _below(node)


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


def variations_of(document, group) -> list:
    """The layers of the group that were painted by jobs, top to bottom. All others in it are the retoucher's."""
    memory = recall(document, group)
    made = memory.variations if memory else {}
    return [node for node in reversed(list(_below(group))) if id_of(node) in made]


def paint_layers_of(group) -> list:
    """The group's own paint layers, bottom to top."""
    return [node for node in group.childNodes() if node.type() == "paintlayer"]


def bounds_of(node) -> Rect:
    """What a node covers, document px."""
    bounds = node.bounds()
    return Rect(bounds.x(), bounds.y(), bounds.width(), bounds.height())


def mask_of(group) -> "Mask | None":
    """The group's mask as it is now, possibly painted on; None where it was removed."""
    for node in group.childNodes():
        if node.type() == "transparencymask":
            region = bounds_of(node)
            return Mask(region, to_bytes(node.pixelData(*region)))
    return None


def show(document, group, number: int) -> None:
    """Makes one variation the one that is seen. Not undoable, as Krita's own eye icons.

    Hides those above it and the others of its roll. Earlier rolls stay as they are: it covers them, and once it is undone,
    they are seen as they were.
    """
    layers = variations_of(document, group)
    made = recall(document, group).variations
    job_id = made[id_of(layers[number])].job_id
    for index, node in enumerate(layers):
        if index <= number or made[id_of(node)].job_id == job_id:
            node.setVisible(index == number)
    parent = layers[number].parentNode()
    while parent != group:
        parent.setVisible(True)
        parent = parent.parentNode()
    composite.refresh(document)


def shown(document, group) -> int:
    """The number of the variation that is seen; -1 where none is."""
    layers = enumerate(variations_of(document, group))
    return next((index for index, node in layers if _is_seen(node, group)), -1)


def _is_seen(node, group) -> bool:
    while node != group:
        if not node.visible():
            return False
        node = node.parentNode()
    return True


def _is_layer(node) -> bool:
    return not node.type().endswith("mask")
