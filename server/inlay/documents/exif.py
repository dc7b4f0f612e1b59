"""Exif blocks: read, made upright in place, and built anew. Source: Exif 2.32 and TIFF 6.0.

A block is a small TIFF file: a header, and directories of tags. It is changed in place wherever that is possible, because a
camera maker's own notes point at offsets inside it.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from inlay.region import Size

ORIENTATION, RESOLUTION_UNIT, X_RESOLUTION, Y_RESOLUTION = 274, 296, 282, 283
IMAGE_WIDTH, IMAGE_LENGTH = 256, 257
COLOR_SPACE, PIXEL_X, PIXEL_Y, MAKER_NOTE = 0xA001, 0xA002, 0xA003, 37500
PHOTO_IFD, GPS_IFD, INTEROPERABILITY_IFD = 0x8769, 0x8825, 0xA005
_INTEROPERABILITY_INDEX = 1
_UNCALIBRATED, _ADOBE_RGB = 0xFFFF, 2
SHORT, LONG, RATIONAL, UNDEFINED = 3, 4, 5, 7
_BYTES = {1: 1, 2: 1, SHORT: 2, LONG: 4, RATIONAL: 8, 6: 1, UNDEFINED: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
"""Of one value of each type; rationals are two numbers of four."""
_SWAPPED = {2: 2, 4: 4, 8: 8}
_POINTERS = (PHOTO_IFD, GPS_IFD, INTEROPERABILITY_IFD)


class Value(NamedTuple):
    """A tag's type, how many values it has, and their little-endian bytes."""

    kind: int
    values: int
    data: bytes


Tags = dict[int, Value]


@dataclass(frozen=True)
class Exif:
    """The directories of a block: of the picture, the photograph, the place and interoperability."""

    image: Tags = field(default_factory=dict)
    photo: Tags = field(default_factory=dict)
    gps: Tags = field(default_factory=dict)
    interoperability: Tags = field(default_factory=dict)


class _Entry(NamedTuple):
    """A tag where it lies in a block. at: of its value's bytes; place: of the entry itself."""

    tag: int
    kind: int
    values: int
    at: int
    place: int

    @property
    def end(self) -> int:
        return self.at + self.values * _BYTES[self.kind]


def parse(block: bytes) -> Exif:
    """The tags of a block; an empty one where it is broken, and without what lies outside it."""
    try:
        order = _order(block)
        image = _tags(block, order, _first(block, order))
        directories = {pointer: _pointed(block, order, image, pointer) for pointer in (PHOTO_IFD, GPS_IFD)}
        photo = directories[PHOTO_IFD]
        interoperability = _pointed(block, order, photo, INTEROPERABILITY_IFD)
    except (struct.error, ValueError):
        return Exif()
    own = [{tag: value for tag, value in tags.items() if tag not in _POINTERS} for tags in (image, photo)]
    return Exif(own[0], own[1], directories[GPS_IFD], interoperability)


def build(exif: Exif, base: int = 8) -> tuple[bytes, int, int]:
    """The photograph's, place's and interoperability directories in little-endian bytes that will lie at offset `base`.

    Returns the bytes and the offsets of the photograph's and of the place's directory; 0 where there is none.
    """
    data = b""
    photo = dict(exif.photo)
    if exif.interoperability:
        photo[INTEROPERABILITY_IFD] = Value(LONG, 1, struct.pack("<I", base))
        data += _directory(exif.interoperability, base)
    photo_at = base + len(data) if photo else 0
    data += _directory(photo, photo_at) if photo else b""
    gps_at = base + len(data) if exif.gps else 0
    data += _directory(exif.gps, gps_at) if exif.gps else b""
    return data, photo_at, gps_at


def block_of(exif: Exif) -> bytes:
    """A whole little-endian block; empty where there are no tags."""
    if exif == Exif():
        return b""
    data, photo_at, gps_at = build(exif)
    image = dict(exif.image)
    if photo_at:
        image[PHOTO_IFD] = Value(LONG, 1, struct.pack("<I", photo_at))
    if gps_at:
        image[GPS_IFD] = Value(LONG, 1, struct.pack("<I", gps_at))
    first = 8 + len(data)
    return struct.pack("<2sHI", b"II", 42, first) + data + _directory(image, first)


def settled(block: bytes, size: Size) -> bytes:
    """`block` for an upright picture of `size` (px): orientation 1, these dimensions, no thumbnail; all else where it was."""
    try:
        order = _order(block)
        first = _first(block, order)
        changed = bytearray(block)
        for entry in _entries(block, order, first):
            if entry.tag in (ORIENTATION, IMAGE_WIDTH, IMAGE_LENGTH):
                wanted = {ORIENTATION: 1, IMAGE_WIDTH: size.width, IMAGE_LENGTH: size.height}[entry.tag]
                _set_number(changed, order, entry, wanted)
            elif entry.tag == PHOTO_IFD:
                (photo,) = struct.unpack_from(order + "I", block, entry.at)
                for own in _entries(block, order, photo):
                    if own.tag in (PIXEL_X, PIXEL_Y):
                        _set_number(changed, order, own, size.width if own.tag == PIXEL_X else size.height)
        _drop_thumbnail(changed, block, order, first)
    except (struct.error, ValueError):
        return b""
    return bytes(changed)


def orientation(block: bytes) -> int:
    """1..8; 1 where the block does not say, or is broken: the picture itself may be whole."""
    return number(parse(block).image.get(ORIENTATION)) or 1


def pixels_per_inch(tags: Tags) -> tuple[float, float] | None:
    """The resolution that a picture's tags state, horizontally and vertically; None without one."""
    unit = number(tags.get(RESOLUTION_UNIT)) or 2
    sides = [_ratio(tags.get(tag)) for tag in (X_RESOLUTION, Y_RESOLUTION)]
    if unit not in (2, 3) or not all(sides):
        return None
    scale = 1.0 if unit == 2 else 2.54
    return sides[0] * scale, sides[1] * scale


def is_adobe_rgb(block: bytes) -> bool:
    """Whether a camera says that it recorded Adobe RGB: DCF's "uncalibrated" with R03, or the 2 that some write instead."""
    exif = parse(block)
    space = number(exif.photo.get(COLOR_SPACE))
    index = exif.interoperability.get(_INTEROPERABILITY_INDEX, Value(2, 0, b"")).data
    return space == _ADOBE_RGB or (space == _UNCALIBRATED and index.startswith(b"R03"))


def number(value: Value | None) -> int:
    """The first of a tag's whole numbers; 0 where there is none."""
    if value is None or value.values < 1 or value.kind not in (1, SHORT, LONG):
        return 0
    return int.from_bytes(value.data[: _BYTES[value.kind]], "little")


def rational(pixels: float) -> Value:
    """A number as a tag's quotient, exact to a ten thousandth."""
    whole = round(pixels) if abs(pixels - round(pixels)) < 1e-4 else 0
    return Value(
        RATIONAL, 1, struct.pack("<II", whole, 1) if whole else struct.pack("<II", round(pixels * 10_000), 10_000)
    )


def _ratio(value: Value | None) -> float:
    if value is None or value.kind != RATIONAL or len(value.data) < 8:
        return 0.0
    above, below = struct.unpack_from("<II", value.data)
    return above / below if below else 0.0


def _order(block: bytes) -> str:
    if block[:4] == b"II*\0":
        return "<"
    if block[:4] == b"MM\0*":
        return ">"
    raise ValueError("no byte order")


def _first(block: bytes, order: str) -> int:
    return struct.unpack_from(order + "I", block, 4)[0]


def _entries(block: bytes, order: str, offset: int) -> Iterator[_Entry]:
    """The entries of a directory whose values lie inside the block."""
    (count,) = struct.unpack_from(order + "H", block, offset)
    for place in range(offset + 2, offset + 2 + 12 * count, 12):
        tag, kind, values = struct.unpack_from(order + "HHI", block, place)
        if kind not in _BYTES:
            continue
        fits = values * _BYTES[kind] <= 4
        at = place + 8 if fits else struct.unpack_from(order + "I", block, place + 8)[0]
        entry = _Entry(tag, kind, values, at, place)
        if entry.end <= len(block):
            yield entry


def _tags(block: bytes, order: str, offset: int) -> Tags:
    return {
        entry.tag: Value(entry.kind, entry.values, little_endian(block[entry.at : entry.end], entry.kind, order))
        for entry in _entries(block, order, offset)
    }


def _pointed(block: bytes, order: str, tags: Tags, pointer: int) -> Tags:
    """Another directory; empty where nothing points at one, or where it is broken."""
    if pointer not in tags:
        return {}
    try:
        return _tags(block, order, number(tags[pointer]) or len(block))
    except struct.error:
        return {}


def little_endian(data: bytes, kind: int, order: str) -> bytes:
    """A tag's values in the byte order that `Value` has."""
    size = 4 if kind in (RATIONAL, 10) else _BYTES[kind]
    if order == "<" or size not in _SWAPPED:
        return data
    return np.frombuffer(data, f"u{size}").byteswap().tobytes()


def _directory(tags: Tags, offset: int) -> bytes:
    """A directory that lies at `offset`, its larger values behind it; of even length."""
    head, tail = struct.pack("<H", len(tags)), b""
    behind = offset + 2 + 12 * len(tags) + 4
    for tag in sorted(tags):
        kind, count, data = tags[tag]
        head += struct.pack("<HHI", tag, kind, count)
        if len(data) <= 4:
            head += data.ljust(4, b"\0")
        else:
            head += struct.pack("<I", behind + len(tail))
            tail += data + b"\0" * (len(data) % 2)
    return head + struct.pack("<I", 0) + tail


def _set_number(block: bytearray, order: str, entry: _Entry, wanted: int) -> None:
    if entry.kind in (SHORT, LONG) and entry.values == 1:
        form = {SHORT: "H", LONG: "I"}[entry.kind]
        struct.pack_into(order + form, block, entry.at, min(wanted, 0xFFFF) if entry.kind == SHORT else wanted)


def _drop_thumbnail(changed: bytearray, block: bytes, order: str, first: int) -> None:
    """Forget the second directory, and cut off its picture where that ends the block."""
    (count,) = struct.unpack_from(order + "H", block, first)
    link = first + 2 + 12 * count
    if link + 4 > len(block):
        return
    (second,) = struct.unpack_from(order + "I", block, link)
    struct.pack_into(order + "I", changed, link, 0)
    if not 0 < second < len(block):
        return
    found = {entry.tag: entry for entry in _entries(block, order, second)}
    if 513 in found and 514 in found:
        start, length = (struct.unpack_from(order + "I", block, found[tag].at)[0] for tag in (513, 514))
        if start > link and length > 0 and start + length >= len(block) - 1:
            del changed[start:]
