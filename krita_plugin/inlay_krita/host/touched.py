"""What a retoucher did to a result since it was placed. Such a result is never covered, hidden or taken out by itself."""

from ..client import blobs
from . import capture, place
from .capture import Rect
from .memories import Kept, id_of, recall

OPAQUE = 255


def offset_of(node, kept: Kept) -> "tuple[int, int] | None":
    """How far a variation's layer is from its recipe's coordinates now, px; None where it covers another area."""
    bounds = place.bounds_of(node)
    if bounds[2:] != kept.bounds[2:]:
        return None
    return kept.offset[0] + bounds.x - kept.bounds.x, kept.offset[1] + bounds.y - kept.bounds.y


async def is_layer_touched(document, node, kept: Kept, blob: str = "") -> bool:
    """Whether a variation's layer was painted on, or is shown otherwise than it was placed. blob: or as it was then."""
    offset = offset_of(node, kept)
    if offset is None or not _is_plain(node) or node.childNodes():
        return True
    pixels = await capture.pixels_of(document, capture.rect_of(kept.memory.patch.bounds).moved(offset), node)
    return await blobs.name_of(pixels) != (blob or kept.blob)


def replaceable(document, region: Rect) -> list:
    """The results of which a run for `region` may be another roll: each group, the layer that shows, and what it remembers.

    They are visible, on top of what they touch, and as they were placed but for their masks and their pixels; topmost first.
    """
    found = []
    for group in reversed(place.results_of(document)):
        layers, number = place.variations_of(document, group), place.shown(document, group)
        known = recall(document, group).layers
        if number >= 0 and group.visible() and _is_pristine(group, known) and not _is_below(document, group, region):
            found.append((group, layers[number], known[id_of(layers[number])]))
    return [one for one in found if offset_of(*one[1:]) is not None]


def _is_plain(node) -> bool:
    is_shown_plainly = node.opacity() == OPAQUE and node.blendingMode() in ("normal", place.COVERS)
    return is_shown_plainly and not node.colorLabel() and not node.layerStyleToAsl()


def _is_pristine(group, known) -> bool:
    """Whether nothing but variations lies in the group, however its one mask was refined."""
    masks = [node for node in group.childNodes() if node.type() == "transparencymask"]
    return len(masks) == 1 and _is_plain(group) and _holds_variations(group, known)


def _holds_variations(group, known) -> bool:
    return all(
        id_of(node) in known
        or node.type() == "transparencymask"
        or (node.type() == "grouplayer" and _is_plain(node) and _holds_variations(node, known))
        for node in group.childNodes()
    )


def _is_below(document, node, region: Rect) -> bool:
    """Whether a visible layer above the node reaches into `region`."""
    above = (other for other in place.above(document, id_of(node)) if other.visible())
    return any(place.bounds_of(other).intersection(region) for other in above)
