"""Results that are no patch, fetched: a picture as a document of its own."""

from inlay.client.client import Client
from inlay.documents import Document
from inlay.errors import Unsupported
from inlay.variation import Picture, Variation


def picture_of(client: Client, document: Document, variation: Variation) -> Document:
    """The picture that came of `document`: in its profile, with what its file says of it. Raises Unsupported for other results."""
    if not isinstance(variation.result, Picture):
        raise Unsupported(f"variation {variation.index + 1} is no picture of its own", field="verb")
    raster = variation.result.pixels
    samples = raster.array(client.fetch(raster.blob), "picture")
    made = Document(samples, raster.order, document.profile, document.icc, document.path, document.format)
    return made.saying(document.metadata.settled(made.size))
