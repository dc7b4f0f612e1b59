"""What the lettering engine can do, known without loading it."""

from inlay.capabilities import Capabilities, Kind
from inlay.recipe import Verb

LETTERING = Capabilities(
    name="lettering",
    kind=Kind.DETECTS,
    verbs=frozenset({Verb.TEXT}),
    understands_prompts=False,
    max_px=8_000_000,
    description="Finds and reads lettering, takes it away with the surroundings' own pixels, and sets it anew as live type.",
    licence="Apache-2.0",
)
