"""`inlay serve` with a hand to be shown, and a model that is held to a pose and tells which map it got.

    python tests/support/posing.py serve --data FOLDER --grpc-port 0 --http-port 0

"show_hand" answers with the layer that `structure` would answer with if it saw `HAND` in the window. The receipt of "held" has
`map`: the map's samples, 8 bit, packed by zlib, as base64.
"""

import base64
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parents[1]))  # where this is run as a program

from inlay.capabilities import Capabilities, Kind
from inlay.engines.eyes.hands import Hand
from inlay.engines.interface import Layers, Painting, Progress, Scene, Sheet
from inlay.engines.models.catalog import Catalog
from inlay.engines.registry import Registry
from inlay.engines.structure.pose import drawn, skeleton_of
from inlay.form import Needs, VerbForm
from inlay.forms import Forms
from inlay.forms.verbs import SELECTION
from inlay.jobs.workers.base import Workplace
from inlay.jobs.workers.studio import Studio
from inlay.recipe import CONTROL, Recipe, Verb
from inlay.structure import POSE

HAND = np.array(
    [[75, 130]] + [[75 + (finger - 2) * 9 * joint, 130 - 22 * joint] for finger in range(5) for joint in range(1, 5)],
    np.float32,
)
"""21 points of a hand with its fingers spread, in the window's pixels."""

SHOWS = Capabilities("show_hand", frozenset({"show_hand"}), understands_prompts=False, kind=Kind.DETECTS)
HELD = Capabilities(
    "held",
    frozenset({Verb.FILL}),
    understands_prompts=True,
    accepts=frozenset({CONTROL}),
    structures=frozenset({POSE}),
)


class Shows:
    """Answers with the hand."""

    def capabilities(self) -> Capabilities:
        return SHOWS

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Layers]:
        skeleton = skeleton_of([Hand(1.0, HAND)], [], 512)
        pixels = np.dstack([drawn(skeleton, *scene.mask.shape), np.ones_like(scene.mask)])
        yield Layers(0, 0, (Sheet("Pose", pixels, skeleton=skeleton),))


class Held:
    """Paints one grey, and tells what it was held to."""

    def capabilities(self) -> Capabilities:
        return HELD

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Painting]:
        found = scene.input(CONTROL)
        assert found
        samples = np.rint(found.pixels * 255).astype(np.uint8)
        told = base64.b64encode(zlib.compress(samples.tobytes())).decode()
        receipt = {"map": told, "size": f"{samples.shape[1]} {samples.shape[0]}"}
        yield Painting(0, recipe.sampling.seed, np.full_like(scene.pixels, 0.5), receipt=receipt, own_pixels=True)


def registry_of(catalog: Catalog | None, device: str = "cpu") -> Registry:
    """The product's engines and these."""
    registry = Registry(catalog, device)
    for engine in (Shows(), Held()):
        registry.register(engine)
    return registry


def studio(place: Workplace) -> Studio:
    """What paints inside a worker."""
    return Studio(registry_of(Catalog(place.models) if place.models else None, place.kind))


if __name__ == "__main__":
    from support import invented_verb, posing

    forms = Forms(
        (*invented_verb.FORMS.verbs, VerbForm("show_hand", Needs.SELECTION, SELECTION)), invented_verb.FORMS.words
    )
    invented_verb.serve_with(forms, registry_of, posing.studio)
