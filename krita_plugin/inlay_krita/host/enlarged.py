"""Documents that are enlargements of another one: a part of that, enlarged as much, has its place in them."""

import json

from ..qt import QtCore
from . import identity
from .capture import Rect
from .facts import CannotEdit, facts_of

KEY = "inlay-enlarged"


def remember(made, document, region: Rect, scale: int) -> None:
    """Keeps in `made` that it is `region` of `document`, `scale` times as large."""
    note = {"of": identity.id_of(document), "region": region, "scale": scale}
    made.setAnnotation(KEY, "Inlay: what was enlarged", QtCore.QByteArray(json.dumps(note).encode()))


def home_of(document, region: Rect, scale: int):
    """The open document that `region` of `document`, `scale` times as large, is a part of, and where; None if none is open."""
    for other in identity.documents():
        note = _note_of(other)
        if note is None or note["of"] != identity.known_id(document) or note["scale"] != scale:
            continue
        whole = Rect(*note["region"])
        if (other.width(), other.height()) != (whole.width * scale, whole.height * scale) or not _is_alike(
            other, document
        ):
            continue
        if region.intersection(whole) == region:
            x, y = (region.x - whole.x) * scale, (region.y - whole.y) * scale
            return other, Rect(x, y, region.width * scale, region.height * scale)
    return None


def _is_alike(one, other) -> bool:
    """Whether the samples of both mean the same colours."""
    try:
        mine, theirs = facts_of(one), facts_of(other)
    except CannotEdit:
        return False
    return (mine.model, mine.depth, mine.profile) == (theirs.model, theirs.depth, theirs.profile)


def _note_of(document) -> "dict | None":
    try:
        note = json.loads(bytes(document.annotation(KEY)))
        return note if {"of", "region", "scale"} <= set(note) else None
    except (ValueError, TypeError):
        return None
