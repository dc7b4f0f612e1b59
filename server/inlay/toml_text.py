"""TOML from plain values: the standard library reads it (tomllib) and does not write it. https://toml.io/en/v1.0.0"""

import json
import re
from collections.abc import Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_text(values: Mapping[str, Any], note: str = "") -> str:
    """A TOML document of strings, numbers, booleans, mappings and lists of those. note: a comment at its top."""
    lines = [f"# {line}" for line in note.splitlines()]
    _table((), values, lines)
    return "\n".join(lines).strip() + "\n"


def _table(path: tuple[str, ...], values: Mapping[str, Any], lines: list[str]) -> None:
    own = {key: value for key, value in values.items() if not isinstance(value, Mapping)}
    if path and (own or not values):
        lines += ["", f"[{'.'.join(_key(part) for part in path)}]"]
    lines += [f"{_key(key)} = {_value(value)}" for key, value in own.items()]
    for key, value in values.items():
        if isinstance(value, Mapping):
            _table((*path, key), value, lines)


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return _quoted(value)
        case Mapping():
            return "{ " + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items()) + " }"
        case list() | tuple() if any(isinstance(inner, Mapping) for inner in value):
            return "[\n" + "".join(f"  {_value(inner)},\n" for inner in value) + "]"
        case list() | tuple():
            return "[" + ", ".join(_value(inner) for inner in value) + "]"
        case _:
            raise TypeError(f"TOML cannot hold a {type(value).__name__}")


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _quoted(key)


def _quoted(text: str) -> str:
    # JSON's escapes are TOML's, but for DEL, which TOML wants escaped too.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
