"""An engine that animates without weights: the scene wanders to the left, and its light goes astray as video models' does.

    python tests/support/moving.py serve --data FOLDER --grpc-port 0 --http-port 0

takes what `inlay serve` takes; that server can animate.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.append(str(Path(__file__).parents[1]))  # where this is run as a program

from inlay.capabilities import Capabilities
from inlay.clip import ClipGrid
from inlay.engines.interface import Clip, Progress, Scene
from inlay.engines.models.catalog import Catalog
from inlay.engines.registry import Registry
from inlay.forms import Forms
from inlay.jobs.workers.base import Workplace
from inlay.jobs.workers.studio import Studio
from inlay.recipe import Recipe, Verb

GRID = ClipGrid(fps=8, step=4)
STEP_PX = 2
"""What the scene wanders from one picture to the next."""


def wandered(pixels: NDArray[np.float32], number: int) -> NDArray[np.float32]:
    """Picture `number` as it should look."""
    return np.roll(pixels, -STEP_PX * number, axis=1)


def astray(pixels: NDArray[np.float32], number: int) -> NDArray[np.float32]:
    """The same as it comes: every picture a little brighter and redder than the one before it."""
    far = np.float32(number)
    gain = 1 + far * np.array([0.012, 0.006, 0.004], np.float32)
    return np.asarray(np.clip(pixels * gain + far * np.float32(0.002), 0, 1), np.float32)


class Mover:
    """The engine."""

    def capabilities(self) -> Capabilities:
        return Capabilities(
            name="mover",
            verbs=frozenset({Verb.ANIMATE}),
            understands_prompts=True,
            clip=GRID,
            description="Wanders",
        )

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Clip]:
        count = GRID.frames_of(recipe.options)
        for index in range(recipe.sampling.count):
            progress.step(index + 1, recipe.sampling.count, "painting")
            frames = [astray(wandered(np.clip(scene.pixels, 0, 1), number), number) for number in range(count)]
            progress.preview(index, frames[count // 2])
            yield Clip(index, recipe.sampling.seed_of(index), np.stack(frames), float(GRID.fps))


def registry_of(catalog: Catalog | None, device: str = "cpu") -> Registry:
    """The product's engines and this one."""
    registry = Registry(catalog, device)
    registry.register(Mover())
    return registry


def studio(place: Workplace) -> Studio:
    """What paints inside a worker."""
    return Studio(registry_of(Catalog(place.models) if place.models else None, place.kind))


if __name__ == "__main__":
    from support import moving
    from support.invented_verb import serve_with

    serve_with(Forms(), registry_of, moving.studio)
