"""What kind of file it is, as a mark has to know: its media type, and whether the mark goes into it or beside it."""

import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

from inlay.errors import InvalidInput
from inlay.provenance.carriers import Carrier, carrier_of, has_more_pages
from inlay.provenance.packet import term_in

SIDECAR = ".c2pa"
"""Behind the whole name of a file that cannot hold its mark."""
BROKEN = (struct.error, IndexError, OverflowError, ValueError, zlib.error)
"""What carriers raise where a file is broken."""

_ZIPPED = {b"image/openraster": "image/openraster", b"application/x-krita": "application/x-krita"}


class Kind(NamedTuple):
    """carrier: how XMP goes into it; None: not at all. embeds: whether Content Credentials go there, too; else they lie beside."""

    mime: str
    carrier: Carrier | None = None
    embeds: bool = False


def bytes_of(path: Path) -> bytes:
    """The whole file. Raises InvalidInput where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as unreadable:
        reason = unreadable.strerror or str(unreadable)
        raise InvalidInput("FILE", str(path), f"it must be a file that can be read ({reason})") from unreadable


def kind_of(data: bytes) -> Kind | None:
    """By what the file is, not by its name; None for what Inlay does not sign."""
    carrier = carrier_of(data)
    if carrier:
        # Into a TIFF of several pages c2pa-rs 0.91 puts another page without a picture, at which Pillow stumbles.
        return Kind(carrier.mime, carrier, embeds=not has_more_pages(data))
    if data.startswith(b"8BPS"):
        return Kind("image/vnd.adobe.photoshop")
    if data.startswith(b"PK"):
        mime = _ZIPPED.get(_declared(data))
        return Kind(mime) if mime else None
    return None


def _declared(data: bytes) -> bytes:
    """What an archive's first entry, `mimetype`, says."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open("mimetype") as entry:
            return entry.read(64).strip()
    except (zipfile.BadZipFile, KeyError, RuntimeError, NotImplementedError, EOFError, ValueError, OSError, zlib.error):
        return b""


def sidecar_of(path: Path) -> Path:
    """Where the mark of a file lies that cannot hold it."""
    return path.with_name(path.name + SIDECAR)


def stated_in(data: bytes) -> str:
    """The source type in a file's XMP; empty where there is none, or it cannot be read."""
    kind = kind_of(data)
    try:
        return term_in(kind.carrier.packet(data)) if kind and kind.carrier else ""
    except BROKEN:
        return ""
