"""What a style may hold, wherever it comes from: the studio's file, a client, a receipt."""

import math
import re
from collections.abc import Callable

from inlay.errors import InvalidInput
from inlay.recipe import MAX_INPUTS, MAX_PROMPT_CHARACTERS, Style, Tier

MAX_TITLE_CHARACTERS = 256
MAX_COLORS = 256
MAX_LORAS = 16
MAX_LORA_WEIGHT = 4.0
MAX_TYPE_PX = 65_536.0
TAKEN_ROLES = frozenset({"draft", "layer", "marks", "region", "control"})
"""Roles of inputs that only an edit itself can bring."""

ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
ID_LIMIT = "it must be 1 .. 64 of a-z, 0-9, '.', '_', '-', and start with a letter or digit"

_NUMBER = r"\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)\s*"
_COLOR = re.compile(
    rf"#?(?:[0-9a-f]{{3}}|[0-9a-f]{{6}})|(?:rgb|lab|document)\s*\({_NUMBER},{_NUMBER},{_NUMBER}\)", re.IGNORECASE
)
COLOR_LIMIT = "it must be #RRGGBB, rgb(R, G, B), lab(L, a, b) or document(r, g, b)"

Where = Callable[[str], str]
"""The name of a part of the style, for people: with the line, where it stands in a file."""


def check(style: Style, where: Where) -> None:
    """Raise InvalidInput, naming the part, unless `style` is within every limit."""
    if not ID.fullmatch(style.id):
        raise InvalidInput(where("id"), repr(style.id), ID_LIMIT)
    _check_length(where, "title", style.title, MAX_TITLE_CHARACTERS)
    for name in ("prompt_before", "prompt_after", "negative_prompt"):
        _check_length(where, name, getattr(style, name), MAX_PROMPT_CHARACTERS)
    if style.strength is not None:
        _check_range(where, "strength", style.strength, 0.0, 1.0)
    for tier in style.models:
        if tier not in tuple(Tier):
            raise InvalidInput(where(f"models.{tier}"), repr(tier), f"a tier is one of {', '.join(Tier)}")
    _check_references(style, where)
    _check_count(where, "loras", len(style.loras), MAX_LORAS)
    for at, lora in enumerate(style.loras):
        if not lora.name:
            raise InvalidInput(where(f"loras[{at}].name"), "empty", "it must be the name of a LoRA's file")
        _check_range(where, f"loras[{at}].weight", lora.weight, -MAX_LORA_WEIGHT, MAX_LORA_WEIGHT)
    _check_count(where, "colors", len(style.colors), MAX_COLORS)
    for at, one in enumerate(style.colors):
        _check_length(where, f"colors[{at}].name", one.name, MAX_TITLE_CHARACTERS)
        if not _COLOR.fullmatch(one.color.strip()):
            raise InvalidInput(where(f"colors[{at}].color"), repr(one.color), COLOR_LIMIT)
    if style.type:
        for name in ("least_px", "most_px"):
            _check_range(where, f"type.{name}", getattr(style.type, name), 0.0, MAX_TYPE_PX)
        if 0 < style.type.most_px < style.type.least_px:
            raise InvalidInput(where("type.most_px"), style.type.most_px, "it must be at least `least_px`")


def _check_references(style: Style, where: Where) -> None:
    _check_count(where, "references", len(style.references), MAX_INPUTS)
    for at, one in enumerate(style.references):
        if one.role in TAKEN_ROLES or not one.role:
            limit = "it must be a role such as `reference`; a draft and a layer are the edit's own"
            raise InvalidInput(where(f"references[{at}].role"), repr(one.role), limit)
        one.raster.check(where(f"references[{at}].raster"))
        _check_range(where, f"references[{at}].weight", one.weight, 0.0, 1.0)


def _check_length(where: Where, part: str, text: str, most: int) -> None:
    if len(text) > most:
        raise InvalidInput(where(part), f"{len(text)} characters long", f"at most {most} are allowed")


def _check_count(where: Where, part: str, count: int, most: int) -> None:
    if count > most:
        raise InvalidInput(where(part), f"{count} of them", f"at most {most} are allowed")


def _check_range(where: Where, part: str, value: float, low: float, high: float) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        raise InvalidInput(where(part), value, f"it must be {low:g} .. {high:g}")
