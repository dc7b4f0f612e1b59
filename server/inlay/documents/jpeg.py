"""JPEG with its profile and metadata, turned upright. Source: ITU T.81 (markers), ICC.1 annex B.4, Exif 2.32, XMP part 3."""

import struct
from collections.abc import Iterator

import numpy as np

from inlay.documents import exif, image_resources, metadata, xmp
from inlay.documents.broken import Broken
from inlay.documents.document import check_size
from inlay.documents.metadata import Metadata, Picture
from inlay.documents.orientation import upright
from inlay.documents.sample_depth import full_range
from inlay.errors import InvalidInput, Unsupported

SIGNATURE = b"\xff\xd8\xff"
_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_SCAN = 0xDA
_MARKERS = frozenset(range(0xC0, 0xFF)) - frozenset(range(0xD0, 0xDA))
"""Those that a length follows; the others mark a place in a scan, its beginning or the end."""
_END = b"\xff\xd9"
_ICC, _EXIF, _PHOTOSHOP, _JFIF = b"ICC_PROFILE\0", b"Exif\0\0", b"Photoshop 3.0\0", b"JFIF\0"
_XMP, _EXTENDED_XMP = b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0"
_JFIF_INCH, _JFIF_CM = 1, 2


def decode_jpeg(data: bytes) -> Picture:
    """Decode a JPEG; the Exif orientation is applied, more than 8 bits become 16.

    Raises InvalidInput where it is too large or ends early (decoders fill the rest with gray), Unsupported for CMYK; what the
    decoder raises where it is broken.
    """
    import imagecodecs

    segments: list[tuple[int, bytes]] = []
    bits = 8
    for marker, body, end in _segments(data):
        segments.append((marker, body))
        if marker in _FRAMES:
            bits, height, width, components = struct.unpack_from(">BHHB", body)
            check_size(width, height)
            if components not in (1, 3):
                raise Unsupported("CMYK JPEG files cannot be edited; convert a copy to RGB", field="path")
        elif marker == _SCAN and data.find(_END, end) < 0:
            raise InvalidInput("path", f"{len(data)} bytes", "it must be a whole JPEG file; this one ends early")
    samples = full_range(imagecodecs.jpeg8_decode(data), bits)
    if samples.ndim == 2:
        samples = samples[..., None]
    found, notes = _metadata(segments)
    return Picture(
        np.ascontiguousarray(upright(samples, exif.orientation(found.exif))), _profile(segments), found, notes
    )


def _segments(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Marker, body and end of every segment up to the first scan; stray bytes between them are stepped over, as decoders do."""
    position = 2
    while True:
        position = data.find(b"\xff", position)
        if position < 0 or position + 4 > len(data):
            raise Broken("it ends before its picture")
        marker = data[position + 1]
        if marker not in _MARKERS:
            position += 1
            continue
        (length,) = struct.unpack_from(">H", data, position + 2)
        end = position + 2 + length
        yield marker, data[position + 4 : end], end
        if marker == _SCAN:
            return
        position = end


def _profile(segments: list[tuple[int, bytes]]) -> bytes:
    parts = {
        body[12]: body[14:] for marker, body in segments if marker == 0xE2 and body.startswith(_ICC) and len(body) > 14
    }
    return b"".join(parts[number] for number in sorted(parts))


def _metadata(segments: list[tuple[int, bytes]]) -> tuple[Metadata, tuple[str, ...]]:
    """What the application segments say, and notes on what of them is left out."""
    photoshop = image_resources.tolerant(_joined(segments, 0xED, _PHOTOSHOP))
    stated = metadata.of_resources(photoshop)
    block, packet = _joined(segments, 0xE1, _EXIF), _joined(segments, 0xE1, _XMP)
    extensions = _extensions(segments)
    whole = xmp.joined(packet, extensions) if extensions else packet
    comments = [("Comment", body.decode("utf-8", "replace")) for marker, body in segments if marker == 0xFE]
    resolution = stated.pixels_per_inch or exif.pixels_per_inch(exif.parse(block).image) or _jfif_resolution(segments)
    notes: list[str] = []
    if any(marker == 0xEB and body[:2] == b"JP" for marker, body in segments):
        notes.append(metadata.CREDENTIALS)
    if whole is None:
        notes.append("the XMP's extension (a part too long for JPEG's first block) was left out")
    return Metadata(
        resolution,
        block,
        whole or packet or stated.xmp,
        stated.iptc,
        tuple(comments),
        stated.photoshop,
        stated.recipes,
    ), tuple(notes)


def _extensions(segments: list[tuple[int, bytes]]) -> dict[bytes, dict[int, bytes]]:
    """The pieces of XMP that was too long for one segment: name of 32 digits, then where each begins."""
    found: dict[bytes, dict[int, bytes]] = {}
    for marker, body in segments:
        if marker == 0xE1 and body.startswith(_EXTENDED_XMP) and len(body) >= len(_EXTENDED_XMP) + 40:
            piece = body[len(_EXTENDED_XMP) :]
            _, at = struct.unpack_from(">II", piece, 32)
            found.setdefault(piece[:32].upper(), {})[at] = piece[40:]
    return found


def _joined(segments: list[tuple[int, bytes]], marker: int, header: bytes) -> bytes:
    """The bodies of the segments that begin with `header`, without it; of Exif and XMP only the first counts."""
    bodies = [body[len(header) :] for kind, body in segments if kind == marker and body.startswith(header)]
    return b"".join(bodies if header == _PHOTOSHOP else bodies[:1])


def _jfif_resolution(segments: list[tuple[int, bytes]]) -> tuple[float, float] | None:
    for marker, body in segments:
        if marker == 0xE0 and body.startswith(_JFIF) and len(body) >= 12:
            unit, across, down = struct.unpack_from(">BHH", body, 7)
            if unit in (_JFIF_INCH, _JFIF_CM) and across and down:
                scale = 1.0 if unit == _JFIF_INCH else 2.54
                return across * scale, down * scale
    return None
