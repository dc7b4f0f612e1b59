"""Tiny random models of the families that animate, as `support.tiny_models` has those that paint."""

# pyright: reportPrivateImportUsage=false, reportArgumentType=false, reportPossiblyUnboundVariable=false
# What diffusers exports, and which defaults it declares, is not typed.

from collections.abc import Callable
from typing import Any

import torch

from support.tiny_words import t5_encoder, t5_tokenizer, umt5


def wan() -> dict[str, Any]:
    """Wan 2.1: one denoiser, which looks at the picture through CLIP too."""
    from transformers import CLIPVisionConfig, CLIPVisionModel
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    seeing = CLIPVisionConfig(
        hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2, image_size=28, patch_size=14
    )
    return {
        **_wan(in_channels=12, out_channels=4, image_dim=16),
        "image_encoder": CLIPVisionModel(seeing).eval(),
        "image_processor": CLIPImageProcessorPil(size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28}),
    }


def wan_experts() -> dict[str, Any]:
    """Wan 2.2 A14B: one denoiser for the first steps, one for the last."""
    made = _wan(in_channels=12, out_channels=4)
    return {**made, "transformer_2": _wan(in_channels=12, out_channels=4, seed=1)["transformer"], "boundary_ratio": 0.9}


def wan_5b() -> dict[str, Any]:
    return {**_wan(in_channels=4, out_channels=4, deep=True), "expand_timesteps": True}


def _wan(seed: int = 0, *, deep: bool = False, **sees: Any) -> dict[str, Any]:
    from diffusers import AutoencoderKLWan, FlowMatchEulerDiscreteScheduler, WanTransformer3DModel

    torch.manual_seed(seed)
    tokenizer = t5_tokenizer()
    packed = {"is_residual": True, "in_channels": 12, "out_channels": 12, "patch_size": 2, "scale_factor_spatial": 16}
    return {
        "vae": AutoencoderKLWan(
            base_dim=4,
            decoder_base_dim=4,
            z_dim=4,
            dim_mult=[1, 1, 1, 1],
            num_res_blocks=1,
            temperal_downsample=[False, True, True],
            latents_mean=[0.1, -0.1, 0.2, 0.0],
            latents_std=[1.5, 1.2, 0.9, 1.1],
            **(packed if deep else {}),
        ).eval(),
        "text_encoder": umt5(tokenizer, 16),
        "tokenizer": tokenizer,
        "transformer": WanTransformer3DModel(
            patch_size=(1, 2, 2),
            num_attention_heads=2,
            attention_head_dim=12,
            text_dim=16,
            freq_dim=16,
            ffn_dim=32,
            num_layers=2,
            rope_max_seq_len=128,
            **sees,
        ).eval(),
        "scheduler": FlowMatchEulerDiscreteScheduler(shift=3.0),
    }


def ltx() -> dict[str, Any]:
    from diffusers import AutoencoderKLLTXVideo, FlowMatchEulerDiscreteScheduler, LTXVideoTransformer3DModel

    torch.manual_seed(0)
    pieces = t5_tokenizer()
    return {
        "vae": AutoencoderKLLTXVideo(
            latent_channels=8,
            block_out_channels=(8, 8, 8, 8),
            decoder_block_out_channels=(8, 8, 8, 8),
            layers_per_block=(1, 1, 1, 1, 1),
            decoder_layers_per_block=(1, 1, 1, 1, 1),
            spatio_temporal_scaling=(True, True, True, False),
            decoder_spatio_temporal_scaling=(True, True, True, False),
            decoder_inject_noise=(False, False, False, False, False),
            upsample_residual=(False, False, False, False),
            upsample_factor=(1, 1, 1, 1),
            timestep_conditioning=False,
            patch_size=4,
            patch_size_t=1,
            encoder_causal=True,
            decoder_causal=False,
        ).eval(),
        "text_encoder": t5_encoder(pieces, 16),
        "tokenizer": pieces,
        "transformer": LTXVideoTransformer3DModel(
            in_channels=8,
            out_channels=8,
            num_attention_heads=2,
            attention_head_dim=8,
            cross_attention_dim=16,
            num_layers=1,
            caption_channels=16,
        ).eval(),
        "scheduler": FlowMatchEulerDiscreteScheduler(shift=3.0),
    }


FILMS: dict[str, Callable[[], dict[str, Any]]] = {"wan": wan, "wan_5b": wan_5b, "ltx": ltx}
"""What animates."""
