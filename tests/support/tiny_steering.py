"""What lies beside tiny models and steers them: random IP-Adapters with their encoder, in files and in memory."""

# pyright: reportPrivateImportUsage=false, reportArgumentType=false
# What diffusers and transformers export, and which defaults they declare, is not typed.

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from support.tiny_parts import unet

SEEN = 24
"""How wide CLIP's embedding of a picture is."""


def deep_unet() -> Any:
    """A UNet for tiny SDXL with the blocks in which SDXL decides style and layout."""
    torch.manual_seed(0)
    return unet(
        4,
        64,
        block_out_channels=(16, 16, 32),
        layers_per_block=2,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=6 * 8 + 32,
    )


def clip(width: int = 16, heads: int = 2) -> Any:
    """An encoder of pictures."""
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    torch.manual_seed(0)
    config = CLIPVisionConfig(
        hidden_size=width,
        intermediate_size=2 * width,
        projection_dim=SEEN,
        num_hidden_layers=2,
        num_attention_heads=heads,
        image_size=28,
        patch_size=14,
        hidden_act="gelu",
    )
    return CLIPVisionModelWithProjection(config).eval()


def adapter_weights(network: Any, seed: int = 0, *, plus: int = 0) -> dict[str, torch.Tensor]:
    """An IP-Adapter for a UNet, under the names of its files. plus: the encoder's width, of one that reads its states."""
    random = torch.Generator().manual_seed(seed)

    def drawn(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=random) * 0.5

    cross = network.config.cross_attention_dim
    if plus:
        made = {
            "latents": drawn(1, 4, 64),
            "proj_in.weight": drawn(64, plus),
            "proj_in.bias": drawn(64),
            "proj_out.weight": drawn(cross, 64),
            "proj_out.bias": drawn(cross),
            "norm_out.weight": drawn(cross),
            "norm_out.bias": drawn(cross),
        }
        for layer in (f"layers.{number}" for number in range(4)):
            made |= {f"{layer}.0.norm{one}.{part}": drawn(64) for one in (1, 2) for part in ("weight", "bias")}
            made |= {f"{layer}.0.to_q.weight": drawn(64, 64), f"{layer}.0.to_kv.weight": drawn(128, 64)}
            made |= {f"{layer}.0.to_out.weight": drawn(64, 64)}
            made |= {f"{layer}.1.0.weight": drawn(64), f"{layer}.1.0.bias": drawn(64)}
            made |= {f"{layer}.1.1.weight": drawn(256, 64), f"{layer}.1.3.weight": drawn(64, 256)}
    else:
        made = {
            "proj.weight": drawn(4 * cross, SEEN),
            "proj.bias": drawn(4 * cross),
            "norm.weight": drawn(cross),
            "norm.bias": drawn(cross),
        }
    weights = {f"image_proj.{name}": tensor for name, tensor in made.items()}
    keys = (name for name in network.attn_processors if name.endswith("attn2.processor"))
    for number, name in enumerate(keys):
        hidden = network.get_submodule(name.removesuffix(".processor")).to_q.out_features
        for part in ("to_k_ip", "to_v_ip"):
            weights[f"ip_adapter.{2 * number + 1}.{part}.weight"] = drawn(hidden, cross)
    return weights


def saved_adapter(file: Path, network: Any, seed: int = 0, *, plus: int = 0) -> Path:
    """The same in a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file(adapter_weights(network, seed, plus=plus), file)
    return file


def saved_clip(place: Path) -> Path:
    """An encoder of pictures: in a folder, or, where the name says so, as its file alone."""
    if place.suffix != ".safetensors":
        clip().save_pretrained(place)
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    save_file(clip(32, 16).state_dict(), place)
    return place


def controlnet(network: Any, *, union: bool = False, seed: int = 0) -> Any:
    """A random ControlNet for a UNet, its last layers not zero as where a training begins."""
    from diffusers import ControlNetModel, ControlNetUnionModel

    torch.manual_seed(seed)
    kind: Any = ControlNetUnionModel if union else ControlNetModel
    made = kind.from_unet(network, load_weights_from_unet=False)
    if union:
        config = {name: value for name, value in made.config.items() if name != "_use_default_values"}
        width = network.config.block_out_channels[0]
        more = {"num_trans_channel": width, "num_proj_channel": width, "num_control_type": 8}
        made = kind.from_config(config | more)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.normal_(std=0.05)
    return made.eval()


def z_image_control(
    *, inpaints: bool = True, places: Sequence[int] = (0,), refines: str | None = "control_layers"
) -> Any:
    """A random ControlNet for tiny Z-Image. inpaints: it sees what is kept, too. places: of the layers at which its own act."""
    from diffusers import ZImageControlNetModel

    torch.manual_seed(0)
    made = ZImageControlNetModel(
        control_layers_places=[*places],
        control_refiner_layers_places=[0],
        control_in_dim=2 * 4 + 1 if inpaints else 4,
        add_control_noise_refiner=refines if inpaints else None,
        dim=32,
        n_refiner_layers=1,
        n_heads=2,
        n_kv_heads=2,
    )
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.normal_(std=0.05)
    return made.eval()
