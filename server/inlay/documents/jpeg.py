"""JPEG with its profile, turned upright. Source: ITU T.81 (markers), ICC.1 annex B.4, Exif 2.32."""

import io
import struct
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay.documents.document import check_size
from inlay.documents.orientation import ORIENTATION_TAG, upright
from inlay.errors import InvalidInput, Unsupported

SIGNATURE = b"\xff\xd8\xff"
_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_SCAN = 0xDA
_END = b"\xff\xd9"


class JpegImage(NamedTuple):
    """samples: height x width x 1 or 3 channels, uint8. icc: empty where the file has none."""

    samples: NDArray[np.generic]
    icc: bytes


def decode_jpeg(data: bytes) -> JpegImage:
    """Decode a JPEG; the Exif orientation is applied.

    Raises InvalidInput where it is too large or ends early (decoders fill the rest with gray), Unsupported for CMYK; what the
    decoder raises where it is broken.
    """
    import imagecodecs

    parts: dict[int, bytes] = {}
    orientation = 1
    for marker, body, end in _segments(data):
        if marker in _FRAMES:
            _, height, width, components = struct.unpack_from(">BHHB", body)
            check_size(width, height)
            if components not in (1, 3):
                raise Unsupported("CMYK JPEG files cannot be edited; convert a copy to RGB", field="path")
        elif marker == 0xE2 and body.startswith(b"ICC_PROFILE\0"):
            parts[body[12]] = body[14:]
        elif marker == 0xE1 and body.startswith(b"Exif\0\0"):
            orientation = _orientation(body[6:])
        elif marker == _SCAN and data.find(_END, end) < 0:
            raise InvalidInput("path", f"{len(data)} bytes", "it must be a whole JPEG file; this one ends early")
    samples = imagecodecs.jpeg8_decode(data)
    if samples.ndim == 2:
        samples = samples[..., None]
    icc = b"".join(parts[number] for number in sorted(parts))
    return JpegImage(np.ascontiguousarray(upright(samples, orientation)), icc)


def _segments(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Marker, body and end of every segment up to the first scan."""
    position = 2
    while True:
        (lead, marker) = struct.unpack_from(">BB", data, position)
        if lead != 0xFF:
            raise ValueError("a marker is missing")
        if marker == 0xFF:
            position += 1
            continue
        (length,) = struct.unpack_from(">H", data, position + 2)
        end = position + 2 + length
        yield marker, data[position + 4 : end], end
        if marker == _SCAN:
            return
        position = end


def _orientation(exif: bytes) -> int:
    """1 where the Exif block is broken: the picture itself may be whole."""
    import tifffile

    try:
        with tifffile.TiffFile(io.BytesIO(exif)) as file:
            tags = file.pages.first.tags
            return int(tags[ORIENTATION_TAG].value) if ORIENTATION_TAG in tags else 1
    except (tifffile.TiffFileError, ValueError, KeyError, IndexError, struct.error, TypeError):
        return 1
