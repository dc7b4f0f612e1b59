"""Reads a document, or a mask, from a file; what the file is decides its content, not its name."""

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inlay.documents import jpeg, png
from inlay.documents.broken import Broken
from inlay.documents.document import LAYERED, Document, white_of
from inlay.documents.embedded_profile import tag_of
from inlay.documents.exif import is_adobe_rgb
from inlay.documents.metadata import Picture
from inlay.errors import InlayError, InvalidInput, Unsupported
from inlay.region import Size

_KRITA, _HEAD_BYTES = b"application/x-krita", 128
"""An archive's first entry says what it is."""
_ORDERS = {1: "Y", 2: "YA", 3: "RGB", 4: "RGBA"}

# Readers have opinions on odd files; what matters of them is an error or a note, and stderr is the user's.
for _reader in ("tifffile", "imagecodecs", "PIL"):
    logging.getLogger(_reader).addHandler(logging.NullHandler())


def read(path: Path) -> Document:
    """The document in `path`: PNG, TIFF, JPEG, OpenRaster, PSD or Krita's own, in its own samples and profile.

    A file without a usable profile means sRGB, or what a camera's Exif says. Exif orientation is applied. Raises InvalidInput for
    files that are missing, broken, too large or hold NaN; Unsupported for CMYK and other kinds that cannot be edited.
    """
    data = _bytes_of(path)
    kind, decode = _decoder(data, path)
    try:
        samples, icc, metadata, notes, flat = decode(data)
    except InlayError:
        raise
    except Broken as broken:
        raise InvalidInput("path", str(path), f"it must be an intact {kind} file ({broken})") from broken
    except Exception as broken:
        # Decoders raise whatever a hostile file makes them stumble over, in their own words; to the user it is one thing.
        raise InvalidInput("path", str(path), f"it must be an intact {kind} file") from broken
    if samples.dtype.kind == "f" and not np.isfinite(samples).all():
        raise InvalidInput("path", str(path), "every sample must be a finite number, some are NaN or infinite")
    order = _ORDERS[samples.shape[2]]
    profile = tag_of(icc, order, adobe_rgb=is_adobe_rgb(metadata.exif))
    original = data if kind in LAYERED and not flat else b""
    settled = metadata.settled(Size(samples.shape[1], samples.shape[0]))
    notes += profile.notes
    return Document(samples, order, profile.name, profile.icc, path, kind, original, metadata=settled, notes=notes)


def read_mask(path: Path, size: Size) -> NDArray[np.generic]:
    """A mask from a picture: the alpha of one that has transparent pixels, else its gray; height x width uint8 or uint16.

    The values count as they are, without a profile; float pictures 0..1 become 16 bit. Raises InvalidInput where the picture
    is not `size` large or not gray, and what `read` raises.
    """
    samples = read(path).samples
    height, width = samples.shape[:2]
    if (width, height) != tuple(size):
        raise InvalidInput(
            "mask", f"{width} x {height} px", f"it must be as large as the document, {size[0]} x {size[1]} px"
        )
    values = _mask_channel(samples)
    if values.dtype.kind == "u":
        return np.ascontiguousarray(values)
    if values.min() < 0 or values.max() > 1:
        raise InvalidInput("mask", f"{values.min():g} .. {values.max():g}", "a float mask must lie within 0 .. 1")
    return np.rint(values.astype(np.float64) * 65_535).astype(np.uint16)


def _mask_channel(samples: NDArray[np.generic]) -> NDArray[np.generic]:
    white = white_of(samples.dtype)
    if samples.shape[2] in (2, 4) and np.any(samples[..., -1] != white):
        return samples[..., -1]
    if samples.shape[2] >= 3 and np.any(samples[..., :1] != samples[..., 1:3]):
        raise InvalidInput("mask", "a colour picture", "it must be gray, or carry the selection as its alpha channel")
    return samples[..., 0]


Decoder = Callable[[bytes], Picture]


def _decoder(data: bytes, path: Path) -> tuple[str, Decoder]:
    """The format's name and how to read it. Heavy readers are imported only when a file needs them."""
    if data.startswith(png.SIGNATURE):
        return "png", png.decode_png
    if data.startswith(jpeg.SIGNATURE):
        return "jpeg", jpeg.decode_jpeg
    if data.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        from inlay.documents.tiff import decode_tiff

        return "tiff", decode_tiff
    if data.startswith(b"8BPS"):
        from inlay.documents.psd import decode_psd

        return "psd", decode_psd
    if data.startswith(b"PK") and _KRITA in data[:_HEAD_BYTES]:
        from inlay.documents.kra import decode_kra

        return "kra", decode_kra
    if data.startswith(b"PK"):
        from inlay.documents.openraster import decode_openraster

        return "ora", decode_openraster
    raise Unsupported(
        f"{path} is not a PNG, TIFF, JPEG, OpenRaster, PSD or Krita file; save a copy as one of them", field="path"
    )


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as unreadable:
        reason = unreadable.strerror or str(unreadable)
        raise InvalidInput("path", str(path), f"it must be a file that can be read ({reason})") from unreadable
