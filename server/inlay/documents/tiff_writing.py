"""Writes a TIFF: any of the four sample types with straight alpha, the profile and what the picture's file said about it."""

import io

import numpy as np
import tifffile
from numpy.typing import NDArray

from inlay.documents import metadata
from inlay.documents.metadata import NOTHING, Metadata
from inlay.documents.tiff_metadata import tags_of, with_directories

_PREDICTOR_FREE = ("float16",)
"""Deflate works for them as it is; the float predictor is not defined for halves everywhere."""


def encode_tiff(
    samples: NDArray[np.generic], icc: bytes = b"", said: Metadata = NOTHING, recipes: list[str] | None = None
) -> tuple[bytes, tuple[str, ...]]:
    """Encode height x width x 1..4 channels, deflated; and notes on what of `said` a TIFF cannot hold."""
    said, notes = metadata.with_texts_as_xmp(said, "TIFF")
    tags, directories, more = tags_of(said, recipes or [])
    channels = samples.shape[2]
    file = io.BytesIO()
    tifffile.imwrite(
        file,
        samples if channels > 1 else samples[..., 0],
        byteorder="<",
        photometric="rgb" if channels >= 3 else "minisblack",
        planarconfig="contig" if channels > 1 else None,
        extrasamples=["unassalpha"] if channels in (2, 4) else None,
        compression="adobe_deflate",
        predictor=samples.dtype.name not in _PREDICTOR_FREE,
        iccprofile=icc or None,
        resolution=said.pixels_per_inch,
        resolutionunit="inch" if said.pixels_per_inch else None,
        software="Inlay",
        metadata=None,
        extratags=tags,
    )
    encoded, last = with_directories(file.getvalue(), directories)
    return encoded, (*notes, *more, *last)
