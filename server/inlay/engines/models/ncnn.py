"""Reads a network as ncnn stores it, and writes it as the formats that OpenCV and PyTorch read.

https://github.com/Tencent/ncnn/wiki/param-and-model-file-structure: a text with one layer a line, and its weights one after
the other in the same order, here at half precision.
"""

import json
import struct
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay.engines.models.onnx_file import Attribute, Node, onnx_bytes
from inlay.errors import InvalidInput

_MAGIC = "7767517"
_HALF = 0x01306B47
"""Stands before weights at half precision."""

_LEAKY = 2
_SLOPE = -23310
"""The key of an activation's numbers; layers here have the slope of a leaky ReLU."""

RRDB_BLOCKS = 23
"""Of Real-ESRGAN x4plus; each has three dense blocks of five convolutions."""


class Convolution(NamedTuple):
    """A layer with weights. kernel: out x in x height x width, of a transposed one as well. slope: of the leaky ReLU behind it; 1
    where there is none."""

    transposed: bool
    stride: int
    pad: int
    slope: float
    kernel: NDArray[np.float16]
    bias: NDArray[np.float32]


def convolutions(param: str, weights: bytes, channels: int = 3) -> list[Convolution]:
    """The layers with weights, in their order. channels: of the picture that goes in.

    Raises InvalidInput where it is no ncnn network at half precision, or the weights do not end where it does.
    """
    lines = param.splitlines()
    if not lines or lines[0].strip() != _MAGIC:
        raise InvalidInput("param", lines[0] if lines else "empty", f"ncnn's text begins with {_MAGIC}")
    read = list(_read(lines[2:], weights))
    if not read:
        raise InvalidInput("param", "no convolution", "it must have some")
    return read


def _read(lines: list[str], weights: bytes) -> Iterator[Convolution]:
    at = 0
    for line in lines:
        kind, _, inputs, outputs, *rest = line.split()
        if kind not in ("Convolution", "Deconvolution"):
            continue
        said = dict(one.split("=", 1) for one in rest[int(inputs) + int(outputs) :])
        count, side, many = int(said["0"]), int(said["1"]), int(said["6"])
        if len(weights) < at + 4 + 2 * many or struct.unpack_from("<I", weights, at)[0] != _HALF:
            raise InvalidInput("weights", f"{len(weights)} bytes", "they must be ncnn's, at half precision")
        kernel = np.frombuffer(weights, "<f2", many, at + 4).reshape(count, -1, side, side)
        at += 4 + (2 * many + 3) // 4 * 4
        bias = np.frombuffer(weights, "<f4", count, at)
        at += 4 * count
        slope = float(said[str(_SLOPE)].split(",")[1]) if said.get("9") == str(_LEAKY) else 1.0
        yield Convolution(
            kind == "Deconvolution", int(said.get("3", "1")), int(said.get("4", "0")), slope, kernel, bias
        )
    if at != len(weights):
        raise InvalidInput("weights", f"{len(weights)} bytes", f"the network's text wants {at}")


def chain_as_onnx(layers: list[Convolution]) -> bytes:
    """A network whose layers follow one another, such as waifu2x' upconv_7, as an ONNX file of float32."""
    nodes: list[Node] = []
    weights: dict[str, NDArray[np.float32]] = {}
    name = "picture"
    for number, layer in enumerate(layers):
        kernel = layer.kernel.astype(np.float32)
        weights[f"kernel{number}"] = np.ascontiguousarray(kernel.swapaxes(0, 1)) if layer.transposed else kernel
        weights[f"bias{number}"] = layer.bias
        side = kernel.shape[2]
        shape: dict[str, Attribute] = {
            "kernel_shape": (side, side),
            "strides": (layer.stride, layer.stride),
            "pads": (layer.pad,) * 4,
        }
        op = "ConvTranspose" if layer.transposed else "Conv"
        nodes.append(Node(op, (name, f"kernel{number}", f"bias{number}"), f"layer{number}", shape))
        name = f"layer{number}"
        if layer.slope != 1:
            nodes.append(Node("LeakyRelu", (name,), f"active{number}", {"alpha": layer.slope}))
            name = f"active{number}"
    return onnx_bytes(nodes, weights, "picture", name, layers[0].kernel.shape[1])


def rrdb_as_safetensors(layers: list[Convolution], about: Mapping[str, str]) -> bytes:
    """Real-ESRGAN's network (RRDBNet, arXiv 2107.10833) with its makers' names, by which spandrel knows it; weights stay halves.

    about: the file's metadata. Raises InvalidInput where there are more or fewer layers.
    """
    names = ["conv_first"]
    names += [
        f"body.{block}.rdb{dense}.conv{one}"
        for block in range(RRDB_BLOCKS)
        for dense in (1, 2, 3)
        for one in range(1, 6)
    ]
    names += ["conv_body", "conv_up1", "conv_up2", "conv_hr", "conv_last"]
    if len(names) != len(layers):
        raise InvalidInput("layers", len(layers), f"Real-ESRGAN x4plus has {len(names)}")
    tensors: dict[str, NDArray[np.generic]] = {}
    for name, layer in zip(names, layers, strict=True):
        tensors |= {f"{name}.weight": layer.kernel, f"{name}.bias": layer.bias}
    return safetensors_bytes(tensors, about)


def safetensors_bytes(tensors: Mapping[str, NDArray[np.generic]], about: Mapping[str, str]) -> bytes:
    """A .safetensors file (https://huggingface.co/docs/safetensors) of float16 and float32 tensors."""
    header: dict[str, object] = {"__metadata__": dict(about)}
    data = bytearray()
    for name, values in tensors.items():
        start = len(data)
        data += np.ascontiguousarray(values).tobytes()
        kind = "F16" if values.dtype == np.float16 else "F32"
        header[name] = {"dtype": kind, "shape": list(values.shape), "data_offsets": [start, len(data)]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + bytes(data)
