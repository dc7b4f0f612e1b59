"""`inlay serve` with a verb that no plugin has heard of: `weather`, with a field of every kind and two engines that paint it.

    python tests/support/invented_verb.py serve --data FOLDER --grpc-port 0 --http-port 0

takes what `inlay serve` takes and says what it says. What is painted follows from the options alone (`painted`), so that a test
can tell from the pixels whether they arrived; fitting adds the grain of the surroundings, some 8-bit codes.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.append(str(Path(__file__).parents[1]))  # where this is run as a program

from inlay.capabilities import Capabilities
from inlay.engines.interface import Painting, Progress, Scene
from inlay.engines.models.catalog import Catalog
from inlay.engines.registry import Registry
from inlay.form import Choice, Field, FieldKind, Needs, VerbForm
from inlay.forms import VERBS, Forms, catalogues
from inlay.forms.catalogue import SHIPPED
from inlay.forms.verbs import COUNT, MODEL, PROMPT, SEED, SELECTION
from inlay.jobs.workers.base import Workplace
from inlay.jobs.workers.local import LocalWorker
from inlay.jobs.workers.studio import Studio
from inlay.recipe import Recipe

WEATHER = "weather"
ENGINES = ("clouds", "satellite")
TINT = "#2060C0"
FLAT = {"snow": 1.0, "fog": 0.5}
"""sRGB-encoded grey of what has no tint."""

FORM = VerbForm(
    WEATHER,
    Needs.SELECTION,
    (
        PROMPT,
        Field("options.motto", FieldKind.LINE, required=True, initial="Cumulus", maximum=40),
        Field(
            "options.kind",
            FieldKind.CHOICE,
            initial="rain",
            choices=(Choice("rain"), Choice("snow"), Choice("fog")),
        ),
        Field("options.drops", FieldKind.INTEGER, initial=3.0, minimum=0.0, maximum=20.0, step=1.0),
        Field("options.angle", FieldKind.NUMBER, initial=-12.5, minimum=-90.0, maximum=90.0, step=0.5, unit="°"),
        Field("options.density", FieldKind.FRACTION, initial=0.75, maximum=1.0, step=0.05),
        Field("options.thunder", FieldKind.SWITCH, initial=False),
        Field("options.tint", FieldKind.COLOR, initial=TINT),
        Field("inputs.sky", FieldKind.LAYER),
        MODEL,
        COUNT,
        SEED,
        *SELECTION,
    ),
)

FORMS = Forms((*VERBS, FORM), catalogues((SHIPPED, Path(__file__).with_name("invented_words"))))


def rgb(hex_color: str) -> NDArray[np.float32]:
    """`#RRGGBB` as sRGB-encoded 0..1."""
    return np.frombuffer(bytes.fromhex(hex_color.removeprefix("#")), np.uint8).astype(np.float32) / 255


def painted(
    pixels: NDArray[np.float32], options: Mapping[str, Any], sky: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """The weather over `pixels` (height x width x 3, sRGB-encoded): its colour, mixed in by its density; thunder inverts both."""
    if sky is not None:
        color = sky.reshape(-1, 3).mean(axis=0)
    elif options["kind"] == "rain":
        color = rgb(options["tint"])
    else:
        color = np.full(3, FLAT[options["kind"]], np.float32)
    density = np.float32(options["density"])
    mixed = (1 - density) * pixels + density * color.astype(np.float32)
    return 1 - mixed if options["thunder"] else mixed


class Clouds:
    """An engine that paints the weather; a draft of it is finished by keeping what it shows."""

    def __init__(self, name: str) -> None:
        self._name = name

    def capabilities(self) -> Capabilities:
        return Capabilities(
            name=self._name,
            verbs=frozenset({WEATHER}),
            understands_prompts=True,
            accepts=frozenset({"sky", "draft"}),
            description=f"The weather of {self._name}",
        )

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Painting]:
        sky, draft = scene.input("sky"), scene.input("draft")
        pixels = painted(scene.pixels, recipe.options, None if sky is None else sky.pixels)
        pixels = pixels if draft is None else draft.pixels
        told = {name: str(value) for name, value in recipe.options.items()}
        for number in range(recipe.sampling.count):
            progress.step(number + 1, recipe.sampling.count, "raining")
            seed = recipe.sampling.seed_of(number)
            yield Painting(number, seed, pixels, receipt={**told, "prompt": recipe.words.prompt}, own_pixels=True)


def registry_of(catalog: Catalog | None, device: str = "cpu") -> Registry:
    """The product's engines and these."""
    registry = Registry(catalog, device)
    for name in ENGINES:
        registry.register(Clouds(name))
    return registry


def studio(place: Workplace) -> Studio:
    """What paints inside a worker."""
    return Studio(registry_of(Catalog(place.models) if place.models else None, place.kind))


def serve_with(forms: Forms, registry_of: Callable[..., Registry], studio: Callable[[Workplace], Studio]) -> None:
    """The command line, whose server has these forms and engines. studio: by its importable name, for workers to find it."""
    from functools import partial

    from inlay import cli
    from inlay.rpc import server
    from inlay.rpc.service import Service

    Service.forms = forms
    server.serve = partial(server.serve, hire=partial(LocalWorker, painter=studio), registry_of=registry_of)
    cli.main()


if __name__ == "__main__":
    from support import invented_verb

    serve_with(FORMS, registry_of, invented_verb.studio)
