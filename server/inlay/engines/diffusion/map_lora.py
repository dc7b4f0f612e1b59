"""FLUX.1 Canny and Depth as LoRAs: FLUX.1 dev made to see a map beside what it paints.

Their makers' files bring more than factors: the first layer gets as many columns again, for the map; biases change with the
matrices; norms are replaced. https://github.com/black-forest-labs/flux/blob/main/docs/structural-conditioning.md
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import safe_open
from torch import Tensor

from inlay.engines.models.header import Header, header_of
from inlay.errors import InvalidInput, Unsupported

_FACTOR = re.compile(r"(?P<layer>.+)\.(?P<part>lora_A\.weight|lora_B\.weight|lora_B\.bias)$")
_SCALE = ".scale"

RENAMED = tuple(
    (re.compile(f"{there}$"), here)
    for there, here in (
        (r"time_in\.in_layer", ("time_text_embed.timestep_embedder.linear_1",)),
        (r"time_in\.out_layer", ("time_text_embed.timestep_embedder.linear_2",)),
        (r"vector_in\.in_layer", ("time_text_embed.text_embedder.linear_1",)),
        (r"vector_in\.out_layer", ("time_text_embed.text_embedder.linear_2",)),
        (r"guidance_in\.in_layer", ("time_text_embed.guidance_embedder.linear_1",)),
        (r"guidance_in\.out_layer", ("time_text_embed.guidance_embedder.linear_2",)),
        (r"txt_in", ("context_embedder",)),
        (r"img_in", ("x_embedder",)),
        (r"double_blocks\.(\d+)\.img_mod\.lin", (r"transformer_blocks.\1.norm1.linear",)),
        (r"double_blocks\.(\d+)\.txt_mod\.lin", (r"transformer_blocks.\1.norm1_context.linear",)),
        (
            r"double_blocks\.(\d+)\.img_attn\.qkv",
            tuple(rf"transformer_blocks.\1.attn.to_{name}" for name in ("q", "k", "v")),
        ),
        (
            r"double_blocks\.(\d+)\.txt_attn\.qkv",
            tuple(rf"transformer_blocks.\1.attn.add_{name}_proj" for name in ("q", "k", "v")),
        ),
        (r"double_blocks\.(\d+)\.img_attn\.proj", (r"transformer_blocks.\1.attn.to_out.0",)),
        (r"double_blocks\.(\d+)\.txt_attn\.proj", (r"transformer_blocks.\1.attn.to_add_out",)),
        (r"double_blocks\.(\d+)\.img_mlp\.0", (r"transformer_blocks.\1.ff.net.0.proj",)),
        (r"double_blocks\.(\d+)\.img_mlp\.2", (r"transformer_blocks.\1.ff.net.2",)),
        (r"double_blocks\.(\d+)\.txt_mlp\.0", (r"transformer_blocks.\1.ff_context.net.0.proj",)),
        (r"double_blocks\.(\d+)\.txt_mlp\.2", (r"transformer_blocks.\1.ff_context.net.2",)),
        (r"double_blocks\.(\d+)\.img_attn\.norm\.query_norm", (r"transformer_blocks.\1.attn.norm_q",)),
        (r"double_blocks\.(\d+)\.img_attn\.norm\.key_norm", (r"transformer_blocks.\1.attn.norm_k",)),
        (r"double_blocks\.(\d+)\.txt_attn\.norm\.query_norm", (r"transformer_blocks.\1.attn.norm_added_q",)),
        (r"double_blocks\.(\d+)\.txt_attn\.norm\.key_norm", (r"transformer_blocks.\1.attn.norm_added_k",)),
        (r"single_blocks\.(\d+)\.modulation\.lin", (r"single_transformer_blocks.\1.norm.linear",)),
        (
            r"single_blocks\.(\d+)\.linear1",
            tuple(
                rf"single_transformer_blocks.\1.{name}" for name in ("attn.to_q", "attn.to_k", "attn.to_v", "proj_mlp")
            ),
        ),
        (r"single_blocks\.(\d+)\.linear2", (r"single_transformer_blocks.\1.proj_out",)),
        (r"single_blocks\.(\d+)\.norm\.query_norm", (r"single_transformer_blocks.\1.attn.norm_q",)),
        (r"single_blocks\.(\d+)\.norm\.key_norm", (r"single_transformer_blocks.\1.attn.norm_k",)),
        (r"final_layer\.linear", ("proj_out",)),
        (r"final_layer\.adaLN_modulation\.1", ("norm_out.linear",)),
    )
)
"""What a layer is called where FLUX.1 was made, and the layers of diffusers that its rows go to, in their order."""

_SWAPPED, _WIDENED = "norm_out.linear", "x_embedder"
"""The layer whose halves stand the other way round in diffusers; the layer that sees the map."""


class _Change(NamedTuple):
    """What a file says of a layer of its own. places: names of the layers here, in the order of its rows."""

    layer: str
    places: tuple[str, ...]
    rows: tuple[int, ...]
    biased: bool


def see_map(transformer: Any, path: Path) -> None:
    """Have FLUX.1 dev's transformer see a map, as the LoRA at `path` says: in its weights, for good.

    Computed in float32, rounded once. Raises InvalidInput, naming the tensor, for a file that does not fit it whole, and
    Unsupported for a transformer whose weights are stored small; then nothing is changed.
    """
    header = header_of(path)
    changes = _changes_of(header, transformer)
    norms = {name: _norm_of(header, name, transformer) for name in header.tensors if name.endswith(_SCALE)}
    _widen(transformer)
    with torch.no_grad(), safe_open(str(path), framework="pt") as file:
        for change in changes:
            up, down = (file.get_tensor(f"{change.layer}.{part}.weight").float() for part in ("lora_B", "lora_A"))
            bias = file.get_tensor(f"{change.layer}.lora_B.bias").float() if change.biased else None
            for place, rows in zip(change.places, _rows_of(change), strict=True):
                own = transformer.get_submodule(place)
                _add(own.weight, up[rows] @ down)
                if bias is not None:
                    _add(own.bias, bias[rows])
        for name, norm in norms.items():
            norm.copy_(file.get_tensor(name))


def _changes_of(header: Header, transformer: Any) -> list[_Change]:
    """The layers that a file changes. Raises InvalidInput, naming the tensor, where one does not fit."""
    layers: dict[str, set[str]] = {}
    for name in header.tensors:
        if name.endswith(_SCALE):
            continue
        match = _FACTOR.match(name)
        if match is None:
            raise _refused(header, f"nobody knows its {name[:80]}")
        layers.setdefault(match["layer"], set()).add(match["part"])
    return [_change_of(header, layer, parts, transformer) for layer, parts in layers.items()]


def _change_of(header: Header, layer: str, parts: set[str], transformer: Any) -> _Change:
    if lacking := {"lora_A.weight", "lora_B.weight"} - parts:
        raise _refused(header, f"it lacks {layer[:80]}.{min(lacking)}")
    places = _places_of(header, layer, transformer)
    weights = [transformer.get_parameter(f"{place}.weight") for place in places]
    if any(weight.dtype not in (torch.float32, torch.float16, torch.bfloat16) for weight in weights):
        raise Unsupported(
            "weights that are stored small cannot take a LoRA; use FLUX.1 dev unquantised", field="parts.map_lora"
        )
    rows = tuple(weight.shape[0] for weight in weights)
    columns = weights[0].shape[1] * (2 if places == (_WIDENED,) else 1)
    rank = header.tensors[f"{layer}.lora_A.weight"].shape[:1]
    wanted = {"lora_A.weight": (*rank, columns), "lora_B.weight": (sum(rows), *rank), "lora_B.bias": (sum(rows),)}
    for part in sorted(parts):
        found = header.tensors[f"{layer}.{part}"].shape
        if found != wanted[part]:
            raise _refused(header, f"its {layer[:80]}.{part} is {list(found)} instead of {list(wanted[part])}")
    return _Change(layer, places, rows, "lora_B.bias" in parts)


def _places_of(header: Header, layer: str, transformer: Any) -> tuple[str, ...]:
    for pattern, here in RENAMED:
        if match := pattern.match(layer):
            places = tuple(match.expand(name) for name in here)
            try:
                for place in places:
                    transformer.get_parameter(f"{place}.weight")
            except AttributeError:
                break
            return places
    raise _refused(header, f"FLUX.1 dev has no {layer[:80]}")


def _norm_of(header: Header, name: str, transformer: Any) -> torch.nn.Parameter:
    (place,) = _places_of(header, name.removesuffix(_SCALE), transformer)
    norm = transformer.get_parameter(f"{place}.weight")
    if (found := header.tensors[name].shape) != tuple(norm.shape):
        raise _refused(header, f"its {name[:80]} is {list(found)} instead of {list(norm.shape)}")
    return norm


def _rows_of(change: _Change) -> Iterator[Tensor]:
    """Which rows of a change go to each of its places."""
    every = torch.arange(sum(change.rows))
    if change.places == (_SWAPPED,):
        first, second = every.chunk(2)
        every = torch.cat([second, first])
    yield from every.split(change.rows)


def _widen(transformer: Any) -> None:
    """A first layer that sees as many channels again and makes nothing of them yet."""
    old = transformer.x_embedder
    new = torch.nn.Linear(2 * old.in_features, old.out_features, bias=True, device="meta", dtype=old.weight.dtype)
    new.weight = torch.nn.Parameter(torch.cat([old.weight.data, torch.zeros_like(old.weight.data)], dim=1))
    new.bias = old.bias
    transformer.x_embedder = new
    transformer.register_to_config(
        in_channels=new.in_features, out_channels=transformer.config.out_channels or old.in_features
    )


def _add(parameter: Tensor, change: Tensor) -> None:
    parameter.copy_(parameter.float() + change.to(parameter.device))


def _refused(header: Header, what: str) -> InvalidInput:
    return InvalidInput("parts.map_lora", header.path, f"it must be a whole LoRA of FLUX.1 Canny or Depth: {what}")
