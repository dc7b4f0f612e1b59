"""Events as the journal stores them and as workers send them: a kind, JSON facts, and the bytes of a picture."""

import dataclasses
import json
from typing import NamedTuple

from inlay.events import Done, Failed, Happening, JobCancelled, Loading, Preview, Queued, Step, VariationDone
from inlay.plain import Read, from_base64, from_plain, to_plain

PREVIEW = "preview"
QUEUED = "queued"
VARIATION = "variation"

_CLASSES: dict[str, type[Happening]] = {
    QUEUED: Queued,
    "loading": Loading,
    "step": Step,
    PREVIEW: Preview,
    VARIATION: VariationDone,
    "done": Done,
    "failed": Failed,
    "cancelled": JobCancelled,
}
_KINDS = {happening: kind for kind, happening in _CLASSES.items()}

_PICTURES = {PREVIEW: "rgb", VARIATION: "thumbnail"}
"""The fields that JSON would make a third larger."""


class Encoded(NamedTuple):
    """A happening in plain values."""

    kind: str
    facts: str
    picture: bytes | None


def encode(happening: Happening) -> Encoded:
    """The inverse of `decode`. Raises TypeError where a report or receipt holds what JSON cannot."""
    kind = _KINDS[type(happening)]
    picture = None
    if field := _PICTURES.get(kind):
        picture = getattr(happening, field)
        happening = dataclasses.replace(happening, **{field: b""})
    return Encoded(kind, json.dumps(to_plain(happening), separators=(",", ":")), picture)


def decode(encoded: Encoded, read: Read = from_base64) -> Happening:
    """The happening, equal to the one that was encoded. read: the profile that a text stands for, where that is not its base64."""
    facts = json.loads(encoded.facts)
    if encoded.picture is not None:
        facts[_PICTURES[encoded.kind]] = encoded.picture
    return from_plain(_CLASSES[encoded.kind], facts, read=read, checks=False)
