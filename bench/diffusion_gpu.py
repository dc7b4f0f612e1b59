"""The figures that need a GPU: full-size random SDXL and FLUX Fill, eager and compiled, beside the fewest operations possible.

Called by bench.diffusion where PyTorch finds a card. The floor is FLOP / the card's dense peak at 16 bit (facts/server.md 5.2):
FLOP of one forward counted on meta tensors, peaks as the vendors print them.
"""

import statistics
from typing import Any

import torch

from bench import random_models
from bench.diffusion import peak_memory, run_of, seconds
from inlay.engines.diffusion import vae
from inlay.engines.diffusion.families.base import Adapter, Conditioning
from inlay.engines.diffusion.families.flux_fill import FluxFill
from inlay.engines.diffusion.families.sdxl import StableDiffusionXL

TFLOP_SDXL = {512: 1.59, 768: 3.64, 1024: 6.76}
TFLOP_FLUX_FILL = {768: 41.9}
PEAK_TFLOP_S = {"H200": 989.0, "H100": 989.0, "A100": 312.0, "4090": 165.0, "L20": 119.0}
DTYPE = torch.bfloat16
GUIDANCE = 6.0


def measured(rounds: int) -> dict[str, Any]:
    """Everything; about five minutes, most of it the compiler's."""
    found: dict[str, Any] = {"sdxl": sdxl(rounds)}
    torch.cuda.empty_cache()
    found["flux_fill"] = flux_fill(rounds)
    return found


def sdxl(rounds: int) -> dict[str, Any]:
    from diffusers import EulerDiscreteScheduler

    scheduler = EulerDiscreteScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
    components: dict[str, Any] = {
        "unet": random_models.sdxl_unet("cuda", DTYPE),
        "vae": random_models.sd_vae("cuda", DTYPE),
        "scheduler": scheduler,
    }
    adapter = StableDiffusionXL(components)
    words = Conditioning(
        {
            "prompt_embeds": _noise(1, 77, 2048),
            "pooled_prompt_embeds": _noise(1, 1280),
            "negative_prompt_embeds": _noise(1, 77, 2048),
            "negative_pooled_prompt_embeds": _noise(1, 1280),
        }
    )
    found: dict[str, Any] = {}
    for kind in ("eager", "compiled"):
        if kind == "compiled":
            components["unet"].compile_repeated_blocks(fullgraph=True)
        for side, tflop in TFLOP_SDXL.items():
            for steps in (4, 30):
                found[f"{kind} {side}px {steps} steps"] = _loop(
                    adapter, words, (1, 4, side // 8, side // 8), steps, 2 * tflop * steps, rounds
                )
    found["vae_1024px"] = _vae(components["vae"], 1024, rounds)
    four, both = found["compiled 1024px 4 steps"]["s"], found["vae_1024px"]
    # First: the picture and its prefill are encoded and the picture decoded for calibration; again: only the result is.
    first = 2 * both["encode_s"] + 2 * both["decode_s"] + four
    found["reroll_over_first_4_steps_1024px_from_its_parts"] = round((four + both["decode_s"]) / first, 3)
    small, large = (found[f"eager {side}px 30 steps"]["s"] for side in (512, 1024))
    found["window_1024_over_512"] = round(large / small, 3)
    return found


def flux_fill(rounds: int) -> dict[str, Any]:
    from diffusers import FlowMatchEulerDiscreteScheduler

    components: dict[str, Any] = {
        "transformer": random_models.flux_fill_transformer("cuda", DTYPE),
        "vae": random_models.sd_vae("cuda", DTYPE),
        "scheduler": FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True),
    }
    words = Conditioning({"prompt_embeds": _noise(1, 512, 4096), "pooled_prompt_embeds": _noise(1, 768)})
    adapter = FluxFill(components)
    return {
        f"eager {side}px {steps} steps": _loop(
            adapter, words, (1, 16, side // 8, side // 8), steps, tflop * steps, rounds
        )
        for side, tflop in TFLOP_FLUX_FILL.items()
        for steps in (8, 28)
    }


def _loop(
    adapter: Adapter, words: Conditioning, shape: tuple[int, ...], steps: int, tflop: float, rounds: int
) -> dict[str, Any]:
    """Seconds of one denoising run, and how far that is from the card's peak."""
    import dataclasses

    latents = _noise(*shape)
    run = run_of(words, latents, steps, GUIDANCE)
    if adapter.sees_hidden:
        run = dataclasses.replace(run, hidden=latents)
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


def _vae(module: Any, side: int, rounds: int) -> dict[str, Any]:
    pixels, latents = _noise(1, 3, side, side), _noise(1, 4, side // 8, side // 8)
    vae.encode(module, pixels)
    vae.decode(module, latents)
    return {
        "encode_s": round(statistics.median(seconds(lambda: vae.encode(module, pixels)) for _ in range(rounds)), 4),
        "decode_s": round(statistics.median(seconds(lambda: vae.decode(module, latents)) for _ in range(rounds)), 4),
    }


def peak_tflop_s() -> float:
    """The card's dense peak at 16 bit; 0 for one that is not in the table."""
    name = torch.cuda.get_device_name()
    return next((peak for card, peak in PEAK_TFLOP_S.items() if card in name), 0.0)


def _noise(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0)).to("cuda", DTYPE)
