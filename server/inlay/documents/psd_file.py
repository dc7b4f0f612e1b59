"""The parts of a PSD or PSB file, cut apart and put together again so that every part nobody touches keeps its bytes.

Source: Adobe Photoshop File Formats Specification.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from inlay.documents import image_resources
from inlay.documents.broken import Broken
from inlay.documents.image_resources import Resource

SIGNATURE = b"8BPS"
RGB, GRAYSCALE = 3, 1
LAYERS_16 = b"Lr16"
MERGED_TRANSPARENCY, MERGED_TRANSPARENCY_16 = b"Mtrn", b"Mt16"
"""They say that the merged picture's first extra channel is its transparency."""
_BIG = frozenset(
    b"LMsk Lr16 Lr32 Layr Mt16 Mt32 Mtrn Alph FMsk lnk2 lnk3 lnkE FEid FXid FELS PxSD pths extn cinf artd".split()
)
"""Blocks whose length takes eight bytes in a PSB."""
_WIDE = b"8B64"
_SIGNATURES = (b"8BIM", _WIDE)
_ALIGNED = 4

Bytes = bytes | memoryview


class Header(NamedTuple):
    """version: 1 PSD, 2 PSB. Sizes in px, depth in bits."""

    version: int
    channels: int
    height: int
    width: int
    depth: int
    mode: int


class Block(NamedTuple):
    """A tagged block: its key, its data, and its bytes in the file, padding included."""

    key: bytes
    data: bytes
    raw: bytes

    @classmethod
    def of(cls, key: bytes, data: bytes, version: int = 1, *, aligned: int = 1, signature: bytes = b"8BIM") -> "Block":
        wide = version == 2 and (key in _BIG or signature == _WIDE)
        length = struct.pack(">Q" if wide else ">I", len(data))
        return cls(key, data, signature + key + length + data + bytes(-len(data) % aligned))


class Record(NamedTuple):
    """A layer: its record, and its channels' stored bytes (method and data), both as they lie in the file."""

    head: bytes
    channels: Bytes


@dataclass(frozen=True)
class PsdFile:
    """A file in its parts."""

    header: Header
    color_mode: bytes = b""
    resources: tuple[Resource, ...] = ()
    records: tuple[Record, ...] = ()
    """The lowest layer first."""
    transparency_first: bool = False
    """Whether the layers' count is negative: the merged picture's first extra channel is its transparency."""
    layers_in: bytes = b""
    """The key of the block that holds the layers; empty where they are in their own section."""
    global_mask: bytes = b"\0\0\0\0"
    blocks: tuple[Block, ...] = ()
    tail: bytes = b""
    """What follows the last block that can be told apart."""
    merged: Bytes = b""
    """The merged picture: method and data."""

    @property
    def colors(self) -> int:
        return 3 if self.header.mode == RGB else 1

    @property
    def is_transparent(self) -> bool:
        """Whether the merged picture's first extra channel is its transparency, and not a saved selection."""
        if self.header.channels <= self.colors:
            return False
        marks = (MERGED_TRANSPARENCY, MERGED_TRANSPARENCY_16)
        return self.transparency_first or any(block.key in marks for block in self.blocks)

    @property
    def saved_selections(self) -> int:
        return self.header.channels - self.colors - self.is_transparent


class Sections(NamedTuple):
    """What lies between the header and the merged picture, unread, and the merged picture."""

    header: Header
    color_mode: bytes
    resources: bytes
    layers: bytes
    merged: memoryview


def header_of(data: bytes) -> Header:
    """Raises Broken where it is no PSD, struct.error where it ends early."""
    signature, version, channels, height, width, depth, mode = struct.unpack_from(">4sH6xHIIHH", data)
    if signature != SIGNATURE or version not in (1, 2):
        raise Broken(f"its version is {version}; 1 (PSD) and 2 (PSB) are known")
    return Header(version, channels, height, width, depth, mode)


def sections_of(data: bytes) -> Sections:
    """Raises Broken, struct.error where a section ends beyond the file."""
    header = header_of(data)
    view, position, parts = memoryview(data), 26, list[bytes]()
    for form in (">I", ">I", ">I" if header.version == 1 else ">Q"):
        (length,) = struct.unpack_from(form, data, position)
        position += struct.calcsize(form)
        if position + length > len(data):
            raise Broken("it ends early")
        parts.append(data[position : position + length])
        position += length
    return Sections(header, parts[0], parts[1], parts[2], view[position:])


def parse(data: bytes) -> PsdFile:
    """Cut a file into its parts. Raises Broken, struct.error where that is not possible."""
    header, color_mode, resources, section, merged = sections_of(data)
    found = tuple(image_resources.parse(resources))
    file = PsdFile(header, color_mode, found, merged=merged)
    return _with_layers(file, section) if section else file


def assemble(file: PsdFile) -> bytes:
    """The file of these parts."""
    version = file.header.version
    long = ">I" if version == 1 else ">Q"
    layers, blocks = b"", list[bytes]()
    if file.records:
        layers = _layer_info(file, padded=not file.layers_in)
    for block in file.blocks:
        if block.key == file.layers_in and file.records:
            block = Block.of(block.key, layers, version, aligned=_ALIGNED, signature=block.raw[:4])
        blocks.append(block.raw)
    info = layers if not file.layers_in else b""
    body = [struct.pack(long, len(info)), info, file.global_mask, *blocks, file.tail]
    length = sum(len(part) for part in body)
    resources = b"".join(resource.raw for resource in file.resources)
    return b"".join(
        [
            struct.pack(">4sH6xHIIHH", SIGNATURE, *file.header),
            *(struct.pack(">I", len(part)) + part for part in (file.color_mode, resources)),
            struct.pack(long, length),
            *body,
            file.merged,
        ]
    )


def blocks_of(section: bytes, version: int, aligned: int = 1) -> Iterator[Block]:
    """The tagged blocks of a section, up to where there are none."""
    position = 0
    while section[position : position + 4] in _SIGNATURES and position + 12 <= len(section):
        key = section[position + 4 : position + 8]
        wide = version == 2 and (key in _BIG or section[position : position + 4] == _WIDE)
        (length,) = struct.unpack_from(">Q" if wide else ">I", section, position + 8)
        start = position + (16 if wide else 12)
        end = start + length
        if end > len(section):
            return
        padded = min(len(section), end + -length % aligned)
        yield Block(key, section[start:end], section[position:padded])
        position = padded


def _with_layers(file: PsdFile, section: bytes) -> PsdFile:
    long = ">I" if file.header.version == 1 else ">Q"
    (length,) = struct.unpack_from(long, section)
    position = struct.calcsize(long) + length
    info = section[position - length : position]
    global_mask = b""
    if len(section) - position >= 4 and section[position : position + 4] not in _SIGNATURES:
        (size,) = struct.unpack_from(">I", section, position)
        global_mask = section[position : position + 4 + size]
        position += len(global_mask)
    blocks = tuple(blocks_of(section[position:], file.header.version, _ALIGNED))
    tail = section[position + sum(len(block.raw) for block in blocks) :]
    layers_in = LAYERS_16 if any(block.key == LAYERS_16 and len(block.data) > 2 for block in blocks) else b""
    if layers_in:
        info = next(block.data for block in blocks if block.key == layers_in)
    records, transparency_first = _records(info, file.header.version)
    return PsdFile(
        file.header,
        file.color_mode,
        file.resources,
        records,
        transparency_first,
        layers_in if records else b"",
        global_mask,
        blocks,
        tail,
        file.merged,
    )


def _records(info: bytes, version: int) -> tuple[tuple[Record, ...], bool]:
    if len(info) < 2:
        return (), False
    (count,) = struct.unpack_from(">h", info)
    position, heads, sizes = 2, list[bytes](), list[int]()
    entry = 6 if version == 1 else 10
    for _ in range(abs(count)):
        (channels,) = struct.unpack_from(">H", info, position + 16)
        lengths = [
            struct.unpack_from(">I" if version == 1 else ">Q", info, position + 20 + entry * n)[0]
            for n in range(channels)
        ]
        extra = position + 18 + entry * channels + 12
        (size,) = struct.unpack_from(">I", info, extra)
        end = extra + 4 + size
        heads.append(info[position:end])
        sizes.append(sum(lengths))
        position = end
    view, records = memoryview(info), list[Record]()
    for head, size in zip(heads, sizes, strict=True):
        if position + size > len(info):
            raise Broken("a layer ends early")
        records.append(Record(head, view[position : position + size]))
        position += size
    return tuple(records), count < 0


def _layer_info(file: PsdFile, *, padded: bool) -> bytes:
    count = -len(file.records) if file.transparency_first else len(file.records)
    parts = [struct.pack(">h", count), *(own.head for own in file.records), *(own.channels for own in file.records)]
    length = sum(len(part) for part in parts)
    return b"".join([*parts, bytes(-length % _ALIGNED if padded else 0)])
