"""XMP put into files that others wrote, without touching a sample: PNG, JPEG, TIFF and WebP.

Source: XMP specification part 3; PNG third edition; TIFF 6.0 and BigTIFF; the WebP container specification.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

from inlay.errors import Unsupported

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_TIFFS = {b"II*\0": ("<", False), b"MM\0*": (">", False), b"II+\0": ("<", True), b"MM\0+": (">", True)}
_KEYWORD = b"XML:com.adobe.xmp"
_APP1 = b"http://ns.adobe.com/xap/1.0/\0"
_XMP_TAG, _BYTE = 700, 1
_MAX_SEGMENT = 65_533 - len(_APP1)


class Carrier(NamedTuple):
    """A format that holds XMP and Content Credentials within itself. packet, with_packet: XMP read and put there."""

    mime: str
    packet: Callable[[bytes], bytes]
    with_packet: Callable[[bytes, bytes], bytes]


def carrier_of(data: bytes) -> Carrier | None:
    """By what the file is; None for every other format."""
    if data.startswith(_PNG):
        return Carrier("image/png", _png_packet, _png_with)
    if data.startswith(_JPEG):
        return Carrier("image/jpeg", _jpeg_packet, _jpeg_with)
    if data[:4] in _TIFFS:
        return Carrier("image/tiff", _tiff_packet, _tiff_with)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Carrier("image/webp", _webp_packet, _webp_with)
    return None


def has_more_pages(data: bytes) -> bool:
    """Whether a file is a TIFF of several pages; False where it is broken."""
    try:
        return data[:4] in _TIFFS and any(_tiff_directory(data).rest)
    except struct.error:
        return False


def _png_packet(data: bytes) -> bytes:
    for kind, start, end in _png_chunks(data):
        if _is_packet(kind, data[start:end]):
            packed, _, rest = data[start + len(_KEYWORD) + 1], 0, data[start + len(_KEYWORD) + 3 : end]
            text = rest.split(b"\0", 2)[2]
            return zlib.decompress(text) if packed else text
    return b""


def _png_with(data: bytes, packet: bytes) -> bytes:
    """Where the former one was, else after the header."""
    body = _KEYWORD + b"\0\0\0\0\0" + packet
    chunk = struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", zlib.crc32(b"iTXt" + body))
    chunks = list(_png_chunks(data))
    kept = [data[start - 8 : end + 4] for kind, start, end in chunks if not _is_packet(kind, data[start:end])]
    return data[: len(_PNG)] + kept[0] + chunk + b"".join(kept[1:]) + data[chunks[-1].end + 4 :]


class _Part(NamedTuple):
    """A chunk's or segment's kind, and from where to where its body lies."""

    kind: bytes
    start: int
    end: int


def _is_packet(kind: bytes, body: bytes) -> bool:
    return kind == b"iTXt" and body.startswith(_KEYWORD + b"\0")


def _png_chunks(data: bytes) -> Iterator[_Part]:
    at = len(_PNG)
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        yield _Part(kind, at + 8, at + 8 + length)
        at += 12 + length
        if kind == b"IEND":
            return


def _jpeg_packet(data: bytes) -> bytes:
    found = (data[start:end] for kind, start, end in _jpeg_segments(data) if kind == b"\xe1")
    return next((body[len(_APP1) :] for body in found if body.startswith(_APP1)), b"")


def _jpeg_with(data: bytes, packet: bytes) -> bytes:
    """Where the former one was, else after JFIF's and Exif's segments, which come first."""
    if len(packet) > _MAX_SEGMENT:
        raise Unsupported(f"the XMP has {len(packet)} bytes; a JPEG holds {_MAX_SEGMENT}", field="FILE")
    segment = b"\xff\xe1" + struct.pack(">H", 2 + len(_APP1) + len(packet)) + _APP1 + packet
    parts = list(_jpeg_segments(data))
    own = next((one for one in parts if one.kind == b"\xe1" and data.startswith(_APP1, one.start)), None)
    if own:
        return data[: own.start - 4] + segment + data[own.end :]
    leading = 2
    for kind, start, end in parts:
        if kind != b"\xe0" and not (kind == b"\xe1" and data.startswith(b"Exif\0", start)):
            break
        leading = end
    return data[:leading] + segment + data[leading:]


def _jpeg_segments(data: bytes) -> Iterator[_Part]:
    """Up to the first scan; stray bytes between them are stepped over, as decoders do."""
    at = 2
    while (at := data.find(b"\xff", at)) >= 0 and at + 4 <= len(data):
        marker = data[at + 1]
        if not 0xC0 <= marker < 0xFF or 0xD0 <= marker <= 0xD9:
            at += 1
            continue
        if marker == 0xDA:
            return
        (length,) = struct.unpack_from(">H", data, at + 2)
        yield _Part(bytes([marker]), at + 4, at + 2 + length)
        at += 2 + length


class _Directory(NamedTuple):
    """The first directory of a TIFF: its byte order and sizes, its entries as they are stored, and where the next one begins."""

    order: str
    is_big: bool
    entries: list[bytes]
    rest: bytes

    @property
    def offset(self) -> str:
        return self.order + ("Q" if self.is_big else "I")

    def entry(self, code: int, kind: int, count: int, value: bytes) -> bytes:
        form = self.order + ("HHQ" if self.is_big else "HHI")
        return struct.pack(form, code, kind, count) + value.ljust(struct.calcsize(self.offset), b"\0")

    def code(self, entry: bytes) -> int:
        return struct.unpack_from(self.order + "H", entry)[0]


def _tiff_directory(data: bytes) -> _Directory:
    order, is_big = _TIFFS[data[:4]]
    (at,) = struct.unpack_from(order + ("Q" if is_big else "I"), data, 8 if is_big else 4)
    if at > len(data):
        raise struct.error(f"a directory at byte {at}")
    (count,) = struct.unpack_from(order + ("Q" if is_big else "H"), data, at)
    start, size = at + (8 if is_big else 2), 20 if is_big else 12
    if start + size * count > len(data):
        raise struct.error(f"a directory of {count} entries")
    entries = [data[start + size * n : start + size * (n + 1)] for n in range(count)]
    end = start + size * count
    return _Directory(order, is_big, entries, data[end : end + (8 if is_big else 4)])


def _tiff_packet(data: bytes) -> bytes:
    directory = _tiff_directory(data)
    entry = next((one for one in directory.entries if directory.code(one) == _XMP_TAG), None)
    if entry is None:
        return b""
    count, value = struct.unpack_from(directory.order + ("QQ" if directory.is_big else "II"), entry, 4)
    if count <= struct.calcsize(directory.offset):
        return entry[-struct.calcsize(directory.offset) :][:count]
    return data[value : value + count]


def _tiff_with(data: bytes, packet: bytes) -> bytes:
    """The packet and a new first directory behind everything else; the header points there, and nothing that was moves."""
    directory = _tiff_directory(data)
    base = len(data) + len(data) % 2
    at = base + len(packet) + len(packet) % 2
    if not directory.is_big and at + 12 * len(directory.entries) + 64 >= 2**32:
        raise Unsupported("the TIFF is too large for another tag", field="FILE")
    own = directory.entry(_XMP_TAG, _BYTE, len(packet), struct.pack(directory.offset, base))
    kept = [one for one in directory.entries if directory.code(one) != _XMP_TAG]
    entries = sorted([*kept, own], key=directory.code)
    count = struct.pack(directory.order + ("Q" if directory.is_big else "H"), len(entries))
    header = data[: 8 if directory.is_big else 4] + struct.pack(directory.offset, at)
    body = data[len(header) :] + bytes(base - len(data))
    return header + body + packet + bytes(at - base - len(packet)) + count + b"".join(entries) + directory.rest


def _webp_packet(data: bytes) -> bytes:
    return next((data[start:end] for kind, start, end in _webp_chunks(data) if kind == b"XMP "), b"")


def _webp_with(data: bytes, packet: bytes) -> bytes:
    """Behind everything else; a plain file gets the header that says what it holds."""
    parts = [(kind, data[start:end]) for kind, start, end in _webp_chunks(data) if kind != b"XMP "]
    if parts[0][0] != b"VP8X":
        parts.insert(0, (b"VP8X", _webp_header(*parts[0])))
    kind, header = parts[0]
    parts[0] = (kind, bytes([header[0] | 4]) + header[1:])
    parts.append((b"XMP ", packet))
    body = b"WEBP" + b"".join(_webp_chunk(*part) for part in parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _webp_header(kind: bytes, body: bytes) -> bytes:
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        width, height, has_alpha = bits & 0x3FFF, bits >> 14 & 0x3FFF, bits >> 28 & 1
    else:
        across, down = struct.unpack_from("<HH", body, 6)
        width, height, has_alpha = (across & 0x3FFF) - 1, (down & 0x3FFF) - 1, 0
    return bytes([has_alpha << 4, 0, 0, 0]) + width.to_bytes(3, "little") + height.to_bytes(3, "little")


def _webp_chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def _webp_chunks(data: bytes) -> Iterator[_Part]:
    at = 12
    while at + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        yield _Part(kind, at + 8, at + 8 + length)
        at += 8 + length + length % 2
