"""What of a window an edit can be held to, and how an edit asks for it: the options `structure` and `structure_strength`."""

from typing import NamedTuple

from inlay.recipe import Recipe

POSE, EDGES, SOFT_EDGES, LINES, DEPTH, COMPOSITION = "pose", "edges", "soft_edges", "lines", "depth", "composition"
STRUCTURES = (POSE, EDGES, SOFT_EDGES, LINES, DEPTH, COMPOSITION)
FREE = "none"

TILE = "tile"
"""What a draft that is finished is held to: all that it shows itself. It has no map, and nobody asks for it by name."""

KIND, STRENGTH = "structure", "structure_strength"
"""The names of the options."""
FULL = 1.0


class Structure(NamedTuple):
    """kind: of STRUCTURES. strength: 0 .. 1, above 0."""

    kind: str
    strength: float


def structure_of(recipe: Recipe) -> Structure | None:
    """What `recipe` keeps; None where it is free."""
    kind, strength = str(recipe.options.get(KIND, FREE)), recipe.options.get(STRENGTH, FULL)
    wanted = float(strength) if isinstance(strength, float | int) else FULL
    return None if kind == FREE or wanted <= 0 else Structure(kind, wanted)
