"""Geometry: mask -> region -> window -> working size. Pure, no pixels."""

from inlay.region.rect import Rect, Size
from inlay.region.window import Window, window_for

__all__ = ["Rect", "Size", "Window", "window_for"]
