"""The diffusion engine: one model of the user's, painting scenes through its family's adapter."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module, metadata
from typing import Any

import torch

from inlay.capabilities import Capabilities
from inlay.engines.diffusion import prompts
from inlay.engines.diffusion.compiling import Unheard, rehearse, stumbled
from inlay.engines.diffusion.families.base import Adapter, Conditioning
from inlay.engines.diffusion.families.words import Words
from inlay.engines.diffusion.intent import walked_steps, words_for
from inlay.engines.diffusion.ladder import Ladder, encode_and_decode, kept_in, tiles_its_vae
from inlay.engines.diffusion.loading import LoadedModel
from inlay.engines.diffusion.painter import Order, Painter
from inlay.engines.diffusion.sources import Recent, Source
from inlay.engines.interface import Loading, Painting, Progress, Scene, tell_preparing
from inlay.engines.models.cache import ModelCache
from inlay.engines.models.catalog import ModelEntry
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.engines.models.diffusion_family import Shown
from inlay.engines.models.steering_parts import knows_tiles
from inlay.engines.models.tiers import card_for, resolved, worn
from inlay.engines.purposes import told as with_purposes
from inlay.engines.wording.syntax import weighs
from inlay.errors import Unsupported
from inlay.recipe import DRAFT, LOOKED_AT, Recipe, Resolved, Verb

REMEMBERED_WINDOWS = 4
REMEMBERED_WORDS = 32
VERSIONED = ("torch", "diffusers", "transformers", "compel")
HELD_TO_DRAFT = "It was held to its draft by the ControlNet for tiles that lies beside the model."

Loader = Callable[[ModelEntry, Any], LoadedModel]
"""From an entry, and a progress that can tell what is being loaded, to a model in memory."""


def engine_of(entry: ModelEntry, models: ModelCache) -> "DiffusionEngine":
    """The engine for the model that `entry` names, which shares a device's memory with all others."""
    return DiffusionEngine(entry, kept_in(models), device=models.device.partition(":")[0])


class DiffusionEngine:
    """Paints with one model. State: what was encoded last; the model itself is the loader's to keep."""

    def __init__(self, entry: ModelEntry, loader: Loader, batch: int | None = None, device: str = "cpu") -> None:
        """batch: variations at once; None: what the card bears. device: its kind, for recipes that were not resolved."""
        self._device = device
        self._entry = entry
        self._loader = loader
        self._batch = batch
        self.windows: Recent[Source] = Recent(REMEMBERED_WINDOWS)
        self.starts: Recent[torch.Tensor] = Recent(4 * REMEMBERED_WINDOWS)
        self.words: Recent[Conditioning] = Recent(REMEMBERED_WORDS)

    def capabilities(self) -> Capabilities:
        return DIFFUSION[self._entry.family].capabilities_of(self._entry)

    def rehearse(self, progress: Loading) -> None:
        """Load the model and let the compiler do its work, so that no edit waits for it. Raises Cancelled."""
        model = self._loader(self._entry, progress)
        batch = self._batch or card_for(self._entry.family, memory_of(model.device)).batch
        silent = Unheard(progress)
        rehearse(
            self.capabilities(),
            batch,
            lambda scene, recipe: self.paint(scene, recipe, silent),
            progress.loading,
            progress.check,
        )

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Painting]:
        """Yield `count` paintings, each as soon as it is finished; they depend on the recipe and their own seed alone.

        Raises Unsupported, Cancelled (within a step), MemoryError with what was tried.
        """
        facts = DIFFUSION[self._entry.family]
        if recipe.verb not in facts.verbs:
            able = ", ".join(sorted(facts.verbs))
            raise Unsupported(f"{facts.title} cannot {recipe.verb.replace('_', ' ')}, only {able}", field="verb")
        roles = tuple(one.role for one in scene.inputs if one.role in LOOKED_AT)
        references = len(roles)
        if references > (most := facts.references_of(self._entry)):
            raise Unsupported(f"{facts.title} looks at {most} references, not at {references}", field="inputs")
        progress.check()
        settled = recipe.sampling.resolved or resolved(self._entry, recipe, self._device)
        if settled.draft_hold and not knows_tiles(self._entry.parts):
            lack = "has no ControlNet beside it that knows tiles, and the recipe was resolved with one"
            raise Unsupported(f"{self._entry.id} {lack}", field="sampling.resolved.draft_hold")
        entry = as_settled(self._entry, settled)
        model = self._loader(entry, progress)
        progress.check()
        check_device(model, settled)
        model.wear(worn(entry, settled))
        encode_and_decode(model, settled.vae)
        card = card_for(entry.family, memory_of(model.device))
        order = _order(adapter_of(model), model, settled, recipe, roles)
        # A cached step is judged over the whole batch; pipelines that take several references take one variation.
        batch = 1 if order.cache or references else self._batch or card.batch
        told: list[str] = []

        def notify(relief: str) -> None:
            told.append(relief)
            tell_preparing(progress, relief)

        ladder = Ladder(model, batch, notify, frozenset({"vae_tiling"} if settled.vae == "whole" else ()))
        painter = Painter(adapter_of(model), order, settled.native_px, self, model.tiny_vae)
        receipt = self._receipt(model, settled, order)
        unread = self._unread(painter.adapter, order, recipe)
        holding = (HELD_TO_DRAFT,) if order.draft_hold and scene.input(DRAFT) else ()
        done = 0
        while done < recipe.sampling.count:
            finished = ladder.climb(lambda most, done=done: painter.paint(scene, recipe, done, most, progress))
            slow = filter(None, [stumbled()]) if model.compiled else ()
            notes = (*model.notes, *slow, *painter.notes, *unread, *holding, *dict.fromkeys(told))
            for canvas in finished:
                yield Painting(
                    done,
                    recipe.sampling.seed_of(done),
                    canvas.pixels,
                    notes,
                    {**receipt, **painter.details},
                    canvas.roundtrip,
                    settled=settled_by(model),
                    alpha=canvas.alpha,
                )
                done += 1

    def _unread(self, adapter: Adapter, order: Order, recipe: Recipe) -> tuple[str, ...]:
        words = recipe.words
        wasted = words.negative_prompt.strip() and not adapter.reads_negative(order.guidance)
        light = (
            not words.raw and not adapter.facts.prompt_weighting and weighs(f"{words.prompt} {words.negative_prompt}")
        )
        return (*((prompts.NO_NEGATIVE,) if wasted else ()), *((prompts.NO_WEIGHTS,) if light else ()))

    def _receipt(self, model: LoadedModel, settled: Resolved, order: Order) -> dict[str, str]:
        return {
            **receipt_of(model, settled, order.words),
            "walked": str(order.walked),
            "draft_hold": f"{order.draft_hold:g}",
            "step_cache": str(order.cache),
        }


def receipt_of(model: LoadedModel, settled: Resolved, words: Words) -> dict[str, str]:
    """What decides the pixels of everything that a model paints."""
    return {
        "model": model.entry.id,
        "family": model.entry.family,
        "model_sha256": model.model_hash,
        "device": model.device.type,
        "dtype": str(model.dtype).removeprefix("torch."),
        "quantization": settled.quantization,
        "loras": "; ".join(f"{lora.sha256} x {lora.weight:g}" for lora in settled.loras),
        "scheduler": settled.scheduler or type(model.components["scheduler"]).__name__,
        "steps": str(settled.steps),
        "guidance": f"{settled.guidance:g}",
        "compiled": str(model.compiled),
        "clip_skip": str(words.skip),
        "prompt": words.prompt,
        "negative_prompt": words.unwanted,
        **{library: metadata.version(library) for library in VERSIONED},
    }


def check_device(model: LoadedModel, settled: Resolved) -> None:
    """Raise Unsupported where a recipe was painted on another kind of device, and is to be again."""
    if settled.vae and settled.device != model.device.type:
        here = f"this worker paints on {model.device.type}"
        raise Unsupported(f"the recipe was painted on {settled.device}, and {here}", field="sampling.resolved.device")


def as_settled(entry: ModelEntry, settled: Resolved) -> ModelEntry:
    """The entry as it was when the recipe was resolved: what it decides is not the file's any more. Raises Unsupported."""
    if (settled.model, settled.model_sha256) != (entry.id, entry.sha256):
        other = f"{settled.model!r} with SHA-256 {settled.model_sha256}"
        raise Unsupported(
            f"the recipe was resolved with model {other}, not with {entry.id!r}", field="sampling.resolved"
        )
    return replace(
        entry,
        dtype=settled.dtype or entry.dtype,
        quantization=settled.quantization,
        compile=settled.compiled,
        clip_skip=settled.clip_skip,
    )


def settled_by(model: LoadedModel) -> dict[str, Any]:
    """What of a `Resolved` only the device could tell."""
    return {
        "device": model.device.type,
        "dtype": str(model.dtype).removeprefix("torch."),
        "compiled": model.compiled,
        "vae": "tiled" if tiles_its_vae(model) else "whole",
    }


def _order(adapter: Adapter, model: LoadedModel, settled: Resolved, recipe: Recipe, roles: tuple[str, ...]) -> Order:
    facts = adapter.facts
    edits = Verb.INSTRUCT in facts.verbs and Verb.FILL not in facts.verbs  # klein takes descriptions too
    first = 1 if facts.shows.get(recipe.verb, Shown.NOTHING) is Shown.NOTHING else 2
    roles = roles if facts.is_told and not recipe.words.raw else ()
    told = settled.told
    return Order(
        words=Words(with_purposes(told.prompt, roles, first), told.negative_prompt, settled.clip_skip)
        if told
        else words_for(recipe, edits, settled.clip_skip, roles, first),
        steps=settled.steps,
        walked=walked_steps(settled.steps, settled.strength),
        still=settled.strength <= 0,
        guidance=settled.guidance,
        scheduler=settled.scheduler,
        cache=settled.step_cache,
        draft_hold=settled.draft_hold,
        identity=(model.model_hash, str(model.dtype), tuple((lora.sha256, lora.weight) for lora in settled.loras)),
    )


def adapter_of(model: LoadedModel) -> Adapter:
    """The family's adapter around the model's modules; costs nothing, holds nothing of its own."""
    module, _, name = model.family.adapter.partition(":")
    return getattr(import_module(module), name)(model.components)


def memory_of(device: torch.device) -> int:
    """Bytes of the card; 0 for the CPU."""
    return torch.cuda.get_device_properties(device).total_memory if device.type == "cuda" else 0
