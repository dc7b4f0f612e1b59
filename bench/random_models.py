"""Models with random weights: they cost what trained ones cost, and need no download."""

import math
from collections.abc import Callable
from typing import Any

import torch

SIZES = {
    # name: (UNet widths, layers per block, VAE widths, text width)
    "mid": ((64, 128, 256, 256), 1, (32, 64, 128, 128), 192),
    "full": ((320, 640, 1280, 1280), 2, (128, 256, 512, 512), 768),
}


def sd15(size: str = "mid") -> dict[str, Any]:
    """Stable Diffusion 1.5 on the CPU in float32: `full` has the published widths, `mid` about a fifth of them."""
    from diffusers import DDIMScheduler, UNet2DConditionModel

    widths, layers, vae_widths, words = SIZES[size]
    torch.manual_seed(0)
    return {
        "vae": _vae(vae_widths, layers, 512),
        **_clip(words, 12),
        "unet": UNet2DConditionModel(
            sample_size=64, block_out_channels=widths, layers_per_block=layers, cross_attention_dim=words
        ).eval(),
        "scheduler": DDIMScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            clip_sample=False,
            set_alpha_to_one=False,
            steps_offset=1,
        ),
    }


def sdxl_mid() -> dict[str, Any]:
    """SDXL on the CPU in float32 with a fifth of the published widths, and its published depth."""
    from diffusers import EulerDiscreteScheduler

    torch.manual_seed(0)
    second = _clip(1280, 2, projected=True)
    return {
        "vae": _vae((32, 64, 128, 128), 1, 1024),
        **_clip(768, 2),
        "text_encoder_2": second["text_encoder"],
        "tokenizer_2": second["tokenizer"],
        "unet": sdxl_unet("cpu", torch.float32, (64, 128, 256)),
        "scheduler": EulerDiscreteScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear"),
    }


def _vae(widths: tuple[int, ...], layers: int, side: int) -> Any:
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=widths,
        layers_per_block=layers,
        latent_channels=4,
        sample_size=side,
    ).eval()


def _clip(width: int, layers: int, *, projected: bool = False) -> dict[str, Any]:
    """A text encoder and its tokenizer."""
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    tokenizer = clip_tokenizer()
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=4 * width,
        num_hidden_layers=layers,
        num_attention_heads=width // 16,
        projection_dim=width,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    kind = CLIPTextModelWithProjection if projected else CLIPTextModel
    return {"text_encoder": kind(config).eval(), "tokenizer": tokenizer}


def clip_tokenizer() -> Any:
    """CLIP's, of single letters."""
    from transformers import CLIPTokenizer
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    letters = list(bytes_to_unicode().values())
    words = [*letters, *(letter + "</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(vocab={word: index for index, word in enumerate(words)}, merges=[], model_max_length=77)


def sdxl_unet(device: str, dtype: torch.dtype, widths: tuple[int, int, int] = (320, 640, 1280)) -> Any:
    """SDXL's UNet; the published widths have 2.57 thousand million weights."""
    from diffusers import UNet2DConditionModel

    def make() -> Any:
        return UNet2DConditionModel(
            sample_size=128,
            block_out_channels=widths,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            transformer_layers_per_block=(1, 2, 10),
            attention_head_dim=tuple(width // 64 for width in widths),
            cross_attention_dim=2048,
            use_linear_projection=True,
            addition_embed_type="text_time",
            addition_time_embed_dim=256,
            projection_class_embeddings_input_dim=2816,
        )

    return settled(make, device, dtype).to(memory_format=torch.channels_last)


def sd_vae(device: str, dtype: torch.dtype, scale: float = 0.13025) -> Any:
    """The VAE of SD 1.5 and SDXL at its published widths."""
    from diffusers import AutoencoderKL

    def make() -> Any:
        return AutoencoderKL(
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            block_out_channels=(128, 256, 512, 512),
            layers_per_block=2,
            latent_channels=4,
            sample_size=1024,
            scaling_factor=scale,
        )

    return settled(make, device, dtype).to(memory_format=torch.channels_last)


def flux_fill_transformer(device: str, dtype: torch.dtype, **smaller: Any) -> Any:
    """FLUX.1 Fill's transformer, 12 thousand million weights unless its configuration is made smaller."""
    from diffusers import FluxTransformer2DModel

    return settled(
        lambda: FluxTransformer2DModel(in_channels=384, out_channels=64, guidance_embeds=True, **smaller), device, dtype
    )


def settled(make: Callable[[], Any], device: str, dtype: torch.dtype) -> Any:
    """A module that never was in main memory: made without memory, filled on its device with small random weights."""
    with torch.device("meta"):
        module = make()
    module = module.to(dtype).eval().requires_grad_(False)
    if device == "meta":  # only to be counted
        return module
    module = module.to_empty(device=device)
    generator = torch.Generator(device).manual_seed(0)
    for parameter in module.parameters():
        spread = 1 / math.sqrt(parameter[0].numel()) if parameter.ndim > 1 else 0.02
        parameter.data.normal_(0, spread, generator=generator)
    for buffer in module.buffers():
        buffer.zero_()
    return module
