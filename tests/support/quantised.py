"""Weights stored small, as ComfyUI and Black Forest Labs publish them: an encoder of our own, after their documented formats.

It shares nothing with what reads them: bytes and scales are made here element by element from the formulas.
"""

import json
from collections.abc import Callable, Iterable
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Matrix = NDArray[np.float32]
Tensors = dict[str, Tensor]

FP8_MOST, E2M1_MOST, TURN = 448.0, 6.0, 16
"""TURN: columns that are turned together; published files have 256, a tiny model has not."""

E2M1 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6, 0, -0.5, -1, -1.5, -2, -3, -4, -6], np.float32)


class Stored(NamedTuple):
    """A weight as a file has it: its tensors by what stands after the layer's name."""

    tensors: Tensors
    note: dict[str, Any] | None = None
    """What ComfyUI writes beside it."""


class Format(NamedTuple):
    """encode: a matrix to its file. error: what it costs, relative to the matrix, as measured on uneven rows with a margin of a
    fifth. mark: a tensor that stands once in the file."""

    encode: Callable[[Matrix], Stored]
    error: float
    mark: Tensors = {}  # noqa: RUF012 - never changed


def quantised(
    weights: Tensors, form: str, chosen: Callable[[str, Tensor], bool], *, in_header: bool = False
) -> tuple[Tensors, dict[str, str]]:
    """A file's tensors and its metadata: every chosen weight in that form, all else in bfloat16; bf16: all.

    in_header: what ComfyUI says of its layers stands in the metadata instead of beside them.
    """
    if form == "bf16":
        return {name: value.to(torch.bfloat16) for name, value in weights.items()}, {}
    tensors: Tensors = dict(FORMATS[form].mark)
    layers: dict[str, Any] = {}
    for name, value in weights.items():
        layer = name.removesuffix(".weight")
        if not (name.endswith(".weight") and value.ndim == 2 and chosen(name, value)):
            tensors[name] = value.to(torch.bfloat16)
            continue
        stored = FORMATS[form].encode(value.float().numpy())
        tensors |= {f"{layer}.{end}": tensor.contiguous() for end, tensor in stored.tensors.items()}
        if stored.note is not None and in_header:
            layers[layer] = stored.note
        elif stored.note is not None:
            tensors[f"{layer}.comfy_quant"] = torch.tensor(list(json.dumps(stored.note).encode()), dtype=torch.uint8)
    return tensors, {
        "_quantization_metadata": json.dumps({"format_version": "1.0", "layers": layers})
    } if layers else {}


def _fp8(values: Matrix) -> Tensor:
    return torch.from_numpy(np.clip(values, -FP8_MOST, FP8_MOST)).to(torch.float8_e4m3fn)


def _cast(weight: Matrix) -> Stored:
    return Stored({"weight": _fp8(weight)})


def _scaled_fp8(weight: Matrix, names: tuple[str, str], shape: tuple[int, ...], note: dict[str, Any] | None) -> Stored:
    scale = np.float32(np.abs(weight).max() / FP8_MOST)
    number = torch.full(shape, float(scale))
    return Stored({"weight": _fp8(weight / scale), names[0]: number, names[1]: torch.ones(shape)}, note)


def _fp8_rows(weight: Matrix) -> Stored:
    scale = (np.abs(weight).max(1) / FP8_MOST).astype(np.float32)
    return Stored({"weight": _fp8(weight / scale[:, None]), "weight_scale": torch.from_numpy(scale)})


def _int8(weight: Matrix, *, rows: bool, turn: bool) -> Stored:
    note: dict[str, Any] = {"format": "int8_tensorwise"}
    if turn:
        weight, note = _turned(weight), {**note, "convrot": True, "convrot_groupsize": TURN}
    scale = np.abs(weight).max(1, keepdims=True) / 127 if rows else np.abs(weight).max() / 127
    codes = np.clip(np.rint(weight / scale), -127, 127).astype(np.int8)
    return Stored({"weight": torch.from_numpy(codes), "weight_scale": torch.tensor(np.float32(scale))}, note)


def _turned(weight: Matrix) -> Matrix:
    """Each group of columns times H, whose elements are products of those of the 4 x 4 one by the indices' digits to base 4."""
    root = [[1, 1, 1, -1], [1, 1, -1, 1], [1, -1, 1, 1], [-1, 1, 1, 1]]
    matrix = np.empty((TURN, TURN), np.float32)
    for row, column in product(range(TURN), repeat=2):
        value, r, c, left = 1, row, column, TURN
        while left > 1:
            value *= root[r % 4][c % 4]
            r, c, left = r // 4, c // 4, left // 4
        matrix[row, column] = value / TURN**0.5
    groups = [weight[:, start : start + TURN] @ matrix for start in range(0, weight.shape[1], TURN)]
    return np.concatenate(groups, 1)


def _swizzled(scales: Tensor) -> Tensor:
    """Where cuBLAS wants the scale of row r and block c: tile after tile of 128 x 4, in it at 16 (r mod 32) + 4 (r / 32) + c."""
    rows, columns = scales.shape
    high, wide = -(-rows // 128), -(-columns // 4)
    plain, found = scales.view(torch.uint8), torch.zeros(high * wide * 512, dtype=torch.uint8)
    for row, column in product(range(rows), range(columns)):
        tile = (row // 128) * wide + column // 4
        found[tile * 512 + (row % 32) * 16 + (row % 128) // 32 * 4 + column % 4] = plain[row, column]
    return found.reshape(high * 128, wide * 4).view(scales.dtype)


def _blocks(weight: Matrix, size: int) -> Matrix:
    return weight.reshape(weight.shape[0], -1, size)


def _mxfp8(weight: Matrix) -> Stored:
    blocks = _blocks(weight, 32)
    exponent = np.ceil(np.log2(np.maximum(np.abs(blocks).max(2), 1e-30) / FP8_MOST))
    values = (blocks / 2 ** exponent[..., None]).astype(np.float32).reshape(weight.shape)
    scales = torch.from_numpy((exponent + 127).astype(np.uint8))
    return Stored(
        {"weight": _fp8(values), "weight_scale": _swizzled(scales).view(torch.float8_e8m0fnu)}, {"format": "mxfp8"}
    )


def _nvfp4(weight: Matrix, *, comfy: bool) -> Stored:
    whole = np.float32(np.abs(weight).max() / (FP8_MOST * E2M1_MOST))
    blocks = _blocks(weight, 16)
    scales = _fp8((np.abs(blocks).max(2) / E2M1_MOST / whole).astype(np.float32))
    steps = np.maximum(scales.float().numpy() * whole, 1e-30)[..., None]
    codes = np.abs((blocks / steps)[..., None] - E2M1).argmin(-1).astype(np.uint8).reshape(weight.shape)
    even, odd = codes[:, 0::2], codes[:, 1::2]
    packed = even << 4 | odd if comfy else even | odd << 4
    tensors = {"weight": torch.from_numpy(packed), "weight_scale_2": torch.tensor(whole)}
    if comfy:
        return Stored({**tensors, "weight_scale": _swizzled(scales)}, {"format": "nvfp4"})
    return Stored({**tensors, "weight_scale": scales, "input_scale": torch.tensor(0.01)})


def _low_first(codes: NDArray[np.int_]) -> Tensor:
    found = (codes[:, 0::2] & 15 | (codes[:, 1::2] & 15) << 4).astype(np.uint8)
    return torch.from_numpy(found.view(np.int8))


def _w4a4(weight: Matrix) -> Stored:
    weight = _turned(weight)
    scale = (np.abs(weight).max(1) / 7).astype(np.float32)
    codes = np.clip(np.rint(weight / scale[:, None]), -8, 7).astype(np.int_)
    note = {"format": "convrot_w4a4", "convrot_groupsize": TURN}
    return Stored({"weight": _low_first(codes), "weight_scale": torch.from_numpy(scale)}, note)


def _w4a8(weight: Matrix, codebook: Iterable[float] | None) -> Stored:
    weight = _turned(weight)
    channel = (np.abs(weight).max(1) / 127).astype(np.float32)
    blocks = _blocks(weight / channel[:, None], 16)
    levels = np.arange(-8, 8, dtype=np.float32) if codebook is None else np.array(list(codebook), np.float32)
    relative = _fp8((np.abs(blocks).max(2) / np.abs(levels).max()).astype(np.float32))
    steps = np.maximum(relative.float().numpy(), 1e-30)[..., None]
    codes = np.abs((blocks / steps)[..., None] - levels).argmin(-1).reshape(weight.shape)
    tensors = {"weight": _low_first(codes), "weight_s_rel": relative, "weight_s_channel": torch.from_numpy(channel)}
    book = {} if codebook is None else {"weight_codebook": torch.from_numpy(levels)}
    return Stored(tensors | book, {"format": "asym_w4a8_int8", "group_size": 16, "convrot_groupsize": TURN})


def _smoothed(weight: Matrix) -> Stored:
    """int8 of a weight whose columns were evened out; the layer's input is to be multiplied by the factors instead."""
    factors = np.linspace(0.5, 2, weight.shape[1], dtype=np.float32)
    stored = _int8(weight / factors, rows=True, turn=False)
    return Stored({**stored.tensors, "pre_quant_scale": torch.from_numpy(factors)}, stored.note)


LLOYD = (-8.9, -6.4, -4.9, -3.7, -2.7, -1.8, -1.0, -0.2, 0.3, 1.1, 1.9, 2.8, 3.8, 5.0, 6.5, 9.0)
COMFY_FP8 = {"format": "float8_e4m3fn", "full_precision_matrix_mult": False}

NEW_FP8 = partial(_scaled_fp8, names=("weight_scale", "input_scale"), shape=(), note=COMFY_FP8)
OLD_FP8 = partial(_scaled_fp8, names=("scale_weight", "scale_input"), shape=(1,), note=None)

FORMATS: dict[str, Format] = {
    "fp8": Format(_cast, 0.04),
    "fp8_scaled": Format(NEW_FP8, 0.033),
    "fp8_scaled_old": Format(OLD_FP8, 0.033, {"scaled_fp8": torch.zeros(2, dtype=torch.float8_e4m3fn)}),
    "bfl_fp8": Format(_fp8_rows, 0.033),
    "int8": Format(partial(_int8, rows=True, turn=False), 0.012),
    "int8_tensor": Format(partial(_int8, rows=False, turn=False), 0.022),
    "int8_smoothed": Format(_smoothed, 0.02),
    "int8_convrot": Format(partial(_int8, rows=True, turn=True), 0.012),
    "mxfp8": Format(_mxfp8, 0.033),
    "nvfp4": Format(partial(_nvfp4, comfy=True), 0.115),
    "bfl_nvfp4": Format(partial(_nvfp4, comfy=False), 0.115),
    "convrot_w4a4": Format(_w4a4, 0.151),
    "asym_w4a8_int8": Format(partial(_w4a8, codebook=None), 0.1),
    "asym_w4a8_int8_codebook": Format(partial(_w4a8, codebook=LLOYD), 0.1),
}
