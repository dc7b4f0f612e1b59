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
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import diffusers
import torch

from bench import random_models
from bench.diffusion_scenes import PROMPT, Blobs, Silence, recipe_for, scene_of
from bench.timing import clock, ratio, seconds
from inlay.color.raster import Raster, SampleType
from inlay.edit.perform import perform
from inlay.edit.plan import working_of
from inlay.edit.resolve import resolve
from inlay.engines import Capabilities, Engine, Painting, Scene
from inlay.engines.diffusion.engine import DiffusionEngine
from inlay.engines.diffusion.families.base import Conditioning, Run
from inlay.engines.diffusion.families.sd15 import StableDiffusion15
from inlay.engines.diffusion.families.words import Words
from inlay.engines.diffusion.loading import LoadedModel
from inlay.engines.diffusion.loras import Wardrobe
from inlay.engines.diffusion.previews import INTERVAL_S, LatentColors, TinyVae
from inlay.engines.models.catalog import Catalog, ModelEntry, TierOverrides, described
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.engines.registry import Registry
from inlay.jobs.workers.progress import preview_of
from inlay.recipe import Canvas, Recipe, Sampling, Tier, Verb, Where
from inlay.region import Size

STEPS = 4
GUIDANCE = 7.0

NOT_ON_A_CPU = (
    "SDXL at full size at 512, 768 and 1024 px, 4 and 30 steps: seconds, TFLOP/s, ratio to the FLOP floor, peak memory",
    "FLUX Fill at full size at 768 px",
    "eager against compiled, in seconds",
    "a re-roll of a 4-step 1024 px edit with SDXL at full size",
    "a 512 px window against a 1024 px one with SDXL at full size in seconds; its FLOP were counted",
    "the cost of previews beside a step on a GPU; beside one on the CPU it was measured",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="default: bench/results/<machine>.json")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-gpu", action="store_true")
    options = parser.parse_args()
    torch.set_grad_enabled(False)
    if not torch.cuda.is_available():
        torch.set_num_threads(1)  # threads that wait for each other spin, and other work on the machine makes them wait
    how = "seconds" if torch.cuda.is_available() else "CPU seconds of one thread"
    result: dict[str, Any] = {"machine": machine(), "how": how, "cpu": on_cpu(options.rounds)}
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
    found["previews"] = said("previews", previews(components, found["loop_over_diffusers_512px"]["ours_s"] / STEPS))
    found["sdxl_window_1024_over_512"] = said("windows", windows(max(1, rounds // 2)))
    return found


def said(what: str, found: dict[str, Any]) -> dict[str, Any]:
    """`found`, shown at once: some parts take minutes."""
    print(f"{what}: {found}", file=sys.stderr, flush=True)
    return found


def loop_ratio(components: dict[str, Any], side: int, rounds: int) -> dict[str, Any]:
    """Our denoising over diffusers' image-to-image pipeline: latents in, latents out, words encoded beforehand."""
    adapter = StableDiffusion15(components)
    words = adapter.condition(Words(PROMPT), GUIDANCE, ())
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

    found = ratio(lambda: adapter.denoise(run), stock, rounds)
    # Both run the same UNet, whose time is also what varies; what either adds to it tells the two apart far more finely.
    inside, ours, theirs = beyond(components["unet"], lambda: adapter.denoise(run), stock, rounds)
    parts = {"unet_s": round(inside, 4), "ours_beyond_it_s": round(ours, 4), "diffusers_beyond_it_s": round(theirs, 4)}
    return {**found, **parts, "ratio_from_parts": round((inside + ours) / (inside + theirs), 4)}


def beyond(
    unet: torch.nn.Module, ours: Callable[[], object], theirs: Callable[[], object], rounds: int
) -> tuple[float, float, float]:
    """Medians of one run: seconds inside the UNet of either, and outside it of each."""
    marks: list[float] = []
    hooks = [
        unet.register_forward_pre_hook(lambda *_: marks.append(-clock())),
        unet.register_forward_hook(lambda *_: marks.append(clock())),
    ]
    inside: list[float] = []
    outside: dict[Callable[[], object], list[float]] = {ours: [], theirs: []}
    for _ in range(rounds):
        for what in outside:
            marks.clear()
            whole = seconds(what)
            inside.append(sum(marks))
            outside[what].append(whole - sum(marks))
    for hook in hooks:
        hook.remove()
    return statistics.median(inside), statistics.median(outside[ours]), statistics.median(outside[theirs])


def run_of(words: Conditioning, latents: torch.Tensor, steps: int, guidance: float) -> Run:
    """A run over the whole picture behind a soft mask, which costs what any mask does."""
    height, width = latents.shape[-2:]
    noise = torch.randn(latents.shape, generator=torch.Generator().manual_seed(1)).to(latents)
    ramp = torch.linspace(0, 1, width, device=latents.device)
    return Run(
        conditioning=words,
        start=latents,
        noise=noise,
        mask=ramp.expand(1, 1, height, width).to(latents.dtype),
        hole=torch.nn.functional.interpolate(ramp.expand(1, 1, height, width), scale_factor=8.0),
        hidden=None,
        references=(),
        seeds=(1,),
        steps=steps,
        walked=steps,
        guidance=guidance,
        scheduler="",
        cache=False,
        seen=lambda done, total, look: None,
    )


def requests(components: dict[str, Any], folder: Path, rounds: int) -> dict[str, Any]:
    """Whole edits: what is spent outside the engine, a re-roll beside the first, and windows of two sizes."""
    entry = cataloged(components, folder)
    return {
        "outside_the_engine": said("outside", outside(folder / "models.toml", rounds)),
        "reroll": said("re-roll", reroll(components, entry, rounds)),
    }


def cataloged(components: dict[str, Any], folder: Path) -> ModelEntry:
    """The model as a folder, with its entry in models.toml beside it."""
    place = folder / "model"
    pipeline = diffusers.StableDiffusionPipeline(
        **components, safety_checker=None, feature_extractor=None, requires_safety_checker=False
    )
    pipeline.save_pretrained(place)
    tiers = ((Tier.STANDARD, TierOverrides(steps=STEPS, guidance=GUIDANCE, scheduler="")),)
    entry = ModelEntry(**{**vars(described(place, "sd15", model_id="bench")), "tiers": tiers})
    Catalog(folder / "models.toml").add(entry)
    return entry


class Timed:
    """An engine whose painting is timed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.s = 0.0

    def capabilities(self) -> Capabilities:
        return self._engine.capabilities()

    def paint(self, *given: Any) -> Iterator[Painting]:
        paintings = self._engine.paint(*given)
        while True:
            began = clock()
            painting = next(paintings, None)
            self.s += clock() - began
            if painting is None:
                return
            yield painting


def outside(models: Path, rounds: int) -> dict[str, Any]:
    """Of an edit of a 512 px window, from its resolved recipe to its patch: everything but painting and loading."""
    server, registry = Registry(Catalog(models)), Registry(Catalog(models))
    engine = Timed(registry.engine("bench"))
    registry.register(engine)
    blobs = Blobs()
    told: list[tuple[float, float]] = []
    for number in range(rounds + 1):
        recipe = resolve(recipe_for(blobs, Size(512, 512), number), server, ["cpu"])
        engine.s = 0.0
        whole = seconds(lambda asked=recipe: list(perform(asked, blobs, Silence(), registry)))
        if number:  # the first one loads
            told.append((whole - engine.s, whole))
    spent, whole = (statistics.median(column) for column in zip(*told, strict=True))
    return {
        "outside_s": round(spent, 4),
        "request_s": round(whole, 4),
        "share": round(spent / whole, 4),
        "limit_s": round(max(0.05 * whole, 0.02), 4),
        "rounds": rounds,
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


def previews(components: dict[str, Any], step_s: float) -> dict[str, Any]:
    """One early look at 512 px, from latents to the bytes of its event, beside a step and beside the 100 ms between two.

    tiny_vae_s: the same by an AutoencoderTiny of TAESD's size, which the painter takes only where it stays under 1 % of a loop.
    """
    from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny

    latents = torch.randn(1, 4, 64, 64, generator=torch.Generator().manual_seed(0))
    colors = LatentColors(latents, torch.rand(1, 3, 512, 512) * 2 - 1)
    once = statistics.median(seconds(lambda: preview_of(colors.look(latents[0])).tobytes()) for _ in range(20))
    tiny = TinyVae(AutoencoderTiny().eval())
    detailed = statistics.median(seconds(lambda: preview_of(tiny.look(latents[0])).tobytes()) for _ in range(5))
    return {
        "look_s": round(once, 5),
        "step_s": round(step_s, 4),
        "of_a_step": round(once / step_s, 5),
        "of_the_interval": round(once / INTERVAL_S, 5),
        "tiny_vae_s": round(detailed, 4),
        "tiny_vae_of_a_step": round(detailed / step_s, 4),
    }


def windows(rounds: int) -> dict[str, Any]:
    """The first edit of a 1024 px window over that of a 512 px one with SDXL in the standard tier, in turns."""
    facts = DIFFUSION["sdxl"]
    tiers = ((Tier.STANDARD, TierOverrides(steps=STEPS, guidance=GUIDANCE, scheduler="")),)
    entry = ModelEntry("bench", "sdxl", "/models/bench", "folder", "0" * 64, tiers=tiers)
    components = random_models.sdxl_mid()
    sides = (512, 1024)
    planned = {side: planned_size(side, facts.capabilities("bench")) for side in sides}
    took: dict[int, list[float]] = {side: [] for side in sides}
    paint(engine_of(components, entry), scene_of(planned[512], 0), 1)  # warms up
    for number in range(rounds):
        for side in sides if number % 2 == 0 else reversed(sides):
            scene = scene_of(planned[side], number)
            took[side].append(seconds(lambda s=scene: paint(engine_of(components, entry), s, 1)))
    tflop = {side: sdxl_tflop(side) for side in sides}
    return {
        "model": "random SDXL with a fifth of its widths, float32",
        "working": {side: list(size) for side, size in planned.items()},
        "px_512_s": round(statistics.median(took[512]), 3),
        "px_1024_s": round(statistics.median(took[1024]), 3),
        "ratio": round(statistics.median(b / a for a, b in zip(took[512], took[1024], strict=True)), 3),
        "full_size_tflop_a_forward": {side: round(value, 2) for side, value in tflop.items()},
        "full_size_tflop_ratio": round(tflop[1024] / tflop[512], 3),
        "rounds": rounds,
    }


def planned_size(side: int, engine: Capabilities) -> Size:
    """The working size the planner gives a square window in the standard tier."""
    recipe = recipe_for(Blobs(), Size(side, side), 0)
    return working_of(recipe, engine)


def sdxl_tflop(side: int) -> float:
    """Of one forward of SDXL's UNet at its published widths, counted on tensors without memory."""
    from torch.utils.flop_counter import FlopCounterMode

    unet, cells = random_models.sdxl_unet("meta", torch.bfloat16), side // 8
    with torch.device("meta"):
        latents = torch.empty(1, 4, cells, cells, dtype=torch.bfloat16)
        words = torch.empty(1, 77, 2048, dtype=torch.bfloat16)
        more = {
            "text_embeds": torch.empty(1, 1280, dtype=torch.bfloat16),
            "time_ids": torch.empty(1, 6, dtype=torch.bfloat16),
        }
        with FlopCounterMode(display=False) as counter:
            unet(latents, torch.empty((), dtype=torch.bfloat16), words, added_cond_kwargs=more)
    return counter.get_total_flops() / 1e12


def engine_of(components: dict[str, Any], entry: ModelEntry) -> DiffusionEngine:
    """An engine that remembers nothing yet, on a model in memory."""
    model = LoadedModel(entry, DIFFUSION[entry.family], components, torch.device("cpu"), torch.float32, Wardrobe())
    return DiffusionEngine(entry, lambda _entry, _progress: model)


def paint(engine: DiffusionEngine, scene: Scene, seed: int) -> None:
    raster = Raster(scene.size.width, scene.size.height, "RGB", SampleType.U8, 255, "sRGB IEC61966-2.1", "")
    recipe = Recipe(
        verb=Verb.FILL,
        canvas=Canvas(scene.size, scene.size.bounds, raster),
        where=Where(scene.size.bounds, raster),
        sampling=Sampling(seed=seed),
    ).altered(prompt=PROMPT)
    list(engine.paint(scene, recipe, Silence()))


if __name__ == "__main__":
    main()
