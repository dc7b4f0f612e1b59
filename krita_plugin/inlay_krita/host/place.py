"""Puts results into a document and takes variations out, each in one undo step; never touches what is the retoucher's.

A new result is a group with its mask and its variations. Another roll of it goes into that group, right above the variation
that showed: what lies below is covered, so nothing has to be hidden, and undo shows it again.
"""

from typing import NamedTuple

from krita import Krita

from ..client.tasks import sleep
from ..qt import Qt, QtCore, QtGui
from . import composite, identity
from .capture import Mask, Rect, asides, canvas_of
from .facts import CannotEdit
from .memories import id_of, is_result, recall
from .scratch import Scratch

PAUSE_S = 0.002
"""Between the pieces of putting a result together."""

MOST_THUMBNAIL_PX = 512
TILE_PX = 64

COVERS = "copy"
"""Krita's blending mode in which transparent pixels, too, take the place of what lies below."""


class Layer(NamedTuple):
    """A layer to be made: pixels in the document's own samples, and where they lie. svg: shapes that stand for the pixels.

    mask: Krita's scripts make none on a layer, so it is on a group around it.
    """

    name: str
    pixels: bytes
    bounds: Rect
    visible: bool
    blending: str = "normal"
    svg: str = ""
    mask: "Mask | None" = None


async def built(scratch: Scratch, document, name: str, layers, mask=None, is_group: bool = False):
    """What is to join `document`: `layers` (Layer), the first on top, in a group with `mask` (Mask).

    Without a mask it is a plain group, or, unless it `is_group` all the same, the layer itself where there is one. Krita
    lives between the pieces. Raises CannotEdit.
    """

    async def breath() -> None:
        await sleep(PAUSE_S)
        identity.must_be_open(document)
        scratch.check()

    with scratch.group(name, mask) as group:
        scratch.built_bytes += sum(layer.bounds.area for layer in layers) * scratch.pixel_bytes
        for layer in reversed(layers):
            await breath()
            node = _node(document, layer)
            node.setVisible(layer.visible)
            if layer.blending != "normal":
                node.setBlendingMode(layer.blending)
            await breath()
            if layer.mask is not None:
                with scratch.group(layer.name, layer.mask) as around:
                    around.addChildNode(node, None)
                    await breath()
                    node = around.duplicate()
            if mask is None and len(layers) == 1 and not is_group:
                return node
            group.addChildNode(node, None)
        await breath()
        while not composite.is_idle(scratch.document):
            await breath()
        return group.duplicate()


def _node(document, layer: Layer):
    """A vector layer where there are shapes and Krita can read them; else a layer with the pixels.

    It is made for `document`, not for the scratch: Krita keeps shapes in points, and a document's density says how many
    pixels that is.
    """
    if layer.svg:
        shapes = document.createVectorLayer(layer.name)
        if shapes.addShapesFromSvg(layer.svg):
            return shapes
    node = document.createNode(layer.name, "paintlayer")
    node.setPixelData(QtCore.QByteArray(layer.pixels), *layer.bounds)
    return node


def draw_shapes(top) -> None:
    """Has Krita draw the shapes of what joined a document, in it or below: a vector layer brings no pixels along."""
    for node in (top, *nodes_in(top)):
        if node.type() == "vectorlayer":
            for shape in node.shapes():
                shape.update()


def attach(document, group, lands: str = "top", read_by: str = "") -> bool:
    """Adds the group on top of everything, `above` the active layer, or into the active `group`. One undo step.

    read_by: the layer above which nothing was read; it counts as the active one, and what reads it lands no higher.
    Returns whether the picture has to be composited (see `composite`): Krita shows one with a single layer without
    compositing it, and repaints only the mask's rectangle when a masked group joins it; the rest would stay empty.
    """
    root, anchor = document.rootNode(), layer_with(document, read_by) if read_by else None
    lands, active = ("above", anchor) if anchor and lands == "top" else (lands, anchor or document.activeNode())
    while lands != "top" and active is not None and active.type() and not _is_layer(active):
        active = active.parentNode()
    parent, below = root, None
    if lands != "top" and active is not None and active.type() and active != root:
        goes_in = lands == "group" and active.type() == "grouplayer" and not is_result(document, active)
        beside = result_of(document, active) or active
        parent, below = (active, None) if goes_in else (beside.parentNode(), beside)
    layers = [node for node in parent.childNodes() if _is_layer(node)]
    if below is not None:
        for node in layers[layers.index(below) + 1 :]:
            if not is_result(document, node):
                break
            below = node  # What was made before is below what was made of it.
    parent.addChildNode(group, below or (layers[-1] if layers else None))
    document.waitForDone()
    return parent == root and len(layers) == 1


def insert(document, group, node, layer) -> None:
    """Adds a variation, or a roll of them, to a result: above the variation `layer` and its like. One undo step.

    Never above a layer of the retoucher's that lies higher.
    """
    made = recall(document, group).layers
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
    locks = [(node, node.locked()) for node in nodes_in(document.rootNode())]
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


def nodes_in(parent):
    """All nodes of a node's, each before those in it, bottom to top."""
    for node in parent.childNodes():
        yield node
        yield from nodes_in(node)


def layer_with(document, layer_id: str):
    """The layer with this unique id, or None."""
    return next((node for node in nodes_in(document.rootNode()) if id_of(node) == layer_id), None)


def layer_meant(document, value: str):
    """The layer with this unique id, or the topmost one of this name; None where there is neither."""
    found = None
    for node in nodes_in(document.rootNode()):
        if id_of(node) == value:
            return node
        found = node if node.name() == value and _is_layer(node) else found
    return found


def drawn_on(document, wish):
    """The layer on which a wish has what it is about; None where it needs none. Raises CannotEdit where that is not there."""
    for asked in asides(wish.form):
        if asked.required:
            layer = layer_meant(document, wish.get(asked.path))
            if layer is None or bounds_of(layer).intersection(canvas_of(document)) is None:
                raise CannotEdit(asked.lack)
            return layer
    return None


def above(document, layer_id: str) -> list:
    """What lies above a layer; nothing where the document has no such layer."""
    node, root, found = layer_with(document, layer_id) if layer_id else None, document.rootNode(), []
    while node is not None and node != root:
        siblings = node.parentNode().childNodes()
        found += [one for one in siblings[siblings.index(node) + 1 :] if not one.type().endswith("mask")]
        node = node.parentNode()
    return found


def next_below(document, node):
    """The layer that a node lies on: beside it, or else below the groups that it is the lowest of; None: there is none."""
    while node is not None and node != document.rootNode():
        siblings = node.parentNode().childNodes()
        lower = [one for one in siblings[: siblings.index(node)] if _is_layer(one)]
        if lower:
            return lower[-1]
        node = node.parentNode()
    return None


def results_of(document) -> list:
    """The result groups of the document, bottom to top."""
    return list(_results(document, document.rootNode()))


def _results(document, parent):
    for node in parent.childNodes():
        if node.type() == "grouplayer":
            yield from [node] if is_result(document, node) else _results(document, node)


def result_with(document, group_id: str):
    """The result group with this unique id, or None."""
    return next((group for group in results_of(document) if id_of(group) == group_id), None)


def result_at(document):
    """The result group that the active layer is, or is part of; None where it is neither."""
    return result_of(document, document.activeNode())


def result_of(document, node):
    """The result group that a node is, or is part of; None where it is neither."""
    while node is not None and node.type():
        if node.type() == "grouplayer" and is_result(document, node):
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
    made = recall(document, group).layers
    return [node for node in reversed(list(nodes_in(group))) if id_of(node) in made]


def bounds_of(node) -> Rect:
    """What a node covers, document px."""
    bounds = node.bounds()
    return Rect(bounds.x(), bounds.y(), bounds.width(), bounds.height())


def mask_of(group) -> "Mask | None":
    """The group's mask as it is now, possibly painted on; None where it was removed."""
    for node in group.childNodes():
        if node.type() == "transparencymask":
            region = bounds_of(node)
            return Mask(region, bytes(node.pixelData(*region)))
    return None


def show(document, group, number: int) -> None:
    """Makes one variation the one that is seen. Not undoable, as Krita's own eye icons.

    Hides those above it and the others of its roll. Earlier rolls stay as they are: it covers them, and once it is undone,
    they are seen as they were.
    """
    layers = variations_of(document, group)
    made = recall(document, group).layers
    job_ids = [made[id_of(layer)].memory.job_id for layer in layers]
    for index, node in enumerate(layers):
        if index <= number or job_ids[index] == job_ids[number]:
            node.setVisible(index == number)
    parent = layers[number].parentNode()
    while parent != group:
        parent.setVisible(True)
        parent = parent.parentNode()
    composite.refresh(document)


def hide(document, group, hidden: "bool | None" = None) -> None:
    """Hides a result while it is compared with what it lies on, or shows it; None: the other of both. Not undoable."""
    group.setVisible(not (group.visible() if hidden is None else hidden))
    composite.refresh(document)


def picture_of(group, layer, side: int) -> QtGui.QImage:
    """What a layer shows where the group's mask lies, at most `side` px wide and high, in sRGB.

    Krita's own thumbnails show all the tiles that a layer has, stretched to a square; what is opaque in them is the layer's
    bounds.
    """
    masks = [node for node in group.childNodes() if node.type() == "transparencymask"]
    bounds = bounds_of(layer)
    region = (bounds_of(masks[0]).intersection(bounds) if masks else None) or bounds
    around = max(bounds.width, bounds.height) + 2 * TILE_PX
    size = min(MOST_THUMBNAIL_PX, round(side * around / max(1, region.width, region.height)))
    picture = layer.thumbnail(size, size).convertToFormat(QtGui.QImage.Format.Format_ARGB32)
    alpha = picture.bits().asstring(picture.sizeInBytes())[3::4]
    rows = [y for y in range(size) if any(alpha[y * size : (y + 1) * size])]
    columns = [x for x in range(size) if any(alpha[x::size])]
    if not rows or not bounds.area:
        return picture
    across, down = len(columns) / bounds.width, len(rows) / bounds.height
    left, top = columns[0] + across * (region.x - bounds.x), rows[0] + down * (region.y - bounds.y)
    part = picture.copy(round(left), round(top), round(across * region.width), round(down * region.height))
    true = QtCore.QSize(region.width, region.height).scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio)
    return part.scaled(true, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)


def shown(document, group) -> int:
    """The number of the variation that is seen; -1 where none is."""
    layers = enumerate(variations_of(document, group))
    return next((index for index, node in layers if is_seen(node, group)), -1)


def is_seen(node, top) -> bool:
    """Whether a node, and every group that it is in up to `top`, is visible."""
    while node != top:
        if not node.visible():
            return False
        node = node.parentNode()
    return True


def _is_layer(node) -> bool:
    return not node.type().endswith("mask")
