"""`inlay serve` with a model that looks at references, three of them, of any weight, and paints in one grey.

The grey is what its words say, 0..1; `half` is half of what it sees, and anything else 0.5.

    python tests/support/looking.py serve --data FOLDER --grpc-port 0 --http-port 0

takes what `inlay serve` takes and says what it says. Its receipt tells what it was shown: `looked`, a JSON list of role, weight,
name, width, height and mean colour (sRGB-encoded, 0..1) of each.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parents[1]))  # where this is run as a program

from inlay.capabilities import Capabilities
from inlay.engines.interface import Painting, Progress, Scene
from inlay.engines.models.catalog import Catalog
from inlay.engines.registry import Registry
from inlay.forms import Forms
from inlay.jobs.workers.base import Workplace
from inlay.jobs.workers.studio import Studio
from inlay.recipe import PURPOSES, REFERENCE, Recipe, Verb

LOOKS = Capabilities(
    "looks",
    frozenset({Verb.FILL}),
    understands_prompts=True,
    accepts=frozenset({REFERENCE, *PURPOSES}),
    references=3,
    weighs=True,
)


class Looking:
    """The engine."""

    def capabilities(self) -> Capabilities:
        return LOOKS

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Painting]:
        looked = [
            {
                "role": one.role,
                "weight": round(one.weight, 3),
                "name": one.name,
                "size": [one.pixels.shape[1], one.pixels.shape[0]],
                "mean": [round(float(value), 3) for value in one.pixels.mean(axis=(0, 1))],
            }
            for one in scene.inputs
        ]
        said = recipe.words.prompt
        grey = float(said) if said.replace(".", "", 1).isdigit() else 0.5
        for variation in range(recipe.sampling.count):
            pixels = scene.pixels / 2 if recipe.words.prompt == "half" else np.full_like(scene.pixels, grey)
            seed = recipe.sampling.seed_of(variation)
            yield Painting(variation, seed, pixels, receipt={"looked": json.dumps(looked)}, own_pixels=True)


def registry_of(catalog: Catalog | None, device: str = "cpu") -> Registry:
    """The product's engines and this one."""
    registry = Registry(catalog, device)
    registry.register(Looking())
    return registry


def studio(place: Workplace) -> Studio:
    """What paints inside a worker."""
    return Studio(registry_of(Catalog(place.models) if place.models else None, place.kind))


if __name__ == "__main__":
    from support import invented_verb, looking

    invented_verb.serve_with(Forms(), registry_of, looking.studio)
