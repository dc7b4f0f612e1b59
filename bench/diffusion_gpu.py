"""The figures that need a GPU: full-size random SDXL and FLUX Fill, eager and compiled, beside the fewest operations possible.

    python -m bench.diffusion_gpu [--rehearse]

Called by bench.diffusion where PyTorch finds a card. The floor is FLOP / the card's dense peak at 16 bit
(docs/facts/server.md#fewest-operations-of-a-denoiser): FLOP of one forward counted on meta tensors, peaks as vendors print them.
--rehearse runs all of it on the CPU with models of no size, so that what is written here works by the time there is a card; its
figures mean nothing and are not kept.
"""

import argparse
import dataclasses
import json
import statistics
from copy import deepcopy
from typing import Any, NamedTuple

import torch

from bench import random_models
from bench.diffusion import run_of
from bench.timing import peak_memory, ratio, seconds
from inlay.engines.diffusion import vae
from inlay.engines.diffusion.families.base import Adapter, Conditioning, Run
from inlay.engines.diffusion.families.flux_fill import FluxFill
from inlay.engines.diffusion.families.sdxl import StableDiffusionXL
from inlay.engines.diffusion.loading import LoadedModel
from inlay.engines.diffusion.loras import Wardrobe
from inlay.engines.models.catalog import ModelEntry
from inlay.engines.models.diffusion_families import DIFFUSION

TFLOP_SDXL = {512: 1.59, 768: 3.64, 1024: 6.76}
TFLOP_FLUX_FILL = {768: 41.9}
PEAK_TFLOP_S = {"H200": 989.0, "H100": 989.0, "A100": 312.0, "4090": 165.0, "L20": 119.0}
GUIDANCE = 6.0


class Stage(NamedTuple):
    """What is measured on. widths: of SDXL's UNet. sides: in pixels, ascending; flux_side likewise."""

    device: str
    dtype: torch.dtype
    widths: tuple[int, int, int]
    sides: tuple[int, ...]
    steps: tuple[int, int]
    flux_side: int
    flux: dict[str, Any]


CARD = Stage("cuda", torch.bfloat16, (320, 640, 1280), (512, 768, 1024), (4, 30), 768, {})
REHEARSAL = Stage(
    "cpu",
    torch.float32,
    (64, 64, 64),
    (64, 96, 128),
    (2, 3),
    64,
    {
        "num_layers": 1,
        "num_single_layers": 1,
        "attention_head_dim": 16,
        "num_attention_heads": 2,
        "axes_dims_rope": (4, 4, 8),
    },
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rehearse", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    torch.set_grad_enabled(False)
    print(json.dumps(measured(options.rounds, REHEARSAL if options.rehearse else CARD), indent=2))


def measured(rounds: int, stage: Stage = CARD) -> dict[str, Any]:
    """Everything; about five minutes on a card, most of it the compiler's."""
    found: dict[str, Any] = {"sdxl": sdxl(rounds, stage)}
    torch.cuda.empty_cache()
    found["flux_fill"] = flux_fill(rounds, stage)
    return found


def sdxl(rounds: int, stage: Stage) -> dict[str, Any]:
    from diffusers import EulerDiscreteScheduler

    scheduler = EulerDiscreteScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
    components: dict[str, Any] = {
        "unet": random_models.sdxl_unet(stage.device, stage.dtype, stage.widths),
        "vae": random_models.sd_vae(stage.device, stage.dtype),
        "scheduler": scheduler,
    }
    adapter = StableDiffusionXL(components)
    words = Conditioning(
        {
            "prompt_embeds": _noise(stage, 1, 77, 2048),
            "pooled_prompt_embeds": _noise(stage, 1, 1280),
            "negative_prompt_embeds": _noise(stage, 1, 77, 2048),
            "negative_pooled_prompt_embeds": _noise(stage, 1, 1280),
        }
    )
    few, many = stage.steps
    small, *_, large = stage.sides
    found: dict[str, Any] = {}
    for kind in ("eager", "compiled"):
        if kind == "compiled":
            _model(components, stage).compile()
        for side in stage.sides:
            latents = _noise(stage, 1, 4, side // 8, side // 8)
            for steps in stage.steps:
                run = run_of(words, latents, steps, GUIDANCE)
                found[f"{kind} {side}px {steps} steps"] = _loop(
                    adapter, run, 2 * TFLOP_SDXL.get(side, 0) * steps, rounds
                )
        # Both run the same, compiled or not.
        found[f"{kind} loop_over_diffusers_{large}px_{many}_steps"] = ratio(
            lambda run=run: adapter.denoise(run), lambda run=run: _stock(components, run, words), rounds
        )
    found["vae"] = _vae(components["vae"], large, rounds, stage)
    quick, both = found[f"compiled {large}px {few} steps"]["s"], found["vae"]
    # First: the picture and its prefill are encoded and the picture decoded for calibration; again: only the result is.
    first = 2 * both["encode_s"] + 2 * both["decode_s"] + quick
    found[f"reroll_over_first_{few}_steps_{large}px_from_its_parts"] = round((quick + both["decode_s"]) / first, 3)
    seconds_of = [found[f"eager {side}px {many} steps"]["s"] for side in (small, large)]
    found[f"window_{large}_over_{small}"] = round(seconds_of[1] / seconds_of[0], 3)
    return found


def _stock(components: dict[str, Any], run: Run, words: Conditioning) -> None:
    """diffusers' own image-to-image pipeline on the same modules, latents in and out."""
    from diffusers import StableDiffusionXLImg2ImgPipeline

    pipeline = StableDiffusionXLImg2ImgPipeline(
        vae=components["vae"],
        unet=components["unet"],
        scheduler=deepcopy(components["scheduler"]),
        text_encoder=None,
        text_encoder_2=None,
        tokenizer=None,
        tokenizer_2=None,
        add_watermarker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    pipeline(
        **words.repeated(1),
        image=run.start,
        strength=1.0,
        num_inference_steps=run.steps,
        guidance_scale=run.guidance,
        generator=torch.Generator().manual_seed(0),
        output_type="latent",
    )


def _model(components: dict[str, Any], stage: Stage) -> LoadedModel:
    entry = ModelEntry("bench", "sdxl", "/models/bench", "folder", "0" * 64, compile=True)
    return LoadedModel(entry, DIFFUSION["sdxl"], components, torch.device(stage.device), stage.dtype, Wardrobe())


def flux_fill(rounds: int, stage: Stage) -> dict[str, Any]:
    from diffusers import FlowMatchEulerDiscreteScheduler

    components: dict[str, Any] = {
        "transformer": random_models.flux_fill_transformer(stage.device, stage.dtype, **stage.flux),
        "vae": random_models.sd_vae(stage.device, stage.dtype),
        "scheduler": FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True),
    }
    words = Conditioning({"prompt_embeds": _noise(stage, 1, 512, 4096), "pooled_prompt_embeds": _noise(stage, 1, 768)})
    adapter, side = FluxFill(components), stage.flux_side
    latents = _noise(stage, 1, 16, side // 8, side // 8)
    found: dict[str, Any] = {}
    for steps in (8, 28):
        run = dataclasses.replace(run_of(words, latents, steps, GUIDANCE), hidden=latents)
        found[f"eager {side}px {steps} steps"] = _loop(adapter, run, TFLOP_FLUX_FILL.get(side, 0) * steps, rounds)
    return found


def _loop(adapter: Adapter, run: Run, tflop: float, rounds: int) -> dict[str, Any]:
    """Seconds of one denoising run, and how far that is from the card's peak."""
    with peak_memory() as peak:
        adapter.denoise(run)  # warms up, and compiles where that is on
        took = statistics.median(seconds(lambda: adapter.denoise(run)) for _ in range(rounds))
        gigabytes = peak()
    at_peak = tflop / peak_tflop_s() if peak_tflop_s() else None
    return {
        "s": round(took, 4),
        "tflop_s": round(tflop / took, 1),
        "over_floor": round(took / at_peak, 2) if at_peak else None,
        "peak_gb": gigabytes,
    }


def _vae(module: Any, side: int, rounds: int, stage: Stage) -> dict[str, Any]:
    pixels, latents = _noise(stage, 1, 3, side, side), _noise(stage, 1, 4, side // 8, side // 8)
    vae.encode(module, pixels)
    vae.decode(module, latents)
    return {
        "px": side,
        "encode_s": round(statistics.median(seconds(lambda: vae.encode(module, pixels)) for _ in range(rounds)), 4),
        "decode_s": round(statistics.median(seconds(lambda: vae.decode(module, latents)) for _ in range(rounds)), 4),
    }


def peak_tflop_s() -> float:
    """The card's dense peak at 16 bit; 0 for one that is not in the table, and without one."""
    name = torch.cuda.get_device_name() if torch.cuda.is_available() else ""
    return next((peak for card, peak in PEAK_TFLOP_S.items() if card in name), 0.0)


def _noise(stage: Stage, *shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0)).to(stage.device, stage.dtype)


if __name__ == "__main__":
    main()
