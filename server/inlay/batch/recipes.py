"""The recipe of a plan: fields with slots, and the wish that they are once the slots are filled."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from inlay.batch.slots import Filled, Scalar, check_slots, filled, filled_text, slots_of
from inlay.batch.tables import Given, Table
from inlay.client.edit import Wish
from inlay.errors import InvalidInput
from inlay.recipe import MAX_COUNT, MAX_FEATHER_PX, MAX_GROW_PX, MAX_INPUTS, MAX_PROMPT_CHARACTERS, Option, Tier

MAX_CONTEXT_PX = 4_096


class _Number(NamedTuple):
    least: float
    most: float
    whole: bool = True


_TEXT, _FLAG = "text", "flag"
_WORDS = ("prompt", "negative_prompt", "surroundings", "target_color")
_SIMPLE: dict[str, Any] = {
    "verb": _TEXT,
    **dict.fromkeys(_WORDS, _TEXT),
    "raw": _FLAG,
    "tier": tuple(Tier),
    "strength": _Number(0, 1, whole=False),
    "model": _TEXT,
    "style": _TEXT,
    "count": _Number(1, MAX_COUNT),
    "grow_px": _Number(-MAX_GROW_PX, MAX_GROW_PX),
    "feather_px": _Number(0, MAX_FEATHER_PX),
    "context_px": _Number(0, MAX_CONTEXT_PX),
}
FIELDS = (*_SIMPLE, "options", "inputs")
_INPUT = ("role", "file", "weight", "name")

PATHS: dict[str, tuple[str, ...]] = {
    **{name: (f"words.{name}",) for name in (*_WORDS, "raw")},
    **{name: (f"where.{name}", "canvas") for name in ("grow_px", "feather_px")},
    "verb": ("verb", "sampling.model", "canvas"),
    "tier": ("sampling.tier", "sampling.model", "canvas"),
    "model": ("sampling.model", "canvas"),
    "style": ("sampling.style", "sampling.model"),
    "strength": ("sampling.strength",),
    "count": ("sampling.count",),
    "context_px": ("canvas",),
    "options": ("options",),
    "inputs": ("inputs",),
    "mask": ("where.mask", "where.region", "canvas"),
    "seed": ("sampling.seed",),
}
"""Where in a recipe a field of the plan may be seen; the window, in `canvas`, follows from mask, verb, model and tier."""


@dataclass(frozen=True)
class InputFile:
    """A picture that comes along."""

    role: str
    file: Path
    weight: float
    name: str
    where: str


class Asked(NamedTuple):
    """A recipe with its slots filled; its seed is not settled yet."""

    wish: Wish
    inputs: tuple[InputFile, ...]


@dataclass(frozen=True)
class Form:
    """A recipe with slots."""

    fields: Mapping[str, Given]

    @classmethod
    def of(cls, table: Table) -> "Form":
        """Raises InvalidInput for what no recipe has."""
        if "seed" in table.values:
            raise table.values["seed"].wrong('it stands above the tables: seed = "same", "cell", a number or "{axis}"')
        table.only(FIELDS)
        return cls(table.values)

    def over(self, base: "Form") -> "Form":
        """This, and what it leaves open as `base` has it."""
        return Form({**base.fields, **self.fields})

    def check(self, known: set[str]) -> None:
        """Raise InvalidInput where a slot is not known or a field has the wrong type."""
        for _, given in self._texts():
            check_slots(given.value, given.where, known)
        if "verb" not in self.fields:
            file = next(iter(self.fields.values())).file.name if self.fields else "plan"
            raise InvalidInput(f"{file}: recipe.verb", "missing", 'say what to do, such as verb = "recolor"')

    def fields_with(self, axis: str) -> set[str]:
        """The fields that have a slot of an axis."""
        return {
            name
            for name, given in self._texts()
            if any(slot.partition(".")[0] == axis for slot in slots_of(given.value, given.where))
        }

    def filled(self, values: Filled) -> Asked:
        """Raises InvalidInput where a value does not fit its field."""
        made: dict[str, Any] = {}
        for name, given in self.fields.items():
            if name in _SIMPLE:
                made[name] = _simple(given, _SIMPLE[name], values)
        options = self.fields.get("options")
        if options is not None:
            made["options"] = {name: _option(one, values) for name, one in options.table().values.items()}
        inputs = self.fields.get("inputs")
        pictures = tuple(_picture(one, values) for one in inputs.items()) if inputs else ()
        if len(pictures) > MAX_INPUTS and inputs:
            raise InvalidInput(inputs.where, f"{len(pictures)} pictures", f"at most {MAX_INPUTS} are allowed")
        return Asked(Wish(seed=0, **made), pictures)

    def _texts(self) -> Iterator[tuple[str, Given]]:
        """Every text in it with the field that it is in."""
        for name, given in self.fields.items():
            held = [given]
            if name == "options":
                held = list(given.table().values.values())
            elif name == "inputs":
                held = [part for one in given.items() for part in one.table().values.values()]
            yield from ((name, one) for one in held if isinstance(one.value, str))


def with_seed(asked: Asked, seed: int) -> Asked:
    return asked._replace(wish=dataclasses.replace(asked.wish, seed=seed))


def number_in(given: Given, value: Scalar, limit: _Number) -> float | int:
    """A number, from a text too that a CSV has. Raises InvalidInput naming its limit."""
    kind = "a whole number" if limit.whole else "a number"
    wrong = InvalidInput(given.where, repr(value), f"it must be {kind}, {limit.least} .. {limit.most}")
    if isinstance(value, bool):
        raise wrong
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise wrong from None
    if not limit.least <= number <= limit.most or (limit.whole and number != int(number)):
        raise wrong
    return int(number) if limit.whole else number


def whole(given: Given, value: Scalar, least: int, most: int) -> int:
    return int(number_in(given, value, _Number(least, most)))


def _simple(given: Given, kind: Any, values: Filled) -> Any:
    value = filled(given.value, values) if isinstance(given.value, str) else given.scalar()
    if isinstance(kind, _Number):
        return number_in(given, value, kind)
    if kind == _FLAG:
        flag = {"true": True, "false": False}.get(str(value).strip().lower())
        if flag is None:
            raise InvalidInput(given.where, repr(value), "it must be true or false")
        return flag
    if isinstance(kind, tuple):
        if value not in kind:
            raise InvalidInput(given.where, repr(value), f"it must be one of {', '.join(kind)}")
        return Tier(value)
    if not isinstance(given.value, str):
        raise given.wrong("it must be a text in quotes")
    text = str(value)
    if len(text) > MAX_PROMPT_CHARACTERS:
        raise InvalidInput(given.where, f"{len(text)} characters long", f"at most {MAX_PROMPT_CHARACTERS} are allowed")
    return text


def _option(given: Given, values: Filled) -> Option:
    value = filled(given.value, values) if isinstance(given.value, str) else given.scalar()
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def _picture(given: Given, values: Filled) -> InputFile:
    table = given.table()
    table.only(_INPUT)
    role = table.need("role", "say what it is for, such as reference")
    file = table.need("file", "name the picture")
    weight = table.get("weight")
    named = table.get("name")
    return InputFile(
        filled_text(role.text(), values),
        file.file.parent / filled_text(file.text(), values),
        float(
            number_in(
                weight,
                filled(weight.value, values) if isinstance(weight.value, str) else weight.scalar(),
                _Number(0, 1, whole=False),
            )
        )
        if weight
        else 1.0,
        filled_text(named.text(), values) if named else "",
        file.where,
    )
