"""A selection that was saved in a PSD, as a channel of its own. Source: Adobe Photoshop File Formats, resources 1006 and 1045."""

import numpy as np
from numpy.typing import NDArray

from inlay.documents import image_resources, psd_file
from inlay.documents.document import Document
from inlay.documents.psd_channels import unpacked
from inlay.errors import InvalidInput


def saved_selection(document: Document, name: str) -> NDArray[np.generic]:
    """The channel of that name: height x width, uint8 or uint16, as in the document. Raises InvalidInput where there is none."""
    if document.layered != "psd":
        raise InvalidInput("channel", repr(name), f"only a .psd has saved selections, not {document.path.name}")
    file = psd_file.parse(document.original)
    count = max(0, file.saved_selections)
    names = image_resources.channel_names(file.resources)[-count:] if count else ()
    if name not in names:
        raise InvalidInput(
            "channel", repr(name), f"{document.path.name} has {', '.join(names) or 'no saved selection'}"
        )
    _, channels, height, width, depth, _ = file.header
    planes = unpacked(file.merged, channels * height, width, depth, file.header.version).reshape(-1, height, width)
    return np.ascontiguousarray(planes[channels - len(names) + names.index(name)])
