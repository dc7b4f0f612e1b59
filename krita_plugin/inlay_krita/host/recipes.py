"""Recipes that a document remembers: saved inside the .kra, one memory for each result group, by the group's unique id."""

import base64
import json
import zlib
from functools import lru_cache
from typing import NamedTuple

from ..qt import QtCore, to_bytes
from .capture import Mask, Rect

PREFIX = "inlay-recipe-"


class Finding(NamedTuple):
    """What the server found out about one variation."""

    before: "float | None"
    """Colour difference at the seam (CIEDE2000) as it was painted; None where nothing could be compared."""
    after: "float | None"
    """The same in the result."""
    notes: "tuple[str, ...]"
    """Sentences for the retoucher."""


class Roll(NamedTuple):
    """One job whose variations lie in a group."""

    recipe: bytes
    """The contract's Recipe, serialised."""
    patch: Rect
    """Where its layers' pixels were put."""
    offset: "tuple[int, int]"
    """How far that is from where the recipe says, px: what the picture was moved by in between, as by a crop."""


class Made(NamedTuple):
    """How one variation's layer was made, and how it looked when it was placed."""

    job_id: str
    index: int
    """Its number within the job, from 0."""
    receipt: str
    """JSON: everything that decided its pixels."""
    finding: Finding
    pixels: str
    """SHA-256 of its pixels inside its roll's patch."""
    bounds: Rect
    """What Krita said it covers: less than the patch where its edge is transparent."""


class Memory(NamedTuple):
    """What a result group remembers of how it was made. Rectangles are document px at the time of placing."""

    mask: Mask
    """The selection it was made with."""
    rolls: "dict[str, Roll]"
    """By job id."""
    variations: "dict[str, Made]"
    """By the unique id of the layer. Every other node of the group is the retoucher's."""

    @property
    def findings(self) -> "dict[str, Finding]":
        """By the unique id of the layer."""
        return {layer: made.finding for layer, made in self.variations.items()}

    def roll_of(self, layer_id: str) -> Roll:
        """The roll that a variation came from."""
        return self.rolls[self.variations[layer_id].job_id]


def remember(document, group, memory: Memory) -> None:
    """Stores a group's memory in the document."""
    text = json.dumps(
        {
            "region": list(memory.mask.region),
            "mask": base64.b64encode(memory.mask.packed()).decode(),
            "rolls": {job: [base64.b64encode(roll.recipe).decode(), *roll[1:]] for job, roll in memory.rolls.items()},
            "variations": memory.variations,
        }
    )
    document.setAnnotation(_key(group), "Inlay: the recipe of a result", QtCore.QByteArray(text.encode()))


def id_of(node) -> str:
    """A node's unique id, which a saved document keeps."""
    return node.uniqueId().toString()


def has_recipe(document, group) -> bool:
    """Whether a group is a result; far cheaper than recalling how it was made."""
    return not document.annotation(_key(group)).isEmpty()


def recall(document, group) -> "Memory | None":
    """A group's memory, or None where it is no result or its memory is damaged."""
    return _read(to_bytes(document.annotation(_key(group))))


def job_ids(document) -> "set[str]":
    """The jobs whose results are, or were, in the document."""
    keys = [key for key in document.annotationTypes() if key.startswith(PREFIX)]
    memories = [_read(to_bytes(document.annotation(key))) for key in keys]
    return {job for memory in memories if memory for job in memory.rolls}


def _key(group) -> str:
    return PREFIX + id_of(group).strip("{}")


@lru_cache(maxsize=64)
def _read(text: bytes) -> "Memory | None":
    if not text:
        return None
    try:
        stored = json.loads(text)
        mask = Mask(Rect(*stored["region"]), zlib.decompress(base64.b64decode(stored["mask"])))
        rolls = {
            job: Roll(base64.b64decode(recipe), Rect(*patch), tuple(offset))
            for job, (recipe, patch, offset) in stored["rolls"].items()
        }
        variations = {
            layer: Made(job, index, receipt, Finding(before, after, tuple(notes)), pixels, Rect(*bounds))
            for layer, (job, index, receipt, (before, after, notes), pixels, bounds) in stored["variations"].items()
        }
        if not all(made.job_id in rolls for made in variations.values()):
            return None
        return Memory(mask, rolls, variations)
    except (ValueError, KeyError, TypeError, zlib.error):
        return None
