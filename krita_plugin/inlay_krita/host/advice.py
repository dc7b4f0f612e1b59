"""What stands against an edit of a document as it is now, and what a retoucher should know of one: said before it runs."""

from array import array

from ..words import say
from . import capture, place
from .capture import Mask, Rect
from .facts import CannotEdit, Facts

_FULL = 255
_HALF_FLOAT_ONE, _HALF_FLOAT_NEGATIVE = 0x3C00, 0x8000
_LOOKED_AT_PX = 64


def is_isolated(document, region: Rect) -> bool:
    """Whether the middle of a region is shown as one layer alone.

    By its pixels: after a quick second click, and in a picture opened afterwards, Krita's menu says the wrong thing.
    """
    left = region.x + (region.width - _LOOKED_AT_PX) // 2
    top = region.y + (region.height - _LOOKED_AT_PX) // 2
    middle = Rect(left, top, _LOOKED_AT_PX, _LOOKED_AT_PX).intersection(region)
    return middle is not None and bytes(document.pixelData(*middle)) != capture.composite_of(document, middle)


def check_selection(document, verb: str, mask: Mask) -> None:
    """Raises CannotEdit where an erase would leave nothing to continue from."""
    if verb == "erase" and mask.region == capture.canvas_of(document) and mask.data.count(_FULL) == len(mask.data):
        raise CannotEdit(say("plan.everything_selected"))


def is_in_hidden(document, node) -> bool:
    """Whether a node, or a group that it is in, is hidden."""
    return not place.is_seen(node, document.rootNode())


def is_animated(document) -> bool:
    """Whether any layer has key frames."""
    return any(node.animated() for node in place.nodes_in(document.rootNode()))


def is_above_white(pixels: bytes, facts: Facts) -> bool:
    """Whether any float sample is above 1. May run on a worker thread."""
    if facts.depth == "F32":
        return max(array("f", pixels), default=0.0) > 1.0
    if facts.depth == "F16":
        return any(_HALF_FLOAT_ONE < half < _HALF_FLOAT_NEGATIVE for half in set(array("H", pixels)))
    return False
