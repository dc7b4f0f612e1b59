"""What stands against an edit of a document as it is now, and what a retoucher should know of one: said before it runs."""

from array import array

from krita import Krita

from .capture import Mask, Rect
from .facts import CannotEdit, Facts

ANIMATED = "The picture is animated: the result is one layer, which shows over every frame."
ABOVE_WHITE = (
    "The result holds values above white. Where a mask lies on it, this Krita may cut them off at white in what it shows;"
    " the layer itself has them all."
)
_FULL = 255
_HALF_FLOAT_ONE, _HALF_FLOAT_NEGATIVE = 0x3C00, 0x8000
_ISOLATING = ("isolate_active_layer", "isolate_active_group")


def check_view(document) -> None:
    """Raises CannotEdit where the picture in front shows one layer only: that is what would be read."""
    krita = Krita.instance()
    isolating = [action for name in _ISOLATING if (action := krita.action(name)) and action.isChecked()]
    if isolating and krita.activeDocument() == document:
        raise CannotEdit("One layer is isolated, so the picture is not seen whole. Leave Layer › Isolate first.")


def check_selection(document, verb: str, mask: Mask) -> None:
    """Raises CannotEdit where an erase would leave nothing to continue from."""
    canvas = Rect(0, 0, document.width(), document.height())
    if verb == "erase" and mask.region == canvas and mask.data.count(_FULL) == len(mask.data):
        raise CannotEdit("The whole picture is selected, so nothing is left to continue. Select only what should go.")


def is_animated(document) -> bool:
    """Whether any layer has key frames."""
    return _is_animated(document.rootNode())


def _is_animated(node) -> bool:
    return node.animated() or any(_is_animated(child) for child in node.childNodes())


def is_above_white(pixels: bytes, facts: Facts) -> bool:
    """Whether any float sample is above 1. May run on a worker thread."""
    if facts.depth == "F32":
        return max(array("f", pixels), default=0.0) > 1.0
    if facts.depth == "F16":
        return any(_HALF_FLOAT_ONE < half < _HALF_FLOAT_NEGATIVE for half in set(array("H", pixels)))
    return False
