"""Where a model looks: from a mask's region to the window it sees and the size it paints at."""

import math
from typing import NamedTuple

from inlay.errors import InvalidInput
from inlay.region.rect import Rect, Size

CONTEXT_MIN_PX = 64
"""Even a speck needs surroundings to calibrate light, colour and grain on (docs/facts/fidelity.md#context-of-a-window)."""

CONTEXT_MAX_PX = 384
"""More surroundings cost time; what they would change beyond this was not measured (same source)."""


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
    reach_px: int = 0,
    context_px: int = 0,
    multiple: int = 1,
    least_px: int = 0,
    max_px: int,
) -> Window:
    """The window of `region` in a canvas of size `document`.

    reach_px: how far the mask will grow and soften beyond `region`.
    context_px: surroundings on each side in document pixels; 0 lets `context_for` choose.
    multiple, least_px, max_px: as in `working_size`.

    Raises InvalidInput where the region is empty or lies outside the canvas.
    """
    if region.width <= 0 or region.height <= 0:
        raise InvalidInput("region", f"{region.width} x {region.height}", "it must hold at least one pixel")
    if not document.bounds.contains(region):
        raise InvalidInput(
            "region", tuple(region), f"it must lie inside the {document.width} x {document.height} canvas"
        )
    reached = region.padded(reach_px).intersection(document.bounds)
    bounds = reached.padded(context_px or context_for(reached)).intersection(document.bounds)
    return Window(bounds, working_size(bounds, multiple=multiple, least_px=least_px, max_px=max_px))


def working_size(bounds: Rect, *, multiple: int = 1, least_px: int = 0, max_px: int) -> Size:
    """The size at which a window of `bounds` is painted.

    multiple: both sides become multiples of it (the engine's latent grid).
    least_px: area in pixels below which the engine is not asked to paint; smaller windows are painted larger. 0: never
        enlarge.
    max_px: area in pixels that must not be exceeded; larger windows are painted smaller.
    """
    area = bounds.area
    target = min(max(area, least_px), max_px)
    if target == area and multiple == 1:
        return bounds.size
    scale = math.sqrt(target / area)
    return Size(_side(bounds.width * scale, multiple), _side(bounds.height * scale, multiple))


def _side(length: float, multiple: int) -> int:
    return max(multiple, round(length / multiple) * multiple)
