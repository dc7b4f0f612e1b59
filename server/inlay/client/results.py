"""Results that are no patch, fetched: a picture as a document of its own, layers as a group for a document."""

from inlay.client.client import Client
from inlay.documents import Document
from inlay.documents.layer_stack import NORMAL, Group, Layer
from inlay.errors import Unsupported
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
