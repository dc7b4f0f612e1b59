"""Whether a recipe can be painted at all: every limit, before any pixel is read."""

import math
from collections.abc import Mapping

from inlay.capabilities import Capabilities
from inlay.clip import FRAMES, MOST_BYTES, SECONDS
from inlay.color.raster import MAX_AREA_PX, MAX_SIDE_PX, Raster
from inlay.engines.registry import Registry
from inlay.engines.upscale.facts import scale_of
from inlay.errors import InvalidInput, Unsupported, clipped
from inlay.recipe import (
    CONTROL,
    DRAFT,
    LOOKED_AT,
    MAX_COUNT,
    MAX_FEATHER_PX,
    MAX_GROW_PX,
    MAX_INPUTS,
    MAX_PROMPT_CHARACTERS,
    MAX_SEED,
    PALETTE,
    Option,
    Recipe,
    Verb,
)
from inlay.region import Rect, Size
from inlay.structure import DEPTH, FREE, KIND, structure_of

MAX_ICC_BYTES = 4 * 2**20
MAX_OPTIONS = 64
MAX_NAME_CHARACTERS = 256

COLORLESS = frozenset({Verb.ERASE, Verb.SEPARATE, Verb.FIX})
"""Verbs whose colours are those of what is there."""


def check(recipe: Recipe, registry: Registry) -> None:
    """Raise InvalidInput, NotFound or Unsupported, naming the field, unless the recipe is within every limit."""
    canvas, where, sampling = recipe.canvas, recipe.where, recipe.sampling
    if not recipe.verb:
        raise InvalidInput("verb", "not set", "it must be set")
    canvas.document.check("canvas.document")
    _check_within("canvas.window", canvas.window, canvas.document.bounds, "the canvas")
    _check_within("where.region", where.region, canvas.window, "the window")
    _check_raster("canvas.source", canvas.source, canvas.window.size)
    _check_raster("where.mask", where.mask, where.region.size)
    if where.mask.channels != 1:
        raise InvalidInput("where.mask.order", where.mask.order, "a mask has one channel, Y")
    if canvas.source.channels == 1 and canvas.source.order != "Y":
        raise InvalidInput("canvas.source.order", canvas.source.order, "one channel is Y")
    _check_range("sampling.count", sampling.count, 1, MAX_COUNT)
    _check_range("sampling.seed", sampling.seed, 0, MAX_SEED)
    _check_range("sampling.strength", sampling.strength, 0.0, 1.0)
    _check_range("where.grow_px", where.grow_px, -MAX_GROW_PX, MAX_GROW_PX)
    _check_range("where.feather_px", where.feather_px, 0, MAX_FEATHER_PX)
    _check_words(recipe)
    if recipe.verb == Verb.UPSCALE:
        check_enlarged("options.scale", where.region.size, scale_of(recipe))
    engine = registry.painter_of(recipe)
    _check_inputs(recipe, engine)
    _check_structure(recipe, engine)
    _check_options(recipe.options)
    _check_clip(recipe, engine)


def check_enlarged(field: str, size: Size, scale: int) -> None:
    """Raise InvalidInput, naming `field`, where a picture of `size` cannot be enlarged so far."""
    width, height = size.width * scale, size.height * scale
    if width * height > MAX_AREA_PX or max(width, height) > MAX_SIDE_PX:
        limit = f"an enlarged picture has at most {MAX_AREA_PX // 2**20} megapixels; select a part of this one"
        raise InvalidInput(field, f"{width} x {height} px", limit)


def _check_words(recipe: Recipe) -> None:
    words = recipe.words
    _check_length("words.prompt", words.prompt, MAX_PROMPT_CHARACTERS)
    _check_length("words.negative_prompt", words.negative_prompt, MAX_PROMPT_CHARACTERS)
    _check_length("words.surroundings", words.surroundings, MAX_PROMPT_CHARACTERS)
    if recipe.verb == Verb.RECOLOR and not words.target_color:
        raise InvalidInput("words.target_color", "empty", "recolor needs #RRGGBB, lab(L, a, b) or document(r, g, b)")
    if words.target_color:
        from inlay.edit.target import target_of  # loads OpenCV, which most edits never need in the gateway

        target_of(words.target_color, recipe.canvas.source, "words.target_color")


def _check_inputs(recipe: Recipe, engine: Capabilities) -> None:
    if len(recipe.inputs) > MAX_INPUTS:
        raise InvalidInput("inputs", f"{len(recipe.inputs)} rasters", f"at most {MAX_INPUTS} are allowed")
    for at, one in enumerate(recipe.inputs):
        field = f"inputs[{at}]"
        _check_raster(f"{field}.raster", one.raster, Size(one.raster.width, one.raster.height))
        _check_range(f"{field}.weight", one.weight, 0.0, 1.0)
        _check_length(f"{field}.name", one.name, MAX_NAME_CHARACTERS)
        if one.role not in engine.accepts:
            cannot = "cannot finish a draft" if one.role == DRAFT else f"does not read an input {clipped(one.role)!r}"
            raise Unsupported(f"{engine.name} {cannot}; name a model that does", field=f"{field}.role")
        if one.role == PALETTE and recipe.verb in COLORLESS:
            limit = f"{recipe.verb.replace('_', ' ')} brings no colours of its own, so a palette means nothing to it"
            raise Unsupported(limit, field=f"{field}.role")
        if one.role in LOOKED_AT and not engine.weighs and 0 < one.weight < 1:
            limit = f"{engine.name} looks at a picture wholly or not at all; give it 1, or 0 to leave it out"
            raise InvalidInput(f"{field}.weight", one.weight, limit)
    palettes = sum(one.role == PALETTE for one in recipe.inputs)
    if palettes > 1:
        raise InvalidInput("inputs", f"{palettes} palettes", "a result has the colours of one at most")
    looked_at = sum(one.role in LOOKED_AT and one.weight > 0 for one in recipe.inputs)
    if looked_at > engine.references:
        limit = f"{engine.name} looks at {engine.references} at most; leave some out, or name a model that takes more"
        raise InvalidInput("inputs", f"{looked_at} references", limit)


def _check_structure(recipe: Recipe, engine: Capabilities) -> None:
    """Raise Unsupported or InvalidInput unless `engine` can be held to what `recipe` keeps."""
    field = f"options.{KIND}"
    structure, drawn = structure_of(recipe), recipe.input(CONTROL) is not None
    if structure is None:
        if drawn:
            raise InvalidInput(field, FREE, "it must say what the drawn map shows")
        return
    if structure.kind not in engine.structures:
        kept = structure.kind.replace("_", " ")
        raise Unsupported(f"{engine.name} cannot be held to {kept}; name a model that can", field=field)
    if structure.kind == DEPTH and not drawn and not engine.sees_depth:
        limit = "has no model of depth beside it; add one with --part, or draw the map on a layer and name it"
        raise Unsupported(f"{engine.name} {limit}", field=field)


def _check_clip(recipe: Recipe, engine: Capabilities) -> None:
    """Raise InvalidInput where the pictures of a clip would be more than anybody can hold."""
    if engine.clip is None:
        return
    count, region, source = engine.clip.frames_of(recipe.options), recipe.where.region, recipe.canvas.source
    total = count * region.area * source.channels * source.sample_type.dtype.itemsize
    if total > MOST_BYTES:
        gib = 2**30
        limit = (
            f"a clip takes at most {MOST_BYTES // gib} GB; select less, make the picture smaller, or ask for less time"
        )
        asked = f"{count} pictures of {region.width} x {region.height} px, {total / gib:.1f} GB"
        raise InvalidInput(f"options.{FRAMES if recipe.options.get(FRAMES) else SECONDS}", asked, limit)


def _check_options(options: Mapping[str, Option]) -> None:
    if len(options) > MAX_OPTIONS:
        raise InvalidInput("options", f"{len(options)} of them", f"at most {MAX_OPTIONS} are allowed")
    for name, value in options.items():
        _check_length("options", name, MAX_NAME_CHARACTERS)
        if isinstance(value, str):
            _check_length(f"options.{name}", value, MAX_PROMPT_CHARACTERS)


def _check_length(field: str, text: str, most: int) -> None:
    if len(text) > most:
        raise InvalidInput(field, f"{len(text)} characters long", f"at most {most} are allowed")


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
        raise InvalidInput(f"{field}.icc", f"{len(raster.icc)} bytes", f"at most {MAX_ICC_BYTES} are allowed")


def _check_range(field: str, value: float, low: float, high: float) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        raise InvalidInput(field, value, f"it must be {low} .. {high}")
