"""Pictures on their way to another server and back: what leaves is pixels alone, and what comes is whatever it is, but bounded.

Sources: PNG third edition, ITU T.81 (JPEG), RFC 9649 (WebP).
"""

import struct
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from inlay import color
from inlay.color.raster import Raster, SampleType
from inlay.documents.jpeg import decode_jpeg
from inlay.documents.metadata import Picture
from inlay.documents.png import decode_png, encode_png
from inlay.errors import BadAnswer, InlayError

MAX_AREA_PX = 40_000_000
MAX_SIDE_PX = 16_384
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_SRGB_GAMMA = 0.45455
SRGB = "sRGB IEC61966-2.1"


def png_of(pixels: NDArray[np.float32]) -> bytes:
    """Height x width x 1..4 float32, 0..1, as a PNG of 8 bit: nothing but pixels is in it."""
    samples = np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8)
    return encode_png(samples if samples.ndim == 3 else samples[..., None])


def sixteen_of(mask: NDArray[np.float32]) -> bytes:
    """Height x width float32, 0..1, as a gray PNG of 16 bit."""
    return encode_png(np.rint(np.clip(mask, 0, 1) * 65_535).astype(np.uint16)[..., None])


def mask_of(mask: NDArray[np.float32], style: str) -> bytes:
    """A mask, height x width, 0..1, 1 may change, as a PNG in one of the styles of `remote_entry.MASKS`."""
    if style == "white":
        return png_of(np.dstack([mask] * 3))
    shown = mask if style == "both" else np.zeros_like(mask)
    return png_of(np.dstack([shown, shown, shown, 1 - mask]))


def pixels_of(data: bytes) -> NDArray[np.float32]:
    """Any picture as height x width x 3 float32, sRGB-encoded, upright. Raises BadAnswer where it is none, or too large."""
    width, height = _size(data)
    if not (0 < width <= MAX_SIDE_PX and 0 < height <= MAX_SIDE_PX and width * height <= MAX_AREA_PX):
        raise BadAnswer(f"the answer has {width} x {height} px; at most {MAX_AREA_PX // 1_000_000} megapixels are read")
    try:
        picture, gamma = _decoded(data)
        samples = picture.samples if picture.samples.ndim == 3 else picture.samples[..., None]
        order = {1: "Y", 2: "YA", 3: "RGB", 4: "RGBA"}[samples.shape[2]]
        depth = SampleType.U8 if samples.dtype == np.uint8 else SampleType.U16
        white = 255.0 if depth is SampleType.U8 else 65_535.0
        name = "" if picture.icc else SRGB
        pixels = _shown(
            samples, Raster(samples.shape[1], samples.shape[0], order, depth, white, name, "0" * 64, picture.icc)
        )
    except BadAnswer:
        raise
    except (InlayError, ValueError, RuntimeError, KeyError, IndexError, struct.error, MemoryError) as error:
        raise BadAnswer(
            f"the answer is no picture that can be read ({str(error)[:80] or type(error).__name__})"
        ) from None
    return _from_gamma(pixels, gamma) if gamma else pixels


def _shown(samples: NDArray[np.generic], raster: Raster) -> NDArray[np.float32]:
    try:
        return color.decode(samples, raster).pixels
    except InlayError:  # a profile that cannot be used, such as one for CMYK
        name = SRGB
        return color.decode(samples, Raster(*_parts(raster), name, raster.blob)).pixels


def _parts(raster: Raster) -> tuple[int, int, str, SampleType, float]:
    return raster.width, raster.height, raster.order, raster.sample_type, raster.white_level


def _decoded(data: bytes) -> tuple[Picture, float]:
    """The picture, and the gamma that its samples are for where that is not sRGB's; 0: sRGB's, or its profile's."""
    if data.startswith(_PNG):
        picture = decode_png(data)
        return picture, 0.0 if picture.icc else _gamma(data)
    if data.startswith(_JPEG):
        return decode_jpeg(data), 0.0
    import imagecodecs

    from inlay.documents.metadata import NOTHING

    return Picture(imagecodecs.webp_decode(data), b"", NOTHING, ()), 0.0


def _gamma(data: bytes) -> float:
    for kind, body in _chunks(data):
        if kind in (b"sRGB", b"cICP"):
            return 0.0
        if kind == b"gAMA" and len(body) == 4:
            gamma = struct.unpack(">I", body)[0] / 100_000
            return gamma if 0.1 < gamma < 2 and abs(gamma - _SRGB_GAMMA) > 0.01 else 0.0
    return 0.0


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Before the pixels."""
    at = len(_PNG)
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IDAT":
            return
        yield kind, data[at + 8 : at + 8 + length]
        at += 12 + length


def _from_gamma(pixels: NDArray[np.float32], gamma: float) -> NDArray[np.float32]:
    """From samples for another gamma to sRGB's curve, by way of light."""
    linear = np.clip(pixels, 0, 1) ** np.float32(1 / gamma)
    low = linear * np.float32(12.92)
    high = np.float32(1.055) * linear ** np.float32(1 / 2.4) - np.float32(0.055)
    return np.where(linear <= 0.0031308, low, high).astype(np.float32)


def _size(data: bytes) -> tuple[int, int]:
    """Width and height as the header says, before anything is unpacked. Raises BadAnswer."""
    try:
        if data.startswith(_PNG):
            return struct.unpack_from(">II", data, 16)
        if data.startswith(_JPEG):
            return _jpeg_size(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp_size(data)
    except (struct.error, IndexError):
        pass
    raise BadAnswer(f"the answer is no PNG, JPEG or WebP ({len(data)} bytes)")


def _jpeg_size(data: bytes) -> tuple[int, int]:
    at = 2
    while data[at] == 0xFF:
        marker, length = data[at + 1], struct.unpack_from(">H", data, at + 2)[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        at += 2 + length
    raise IndexError


def _webp_size(data: bytes) -> tuple[int, int]:
    match data[12:16]:
        case b"VP8X":
            return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
        case b"VP8L":
            bits = struct.unpack_from("<I", data, 21)[0]
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case _:
            width, height = struct.unpack_from("<HH", data, 26)
            return width & 0x3FFF, height & 0x3FFF
