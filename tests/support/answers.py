"""Engines that answer with something else than a painting: what comes follows from the scene's pixels alone."""

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inlay.capabilities import Capabilities, Kind
from inlay.engines.interface import Answer, Clip, Layers, Mask, Painting, Picture, Progress, Scene, Sheet
from inlay.engines.models.catalog import Catalog
from inlay.engines.registry import Registry
from inlay.jobs.workers.base import Workplace
from inlay.jobs.workers.studio import Studio
from inlay.recipe import Recipe
from inlay.variation import LiveType, Point


def layered(scene: Scene, variation: int, seed: int) -> Answer:
    """The left half of the window, then a veil over the upper third; between them a layer that shows nothing."""
    height, width = scene.mask.shape
    left, veil, nothing = (np.zeros((height, width), np.float32) for _ in range(3))
    left[:, : width // 2] = 1
    veil[: height // 3] = 0.5
    sheets = (("left", left, "normal"), ("nothing", nothing, "normal"), ("veil", veil, "multiply"))
    return Layers(variation, seed, tuple(Sheet(name, with_alpha(scene, alpha), how) for name, alpha, how in sheets))


def typed(scene: Scene, variation: int, seed: int) -> Answer:
    """A white sheet over the window, and on it a line of type, 40 px, from (20, 120) upwards to the right in dark red.

    It is narrow, bold, leaning, and has serifs.
    """
    paper = np.concatenate([np.ones_like(scene.pixels), np.ones((*scene.mask.shape, 1), np.float32)], axis=2)
    words = np.zeros_like(paper)
    words[10:20, 10:30] = (0.6, 0.1, 0.1, 1)
    line = LiveType("Hello & hi", "serif", 40.0, -10.0, "#991A1A", Point(20.0, 120.0), (), True, 8.0, 0.9)
    return Layers(variation, seed, (Sheet("paper", paper), Sheet("Hello & hi", words, type=line)))


def moving(scene: Scene, variation: int, seed: int) -> Answer:
    """Three pictures at 12 a second, each a pixel further to the left."""
    frames = np.stack([np.roll(scene.pixels, -number, axis=1) for number in range(3)])
    return Clip(variation, seed, frames, 12.0)


def red(scene: Scene, variation: int, seed: int) -> Answer:
    """As much of everything as it is red, in the lower half."""
    share = scene.pixels[..., 0].copy()
    share[: share.shape[0] // 2] = 0
    return Mask(variation, seed, share, notes=("looked below",))


def nothing(scene: Scene, variation: int, seed: int) -> Answer:
    return Mask(variation, seed, np.zeros_like(scene.mask))


def doubled(scene: Scene, variation: int, seed: int) -> Answer:
    return Picture(variation, seed, scene.pixels.repeat(2, axis=0).repeat(2, axis=1))


def seen_through(scene: Scene, variation: int, seed: int) -> Answer:
    """A picture with an alpha of its own: the mask."""
    return Picture(variation, seed, with_alpha(scene, scene.mask))


def inverted(scene: Scene, variation: int, seed: int) -> Answer:
    return Painting(variation, seed, 1 - scene.pixels, own_pixels=True)


def with_alpha(scene: Scene, alpha: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.dstack([scene.pixels, alpha])


ANSWERS: dict[str, tuple[Kind, Callable[[Scene, int, int], Answer]]] = {
    "take_apart": (Kind.SEGMENTS, layered),
    "set_type": (Kind.DETECTS, typed),
    "find_red": (Kind.SEGMENTS, red),
    "find_nothing": (Kind.DETECTS, nothing),
    "double": (Kind.UPSCALES, doubled),
    "cut_out": (Kind.SEGMENTS, seen_through),
    "invert": (Kind.ERASES, inverted),
    "move": (Kind.PAINTS, moving),
}
"""By verb: the product has heard of none of them."""


@dataclass(frozen=True)
class Answering:
    """The engine of one verb, which is named after it."""

    verb: str

    def capabilities(self) -> Capabilities:
        kind, _ = ANSWERS[self.verb]
        return Capabilities(self.verb, frozenset({self.verb}), understands_prompts=False, kind=kind)

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Answer]:
        _, answer = ANSWERS[self.verb]
        for variation in range(recipe.sampling.count):
            progress.step(variation + 1, recipe.sampling.count, "looking")
            yield answer(scene, variation, recipe.sampling.seed_of(variation))


def registry_of(catalog: Catalog | None, device: str = "cpu") -> Registry:
    """The product's engines and these."""
    registry = Registry(catalog, device)
    for verb in ANSWERS:
        registry.register(Answering(verb))
    return registry


@dataclass(frozen=True)
class EnginesOf:
    """What a worker is given, to paint with the registry that `module:function` makes."""

    dotted: str

    def __call__(self, place: Workplace) -> Studio:
        return Studio(self.made(Catalog(place.models) if place.models else None, place.kind))

    def made(self, *given: Any) -> Registry:
        module, _, name = self.dotted.partition(":")
        return getattr(importlib.import_module(module), name)(*given)
