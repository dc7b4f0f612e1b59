"""What a file of weights says before any of them is read: the name, type and shape of each tensor, and what stands beside.

https://huggingface.co/docs/safetensors: eight bytes with the header's length, then the header as JSON. GGUF by its own library.
"""

import json
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast

from inlay.engines.models.gguf_names import own_name
from inlay.errors import InvalidInput

MAX_HEADER_BYTES = 100_000_000
"""As the safetensors library has it."""

MAX_NOTE_BYTES = 4096
"""A tensor of text, such as ComfyUI's `comfy_quant`, has 20 to 80 bytes."""

BITS = {
    "F64": 64, "I64": 64, "U64": 64, "C64": 64, "F32": 32, "I32": 32, "U32": 32, "F16": 16, "BF16": 16, "I16": 16, "U16": 16,
    "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "I8": 8, "U8": 8, "BOOL": 8,
    "F6_E2M3": 6, "F6_E3M2": 6, "F4": 4,
}  # fmt: skip
"""Bits of a value of each type that the safetensors library knows."""

ARCHITECTURE, TOKENIZER_MODEL, TOKENIZER_CUTS = "general.architecture", "tokenizer.ggml.model", "tokenizer.ggml.pre"
"""What a GGUF file says that it is, of which kind its tokenizer is, where it has one, and whose way it has of cutting text."""

Shape = tuple[int, ...]


class Stored(NamedTuple):
    """One tensor of a file. dtype: as safetensors writes it, or GGUF's type, such as Q4_K. start, end: its bytes, from the
    beginning of `file` on."""

    dtype: str
    shape: Shape
    start: int
    end: int
    file: Path

    @property
    def values(self) -> int:
        """How many values it stands for."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Header:
    """Everything that a .safetensors or .gguf file says of itself, or the shards of one model. path: where that is.

    Tensors of text encoders in GGUF have the names that transformers gives them.
    """

    path: Path
    tensors: Mapping[str, Stored]
    metadata: Mapping[str, str]

    @property
    def is_gguf(self) -> bool:
        return self.path.suffix.lower() == ".gguf"

    @property
    def shapes(self) -> dict[str, Shape]:
        return {name: stored.shape for name, stored in self.tensors.items()}

    def note(self, name: str) -> dict[str, Any]:
        """The JSON that a tensor of bytes holds. Raises InvalidInput where it is none."""
        stored = self.tensors[name]
        try:
            if stored.end - stored.start > MAX_NOTE_BYTES:
                raise ValueError(f"{stored.end - stored.start} bytes")
            with stored.file.open("rb") as file:
                file.seek(stored.start)
                found = json.loads(file.read(stored.end - stored.start))
            if not isinstance(found, dict):
                raise ValueError("no table")
        except (OSError, ValueError, RecursionError) as error:
            raise InvalidInput("path", self.path, f"its tensor {name!r} must hold JSON ({error})") from None
        return cast(dict[str, Any], found)


def header_of(path: Path) -> Header:
    """Read a file's header. Raises InvalidInput where it is damaged."""
    return _gguf(path) if path.suffix.lower() == ".gguf" else _safetensors(path)


def headers_of(place: Path, files: Sequence[Path]) -> Header:
    """The header of a model whose shards are `files`. place: their folder. Raises InvalidInput where one is damaged."""
    headers = [header_of(file) for file in files]
    tensors = {name: stored for header in headers for name, stored in header.tensors.items()}
    return Header(place, tensors, {name: value for header in headers for name, value in header.metadata.items()})


def shapes_of(path: Path) -> dict[str, Shape]:
    """The shape of each tensor of a .safetensors or .gguf file. Raises InvalidInput where it is damaged."""
    return header_of(path).shapes


def metadata_of(path: Path) -> dict[str, str]:
    """What the header of a file says beside its tensors. Raises InvalidInput."""
    return dict(header_of(path).metadata)


def _safetensors(path: Path) -> Header:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > min(MAX_HEADER_BYTES, size):
                raise ValueError(f"a header of {length} bytes")
            read = json.loads(file.read(length))
        if not isinstance(read, dict):
            raise ValueError("its header is no table")
        plain = cast(dict[str, Any], read)
        said = plain.pop("__metadata__", None)
        tensors = {name: _stored(path, name, facts, 8 + length, size) for name, facts in plain.items()}
    except (OSError, ValueError, struct.error, RecursionError) as error:
        raise InvalidInput("path", path, f"it must be a whole safetensors file ({error})") from None
    metadata = cast(dict[Any, Any], said) if isinstance(said, dict) else {}
    return Header(path, tensors, {str(name): str(value) for name, value in metadata.items()})


def _stored(path: Path, name: str, facts: Any, origin: int, size: int) -> Stored:
    """One line of a header. Raises ValueError where it cannot be."""
    try:
        dtype, shape = facts["dtype"], tuple(facts["shape"])
        start, end = facts["data_offsets"]
        whole = all(type(side) is int and side >= 0 for side in (*shape, start, end))
        fits = whole and (end - start) * 8 == math.prod(shape) * BITS[dtype] and origin + end <= size
    except (KeyError, TypeError, ValueError):
        fits, dtype, shape, start, end = False, "", (), 0, 0
    if not fits:
        raise ValueError(f"the tensor {name[:60]!r} is not in it")
    return Stored(dtype, shape, origin + start, origin + end, path)


def _gguf(path: Path) -> Header:
    try:
        from gguf import GGUFReader
    except ImportError:
        raise InvalidInput(
            "path", path, "reading a .gguf file needs, in Inlay's folder, pip install '.[diffusion]'"
        ) from None
    try:
        reader = GGUFReader(path)
        said = reader.get_field(ARCHITECTURE)
        architecture = str(said.contents()) if said else ""
        # GGUF counts dimensions from the innermost; everyone else from the outermost.
        tensors = {
            own_name(architecture, tensor.name): Stored(
                tensor.tensor_type.name,
                tuple(int(side) for side in tensor.shape[::-1]),
                int(tensor.data_offset),
                int(tensor.data_offset + tensor.n_bytes),
                path,
            )
            for tensor in reader.tensors
        }
        heads = (f"{architecture}.attention.head_count{of}" for of in ("", "_kv"))
        wanted = [
            field
            for name in (ARCHITECTURE, "general.license", "general.name", TOKENIZER_MODEL, TOKENIZER_CUTS, *heads)
            if (field := reader.get_field(name))
        ]
        metadata = {field.name: str(field.contents()) for field in wanted}
    except (OSError, ValueError, IndexError, KeyError, TypeError, OverflowError, MemoryError, AttributeError) as error:
        raise InvalidInput("path", path, f"it must be a whole GGUF file ({error})") from None
    return Header(path, tensors, metadata)
