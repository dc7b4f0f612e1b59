"""A master's mask on documents that show the same thing, whatever their depth and profile."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay import color
from inlay.documents import Document
from inlay.documents.document import mask_share
from inlay.errors import InvalidInput
from inlay.siblings import LEAST_SURE, propagate

FEWEST_PX = 64


class Carried(NamedTuple):
    """mask: height x width of the sibling, uint8, 255 inside; None where a person must say where it is. sure: 0..1."""

    mask: NDArray[np.uint8] | None
    sure: float


class Master:
    """What a mask is carried from. mask: the document's size, uint8 or uint16; raises InvalidInput where it is next to empty."""

    def __init__(self, document: Document, mask: NDArray[np.generic]) -> None:
        self._picture = shown(document)
        self._mask = np.rint(255 * mask_share(mask)).astype(np.uint8)
        inside = int((self._mask > 127).sum())
        if inside < FEWEST_PX:
            raise InvalidInput("mask", f"{inside} px large", f"at least {FEWEST_PX} are needed to find it elsewhere")

    def carried_to(self, sibling: Document) -> Carried:
        """The mask on another document."""
        mask, sure = propagate(self._picture, self._mask, shown(sibling))
        return Carried(mask if sure >= LEAST_SURE else None, sure)


def shown(document: Document) -> NDArray[np.uint8]:
    """A document as a screen shows it: height x width x 3 uint8, sRGB, transparent pixels as they are below their alpha."""
    pixels = color.decode(document.samples, document.raster(document.size, "")).pixels
    return np.rint(255 * np.clip(pixels, 0, 1)).astype(np.uint8)
