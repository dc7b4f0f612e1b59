"""The recipe: everything that decides a result, as one comparable value. Same recipe, same pixels."""

import base64
import dataclasses
import enum
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from inlay.color.raster import Raster, SampleType
from inlay.region import Rect, Size

MAX_COUNT = 16
MAX_SEED = 2**32 - 1
MAX_PROMPT_CHARACTERS = 8_192
MAX_GROW_PX = 512
MAX_FEATHER_PX = 512


class Verb(enum.StrEnum):
    """What the retoucher asks for."""

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


class Tier(enum.StrEnum):
    """How much the retoucher wants to spend now; the server maps it to model, steps and size."""

    DRAFT = "draft"
    STANDARD = "standard"
    FINAL = "final"


@dataclass(frozen=True)
class Recipe:
    """One edit, ready to be painted. All rectangles are in document pixels."""

    verb: Verb
    document: Size
    """The canvas: for `expand`, the canvas after it grew."""
    window: Rect
    """What the engine gets to see; lies inside the canvas."""
    source: Raster
    """The window's pixels, size = window."""
    region: Rect
    """Where the mask's raster lies; inside the window."""
    mask: Raster
    """One channel, size = region. 0 never changes, the white level may change wholly."""
    prompt: str = ""
    negative_prompt: str = ""
    seed: int = 0
    """0 .. MAX_SEED. Variation k is painted with seed + k."""
    count: int = 1
    """Variations, 1 .. MAX_COUNT."""
    tier: Tier = Tier.STANDARD
    model: str = ""
    """Empty: the server chooses by verb and tier."""
    strength: float = 1.0
    """0 .. 1: how far the pixels inside the mask may move away from what is there."""
    target_color: str = ""
    """What the masked material's mean shall be: `#RRGGBB` in sRGB, `lab(L, a, b)`, or `document(r, g, b)` in the document's
    own profile, 1 being white. recolor needs one; with other verbs it is what their result is matched to."""
    grow_px: int = 0
    """The mask is grown by this before anything else; negative shrinks."""
    feather_px: int = 0
    """Then softened over this width."""
    structure: Raster | None = None
    """Promote: the pixels of an approved draft's patch, whose composition is kept; size = that patch. None elsewhere."""

    def plain(self) -> dict[str, Any]:
        """The recipe as JSON values."""
        return json.loads(self.canonical())

    def canonical(self) -> str:
        """The recipe as JSON with sorted keys: what the journal stores and what identity is decided on."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True, separators=(",", ":"), default=_plain)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.canonical().encode()).hexdigest()

    def seed_of(self, variation: int) -> int:
        """The seed of variation `variation`, counted from 0."""
        return (self.seed + variation) % (MAX_SEED + 1)

    @property
    def blobs(self) -> tuple[str, ...]:
        """SHA-256 of everything that must be in the store before this can be painted."""
        return (self.source.blob, self.mask.blob, *([self.structure.blob] if self.structure else []))

    @classmethod
    def parse(cls, canonical: str, icc: Callable[[str], bytes] = base64.b64decode) -> "Recipe":
        """The inverse of `canonical`. icc: the profile that a text stands for, where that is not its base64."""
        plain: dict[str, Any] = json.loads(canonical)
        typed: dict[str, Any] = {
            **plain,
            "verb": Verb(plain["verb"]),
            "tier": Tier(plain["tier"]),
            "document": Size(*plain["document"]),
            "window": Rect(*plain["window"]),
            "region": Rect(*plain["region"]),
            "source": _raster(plain["source"], icc),
            "mask": _raster(plain["mask"], icc),
            "structure": _raster(plain["structure"], icc) if plain.get("structure") else None,
        }
        return cls(**typed)


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"a recipe cannot hold a {type(value).__name__}")


def _raster(plain: dict[str, Any], icc: Callable[[str], bytes]) -> Raster:
    typed: dict[str, Any] = {
        **plain,
        "sample_type": SampleType(plain["sample_type"]),
        "icc": icc(plain["icc"]),
    }
    return Raster(**typed)
