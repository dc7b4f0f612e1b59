"""An engine that looks at pictures and notes what it was shown: each one's role, weight, size and mean, in its receipt."""

from collections.abc import Iterator
from dataclasses import dataclass

from inlay.capabilities import REMOTE, Capabilities, Outside
from inlay.engines.interface import Painting, Progress, Scene
from inlay.engines.models.catalog import Catalog
from inlay.engines.registry import Registry
from inlay.recipe import LOOKED_AT, Recipe


@dataclass(frozen=True)
class Looking:
    """Paints `look`. outside: what leaves; None: nothing."""

    name: str
    outside: Outside | None = None

    def capabilities(self) -> Capabilities:
        return Capabilities(
            self.name,
            frozenset({"look"}),
            understands_prompts=True,
            accepts=frozenset(LOOKED_AT),
            references=3,
            weighs=True,
            leaves=self.outside.to if self.outside else "",
            outside=self.outside,
        )

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Painting]:
        seen = [
            f"{one.role} {one.weight:.2f} {one.pixels.shape[1]}x{one.pixels.shape[0]} {one.is_placed}"
            for one in scene.inputs
        ]
        for number in range(recipe.sampling.count):
            progress.step(number + 1, recipe.sampling.count, "looking")
            seed = recipe.sampling.seed_of(number)
            yield Painting(number, seed, 1 - scene.pixels, receipt={"seen": "; ".join(seen)}, own_pixels=True)


def registry_of(catalog: Catalog | None, device: str = "cpu") -> Registry:
    """The product's engines; one that looks here, and one that looks at example.org."""
    registry = Registry(catalog, device)
    registry.register(Looking("here"))
    if device != REMOTE:
        registry.register(Looking("there", Outside("example.org", 3, reference_bytes_per_px=3, references=3)))
    return registry
