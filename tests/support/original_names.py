"""Transformers under the names that they had where they were made, as single files have them; diffusers itself only reads those."""

import re

import torch
from torch import Tensor

Tensors = dict[str, Tensor]

_Z_IMAGE = (
    (r"^all_final_layer\.2-1\.", "final_layer."),
    (r"^all_x_embedder\.2-1\.", "x_embedder."),
    (r"\.attention\.norm_k\.", ".attention.k_norm."),
    (r"\.attention\.norm_q\.", ".attention.q_norm."),
    (r"\.attention\.to_out\.0\.", ".attention.out."),
)
_FLUX2 = (
    (r"^x_embedder\.", "img_in."),
    (r"^context_embedder\.", "txt_in."),
    (r"^time_guidance_embed\.timestep_embedder\.linear_1\.", "time_in.in_layer."),
    (r"^time_guidance_embed\.timestep_embedder\.linear_2\.", "time_in.out_layer."),
    (r"^time_guidance_embed\.guidance_embedder\.linear_1\.", "guidance_in.in_layer."),
    (r"^time_guidance_embed\.guidance_embedder\.linear_2\.", "guidance_in.out_layer."),
    (r"_modulation(_img|_txt|)\.linear\.", r"_modulation\1.lin."),
    (r"^norm_out\.linear\.", "final_layer.adaLN_modulation.1."),
    (r"^proj_out\.", "final_layer.linear."),
    (r"^single_transformer_blocks\.(\d+)\.attn\.to_qkv_mlp_proj\.", r"single_blocks.\1.linear1."),
    (r"^single_transformer_blocks\.(\d+)\.attn\.to_out\.", r"single_blocks.\1.linear2."),
    (r"^single_transformer_blocks\.(\d+)\.attn\.norm_q\.weight", r"single_blocks.\1.norm.query_norm.scale"),
    (r"^single_transformer_blocks\.(\d+)\.attn\.norm_k\.weight", r"single_blocks.\1.norm.key_norm.scale"),
    (r"^transformer_blocks\.(\d+)\.attn\.norm_q\.weight", r"double_blocks.\1.img_attn.norm.query_norm.scale"),
    (r"^transformer_blocks\.(\d+)\.attn\.norm_k\.weight", r"double_blocks.\1.img_attn.norm.key_norm.scale"),
    (r"^transformer_blocks\.(\d+)\.attn\.norm_added_q\.weight", r"double_blocks.\1.txt_attn.norm.query_norm.scale"),
    (r"^transformer_blocks\.(\d+)\.attn\.norm_added_k\.weight", r"double_blocks.\1.txt_attn.norm.key_norm.scale"),
    (r"^transformer_blocks\.(\d+)\.attn\.to_out\.0\.", r"double_blocks.\1.img_attn.proj."),
    (r"^transformer_blocks\.(\d+)\.attn\.to_add_out\.", r"double_blocks.\1.txt_attn.proj."),
    (r"^transformer_blocks\.(\d+)\.ff\.linear_in\.", r"double_blocks.\1.img_mlp.0."),
    (r"^transformer_blocks\.(\d+)\.ff\.linear_out\.", r"double_blocks.\1.img_mlp.2."),
    (r"^transformer_blocks\.(\d+)\.ff_context\.linear_in\.", r"double_blocks.\1.txt_mlp.0."),
    (r"^transformer_blocks\.(\d+)\.ff_context\.linear_out\.", r"double_blocks.\1.txt_mlp.2."),
)
_FUSED = {
    "z_image": {r"(.*\.attention)\.to_q\.weight": (r"\1.qkv.weight", ("to_q", "to_k", "to_v"))},
    "flux2_klein": {
        r"transformer_blocks\.(\d+)\.attn\.to_q\.weight": (
            r"double_blocks.\1.img_attn.qkv.weight",
            ("to_q", "to_k", "to_v"),
        ),
        r"transformer_blocks\.(\d+)\.attn\.add_q_proj\.weight": (
            r"double_blocks.\1.txt_attn.qkv.weight",
            ("add_q_proj", "add_k_proj", "add_v_proj"),
        ),
    },
}
_FUSED["qwen_image_21"] = {
    r"(.*\.img_mlp)\.gate_layer\.weight": (r"\1.gate_up.weight", ("gate_layer", "proj")),
}
_FUSED["flux2_dev"] = _FUSED["flux2_klein"]
_RENAMED = {"z_image": _Z_IMAGE, "flux2_klein": _FLUX2, "flux2_dev": _FLUX2, "qwen_image_21": ()}


_WAN_BLOCK = (("norm1", "residual.0"), ("conv1", "residual.2"), ("norm2", "residual.3"), ("conv2", "residual.6"))
_WAN = (
    (r"^(encoder|decoder)\.mid_block\.attentions\.0\.", r"\1.middle.1."),
    (r"^(encoder|decoder)\.mid_block\.resnets\.0\.", r"\1.middle.0."),
    (r"^(encoder|decoder)\.mid_block\.resnets\.1\.", r"\1.middle.2."),
    (r"^(encoder|decoder)\.conv_in\.", r"\1.conv1."),
    (r"^(encoder|decoder)\.norm_out\.", r"\1.head.0."),
    (r"^(encoder|decoder)\.conv_out\.", r"\1.head.2."),
    (r"^quant_conv\.", "conv1."),
    (r"^post_quant_conv\.", "conv2."),
    (r"^encoder\.down_blocks\.(\d+)\.resnets\.(\d+)\.", r"encoder.downsamples.\1.downsamples.\2."),
    (r"^decoder\.up_blocks\.(\d+)\.resnets\.(\d+)\.", r"decoder.upsamples.\1.upsamples.\2."),
)


def as_wan(weights: Tensors) -> Tensors:
    """The VAE of Qwen-Image-2.1 as Wan 2.2's is laid out: a stage's sampler after its blocks, convolutions over one frame."""
    found = Tensors()
    for name, value in weights.items():
        renamed = name
        for pattern, old in _WAN:
            renamed = re.sub(pattern, old, renamed)
        if "samples." in renamed or ".middle." in renamed:
            for own, old in _WAN_BLOCK:
                renamed = renamed.replace(f".{own}.", f".{old}.")
            renamed = renamed.replace(".conv_shortcut.", ".shortcut.")
        for side, blocks, sampler in (("encoder", "down", "downsampler"), ("decoder", "up", "upsampler")):
            if match := re.match(rf"^{side}\.{blocks}_blocks\.(\d+)\.{sampler}\.(.*)", renamed):
                of = f"{side}.{blocks}_blocks.{match[1]}.resnets."
                place = len({one.split(".")[4] for one in weights if one.startswith(of)})
                renamed = f"{side}.{blocks}samples.{match[1]}.{blocks}samples.{place}.{match[2]}"
        deep = value.ndim == 4 and value.shape[1] > 1 and ".resample." not in renamed and ".middle.1." not in renamed
        found[renamed] = value.unsqueeze(2) if deep and renamed.endswith("weight") else value
    return found


def original(family: str, weights: Tensors, prefix: str = "") -> Tensors:
    """A transformer's tensors under their first names: queries, keys and values in one, shift before scale.

    prefix: what stands before each name, as ComfyUI writes `model.diffusion_model.`
    """
    left, found = dict(weights), Tensors()
    for name in weights:
        for pattern, (fused, parts) in _FUSED[family].items():
            if re.fullmatch(pattern, name):
                taken = [left.pop(name.replace(parts[0], part)) for part in parts]
                found[re.sub(pattern, fused, name)] = torch.cat(taken)
    for name, value in left.items():
        renamed = name
        for pattern, old in _RENAMED[family]:
            renamed = re.sub(pattern, old, renamed)
        if renamed.startswith("final_layer.adaLN_modulation.1.") and family.startswith("flux2_"):
            value = torch.cat(value.chunk(2)[::-1])
        found[renamed] = value
    return {prefix + name: value.contiguous() for name, value in found.items()}
