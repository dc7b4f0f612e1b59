"""Text encoders and VAEs that lie alone in a file: which they are, by their tensors, and which a denoiser needs beside it."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

Shapes = Mapping[str, tuple[int, ...]]

TEKKEN = "tekken_model"
"""A tensor of bytes beside Mistral's weights: its tokenizer, tekken.json."""


class Piece(NamedTuple):
    """A part that several families share. role: as in Inspected. published: what its file is called where ComfyUI gets it."""

    name: str
    role: Literal["text_encoder", "vae"]
    title: str
    published: str


PIECES = {
    piece.name: piece
    for piece in (
        Piece("clip_l", "text_encoder", "CLIP-L", "clip_l.safetensors"),
        Piece("clip_h", "text_encoder", "CLIP-H", "clip_h.safetensors"),
        Piece("clip_g", "text_encoder", "CLIP-G", "clip_g.safetensors"),
        Piece("t5_xxl", "text_encoder", "T5-XXL", "t5xxl_fp16.safetensors"),
        Piece("umt5_xxl", "text_encoder", "UMT5-XXL", "umt5_xxl_fp8_e4m3fn_scaled.safetensors"),
        Piece("qwen3_4b", "text_encoder", "Qwen3 4B", "qwen_3_4b.safetensors"),
        Piece("qwen3_8b", "text_encoder", "Qwen3 8B", "qwen_3_8b_fp8mixed.safetensors"),
        Piece("qwen2_5_vl_3b", "text_encoder", "Qwen2.5-VL 3B", "qwen_2.5_vl_3b.safetensors"),
        Piece("qwen2_5_vl_7b", "text_encoder", "Qwen2.5-VL 7B", "qwen_2.5_vl_7b_fp8_scaled.safetensors"),
        Piece("qwen3_vl_4b", "text_encoder", "Qwen3-VL 4B", "qwen3_vl_4b.safetensors"),
        Piece("qwen3_vl_8b", "text_encoder", "Qwen3-VL 8B", "qwen3vl_8b_int8_convrot.safetensors"),
        Piece("mistral_small_3", "text_encoder", "Mistral Small 3", "mistral_3_small_flux2_fp8.safetensors"),
        Piece("kl_4", "vae", "Stable Diffusion's VAE", "sdxl_vae.safetensors"),
        Piece("kl_16", "vae", "FLUX.1's VAE", "ae.safetensors"),
        Piece("flux2", "vae", "FLUX.2's VAE", "flux2-vae.safetensors"),
        Piece("qwen_image", "vae", "Qwen-Image's VAE", "qwen_image_vae.safetensors"),
        Piece("qwen_image_layered", "vae", "Qwen-Image-Layered's VAE", "qwen_image_layered_vae.safetensors"),
        Piece("qwen_image_21", "vae", "Qwen-Image-2.1's VAE", "qwen_image_2.1_vae_bf16.safetensors"),
    )
}

_NEEDS: dict[str, tuple[str, ...]] = {
    "sd15": ("clip_l", "kl_4"),
    "sdxl": ("clip_l", "clip_g", "kl_4"),
    "flux_fill": ("clip_l", "t5_xxl", "kl_16"),
    "flux_dev": ("clip_l", "t5_xxl", "kl_16"),
    "flux_schnell": ("clip_l", "t5_xxl", "kl_16"),
    "flux_canny": ("clip_l", "t5_xxl", "kl_16"),
    "flux_depth": ("clip_l", "t5_xxl", "kl_16"),
    "flux_kontext": ("clip_l", "t5_xxl", "kl_16"),
    "flux2_klein": ("qwen3_4b", "flux2"),
    "flux2_dev": ("mistral_small_3", "flux2"),
    "qwen_image": ("qwen2_5_vl_7b", "qwen_image"),
    "qwen_image_edit": ("qwen2_5_vl_7b", "qwen_image"),
    "qwen_image_21": ("qwen3_vl_8b", "qwen_image_21"),
    "longcat_edit": ("qwen2_5_vl_7b", "kl_16"),
    "z_image": ("qwen3_4b", "kl_16"),
}
KLEIN_9B = 4096
"""Rows of the first layer of FLUX.2 klein 9B; 4B has 3072."""


def needed_by(family: str, denoiser: Shapes) -> tuple[Piece, ...]:
    """What a lone denoiser of `family` needs beside it, for painting; tokenizers come with the encoders' base folder.

    denoiser: its tensors without their prefix.
    """
    names = _NEEDS.get(family, ())
    if family == "flux2_klein" and _first(denoiser, "img_in.weight", "x_embedder.weight") == KLEIN_9B:
        names = ("qwen3_8b", "flux2")
    return tuple(PIECES[name] for name in names)


def piece_of(shapes: Shapes) -> Piece | None:
    """Which encoder or VAE a file holds; None for anything else."""
    name = _encoder(shapes) or _vae(shapes)
    return PIECES[name] if name else None


def _encoder(shapes: Shapes) -> str:
    if _first(shapes, "encoder.block.23.layer.1.DenseReluDense.wi_1.weight") == 10240:
        return "umt5_xxl" if _first(shapes, "shared.weight") == 256384 else "t5_xxl"
    if "text_model.encoder.layers.0.mlp.fc1.weight" in shapes and "vision_model.post_layernorm.weight" not in shapes:
        layers = [
            name
            for number, name in ((30, "clip_g"), (22, "clip_h"))
            if f"text_model.encoder.layers.{number}.mlp.fc1.weight" in shapes
        ]
        return layers[0] if layers else "clip_l"
    if "model.visual.deepstack_merger_list.0.norm.weight" in shapes:
        return "qwen3_vl_4b" if _first(shapes, "model.visual.merger.linear_fc2.weight") == 2560 else "qwen3_vl_8b"
    norm = _first(shapes, "model.layers.0.post_attention_layernorm.weight")
    if bias := _first(shapes, "model.layers.0.self_attn.k_proj.bias"):
        return {512: "qwen2_5_vl_7b", 256: "qwen2_5_vl_3b"}.get(bias, "")
    if "model.layers.0.self_attn.q_norm.weight" in shapes:
        return {2560: "qwen3_4b", 4096: "qwen3_8b"}.get(norm, "")
    # Nemo and Llama are as wide elsewhere.
    wide = norm == 5120 and _first(shapes, "model.layers.0.mlp.gate_proj.weight") == 32768
    return "mistral_small_3" if wide else ""


def _vae(shapes: Shapes) -> str:
    if "decoder.middle.0.residual.0.gamma" in shapes:
        seen = shapes.get("encoder.conv1.weight", (0, 3))
        if "decoder.upsamples.0.upsamples.0.residual.0.gamma" in shapes:
            return "qwen_image_21" if seen[1:2] == (4,) else ""  # Wan 2.2's has the same names
        return "qwen_image_layered" if seen[1:2] == (4,) else "qwen_image"
    if "bn.running_mean" in shapes and "decoder.conv_in.weight" in shapes:
        return "flux2"
    latents = shapes.get("decoder.conv_in.weight", ())[1:2]
    return {4: "kl_4", 16: "kl_16", 64: "qwen_image_21"}.get(latents[0], "") if latents else ""


def _first(shapes: Shapes, *names: str) -> int:
    """The outermost side of the first of these tensors that is there; 0 where none is."""
    return next((shapes[name][0] for name in names if shapes.get(name)), 0)
