"""Recipes that a document remembers: saved inside the .kra, one for each result group, by the group's unique id."""

import base64
import json
import zlib
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


class Memory(NamedTuple):
    """What a result group remembers of how it was made."""

    job_id: str
    recipe: bytes
    """The contract's Recipe, serialised."""
    mask: Mask
    """The selection it was made with."""
    receipts: "tuple[str, ...]"
    """JSON, one for each variation: everything that decided its pixels."""
    findings: "dict[str, Finding]"
    """By the unique id of the variation's layer."""
    patch: "Rect | None" = None
    """Where its layers' pixels lie; None where an older plugin stored it."""


def remember(document, group, memory: Memory) -> None:
    """Stores a group's memory in the document."""
    text = json.dumps(
        {
            "job_id": memory.job_id,
            "recipe": base64.b64encode(memory.recipe).decode(),
            "region": list(memory.mask.region),
            "mask": base64.b64encode(memory.mask.packed()).decode(),
            "receipts": list(memory.receipts),
            "findings": memory.findings,
            "patch": memory.patch,
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
    return _read(document, _key(group))


def job_ids(document) -> "set[str]":
    """The jobs whose results are, or were, in the document."""
    keys = [key for key in document.annotationTypes() if key.startswith(PREFIX)]
    return {memory.job_id for key in keys if (memory := _read(document, key))}


def _key(group) -> str:
    return PREFIX + id_of(group).strip("{}")


def _read(document, key: str) -> "Memory | None":
    text = to_bytes(document.annotation(key))
    if not text:
        return None
    try:
        stored = json.loads(text)
        mask = Mask(Rect(*stored["region"]), zlib.decompress(base64.b64decode(stored["mask"])))
        findings = {
            layer: Finding(before, after, tuple(notes))
            for layer, (before, after, notes) in stored.get("findings", {}).items()
        }
        patch = Rect(*stored["patch"]) if stored.get("patch") else None
        recipe, receipts = base64.b64decode(stored["recipe"]), tuple(stored["receipts"])
        return Memory(stored["job_id"], recipe, mask, receipts, findings, patch)
    except (ValueError, KeyError, TypeError, zlib.error):
        return None
