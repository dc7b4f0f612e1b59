"""Parts of the tiny random models: VAEs, UNets, a scheduler, and the models that lie beside one and help it."""

# pyright: reportPrivateImportUsage=false, reportArgumentType=false, reportPossiblyUnboundVariable=false
# What diffusers exports, and which defaults it declares, is not typed.

from pathlib import Path
from typing import Any

import torch

BESIDE = ("depth", "depth_processor")
"""Components that no pipeline of diffusers has: they lie beside a model."""


def kl_vae(latents: int, *, shift: float | None = None, scale: float = 0.18215, quantizes: bool = True) -> Any:
    """A random VAE of 8 pixels a latent."""
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(8, 8, 16, 16),
        layers_per_block=1,
        latent_channels=latents,
        norm_num_groups=4,
        sample_size=64,
        scaling_factor=scale,
        shift_factor=shift,
        use_quant_conv=quantizes,
        use_post_quant_conv=quantizes,
    ).eval()


def teach(vae: Any, picture: torch.Tensor, steps: int = 400) -> None:
    """Have a tiny VAE see: trained on crops of `picture` (3 x H x W in -1..1), it gives its colours and shapes back, softly.

    Its latents get the spread of trained ones. About ten seconds of one core; more threads only wait for each other.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    random = torch.Generator().manual_seed(0)
    optimizer = torch.optim.AdamW(vae.parameters(), lr=4e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, steps)
    for _ in range(steps):
        corners = [torch.randint(0, side - 64, (4,), generator=random).tolist() for side in picture.shape[-2:]]
        crops = torch.stack([picture[:, y : y + 64, x : x + 64] for y, x in zip(*corners, strict=True)])
        latents = vae.encode(crops).latent_dist.mode()
        loss = torch.nn.functional.mse_loss(vae.decode(latents).sample, crops)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    vae.register_to_config(scaling_factor=1 / float(latents.detach().std()))
    torch.set_num_threads(threads)


def unet(channels: int, cross: int, **more: Any) -> Any:
    from diffusers import UNet2DConditionModel

    facts: dict[str, Any] = {
        "sample_size": 16,
        "in_channels": channels,
        "out_channels": 4,
        "block_out_channels": (16, 32),
        "layers_per_block": 1,
        "norm_num_groups": 4,
        "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
        "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
        "cross_attention_dim": cross,
        "attention_head_dim": 4,
    }
    return UNet2DConditionModel(**(facts | more)).eval()


def settled(module: Any) -> Any:
    """Parameters that are left as they lie in memory until weights are loaded, given values."""
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if name.endswith("pad_token"):
                parameter.normal_(std=0.02)
    return module.eval()


def flow_scheduler() -> Any:
    from diffusers import FlowMatchEulerDiscreteScheduler

    return FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True)


def depth_anything() -> dict[str, Any]:
    """What makes maps of depth, and its input."""
    from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, Dinov2Config
    from transformers.models.dpt.image_processing_pil_dpt import DPTImageProcessorPil

    torch.manual_seed(0)
    small: dict[str, Any] = {
        "hidden_size": 16,
        "num_hidden_layers": 4,
        "num_attention_heads": 2,
        "image_size": 56,
        "patch_size": 14,
        "out_indices": [1, 2, 3, 4],
        "reshape_hidden_states": False,
    }
    seeing = Dinov2Config(**small)
    config = DepthAnythingConfig(
        backbone_config=seeing,
        reassemble_hidden_size=16,
        neck_hidden_sizes=[8, 8, 8, 8],
        fusion_hidden_size=8,
        head_hidden_size=8,
        patch_size=14,
    )
    looking = DPTImageProcessorPil(size={"height": 56, "width": 56}, keep_aspect_ratio=True, ensure_multiple_of=14)
    return {"depth": DepthAnythingForDepthEstimation(config).eval(), "depth_processor": looking}


def redux(words: int = 32) -> dict[str, Any]:
    """What reads a reference for FLUX.1: 4 words of each. words: how wide those are."""
    from diffusers.pipelines.flux.modeling_flux import ReduxImageEncoder
    from transformers import SiglipVisionConfig, SiglipVisionModel
    from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

    torch.manual_seed(0)
    config = SiglipVisionConfig(
        hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2, image_size=28, patch_size=14
    )
    return {
        "image_encoder": SiglipVisionModel(config).eval(),
        "feature_extractor": SiglipImageProcessorPil(size={"height": 28, "width": 28}),
        "image_embedder": ReduxImageEncoder(redux_dim=16, txt_in_features=words).eval(),
    }


def saved_depth(folder: Path) -> Path:
    """A tiny DepthAnything as transformers saves one."""
    for part in depth_anything().values():
        part.save_pretrained(folder)
    return folder


def saved_redux(folder: Path) -> Path:
    """A tiny FLUX.1 Redux as diffusers saves one."""
    from diffusers.pipelines.flux.pipeline_flux_prior_redux import FluxPriorReduxPipeline

    FluxPriorReduxPipeline(**redux()).save_pretrained(folder)
    return folder
