"""The four ways in which a PSD file keeps a channel: raw, PackBits, deflated, deflated differences. Source: Adobe Photoshop File
Formats, "Channel image data" and "Image data"."""

import struct
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inlay.documents.broken import Broken

RAW, PACKBITS, DEFLATED, DIFFERENCES = range(4)
_FASTEST = 1
"""A higher level of deflate makes the low bytes of a photograph no smaller."""
Bytes = bytes | bytearray | memoryview


def unpacked(stored: Bytes, rows: int, width: int, depth: int, version: int) -> NDArray[np.generic]:
    """`rows` x `width` samples of 8 or 16 bits in the machine's byte order, from a method and its bytes.

    rows: of all channels that are packed together. Raises Broken where there are too few bytes.
    """
    if len(stored) < 2:
        raise Broken("a channel ends early")
    (method,) = struct.unpack_from(">H", stored)
    dtype = np.dtype(f">u{depth // 8}")
    size = rows * width * dtype.itemsize
    data = _inflated(method, stored[2:], rows, size, version)
    if len(data) < size:
        raise Broken("a channel ends early")
    samples = np.frombuffer(data, dtype, rows * width).reshape(rows, width)
    native = samples.astype(dtype.newbyteorder("="))
    return np.cumsum(native, axis=1, dtype=native.dtype) if method == DIFFERENCES else native


def stored_channel(plane: NDArray[np.generic], version: int) -> bytes:
    """A layer's channel or mask (rows x columns, uint8 or uint16): method and bytes.

    16 bit is deflated: ag-psd decodes PackBits to bytes, and Krita 5.1 adds up differences byte by byte.
    """
    import imagecodecs

    if plane.dtype == np.uint8:
        return _packbits([plane], version)
    return struct.pack(">H", DEFLATED) + imagecodecs.deflate_encode(_big_endian(plane), level=_FASTEST, raw=False)


def stored_picture(planes: Sequence[NDArray[np.generic]], version: int) -> bytes:
    """The merged picture of channels of one size (rows x columns, uint8 or uint16): method and bytes.

    16 bit stays raw: PackBits finds nothing in a photograph of 16 bit, and ag-psd decodes it to bytes.
    """
    if planes[0].dtype == np.uint8:
        return _packbits(planes, version)
    return b"".join([struct.pack(">H", RAW), *(_big_endian(plane) for plane in planes)])


def _packbits(planes: Sequence[NDArray[np.generic]], version: int) -> bytes:
    """Method, the rows' lengths, the rows."""
    import imagecodecs

    rows = [imagecodecs.packbits_encode(row.tobytes()) for plane in planes for row in plane]
    lengths = struct.pack(f">{len(rows)}{_length_form(version)}", *(len(row) for row in rows))
    return b"".join([struct.pack(">H", PACKBITS), lengths, *rows])


def _big_endian(plane: NDArray[np.generic]) -> bytes:
    return plane.astype(plane.dtype.newbyteorder(">"), copy=False).tobytes()


def _inflated(method: int, stored: Bytes, rows: int, size: int, version: int) -> Bytes:
    import imagecodecs

    if method == RAW:
        return stored
    if method == PACKBITS:
        table = rows * struct.calcsize(_length_form(version))
        lengths = np.frombuffer(stored[:table], f">u{table // rows if rows else 2}")
        end = table + int(lengths.sum(dtype=np.int64))
        if len(stored) < end or len(lengths) < rows:
            raise Broken("a channel ends early")
        return imagecodecs.packbits_decode(bytes(stored[table:end]), out=size)
    if method in (DEFLATED, DIFFERENCES):
        return zlib.decompressobj().decompress(stored, size)
    raise Broken(f"a channel is packed in an unknown way, {method}")


def _length_form(version: int) -> str:
    return "H" if version == 1 else "I"
