"""The colour of a part of a document, as an averaging eyedropper reads it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inlay.client.answers import BrandReading, Reading
from inlay.client.client import Client
from inlay.client.edit import Capture, region_of, upload
from inlay.documents import Document
from inlay.recipe import NamedColor


def probe_document(client: Client, document: Document, mask: NDArray[np.generic], target_color: str = "") -> Reading:
    """Measure `document` where `mask` (height x width of the document; uint8, uint16 or float32) is above 0.

    target_color: as in a recipe. Raises InvalidInput for an empty mask or a target that cannot be read.
    """
    region = region_of(mask)
    capture = Capture.of(document, mask, region, region)
    upload(client, capture)
    return client.probe(capture.source, capture.mask, target_color)


def check_document(
    client: Client,
    document: Document,
    mask: NDArray[np.generic] | None = None,
    *,
    style: str = "",
    colors: Sequence[NamedColor] = (),
) -> BrandReading:
    """Hold `document` against the colours of a style, or `colors`, where `mask` (its height x width) is open; None: all of it."""
    whole = np.full(document.samples.shape[:2], 255, np.uint8) if mask is None else mask
    region = region_of(whole)
    capture = Capture.of(document, whole, region, region)
    upload(client, capture)
    return client.check_brand(capture.source, None if mask is None else capture.mask, style=style, colors=colors)
