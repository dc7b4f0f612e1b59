"""TIFF with its profile: 8 and 16 bit, half and single float, gray and RGB, with and without straight alpha."""

import io
from typing import NamedTuple

import numpy as np
import tifffile
from numpy.typing import NDArray

from inlay.documents.document import check_size, white_of
from inlay.documents.orientation import ORIENTATION_TAG, upright
from inlay.errors import Unsupported

ICC_TAG = 34675
_PREDICTOR_FREE = ("float16",)
"""Deflate works for them as it is; the float predictor is not defined for halves everywhere."""


class TiffImage(NamedTuple):
    """samples: height x width x 1..4 channels, uint8, uint16, float16 or float32. icc: empty where the file has none."""

    samples: NDArray[np.generic]
    icc: bytes


def decode_tiff(data: bytes) -> TiffImage:
    """Decode the first page, upright. Raises InvalidInput where it is too large, Unsupported for CMYK, Lab, palettes and others;
    what the decoder raises where it is broken."""
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page = file.pages.first
        assert isinstance(page, tifffile.TiffPage)
        check_size(page.imagewidth, page.imagelength)
        _check_kind(page)
        samples = page.asarray()
        tags = page.tags
        icc = tags[ICC_TAG].value if ICC_TAG in tags else b""
        orientation = int(tags[ORIENTATION_TAG].value) if ORIENTATION_TAG in tags else 1
        if samples.ndim == 2:
            samples = samples[..., None]
        elif page.planarconfig == tifffile.PLANARCONFIG.SEPARATE:
            samples = np.moveaxis(samples, 0, -1)
        colors = 3 if page.photometric == tifffile.PHOTOMETRIC.RGB else 1
        samples = samples[..., : colors + _alpha_channels(page, samples, colors)]
        if page.photometric == tifffile.PHOTOMETRIC.MINISWHITE:
            samples = np.bitwise_not(samples)
    return TiffImage(np.ascontiguousarray(upright(samples, orientation)), bytes(icc))


def encode_tiff(samples: NDArray[np.generic], icc: bytes = b"", description: str = "") -> bytes:
    """Encode height x width x 1..4 channels of any of the four sample types, deflated."""
    file = io.BytesIO()
    channels = samples.shape[2]
    tifffile.imwrite(
        file,
        samples if channels > 1 else samples[..., 0],
        photometric="rgb" if channels >= 3 else "minisblack",
        planarconfig="contig" if channels > 1 else None,
        extrasamples=["unassalpha"] if channels in (2, 4) else None,
        compression="adobe_deflate",
        predictor=samples.dtype.name not in _PREDICTOR_FREE,
        iccprofile=icc or None,
        description=description or None,
        software="Inlay",
        metadata=None,
    )
    return file.getvalue()


def _check_kind(page: tifffile.TiffPage) -> None:
    photometric = page.photometric
    understood = (tifffile.PHOTOMETRIC.RGB, tifffile.PHOTOMETRIC.MINISBLACK, tifffile.PHOTOMETRIC.MINISWHITE)
    if photometric not in understood:
        name = getattr(photometric, "name", str(photometric))
        raise Unsupported(f"{name} TIFF files cannot be edited; convert a copy to RGB or gray", field="path")
    if page.dtype is None or page.dtype.name not in ("uint8", "uint16", "float16", "float32"):
        raise Unsupported(f"TIFF files of {page.dtype} cannot be edited; save 8, 16 or 32 bit float", field="path")
    if photometric == tifffile.PHOTOMETRIC.MINISWHITE and page.dtype.kind == "f":
        raise Unsupported("float TIFF files in which 0 is white cannot be edited; save with 0 as black", field="path")


def _alpha_channels(page: tifffile.TiffPage, samples: NDArray[np.generic], colors: int) -> int:
    """1 where the first extra channel is straight alpha, else 0: further channels are saved selections."""
    kinds = page.extrasamples
    if not kinds or samples.shape[2] <= colors:
        return 0
    if kinds[0] == tifffile.EXTRASAMPLE.ASSOCALPHA and np.any(samples[..., colors] != white_of(samples.dtype)):
        message = "TIFF files with premultiplied alpha cannot be edited; save with straight alpha"
        raise Unsupported(message, field="path")
    return int(kinds[0] in (tifffile.EXTRASAMPLE.ASSOCALPHA, tifffile.EXTRASAMPLE.UNASSALPHA))
