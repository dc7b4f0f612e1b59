"""A cell's file: written beside its place, looked at as it lies there, and only then put in its place."""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inlay import documents
from inlay.batch.framed import Framed, as_written
from inlay.batch.outside import Compared, compared
from inlay.batch.resampling import at_size
from inlay.client.edit import Wish
from inlay.documents import Document, PlacedEdit
from inlay.errors import InvalidInput
from inlay.provenance import Statement
from inlay.region import Size


@dataclass(frozen=True)
class Part:
    """A file that is complete, but not in its place yet."""

    path: Path
    place: Path
    sha256: str
    bytes: int

    def settle(self) -> None:
        """Put it in its place. Raises InvalidInput."""
        try:
            os.replace(self.path, self.place)
            _sync_folder(self.place.parent)
        except OSError as refused:
            raise _unwritable(self.place, refused) from refused


def write_once(
    place: Path, document: Document, placed: Sequence[PlacedEdit], size: Size | None = None
) -> tuple[Part, tuple[str, ...]]:
    """`document` with its edits as NAME.part, on the disk once this returns; and notes on what the file could not take.

    size: what the file is resampled to, where it is not the document's.

    Raises what `inlay.documents.write` raises.
    """
    path = place.with_name(f"{place.stem}.part{place.suffix}")
    notes = documents.write(path, stated(document, placed, path.suffix), placed)
    if size is not None:
        documents.write(path, at_size(documents.read(path), size), [])
    try:
        with path.open("r+b") as file:
            os.fsync(file.fileno())
            data = file.read()
    except OSError as refused:
        raise _unwritable(path, refused) from refused
    return Part(path, place, hashlib.sha256(data).hexdigest(), len(data)), notes


def stated(document: Document, placed: Sequence[PlacedEdit], suffix: str) -> Document:
    """The document as a file of that suffix says how it was made; signing it is left to `inlay sign`."""
    memories = [json.loads(one.recipe_json) for one in placed]
    return Statement.of(document, memories, Path(), wanted=False).made_in(document, suffix)


def check_written(path: Path, master: Document, framed: Framed, wish: Wish) -> Compared:
    """What of a written file is the master's where nothing may change, from the file. Raises InvalidInput for another size."""
    written = documents.read(path)
    expected = as_written(master, framed, written)
    return compared(expected, written.samples, framed.kept(wish.grow_px, wish.feather_px))


def sha256_of(path: Path) -> str:
    """Of a file; empty where there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def make_folder(folder: Path) -> None:
    """Raises InvalidInput where it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        reason = refused.strerror or str(refused)
        raise InvalidInput("out", str(folder), f"it must be a folder that can be made ({reason})") from refused


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _unwritable(path: Path, refused: OSError) -> InvalidInput:
    return InvalidInput("path", str(path), f"it must be a place that can be written to ({refused.strerror or refused})")
