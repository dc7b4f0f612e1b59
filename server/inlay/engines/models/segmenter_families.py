"""Networks of the user's that select, known without torch; transformers runs them.

SAM 2: arXiv 2408.00714, https://huggingface.co/docs/transformers/model_doc/sam2.
"""

import dataclasses
from dataclasses import dataclass

from inlay.capabilities import Capabilities, Kind
from inlay.engines.models.catalog import ModelEntry
from inlay.engines.models.eraser_families import OWN_FIELDS
from inlay.engines.models.family import Family
from inlay.engines.selecting.facts import SELECTING
from inlay.errors import InvalidInput
from inlay.recipe import Verb


@dataclass(frozen=True, kw_only=True)
class SegmenterFamily(Family):
    """One that selects what boxes, clicks and strokes point at."""

    kind: Kind = Kind.SEGMENTS
    verbs: frozenset[str] = frozenset({Verb.SELECT})
    libraries: tuple[str, ...] = ("torch", "transformers", "safetensors")
    install: str = "'.[diffusion]'"
    looks: bool = True

    def capabilities(self, name: str, compiled: bool = False) -> Capabilities:
        told = f"{self.title}: finds what a box, clicks or strokes mean, with trained weights."
        return dataclasses.replace(SELECTING, name=name, description=told, licence="")

    def check(self, entry: ModelEntry) -> None:
        """A base, LoRAs, tiers, quantisation ... mean nothing for what selects."""
        where = f"models.{entry.id}"
        for field in dataclasses.fields(entry):
            value = getattr(entry, field.name)
            if field.name not in OWN_FIELDS and value != field.default:
                raise InvalidInput(f"{where}.{field.name}", str(value), f"{self.name} selects and has none")


SEGMENTERS: dict[str, SegmenterFamily] = {
    "sam2": SegmenterFamily(
        name="sam2",
        title="SAM 2",
        engine="inlay.engines.selecting.sam2:engine_of",
        licence="Apache-2.0",  # https://github.com/facebookresearch/sam2
    )
}
