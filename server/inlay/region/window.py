"""Where a model looks: from a mask's region to the window it sees and the size it paints at."""

import math
from typing import NamedTuple

from inlay.errors import InvalidInput
from inlay.region.rect import Rect, Size

CONTEXT_MIN_PX = 64
"""Even a speck needs surroundings to calibrate light, colour and grain on (facts/quality.md section 2, step 1)."""

CONTEXT_MAX_PX = 384
"""Beyond this, more surroundings cost time and change nothing (same source)."""


class Window(NamedTuple):
    """The rectangle of the document handed to an engine, and the size it is painted at."""

    bounds: Rect  # document pixels, inside the canvas
    working: Size  # pixels the engine paints; both sides multiples of its `multiple`

    @property
    def scale(self) -> float:
        """Working pixels per document pixel; below 1 the result is softer than the document."""
        return self.working.width / self.bounds.width


def context_for(region: Rect) -> int:
    """Pixels of surroundings that a region gets on each side when the retoucher does not say."""
    return round(min(max(math.sqrt(region.area), CONTEXT_MIN_PX), CONTEXT_MAX_PX))


def window_for(
    region: Rect,
    document: Size,
    *,
    context_px: int = 0,
    multiple: int = 1,
    native_px: int = 0,
    max_px: int,
) -> Window:
    """The window of `region` in a canvas of size `document`.

    context_px: surroundings on each side in document pixels; 0 lets `context_for` choose.
    multiple: both working sides become multiples of it (the engine's latent grid).
    native_px: working area in pixels that the engine paints best; smaller windows are painted larger. 0: never enlarge.
    max_px: working area in pixels that must not be exceeded; larger windows are painted smaller.

    Raises InvalidInput where the region is empty or lies outside the canvas.
    """
    if region.width <= 0 or region.height <= 0:
        raise InvalidInput("region", f"{region.width} x {region.height}", "it must hold at least one pixel")
    if not document.bounds.contains(region):
        raise InvalidInput("region", tuple(region), f"it must lie inside the canvas 0,0 .. {document.width},{document.height}")
    bounds = region.padded(context_px or context_for(region)).intersection(document.bounds)
    scale = math.sqrt(native_px / bounds.area) if bounds.area < native_px else 1.0
    if bounds.area * scale * scale > max_px:
        scale = math.sqrt(max_px / bounds.area)
    return Window(bounds, Size(_side(bounds.width * scale, multiple), _side(bounds.height * scale, multiple)))


def _side(length: float, multiple: int) -> int:
    return max(multiple, round(length / multiple) * multiple)
