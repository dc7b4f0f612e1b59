"""The layer that was pasted, as it is: what makes it belong is the fitting that every answer goes through; nothing is painted."""

from collections.abc import Iterator

from inlay.capabilities import Capabilities, Kind
from inlay.color.raster import MAX_AREA_PX
from inlay.engines.interface import Pasted, Progress, Scene
from inlay.recipe import LAYER, Recipe, Verb

PASTED = Capabilities(
    name="match",
    kind=Kind.ERASES,
    verbs=frozenset({Verb.MATCH}),
    understands_prompts=False,
    accepts=frozenset({LAYER}),
    max_px=MAX_AREA_PX,
    description="Makes a pasted layer belong to what lies below it. No weights, any CPU.",
    licence="Apache-2.0",
)


class PastedEngine:
    """Answers with the input `layer`, once for each variation."""

    def capabilities(self) -> Capabilities:
        return PASTED

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Pasted]:
        """Raises Cancelled."""
        for number in range(recipe.sampling.count):
            progress.step(number + 1, recipe.sampling.count, "fitting")
            yield Pasted(number, recipe.sampling.seed_of(number))
