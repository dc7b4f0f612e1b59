"""Values as JSON has them, and back, by their types' own hints: recipes, variations, events, and whatever joins them.

A dataclass is an object, a NamedTuple an array, an enum its value, bytes are base64. Where a field's type is a union of
dataclasses, the class's name goes around the object: `{"Patch": {...}}`. Reading checks: what is missing takes its default,
or else zero; a class with a method `check(field)` has it called. Source: the contract, proto/inlay/v1, which has the same
names.
"""

import base64
import dataclasses
import enum
import math
import types
import typing
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from inlay.errors import InvalidInput

Read = Callable[[str], bytes]
"""The bytes that a text stands for."""

from_base64: Read = base64.b64decode

_ZERO: dict[type, Any] = {int: 0, float: 0.0, str: "", bool: False, bytes: b""}


def to_plain(value: Any) -> Any:
    """`value` in JSON's own types. Raises TypeError for what has no place there."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        hints = _hints(type(value))
        return {name: _named(getattr(value, name), hint) for name, hint in hints.items()}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(name): to_plain(part) for name, part in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(part) for part in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"JSON cannot hold a {type(value).__name__}")


def from_plain(kind: Any, plain: Any, field: str = "", read: Read = from_base64, *, checks: bool = True) -> Any:
    """The inverse of `to_plain`: a value of type `kind`. read: the bytes behind a text, where it is not their base64.

    Raises InvalidInput with the dotted name of what is missing, unknown or out of range; `field` is the value's own name.
    Without `checks`, numbers are taken as they are: what was written here is read here.
    """
    return _Reader(read, checks).value(kind, plain, field)


@dataclasses.dataclass(frozen=True)
class _Reader:
    read: Read
    checks: bool

    def value(self, kind: Any, plain: Any, field: str) -> Any:
        kind = _lone(kind)
        choices = _choices(kind)
        if choices:
            (name, part), *_ = plain.items()
            return self.value(choices[name], part, field)
        if dataclasses.is_dataclass(kind) or hasattr(kind, "_fields"):
            return self._made(kind, plain, field)
        origin, arguments = typing.get_origin(kind), typing.get_args(kind)
        if origin is tuple:
            return tuple(self.value(arguments[0], part, f"{field}[{at}]") for at, part in enumerate(plain))
        if isinstance(kind, type) and issubclass(kind, enum.Enum):
            return _member(kind, plain, field)
        if kind is bytes:
            return plain if isinstance(plain, bytes) else self.read(plain)
        if kind is float:
            return self._number(plain, field)
        return plain

    def _made(self, kind: Any, plain: Any, field: str) -> Any:
        hints = _hints(kind)
        given: Mapping[str, Any] = plain if isinstance(plain, Mapping) else dict(zip(hints, plain, strict=True))
        inside = f"{field}." if field else ""
        defaults = _defaults(kind)
        values: dict[str, Any] = {}
        for name, hint in hints.items():
            if given.get(name) is not None:
                values[name] = self.value(hint, given[name], inside + name)
            elif name not in defaults:
                values[name] = _zero(hint, inside + name)
        value = kind(**values)
        if self.checks and hasattr(value, "check"):
            value.check(field)
        return value

    def _number(self, plain: Any, field: str) -> float:
        if self.checks and not math.isfinite(plain):
            raise InvalidInput(field, plain, "it must be a finite number")
        return float(plain)


def _choices(hint: Any) -> dict[str, type]:
    """The dataclasses of a union by their names; none where it is no union of several."""
    if not isinstance(hint, types.UnionType):
        return {}
    found: list[Any] = [part for part in typing.get_args(hint) if dataclasses.is_dataclass(part)]
    return {part.__name__: part for part in found} if len(found) > 1 else {}


@cache
def _hints(kind: type) -> dict[str, Any]:
    """The fields of a dataclass or NamedTuple with their types."""
    return typing.get_type_hints(kind)


def _named(value: Any, hint: Any) -> Any:
    if isinstance(value, int) and _lone(hint) is float:
        return float(value)  # 255 and 255.0 are one number, and have one spelling
    plain = to_plain(value)
    return {type(value).__name__: plain} if value is not None and _choices(hint) else plain


def _lone(hint: Any) -> Any:
    """The type itself of one that may be None."""
    if isinstance(hint, types.UnionType) and type(None) in typing.get_args(hint):
        rest = [part for part in typing.get_args(hint) if part is not type(None)]
        return rest[0] if len(rest) == 1 else hint
    return hint


@cache
def _defaults(kind: Any) -> frozenset[str]:
    if hasattr(kind, "_field_defaults"):
        return frozenset(kind._field_defaults)
    absent = dataclasses.MISSING
    fields = dataclasses.fields(kind)
    return frozenset(one.name for one in fields if (one.default, one.default_factory) != (absent, absent))


def _zero(hint: Any, field: str) -> Any:
    if hint in _ZERO:
        return _ZERO[hint]
    if isinstance(hint, types.UnionType) and type(None) in typing.get_args(hint):
        return None
    origin: Any = typing.get_origin(hint)
    if origin is tuple:
        return ()
    if origin in (dict, Mapping):
        return {}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        raise InvalidInput(field, "not set", _one_of(hint))
    raise InvalidInput(field, "not set", "it must be set")


def _member(kind: type[enum.Enum], plain: Any, field: str) -> enum.Enum:
    for member in kind:
        if member.value == plain:
            return member
    raise InvalidInput(field, plain if isinstance(plain, int) else repr(plain), _one_of(kind))


def _one_of(kind: type[enum.Enum]) -> str:
    return f"it must be one of {', '.join(str(member.value) for member in kind)}"
