"""Tiny random models of every family, built from configs: real modules, real tokenizers, no weights from anywhere.

Each is a dict of components by the names in model_index.json; `saved` writes one as a diffusers folder. To try `inlay edit --model`
without any weights, from the folder `tests`:

    python -m support.tiny_models FOLDER [FAMILY]
"""

# pyright: reportPrivateImportUsage=false, reportArgumentType=false, reportPossiblyUnboundVariable=false
# What diffusers exports, and which defaults it declares, is not typed.

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from support.tiny_films import FILMS
from support.tiny_parts import BESIDE, depth_anything, flow_scheduler, kl_vae, settled, unet
from support.tiny_words import (
    clip_encoder,
    clip_tokenizer,
    mistral3,
    qwen3,
    qwen3_vl,
    qwen3_vl_processor,
    qwen_processor,
    qwen_tokenizer,
    qwen_vl,
    smollm3,
    t5_encoder,
    t5_tokenizer,
)


def sd15(channels: int = 4) -> dict[str, Any]:
    from diffusers import DDIMScheduler

    torch.manual_seed(0)
    tokenizer = clip_tokenizer()
    return {
        "vae": kl_vae(4),
        "text_encoder": clip_encoder(tokenizer, 32),
        "tokenizer": tokenizer,
        "unet": unet(channels, 32),
        "scheduler": DDIMScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            clip_sample=False,
            set_alpha_to_one=False,
            steps_offset=1,
        ),
    }


def sdxl(channels: int = 4) -> dict[str, Any]:
    from diffusers import EulerDiscreteScheduler

    torch.manual_seed(0)
    tokenizer = clip_tokenizer()
    return {
        "vae": kl_vae(4, scale=0.13025),
        "text_encoder": clip_encoder(tokenizer, 32),
        "text_encoder_2": clip_encoder(tokenizer, 32, projected=True),
        "tokenizer": tokenizer,
        "tokenizer_2": clip_tokenizer(),
        "unet": unet(
            channels,
            64,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=6 * 8 + 32,
        ),
        "scheduler": EulerDiscreteScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            steps_offset=1,
            timestep_spacing="leading",
        ),
    }


def flux_fill() -> dict[str, Any]:
    return _flux(2 * 4 * 4 + 8 * 8 * 4)


def flux_canny() -> dict[str, Any]:
    return _flux(2 * 4 * 4)


def flux_depth() -> dict[str, Any]:
    return {**_flux(2 * 4 * 4), **depth_anything()}


def flux_kontext() -> dict[str, Any]:
    return _flux(4 * 4)


def flux_dev() -> dict[str, Any]:
    return _flux(4 * 4)


def flux_schnell() -> dict[str, Any]:
    return _flux(4 * 4, guided=False)


def _flux(channels: int, *, guided: bool = True) -> dict[str, Any]:
    from diffusers import FluxTransformer2DModel

    torch.manual_seed(0)
    tokenizer, pieces = clip_tokenizer(), t5_tokenizer()
    return {
        "vae": kl_vae(4, shift=0.1159, scale=0.3611, quantizes=False),
        "text_encoder": clip_encoder(tokenizer, 32),
        "tokenizer": tokenizer,
        "text_encoder_2": t5_encoder(pieces, 32),
        "tokenizer_2": pieces,
        "transformer": FluxTransformer2DModel(
            in_channels=channels,
            out_channels=16,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=32,
            pooled_projection_dim=32,
            guidance_embeds=guided,
            axes_dims_rope=(4, 4, 8),
        ).eval(),
        "scheduler": flow_scheduler(),
    }


def flux2_klein() -> dict[str, Any]:
    torch.manual_seed(0)
    tokenizer = qwen_tokenizer()
    return {**_flux2(guided=False), "text_encoder": qwen3(tokenizer, 16, layers=28), "tokenizer": tokenizer}


def flux2_dev() -> dict[str, Any]:
    torch.manual_seed(0)
    tokenizer = qwen_tokenizer()
    return {**_flux2(guided=True), "text_encoder": mistral3(tokenizer, 16), "tokenizer": tokenizer}


def _flux2(*, guided: bool) -> dict[str, Any]:
    from diffusers import AutoencoderKLFlux2, Flux2Transformer2DModel

    return {
        "vae": AutoencoderKLFlux2(
            block_out_channels=(8, 8, 16, 16), layers_per_block=1, latent_channels=4, norm_num_groups=4, sample_size=64
        ).eval(),
        "transformer": Flux2Transformer2DModel(
            in_channels=16,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=48,
            axes_dims_rope=(4, 4, 4, 4),
            guidance_embeds=guided,
        ).eval(),
        "scheduler": flow_scheduler(),
    }


def qwen_image() -> dict[str, Any]:
    from diffusers import AutoencoderKLQwenImage, QwenImageTransformer2DModel

    torch.manual_seed(0)
    tokenizer = qwen_tokenizer()
    return {
        "vae": AutoencoderKLQwenImage(
            base_dim=8,
            z_dim=4,
            dim_mult=[1, 1, 1, 1],
            num_res_blocks=1,
            latents_mean=[0.1, -0.1, 0.2, 0.0],
            latents_std=[1.5, 1.2, 0.9, 1.1],
        ).eval(),
        "text_encoder": qwen_vl(tokenizer),
        "tokenizer": tokenizer,
        "transformer": QwenImageTransformer2DModel(
            in_channels=16,
            out_channels=4,
            num_layers=2,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=32,
            axes_dims_rope=(4, 6, 6),
        ).eval(),
        "scheduler": flow_scheduler(),
    }


def qwen_image_edit() -> dict[str, Any]:
    components = qwen_image()
    return {**components, "processor": qwen_processor(components["tokenizer"])}


def qwen_image_21() -> dict[str, Any]:
    from diffusers import AutoencoderKLQwenImage21, QwenImage21Transformer2DModel

    torch.manual_seed(0)
    processor = qwen3_vl_processor(qwen_tokenizer())
    return {
        "vae": AutoencoderKLQwenImage21(
            base_dim=8,
            decoder_base_dim=8,
            z_dim=4,
            dim_mult=[1, 1, 1, 1, 1],
            num_res_blocks=1,
            latents_mean=[0.1, -0.1, 0.2, 0.0],
            latents_std=[1.5, 1.2, 0.9, 1.1],
        ).eval(),
        "text_encoder": qwen3_vl(processor.tokenizer),
        "processor": processor,
        "transformer": QwenImage21Transformer2DModel(
            in_channels=4,
            out_channels=4,
            num_layers=2,
            attention_head_dim=16,
            num_attention_heads=2,
            context_in_dim=32,
            axes_dims_rope=(4, 6, 6),
        ).eval(),
        "scheduler": flow_scheduler(),
    }


def longcat_edit() -> dict[str, Any]:
    from diffusers import LongCatImageTransformer2DModel

    torch.manual_seed(0)
    tokenizer = qwen_tokenizer()
    return {
        "vae": kl_vae(4, shift=0.1159, scale=0.3611, quantizes=False),
        "text_encoder": qwen_vl(tokenizer),
        "tokenizer": tokenizer,
        "text_processor": qwen_processor(tokenizer),
        "transformer": LongCatImageTransformer2DModel(
            in_channels=16,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=32,
            pooled_projection_dim=32,
            axes_dims_rope=[4, 6, 6],
        ).eval(),
        "scheduler": flow_scheduler(),
    }


def fibo_edit() -> dict[str, Any]:
    from diffusers import AutoencoderKLWan, BriaFiboTransformer2DModel

    torch.manual_seed(0)
    tokenizer = qwen_tokenizer()
    return {
        "vae": AutoencoderKLWan(
            base_dim=8,
            decoder_base_dim=8,
            z_dim=4,
            dim_mult=[1, 1, 1, 1],
            num_res_blocks=1,
            latents_mean=[0.1, -0.1, 0.2, 0.0],
            latents_std=[1.5, 1.2, 0.9, 1.1],
            is_residual=True,
            in_channels=12,
            out_channels=12,
            patch_size=2,
            scale_factor_spatial=16,
        ).eval(),
        "text_encoder": smollm3(tokenizer, 8),
        "tokenizer": tokenizer,
        "transformer": BriaFiboTransformer2DModel(
            in_channels=4,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=16,
            text_encoder_dim=8,
            axes_dims_rope=[4, 6, 6],
        ).eval(),
        "scheduler": flow_scheduler(),
    }


def z_image() -> dict[str, Any]:
    from diffusers import ZImageTransformer2DModel

    torch.manual_seed(0)
    tokenizer = qwen_tokenizer()
    return {
        "vae": kl_vae(4, shift=0.1159, scale=0.3611, quantizes=False),
        "text_encoder": qwen3(tokenizer, 32, layers=3),
        "tokenizer": tokenizer,
        "transformer": settled(
            ZImageTransformer2DModel(
                in_channels=4,
                dim=32,
                n_layers=1,
                n_refiner_layers=1,
                n_heads=2,
                n_kv_heads=2,
                cap_feat_dim=32,
                axes_dims=[8, 4, 4],
                axes_lens=[1024, 64, 64],
            )
        ),
        "scheduler": flow_scheduler(),
    }


FAMILIES: dict[str, Callable[[], dict[str, Any]]] = {
    "sd15": sd15,
    "sdxl": sdxl,
    "flux_fill": flux_fill,
    "flux_canny": flux_canny,
    "flux_depth": flux_depth,
    "flux_kontext": flux_kontext,
    "flux_dev": flux_dev,
    "flux_schnell": flux_schnell,
    "flux2_klein": flux2_klein,
    "flux2_dev": flux2_dev,
    "qwen_image": qwen_image,
    "qwen_image_edit": qwen_image_edit,
    "qwen_image_21": qwen_image_21,
    "longcat_edit": longcat_edit,
    "fibo_edit": fibo_edit,
    "z_image": z_image,
}


def saved(name: str, folder: Path, components: dict[str, Any] | None = None) -> Path:
    """The tiny model of that family, or the given one, as a diffusers folder."""
    import diffusers

    from inlay.engines.models.video_families import BY_DIFFUSERS as FACTS

    kind = getattr(diffusers, FACTS[name].pipeline_classes[0])
    extra = (
        {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False} if name == "sd15" else {}
    )
    parts = {part: one for part, one in (components or (FAMILIES | FILMS)[name]()).items() if part not in BESIDE}
    kind(**parts, **extra).save_pretrained(folder)
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a tiny random model as a diffusers folder.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("family", nargs="?", default="sd15", choices=FAMILIES | FILMS)
    options = parser.parse_args()
    print(saved(options.family, options.folder))


if __name__ == "__main__":
    main()
