"""What the finder can do, known without loading it."""

from inlay.capabilities import Capabilities, Kind
from inlay.recipe import Verb

FINDER = Capabilities(
    name="finder",
    kind=Kind.DETECTS,
    verbs=frozenset({Verb.FIX}),
    understands_prompts=False,
    max_px=8_000_000,
    description="Selects hands, faces or eyes for a model to mend; paints nothing itself.",
    licence="Apache-2.0",
)
