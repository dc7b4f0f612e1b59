"""Whether a recipe can be painted at all: every limit, before any pixel is read."""

import math

from inlay.color.raster import MAX_SIDE_PX, Raster
from inlay.engines.registry import Registry
from inlay.errors import InvalidInput, Unsupported
from inlay.recipe import MAX_COUNT, MAX_FEATHER_PX, MAX_GROW_PX, MAX_PROMPT_CHARACTERS, MAX_SEED, Recipe, Verb
from inlay.region import Rect, Size

MAX_ICC_BYTES = 4 * 2**20


def check(recipe: Recipe, registry: Registry) -> None:
    """Raise InvalidInput, NotFound or Unsupported, naming the field, unless the recipe is within every limit."""
    _check_side("document", recipe.document)
    _check_within("window", recipe.window, recipe.document.bounds, "the canvas")
    _check_within("region", recipe.region, recipe.window, "the window")
    _check_raster("source", recipe.source, recipe.window.size)
    _check_raster("mask", recipe.mask, recipe.region.size)
    if recipe.mask.channels != 1:
        raise InvalidInput("mask.order", recipe.mask.order, "a mask has one channel, Y")
    if recipe.source.channels == 1 and recipe.source.order != "Y":
        raise InvalidInput("source.order", recipe.source.order, "one channel is Y")
    _check_range("count", recipe.count, 1, MAX_COUNT)
    _check_range("seed", recipe.seed, 0, MAX_SEED)
    _check_range("strength", recipe.strength, 0.0, 1.0)
    _check_range("grow_px", recipe.grow_px, -MAX_GROW_PX, MAX_GROW_PX)
    _check_range("feather_px", recipe.feather_px, 0, MAX_FEATHER_PX)
    for field, text in (("prompt", recipe.prompt), ("negative_prompt", recipe.negative_prompt)):
        if len(text) > MAX_PROMPT_CHARACTERS:
            raise InvalidInput(field, f"{len(text)} characters long", f"at most {MAX_PROMPT_CHARACTERS} are allowed")
    if recipe.verb is Verb.RECOLOR and not recipe.target_color:
        raise InvalidInput("target_color", "empty", "recolor needs #RRGGBB, lab(L, a, b) or document(r, g, b)")
    if recipe.target_color:
        from inlay.edit.target import target_of  # loads OpenCV, which most edits never need in the gateway

        target_of(recipe.target_color, recipe.source)
    engine = registry.choose(recipe.verb, recipe.model, bool(recipe.prompt))
    if recipe.structure is not None:
        recipe.structure.check("structure")
        if not engine.promotes:
            raise Unsupported(f"{engine.name} cannot finish a draft; name a model that paints", field="structure")


def _check_side(field: str, size: Size) -> None:
    limit = f"each side must be 1..{MAX_SIDE_PX} px"
    if not (0 < size.width <= MAX_SIDE_PX and 0 < size.height <= MAX_SIDE_PX):
        raise InvalidInput(field, f"{size.width} x {size.height}", limit)


def _check_within(field: str, rect: Rect, outer: Rect, name: str) -> None:
    if rect.width <= 0 or rect.height <= 0:
        raise InvalidInput(field, f"{rect.width} x {rect.height}", "it must hold at least one pixel")
    if not outer.contains(rect):
        raise InvalidInput(field, f"{tuple(rect)}", f"it must lie inside {name} {tuple(outer)} (x, y, width, height)")


def _check_raster(field: str, raster: Raster, expected: Size) -> None:
    raster.check(field)
    if (raster.width, raster.height) != expected:
        raise InvalidInput(
            f"{field}.size", f"{raster.width} x {raster.height}", f"it must be {expected.width} x {expected.height}"
        )
    if len(raster.icc) > MAX_ICC_BYTES:
        raise InvalidInput(f"{field}.profile_icc", f"{len(raster.icc)} bytes", f"at most {MAX_ICC_BYTES} are allowed")


def _check_range(field: str, value: float, low: float, high: float) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        raise InvalidInput(field, value, f"it must be {low} .. {high}")
