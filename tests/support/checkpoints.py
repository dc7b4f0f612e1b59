"""Diffusers modules in the layout of the original Stable Diffusion checkpoints: one safetensors file as people have them.

The names are those of the CompVis and Stability repositories; diffusers itself only reads them.
"""

import json
import struct
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from inlay.engines.diffusion.loading import LoadedModel

_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
_UNET_ENDS = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}
_VAE_ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}

Tensors = dict[str, torch.Tensor]


def save_checkpoint(
    components: dict[str, Any], path: Path, extra: Tensors | None = None, metadata: dict[str, str] | None = None
) -> Path:
    """Write SD 1.5 or SDXL components as one file. extra: further tensors. metadata: of its header."""
    tensors = checkpoint_tensors(components) | (extra or {})
    save_file({name: value.contiguous() for name, value in tensors.items()}, path, metadata)
    return path


def save_hollow(tensors: Tensors, path: Path) -> Path:
    """Write a file with the names and shapes of `tensors` (of the meta device, too), in half precision and all zeros.

    Nothing is stored but the header: the rest is a hole in the file.
    """
    header: dict[str, Any] = {}
    end = 0
    for name, tensor in tensors.items():
        start, end = end, end + 2 * tensor.numel()
        header[name] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + end)
    return path


def checkpoint_tensors(components: dict[str, Any]) -> Tensors:
    """The tensors of SD 1.5 or SDXL components under the names that a single file has for them."""
    tensors = {f"model.diffusion_model.{name}": value for name, value in unet_tensors(components["unet"]).items()}
    tensors |= {f"first_stage_model.{name}": value for name, value in vae_tensors(components["vae"]).items()}
    encoder = components["text_encoder"].state_dict()
    prefix = "conditioner.embedders.0" if "text_encoder_2" in components else "cond_stage_model"
    tensors |= {f"{prefix}.transformer.text_model.{name}": value for name, value in encoder.items()}
    if "text_encoder_2" in components:
        found = open_clip_tensors(components["text_encoder_2"])
        tensors |= {f"conditioner.embedders.1.model.{name}": value for name, value in found.items()}
    return tensors


def unet_tensors(unet: Any) -> Tensors:
    """UNet2DConditionModel's tensors under their original names."""
    layers = unet.config.layers_per_block + 1
    return {_unet_name(name, layers, unet): value for name, value in unet.state_dict().items()}


def _unet_name(name: str, layers: int, unet: Any) -> str:
    for new, old in _UNET_ENDS.items():
        if name.startswith(f"{new}."):
            return name.replace(new, old, 1)
    block, *rest = name.split(".")
    if block == "mid_block":
        kind, number, *inner = rest
        return ".".join(["middle_block", "1" if kind == "attentions" else str(2 * int(number)), *_inner(kind, inner)])
    index, kind, number, *inner = rest
    if block == "down_blocks":
        if kind == "downsamplers":
            return ".".join(["input_blocks", str((int(index) + 1) * layers), "0.op", inner[-1]])
        place = 1 + int(index) * layers + int(number)
        return ".".join(["input_blocks", str(place), "1" if kind == "attentions" else "0", *_inner(kind, inner)])
    if kind == "upsamplers":
        attends = hasattr(unet.up_blocks[int(index)], "attentions")
        place = int(index) * layers + layers - 1
        return ".".join(["output_blocks", str(place), "2" if attends else "1", "conv", inner[-1]])
    place = int(index) * layers + int(number)
    return ".".join(["output_blocks", str(place), "1" if kind == "attentions" else "0", *_inner(kind, inner)])


def _inner(kind: str, parts: list[str]) -> list[str]:
    return [_RESNET[parts[0]], *parts[1:]] if kind == "resnets" else parts


def vae_tensors(vae: Any) -> Tensors:
    """AutoencoderKL's tensors under their original names; its attention was made of 1 x 1 convolutions."""
    found: Tensors = {}
    ups = len(vae.config.block_out_channels)
    for name, value in vae.state_dict().items():
        parts = name.split(".")
        old = name
        if parts[1] == "mid_block" and parts[2] == "attentions":
            inner = name.split("attentions.0.")[1]
            part, _, end = inner.rpartition(".")
            old = f"{parts[0]}.mid.attn_1.{_VAE_ATTENTION[part]}.{end}"
            value = value[..., None, None] if end == "weight" and part != "group_norm" else value
        elif parts[1] == "mid_block":
            old = ".".join([parts[0], "mid", f"block_{int(parts[3]) + 1}", *parts[4:]])
        elif parts[1] == "down_blocks":
            where = ["downsample"] if parts[3] == "downsamplers" else ["block", parts[4]]
            old = ".".join([parts[0], "down", parts[2], *where, *parts[5:]])
        elif parts[1] == "up_blocks":
            where = ["upsample"] if parts[3] == "upsamplers" else ["block", parts[4]]
            old = ".".join([parts[0], "up", str(ups - 1 - int(parts[2])), *where, *parts[5:]])
        found[old.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")] = value
    return found


def open_clip_tensors(encoder: Any) -> Tensors:
    """CLIPTextModelWithProjection's tensors as OpenCLIP names them: queries, keys and values in one."""
    tensors = {name.removeprefix("text_model."): value for name, value in encoder.state_dict().items()}
    found: Tensors = {
        "token_embedding.weight": tensors["embeddings.token_embedding.weight"],
        "positional_embedding": tensors["embeddings.position_embedding.weight"],
        "ln_final.weight": tensors["final_layer_norm.weight"],
        "ln_final.bias": tensors["final_layer_norm.bias"],
        "text_projection": tensors["text_projection.weight"].T,
    }
    names = {"layer_norm1": "ln_1", "layer_norm2": "ln_2", "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj"}
    names["self_attn.out_proj"] = "attn.out_proj"
    for number in range(encoder.config.num_hidden_layers):
        layer = f"encoder.layers.{number}"
        for end in ("weight", "bias"):
            for new, old in names.items():
                found[f"transformer.resblocks.{number}.{old}.{end}"] = tensors[f"{layer}.{new}.{end}"]
            joined = torch.cat([tensors[f"{layer}.self_attn.{part}_proj.{end}"] for part in "qkv"])
            found[f"transformer.resblocks.{number}.attn.in_proj_{end}"] = joined
    return found


def differing(made: dict[str, Any], loaded: LoadedModel) -> list[str]:
    """Names of tensors that are not bit-equal between components and a model in memory."""
    return [
        f"{name}.{key}"
        for name, module in made.items()
        if isinstance(module, torch.nn.Module)
        for key, tensor in module.state_dict().items()
        if not torch.equal(tensor, loaded.modules[name].state_dict()[key])
    ]
