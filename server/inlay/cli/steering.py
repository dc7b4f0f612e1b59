"""What steers an edit beside words, as the command line spells it: pictures that go along, and what of the picture is kept."""

from pathlib import Path
from typing import TYPE_CHECKING

from inlay.errors import InvalidInput
from inlay.recipe import CONTROL, PALETTE, PURPOSES, REFERENCE, Option, Verb
from inlay.structure import FULL, KIND, STRENGTH, STRUCTURES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from inlay.client import Client
    from inlay.client.edit import Placed, Wish
    from inlay.client.watching import Watcher
    from inlay.documents import Document

ROLES = (REFERENCE, *PURPOSES, PALETTE)
AUTO = "auto"
"""In the place of what lies around the mask: a model says it."""


def references(given: list[str] | None) -> "list[Placed]":
    """The pictures of FILE[:ROLE[:WEIGHT]], read. Raises InvalidInput, and what reading a picture raises."""
    return [_reference(text) for text in given or []]


def _reference(text: str) -> "Placed":
    from inlay import documents
    from inlay.client.edit import Placed

    file, role, weight = _parted(text)
    return Placed(role, documents.read(file), None, file.name, weight)


def _parted(text: str) -> tuple[Path, str, float]:
    """A file's own name may have colons: only a role that is known, and a number after one, are none of it."""
    before, _, last = text.rpartition(":")
    if before and last in ROLES:
        return _file(before), last, 1.0
    name, _, role = before.rpartition(":")
    if name and role in ROLES:
        return _file(name), role, number("--reference", last)
    if before and not Path(text).is_file() and Path(before).is_file():
        raise InvalidInput("--reference", repr(last), f"the role must be one of {', '.join(ROLES)}")
    return _file(text), REFERENCE, 1.0


def structure(given: str) -> dict[str, Option]:
    """The options that KIND[:STRENGTH] stands for; none where nothing is given. Raises InvalidInput."""
    if not given:
        return {}
    kind, _, strength = given.partition(":")
    if kind not in STRUCTURES:
        raise InvalidInput("--structure", repr(kind), f"it must be one of {', '.join(STRUCTURES)}")
    return {KIND: kind, STRENGTH: number("--structure", strength) if strength else FULL}


def drawn(map_file: Path | None, at: tuple[int, int] = (0, 0)) -> "list[Placed]":
    """A map of the photo's size that was drawn, read."""
    from inlay import documents
    from inlay.client.edit import Placed

    return [Placed(CONTROL, documents.read(map_file), at, map_file.name)] if map_file else []


def seeing_around(
    wish: "Wish", client: "Client", document: "Document", mask: "NDArray[np.generic]", watcher: "Watcher"
) -> "Wish":
    """The wish with what a model of vision and language says of the surroundings. Raises as `inlay.client.edit.ask`."""
    import dataclasses

    from inlay.client import edit

    asked = edit.Wish(Verb.DESCRIBE, 0, grow_px=wish.grow_px, feather_px=wish.feather_px, context_px=wish.context_px)
    (answer,) = edit.ask(client, document, mask, asked, watcher).variations
    return dataclasses.replace(wish, surroundings=answer.report.suggested.get("words.surroundings", ""))


def number(option: str, text: str) -> float:
    """A weight. Raises InvalidInput naming `option`."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise InvalidInput(option, repr(text), "it must be a number, 0 .. 1")
    return value


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise InvalidInput("--reference", text, "it must be a picture's file, or FILE:ROLE:WEIGHT")
    return path
