"""Places results that are no patch: a selection becomes the picture's, layers become a group, a picture a document of its own."""

from krita import Krita, Selection

from ..client.messages import raster_pb2
from ..qt import QtCore
from ..words import say
from . import composite, hands, identity, place, scratch
from .capture import rect_of
from .facts import CannotEdit, facts_of
from .live_type import svg_of
from .memories import id_of

BLENDING = {"": "normal", "add": "add", "multiply": "multiply", "screen": "screen", "normal": "normal"}


def kind_of(variation) -> str:
    """What a variation is: `patch`, `layers`, `selection` or `picture`."""
    return variation.WhichOneof("result") or "patch"


def rasters_of(variation) -> list:
    """The rasters of a result that is no patch, in order."""
    kind = kind_of(variation)
    if kind == "layers":
        return [layer.pixels for layer in variation.layers.layers]
    return [variation.selection.mask if kind == "selection" else variation.picture.pixels]


async def put(document, name: str, variation, pixels: "list[bytes]", lands: str, read_by: str) -> None:
    """Places a result. pixels: of its `rasters_of`. lands, read_by: see `place.attach`. Raises CannotEdit."""
    await hands.free(document)
    kind = kind_of(variation)
    if kind == "selection":
        _select(document, variation.selection, *pixels)
    elif kind == "picture":
        _open(document, name, variation.picture.pixels, *pixels)
    else:
        layers = [
            place.Layer(
                one.name,
                data,
                rect_of(one.bounds),
                True,
                BLENDING.get(one.blend, "normal"),
                svg_of(one.type, document.width(), document.height()) if one.HasField("type") else "",
            )
            for one, data in zip(variation.layers.layers, pixels, strict=True)
        ]
        group = await place.built(
            scratch.ready(facts_of(document)), document, name, layers[::-1], is_group=len(layers) > 1
        )
        await hands.free(document)
        place.attach(document, group, lands, read_by)
        place.draw_shapes(group)


_standing: "list[list]" = []
"""What stands for a layer: the picture's id, the ids of the result and of the layer, and whether the result was there."""


def stand_for(document, layer_id: str) -> None:
    """Hides a layer for the result right above it, as long as that is there: Krita's undo knows nothing of what is hidden."""
    layer = place.layer_with(document, layer_id)
    siblings = layer.parentNode().childNodes() if layer is not None else []
    higher = siblings[siblings.index(layer) + 1 :] if layer in siblings else []
    if higher:
        _standing.append([identity.id_of(document), id_of(higher[0]), layer_id, False])
        keep_standing()


def keep_standing() -> None:
    """Hides what a result stands for, and shows it again where undo took the result away."""
    for one in _standing:
        document = identity.find(one[0])
        layer = place.layer_with(document, one[2]) if document is not None else None
        if layer is None:
            continue
        is_there = place.layer_with(document, one[1]) is not None
        if is_there != one[3]:
            one[3] = is_there
            layer.setVisible(not is_there)
            composite.refresh(document)


def _select(document, found, data: bytes) -> None:
    """Krita selects in 8 bit; of 16 bit the upper half is taken."""
    sample = raster_pb2.SampleType.Name(found.mask.sample_type).removeprefix("SAMPLE_TYPE_")
    if sample not in ("U8", "U16"):
        raise CannotEdit(say("plan.selection_samples", samples=sample))
    selection = Selection()
    selection.setPixelData(QtCore.QByteArray(data[1::2] if sample == "U16" else data), *rect_of(found.bounds))
    document.setSelection(selection)


def _open(document, name: str, raster, data: bytes) -> None:
    facts = facts_of(document)
    made = Krita.instance().createDocument(
        raster.width, raster.height, name, facts.model, facts.depth, facts.profile, float(document.resolution())
    )
    layer = made.topLevelNodes()[0]
    layer.setPixelData(QtCore.QByteArray(data), 0, 0, raster.width, raster.height)
    made.refreshProjection()
    Krita.instance().activeWindow().addView(made)
