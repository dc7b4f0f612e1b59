"""What enlarges, known without loading it."""

from inlay.capabilities import Capabilities, Kind
from inlay.color.raster import MAX_AREA_PX
from inlay.recipe import Recipe, Verb

SCALE = "scale"
"""The option that says by how much."""
SCALES = ("2x", "4x")

LANCZOS = Capabilities(
    name="lanczos",
    kind=Kind.UPSCALES,
    verbs=frozenset({Verb.UPSCALE}),
    understands_prompts=False,
    max_px=MAX_AREA_PX,
    description="Enlarges by interpolation: nothing is invented. No weights, any CPU.",
    licence="Apache-2.0",
)


def scale_of(recipe: Recipe) -> int:
    """How many times as wide and high the recipe wants the picture."""
    return int(str(recipe.options.get(SCALE, SCALES[0])).removesuffix("x"))
