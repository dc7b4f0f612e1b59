"""Photoshop's image resources, as PSD files, JPEG's APP13 and TIFF's tag 34377 hold them. Source: Adobe Photoshop File Formats."""

import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from inlay.documents.broken import Broken

RESOLUTION, IPTC, ICC, EXIF, XMP = 1005, 1028, 1039, 1058, 1060
_CHANNEL_NAMES, _CHANNEL_NAMES_UNICODE, SLICES = 1006, 1045, 1050
_SLICE_LIST = b"slicesVlLs"
"""Before the count of slices, in the descriptor that newer versions of the resource are."""
RECIPES = 4990
"""One of the resources that belong to plug-ins (4000 to 4999): the recipes of every edit, a JSON list."""
THUMBNAILS = frozenset({1033, 1036})
TIFF_TAG = 34377
_GUIDES, _WORKING_PATH, _PATHS, _CLIPPING_PATH = 1032, 1025, range(2000, 2998), 2999
_TRAVELLERS = frozenset({_GUIDES, _WORKING_PATH, *_PATHS, _CLIPPING_PATH, 1034, 1035, 1037, 1049, 1061})
"""What means the same in another file: paths, guides, copyright flag, address, the light's direction, the captions' digest."""
_SIGNATURES = (b"8BIM", b"MeSa", b"AgHg", b"PHUT", b"DCSR")
_FIXED = 1 << 24
"""Points of a path are fractions of the canvas in 8.24 bits."""
_FURTHEST = 2**31 - 1
_KNOTS = frozenset({1, 2, 4, 5})


class Resource(NamedTuple):
    """A resource: its number, its data, and its whole block as it lies in the file, padding included."""

    number: int
    data: bytes
    raw: bytes

    @classmethod
    def of(cls, number: int, data: bytes, name: bytes = b"") -> "Resource":
        label = bytes([len(name)]) + name
        head = b"8BIM" + struct.pack(">H", number) + label + b"\0" * (len(label) % 2)
        return cls(number, data, head + struct.pack(">I", len(data)) + data + b"\0" * (len(data) % 2))


class Shift(NamedTuple):
    """A canvas laid into another one: sizes in px, and where its upper left corner comes to lie; below 0: beyond it."""

    old_width: int
    old_height: int
    width: int
    height: int
    left: int
    top: int


def parse(section: bytes) -> Iterator[Resource]:
    """Every resource of a section, in its order. Raises Broken, struct.error where it is broken."""
    position = 0
    while len(section) - position >= 12:
        if section[position : position + 4] not in _SIGNATURES:
            raise Broken(f"no image resource at byte {position} of {len(section)}")
        (number,) = struct.unpack_from(">H", section, position + 4)
        named = section[position + 6] + 1
        at = position + 6 + named + named % 2
        (length,) = struct.unpack_from(">I", section, at)
        start, end = at + 4, at + 4 + length
        if end > len(section):
            raise Broken(f"image resource {number} ends early")
        yield Resource(number, section[start:end], section[position : end + length % 2])
        position = end + length % 2


def tolerant(section: bytes) -> tuple[Resource, ...]:
    """The resources of a section up to where it is broken."""
    found: list[Resource] = []
    try:
        found.extend(parse(section))
    except (ValueError, struct.error, IndexError):
        return tuple(found)
    return tuple(found)


def first(resources: Iterable[Resource], number: int) -> bytes:
    """The data of a resource; empty where there is none."""
    return next((resource.data for resource in resources if resource.number == number), b"")


def travellers(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """The resources that mean the same in another file of the same canvas."""
    return tuple(resource for resource in resources if resource.number in _TRAVELLERS)


def channel_names(resources: Iterable[Resource]) -> tuple[str, ...]:
    """What Photoshop calls the channels beyond colour, its name for transparency left out; empty where it does not say."""
    found = {resource.number: resource.data for resource in resources}
    names = list(_unicode_names(found.get(_CHANNEL_NAMES_UNICODE, b"")))
    names = names or list(_pascal_names(found.get(_CHANNEL_NAMES, b"")))
    return tuple(name for name in names if name and name != "Transparency")


def slices_in(data: bytes) -> int:
    """How many slices resource 1050 has: one, the whole canvas, where nobody made any."""
    if data[:4] == struct.pack(">I", 6) and len(data) >= 24:
        at = 24 + 2 * struct.unpack_from(">I", data, 20)[0]
        return struct.unpack_from(">I", data, at)[0] if len(data) >= at + 4 else 0
    at = data.find(_SLICE_LIST) + len(_SLICE_LIST)
    return struct.unpack_from(">I", data, at)[0] if len(_SLICE_LIST) <= at <= len(data) - 4 else 0


def is_path(resource: Resource) -> bool:
    return resource.number in _PATHS or resource.number in (_WORKING_PATH, _CLIPPING_PATH)


def resolution_block(pixels_per_inch: tuple[float, float]) -> bytes:
    """Resource 1005: both resolutions in 16.16 bits, shown per inch."""
    fixed = [min(round(side * 65_536), 2**32 - 1) for side in pixels_per_inch]
    return struct.pack(">IHHIHH", fixed[0], 1, 1, fixed[1], 1, 1)


def resolution_of(data: bytes) -> tuple[float, float] | None:
    """Pixels per inch, from resource 1005."""
    if len(data) < 16:
        return None
    across, _, _, down, _, _ = struct.unpack_from(">IHHIHH", data)
    return (across / 65_536, down / 65_536) if across and down else None


def shifted(resource: Resource, shift: Shift) -> Resource:
    """The resource on another canvas: paths and guides stay at their pixels, all else is the same. Guides beyond it are gone."""
    if resource.number == _GUIDES:
        return Resource.of(_GUIDES, _shifted_guides(resource.data, shift))
    if is_path(resource) and resource.number != _CLIPPING_PATH:
        return _again(resource, shifted_path(resource.data, shift))
    return resource


def shifted_path(data: bytes, shift: Shift, start: int = 0) -> bytes:
    """Path records of 26 bytes from byte `start` on, at the same pixels of the larger canvas."""
    moved = bytearray(data)
    for position in range(start, len(data) - 25, 26):
        (kind,) = struct.unpack_from(">H", data, position)
        if kind in _KNOTS:
            for at in range(position + 2, position + 26, 8):
                down, across = struct.unpack_from(">ii", data, at)
                down = (down * shift.old_height + shift.top * _FIXED) / shift.height
                across = (across * shift.old_width + shift.left * _FIXED) / shift.width
                struct.pack_into(
                    ">ii", moved, at, *(min(max(round(axis), -_FURTHEST), _FURTHEST) for axis in (down, across))
                )
    return bytes(moved)


def _unicode_names(data: bytes) -> Iterator[str]:
    at = 0
    while at + 4 <= len(data):
        end = at + 4 + 2 * struct.unpack_from(">I", data, at)[0]
        yield data[at + 4 : end].decode("utf-16-be", "replace").rstrip("\0")
        at = end


def _pascal_names(data: bytes) -> Iterator[str]:
    at = 0
    while at < len(data):
        end = at + 1 + data[at]
        yield data[at + 1 : end].decode("mac_roman")
        at = end


def _shifted_guides(data: bytes, shift: Shift) -> bytes:
    """Guides are kept in 32nds of a px; direction 0 is vertical."""
    head, kept = bytearray(data[:16]), list[bytes]()
    for position in range(16, len(data) - 4, 5):
        at, direction = struct.unpack_from(">IB", data, position)
        moved = at + 32 * (shift.top if direction else shift.left)
        if 0 <= moved <= 32 * (shift.height if direction else shift.width):
            kept.append(struct.pack(">IB", moved, direction))
    if len(head) == 16:
        struct.pack_into(">I", head, 12, len(kept))
    return bytes(head) + b"".join(kept)


def _again(resource: Resource, data: bytes) -> Resource:
    """The same block with other data of the same length."""
    head = len(resource.raw) - len(resource.data) - len(resource.data) % 2
    return Resource(resource.number, data, resource.raw[:head] + data + resource.raw[head + len(data) :])
