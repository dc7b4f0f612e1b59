"""Safetensors files written by hand: any header, also one that no library would write."""

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

BITS = {
    "F32": 32,
    "F16": 16,
    "BF16": 16,
    "F8_E4M3": 8,
    "F8_E5M2": 8,
    "F8_E8M0": 8,
    "I8": 8,
    "U8": 8,
    "I32": 32,
    "I64": 64,
    "F4": 4,
}


class Told(NamedTuple):
    """A tensor as a header has it. data: None: zeros, as a hole in the file."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes | None = None


def note(**said: Any) -> Told:
    """A tensor whose bytes are JSON, as ComfyUI leaves beside each layer."""
    data = json.dumps(said).encode()
    return Told("U8", (len(data),), data)


def write_weights(path: Path, tensors: Mapping[str, Told], metadata: Mapping[str, str] | None = None) -> Path:
    """Write the tensors one after the other."""
    header: dict[str, Any] = {"__metadata__": dict(metadata)} if metadata else {}
    end = 0
    for name, told in tensors.items():
        count = 1
        for side in told.shape:
            count *= side
        start, end = end, end + count * BITS[told.dtype] // 8
        header[name] = {"dtype": told.dtype, "shape": list(told.shape), "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name, told in tensors.items():
            if told.data is not None:
                file.seek(8 + len(text) + header[name]["data_offsets"][0])
                file.write(told.data)
        file.truncate(8 + len(text) + end)
    return path
