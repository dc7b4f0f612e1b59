"""What an engine can do, as a plain value: plans and panels follow from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from inlay.clip import ClipGrid
from inlay.region import AS_IT_IS, Framing


class Kind(StrEnum):
    """What comes of it."""

    PAINTS = "paints"
    """New content, from words."""
    ERASES = "erases"
    """The surroundings, continued; reads no words."""
    SEGMENTS = "segments"
    """A mask: what belongs together."""
    DETECTS = "detects"
    """A mask: what was looked for."""
    UPSCALES = "upscales"
    """The same picture with more pixels."""


REMOTE = "remote"
"""The kind of device of what paints on another server: workers that occupy neither the CPU's nor a card's lane."""


@dataclass(frozen=True)
class Outside:
    """What an engine that paints elsewhere sends there, for each variation where nothing else is said."""

    to: str
    """Who gets it, for people."""
    bytes_per_px: float
    """Of what is sent, at most, before it is packed: picture and mask."""
    framing: Framing = AS_IT_IS
    """What the picture and the mask are padded to."""
    reference_bytes_per_px: float = 0.0
    """Of a further picture's own size."""
    references: int = 0
    """So many further pictures are sent, the first ones."""
    sends_once: bool = False
    """Whether pictures are sent once, whatever the number of variations."""
    price: float = 0.0
    """Of one picture; 0: nothing, or not known."""
    currency: str = ""
    as_of: str = ""
    """When the price was looked up, such as 2026-11."""


class Commercial(StrEnum):
    """Whether a licence lets weights be used commercially, as its text says."""

    YES = "yes"
    NO = "no"
    CONDITIONS = "conditions"
    """Some may, or whoever keeps what it asks."""
    UNKNOWN = ""


class Memory(StrEnum):
    """How a model fits the card that is here."""

    FITS = "fits"
    """Wholly."""
    OFFLOAD = "offload"
    """Its text encoders wait in main memory while it paints: slower."""
    LAYERS = "layers"
    """It is brought in layer by layer: much slower."""
    NOT = "not"
    """Not even main memory holds it."""
    UNKNOWN = ""


@dataclass(frozen=True)
class ModelFacts:
    """What a studio asks of a model beside what it can do; empty where it has no weights, or nothing is known."""

    family: str = ""
    commercial: Commercial = Commercial.UNKNOWN
    licence_source: str = ""
    """Where the licence's text is."""
    bytes: int = 0
    """Of its files."""
    precision: str = ""
    """How its weights are stored, such as bf16, fp8_scaled, Q4_K."""
    memory: Memory = Memory.UNKNOWN


@dataclass(frozen=True)
class Capabilities:
    """One engine's name and abilities."""

    name: str
    verbs: frozenset[str]
    understands_prompts: bool
    kind: Kind = Kind.PAINTS
    accepts: frozenset[str] = frozenset()
    """Which inputs of a recipe it reads, by their role: "draft" is one that it can finish."""
    references: int = 0
    """How many further pictures, of all roles that are looked at, it takes."""
    weighs: bool = False
    """Whether it can look at them more or less; else it looks at them wholly."""
    structures: frozenset[str] = frozenset()
    """What of the window's structure it can be held to: kinds of `inlay.structure`."""
    sees_depth: bool = False
    """Whether it can tell how near everything is; else a map of depth has to be drawn."""
    multiple: int = 1
    """Both working sides must be multiples of it."""
    native_px: int = 0
    """Working area it paints best; the final tier enlarges smaller windows to it. 0: any size."""
    least_px: int = 0
    """Working area below which it no longer paints well; every tier enlarges smaller windows to it. 0: any size."""
    max_px: int = 4_000_000
    """Working area it can paint at most."""
    wants_card: bool = False
    """A CPU takes hours for what a graphics card does in seconds: it paints only where there is no card."""
    description: str = ""
    licence: str = ""
    """Of its weights: an SPDX id, a name, or that of the licence's file; empty where nothing is known."""
    leaves: str = ""
    """Where its pixels go, for people: who gets them. Empty: they stay with the server."""
    remote: bool = False
    """Another server paints; on this machine (`leaves` is empty then) or elsewhere."""
    outside: Outside | None = None
    """What leaves this machine for each variation; None: nothing."""
    clip: ClipGrid | None = None
    """What clips it paints; None: it paints pictures."""

    def among(self, devices: Sequence[str]) -> tuple[str, ...]:
        """Which of `devices` may paint with it."""
        able = tuple(device for device in devices if (device.partition(":")[0] == REMOTE) == self.remote)
        cards = tuple(device for device in able if not device.startswith("cpu"))
        return cards if cards and self.wants_card else able

    facts: ModelFacts = ModelFacts()

    @property
    def is_free(self) -> bool:
        """Nothing keeps it from painting what nobody named a model for: neither a licence nor that pixels leave."""
        return self.outside is None and self.facts.commercial is not Commercial.NO

    @property
    def promotes(self) -> bool:
        """Can finish a draft."""
        return "draft" in self.accepts
