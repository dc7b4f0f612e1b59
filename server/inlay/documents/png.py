"""PNG with its profile and metadata: 8 and 16 bit, gray and colour, with and without alpha.

Source: the PNG specification, third edition; "Raw profile type" texts for IPTC as ImageMagick and ExifTool write and read them.
"""

import struct
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from inlay.documents import exif, image_resources, metadata
from inlay.documents.document import check_size
from inlay.documents.image_resources import Resource
from inlay.documents.metadata import NOTHING, Metadata, Picture
from inlay.documents.orientation import upright
from inlay.errors import InvalidInput

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_ICC_BYTES = 4 * 2**20
_MAX_TEXT_BYTES = 16 * 2**20
_LEVEL = 4
"""Of zlib: half the time of the default for a few per cent of size."""
_XMP, _IPTC, RECIPES = "XML:com.adobe.xmp", "Raw profile type iptc", "inlay"
_INCH_M = 0.0254


def decode_png(data: bytes) -> Picture:
    """Decode a PNG, upright. Raises InvalidInput where it is too large; what the decoder raises where it is broken."""
    import imagecodecs

    chunks = list(_chunks(data))
    check_size(*struct.unpack_from(">II", dict(chunks)[b"IHDR"]))
    icc, notes = _profile(dict(chunks).get(b"iCCP", b""))
    found, more = _metadata(chunks)
    samples = imagecodecs.png_decode(data)
    samples = upright(samples[..., None] if samples.ndim == 2 else samples, exif.orientation(found.exif))
    return Picture(np.ascontiguousarray(samples), icc, found, notes + more)


def encode_png(samples: NDArray[np.generic], icc: bytes = b"", said: Metadata = NOTHING, recipes: str = "") -> bytes:
    """Encode height x width x 1..4 channels, uint8 or uint16, with a profile, metadata and the recipes of its edits."""
    import imagecodecs

    plain = np.ascontiguousarray(samples[..., 0] if samples.shape[-1] == 1 else samples)
    encoded = bytes(imagecodecs.png_encode(plain, _LEVEL))
    extra = _chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(icc)) if icc else b""
    if said.pixels_per_inch:
        per_metre = [round(side / _INCH_M) for side in said.pixels_per_inch]
        extra += _chunk(b"pHYs", struct.pack(">IIB", *per_metre, 1))
    extra += _chunk(b"eXIf", said.exif) if said.exif else b""
    texts = [*said.texts, (_XMP, said.xmp.decode("utf-8", "surrogateescape")), (RECIPES, recipes)]
    for keyword, text in texts:
        # XMP stays uncompressed, as its specification asks.
        extra += _international(keyword, text, compressed=keyword != _XMP) if text else b""
    if said.iptc:
        extra += _chunk(b"zTXt", _IPTC.encode() + b"\0\0" + zlib.compress(_hex_profile(said.iptc)))
    after_header = len(SIGNATURE) + 25
    return encoded[:after_header] + extra + encoded[after_header:]


def _metadata(chunks: list[tuple[bytes, bytes]]) -> tuple[Metadata, tuple[str, ...]]:
    """What the chunks say, and a note where Content Credentials are left out."""
    kinds = dict(chunks)
    texts = [text for kind, body in chunks if (text := _text(kind, body))]
    named = dict(texts)
    plain = tuple((key, text) for key, text in texts if key not in (_XMP, _IPTC, RECIPES))
    found = Metadata(
        _resolution(kinds.get(b"pHYs", b"")),
        kinds.get(b"eXIf", b"").removeprefix(b"Exif\0\0"),
        named.get(_XMP, "").encode("utf-8", "surrogateescape"),
        _of_hex_profile(named.get(_IPTC, "")),
        plain,
        recipes=metadata.recipes_of(named.get(RECIPES, "")),
    )
    return found, (metadata.CREDENTIALS,) if b"caBX" in kinds else ()


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and body of every chunk but the pixels'."""
    position = len(SIGNATURE)
    seen_pixels = False
    while position + 8 <= len(data) or not seen_pixels:
        length, kind = struct.unpack_from(">I4s", data, position)
        if kind == b"IEND":
            return
        seen_pixels |= kind == b"IDAT"
        if kind != b"IDAT":
            yield kind, data[position + 8 : position + 8 + length]
        position += 12 + length


def _text(kind: bytes, body: bytes) -> tuple[str, str] | None:
    """Keyword and text of a text chunk; None for others, and where it is broken or unpacks to more than anybody writes."""
    keyword, _, rest = body.partition(b"\0")
    try:
        if kind == b"tEXt":
            text = rest.decode("latin-1")
        elif kind == b"zTXt":
            text = _unpacked(rest[1:]).decode("latin-1")
        elif kind == b"iTXt":
            packed, (_, _, text_bytes) = rest[0], rest[2:].split(b"\0", 2)
            text = (_unpacked(text_bytes) if packed else text_bytes).decode("utf-8", "surrogateescape")
        else:
            return None
    except (zlib.error, ValueError, IndexError):
        return None
    return keyword.decode("latin-1"), text


def _unpacked(packed: bytes) -> bytes:
    inflate = zlib.decompressobj()
    text = inflate.decompress(packed, _MAX_TEXT_BYTES)
    if inflate.unconsumed_tail:
        raise ValueError("a text without end")
    return text


def _international(keyword: str, text: str, *, compressed: bool) -> bytes:
    body = text.encode("utf-8", "surrogateescape")
    head = keyword.encode("latin-1", "replace") + (b"\0\1\0\0\0" if compressed else b"\0\0\0\0\0")
    return _chunk(b"iTXt", head + (zlib.compress(body) if compressed else body))


def _hex_profile(iptc: bytes) -> bytes:
    block = Resource.of(image_resources.IPTC, iptc).raw
    digits = block.hex()
    lines = "\n".join(digits[start : start + 72] for start in range(0, len(digits), 72))
    return f"\niptc\n{len(block):8d}\n{lines}\n".encode()


def _of_hex_profile(text: str) -> bytes:
    try:
        block = bytes.fromhex("".join(text.split()[2:]))
    except ValueError:
        return b""
    return image_resources.first(image_resources.tolerant(block), image_resources.IPTC)


def _resolution(body: bytes) -> tuple[float, float] | None:
    """Whole pixels per metre round to about a hundredth of a pixel per inch, and 300 comes back as 300."""
    if len(body) < 9:
        return None
    across, down, unit = struct.unpack_from(">IIB", body)
    if unit != 1 or not across or not down:
        return None
    sides = [side * _INCH_M for side in (across, down)]
    first, second = (round(side) if abs(side - round(side)) < 0.013 else side for side in sides)
    return float(first), float(second)


def _profile(body: bytes) -> tuple[bytes, tuple[str, ...]]:
    if not body:
        return b"", ()
    inflate = zlib.decompressobj()
    try:
        icc = inflate.decompress(body.partition(b"\0")[2][1:], MAX_ICC_BYTES)
    except zlib.error:
        return b"", ("the colour profile is damaged and was left out: the samples count as sRGB",)
    if inflate.unconsumed_tail:
        raise InvalidInput("icc", f"more than {MAX_ICC_BYTES} bytes", f"at most {MAX_ICC_BYTES} are allowed")
    return icc, ()


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
