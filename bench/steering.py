"""What steers an edit, on random models of middle size: what it costs over the run without it, and beside diffusers' own pipelines.

    python -m bench.steering [--json FILE] [--rounds N]

Same modules, steps, size and words on both sides; rounds are interleaved, and the median of their ratios counts.
"""

# pyright: reportPrivateImportUsage=false, reportArgumentType=false
# What diffusers and transformers export, and which defaults they declare, is not typed.

import argparse
import dataclasses
import json
import statistics
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch

from bench import random_models
from bench.diffusion import GUIDANCE, STEPS, engine_of, machine, paint, run_of, said
from bench.diffusion_scenes import PROMPT, scene_of
from bench.timing import ratio, seconds
from inlay.engines import Scene
from inlay.engines.diffusion.families.base import Purpose
from inlay.engines.diffusion.families.sd15 import StableDiffusion15
from inlay.engines.diffusion.families.words import Words
from inlay.engines.diffusion.ip_adapter import IpAdapter
from inlay.engines.interface import SceneInput
from inlay.engines.models.catalog import ModelEntry, TierOverrides
from inlay.engines.structure.maps import CLASSICAL, map_of
from inlay.recipe import REFERENCE, Tier
from inlay.region import Size
from inlay.structure import EDGES, Structure

SIDE = 256
CELLS = SIDE // 8
ENCODER: dict[str, Any] = {
    "hidden_size": 384,
    "intermediate_size": 1536,
    "num_hidden_layers": 12,
    "num_attention_heads": 6,
}
"""CLIP's ViT-S, for a UNet of a fifth of its width."""
SEEN = 512
TOKENS = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    torch.set_grad_enabled(False)
    torch.set_num_threads(1)
    found: dict[str, Any] = {
        "machine": machine(),
        "model": f"random SD 1.5 of a fifth of its widths, {SIDE} px, {STEPS} steps",
    }
    components = random_models.sd15("mid") | beside(random_models.sd15("mid")["unet"])
    found["control"] = said("control", control(components, options.rounds))
    found["reference"] = said("reference", reference(components, options.rounds))
    found["reroll"] = said("re-roll", reroll(components, options.rounds))
    found["maps_ms"] = said("maps", maps())
    text = json.dumps(found, indent=2)
    if options.json:
        options.json.write_text(text + "\n")
    print(text)


def beside(unet: Any) -> dict[str, Any]:
    """A ControlNet, an IP-Adapter and its encoder."""
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    torch.manual_seed(1)
    config = CLIPVisionConfig(**ENCODER, projection_dim=SEEN, image_size=224, patch_size=32)
    weights = adapter_weights(unet)
    layers = {
        name: layer
        for name, layer in unet._convert_ip_adapter_attn_to_diffusers([weights]).items()
        if name.endswith("attn2.processor")
    }
    projection = unet._convert_ip_adapter_image_proj_to_diffusers(weights["image_proj"])
    return {
        "controlnet": diffusers.ControlNetModel.from_unet(unet).eval(),
        "ip_adapter": IpAdapter(projection, layers),
        "image_encoder": CLIPVisionModelWithProjection(config).eval(),
    }


def adapter_weights(unet: Any) -> dict[str, dict[str, torch.Tensor]]:
    """A plain IP-Adapter, under the names of its files."""
    words = unet.config.cross_attention_dim
    random = torch.Generator().manual_seed(2)
    shapes = {"proj.weight": (TOKENS * words, SEEN), "proj.bias": (TOKENS * words,)}
    shapes |= {"norm.weight": (words,), "norm.bias": (words,)}
    weights = {"image_proj": {name: torch.randn(shape, generator=random) for name, shape in shapes.items()}}
    weights["ip_adapter"] = {}
    for number, name in enumerate(name for name in unet.attn_processors if name.endswith("attn2.processor")):
        hidden = unet.get_submodule(name.removesuffix(".processor")).to_q.out_features
        for part in ("to_k_ip", "to_v_ip"):
            tensor = torch.randn((hidden, words), generator=random)
            weights["ip_adapter"][f"{2 * number + 1}.{part}.weight"] = tensor
    return weights


def plain_run(adapter: StableDiffusion15) -> Any:
    words = adapter.condition(Words(PROMPT), GUIDANCE, ())
    latents = torch.randn(1, 4, CELLS, CELLS, generator=torch.Generator().manual_seed(0))
    return run_of(words, latents, STEPS, GUIDANCE)


def stock(kind: Any, components: dict[str, Any], *names: str) -> Any:
    parts = {name: components[name] for name in ("vae", "text_encoder", "tokenizer", "unet", *names)}
    pipeline = kind(
        **parts,
        scheduler=deepcopy(components["scheduler"]),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def call(pipeline: Any, run: Any, **more: Any) -> Callable[[], Any]:
    return lambda: pipeline(
        **run.conditioning.repeated(1),
        image=run.start,
        strength=1.0,
        num_inference_steps=STEPS,
        guidance_scale=GUIDANCE,
        generator=torch.Generator().manual_seed(0),
        output_type="latent",
        **more,
    )


def control(components: dict[str, Any], rounds: int) -> dict[str, Any]:
    """A run that is held to a map: beside diffusers' pipeline, and over the run without one."""
    adapter = StableDiffusion15(components)
    run = plain_run(adapter)
    shape = torch.from_numpy(map_of(EDGES, scene_of(Size(SIDE, SIDE), 0).pixels).transpose(2, 0, 1)[None].copy())
    held = dataclasses.replace(run, structure=Structure(EDGES, 0.8), shape=shape)
    pipeline = stock(diffusers.StableDiffusionControlNetImg2ImgPipeline, components, "controlnet")
    theirs = call(pipeline, run, control_image=shape, controlnet_conditioning_scale=0.8)
    beside_theirs = ratio(lambda: adapter.denoise(held), theirs, rounds)
    return {**beside_theirs, "over_without": over(lambda: adapter.denoise(held), lambda: adapter.denoise(run), rounds)}


def reference(components: dict[str, Any], rounds: int) -> dict[str, Any]:
    """The same of a run that looks at a picture, encoded beforehand on both sides."""
    adapter = StableDiffusion15(components)
    run = plain_run(adapter)
    picture = torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(4)) * 2 - 1
    seen = adapter.look_for(picture, REFERENCE)
    looking = dataclasses.replace(run, references=(seen,), purposes=(Purpose(REFERENCE, 0.8),))
    pipeline = stock(diffusers.StableDiffusionImg2ImgPipeline, components | {"unet": deepcopy(components["unet"])})
    pipeline.unet._load_ip_adapter_weights([adapter_weights(pipeline.unet)])
    pipeline.set_ip_adapter_scale(0.8)
    theirs = call(pipeline, run, ip_adapter_image_embeds=[seen])
    beside_theirs = ratio(lambda: adapter.denoise(looking), theirs, rounds)
    without = over(lambda: adapter.denoise(looking), lambda: adapter.denoise(run), rounds)
    encoding = statistics.median(seconds(lambda: adapter.look_for(picture, REFERENCE)) for _ in range(rounds))
    return {**beside_theirs, "over_without": without, "encoding_s": round(encoding, 4)}


def over(what: Callable[[], object], without: Callable[[], object], rounds: int) -> float:
    return float(ratio(what, without, rounds)["ratio"])


def reroll(components: dict[str, Any], rounds: int) -> dict[str, Any]:
    """Another seed of an edit with two pictures, over the first: they are encoded already."""
    parts = (("ip_adapter", "/x"), ("image_encoder", "/x"))
    tiers = ((Tier.STANDARD, TierOverrides(steps=STEPS, guidance=GUIDANCE, scheduler="")),)
    entry = ModelEntry("bench", "sd15", "/models/bench", "folder", "0" * 64, tiers=tiers, parts=parts)
    pairs: list[tuple[float, float]] = []
    for number in range(rounds):
        engine, scene = engine_of(components, entry), with_pictures(scene_of(Size(512, 512), number), number)
        first = seconds(lambda e=engine, s=scene: paint(e, s, 1))
        pairs.append((first, seconds(lambda e=engine, s=scene: paint(e, s, 2))))
    return {
        "first_s": round(statistics.median(first for first, _ in pairs), 3),
        "again_s": round(statistics.median(again for _, again in pairs), 3),
        "ratio": round(statistics.median(again / first for first, again in pairs), 4),
    }


def with_pictures(scene: Scene, number: int) -> Scene:
    random = np.random.default_rng(number)
    pictures = (random.random((512, 512, 3)).astype(np.float32) for _ in range(2))
    return dataclasses.replace(scene, inputs=tuple(SceneInput(REFERENCE, one, 0.6) for one in pictures))


def maps() -> dict[str, float]:
    """Milliseconds for the map of a megapixel."""
    pixels = scene_of(Size(1024, 1024), 0).pixels
    return {
        kind: round(1000 * min(seconds(lambda k=kind: map_of(k, pixels)) for _ in range(3)), 1) for kind in CLASSICAL
    }


if __name__ == "__main__":
    main()
