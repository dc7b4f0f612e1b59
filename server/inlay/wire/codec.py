"""Between the contract's messages and the values everything else works with, by reflection: both have the same names.

What differs is told by the contract's own types: an enum's value is the name without the enum's (`SAMPLE_TYPE_U8` is `u8`),
`details_json` is the mapping `details`, a oneof is the field with its name, whose value is of the class with the message's
name, and a `Value` is its number, text or flag. From a message, what the domain cannot hold raises InvalidInput with its
dotted path (`inlay.plain`). To a message, nothing is checked.
"""

import json
import math
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

import numpy as np
from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from inlay.errors import InvalidInput
from inlay.plain import from_plain
from inlay.v1 import value_pb2

T = TypeVar("T")
M = TypeVar("M", bound=Message)

_JSON = "_json"
_UPPER = frozenset({"ChannelOrder"})
"""Enums whose values are written in capitals."""


def from_message(kind: type[T], message: Message, field: str = "") -> T:
    """The value of type `kind` that `message` stands for. Raises InvalidInput, naming what is wrong under `field`."""
    return from_plain(kind, _plain(message, field), field)


def to_message(value: Any, kind: type[M]) -> M:
    """The message of type `kind` for `value`."""
    message = kind()
    _fill(message, value)
    return message


def number_of(kind: Any, value: str) -> Any:
    """The number of `value` in the generated enum `kind`."""
    return _numbers(kind.DESCRIPTOR)[value]


def shortest_float(value: float) -> float:
    """A single-precision number as the double a person would write: 0.3, not 0.30000001192092896.

    So a recipe keeps its identity on the wire, whichever door it came through.
    """
    return float(str(np.float32(value)))


def _plain(message: Message, field: str) -> dict[str, Any]:
    """What is set in `message`, in plain values."""
    found: dict[str, Any] = {}
    for part, value in message.ListFields():
        path = f"{field}.{part.name}" if field else part.name
        if part.name.endswith(_JSON):
            found[part.name.removesuffix(_JSON)] = _object_from(value, path)
        elif _is_map(part):
            found[part.name] = {name: _entry(value[name], f"{path}.{name}") for name in sorted(value)}
        elif part.is_repeated:
            found[part.name] = [_one(part, one, f"{path}[{at}]") for at, one in enumerate(value)]
        elif part.containing_oneof and part.message_type:
            found[part.containing_oneof.name] = {part.message_type.name: _plain(value, path)}
        else:
            found[part.name] = _one(part, value, path)
    return found


def _entry(value: Any, path: str) -> Any:
    return _scalar(value, path) if isinstance(value, value_pb2.Value) else value


def _one(part: FieldDescriptor, value: Any, path: str) -> Any:
    if _is_value(part):
        return _scalar(value, path)
    if part.message_type:
        return _plain(value, path)
    if part.enum_type:
        return _names(part.enum_type).get(value, value)
    return shortest_float(value) if part.type == FieldDescriptor.TYPE_FLOAT else value


def _scalar(value: Any, path: str) -> float | str | bool:
    """What a Value holds."""
    kind = value.WhichOneof("kind")
    if kind is None:
        raise InvalidInput(path, "not set", "it must be a number, a text or a flag")
    held = getattr(value, kind)
    if kind == "number" and not math.isfinite(held):
        raise InvalidInput(path, held, "it must be a finite number")
    return held


def _fill(message: Message, value: Any) -> None:
    parts: Any = message.DESCRIPTOR.fields
    for part in parts:
        held = _held(value, part)
        if held is None:
            continue
        if _is_map(part):
            entries = getattr(message, part.name)
            for name, one in held.items():
                if _is_value(part.message_type.fields_by_name["value"]):
                    _set_scalar(entries[name], one)
                else:
                    entries[name] = one
        elif part.is_repeated:
            repeated = getattr(message, part.name)
            for one in held:
                if part.message_type:
                    _fill(repeated.add(), one)
                else:
                    repeated.append(str(one) if isinstance(one, str) else one)
        elif _is_value(part):
            _set_scalar(getattr(message, part.name), held)
        elif part.message_type:
            inner = getattr(message, part.name)
            inner.SetInParent()
            _fill(inner, held)
        else:
            setattr(message, part.name, _numbers(part.enum_type)[held] if part.enum_type else held)


def _held(value: Any, part: FieldDescriptor) -> Any:
    """What of `value` belongs into the field `part`; None: nothing."""
    if part.name.endswith(_JSON):
        return _object_to(getattr(value, part.name.removesuffix(_JSON)))
    if part.containing_oneof and part.message_type:
        chosen = getattr(value, part.containing_oneof.name)
        return chosen if type(chosen).__name__ == part.message_type.name else None
    return getattr(value, part.name)


def _set_scalar(message: Any, value: float | str | bool) -> None:
    kind = "flag" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
    setattr(message, kind, value)


def _is_value(part: FieldDescriptor) -> bool:
    return bool(part.message_type and part.message_type.full_name == value_pb2.Value.DESCRIPTOR.full_name)


def _is_map(part: FieldDescriptor) -> bool:
    return bool(part.message_type and part.message_type.GetOptions().map_entry)


@cache
def _names(kind: EnumDescriptor) -> dict[int, str]:
    """The values by their numbers; 0, not set, has none."""
    prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", kind.name).upper() + "_"
    names = {value.number: value.name.removeprefix(prefix) for value in kind.values if value.number}
    return names if kind.name in _UPPER else {number: name.lower() for number, name in names.items()}


@cache
def _numbers(kind: EnumDescriptor) -> dict[str, int]:
    return {name: number for number, name in _names(kind).items()}


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
