"""Geometry: mask -> region -> window -> working size. Pure, no pixels."""

from inlay.region.framing import AS_IT_IS, Framing
from inlay.region.margins import Margins
from inlay.region.rect import MAX_DOCUMENT_PX, Rect, Size
from inlay.region.same import Selected, regions_of
from inlay.region.window import Window, window_for

__all__ = [
    "AS_IT_IS",
    "MAX_DOCUMENT_PX",
    "Framing",
    "Margins",
    "Rect",
    "Selected",
    "Size",
    "Window",
    "regions_of",
    "window_for",
]
