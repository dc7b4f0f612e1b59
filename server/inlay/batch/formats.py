"""A master's pixels in another format: what of them it shows, and the mask of what they lack."""

import numpy as np
from numpy.typing import NDArray

from inlay.client.canvas import framed
from inlay.documents import Document
from inlay.formats import Framing


def apply(document: Document, framing: Framing) -> Document:
    """`document` on the format's canvas: cropped, and transparent where it grew; every layer and every pixel as it was."""
    return framed(document, framing.crop)


def missing(framing: Framing) -> NDArray[np.uint8]:
    """The mask of what has to be painted: crop's height x width, 0 on the master, 255 beyond it."""
    mask = np.full((framing.crop.height, framing.crop.width), 255, np.uint8)
    mask[framing.canvas.slices] = 0
    return mask
