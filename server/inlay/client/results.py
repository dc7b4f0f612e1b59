"""Results that are no patch, fetched: a picture as a document of its own, layers as a group or as edits for a document."""

import json

from inlay.client.client import Client
from inlay.documents import Document, PlacedEdit
from inlay.documents.document import mask_as
from inlay.documents.layer_stack import NORMAL, Group, Layer
from inlay.errors import Unsupported
from inlay.variation import Layer as Sheet
from inlay.variation import Layers, Picture, Variation


def picture_of(client: Client, document: Document, variation: Variation) -> Document:
    """The picture that came of `document`: in its profile, with what its file says of it. Raises Unsupported for other results."""
    if not isinstance(variation.result, Picture):
        raise Unsupported(f"variation {variation.index + 1} is no picture of its own", field="verb")
    raster = variation.result.pixels
    samples = raster.array(client.fetch(raster.blob), "picture")
    made = Document(samples, raster.order, document.profile, document.icc, document.path, document.format)
    return made.saying(document.metadata.settled(made.size))


BLENDS = {"normal": NORMAL, "multiply": "svg:multiply", "screen": "svg:screen", "add": "svg:plus"}


def group_of(client: Client, name: str, variation: Variation) -> Group:
    """The layers that a document was taken apart into. Raises Unsupported for other results."""
    if not isinstance(variation.result, Layers):
        raise Unsupported(f"variation {variation.index + 1} is not layers", field="verb")
    layers = [
        Layer(
            one.name,
            one.bounds.x,
            one.bounds.y,
            one.pixels.array(client.fetch(one.pixels.blob), one.name),
            blend=BLENDS[one.blend],
        )
        for one in variation.result.layers
    ]
    return Group(name, tuple(reversed(layers)))


def edits_of(client: Client, document: Document, variation: Variation) -> tuple[PlacedEdit, ...]:
    """The results side by side that came of `document`, each through its mask. Raises Unsupported for other results."""
    if not isinstance(variation.result, Layers):
        raise Unsupported(f"variation {variation.index + 1} is not layers", field="verb")
    receipt = json.dumps(variation.receipt, sort_keys=True)
    return tuple(_edit(client, document, one, receipt) for one in variation.result.layers)


def _edit(client: Client, document: Document, layer: Sheet, receipt: str) -> PlacedEdit:
    """A document without alpha gets pixels without: they are opaque, and the mask says how much of them shows."""
    samples = layer.pixels.array(client.fetch(layer.pixels.blob), layer.name)[..., : document.samples.shape[2]]
    if layer.mask is None:
        raise Unsupported(f"layer {layer.name!r} has no mask", field="verb")
    mask = layer.mask.array(client.fetch(layer.mask.blob), f"mask of {layer.name}")[..., 0]
    return PlacedEdit(
        layer.name, layer.bounds, mask_as(mask, document.sample_type), ((layer.name, samples, True),), receipt
    )
