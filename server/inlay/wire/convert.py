"""Between the contract's messages and the values everything else works with: recipes, rasters, variations.

From a message, every value that the domain cannot hold (an unset or unknown enum, NaN, a number outside its range, a
missing part) raises InvalidInput with the field's dotted path. To a message, nothing is checked.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message

from inlay.color.raster import CHANNELS_OF_ORDER, MAX_SIDE_PX, Raster, SampleType
from inlay.errors import InvalidInput
from inlay.recipe import MAX_COUNT, Recipe, Tier, Verb
from inlay.region import Rect, Size
from inlay.v1 import raster_pb2, recipe_pb2
from inlay.variation import Patch, Report, Variation


class Names:
    """One proto enum and the domain values it stands for; proto names are the values in capitals after a prefix."""

    def __init__(self, wrapper: EnumTypeWrapper, prefix: str, values: tuple[str, ...]) -> None:
        self._numbers: dict[str, int] = {value: wrapper.Value(prefix + value.upper()) for value in values}
        self._values = {number: value for value, number in self._numbers.items()}

    def number(self, value: str) -> Any:
        """The proto number of `value`."""
        return self._numbers[value]

    def knows(self, number: int) -> bool:
        """Whether a proto number is set and of this contract."""
        return number in self._values

    def value(self, number: int, field: str) -> str:
        """The value of a proto number. Raises InvalidInput for 0 (not set) and for numbers of a later contract."""
        if not self.knows(number):
            shown = "not set" if number == 0 else number
            raise InvalidInput(field, shown, f"it must be one of {', '.join(self._values.values())}")
        return self._values[number]


VERBS = Names(recipe_pb2.Verb, "VERB_", tuple(Verb))
TIERS = Names(recipe_pb2.Tier, "TIER_", tuple(Tier))
_SAMPLE_TYPES = Names(raster_pb2.SampleType, "SAMPLE_TYPE_", tuple(SampleType))
_ORDERS = Names(raster_pb2.ChannelOrder, "CHANNEL_ORDER_", tuple(CHANNELS_OF_ORDER))


def verb_from(number: int, field: str = "verb") -> Verb:
    """The verb. Raises InvalidInput where it is not set or unknown."""
    return Verb(VERBS.value(number, field))


def tier_from(number: int, field: str = "tier") -> Tier:
    """The tier; not set is standard. Raises InvalidInput where it is unknown."""
    return Tier(TIERS.value(number, field)) if number else Tier.STANDARD


def size_from(message: raster_pb2.Size, field: str) -> Size:
    """The size. Raises InvalidInput unless both sides are 1 .. MAX_SIDE_PX."""
    _check_sides(message.width, message.height, field)
    return Size(message.width, message.height)


def size_to(size: Size) -> raster_pb2.Size:
    return raster_pb2.Size(width=size.width, height=size.height)


def rect_from(message: raster_pb2.Rect, field: str) -> Rect:
    """The rectangle. Raises InvalidInput unless both sides are 1 .. MAX_SIDE_PX; its place is not checked here."""
    _check_sides(message.width, message.height, field)
    return Rect(message.x, message.y, message.width, message.height)


def rect_to(rect: Rect) -> raster_pb2.Rect:
    return raster_pb2.Rect(x=rect.x, y=rect.y, width=rect.width, height=rect.height)


def raster_from(message: raster_pb2.Raster, field: str) -> Raster:
    """The description of pixels. Raises InvalidInput as `Raster.check` does."""
    raster = Raster(
        width=message.width,
        height=message.height,
        order=_ORDERS.value(message.order, f"{field}.order"),
        sample_type=SampleType(_SAMPLE_TYPES.value(message.sample_type, f"{field}.sample_type")),
        white_level=shortest_float(message.white_level),
        profile=message.profile_name,
        blob=message.blob,
        icc=message.profile_icc,
    )
    raster.check(field)
    return raster


def raster_to(raster: Raster) -> raster_pb2.Raster:
    return raster_pb2.Raster(
        width=raster.width,
        height=raster.height,
        order=_ORDERS.number(raster.order),
        sample_type=_SAMPLE_TYPES.number(raster.sample_type),
        white_level=raster.white_level,
        profile_name=raster.profile,
        profile_icc=raster.icc,
        blob=raster.blob,
    )


def recipe_from(message: recipe_pb2.Recipe, prefix: str = "") -> Recipe:
    """The recipe, with the contract's defaults filled in. `prefix` goes before every field named in an error.

    Raises InvalidInput. Whether the parts fit each other is `inlay.edit.check`'s to say.
    """
    for part in ("document", "window", "source", "region", "mask"):
        _check_present(message, part, prefix)
    strength = message.strength if message.HasField("strength") else 1.0
    if not 0 <= strength <= 1:
        raise InvalidInput(f"{prefix}strength", strength, "it must be 0 .. 1")
    if message.count > MAX_COUNT:
        raise InvalidInput(f"{prefix}count", message.count, f"it must be 1 .. {MAX_COUNT}")
    return Recipe(
        verb=verb_from(message.verb, f"{prefix}verb"),
        document=size_from(message.document, f"{prefix}document"),
        window=rect_from(message.window, f"{prefix}window"),
        source=raster_from(message.source, f"{prefix}source"),
        region=rect_from(message.region, f"{prefix}region"),
        mask=raster_from(message.mask, f"{prefix}mask"),
        prompt=message.prompt,
        negative_prompt=message.negative_prompt,
        seed=message.seed,
        count=message.count or 1,
        tier=tier_from(message.tier, f"{prefix}tier"),
        model=message.model,
        strength=shortest_float(strength),
        target_color=message.target_color,
        grow_px=message.grow_px,
        feather_px=message.feather_px,
        structure=raster_from(message.structure, f"{prefix}structure") if message.HasField("structure") else None,
    )


def recipe_to(recipe: Recipe) -> recipe_pb2.Recipe:
    return recipe_pb2.Recipe(
        verb=VERBS.number(recipe.verb),
        document=size_to(recipe.document),
        window=rect_to(recipe.window),
        source=raster_to(recipe.source),
        region=rect_to(recipe.region),
        mask=raster_to(recipe.mask),
        prompt=recipe.prompt,
        negative_prompt=recipe.negative_prompt,
        seed=recipe.seed,
        count=recipe.count,
        tier=TIERS.number(recipe.tier),
        model=recipe.model,
        strength=recipe.strength,
        target_color=recipe.target_color,
        grow_px=recipe.grow_px,
        feather_px=recipe.feather_px,
        structure=raster_to(recipe.structure) if recipe.structure else None,
    )


def variation_from(message: recipe_pb2.Variation, field: str = "variation") -> Variation:
    """The variation. Raises InvalidInput where a part is missing or out of range."""
    _check_present(message, "patch", f"{field}.")
    for part in ("bounds", "pixels", "mask"):
        _check_present(message.patch, part, f"{field}.patch.")
    report = message.report
    return Variation(
        index=message.index,
        seed=message.seed,
        patch=Patch(
            bounds=rect_from(message.patch.bounds, f"{field}.patch.bounds"),
            pixels=raster_from(message.patch.pixels, f"{field}.patch.pixels"),
            mask=raster_from(message.patch.mask, f"{field}.patch.mask"),
        ),
        report=Report(
            ring_delta_e_before=optional_float(report, "ring_delta_e_before", f"{field}.report."),
            ring_delta_e_after=optional_float(report, "ring_delta_e_after", f"{field}.report."),
            notes=tuple(report.notes),
            details=_object_from(report.details_json, f"{field}.report.details_json"),
        ),
        receipt=_object_from(message.receipt_json, f"{field}.receipt_json"),
    )


def variation_to(variation: Variation) -> recipe_pb2.Variation:
    patch, report = variation.patch, variation.report
    return recipe_pb2.Variation(
        index=variation.index,
        seed=variation.seed,
        patch=recipe_pb2.Patch(
            bounds=rect_to(patch.bounds), pixels=raster_to(patch.pixels), mask=raster_to(patch.mask)
        ),
        report=recipe_pb2.FidelityReport(
            ring_delta_e_before=report.ring_delta_e_before,
            ring_delta_e_after=report.ring_delta_e_after,
            notes=report.notes,
            details_json=_object_to(report.details),
        ),
        receipt_json=_object_to(variation.receipt),
    )


def shortest_float(value: float) -> float:
    """A single-precision number as the double a person would write: 0.3, not 0.30000001192092896.

    So a recipe keeps its identity on the wire, whichever door it came through.
    """
    return float(str(np.float32(value)))


def optional_float(message: Message, name: str, prefix: str) -> float | None:
    """An optional number; None where it is not set. Raises InvalidInput where it is NaN or infinite."""
    if not message.HasField(name):
        return None
    value = float(getattr(message, name))
    if not math.isfinite(value):
        raise InvalidInput(f"{prefix}{name}", value, "it must be a finite number")
    return shortest_float(value)


def _check_sides(width: int, height: int, field: str) -> None:
    if not (0 < width <= MAX_SIDE_PX and 0 < height <= MAX_SIDE_PX):
        raise InvalidInput(field, f"{width} x {height}", f"each side must be 1..{MAX_SIDE_PX} px")


def _check_present(message: Message, part: str, prefix: str) -> None:
    if not message.HasField(part):
        raise InvalidInput(f"{prefix}{part}", "not set", "it must be set")


def _object_from(text: str, field: str) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InvalidInput(field, f"{len(text)} characters that are no JSON object", "it must be a JSON object")
    return value


def _object_to(value: Mapping[str, Any]) -> str:
    return json.dumps(_finite(value), separators=(",", ":"), allow_nan=False)


def _finite(value: Any) -> Any:
    """JSON has no NaN: a measurement that has no number becomes null."""
    if isinstance(value, Mapping):
        return {str(name): _finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
