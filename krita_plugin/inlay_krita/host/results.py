"""Places results that are no patch: a selection becomes the picture's, layers become a group, a picture a document of its own."""

from typing import Any

from krita import Krita, Selection

from ..client.messages import raster_pb2
from ..qt import QtCore
from ..words import say
from . import canvas, composite, enlarged, hands, identity, place, scratch, skeleton
from .capture import Mask, Rect, rect_of
from .facts import CannotEdit, facts_of
from .live_type import svg_of
from .memories import id_of

BLENDING = {"": "normal", "add": "add", "multiply": "multiply", "screen": "screen", "normal": "normal"}


def kind_of(variation) -> str:
    """What a variation is: `patch`, `layers`, `selection` or `picture`."""
    return variation.WhichOneof("result") or "patch"


def to_place(variations: list) -> list:
    """Those that can be in a picture beside each other: of several selections the first, which is the surest."""
    selections = [one for one in variations if kind_of(one) == "selection"]
    return [one for one in variations if one not in selections[1:]]


def rasters_of(variation) -> list:
    """The rasters of a result that is no patch, in order."""
    kind = kind_of(variation)
    if kind == "layers":
        layers = variation.layers.layers
        return [layer.pixels for layer in layers] + [layer.mask for layer in layers if layer.HasField("mask")]
    return [variation.selection.mask if kind == "selection" else variation.picture.pixels]


async def put(
    document, name: str, variation, pixels: "list[bytes]", lands: str, read_by: str, region: Rect
) -> "tuple[Any, Any] | None":
    """Places a result; the document and the node that it is then, None for a selection. Raises CannotEdit.

    pixels: of its `rasters_of`. lands, read_by: see `place.attach`. region: of the recipe. An enlarged part of a picture becomes
    a layer of the document that is the picture enlarged as much, if one is open.
    """
    await hands.free(document)
    kind = kind_of(variation)
    if kind == "selection":
        select(document, variation.selection, *pixels)
    elif kind == "picture":
        raster = variation.picture.pixels
        scale = raster.width // max(1, region.width)
        home = enlarged.home_of(document, region, scale)
        if home is None:
            return _open(document, f"{identity.caption_of(document)} {name}", raster, pixels[0], region, scale)
        larger, bounds = home
        part = place.Layer(name, pixels[0], bounds, True)
        layer = await place.built(scratch.ready(facts_of(larger)), larger, name, [part])
        await hands.free(larger)
        place.attach(larger, layer)
        return larger, layer
    else:
        layers = _layers(document, variation.layers.layers, pixels)
        group = await place.built(
            scratch.ready(facts_of(document)), document, name, layers[::-1], is_group=len(layers) > 1
        )
        await hands.free(document)
        place.attach(document, group, lands, read_by)
        place.draw_shapes(group)
        return document, group
    return None


def _layers(document, wanted, pixels: "list[bytes]") -> "list[place.Layer]":
    """From the lowest to the topmost. pixels: of all layers, then of the masks that there are."""
    masks = iter(pixels[len(wanted) :])
    return [
        place.Layer(
            one.name,
            data,
            rect_of(one.bounds),
            True,
            BLENDING.get(one.blend, "normal"),
            _shapes(one, document.width(), document.height()),
            Mask(rect_of(one.bounds), _in_8_bit(one.mask, next(masks))) if one.HasField("mask") else None,
        )
        for one, data in zip(wanted, pixels, strict=False)
    ]


def _shapes(one, width: int, height: int) -> str:
    """What a layer is as shapes; empty where it is pixels alone."""
    if one.HasField("skeleton"):
        return skeleton.svg_of(one.skeleton, width, height)
    return svg_of(one.type, width, height) if one.HasField("type") else ""


def _in_8_bit(raster, data: bytes) -> bytes:
    """Krita selects and masks in 8 bit; of 16 bit the upper half is taken. Raises CannotEdit for other samples."""
    sample = raster_pb2.SampleType.Name(raster.sample_type).removeprefix("SAMPLE_TYPE_")
    if sample not in ("U8", "U16"):
        raise CannotEdit(say("plan.selection_samples", samples=sample))
    return data[1::2] if sample == "U16" else data


class _Landed:
    """A result on layers, and how its picture was before it: Krita's undo knows nothing of that."""

    def __init__(self, document, node, active, stands_for: str):
        self.document_id, self.result_id = identity.id_of(document), id_of(node)
        self.active_id = id_of(active) if active is not None else ""
        self.stands_for = stands_for
        self.is_there, self.is_active = False, True


_landed: "list[_Landed]" = []


def watch(document, node, active, stands_for: str = "") -> None:
    """Hides a layer for the result, as long as that is there, and makes the layer that was active before it active once more
    where undo takes the result away.
    """
    _landed.append(_Landed(document, node, active, stands_for))
    keep_standing()


def keep_standing() -> None:
    """Looks which results are there."""
    for one in _landed[:]:
        document = identity.find(one.document_id)
        if document is None:
            _landed.remove(one)
            continue
        is_there = place.layer_with(document, one.result_id) is not None
        if is_there == one.is_there:
            one.is_active = is_there and _is_in(document.activeNode(), one.result_id)
            continue
        one.is_there = is_there
        layer = place.layer_with(document, one.stands_for) if one.stands_for else None
        if layer is not None:
            layer.setVisible(not any(other.is_there and other.stands_for == one.stands_for for other in _landed))
            composite.refresh(document)
        before = place.layer_with(document, one.active_id) if not is_there and one.is_active else None
        if before is not None:
            document.setActiveNode(before)


def _is_in(node, top_id: str) -> bool:
    """Whether a node is the one with this unique id, or part of it."""
    while node is not None and node.type():
        if id_of(node) == top_id:
            return True
        node = node.parentNode()
    return False


def select(document, found, data: bytes) -> None:
    """Selects what was found: the contract's Selection, and its samples."""
    selection = Selection()
    selection.setPixelData(QtCore.QByteArray(_in_8_bit(found.mask, data)), *rect_of(found.bounds))
    canvas.put_selection(document, selection)


def _open(document, name: str, raster, data: bytes, region: Rect, scale: int) -> tuple:
    facts = facts_of(document)
    made = Krita.instance().createDocument(
        raster.width, raster.height, name, facts.model, facts.depth, facts.profile, float(document.resolution())
    )
    layer = made.topLevelNodes()[0]
    layer.setPixelData(QtCore.QByteArray(data), 0, 0, raster.width, raster.height)
    made.refreshProjection()
    Krita.instance().activeWindow().addView(made)
    if (raster.width, raster.height) == (region.width * scale, region.height * scale):
        enlarged.remember(made, document, region, scale)
    return made, layer
