"""The engine of families that animate: one model of the user's, setting scenes in motion through its family's adapter."""

import time
from collections.abc import Callable, Iterator
from typing import cast

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from inlay.capabilities import Capabilities
from inlay.clip import FRAMES, ClipGrid
from inlay.engines.canvas import continued, to_tensor
from inlay.engines.diffusion import prompts
from inlay.engines.diffusion.engine import (
    Loader,
    adapter_of,
    as_settled,
    check_device,
    receipt_of,
    settled_by,
)
from inlay.engines.diffusion.families.motion import Animator, Shot
from inlay.engines.diffusion.families.words import Words
from inlay.engines.diffusion.ladder import Ladder, encode_and_decode, kept_in
from inlay.engines.diffusion.loading import LoadedModel
from inlay.engines.diffusion.previews import LatentColors, Previews
from inlay.engines.interface import Clip, Progress, Scene, tell_preparing
from inlay.engines.models.cache import ModelCache
from inlay.engines.models.catalog import ModelEntry
from inlay.engines.models.tiers import resolved, worn
from inlay.engines.models.video_families import VIDEO
from inlay.engines.wording.syntax import weighs
from inlay.errors import Unsupported
from inlay.recipe import Recipe, Resolved

ON_THE_GRID = "A clip of this model has {frames} pictures, not {wanted}."


def engine_of(entry: ModelEntry, models: ModelCache) -> "AnimatingEngine":
    """The engine for the model that `entry` names, which shares a device's memory with all others."""
    return AnimatingEngine(entry, kept_in(models), models.device.partition(":")[0])


class AnimatingEngine:
    """Paints clips with one model, one at a time. It keeps nothing; the model itself is the loader's to keep."""

    def __init__(self, entry: ModelEntry, loader: Loader, device: str = "cpu") -> None:
        """device: its kind, for recipes that were not resolved."""
        self._entry, self._loader, self._device = entry, loader, device

    def capabilities(self) -> Capabilities:
        return VIDEO[self._entry.family].capabilities_of(self._entry)

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Clip]:
        """Yield `count` clips, each as soon as it is finished; they depend on the recipe and their own seed alone.

        Raises Unsupported, Cancelled (within a step), MemoryError with what was tried.
        """
        facts, able = VIDEO[self._entry.family], self.capabilities()
        if recipe.verb not in facts.verbs:
            only = ", ".join(sorted(facts.verbs))
            raise Unsupported(f"{facts.title} cannot {recipe.verb.replace('_', ' ')}, only {only}", field="verb")
        assert able.clip
        progress.check()
        settled = recipe.sampling.resolved or resolved(self._entry, recipe, self._device)
        entry = as_settled(self._entry, settled)
        model = self._loader(entry, progress)
        progress.check()
        check_device(model, settled)
        model.wear(worn(entry, settled))
        encode_and_decode(model, settled.vae)
        told: list[str] = []

        def notify(relief: str) -> None:
            told.append(relief)
            tell_preparing(progress, relief)

        ladder = Ladder(model, 1, notify, frozenset({"vae_tiling"} if settled.vae == "whole" else ()))
        filming = _Filming(model, settled, recipe, able.clip, scene, progress)
        for index in range(recipe.sampling.count):
            frames = ladder.climb(lambda _, index=index: filming.clip(index))
            yield Clip(
                index,
                recipe.sampling.seed_of(index),
                frames,
                float(able.clip.fps),
                (*model.notes, *filming.notes, *dict.fromkeys(told)),
                {
                    **receipt_of(model, settled, filming.words),
                    "frames": str(len(frames)),
                    "fps": str(able.clip.fps),
                },
                settled_by(model),
            )


class _Filming:
    """One recipe on its way through one model."""

    def __init__(
        self,
        model: LoadedModel,
        settled: Resolved,
        recipe: Recipe,
        grid: ClipGrid,
        scene: Scene,
        progress: Progress,
    ) -> None:
        self._animator = cast(Animator, adapter_of(model))
        self._settled, self._recipe, self._grid, self._progress = settled, recipe, grid, progress
        self._picture = to_tensor(continued(scene.pixels, scene.known))
        told = settled.told
        self.words = Words(*(told.prompt, told.negative_prompt) if told else _as_written(recipe))
        self._frames = grid.frames_of(recipe.options)
        wanted = int(recipe.options.get(FRAMES, 0))
        self.notes = _unread(self._animator, settled.guidance, recipe)
        if wanted not in (0, self._frames):
            self.notes = (*self.notes, ON_THE_GRID.format(frames=self._frames, wanted=wanted))

    def clip(self, index: int) -> NDArray[np.float32]:
        """Variation `index`: frames x height x width x 3, 0..1. Raises Cancelled, MemoryError."""
        animator, settled, progress = self._animator, self._settled, self._progress
        progress.check()
        conditioning = animator.condition(self.words, settled.guidance)
        self.notes = tuple(dict.fromkeys((*self.notes, *conditioning.notes)))
        progress.check()
        previews = Previews(LatentColors(animator.look(self._picture), self._picture), None, time.monotonic())
        count = self._recipe.sampling.count

        def seen(done: int, latents: Callable[[], Tensor]) -> None:
            progress.step(index * settled.steps + done, count * settled.steps, "painting")
            if previews.due(now := time.monotonic()):
                progress.preview(index, previews.look(latents(), now, done / settled.steps))

        return animator.animate(
            Shot(
                picture=((self._picture + 1) / 2).to(animator.device),
                frames=self._frames,
                fps=self._grid.fps,
                conditioning=conditioning,
                seed=self._recipe.sampling.seed_of(index),
                steps=settled.steps,
                guidance=settled.guidance,
                scheduler=settled.scheduler,
                seen=seen,
                check=progress.check,
            )
        )


def _as_written(recipe: Recipe) -> tuple[str, str]:
    return recipe.words.prompt.strip(), recipe.words.negative_prompt.strip()


def _unread(animator: Animator, guidance: float, recipe: Recipe) -> tuple[str, ...]:
    words = recipe.words
    wasted = bool(words.negative_prompt.strip()) and not animator.reads_negative(guidance)
    light = not words.raw and weighs(f"{words.prompt} {words.negative_prompt}")
    return (*((prompts.NO_NEGATIVE,) if wasted else ()), *((prompts.NO_WEIGHTS,) if light else ()))
