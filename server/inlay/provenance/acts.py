"""What Inlay did to a picture, as little of it as a mark needs: from a recipe, or from what a file remembers of one."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inlay.provenance.source_types import is_untrained, term_of
from inlay.recipe import Recipe, Verb
from inlay.region import Rect

_SAMPLE_BYTES = {"u8": 1, "u16": 2}


@dataclass(frozen=True)
class Act:
    """One edit."""

    verb: str
    engine: str
    """Which painted it; empty: not known, so it counts as trained."""
    region: Rect | None
    """What changed, document px; None: not known."""
    recipe_sha256: str
    prompt: str = ""
    is_trained: bool = True
    is_whole: bool = False
    """A model made the whole picture from words."""

    @property
    def term(self) -> str:
        """IPTC's source type; empty where nothing of the picture changed."""
        return term_of(self.verb, is_trained=self.is_trained, is_whole=self.is_whole)


def act_of(recipe: Recipe, engine: str) -> Act:
    """One edit by its recipe. engine: what painted it, as the receipt says."""
    resolved = recipe.sampling.resolved
    plain = recipe.plain()
    return Act(
        recipe.verb,
        engine,
        recipe.where.region,
        recipe.sha256,
        recipe.words.prompt,
        not is_untrained(engine) or bool(resolved and resolved.model_sha256),
        _is_whole(plain),
    )


def acts_in(memories: Iterable[Mapping[str, Any]]) -> tuple[Act, ...]:
    """The edits of which files keep a memory, each once, in their order: a recipe with its receipts, a receipt, or the few facts
    that the Krita plugin keeps. Those that change no picture are left out; what is odd counts as trained.
    """
    found = (_remembered(memory) for memory in memories)
    return tuple(dict.fromkeys(act for act in found if act.term))


def _remembered(memory: Mapping[str, Any]) -> Act:
    recipe = _mapping(memory.get("recipe"))
    if not recipe:
        return _short(memory)
    receipts = memory.get("receipts")
    receipt = _mapping(receipts[0]) if isinstance(receipts, list) and receipts else memory
    resolved = _mapping(_mapping(recipe.get("sampling")).get("resolved"))
    engine = str(receipt.get("engine") or resolved.get("model") or "")
    canonical = json.dumps(recipe, sort_keys=True, separators=(",", ":"))
    return Act(
        str(recipe.get("verb", "")),
        engine,
        _rect(_mapping(recipe.get("where")).get("region")),
        hashlib.sha256(canonical.encode()).hexdigest(),
        str(_mapping(recipe.get("words")).get("prompt", "")),
        not is_untrained(engine) or bool(resolved.get("model_sha256")),
        _is_whole(recipe),
    )


def _short(memory: Mapping[str, Any]) -> Act:
    engine = str(memory.get("engine", ""))
    return Act(
        str(memory.get("verb", "")),
        engine,
        _rect(memory.get("region")),
        str(memory.get("recipe_sha256", "")),
        is_trained=not is_untrained(engine),
        is_whole=memory.get("is_whole") is True,
    )


def _is_whole(recipe: Mapping[str, Any]) -> bool:
    """Whether a model made everything from words: the mask is white over the whole document, by the hash of its samples."""
    canvas, where = _mapping(recipe.get("canvas")), _mapping(recipe.get("where"))
    mask, sampling = _mapping(where.get("mask")), _mapping(recipe.get("sampling"))
    document, region = canvas.get("document"), _rect(where.get("region"))
    size = _SAMPLE_BYTES.get(str(mask.get("sample_type")))
    if recipe.get("verb") != Verb.GENERATE or sampling.get("strength") != 1.0 or region is None or size is None:
        return False
    if not isinstance(document, list) or region != Rect(0, 0, *document):
        return False
    white = hashlib.sha256(b"\xff" * (region.width * region.height * size))
    return mask.get("blob") == white.hexdigest()


def _rect(value: object) -> Rect | None:
    if not isinstance(value, Sequence) or len(value) != 4 or not all(isinstance(part, int) for part in value):
        return None
    return Rect(*value)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
