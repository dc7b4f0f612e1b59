"""From an approved draft to the finished picture: the variation's own recipe at a higher tier, built on what it shows."""

from inlay.color.raster import Raster
from inlay.errors import InvalidInput
from inlay.memory import ResultMemory
from inlay.recipe import DRAFT, Input, Recipe, Tier

TIERS = tuple(Tier)
"""From the least spent to the most."""


def final_of(
    memory: ResultMemory,
    pixels: Raster | None = None,
    source: Raster | None = None,
    tier: Tier = Tier.FINAL,
    model: str = "",
) -> Recipe:
    """The recipe that finishes what `memory` is of: everything is kept but the tier, and what is named here.

    pixels: what the layer shows now, over the whole patch. source: what lies below it now, over the window. Both None: as they
    were. model: empty for the one that painted the draft.
    Raises InvalidInput for a tier that is not above the draft's.
    """
    recipe = memory.recipe
    if TIERS.index(tier) <= TIERS.index(recipe.sampling.tier):
        limit = f"it was painted at {recipe.sampling.tier}; finishing needs a higher one"
        raise InvalidInput("tier", tier, limit)
    painted_by = str(memory.receipt.get("engine", ""))
    return recipe.altered(
        tier=tier,
        model=model or recipe.sampling.model or painted_by,
        resolved=None,
        seed=recipe.sampling.seed_of(memory.variation),
        count=1,
        source=source or recipe.canvas.source,
        inputs=(
            *(one for one in recipe.inputs if one.role != DRAFT),
            Input(DRAFT, pixels or memory.patch.pixels, memory.patch.bounds),
        ),
    )
