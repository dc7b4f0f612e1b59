"""From a region to the window that is worth capturing, before any pixel moves."""

from collections.abc import Sequence
from typing import NamedTuple

from inlay.capabilities import Capabilities, Kind
from inlay.edit.verbs import SEES_PX
from inlay.engines.registry import WORDLESS, Registry
from inlay.errors import InvalidInput
from inlay.recipe import MAX_INPUTS, Recipe, Tier, Verb
from inlay.region import Rect, Size, Window, window_for
from inlay.region.window import working_size

MAX_CONTEXT_PX = 4_096
FILE_HEAD_BYTES = 200
"""A PNG's signature and the frames of its chunks, as base64 or not."""

UNPAINTED = (
    "What is found is selected and not painted: no model here can mend it. inlay setup says which would run here."
)

TIER_AREA = {Tier.DRAFT: 0.25, Tier.STANDARD: 1.0, Tier.FINAL: 1.0}
"""What part of an engine's largest working area a tier may use."""


class Leaving(NamedTuple):
    """What one edit sends away.

    rect: of the document. bytes: of all variations, references with them, at most. price: of all variations; 0: nothing, or not
    known. references: how many.
    """

    to: str
    rect: Rect
    bytes: int
    price: float
    currency: str
    as_of: str
    references: int = 0


class Plan(NamedTuple):
    """What to capture, what will paint it, and what of it leaves this machine: nothing, where that is None."""

    window: Window
    model: str
    notes: tuple[str, ...]
    leaving: Leaving | None = None


def plan(
    registry: Registry,
    document: Size,
    region: Rect,
    verb: str,
    tier: Tier = Tier.STANDARD,
    model: str = "",
    context_px: int = 0,
    grow_px: int = 0,
    feather_px: int = 0,
    prompted: bool = False,
    count: int = 1,
    references: Sequence[Size] = (),
    reference_layers: Sequence[Rect] = (),
) -> Plan:
    """The window for `region` of a canvas of size `document`, and the working size at which it is painted.

    prompted: the recipe will have a prompt, which decides between engines where no model is named. count: variations.
    references: sizes of further pictures that will go along as references. reference_layers: of layers that will, their bounds in
    the document; what lies in the window goes along. Raises InvalidInput for a region outside the canvas, NotFound and
    Unsupported as `Registry.choose` does.
    """
    if len(references) + len(reference_layers) > MAX_INPUTS:
        told = f"{len(references) + len(reference_layers)} pictures"
        raise InvalidInput("references", told, f"at most {MAX_INPUTS} are allowed")
    if not 0 <= context_px <= MAX_CONTEXT_PX:
        raise InvalidInput("context_px", context_px, f"it must be 0 .. {MAX_CONTEXT_PX}")
    engine = registry.choose(verb, model, prompted)
    window = window_for(
        region,
        document,
        reach_px=max(0, grow_px) + feather_px,
        context_px=context_px or SEES_PX.get(verb, 0),
        multiple=engine.multiple,
        least_px=_least(engine, tier),
        max_px=_area(engine, tier),
    )
    notes = _notes(registry, engine, verb, prompted)
    inside = [one.intersection(window.bounds) for one in reference_layers]
    shown = [*references, *(part.size for part in inside if part.size.area)]
    return Plan(window, engine.name, notes, _leaving(engine, window, count, shown))


def _leaving(engine: Capabilities, window: Window, count: int, references: Sequence[Size]) -> Leaving | None:
    """What leaves this machine for `count` variations: `window` and `references`."""
    if engine.outside is None:
        return None
    there = engine.outside
    taken = references[: there.references]
    files = _file_bytes(there.bytes_per_px, there.framing.size_for(window.working))
    files += sum(_file_bytes(there.reference_bytes_per_px, one) for one in taken)
    sent = files * (1 if there.sends_once else count)
    return Leaving(there.to, window.bounds, sent, there.price * count, there.currency, there.as_of, len(taken))


def _file_bytes(bytes_per_px: float, size: Size) -> int:
    """Of a picture, at most; a file has a head, and each row of it one byte more."""
    return round(bytes_per_px * (size.width + 1) * (size.height + 1)) + FILE_HEAD_BYTES


def _notes(registry: Registry, engine: Capabilities, verb: str, prompted: bool) -> tuple[str, ...]:
    """What to know before the edit is run."""
    if verb == Verb.FIX and engine.kind is Kind.DETECTS:
        return (UNPAINTED,)
    if prompted and not engine.understands_prompts:
        return (_about_words(registry, engine, verb),)
    return ()


def _about_words(registry: Registry, engine: Capabilities, verb: str) -> str:
    """Why a prompt will change nothing, and what to do about it."""
    if verb in WORDLESS:
        return f"{engine.name} does not read prompts; this verb needs none."
    if reasons := registry.missing(verb):
        return f"{engine.name} does not read prompts, and what does is not ready. {'; '.join(reasons)}"
    return f"{engine.name} does not read prompts: it continues the surroundings. A model that does: inlay models add"


def working_of(recipe: Recipe, engine: Capabilities) -> Size:
    """The working size for the window that a recipe brings along."""
    return working_size(
        recipe.canvas.window,
        multiple=engine.multiple,
        least_px=_least(engine, recipe.sampling.tier),
        max_px=_area(engine, recipe.sampling.tier),
    )


def _least(engine: Capabilities, tier: Tier) -> int:
    """What a smaller window is enlarged to: final spends the engine's best size, the other tiers only what it needs."""
    return engine.native_px if tier == Tier.FINAL else engine.least_px


def _area(engine: Capabilities, tier: Tier) -> int:
    if tier == Tier.DRAFT and engine.native_px:
        return engine.native_px  # beyond it an engine paints in tiles, many times over: no first look
    return round(engine.max_px * TIER_AREA[tier])
