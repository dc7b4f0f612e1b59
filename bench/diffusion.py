"""The diffusion engine beside diffusers' own pipeline, on random models: ratios within one run.

    python -m bench.diffusion [--json FILE] [--rounds N] [--no-gpu]

Same modules, steps, size and words on both sides; rounds are interleaved, and the median of their ratios counts. What needs a
GPU runs where PyTorch finds one (see bench.diffusion_gpu); whatever was not measured is listed in the answer by name.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch

from bench import random_models
from inlay.color.raster import Raster, SampleType
from inlay.edit import perform as performing
from inlay.engines import Scene, registry
from inlay.engines.catalog import Catalog, ModelEntry, TierOverrides, described
from inlay.engines.diffusion.engine import DiffusionEngine
from inlay.engines.diffusion.families import FAMILIES
from inlay.engines.diffusion.families.base import Conditioning, Run
from inlay.engines.diffusion.families.sd15 import StableDiffusion15
from inlay.engines.diffusion.families.words import Words
from inlay.engines.diffusion.loading import LoadedModel
from inlay.engines.diffusion.loras import Wardrobe
from inlay.recipe import Recipe, Tier, Verb
from inlay.region import Rect, Size

STEPS = 4
GUIDANCE = 7.0
PROMPT = "a stone bridge over a calm river"

NOT_ON_A_CPU = (
    "SDXL at full size at 512, 768 and 1024 px, 4 and 30 steps: seconds, TFLOP/s, ratio to the FLOP floor, peak memory",
    "FLUX Fill at full size at 768 px",
    "eager against compiled",
    "a re-roll of a 4-step 1024 px edit with SDXL",
    "a 512 px window against a 1024 px one with SDXL",
)


class Silence:
    """A progress nobody listens to."""

    def step(self, index: int, total: int, phase: str) -> None: ...

    def preview(self, variation: int, pixels: Any) -> None: ...

    def check(self) -> None: ...

    def loading(self, what: str) -> None: ...


class Blobs(dict[str, bytes]):
    """A blob store in memory."""

    def read(self, sha256: str) -> bytes:
        return self[sha256]

    def add(self, data: bytes | memoryview) -> str:
        import hashlib

        name = hashlib.sha256(data).hexdigest()
        self[name] = bytes(data)
        return name


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="default: bench/results/<machine>.json")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-gpu", action="store_true")
    options = parser.parse_args()
    torch.set_grad_enabled(False)
    if not torch.cuda.is_available():
        torch.set_num_threads(1)  # threads that wait for each other spin, and other work on the machine makes them wait
    result: dict[str, Any] = {"machine": machine(), "cpu": on_cpu(options.rounds)}
    if torch.cuda.is_available() and not options.no_gpu:
        from bench import diffusion_gpu

        result["gpu"] = diffusion_gpu.measured(options.rounds)
        result["not_measured"] = []
    else:
        result["not_measured"] = list(NOT_ON_A_CPU)
    text = json.dumps(result, indent=2)
    path = options.json or Path(__file__).parent / "results" / f"{result['machine']['name']}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n")
    print(text)


def machine() -> dict[str, Any]:
    """What was measured on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else ""
    name = gpu.lower().replace(" ", "-") if gpu else f"cpu-{cores}-cores-{platform.machine()}"
    versions = {"torch": torch.__version__, "diffusers": diffusers.__version__, "python": platform.python_version()}
    return {"name": name, "cores": cores, "gpu": gpu, "versions": versions}


def on_cpu(rounds: int) -> dict[str, Any]:
    components = random_models.sd15("mid")
    weights = sum(
        weight.numel() for name in ("unet", "vae", "text_encoder") for weight in components[name].parameters()
    )
    found: dict[str, Any] = {
        "model": f"random SD 1.5 with reduced blocks, {weights / 1e6:.0f} million weights, float32"
    }
    for side in (256, 512):
        found[f"loop_over_diffusers_{side}px"] = said(f"loop {side} px", loop_ratio(components, side, rounds))
    with tempfile.TemporaryDirectory() as folder:
        found |= requests(components, Path(folder), rounds)
    return found


def said(what: str, found: dict[str, Any]) -> dict[str, Any]:
    """`found`, shown at once: some parts take minutes."""
    print(f"{what}: {found}", file=sys.stderr, flush=True)
    return found


def loop_ratio(components: dict[str, Any], side: int, rounds: int) -> dict[str, Any]:
    """Our denoising over diffusers' image-to-image pipeline: latents in, latents out, words encoded beforehand."""
    adapter = StableDiffusion15(components)
    words = adapter.condition(Words(PROMPT), GUIDANCE, None)
    cells = side // 8
    latents = torch.randn(1, 4, cells, cells, generator=torch.Generator().manual_seed(0))
    run = run_of(words, latents, STEPS, GUIDANCE)

    def stock() -> None:
        parts = {name: components[name] for name in ("vae", "text_encoder", "tokenizer", "unet")}
        pipeline = diffusers.StableDiffusionImg2ImgPipeline(
            **parts,
            scheduler=deepcopy(components["scheduler"]),
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )
        pipeline.set_progress_bar_config(disable=True)
        pipeline(
            **words.repeated(1),
            image=latents,
            strength=1.0,
            num_inference_steps=STEPS,
            guidance_scale=GUIDANCE,
            generator=torch.Generator().manual_seed(0),
            output_type="latent",
        )

    return ratio(lambda: adapter.denoise(run), stock, rounds)


def run_of(words: Conditioning, latents: torch.Tensor, steps: int, guidance: float) -> Run:
    """A run over the whole picture behind a soft mask, which costs what any mask does."""
    height, width = latents.shape[-2:]
    noise = torch.randn(latents.shape, generator=torch.Generator().manual_seed(1)).to(latents)
    ramp = torch.linspace(0, 1, width, device=latents.device)
    return Run(
        conditioning=words,
        kept=latents,
        start=latents,
        noise=noise,
        mask=ramp.expand(1, 1, height, width).to(latents.dtype),
        hole=torch.nn.functional.interpolate(ramp.expand(1, 1, height, width), scale_factor=8.0),
        hidden=None,
        reference=None,
        seeds=(1,),
        steps=steps,
        walked=steps,
        guidance=guidance,
        scheduler=None,
        cache=False,
        seen=lambda done, total, look: None,
    )


def ratio(ours: Callable[[], object], theirs: Callable[[], object], rounds: int) -> dict[str, Any]:
    """Seconds of both, interleaved and in turns first; the median of the rounds' ratios."""
    ours()
    theirs()
    pairs: list[tuple[float, float]] = []
    for number in range(rounds):
        order = (ours, theirs) if number % 2 == 0 else (theirs, ours)
        took = {what: seconds(what) for what in order}
        pairs.append((took[ours], took[theirs]))
    return {
        "ours_s": round(statistics.median(one for one, _ in pairs), 4),
        "diffusers_s": round(statistics.median(other for _, other in pairs), 4),
        "ratio": round(statistics.median(one / other for one, other in pairs), 4),
        "ratio_of_the_fastest": round(min(one for one, _ in pairs) / min(other for _, other in pairs), 4),
        "rounds": rounds,
    }


def seconds(what: Callable[[], object]) -> float:
    """On a GPU seconds; without one CPU seconds of this process, which other work on the machine changes far less."""
    if not torch.cuda.is_available():
        began = time.process_time()
        what()
        return time.process_time() - began
    began = time.perf_counter()
    what()
    torch.cuda.synchronize()
    return time.perf_counter() - began


def requests(components: dict[str, Any], folder: Path, rounds: int) -> dict[str, Any]:
    """Whole edits: what is spent outside the engine, a re-roll beside the first, and windows of two sizes."""
    place = folder / "model"
    pipeline = diffusers.StableDiffusionPipeline(
        **components, safety_checker=None, feature_extractor=None, requires_safety_checker=False
    )
    pipeline.save_pretrained(place)
    tiers = ((Tier.STANDARD, TierOverrides(steps=STEPS, guidance=GUIDANCE, scheduler="")),)
    entry = ModelEntry(**{**vars(described(place, "sd15", model_id="bench")), "tiers": tiers})
    Catalog(folder / "models.toml").add(entry)
    return {
        "outside_the_engine": said("outside", outside(folder / "models.toml", rounds)),
        "reroll": said("re-roll", reroll(components, entry, rounds)),
        "window_1024_over_512": said("windows", windows(components, entry)),
    }


def outside(models: Path, rounds: int) -> dict[str, Any]:
    """Of an edit of a 512 px window, from its recipe to its patch: everything but painting and loading."""
    registry.set_up(models)
    blobs, recipe = Blobs(), None
    told: list[tuple[float, float]] = []
    for number in range(rounds + 1):
        recipe = recipe_for(blobs, Size(512, 512), seed=number)
        began = time.perf_counter()
        (variation,) = performing.perform(recipe, blobs, Silence())
        whole = time.perf_counter() - began
        phases: dict[str, float] = variation.report.details["seconds"]
        inside = phases["paint"] + phases["load"]
        if number:  # the first one loads
            told.append((whole - inside, whole))
    registry.set_up(None)
    spent, whole = (statistics.median(column) for column in zip(*told, strict=True))
    return {
        "outside_s": round(spent, 4),
        "request_s": round(whole, 4),
        "share": round(spent / whole, 4),
        "limit_s": round(max(0.05 * whole, 0.02), 4),
    }


def reroll(components: dict[str, Any], entry: ModelEntry, rounds: int) -> dict[str, Any]:
    """Another seed on the same window, over the first edit of it: the picture and the words are encoded already."""
    pairs: list[tuple[float, float]] = []
    for number in range(rounds):
        engine = engine_of(components, entry)
        scene = scene_of(Size(512, 512), number)
        first = seconds(lambda e=engine, s=scene: paint(e, s, 1))
        pairs.append((first, seconds(lambda e=engine, s=scene: paint(e, s, 2))))
    return {
        "steps": STEPS,
        "size_px": 512,
        "first_s": round(statistics.median(first for first, _ in pairs), 4),
        "again_s": round(statistics.median(again for _, again in pairs), 4),
        "ratio": round(statistics.median(again / first for first, again in pairs), 4),
    }


def windows(components: dict[str, Any], entry: ModelEntry) -> dict[str, Any]:
    """A window of 512 px beside one of 1024 px, each the first edit of it. Beyond its native 512 px the model tiles."""
    took = {
        side: seconds(lambda s=side: paint(engine_of(components, entry), scene_of(Size(s, s), 0), 1))
        for side in (512, 1024)
    }
    return {
        "px_512_s": round(took[512], 3),
        "px_1024_s": round(took[1024], 3),
        "large_over_small": round(took[1024] / took[512], 3),
    }


def engine_of(components: dict[str, Any], entry: ModelEntry) -> DiffusionEngine:
    """An engine that remembers nothing yet, on a model in memory."""
    model = LoadedModel(entry, FAMILIES["sd15"], components, torch.device("cpu"), torch.float32, Wardrobe())
    return DiffusionEngine(entry, lambda _entry, _progress: model)


def paint(engine: DiffusionEngine, scene: Scene, seed: int) -> None:
    raster = Raster(scene.size.width, scene.size.height, "RGB", SampleType.U8, 255, "sRGB IEC61966-2.1", "")
    recipe = Recipe(
        verb=Verb.FILL,
        document=scene.size,
        window=scene.size.bounds,
        source=raster,
        region=scene.size.bounds,
        mask=raster,
        prompt=PROMPT,
        seed=seed,
    )
    list(engine.paint(scene, recipe, Silence()))


def scene_of(size: Size, number: int) -> Scene:
    """A picture and a soft round selection of half its width."""
    pixels = picture(size, number).astype(np.float32) / 255
    return Scene(pixels, disc(size).astype(np.float32) / 255, np.ones(pixels.shape[:2], np.bool_))


def recipe_for(blobs: Blobs, size: Size, seed: int) -> Recipe:
    pixels, selection = picture(size, 0), disc(size)
    source = Raster(*size, "RGB", SampleType.U8, 255, "sRGB IEC61966-2.1", blobs.add(pixels.tobytes()))
    mask = Raster(*size, "Y", SampleType.U8, 255, "", blobs.add(selection.tobytes()))
    whole = Rect(0, 0, *size)
    return Recipe(
        verb=Verb.FILL,
        document=size,
        window=whole,
        source=source,
        region=whole,
        mask=mask,
        prompt=PROMPT,
        seed=seed,
        model="bench",
    )


def picture(size: Size, number: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Smooth colours with grain."""
    rows, columns = np.mgrid[: size.height, : size.width]
    waves = np.stack(
        [np.sin(rows / (37 + 9 * band) + number) + np.cos(columns / (51 - 7 * band)) for band in range(3)], -1
    )
    grain = np.random.default_rng(number).normal(0, 4, waves.shape)
    return np.clip(128 + 45 * waves + grain, 0, 255).astype(np.uint8)


def disc(size: Size) -> np.ndarray[Any, np.dtype[np.uint8]]:
    rows, columns = np.mgrid[: size.height, : size.width]
    distance = np.hypot(rows - size.height / 2, columns - size.width / 2)
    return np.clip((size.width / 4 - distance) * 12 + 128, 0, 255).astype(np.uint8)


@contextmanager
def peak_memory() -> Generator[Callable[[], float]]:
    """GB that PyTorch held at most on the GPU meanwhile."""
    torch.cuda.reset_peak_memory_stats()
    yield lambda: round(torch.cuda.max_memory_allocated() / 1e9, 3)


if __name__ == "__main__":
    main()
