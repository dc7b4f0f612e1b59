"""TIFF with its profile: what the first page shows, at any bit depth, gray, RGB, palette and YCbCr, as straight samples.

Source: TIFF 6.0 and Adobe's supplements.
"""

import io
import struct

import numpy as np
import tifffile
from numpy.typing import NDArray
from tifffile import COMPRESSION, EXTRASAMPLE, PHOTOMETRIC, PLANARCONFIG

from inlay.documents.broken import Broken
from inlay.documents.document import check_size, white_of
from inlay.documents.metadata import Picture
from inlay.documents.orientation import ORIENTATION_TAG, upright
from inlay.documents.sample_depth import full_range
from inlay.documents.tiff_metadata import metadata_of
from inlay.errors import InvalidInput, Unsupported
from inlay.region import MAX_DOCUMENT_PX

ICC_TAG = 34675
LAYERS_TAG = 37724
MAX_SAMPLES_PER_PIXEL = 56
"""Photoshop's limit of channels."""
_FLOATS = ("float16", "float32")
_WORDS = {"u": "integers", "i": "signed integers", "f": "floats", "c": "complex numbers"}
_UNDERSTOOD = (
    PHOTOMETRIC.RGB,
    PHOTOMETRIC.MINISBLACK,
    PHOTOMETRIC.MINISWHITE,
    PHOTOMETRIC.PALETTE,
    PHOTOMETRIC.YCBCR,
)
_REDUCED, _TRANSPARENCY = 1, 4
"""Bits of NewSubfileType: smaller versions and masks are not pages of their own."""


def decode_tiff(data: bytes) -> Picture:
    """Decode the first page, upright. Raises InvalidInput where it is too large, Unsupported for CMYK, Lab, volumes and others;
    what the decoder raises where it is broken."""
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page = file.pages.first
        assert isinstance(page, tifffile.TiffPage)
        _check_size(page)
        _check_kind(page)
        samples, notes = _samples(page, data)
        tags = page.tags
        icc = tags[ICC_TAG].value if ICC_TAG in tags else b""
        metadata, more = metadata_of(data, page)
        notes += more + _pages_left_out(file)
        if LAYERS_TAG in tags:
            notes += (
                "Photoshop's layers inside this TIFF were not read: the result holds what they show; save a .psd to keep them",
            )
    return Picture(np.ascontiguousarray(samples), bytes(icc), metadata, notes)


def _check_size(page: tifffile.TiffPage) -> None:
    """Before anything is unpacked."""
    check_size(page.imagewidth, page.imagelength)
    if page.imagedepth != 1:
        raise Unsupported(
            f"TIFF volumes (ImageDepth {page.imagedepth}) cannot be edited; save one slice as a picture", field="path"
        )
    count, area = page.samplesperpixel, page.imagewidth * page.imagelength
    limit = min(MAX_SAMPLES_PER_PIXEL, 4 * MAX_DOCUMENT_PX // area)
    if count > limit:
        raise InvalidInput("path", f"a TIFF of {count} samples a pixel", f"at most {limit} are allowed at its size")


def _check_kind(page: tifffile.TiffPage) -> None:
    photometric = page.photometric
    if photometric not in _UNDERSTOOD:
        name = getattr(photometric, "name", str(photometric))
        raise Unsupported(f"{name} TIFF files cannot be edited; convert a copy to RGB or gray", field="path")
    dtype = page.dtype
    if dtype is None or not (dtype.name in _FLOATS or (dtype.kind in "ub" and dtype.itemsize <= 2)):
        kind = "mixed depths" if dtype is None else f"{dtype.itemsize * 8} bit {_WORDS.get(dtype.kind, 'samples')}"
        raise Unsupported(f"TIFF files of {kind} cannot be edited; save 8, 16 or 32 bit float", field="path")
    if photometric == PHOTOMETRIC.MINISWHITE and dtype.kind == "f":
        raise Unsupported("float TIFF files in which 0 is white cannot be edited; save with 0 as black", field="path")


def _samples(page: tifffile.TiffPage, data: bytes) -> tuple[NDArray[np.generic], tuple[str, ...]]:
    """height x width x 1..4 channels upright, at full range and with straight alpha, and what has to be told of it."""
    if page.photometric == PHOTOMETRIC.YCBCR and page.compression != COMPRESSION.JPEG:
        import imagecodecs

        # libtiff: nothing else here knows how subsampled YCbCr and old JPEG lie in a TIFF.
        samples, notes = imagecodecs.tiff_decode(data, asrgb=True)[..., :3], ()
    else:
        samples, notes = _unpacked(page)
    orientation = int(page.tags[ORIENTATION_TAG].value) if ORIENTATION_TAG in page.tags else 1
    return upright(samples, orientation), notes


def _unpacked(page: tifffile.TiffPage) -> tuple[NDArray[np.generic], tuple[str, ...]]:
    """The same as the file stores it."""
    codes = page.asarray()
    if codes.ndim == 2:
        codes = codes[..., None]
    elif page.planarconfig == PLANARCONFIG.SEPARATE:
        codes = np.moveaxis(codes, 0, -1)
    colors = 3 if page.photometric in (PHOTOMETRIC.RGB, PHOTOMETRIC.YCBCR) else 1
    extra = next(iter(page.extrasamples), None) if codes.shape[2] > colors else None
    has_alpha = extra in (EXTRASAMPLE.ASSOCALPHA, EXTRASAMPLE.UNASSALPHA)
    saved = codes.shape[2] - colors - has_alpha
    codes = codes[..., : colors + has_alpha]
    notes = (f"{saved} saved selection(s) (extra channels) were left out",) if saved > 0 else ()
    if page.photometric == PHOTOMETRIC.PALETTE:
        return _looked_up(codes[..., 0], page), notes
    samples = codes if codes.dtype.kind == "f" else full_range(codes, _bits_of(page, codes))
    if page.photometric == PHOTOMETRIC.MINISWHITE:
        samples = np.concatenate([np.bitwise_not(samples[..., :1]), samples[..., 1:]], axis=-1)
    if extra == EXTRASAMPLE.ASSOCALPHA and np.any(samples[..., -1] != white_of(samples.dtype)):
        notes += ("premultiplied alpha was divided out: the result's colours are straight",)
        samples = _straight(samples)
    return samples, notes


def _bits_of(page: tifffile.TiffPage, codes: NDArray[np.generic]) -> int:
    """How many bits of each sample are in use; where depths are mixed, the reader has scaled them already."""
    tag = page.tags.get("BitsPerSample")
    bits = (
        {tag.value} if tag is not None and isinstance(tag.value, int) else set(tag.value if tag is not None else (1,))
    )
    return bits.pop() if len(bits) == 1 else codes.dtype.itemsize * 8


def _looked_up(indices: NDArray[np.generic], page: tifffile.TiffPage) -> NDArray[np.generic]:
    """A palette's colours: 8 bit where its 16-bit entries say no more than that."""
    colormap: NDArray[np.uint16] | None = page.colormap
    if colormap is None:
        raise Broken("a palette without colours")
    if colormap.max() < 256:  # written so by old programs
        colors = colormap.astype(np.uint8)
    elif np.all(colormap % 257 == 0) or np.all(colormap % 256 == 0):
        colors = (colormap >> 8).astype(np.uint8)
    else:
        colors = colormap
    return np.moveaxis(colors[:, np.minimum(indices, colors.shape[1] - 1)], 0, -1)


def _straight(samples: NDArray[np.generic]) -> NDArray[np.generic]:
    """Colours divided by alpha, row by row; 0 where alpha is."""
    white = white_of(samples.dtype)
    straight = samples.copy()
    for row in straight:
        alpha = row[..., -1:].astype(np.float64) / white
        colors = row[..., :-1].astype(np.float64)
        colors = np.divide(colors, alpha, out=np.zeros_like(colors), where=alpha > 0)
        row[..., :-1] = np.rint(np.minimum(colors, white)) if samples.dtype.kind == "u" else colors
    return straight


def _pages_left_out(file: tifffile.TiffFile) -> tuple[str, ...]:
    """A note where there are more pages than the first; smaller versions and masks of it are none."""
    try:
        kinds = [int(page.subfiletype) for page in file.pages[1:] if isinstance(page, tifffile.TiffPage)]
    except (tifffile.TiffFileError, struct.error, ValueError, KeyError, IndexError, TypeError):
        kinds = []
    more = sum(not kind & (_REDUCED | _TRANSPARENCY) for kind in kinds)
    return (f"only the first page was read; {more} more of this TIFF were left out",) if more else ()
