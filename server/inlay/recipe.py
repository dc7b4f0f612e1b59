"""The recipe: everything that decides a result, as one comparable value. Same recipe, same pixels."""

import dataclasses
import enum
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from inlay.color.raster import Raster
from inlay.plain import Read, from_base64, from_plain, to_plain
from inlay.region import Rect, Size

MAX_COUNT = 16
MAX_SEED = 2**32 - 1
MAX_INPUTS = 16
MAX_PROMPT_CHARACTERS = 8_192
MAX_GROW_PX = 512
MAX_FEATHER_PX = 512


class Verb(enum.StrEnum):
    """What the retoucher asks for: the verbs that Inlay brings. A recipe may ask for others, if an engine can do them."""

    GENERATE = "generate"
    FILL = "fill"
    ERASE = "erase"
    REPLACE_BACKGROUND = "replace_background"
    EXPAND = "expand"
    REFINE = "refine"
    INSTRUCT = "instruct"
    RECOLOR = "recolor"
    UPSCALE = "upscale"
    SEPARATE = "separate"
    SELECT = "select"
    MATCH = "match"
    STRUCTURE = "structure"
    TEXT = "text"
    FIX = "fix"
    MARKS = "marks"
    DESCRIBE = "describe"
    ANIMATE = "animate"


class Tier(enum.StrEnum):
    """How much the retoucher wants to spend now; the server maps it to model, steps and size."""

    DRAFT = "draft"
    STANDARD = "standard"
    FINAL = "final"


@dataclass(frozen=True)
class Canvas:
    """The document's pixels. All rectangles are in document pixels."""

    document: Size
    """The canvas: for `expand`, the canvas after it grew."""
    window: Rect
    """What the engine gets to see; lies inside the canvas."""
    source: Raster
    """The window's pixels, size = window."""


@dataclass(frozen=True)
class Where:
    """What may change."""

    region: Rect
    """Where the mask's raster lies; inside the window."""
    mask: Raster
    """One channel, size = region. 0 never changes, the white level may change wholly."""
    grow_px: int = 0
    """The mask is grown by this before anything else; negative shrinks."""
    feather_px: int = 0
    """Then softened over this width."""


@dataclass(frozen=True)
class Words:
    """What should be there."""

    prompt: str = ""
    negative_prompt: str = ""
    target_color: str = ""
    """What the masked material's mean shall be: `#RRGGBB` in sRGB, `lab(L, a, b)`, or `document(r, g, b)` in the document's
    own profile, 1 being white. recolor needs one; with other verbs it is what their result is matched to. Of a recipe with a
    style also the name of one of that style's colours."""
    raw: bool = False
    """The model is told the prompts as they are: neither is a style's words added to them, nor are they put as its family
    likes them."""
    surroundings: str = ""
    """What the window shows around what is selected, for models that want the whole scene described."""


@dataclass(frozen=True)
class Told:
    """What a model is told, as it was resolved."""

    prompt: str = ""
    negative_prompt: str = ""


@dataclass(frozen=True)
class Lora:
    """A LoRA that a model is worn with."""

    name: str
    sha256: str
    weight: float = 1.0


@dataclass(frozen=True)
class Resolved:
    """What tier and model stand for, as the server resolved them when it accepted the recipe."""

    model: str
    model_sha256: str = ""
    """Empty for engines without weights."""
    steps: int = 0
    scheduler: str = ""
    """Empty: the model's own."""
    guidance: float = 0.0
    loras: tuple[Lora, ...] = ()
    working: Size | None = None
    """The size at which the window is painted."""
    native_px: int = 0
    """Above this area it is composed small and painted in tiles."""
    strength: float = 0.0
    """How far the pixels move: the tier's, where the recipe leaves it to that."""
    step_cache: bool = False
    """Steps that change little are skipped."""
    clip_skip: int = 0
    compiled: bool = False
    quantization: str = ""
    device: str = ""
    """The kind of device: cpu, cuda, mps; empty where it does not matter, or where nobody knew what would paint it."""
    dtype: str = ""
    """As in `models.toml`. This and what follows may be empty until it is painted, where only the device can tell; a receipt
    has it."""
    vae: str = ""
    """whole or tiled: how pictures are encoded and decoded."""
    tile_px: int = 0
    """The side of an eraser's tiles."""
    draft_hold: float = 0.0
    """How firmly a ControlNet for tiles holds what is painted to the draft that is finished; 0: not at all."""
    told: Told | None = None
    """What the model is told. None: of an older recipe, whose words an engine puts itself; or it reads none."""


@dataclass(frozen=True)
class Sampling:
    """How it is painted."""

    seed: int = 0
    """0 .. MAX_SEED. Variation k is painted with seed + k."""
    count: int = 1
    """Variations, 1 .. MAX_COUNT."""
    tier: Tier = Tier.STANDARD
    strength: float = 1.0
    """0 .. 1: how far the pixels inside the mask may move away from what is there."""
    model: str = ""
    """Empty: the server chooses by verb and tier."""
    resolved: Resolved | None = None
    """Written by the server; whoever brings it, from a receipt, is painted by it or refused."""
    style: str = ""
    """The id of a style of the server's; empty: none."""

    @property
    def painter(self) -> str:
        """The model that paints it, where that is known; empty: the server chooses."""
        return self.resolved.model if self.resolved else self.model

    def seed_of(self, variation: int) -> int:
        """The seed of variation `variation`, counted from 0."""
        return (self.seed + variation) % (MAX_SEED + 1)


@dataclass(frozen=True)
class Input:
    """A further raster that a recipe brings along."""

    role: str
    """What it is for; `DRAFT`: the pixels of an approved draft's patch, whose composition is kept, size = that patch."""
    raster: Raster
    place: Rect | None = None
    weight: float = 1.0
    """How much it counts, 0 .. 1."""
    name: str = ""
    """What the retoucher calls it."""


@dataclass(frozen=True)
class NamedColor:
    """A colour of a brand."""

    name: str
    color: str
    """As in `Words.target_color`."""


@dataclass(frozen=True)
class TypeStyle:
    """How lettering is set anew."""

    font: str = ""
    """The family; empty: the host's own."""
    least_px: float = 0.0
    """Of an em; 0: no limit."""
    most_px: float = 0.0
    """Likewise."""


@dataclass(frozen=True)
class Style:
    """A named bundle of the studio's, with its values: what a recipe is painted with, whatever becomes of the studio's file."""

    id: str
    sha256: str = ""
    """Of all that follows, but the title."""
    title: str = ""
    prompt_before: str = ""
    prompt_after: str = ""
    negative_prompt: str = ""
    references: tuple[Input, ...] = ()
    loras: tuple[Lora, ...] = ()
    """Their hash may be empty: then the name alone tells."""
    models: Mapping[str, str] = field(default_factory=dict[str, str])
    """The model that paints, by tier."""
    strength: float | None = None
    """What a recipe takes that says 1."""
    colors: tuple[NamedColor, ...] = ()
    type: TypeStyle | None = None

    @property
    def has_words(self) -> bool:
        """Whether it adds to a prompt."""
        return bool(self.prompt_before or self.prompt_after)

    @property
    def content_sha256(self) -> str:
        """What `sha256` is to be."""
        return _sha256_of(to_plain(dataclasses.replace(self, sha256="", title="")))


DRAFT = "draft"
"""The role of what is to be finished."""

LAYER = "layer"
"""The role of the layer in hand, which comes along where a verb needs one."""

REFERENCE = "reference"
"""The role of a picture that the model looks at beside the window, such as a garment or a face; several count in their order."""

MARKS = "marks"
"""The role of a layer on which the retoucher drew where something shall change; it is no part of the picture."""

REGION = "region"
"""The role of a place that is an edit of its own in a recipe with several: its alpha, or its one channel, is the mask, its name the
words."""

IDENTITY, PRODUCT, TEXTURE, STYLE, LAYOUT = "identity", "product", "texture", "style", "layout"
PURPOSES = (IDENTITY, PRODUCT, TEXTURE, STYLE, LAYOUT)
"""Roles of references that say what is to be taken of them."""

LOOKED_AT = frozenset({REFERENCE, *PURPOSES})
"""The roles of all pictures that a model looks at beside the window."""

CONTROL = "control"
"""The role of a map that the result is held to, drawn by the retoucher: light marks on black, of the option `structure`'s kind."""

PALETTE = "palette"
"""The role of a picture whose colours the result is to have; no model is shown it."""

Option = float | str | bool
"""What an option holds."""


@dataclass(frozen=True)
class Recipe:
    """One edit, ready to be painted."""

    verb: str
    """A `Verb`, or one that only an engine knows."""
    canvas: Canvas
    where: Where
    words: Words = Words()
    sampling: Sampling = Sampling()
    inputs: tuple[Input, ...] = ()
    options: Mapping[str, Option] = field(default_factory=dict[str, Option])
    """What only this verb knows, by name."""
    styled: Style | None = None
    """The values of `sampling.style`. Written by the server; who brings them, from a receipt, has the style as it was then."""

    def altered(self, **changes: Any) -> "Recipe":
        """This recipe with other values, each by the name of its field, whichever part it is in: `altered(seed=3)`.

        Raises TypeError for a name that no part has.
        """
        made = self
        for part in ("canvas", "where", "words", "sampling"):
            held = getattr(self, part)
            mine = {name: changes.pop(name) for name in [*changes] if hasattr(held, name)}
            if mine:
                made = dataclasses.replace(made, **{part: dataclasses.replace(held, **mine)})
        return dataclasses.replace(made, **changes)

    @property
    def painter(self) -> str:
        """The model that paints it, where that is known: as resolved, as named, or as its style has it for the tier."""
        chosen = self.styled.models.get(self.sampling.tier, "") if self.styled else ""
        return self.sampling.painter or chosen

    @property
    def is_prompted(self) -> bool:
        """Whether there are words, its own or of its style, for a model to read."""
        return bool(self.words.prompt or (self.styled and self.styled.has_words))

    @property
    def told(self) -> Told:
        """What a model is told: as it was resolved, or else as it is written."""
        resolved = self.sampling.resolved
        return (resolved and resolved.told) or Told(self.words.prompt, self.words.negative_prompt)

    def input(self, role: str) -> Input | None:
        """The first input of that role."""
        return next((one for one in self.inputs if one.role == role), None)

    def plain(self) -> dict[str, Any]:
        """The recipe as JSON values."""
        return to_plain(self)

    def canonical(self) -> str:
        """The recipe as JSON with sorted keys: what the journal stores and what identity is decided on."""
        return _canonical(self.plain())

    @property
    def sha256(self) -> str:
        return _sha256_of(self.plain())

    @property
    def blobs(self) -> tuple[str, ...]:
        """SHA-256 of everything that must be in the store before this can be painted."""
        return (self.canvas.source.blob, self.where.mask.blob, *(one.raster.blob for one in self.inputs))

    @classmethod
    def parse(cls, canonical: str, read: Read = from_base64) -> "Recipe":
        """The inverse of `canonical`. read: the profile that a text stands for, where that is not its base64."""
        return from_plain(cls, json.loads(canonical), read=read)


def _canonical(plain: dict[str, Any]) -> str:
    return json.dumps(plain, sort_keys=True, separators=(",", ":"))


def _sha256_of(plain: dict[str, Any]) -> str:
    return hashlib.sha256(_canonical(plain).encode()).hexdigest()
