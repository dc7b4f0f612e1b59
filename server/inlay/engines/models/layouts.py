"""How the weights of a file are stored, from its header alone: plain numbers, or small ones with scales beside them.

Every layer that is stored small has to come with exactly the tensors that its layout needs. One that is missing, left over or of
another shape is an error that names it: read without its scale a weight is wrong by a factor of hundreds, and paints noise.

ComfyUI's layouts: https://github.com/Comfy-Org/ComfyUI, comfy/ops.py; FLUX.2's: https://github.com/NVIDIA/TensorRT-Model-Optimizer.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from inlay.engines.models.foreign_layouts import foreign_layout
from inlay.engines.models.header import Header, Shape, Stored
from inlay.errors import InvalidInput

ROTATION = 256
"""Columns that ConvRot turns at a time, unless a file says another number."""

BLOCKS = {"nvfp4": 16, "nvfp4_plain": 16, "mxfp8": 32, "w4a8": 16}
"""Columns that share a scale."""

GGUF_TYPES = (
    "F32",
    "F16",
    "BF16",
    "Q8_0",
    "Q6_K",
    "Q5_0",
    "Q5_1",
    "Q5_K",
    "Q4_0",
    "Q4_1",
    "Q4_K",
    "Q3_K",
    "Q2_K",
    "IQ4_NL",
    "IQ4_XS",
)
"""What diffusers computes with."""

_FP8 = ("F8_E4M3", "F8_E5M2")
_BYTES = ("U8", "I8")
_COMFY = {
    "float8_e4m3fn": "fp8",
    "float8_e5m2": "fp8",
    "mxfp8": "mxfp8",
    "nvfp4": "nvfp4",
    "int8_tensorwise": "int8",
    "convrot_w4a4": "w4a4",
    "asym_w4a8_int8": "w4a8",
}
"""ComfyUI's names for what is unpacked here."""

_COMFY_KEYS = {
    "format",
    "full_precision_matrix_mult",
    "convrot",
    "convrot_groupsize",
    "group_size",
    "linear_dtype",
    "params",
}
_OLD = {"scale_weight": "weight_scale", "scale_input": "input_scale"}
"""ComfyUI's names of before 2025-10, with `scaled_fp8` as the mark of the file."""

_SCALES = (
    "weight_scale",
    "weight_scale_2",
    "weight_s_rel",
    "weight_s_channel",
    "weight_codebook",
    "input_scale",
    "pre_quant_scale",
)
_ROLES = {**{name: name for name in _SCALES}, **_OLD, "comfy_quant": "comfy_quant"}
_NEEDS = {
    "fp8": {"weight_scale"},
    "int8": {"weight_scale"},
    "mxfp8": {"weight_scale"},
    "nvfp4": {"weight_scale", "weight_scale_2"},
    "nvfp4_plain": {"weight_scale", "weight_scale_2", "input_scale"},
    "w4a4": {"weight_scale"},
    "w4a8": {"weight_s_rel", "weight_s_channel"},
}
_MAY_HAVE = {"input_scale", "pre_quant_scale", "comfy_quant"}
_NO_WEIGHTS = {"scaled_fp8", "spiece_model", "tekken_model"}
"""Single tensors of bytes: the mark of a file, and tokenizers that some encoders bring along."""

_NAMES = {
    "fp8": "fp8_scaled",
    "mxfp8": "mxfp8",
    "nvfp4": "nvfp4",
    "nvfp4_plain": "bfl_nvfp4",
    "int8": "int8",
    "w4a4": "convrot_w4a4",
    "w4a8": "asym_w4a8_int8",
}
_PLAIN = {"F64": "fp64", "F32": "fp32", "F16": "fp16", "BF16": "bf16", "F8_E4M3": "fp8", "F8_E5M2": "fp8_e5m2"}
_DIGITS = re.compile(r"\d+")


class Packed(NamedTuple):
    """One weight that is stored small. scheme: a key of `_NEEDS`. shape: rows and columns when it is unpacked. scales: the file's
    tensors by what they are. rotation: columns that ConvRot turned at a time, 0: it did not."""

    scheme: str
    shape: Shape
    scales: Mapping[str, str]
    rotation: int = 0


@dataclass(frozen=True)
class Layout:
    """How a file stores its weights.

    name: for people: bf16, fp16, fp32, fp8 (a plain cast), fp8_scaled, fp8mixed, bfl_fp8, int8, int8_convrot, mxfp8, nvfp4,
    bfl_nvfp4, convrot_w4a4, asym_w4a8_int8, for GGUF its most common type, such as Q4_K; several joined by " + ".
    weights: how many values there are when all is unpacked. bytes: what they take in the file. stays_small: they take as much in
    memory; otherwise each is unpacked to the type that the model computes in.
    packed: by the tensor's name. marks: tensors that are no weights, and are used up by unpacking.
    """

    name: str
    weights: int
    bytes: int
    stays_small: bool = False
    packed: Mapping[str, Packed] = field(default_factory=dict[str, Packed])
    marks: frozenset[str] = frozenset()


def layout_of(header: Header) -> Layout:
    """The layout of a file. Raises InvalidInput, naming the tensor and what is wrong, for any that cannot be read exactly."""
    if header.is_gguf:
        return _gguf_layout(header)
    if foreign := foreign_layout(header):
        raise _refused(header, foreign)
    return _Reading(header).layout()


def _gguf_layout(header: Header) -> Layout:
    sizes: Counter[str] = Counter()
    marks = frozenset(header.tensors.keys() & _NO_WEIGHTS)
    for name, stored in header.tensors.items():
        if name in marks:
            continue
        if stored.dtype not in GGUF_TYPES:
            raise _refused(header, f"its tensor {name!r} is {stored.dtype}; read are {', '.join(GGUF_TYPES)}")
        sizes[stored.dtype] += stored.end - stored.start
    name = f"gguf {sizes.most_common(1)[0][0]}" if sizes else "gguf"
    weights = sum(stored.values for name, stored in header.tensors.items() if name not in marks)
    return Layout(name, weights, sizes.total(), stays_small=True, marks=marks)


class _Reading:
    """One header on its way to a layout."""

    def __init__(self, header: Header) -> None:
        self.header = header
        self.said = _said_of_layers(header)
        self.old = any(_last(name) == "scaled_fp8" for name in header.tensors)
        self.companions: dict[str, dict[str, str]] = {}
        """For each layer its tensors by role."""
        for name in header.tensors:
            layer, _, last = name.rpartition(".")
            if last in _ROLES and layer:
                if last in _OLD and not self.old:
                    raise _refused(header, f"it has {name!r}, but no tensor scaled_fp8 that says what it means")
                roles = self.companions.setdefault(layer, {})
                if _ROLES[last] in roles:
                    raise _refused(header, f"it has both {roles[_ROLES[last]]!r} and {name!r}")
                roles[_ROLES[last]] = name
        self.marked = bool(self.said) or any("comfy_quant" in roles for roles in self.companions.values())

    def layout(self) -> Layout:
        packed: dict[str, Packed] = {}
        used: set[str] = set()
        for layer, roles in self.companions.items():
            weight = f"{layer}.weight"
            if weight not in self.header.tensors:
                raise _refused(self.header, f"it has {next(iter(roles.values()))!r}, but no {weight!r}")
            packed[weight] = self._packed(layer, self.header.tensors[weight], roles)
            used |= set(roles.values())
        if lost := sorted(set(self.said) - set(self.companions)):
            raise _refused(self.header, f"its metadata tells of the layer {lost[0]!r}, which has no scale")
        used |= {name for name in self.header.tensors if _last(name) in _NO_WEIGHTS}
        self._check_rest(packed, used)
        stored = {name: facts for name, facts in self.header.tensors.items() if name not in used}
        weights = sum(
            packed[name].shape[0] * packed[name].shape[1] if name in packed else facts.values
            for name, facts in stored.items()
        )
        size = sum(facts.end - facts.start for facts in self.header.tensors.values())
        return Layout(self._name(packed, stored), weights, size, packed=packed, marks=frozenset(used))

    def _packed(self, layer: str, weight: Stored, roles: Mapping[str, str]) -> Packed:
        told = self._told(layer, roles)
        scheme = _COMFY[told["format"]] if told else self._unmarked(layer, weight, roles)
        lacks = sorted(_NEEDS[scheme] - set(roles))
        if lacks:
            raise _refused(self.header, f"the layer {layer!r} is stored as {_NAMES[scheme]}, but {lacks[0]} is missing")
        allowed = _NEEDS[scheme] | _MAY_HAVE | ({"weight_codebook"} if scheme == "w4a8" else set())
        if extra := sorted(set(roles) - allowed):
            raise _refused(self.header, f"the layer {layer!r} is stored as {_NAMES[scheme]}, which has no {extra[0]}")
        if len(weight.shape) != 2:
            raise _refused(self.header, f"the weight of {layer!r} has a scale, but is no matrix")
        rotation = 0
        if scheme in ("w4a4", "w4a8") or told.get("convrot", False):
            rotation = told.get("convrot_groupsize", ROTATION)
        self._check_types(layer, scheme, weight, roles)
        rows, columns = (
            weight.shape[0],
            weight.shape[1] * (2 if scheme in ("nvfp4", "nvfp4_plain", "w4a4", "w4a8") else 1),
        )
        self._check_shapes(layer, scheme, (rows, columns), roles)
        if rotation and (columns % rotation or not _is_power_of_four(rotation)):
            raise _refused(
                self.header, f"the layer {layer!r} is turned {rotation} columns at a time, and has {columns}"
            )
        if scheme == "w4a8" and told.get("group_size", BLOCKS["w4a8"]) != BLOCKS["w4a8"]:
            raise _refused(self.header, f"the layer {layer!r} has a scale for {told['group_size']} columns, not for 16")
        return Packed(scheme, (rows, columns), dict(roles), rotation)

    def _told(self, layer: str, roles: Mapping[str, str]) -> dict[str, Any]:
        """What ComfyUI says of a layer, in a tensor beside it or in the header; empty where the file is not ComfyUI's."""
        if "comfy_quant" in roles:
            said = self.header.note(roles["comfy_quant"])
        elif layer in self.said:
            said = self.said[layer]
        else:
            return {}
        params = said.get("params", {})
        told = {**(params if isinstance(params, dict) else {}), **said}
        if told.get("format") not in _COMFY:
            raise _refused(
                self.header,
                f"the layer {layer!r} is stored as {str(told.get('format'))[:60]!r}, which nobody here can unpack",
            )
        if unknown := sorted(set(told) - _COMFY_KEYS):
            raise _refused(
                self.header, f"the layer {layer!r} says {unknown[0][:60]!r} of itself, which nobody here knows"
            )
        for key in ("convrot_groupsize", "group_size"):
            if key in told and type(told[key]) is not int:
                raise _refused(
                    self.header, f"the layer {layer!r} says {key} {str(told[key])[:60]!r}, which is no whole number"
                )
        return told

    def _unmarked(self, layer: str, weight: Stored, roles: Mapping[str, str]) -> str:
        """The scheme of a layer of which nobody says anything: fp8 in ComfyUI's old way, FLUX.2's own fp8 and nvfp4."""
        if self.marked:
            raise _refused(self.header, f"other layers say how they are stored, {layer!r} does not")
        if weight.dtype in _FP8:
            return "fp8"
        if weight.dtype == "U8" and "weight_scale_2" in roles:
            return "nvfp4_plain"
        scale = next(iter(roles.values()))
        if weight.dtype in _BYTES:
            raise _refused(
                self.header, f"the layer {layer!r} is whole numbers with {scale!r}, and nothing says what they mean"
            )
        raise _refused(
            self.header,
            f"it has {scale!r}, but the weight of {layer!r} is plain {_PLAIN.get(weight.dtype, weight.dtype)}",
        )

    def _check_types(self, layer: str, scheme: str, weight: Stored, roles: Mapping[str, str]) -> None:
        wanted = {"fp8": _FP8, "mxfp8": ("F8_E4M3",), "nvfp4": ("U8",), "nvfp4_plain": ("U8",)}.get(scheme, ("I8",))
        if weight.dtype not in wanted:
            raise _refused(
                self.header, f"the weight of {layer!r} is {weight.dtype}, and {_NAMES[scheme]} has {wanted[0]}"
            )
        small = {"mxfp8": ("F8_E8M0", "U8"), "nvfp4": ("F8_E4M3", "U8"), "nvfp4_plain": ("F8_E4M3",)}.get(scheme)
        for role, name in roles.items():
            if role == "comfy_quant":
                continue
            is_small = role == "weight_s_rel" or (role == "weight_scale" and small)
            types = (
                ("F8_E4M3", "U8") if role == "weight_s_rel" else small if is_small and small else ("F32", "F16", "BF16")
            )
            if self.header.tensors[name].dtype not in types:
                raise _refused(
                    self.header, f"{name!r} is {self.header.tensors[name].dtype}, and {_NAMES[scheme]} has {types[0]}"
                )

    def _check_shapes(self, layer: str, scheme: str, shape: tuple[int, int], roles: Mapping[str, str]) -> None:
        rows, columns = shape
        one, each = {(), (1,)}, {(rows,), (rows, 1)}
        block = BLOCKS.get(scheme, 1)
        blocks = -(-columns // block)
        swizzled = {(-(-rows // 128) * 128, -(-blocks // 4) * 4)}
        scales: dict[str, set[Shape]] = {
            "weight_scale": {"mxfp8": swizzled, "nvfp4": swizzled, "nvfp4_plain": {(rows, blocks)}, "w4a4": each}.get(
                scheme, one | each
            ),
            "weight_scale_2": one,
            "input_scale": one,
            "weight_s_rel": {(rows, blocks)},
            "weight_s_channel": each,
            "weight_codebook": {(16,)},
            "pre_quant_scale": {(columns,)},
        }
        if columns % block:
            raise _refused(self.header, f"the layer {layer!r} has {columns} columns, which {block} does not divide")
        for role, name in roles.items():
            found = self.header.tensors[name].shape
            if role != "comfy_quant" and found not in scales[role]:
                limit = " or ".join(str(list(wanted)) for wanted in sorted(scales[role]))
                raise _refused(
                    self.header,
                    f"{name!r} has the shape {list(found)}, and beside {rows} x {columns} {_NAMES[scheme]} has {limit}",
                )

    def _check_rest(self, packed: Mapping[str, Packed], used: set[str]) -> None:
        """Everything beside the packed layers has to be plain numbers; in a file with scales no fp8 matrix may lack its own."""
        for name, stored in self.header.tensors.items():
            if name in packed or name in used:
                continue
            if stored.dtype in _BYTES or stored.dtype.startswith(("F4", "F6", "F8_E8M0", "U16", "U32", "I16", "C64")):
                raise _refused(self.header, f"its tensor {name!r} is {stored.dtype}, and nothing says what that means")
            if packed and stored.dtype in _FP8 and len(stored.shape) == 2 and name.endswith(".weight"):
                raise _refused(self.header, f"{name!r} is fp8 without a scale, and others have one")

    def _name(self, packed: Mapping[str, Packed], stored: Mapping[str, Stored]) -> str:
        if not packed:
            sizes: Counter[str] = Counter()
            for facts in stored.values():
                sizes[_PLAIN.get(facts.dtype, facts.dtype.lower())] += facts.end - facts.start
            return sizes.most_common(1)[0][0] if sizes else "empty"
        names = {
            _NAMES[one.scheme] + ("_convrot" if one.rotation and one.scheme == "int8" else "")
            for one in packed.values()
        }
        per_row = all(
            self.header.tensors[one.scales["weight_scale"]].shape != ()
            for one in packed.values()
            if one.scheme == "fp8"
        )
        if names == {"fp8_scaled"} and per_row and not self.marked and not self.old:
            return "bfl_fp8"
        kin = {_DIGITS.sub("*", name) for name in packed}
        mixed = any(_DIGITS.sub("*", name) in kin for name in stored if name not in packed)
        return "fp8mixed" if names == {"fp8_scaled"} and mixed else " + ".join(sorted(names))


def _said_of_layers(header: Header) -> dict[str, dict[str, Any]]:
    """What a file's metadata tells of its layers (`_quantization_metadata`); nothing in most."""
    if "_quantization_metadata" not in header.metadata:
        return {}
    try:
        layers: Any = json.loads(header.metadata["_quantization_metadata"])["layers"]
        if not isinstance(layers, dict) or not all(
            isinstance(said, dict) for said in cast(dict[str, Any], layers).values()
        ):
            raise ValueError("no table of layers")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _refused(header, f"its _quantization_metadata must be ComfyUI's ({error})") from None
    return cast(dict[str, dict[str, Any]], layers)


def _is_power_of_four(number: int) -> bool:
    return number > 0 and number & (number - 1) == 0 and number.bit_length() % 2 == 1


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _refused(header: Header, limit: str) -> InvalidInput:
    return InvalidInput("path", header.path, limit)
