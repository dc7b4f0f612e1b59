"""The colour of a part of a document, as an averaging eyedropper reads it."""

import numpy as np
from numpy.typing import NDArray

from inlay.client.answers import Reading
from inlay.client.client import Client
from inlay.client.edit import Capture, region_of, upload
from inlay.documents import Document


def probe_document(client: Client, document: Document, mask: NDArray[np.generic], target_color: str = "") -> Reading:
    """Measure `document` where `mask` (height x width of the document; uint8, uint16 or float32) is above 0.

    target_color: as in a recipe. Raises InvalidInput for an empty mask or a target that cannot be read.
    """
    region = region_of(mask)
    capture = Capture.of(document, mask, region, region)
    upload(client, capture)
    return client.probe(capture.source, capture.mask, target_color)
