"""Writes a document with its edits: as layers where the format has them, flattened where it has not."""

import os
import secrets
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from inlay import color
from inlay.documents.composite import composite
from inlay.documents.document import UNTAGGED_GRAY, UNTAGGED_RGB, Document, PlacedEdit
from inlay.documents.layer_stack import Group
from inlay.documents.metadata import paths_left_out
from inlay.errors import InvalidInput, Unsupported

SUFFIXES = (".ora", ".psd", ".png", ".tif", ".tiff")


def write(
    path: Path, document: Document, placed: Sequence[PlacedEdit], groups: Sequence[Group] = ()
) -> tuple[str, ...]:
    """Write `document` with `placed` on top (the last uppermost) to `path`; its suffix decides the format.

    groups: layers above all that, of a .ora or .psd.

    .ora and .psd keep the original layers and add each edit as a group with its mask; .png and .tif get the flattened picture,
    whose samples outside the masks are bit-identical. A file that is there is replaced only once the new one is complete.
    Returns what of the original's file is not in the new one, in sentences for people. Raises InvalidInput for another suffix or
    an edit that does not fit, Unsupported where the format cannot hold the samples.
    """
    for edit in placed:
        edit.check(document)
    suffix = path.suffix.lower()
    encoded, notes = _encoded(suffix, document, placed, groups)
    if document.layered == "psd" and suffix != ".psd":
        from inlay.documents.psd import selections_left_out

        notes += selections_left_out(document, suffix)
    stored_at(path, encoded)
    return document.notes + notes


def stored_at(path: Path, encoded: bytes) -> None:
    """Write a file; one that is there is replaced only once the new one is complete. Raises InvalidInput."""
    with storing(path) as beside:
        beside.write_bytes(encoded)


@contextmanager
def storing(path: Path) -> Generator[Path, None, None]:
    """Where to write a file piece by piece: it takes the place of `path` once the block has ended well. Raises InvalidInput."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        yield beside
        os.replace(beside, path)
    except OSError as refused:
        reason = refused.strerror or str(refused)
        raise InvalidInput("path", str(path), f"it must be a place that can be written to ({reason})") from refused
    finally:
        beside.unlink(missing_ok=True)


def _encoded(
    suffix: str, document: Document, placed: Sequence[PlacedEdit], groups: Sequence[Group]
) -> tuple[bytes, tuple[str, ...]]:
    recipes = [edit.recipe_json for edit in placed]
    said = document.metadata
    if suffix == ".png":
        from inlay.documents.png import encode_png

        check_integer(document, "PNG")
        shown = composite(document, placed)
        return encode_png(shown, _profile(document), said, said.all_recipes(recipes)), paths_left_out(said, "PNG")
    if suffix in (".tif", ".tiff"):
        from inlay.documents.tiff_writing import encode_tiff

        return encode_tiff(composite(document, placed), _profile(document), said, recipes)
    if suffix == ".ora":
        from inlay.documents.openraster import encode_openraster

        check_integer(document, "OpenRaster")
        return encode_openraster(document, placed, groups)
    if suffix == ".psd":
        from inlay.documents.psd import encode_psd

        check_integer(document, "PSD")
        return encode_psd(document, placed, groups)
    raise InvalidInput("path", suffix or "without a suffix", f"it must end in {', '.join(SUFFIXES)}")


def _profile(document: Document) -> bytes:
    """The profile to embed: none where the document came without."""
    if document.icc or document.profile in (UNTAGGED_RGB, UNTAGGED_GRAY):
        return document.icc
    return color.profile_bytes(document.raster(document.size, ""))


def check_integer(document: Document, format_name: str) -> None:
    """Raise Unsupported for float documents: these formats end at 16 bit integer."""
    if document.sample_type.is_float:
        raise Unsupported(
            f"{format_name} files hold 8 or 16 bit integers here; write float documents as .tif", field="path"
        )
