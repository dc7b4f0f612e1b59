"""The parts of a PSD or PSB file by nothing but struct: what the product's own parser, or any library, is judged by."""

import struct
from typing import NamedTuple


class Parts(NamedTuple):
    """Everything by its bytes in the file.

    resources: number -> whole block. layers: (name, record, channel data), the lowest first. blocks: key -> data of the global
    blocks but that of 16-bit layers. header: version, channels, height, width, depth, mode.
    """

    header: tuple[int, ...]
    resources: dict[int, bytes]
    layers: list[tuple[str, bytes, bytes]]
    blocks: dict[bytes, bytes]
    merged: bytes


def parts_of(data: bytes) -> Parts:
    header = struct.unpack(">4sH6xHIIHH", data[:26])
    assert header[0] == b"8BPS"
    big = header[1] == 2
    at, sections = 26, []
    for size in (4, 4, 8 if big else 4):
        length = int.from_bytes(data[at : at + size], "big")
        sections.append(data[at + size : at + size + length])
        at += size + length
    layers, blocks = _layers(sections[2], big) if sections[2] else ([], {})
    return Parts(header[1:], _resources(sections[1]), layers, blocks, data[at:])


def resource(number: int, data: bytes, name: bytes = b"") -> bytes:
    """A block as Photoshop writes it."""
    label = bytes([len(name)]) + name
    label += b"\0" * (len(label) % 2)
    return b"8BIM" + struct.pack(">H", number) + label + struct.pack(">I", len(data)) + data + b"\0" * (len(data) % 2)


def with_resources(data: bytes, blocks: bytes) -> bytes:
    """The file with these resource blocks before its own."""
    start = 26 + 4 + int.from_bytes(data[26:30], "big")
    length = int.from_bytes(data[start : start + 4], "big")
    return data[:start] + struct.pack(">I", length + len(blocks)) + blocks + data[start + 4 :]


def rectangle(record: bytes) -> tuple[int, int, int, int]:
    """Top, left, bottom, right of a record."""
    return struct.unpack(">4i", record[:16])


def _resources(section: bytes) -> dict[int, bytes]:
    at, found = 0, {}
    while at + 12 <= len(section):
        number = int.from_bytes(section[at + 4 : at + 6], "big")
        label = section[at + 6] + 1
        start = at + 6 + label + label % 2
        length = int.from_bytes(section[start : start + 4], "big")
        end = start + 4 + length + length % 2
        found[number] = section[at:end]
        at = end
    return found


def _layers(section: bytes, big: bool) -> tuple[list[tuple[str, bytes, bytes]], dict[bytes, bytes]]:
    size = 8 if big else 4
    length = int.from_bytes(section[:size], "big")
    info, at = section[size : size + length], size + length
    at += 4 + int.from_bytes(section[at : at + 4], "big")
    blocks = {}
    while at + 12 <= len(section) and section[at : at + 4] in (b"8BIM", b"8B64"):
        key = section[at + 4 : at + 8]
        wide = big and key in (b"Lr16", b"Mt16", b"lnk2", b"FMsk")
        start = at + (16 if wide else 12)
        long = int.from_bytes(section[at + 8 : start], "big")
        blocks[key] = section[start : start + long]
        at = start + long + -long % 4
    layers = blocks.pop(b"Lr16", b"") or info
    return (_records(layers, big) if layers else []), blocks


def _records(info: bytes, big: bool) -> list[tuple[str, bytes, bytes]]:
    (count,) = struct.unpack(">h", info[:2])
    at, heads = 2, []
    entry = 10 if big else 6
    for _ in range(abs(count)):
        channels = int.from_bytes(info[at + 16 : at + 18], "big")
        lengths = [
            int.from_bytes(info[at + 20 + n * entry : at + 18 + (n + 1) * entry], "big") for n in range(channels)
        ]
        extra = at + 18 + channels * entry + 12
        end = extra + 4 + int.from_bytes(info[extra : extra + 4], "big")
        heads.append((info[at:end], extra + 4 - at, sum(lengths)))
        at = end
    layers = []
    for record, extra, length in heads:
        layers.append((_name(record, extra), record, info[at : at + length]))
        at += length
    return layers


def _name(record: bytes, at: int) -> str:
    for _ in range(2):  # mask and blending ranges
        at += 4 + int.from_bytes(record[at : at + 4], "big")
    return record[at + 1 : at + 1 + record[at]].decode("mac_roman")
