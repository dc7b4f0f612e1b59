"""What can be shown of a picture's structure, known without loading anything."""

from inlay.capabilities import Capabilities, Kind
from inlay.recipe import CONTROL, Verb
from inlay.structure import COMPOSITION, EDGES, LINES, POSE, SOFT_EDGES

SHOWN = (EDGES, SOFT_EDGES, LINES, COMPOSITION, POSE)
"""The kinds whose map is made here; depth needs a model."""

STRUCTURE = Capabilities(
    name="structure",
    kind=Kind.DETECTS,
    verbs=frozenset({Verb.STRUCTURE}),
    understands_prompts=False,
    accepts=frozenset({CONTROL}),
    structures=frozenset(SHOWN),
    max_px=64_000_000,
    description="Shows edges, lines, large shapes, or how hands and faces are held; paints nothing itself.",
    licence="Apache-2.0",
)
