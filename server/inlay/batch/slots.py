"""Texts with places to fill in: `{axis}` and `{axis.field}`; `{{` and `}}` stand for the braces themselves."""

import re
from collections.abc import Mapping

from inlay.errors import InvalidInput

Scalar = str | int | float | bool
Filled = Mapping[str, Scalar]
"""What each slot stands for, by its name."""

_PARTS = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def slots_of(text: str, where: str) -> tuple[str, ...]:
    """The slots of a text, in their order. Raises InvalidInput for a brace that opens or closes nothing."""
    found: list[str] = []
    for part in _PARTS.finditer(text):
        if part[1] is not None:
            found.append(part[1].strip())
        elif part[0] in ("{", "}"):
            raise InvalidInput(where, repr(text), "a brace by itself is written twice: {{ or }}")
    return tuple(found)


def check_slots(text: str, where: str, known: set[str]) -> None:
    """Raise InvalidInput where a text has a slot that nothing fills."""
    for slot in slots_of(text, where):
        if slot not in known:
            names = ", ".join(f"{{{name}}}" for name in sorted(known))
            raise InvalidInput(where, repr(text), f"nothing fills {{{slot[:60]}}}; there are {names}")


def filled(text: str, values: Filled) -> Scalar:
    """A text with its slots filled; one that is nothing but a slot becomes its value, whatever that is."""
    whole = _PARTS.fullmatch(text)
    if whole and whole[1] is not None:
        return values[whole[1].strip()]
    return filled_text(text, values)


def filled_text(text: str, values: Filled) -> str:
    """The same as a text."""
    return _PARTS.sub(lambda part: str(values[part[1].strip()]) if part[1] is not None else part[0][0], text)


def literal(text: str) -> str:
    """The text that is filled to `text`."""
    return text.replace("{", "{{").replace("}", "}}")
