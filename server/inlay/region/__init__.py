"""Geometry: mask -> region -> window -> working size. Pure, no pixels."""

from inlay.region.framing import AS_IT_IS, Framing
from inlay.region.rect import Rect, Size
from inlay.region.same import Selected, regions_of
from inlay.region.window import Window, window_for

__all__ = ["AS_IT_IS", "Framing", "Rect", "Selected", "Size", "Window", "regions_of", "window_for"]
