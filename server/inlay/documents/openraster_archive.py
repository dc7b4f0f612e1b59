"""The entries of an OpenRaster or .kra, however small or plain they claim to be: limits before anything is unpacked or believed."""

import io
import posixpath
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Generator
from contextlib import contextmanager

from inlay.documents.document import check_size
from inlay.errors import InvalidInput
from inlay.region import Size

MAX_ENTRIES = 4096
MAX_DEPTH = 200
"""Of groups in groups; Python's own limit of calls is five times that."""
MAX_XML_BYTES = 8 * 2**20
_MAX_ATTRIBUTE = 60
_SMALL_BYTES = 64 * 2**20
"""What may be unpacked whatever the size of file and document."""
_MAX_RATIO = 200
_SAMPLES_BYTES = 8
"""Of a pixel of 16 bit RGBA; compressed it is rarely more."""
_CHUNK = 2**20


@contextmanager
def opened(data: bytes) -> Generator[zipfile.ZipFile, None, None]:
    """The archive. Raises InvalidInput where it has too many entries, or unpacks to too much for its size."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        if len(entries) > MAX_ENTRIES:
            raise InvalidInput("path", f"{len(entries)} entries", f"at most {MAX_ENTRIES} are allowed")
        total, limit = sum(entry.file_size for entry in entries), max(_SMALL_BYTES, _MAX_RATIO * len(data))
        if total > limit:
            raise InvalidInput("path", f"an archive that unpacks to {total} bytes", f"at most {limit} are allowed")
        yield archive


def stack_of(archive: zipfile.ZipFile) -> ElementTree.Element:
    """stack.xml's image element. Raises InvalidInput for a document type, no stack, and groups that are too deep."""
    image = parsed(entry(archive, "stack.xml", MAX_XML_BYTES), "stack.xml")
    if image is None or image.tag != "image" or image.find("stack") is None:
        tag = "nothing" if image is None else f"<{image.tag[:_MAX_ATTRIBUTE]}>"
        raise InvalidInput("path", f"{tag} in stack.xml", "it must hold an <image> with a <stack>")
    return image


def parsed(xml: bytes, name: str, document_type: str = "") -> ElementTree.Element | None:
    """The root of an entry's XML. Raises InvalidInput for groups that are too deep, and for any document type but the named one,
    which must define nothing."""
    parser = ElementTree.XMLPullParser(events=("start", "end"))
    depth, root = 0, None
    _refuse_document_type(xml, name, document_type)
    parser.feed(xml)
    for event, *found in parser.read_events():
        (element,) = found
        assert isinstance(element, ElementTree.Element)
        depth += 1 if event == "start" else -1
        root = element if root is None else root
        if depth > MAX_DEPTH:
            raise InvalidInput("path", f"groups more than {MAX_DEPTH} deep in {name}", "nest them less")
    parser.close()
    return root


def size_of(image: ElementTree.Element, across: str = "w", down: str = "h") -> Size:
    """The canvas, by the names of its sides. Raises InvalidInput where it is no size, or too large."""
    try:
        size = Size(int(image.get(across, "0")), int(image.get(down, "0")))
    except ValueError:
        said = f"{image.get(across, '')[:_MAX_ATTRIBUTE]} x {image.get(down, '')[:_MAX_ATTRIBUTE]}"
        raise InvalidInput("path", f"a canvas of {said} px", "its sides must be whole numbers") from None
    check_size(*size)
    return size


def entry_limit(size: Size) -> int:
    """Bytes that one entry of a document of this size may unpack to."""
    return max(_SMALL_BYTES, 4 * _SAMPLES_BYTES * size.width * size.height)


def entry(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """An entry's bytes: at most `limit` are ever unpacked. Raises InvalidInput where there would be more."""
    with archive.open(name) as source:
        data = source.read(limit + 1)
    if len(data) > limit:
        raise _too_long(name, limit)
    return data


def copy(source: zipfile.ZipFile, name: str, target: zipfile.ZipFile, limit: int) -> None:
    """An entry from archive to archive as it is packed, piece by piece. Raises InvalidInput where it is longer than `limit`."""
    info = source.getinfo(name)
    kept = zipfile.ZipInfo(name, info.date_time)
    kept.compress_type = info.compress_type
    left = limit
    with source.open(info) as packed, target.open(kept, "w") as unpacked:
        while piece := packed.read(_CHUNK):
            left -= len(piece)
            if left < 0:
                raise _too_long(name, limit)
            unpacked.write(piece)


def is_inside(name: str) -> bool:
    """Whether an entry's name stays in the folder that somebody unpacks it to, on any system."""
    plain = name.replace("\\", "/")
    return not (
        plain.startswith("/") or ":" in plain or ".." in plain.split("/") or not posixpath.normpath(plain).strip(".")
    )


def _refuse_document_type(xml: bytes, name: str, allowed: str) -> None:
    """In whatever encoding: a document type can define entities that unpack without end."""

    def refuse(found: str, _system: object, _public: object, defines: int) -> None:
        if found != allowed or defines:
            raise InvalidInput("path", f"a document type in {name}", "none that defines anything is allowed")

    from xml.parsers import expat

    checker = expat.ParserCreate()
    checker.StartDoctypeDeclHandler = refuse
    checker.Parse(xml, True)


def _too_long(name: str, limit: int) -> InvalidInput:
    return InvalidInput(
        "path", f"{name[:_MAX_ATTRIBUTE]} unpacks to more than {limit} bytes", f"at most {limit} are allowed"
    )
