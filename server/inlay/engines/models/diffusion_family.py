"""A family of diffusion models: what it can do, what it may see, and which parts lie beside it."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from inlay.capabilities import Capabilities, Kind
from inlay.engines.models.assembly import MAP_LORA, assembly_of, is_part
from inlay.engines.models.beside import DEPTH
from inlay.engines.models.catalog import ModelEntry
from inlay.engines.models.family import Family
from inlay.errors import InvalidInput
from inlay.recipe import CONTROL, DRAFT, LOOKED_AT
from inlay.structure import DEPTH as DEPTH_MAP

LARGEST_PX = 8_388_608
"""Largest working area any family is asked for: beyond it the host memory of a studio machine is the limit."""

TILED_AREA = 16
"""A window may be this many times a family's native area; it is painted at native size, then refined in tiles."""

BUCKET_PX = 128
"""Compiled models paint at sides that are multiples of this: their programs are tuned for few, round shapes."""

ITSELF = ""
"""In the place of a part: the model as it is."""


class Shown(enum.StrEnum):
    """Which picture goes along with a verb, for families that look at one beside what they paint on."""

    WHOLE = "whole"
    """The window as it is."""
    EMPTIED = "emptied"
    """The window with its surroundings continued wherever the mask is open: never what shall go."""
    HIDDEN = "hidden"
    """The window with middle grey wherever the mask is open, for families that were trained on that: never what shall go."""
    MAP = "map"
    """Where the window's edges are, or how near its parts: what the adapter makes of the window as it is (`Adapter.map_of`)."""
    NOTHING = "nothing"
    """None; the surroundings are known from what is painted on, and half the work is saved."""


@dataclass(frozen=True, kw_only=True)
class DiffusionFamily(Family):
    """One family: what it can do, and where its adapter is.

    native_px: working area in pixels it was trained at. multiple: both sides must be multiples of it.
    least_px: smallest working area at which it still paints well, by what its makers publish (a comment at each row; without
        weights nothing of it could be measured here). Between the two the cost of a window follows its pixels.
    guidance: classifier-free or distilled guidance when a tier names none. steps: likewise.
    prompt_weighting: `(word)1.3`, blends and prompts beyond the encoder's length are understood.
    soft_mask: values between 0 and 1 decide how far pixels may change. pipeline_classes: as in model_index.json.
    step_cache: steps that change little can be skipped; UNets have no such cache, and diffusers' is broken for FLUX.2.
    shows: for families that look at a picture of the window, which one, verb by verb; empty for all others.
    references: how many pictures of the retoucher's own may go along. takes: their roles, by the part that has to lie beside the
        model for them; ITSELF: none has to. is_told: it reads in words what each picture is there for. weighs: it can look at
        them more or less.
    alpha: the verbs with which it sees how transparent a document is, and paints what can be seen through.
    holds: which structure it can be held to, by part as `takes`.
    needs: parts that have to lie beside the model, each with what to look for. with_part: such that another part needs.
    uses: parts that other families' folders name and nobody reads (`loading.SKIPPED`). exact_vae: it computes in float32, where
        half as many digits would show as bands.
    lora_of: the family whose weights become this one's by the LoRA that makes them see a map (MAP_LORA).
    """

    kind: Kind = Kind.PAINTS
    engine: str = "inlay.engines.diffusion.engine:engine_of"
    resolves: str = "inlay.engines.models.tiers:resolved"
    libraries: tuple[str, ...] = ("torch", "diffusers", "transformers", "safetensors", "accelerate", "compel")
    install: str = "'.[diffusion]'"
    adapter: str  # module:class, imported only inside a worker
    pipeline_classes: tuple[str, ...]
    native_px: int
    least_px: int
    multiple: int
    guidance: float
    steps: int
    prompt_weighting: bool = False
    negative_prompt: bool = True
    soft_mask: bool = True
    step_cache: bool = False
    shows: Mapping[str, Shown] = field(default_factory=dict[str, Shown])
    references: int = 0
    takes: Mapping[str, frozenset[str]] = field(default_factory=lambda: {ITSELF: LOOKED_AT})
    alpha: frozenset[str] = frozenset()
    is_told: bool = True
    weighs: bool = False
    holds: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    needs: Mapping[str, str] = field(default_factory=dict[str, str])
    lora_of: str = ""
    uses: frozenset[str] = frozenset()
    exact_vae: bool = False
    with_part: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])

    def references_of(self, entry: ModelEntry) -> int:
        """How many references a model of the user's looks at."""
        return self.references if self._taken(entry) else 0

    def _taken(self, entry: ModelEntry) -> frozenset[str]:
        """The roles of pictures that it looks at."""
        here = (ITSELF, *dict(entry.parts))
        taken = (roles for part, roles in self.takes.items() if part in here)
        return frozenset[str]().union(*taken) if self.references else frozenset()

    def capabilities_of(self, entry: ModelEntry) -> Capabilities:
        able = super().capabilities_of(entry)
        here = (ITSELF, *dict(entry.parts))
        kinds = frozenset[str]().union(*(kinds for part, kinds in self.holds.items() if part in here))
        accepts = able.accepts - LOOKED_AT | self._taken(entry) | ({CONTROL} if kinds else set())
        references = self.references_of(entry)
        return replace(able, references=references, accepts=accepts, structures=kinds, sees_depth=DEPTH in here)

    @property
    def helpers(self) -> Mapping[str, str]:
        """The parts that may lie beside the model, each with what to look for, of one without which it does not paint."""
        depth = (DEPTH,) if any(DEPTH_MAP in kinds for kinds in self.holds.values()) else ()
        lora = (MAP_LORA,) if self.lora_of else ()
        helping = (*self.takes, *self.holds, *depth, *lora, *(name for name, _ in self.with_part.values()))
        return {name: "" for name in helping if name != ITSELF} | dict(self.needs)

    def check(self, entry: ModelEntry) -> None:
        where, here = f"models.{entry.id}.parts", dict(entry.parts)
        for name, wanted in self.needs.items():
            if name not in here:
                raise InvalidInput(f"{where}.{name}", "missing", f"{self.title} needs it: {wanted}; give --part FOLDER")
        for part, (name, wanted) in self.with_part.items():
            if part in here and name not in here:
                raise InvalidInput(f"{where}.{name}", "missing", f"{part} needs it: {wanted}; give --part {name}=PLACE")
        for name, place in here.items():
            if name not in self.helpers and not (is_part(name) and entry.kind == "file"):
                raise InvalidInput(f"{where}.{name}", place, f"{self.title} has no use for it")
            if not Path(place).exists():
                told = assembly.wanted.get(name, "") if (assembly := assembly_of(self.name, here)) else ""
                raise InvalidInput(f"{where}.{name}", place, f"it is not there; bring it back{told and f', or {told}'}")

    def capabilities(self, name: str, compiled: bool = False) -> Capabilities:
        """What an engine called `name` of this family can do. compiled: its working sides come in coarse steps."""
        return Capabilities(
            name=name,
            kind=self.kind,
            verbs=self.verbs,
            understands_prompts=True,
            multiple=max(self.multiple, BUCKET_PX) if compiled else self.multiple,
            native_px=self.native_px,
            least_px=self.least_px,
            max_px=min(self.native_px * TILED_AREA, LARGEST_PX),
            accepts=frozenset({DRAFT}).union(*(self.takes.values() if self.references else ())),
            references=self.references,
            weighs=self.weighs,
            wants_card=True,
            description=self.title,
        )
