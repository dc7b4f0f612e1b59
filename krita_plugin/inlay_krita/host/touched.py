"""What a retoucher did to a result since it was placed. Such a result is never covered, hidden or taken out by itself."""

from ..client import blobs
from ..client.messages import recipe_pb2
from ..wish import get
from . import capture, place
from .capture import Rect
from .recipes import Made, Memory, Roll, id_of, recall

OPAQUE = 255


def offset_of(node, made: Made) -> "tuple[int, int] | None":
    """How far (x, y) a variation's layer was moved, as by a crop of the picture; None where it covers another area now."""
    bounds = place.bounds_of(node)
    if bounds[2:] != made.bounds[2:]:
        return None
    return bounds.x - made.bounds.x, bounds.y - made.bounds.y


async def is_layer_touched(document, node, made: Made, roll: Roll) -> bool:
    """Whether a variation's layer was painted on, or is shown otherwise than it was placed."""
    offset = offset_of(node, made)
    if offset is None or not _is_plain(node) or node.childNodes():
        return True
    pixels = await capture.pixels_of(document, roll.patch.moved(offset), node)
    return await blobs.name_of(pixels) != made.pixels


async def rolled(document, mask, wish):
    """The result that a run of `wish` with this mask would only roll again, or None.

    It is visible, on top of what it touches, of the same verb and selection, and as it was placed but for its mask.
    """
    for group in reversed(place.results_of(document)):
        memory = recall(document, group)
        number = place.shown(document, group) if memory else -1
        if number < 0 or not group.visible() or not _is_pristine(group, memory):
            continue
        layer = place.variations_of(document, group)[number]
        made, roll = memory.variations[id_of(layer)], memory.roll_of(id_of(layer))
        offset = offset_of(layer, made)
        if offset is None or memory.mask.moved(offset) != mask or _is_below_something(document, group, mask.region):
            continue
        if not _asks_alike(roll, wish):
            continue
        if not await is_layer_touched(document, layer, made, roll):
            return group
    return None


def _asks_alike(roll: Roll, wish) -> bool:
    recipe = recipe_pb2.Recipe.FromString(roll.recipe)
    edges = ("where.grow_px", "where.feather_px")
    return recipe.verb == wish.verb and all((get(recipe, at) or 0) == wish.get(at, 0) for at in edges)


def _is_plain(node) -> bool:
    return (
        node.opacity() == OPAQUE
        and node.blendingMode() in ("normal", place.COVERS)
        and not node.colorLabel()
        and not node.layerStyleToAsl()
    )


def _is_pristine(group, memory: Memory) -> bool:
    """Whether nothing but variations lies in the group, however its one mask was refined."""
    masks = [node for node in group.childNodes() if node.type() == "transparencymask"]
    return len(masks) == 1 and _is_plain(group) and _holds_variations(group, memory)


def _holds_variations(group, memory: Memory) -> bool:
    return all(
        id_of(node) in memory.variations
        or node.type() == "transparencymask"
        or (node.type() == "grouplayer" and _is_plain(node) and _holds_variations(node, memory))
        for node in group.childNodes()
    )


def _is_below_something(document, group, region: Rect) -> bool:
    """Whether a visible layer above the group reaches into `region`."""
    root, node = document.rootNode(), group
    while node != root:
        siblings = node.parentNode().childNodes()
        above = siblings[siblings.index(node) + 1 :]
        if any(_reaches(other, region) for other in above if other.visible() and not other.type().endswith("mask")):
            return True
        node = node.parentNode()
    return False


def _reaches(node, region: Rect) -> bool:
    return place.bounds_of(node).intersection(region) is not None
