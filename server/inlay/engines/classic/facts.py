"""What the classic engine can do, known without loading it."""

from inlay.capabilities import Capabilities, Kind
from inlay.recipe import Verb

CLASSIC = Capabilities(
    name="classic",
    kind=Kind.ERASES,
    verbs=frozenset({Verb.ERASE, Verb.FILL, Verb.EXPAND, Verb.RECOLOR, Verb.SEPARATE}),
    understands_prompts=False,
    max_px=8_000_000,
    description="Continues the surroundings with their own pixels. No weights, any CPU.",
    licence="Apache-2.0",
)
