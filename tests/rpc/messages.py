"""Hypothesis strategies for the contract's messages: anything that can arrive, and recipes that are nearly right."""

import struct
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from hypothesis import strategies as st

Kind = FieldDescriptor

INT32 = st.one_of(st.sampled_from([0, 1, -1, 2**31 - 1, -(2**31)]), st.integers(-(2**31), 2**31 - 1))
UINT32 = st.one_of(st.sampled_from([0, 1, 16, 17, 65_536, 65_537, 2**32 - 1]), st.integers(0, 2**32 - 1))
FLOAT = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, 65_535.0, float("nan"), float("inf"), float("-inf"), 1e-45, 3.4e38]),
    st.floats(width=32),
)
TEXT = st.one_of(
    st.sampled_from(["", "f" * 64, "F" * 64, "#ff0000", "sRGB", "../..", "\x00", "{", "[]", '{"a":1}']), st.text()
)

SCALARS: dict[int, st.SearchStrategy[Any]] = {
    Kind.TYPE_INT32: INT32,
    Kind.TYPE_SINT32: INT32,
    Kind.TYPE_ENUM: st.one_of(st.integers(-1, 12), INT32),
    Kind.TYPE_UINT32: UINT32,
    Kind.TYPE_INT64: st.integers(-(2**63), 2**63 - 1),
    Kind.TYPE_UINT64: st.integers(0, 2**64 - 1),
    Kind.TYPE_FLOAT: FLOAT,
    Kind.TYPE_DOUBLE: FLOAT,
    Kind.TYPE_BOOL: st.booleans(),
    Kind.TYPE_STRING: TEXT,
    Kind.TYPE_BYTES: st.binary(max_size=64),
}


def fields_of(descriptor: Descriptor, prefix: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], FieldDescriptor]]:
    """Every field below a message, as paths."""
    found = []
    for field in descriptor.fields:
        path = (*prefix, field.name)
        found.append((path, field))
        if field.type == Kind.TYPE_MESSAGE:
            found += fields_of(field.message_type, path)
    return found


@st.composite
def damaged(draw: st.DrawFn, valid: Message) -> Message:
    """`valid` with up to six of its fields set to anything or cleared."""
    message = type(valid)()
    message.CopyFrom(valid)
    fields = fields_of(valid.DESCRIPTOR)
    for path, field in draw(st.lists(st.sampled_from(fields), max_size=6)):
        owner = message
        for name in path[:-1]:
            owner = getattr(owner, name)
            if not isinstance(owner, Message):
                break
        else:
            _damage(draw, owner, field)
    return message


def _damage(draw: st.DrawFn, owner: Any, field: FieldDescriptor) -> None:
    if field.type == Kind.TYPE_MESSAGE or field.is_repeated or draw(st.integers(0, 4)) == 0:
        owner.ClearField(field.name)
    else:
        setattr(owner, field.name, draw(SCALARS[field.type]))


def parsed(kind: type[Message]) -> st.SearchStrategy[Message]:
    """Whatever parses: wire-format records with the message's own field numbers and random contents, nested at will."""
    return wire(kind.DESCRIPTOR).map(lambda data: _parse(kind, data)).filter(lambda message: message is not None)


def _parse(kind: type[Message], data: bytes) -> Message | None:
    try:
        return kind.FromString(data)
    except Exception:
        return None


def wire(descriptor: Descriptor) -> st.SearchStrategy[bytes]:
    records = st.deferred(lambda: st.one_of(*(_record(field) for field in descriptor.fields)))
    return st.lists(records, max_size=12).map(b"".join) if descriptor.fields else st.just(b"")


def _record(field: FieldDescriptor) -> st.SearchStrategy[bytes]:
    if field.type == Kind.TYPE_FLOAT:
        return FLOAT.map(lambda value: _varint(field.number << 3 | 5) + struct.pack("<f", value))
    if field.type == Kind.TYPE_MESSAGE:
        return wire(field.message_type).map(lambda body: _delimited(field.number, body))
    if field.type == Kind.TYPE_STRING:
        return TEXT.map(lambda text: _delimited(field.number, text.encode()))
    if field.type == Kind.TYPE_BYTES:
        return st.binary(max_size=64).map(lambda body: _delimited(field.number, body))
    numbers = st.one_of(st.integers(0, 20), UINT32, st.integers(0, 2**64 - 1))
    return numbers.map(lambda number: _varint(field.number << 3) + _varint(number))


def _delimited(number: int, body: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(body)) + body


def _varint(value: int) -> bytes:
    out = bytearray()
    while True:
        value, low = value >> 7, value & 0x7F
        out.append(low | (0x80 if value else 0))
        if not value:
            return bytes(out)
