"""Models of vision and language of the user's that say what a window shows, known without torch; transformers runs them.

https://huggingface.co/docs/transformers/tasks/image_text_to_text. Of the code that a folder may bring along nothing is run.
"""

import dataclasses
from dataclasses import dataclass

from inlay.capabilities import Capabilities, Kind
from inlay.engines.models.catalog import ModelEntry
from inlay.engines.models.eraser_families import OWN_FIELDS
from inlay.engines.models.family import Family
from inlay.errors import InvalidInput
from inlay.recipe import Verb

LOOKED_AT_PX = 1024 * 1024
"""The largest area that is looked at: their makers' own processors make larger pictures as small or smaller."""


@dataclass(frozen=True, kw_only=True)
class DescriberFamily(Family):
    """One that says in words what lies around the selection. It paints nothing, and is asked by nobody but the retoucher."""

    kind: Kind = Kind.DETECTS
    verbs: frozenset[str] = frozenset({Verb.DESCRIBE})
    libraries: tuple[str, ...] = ("torch", "transformers", "safetensors")
    install: str = "'.[diffusion]'"

    def capabilities(self, name: str, compiled: bool = False) -> Capabilities:
        return Capabilities(
            name=name,
            kind=self.kind,
            verbs=self.verbs,
            understands_prompts=False,
            max_px=LOOKED_AT_PX,
            wants_card=True,
            description=f"{self.title}: says what lies around the selection, on this server.",
        )

    def check(self, entry: ModelEntry) -> None:
        """A base, LoRAs, tiers, quantisation ... mean nothing for what describes."""
        where = f"models.{entry.id}"
        for field in dataclasses.fields(entry):
            value = getattr(entry, field.name)
            if field.name not in OWN_FIELDS and value != field.default:
                raise InvalidInput(f"{where}.{field.name}", str(value), f"{self.name} describes and has none")


DESCRIBERS: dict[str, DescriberFamily] = {
    "describer": DescriberFamily(
        name="describer",
        title="Vision-language model",
        engine="inlay.engines.describing.engine:engine_of",
    )
}
"""One for all architectures: what differs between them is transformers' to know. Their makers' licences differ, too."""
