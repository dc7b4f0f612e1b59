"""What selecting can do, known without loading it."""

from inlay.capabilities import Capabilities, Kind
from inlay.recipe import Verb

INCLUDE, EXCLUDE = "include", "exclude"
"""Roles of layers with strokes: what surely belongs to it, and what surely does not."""

WHAT = ("object", "subject", "background", "hands", "faces", "text", "edge")
"""What can be selected: what the hints point at, what a word names, or the present selection with its edge found anew."""

AS_IT_IS = "rough"
EDGES = ("sharp", "hair", AS_IT_IS)
"""How its edge is found: along the picture's own edges, as a matte, or as it was cut, at once."""

SELECTING = Capabilities(
    name="outline",
    kind=Kind.SEGMENTS,
    verbs=frozenset({Verb.SELECT}),
    understands_prompts=False,
    accepts=frozenset({INCLUDE, EXCLUDE}),
    max_px=100_000_000,
    description="Finds what a box, a click, strokes or a word mean. No weights, any CPU.",
    licence="Apache-2.0",
)
