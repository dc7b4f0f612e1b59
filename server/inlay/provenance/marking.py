"""A mark put on a file: IPTC's source type first, then Content Credentials over everything, so that nothing comes after them."""

import os
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inlay.errors import InlayError, InvalidInput, Unsupported
from inlay.provenance.acts import Act
from inlay.provenance.certificate import identity
from inlay.provenance.kinds import BROKEN, Kind, bytes_of, kind_of, sidecar_of, stated_in
from inlay.provenance.manifest import manifest_of
from inlay.provenance.packet import stating
from inlay.provenance.source_types import strongest

XMP_LEFT = "its XMP cannot be read and was left as it is: it states no source type"
SIGNED_ALREADY = "it is signed already, and its mark is intact"
_OTHER = "application/octet-stream"


@dataclass(frozen=True)
class Marked:
    """A file that was marked. file: what holds the mark. term: IPTC's source type that speaks for it."""

    file: Path
    term: str
    notes: tuple[str, ...] = ()


def sign(
    path: Path,
    acts: Sequence[Act],
    data_dir: Path,
    *,
    original: bytes = b"",
    with_words: bool = False,
) -> Marked:
    """Mark the file: PNG, JPEG, WebP and a TIFF of one page in itself; PSD, OpenRaster and Krita's beside it, unchanged.

    acts: what was done to it. original: the file that it was made from. A mark that the file carries already stays as what came
    before; where it is intact and says the same, nothing is done. data_dir: where the certificate is, made
    on first use. with_words: prompts and names of models are told.
    Raises InvalidInput where there is nothing to say, or a file is broken; Unsupported for other formats.
    """
    data = bytes_of(path)
    kind = kind_of(data)
    if kind is None:
        raise Unsupported(
            f"{path.name} is none of PNG, TIFF, JPEG, WebP, PSD, OpenRaster, Krita: it cannot be signed", field="FILE"
        )
    if not acts:
        raise InvalidInput(
            "FILE", path.name, "it must remember an edit of Inlay's, or one be named with --job or --from"
        )
    from inlay.provenance import signing

    file = path if kind.embeds else sidecar_of(path)
    if _says_already(data, kind, sidecar_of(path), acts):
        return Marked(file, strongest([*(act.term for act in acts), stated_in(data)]), (SIGNED_ALREADY,))
    is_marked = carries(data)
    if is_marked and original:
        raise InvalidInput("--original", "named", f"{path.name} carries a mark, which stays as what came before it")
    before = terms_in(data) + terms_in(original)
    parent = signing.Parent(data, kind.mime) if is_marked else None
    if original:
        parent = signing.Parent(original, _mime_of(original), "--original")
    term = strongest([*(act.term for act in acts), *before])
    manifest = manifest_of(acts, kind.mime, has_parent=parent is not None, with_words=with_words)
    stated, notes = _stating(data, kind, term)
    by = identity(data_dir)
    if kind.embeds:
        _replace(path, signing.embedded(stated, kind.mime, manifest, parent, by))
        return Marked(file, term, notes)
    mark = signing.beside(stated, kind.mime, manifest, parent, by)
    if stated != data:
        _replace(path, stated)
    _replace(file, mark)
    return Marked(file, term, notes)


def _says_already(data: bytes, kind: Kind, sidecar: Path, acts: Sequence[Act]) -> bool:
    """Whether an intact mark tells these very acts."""
    from inlay.provenance.reading import verdict

    beside = sidecar.read_bytes() if not kind.embeds and sidecar.exists() else b""
    if not (kind.embeds or beside):
        return False
    try:
        found = verdict(data, kind.mime, beside)
    except InlayError:
        return False
    told = [step.recipe_sha256 for step in found.mark.steps if step.recipe_sha256] if found else []
    return found is not None and found.state != "Invalid" and told == [act.recipe_sha256 for act in acts]


def _mime_of(data: bytes) -> str:
    known = kind_of(data)
    return known.mime if known else _OTHER


def carries(data: bytes) -> bool:
    """Whether a file holds Content Credentials, whatever they are worth."""
    from inlay.provenance.reading import verdict

    kind = kind_of(data)
    if kind is None or kind.carrier is None:
        return False
    try:
        return verdict(data, kind.mime) is not None
    except InlayError:
        return True


def terms_in(data: bytes) -> list[str]:
    """The source types that a file states: in its XMP, and in its Content Credentials with all that came before."""
    from inlay.provenance.reading import verdict

    kind = kind_of(data)
    if kind is None or kind.carrier is None:
        return []
    stated = stated_in(data)
    try:
        found = verdict(data, kind.mime)
    except InlayError:
        found = None
    return [stated, *(found.mark.terms if found else ())]


def _stating(data: bytes, kind: Kind, term: str) -> tuple[bytes, tuple[str, ...]]:
    """The file with that source type in its XMP, and what could not be done."""
    if kind.carrier is None:
        return data, ()
    try:
        packet = stating(kind.carrier.packet(data), term)
        return (data, (XMP_LEFT,)) if packet is None else (kind.carrier.with_packet(data, packet), ())
    except BROKEN as broken:
        raise InvalidInput("FILE", kind.mime, "it must be an intact file") from broken


def _replace(path: Path, data: bytes) -> None:
    """Write a file beside and rename it: whoever looks sees the old one or the new one. What a link leads to is replaced."""
    target = path.resolve()
    partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        partial.write_bytes(data)
        if target.exists():
            shutil.copymode(target, partial)
        os.replace(partial, target)
    except OSError as refused:
        reason = refused.strerror or str(refused)
        raise InvalidInput("FILE", str(path), f"it must be a place that can be written to ({reason})") from refused
    finally:
        partial.unlink(missing_ok=True)
