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
_RENAMED = {"z_image": _Z_IMAGE, "flux2_klein": _FLUX2}


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
        if renamed.startswith("final_layer.adaLN_modulation.1.") and family == "flux2_klein":
            value = torch.cat(value.chunk(2)[::-1])
        found[renamed] = value
    return {prefix + name: value.contiguous() for name, value in found.items()}
