"""PNG with its profile: 8 and 16 bit, gray and colour, with and without alpha. Source: the PNG specification, third edition."""

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay.documents.document import check_size
from inlay.errors import InvalidInput

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_ICC_BYTES = 4 * 2**20
_LEVEL = 4
"""Of zlib: half the time of the default for a few per cent of size."""


class PngImage(NamedTuple):
    """samples: height x width x 1..4 channels, uint8 or uint16. icc: empty where the file has none."""

    samples: NDArray[np.generic]
    icc: bytes


def decode_png(data: bytes) -> PngImage:
    """Decode a PNG. Raises InvalidInput where it is too large; what the decoder raises where it is broken."""
    import imagecodecs

    icc = b""
    for kind, body in _chunks(data):
        if kind == b"IHDR":
            check_size(*struct.unpack_from(">II", body))
        elif kind == b"iCCP":
            icc = _inflated(body.partition(b"\0")[2][1:])
    samples = imagecodecs.png_decode(data)
    return PngImage(samples[..., None] if samples.ndim == 2 else samples, icc)


def encode_png(samples: NDArray[np.generic], icc: bytes = b"", texts: dict[str, str] | None = None) -> bytes:
    """Encode height x width x 1..4 channels, uint8 or uint16, with a profile and international texts by keyword."""
    import imagecodecs

    plain = np.ascontiguousarray(samples[..., 0] if samples.shape[-1] == 1 else samples)
    encoded = bytes(imagecodecs.png_encode(plain, _LEVEL))
    extra = b""
    if icc:
        extra += _chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(icc))
    for keyword, text in (texts or {}).items():
        extra += _chunk(b"iTXt", keyword.encode("latin-1") + b"\0\1\0\0\0" + zlib.compress(text.encode()))
    after_header = len(SIGNATURE) + 25
    return encoded[:after_header] + extra + encoded[after_header:]


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and body of every chunk before the pixels."""
    position = len(SIGNATURE)
    while True:
        length, kind = struct.unpack_from(">I4s", data, position)
        if kind == b"IDAT":
            return
        yield kind, data[position + 8 : position + 8 + length]
        position += 12 + length


def _inflated(compressed: bytes) -> bytes:
    inflate = zlib.decompressobj()
    icc = inflate.decompress(compressed, MAX_ICC_BYTES)
    if inflate.unconsumed_tail:
        raise InvalidInput("profile_icc", f"more than {MAX_ICC_BYTES} bytes", f"at most {MAX_ICC_BYTES} are allowed")
    return icc


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
