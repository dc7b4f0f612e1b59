"""Writes a network as an ONNX file, with nothing but the standard library: what OpenCV's dnn reads.

https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, whose field numbers stand below; the wire format is protobuf's
(https://protobuf.dev/programming-guides/encoding).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

IR_VERSION = 8
OPSET = 13
_FLOAT, _INTS, _INT, _NUMBER = 1, 7, 2, 1
"""AttributeProto.AttributeType FLOAT, INTS, INT; TensorProto.DataType FLOAT."""

Attribute = int | float | Sequence[int]


@dataclass(frozen=True)
class Node:
    """One operation. op: its ONNX name. Inputs and outputs are names of tensors."""

    op: str
    inputs: tuple[str, ...]
    output: str
    attributes: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])


def onnx_bytes(
    nodes: Iterable[Node], weights: Mapping[str, NDArray[np.float32]], source: str, result: str, channels: int
) -> bytes:
    """The file of a network with one input and one output, both 1 x channels x height x width of any size."""
    graph = b"".join(_message(1, _node(node)) for node in nodes)
    graph += _message(2, b"network")
    graph += b"".join(_message(5, _tensor(name, values)) for name, values in weights.items())
    graph += _message(11, _value(source, channels)) + _message(12, _value(result, channels))
    opset = _message(1, b"") + _number(2, OPSET)
    return _number(1, IR_VERSION) + _message(2, b"inlay") + _message(7, graph) + _message(8, opset)


def _node(node: Node) -> bytes:
    written = b"".join(_message(1, name.encode()) for name in node.inputs) + _message(2, node.output.encode())
    written += _message(3, node.output.encode()) + _message(4, node.op.encode())
    return written + b"".join(_message(5, _attribute(name, value)) for name, value in node.attributes.items())


def _attribute(name: str, value: Attribute) -> bytes:
    written = _message(1, name.encode())
    if isinstance(value, float):
        return written + b"\x15" + np.float32(value).tobytes() + _number(20, _FLOAT)
    if isinstance(value, int):
        return written + _number(3, value) + _number(20, _INT)
    return written + b"".join(_number(8, one) for one in value) + _number(20, _INTS)


def _tensor(name: str, values: NDArray[np.float32]) -> bytes:
    shape = b"".join(_number(1, side) for side in values.shape)
    raw = np.ascontiguousarray(values, "<f4").tobytes()
    return shape + _number(2, _NUMBER) + _message(8, name.encode()) + _message(9, raw)


def _value(name: str, channels: int) -> bytes:
    sides = [_number(1, 1), _number(1, channels), _message(2, b"height"), _message(2, b"width")]
    shape = b"".join(_message(1, side) for side in sides)
    return _message(1, name.encode()) + _message(2, _message(1, _number(1, _NUMBER) + _message(2, shape)))


def _number(place: int, value: int) -> bytes:
    return _varint(place << 3) + _varint(value)


def _message(place: int, payload: bytes) -> bytes:
    return _varint(place << 3 | 2) + _varint(len(payload)) + payload


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])
