"""Weights that are stored small, back to the numbers that they stand for, one tensor at a time.

What each scheme means: `engines/models/layouts.py`. ComfyUI's own arithmetic: comfy_kitchen, Apache-2.0; the turns of ConvRot:
https://arxiv.org/abs/2512.03673 (Hadamard matrices of a power of 4, in groups of columns).
"""

import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor

from inlay.engines.models.gguf_names import heads_of, own_name
from inlay.engines.models.header import ARCHITECTURE, Header
from inlay.engines.models.layouts import BLOCKS, Layout, Packed
from inlay.engines.models.pieces import TEKKEN

Read = Callable[[str], Tensor]
"""A tensor of the file, by its name."""

E2M1 = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, -0.0, -0.5, -1.0, -1.5, -2.0, -3.0, -4.0, -6.0)
"""The values of 4-bit floats by their code (OCP Microscaling Formats 1.0)."""

TILE = (128, 4)
"""Rows and columns of scales that cuBLAS keeps together."""

INT8_MOST = 127


def unpacked(header: Header, layout: Layout, dtype: torch.dtype) -> Iterator[tuple[str, Tensor]]:
    """Each weight of a .safetensors or .gguf file, or of shards, with its name, in `dtype`; what only serves unpacking is left out.

    Computed in float32 and rounded once. One weight at a time is held twice.
    """
    if header.is_gguf:
        yield from _of_gguf(header, dtype)
        return
    with ExitStack() as stack:
        files: dict[Path, Any] = {}

        def read(name: str) -> Tensor:
            place = header.tensors[name].file
            if place not in files:
                files[place] = stack.enter_context(safe_open(str(place), framework="pt"))
            return files[place].get_tensor(name)

        for name, stored in header.tensors.items():
            if name in layout.marks:
                continue
            found = whole(layout.packed[name], read(name), read) if name in layout.packed else read(name)
            yield name, found.to(dtype) if found.is_floating_point() or stored.dtype.startswith("F") else found


def _of_gguf(header: Header, dtype: torch.dtype) -> Iterator[tuple[str, Tensor]]:
    from gguf import GGUFReader
    from gguf.quants import dequantize

    architecture = header.metadata.get(ARCHITECTURE, "")
    for tensor in GGUFReader(header.path).tensors:
        name = own_name(architecture, tensor.name)
        if name == TEKKEN:
            continue
        values = dequantize(tensor.data, tensor.tensor_type).reshape(header.tensors[name].shape)
        found = torch.from_numpy(values.astype("float32"))
        heads = header.metadata.get(heads_of(architecture, name), "")
        yield name, (in_order(found, int(heads)) if heads else found).to(dtype)


def in_order(rows: Tensor, heads: int) -> Tensor:
    """Rows of queries or keys as transformers has them, first halves of each head first; llama.cpp has the halves by turns."""
    pairs = rows.reshape(heads, rows.shape[0] // heads // 2, 2, *rows.shape[1:])
    return pairs.swapaxes(1, 2).reshape(rows.shape)


def whole(packed: Packed, weight: Tensor, read: Read) -> Tensor:
    """The float32 matrix, `packed.shape`, that a stored weight and its scales stand for. read: gives the scales."""
    scale = {role: read(name) for role, name in packed.scales.items() if role not in ("comfy_quant", "input_scale")}
    match packed.scheme:
        case "fp8" | "int8":
            found = weight.float() * _per_row(scale["weight_scale"])
        case "mxfp8":
            found = weight.float() * _repeated(_power(unswizzled(scale["weight_scale"], packed)), packed)
        case "nvfp4" | "nvfp4_plain":
            high_first = packed.scheme == "nvfp4"
            values = torch.tensor(E2M1)[_nibbles(weight, high_first=high_first).long()]
            blocks = _fp8(scale["weight_scale"])
            blocks = unswizzled(blocks, packed) if high_first else blocks
            found = values * _repeated(blocks.float(), packed) * scale["weight_scale_2"].float()
        case "w4a4":
            signed = _nibbles(weight, high_first=False).float()
            found = torch.where(signed > 7, signed - 16, signed) * _per_row(scale["weight_scale"])
        case _:  # w4a8
            codes = _nibbles(weight, high_first=False)
            codebook = scale.get("weight_codebook")
            values = codes.float() - 8 if codebook is None else codebook.float()[codes.long()]
            groups = _repeated(_fp8(scale["weight_s_rel"]).float(), packed)
            found = (values * groups).round().clamp(-INT8_MOST, INT8_MOST) * _per_row(scale["weight_s_channel"])
    found = turned(found, packed.rotation) if packed.rotation else found
    # The layer's input is multiplied by it (AWQ); so may the columns be.
    return found * scale["pre_quant_scale"].float() if "pre_quant_scale" in scale else found


def unswizzled(scales: Tensor, packed: Packed) -> Tensor:
    """Scales of blocks, rows x blocks, out of cuBLAS's tiles of 128 x 4.

    https://docs.nvidia.com/cuda/cublas, "1D block scaling factors layout".
    """
    rows, columns = packed.shape[0], packed.shape[1] // BLOCKS[packed.scheme]
    high, wide = scales.shape[0] // TILE[0], scales.shape[1] // TILE[1]
    plain = scales.view(torch.uint8).reshape(high, wide, 32, 4, 4).permute(0, 3, 2, 1, 4)
    return plain.reshape(high * TILE[0], wide * TILE[1])[:rows, :columns].contiguous().view(scales.dtype)


def turned(weight: Tensor, group: int) -> Tensor:
    """Columns turned by a Hadamard matrix, `group` at a time; twice is not at all."""
    grouped = weight.reshape(weight.shape[0], -1, group)
    return (grouped @ hadamard(group)).reshape(weight.shape)


@cache
def hadamard(size: int) -> Tensor:
    """size x size, a power of 4: symmetric, orthogonal, its own inverse."""
    root = torch.tensor([[1.0, 1, 1, -1], [1, 1, -1, 1], [1, -1, 1, 1], [-1, 1, 1, 1]])
    found = torch.ones(1, 1)
    for _ in range(round(math.log(size, 4))):
        found = torch.kron(found, root)
    return found / math.sqrt(size)


def _per_row(scale: Tensor) -> Tensor:
    """One scale, or one for each row, to be multiplied with a matrix."""
    return scale.float().reshape(-1, 1)


def _repeated(blocks: Tensor, packed: Packed) -> Tensor:
    return blocks.repeat_interleave(BLOCKS[packed.scheme], dim=1)


def _nibbles(weight: Tensor, *, high_first: bool) -> Tensor:
    """Two columns for each byte, 0..15."""
    codes = weight.view(torch.uint8)
    pair = (codes >> 4, codes & 15) if high_first else (codes & 15, codes >> 4)
    return torch.stack(pair, dim=-1).reshape(weight.shape[0], -1)


def _fp8(scale: Tensor) -> Tensor:
    return scale.view(torch.float8_e4m3fn) if scale.dtype == torch.uint8 else scale


def _power(exponents: Tensor) -> Tensor:
    """Powers of two of which only the exponents are stored (E8M0); 0 stands for nothing."""
    codes = exponents.view(torch.uint8)
    return torch.where(codes == 0, 0.0, torch.exp2(codes.float() - 127))
