"""What a file itself remembers of Inlay's edits: PNG, TIFF, JPEG, PSD, OpenRaster, and Krita's own format."""

import io
import json
import struct
import xml.etree.ElementTree as ElementTree
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from inlay import documents
from inlay.documents.metadata import KRITA_PROVENANCE
from inlay.errors import InlayError
from inlay.provenance.kinds import bytes_of, kind_of

KRITA_NOTE = f"annotations/{KRITA_PROVENANCE}"
"""How a .kra names the annotation of the Krita plugin: its results' acts, by the unique ids of their layers."""
_MAX_BYTES = 64 * 2**20
_BROKEN = (
    ValueError,
    KeyError,
    RecursionError,
    RuntimeError,
    NotImplementedError,
    EOFError,
    OSError,
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
    ElementTree.ParseError,
)


def memories_in(path: Path) -> tuple[Mapping[str, Any], ...]:
    """What is kept of each edit, in the order of the edits, as `acts_in` takes it; empty where nothing can be read."""
    data = bytes_of(path)
    kind, found = kind_of(data), list[Any]()
    with suppress(InlayError, ValueError):  # Krita's own format, for one, is not read here
        found += [json.loads(recipe) for recipe in documents.read(path).metadata.recipes]
    if kind and kind.mime in _ARCHIVES:
        with suppress(*_BROKEN), zipfile.ZipFile(io.BytesIO(data)) as archive:
            found += _ARCHIVES[kind.mime](archive)
    return tuple(one for one in found if isinstance(one, dict))


def _of_openraster(archive: zipfile.ZipFile) -> Iterator[Any]:
    names = [name for name in archive.namelist() if name.startswith("inlay/recipe-") and name.endswith(".json")]
    for name in sorted(names, key=lambda name: (len(name), name)):
        yield json.loads(_entry(archive, name))


def _of_krita(archive: zipfile.ZipFile) -> Iterator[Any]:
    """Of the results that show: those whose layers are still there, and neither they nor a group around them hidden."""
    kept = next((name for name in archive.namelist() if name.endswith(KRITA_NOTE)), "")
    acts = json.loads(_entry(archive, kept)) if kept else {}
    for layer in _shown(ElementTree.fromstring(_entry(archive, "maindoc.xml"))) if acts else ():
        if layer in acts:
            yield acts[layer]


def _shown(element: ElementTree.Element) -> Iterator[str]:
    """The unique ids of visible layers, the uppermost last."""
    for child in reversed(element):
        if child.get("visible", "1") != "0":
            yield from _shown(child)
            yield child.get("uuid", "")


_ARCHIVES = {"image/openraster": _of_openraster, "application/x-krita": _of_krita}


def _entry(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as source:
        data = source.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise ValueError(f"{name} unpacks to too much")
    return data
