"""Model files with the names and shapes of published ones and nothing learnt in them; run in a ComfyUI's folder by its Python.

    python comfy_weights.py FOLDER sdxl|flux|klein|qwen ...

Transformers have one block of each kind, encoders what `comfy_shallow` leaves of them. What is large is zero, and takes no room on
the disk. The KL autoencoders keep the mean of each 8 x 8 px: what nobody paints comes back as that.
"""

import json
import re
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

LARGEST = 4_200_000
"""Numbers of a tensor that is random."""
WORDS = 60_000
"""Rows of an embedding that are random."""
FAR = 1000.0
"""Beside it a colour is little: a norm over a group of channels then leaves colours as they are."""
LIFT = 20.0
"""Above it SiLU changes nothing."""
CARRIED = 12
"""Channels: of each colour itself, its opposite, FAR and its opposite."""
Shapes = dict[str, tuple[int, ...]]


def of(module: torch.nn.Module, prefix: str = "") -> Shapes:
    return {prefix + name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}


def nothing_learnt(name: str, shape: tuple[int, ...]) -> np.ndarray | None:
    size, random = int(np.prod(shape)), np.random.default_rng(zlib.crc32(name.encode()))
    if name.endswith("bias") or "running_mean" in name:
        return None
    if len(shape) <= 1 or name.endswith("running_var"):
        return np.ones(shape, np.float16)
    if re.search(r"token_embedding|embed_tokens|shared\.weight", name):
        block = random.normal(0, 0.05, (1000, shape[1])).astype(np.float16)
        return np.concatenate([np.roll(block, turn, 1) for turn in range(min(shape[0], WORDS) // 1000)])
    return random.normal(0, np.sqrt(shape[0] / size), shape) if size <= LARGEST else None


def kept_means(name: str, shape: tuple[int, ...]) -> np.ndarray:
    made = np.zeros(shape, np.float16)
    carried = range(CARRIED)
    colors = {4 * color: color for color in range(3)}
    if re.search(r"norm_out\.(weight|bias)$", name):
        share = 6 / 16 if shape[0] == 512 else 2 / 4  # of the channels of a group, so many are far
        made[:] = FAR * np.sqrt(share) if name.endswith("weight") else LIFT
    elif re.search(r"norm\d?\.weight$|running_var", name):
        made[:] = 1
    elif name.endswith("coder.conv_in.bias"):
        made[2:CARRIED:4], made[3:CARRIED:4] = FAR, -FAR
    elif name.endswith("encoder.conv_out.bias"):
        made[:3], made[shape[0] // 2 :] = -LIFT, -30
    elif name.endswith("decoder.conv_out.bias"):
        made[:] = -LIFT
    elif name.endswith("bias") or "running_mean" in name or re.search(r"attn_1|block.*conv\d", name):
        pass
    elif "nin_shortcut" in name:
        made[carried, carried] = 1
    elif "downsample" in name:
        made[carried, carried, :2, :2] = 0.25
    elif "upsample" in name:
        made[carried, carried, 1, 1] = 1
    elif name.endswith("coder.conv_in.weight"):
        for channel, color in colors.items():
            made[channel, color, 1, 1], made[channel + 1, color, 1, 1] = 1, -1
    elif name.endswith("coder.conv_out.weight"):
        for channel, color in colors.items():
            made[color, channel, 1, 1] = 1
    else:
        assert "quant_conv" in name, name
        made[range(shape[0]), range(shape[0])] = 1
    return made


def write(place: Path, shapes: Shapes, value: Callable[..., np.ndarray | None] = nothing_learnt) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    header, at = {}, 0
    for name, shape in shapes.items():
        end = at + 2 * int(np.prod(shape))
        header[name], at = {"dtype": "F16", "shape": list(shape), "data_offsets": [at, end]}, end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with place.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name, shape in shapes.items():
            found = value(name, shape)
            if found is not None:
                file.seek(8 + len(text) + header[name]["data_offsets"][0])
                file.write(np.ascontiguousarray(found, np.float16).tobytes())
        file.truncate(8 + len(text) + at)


def kept() -> dict:
    from comfy import ops

    return {"device": "meta", "dtype": torch.float16, "operations": ops.disable_weight_init}


def kl(channels: int, prefix: str = "") -> Shapes:
    from comfy.ldm.modules.diffusionmodules.model import Decoder, Encoder

    facts = {"double_z": True, "z_channels": channels, "resolution": 256, "in_channels": 3, "out_ch": 3, "ch": 128}
    facts |= {"ch_mult": [1, 2, 4, 4], "num_res_blocks": 2, "attn_resolutions": [], "dropout": 0.0}
    return of(Encoder(**facts), f"{prefix}encoder.") | of(Decoder(**facts), f"{prefix}decoder.")


def quants(channels: int, before: str, after: str) -> Shapes:
    shapes: Shapes = {f"{before}quant_conv.{part}": (2 * channels,) for part in ("weight", "bias")}
    shapes |= {f"{after}post_quant_conv.{part}": (channels,) for part in ("weight", "bias")}
    return {name: (*shape, *shape, 1, 1) if name.endswith("weight") else shape for name, shape in shapes.items()}


def clip_l(prefix: str = "") -> Shapes:
    from comfy import clip_model

    facts = {"num_hidden_layers": 12, "hidden_size": 768, "num_attention_heads": 12, "intermediate_size": 3072}
    facts |= {"hidden_act": "quick_gelu", "max_position_embeddings": 77, "projection_dim": 768, "eos_token_id": 49407}
    made = of(clip_model.CLIPTextModel(facts, *[kept()[name] for name in ("dtype", "device", "operations")]), prefix)
    return {name: shape for name, shape in made.items() if "text_projection" not in name}


def clip_g(prefix: str) -> Shapes:
    """As open_clip names it."""
    shapes: Shapes = {"positional_embedding": (77, 1280), "text_projection": (1280, 1280), "logit_scale": ()}
    shapes |= {"token_embedding.weight": (49408, 1280), "ln_final.weight": (1280,), "ln_final.bias": (1280,)}
    sides = {"attn.in_proj_": (3840, 1280), "attn.out_proj.": (1280, 1280), "mlp.c_fc.": (5120, 1280)}
    for layer in (f"transformer.resblocks.{number}." for number in range(32)):
        for name, shape in (sides | {"mlp.c_proj.": (1280, 5120), "ln_1.": (1280,), "ln_2.": (1280,)}).items():
            shapes |= {f"{layer}{name}weight": shape, f"{layer}{name}bias": shape[:1]}
    return {prefix + name: shape for name, shape in shapes.items()}


def flux_transformer(**facts: object) -> Shapes:
    from comfy.ldm.flux.model import Flux

    made = of(Flux(hidden_size=3072, num_heads=24, depth=1, depth_single_blocks=1, **facts, **kept()))
    return {re.sub(r"_norm\.weight$", "_norm.scale", name): shape for name, shape in made.items()}


def sdxl(folder: Path) -> None:
    from comfy.ldm.modules.diffusionmodules.openaimodel import UNetModel

    facts = {"image_size": 32, "in_channels": 4, "out_channels": 4, "model_channels": 320, "channel_mult": [1, 2, 4]}
    facts |= {"num_res_blocks": [2] * 3, "transformer_depth": [0, 0, 2, 2, 10, 10], "transformer_depth_middle": 10}
    facts |= {"transformer_depth_output": [0, 0, 0, 2, 2, 2, 10, 10, 10], "num_classes": "sequential"}
    facts |= {"adm_in_channels": 2816, "context_dim": 2048, "num_head_channels": 64, "use_spatial_transformer": True}
    shapes = of(UNetModel(use_linear_in_transformer=True, legacy=False, **facts, **kept()), "model.diffusion_model.")
    shapes |= clip_l("conditioner.embedders.0.transformer.") | clip_g("conditioner.embedders.1.model.")
    own = kl(4, "first_stage_model.") | quants(4, "first_stage_model.", "first_stage_model.")
    place = folder / "checkpoints/sd_xl_base_1.0.safetensors"
    write(place, shapes | own, lambda name, shape: (kept_means if name in own else nothing_learnt)(name, shape))


def flux(folder: Path) -> None:
    from comfy.text_encoders.t5 import T5

    facts = {"in_channels": 96, "out_channels": 16, "vec_in_dim": 768, "context_in_dim": 4096, "mlp_ratio": 4.0}
    facts |= {"axes_dim": [16, 56, 56], "theta": 10000, "patch_size": 2, "qkv_bias": True, "guidance_embed": True}
    write(folder / "diffusion_models/flux1-fill-dev.safetensors", flux_transformer(txt_ids_dims=[], **facts))
    write(folder / "text_encoders/clip_l.safetensors", clip_l())
    config = json.loads(Path("comfy/text_encoders/t5_config_xxl.json").read_text())
    t5 = T5(config, *[kept()[name] for name in ("dtype", "device", "operations")])
    write(folder / "text_encoders/t5xxl_fp16.safetensors", of(t5))
    write(folder / "vae/ae.safetensors", kl(16), kept_means)


def klein(folder: Path) -> None:
    from comfy.text_encoders.llama import Qwen3_4B

    facts = {"in_channels": 128, "out_channels": 128, "vec_in_dim": None, "context_in_dim": 7680, "mlp_ratio": 3.0}
    facts |= {"axes_dim": [32] * 4, "theta": 2000, "patch_size": 1, "qkv_bias": False, "guidance_embed": False}
    facts |= {"ops_bias": False, "global_modulation": True, "mlp_silu_act": True, "txt_ids_dims": [3]}
    write(folder / "diffusion_models/flux-2-klein-4b.safetensors", flux_transformer(**facts))
    encoder = Qwen3_4B({}, *[kept()[name] for name in ("dtype", "device", "operations")])
    write(folder / "text_encoders/qwen_3_4b.safetensors", of(encoder))
    shapes = kl(32) | quants(32, "encoder.", "decoder.") | {"bn.running_mean": (128,), "bn.running_var": (128,)}
    write(folder / "vae/flux2-vae.safetensors", shapes, kept_means)


def qwen(folder: Path) -> None:
    from comfy.ldm.qwen_image.model import QwenImageTransformer2DModel
    from comfy.ldm.wan.vae import WanVAE
    from comfy.text_encoders.llama import Qwen25_7BVLI

    shapes = of(QwenImageTransformer2DModel(num_layers=1, **kept())) | {"__index_timestep_zero__": (0,)}
    write(folder / "diffusion_models/qwen_image_edit_2511_bf16.safetensors", shapes)
    lora: Shapes = {}
    for name in ("attn.to_q", "img_mlp.net.2"):
        outwards, inwards = shapes[f"transformer_blocks.0.{name}.weight"]
        lora |= {
            f"transformer_blocks.0.{name}.lora_down.weight": (64, inwards),
            f"transformer_blocks.0.{name}.alpha": (),
        }
        lora |= {f"transformer_blocks.0.{name}.lora_up.weight": (outwards, 64)}
    write(folder / "loras/Qwen-Image-Edit-2511-Lightning-4steps-V1.0-bf16.safetensors", lora)
    encoder = Qwen25_7BVLI({}, *[kept()[name] for name in ("dtype", "device", "operations")])
    write(folder / "text_encoders/qwen_2.5_vl_7b.safetensors", of(encoder))
    facts = {"dim": 96, "z_dim": 16, "dim_mult": [1, 2, 4, 4], "num_res_blocks": 2, "attn_scales": []}
    vae = WanVAE(temperal_downsample=[False, True, True], image_channels=3, conv_out_channels=3, dropout=0.0, **facts)
    write(folder / "vae/qwen_image_vae.safetensors", of(vae))


if __name__ == "__main__":
    sys.path.insert(0, ".")
    from comfy.cli_args import args

    args.cpu = True
    import comfy_shallow  # noqa: F401

    with torch.device("meta"):
        for family in sys.argv[2:]:
            {"sdxl": sdxl, "flux": flux, "klein": klein, "qwen": qwen}[family](Path(sys.argv[1]))
