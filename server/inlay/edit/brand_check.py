"""A document held against a brand's colours, strip by strip: only what is opaque by half and selected by half counts."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inlay import color
from inlay.color.raster import Raster
from inlay.edit.probe import strips
from inlay.edit.sight import Blobs
from inlay.edit.target import target_of
from inlay.errors import InvalidInput
from inlay.fidelity.brand_check import BrandCheck, BrandCounter
from inlay.recipe import NamedColor

MOST_KEPT_PX = 60_000
"""Of a picture's pixels, for its main colours."""

__all__ = ["BrandCheck", "check_asked", "check_samples"]


def check_asked(asked: tuple[Raster, Raster | None, tuple[NamedColor, ...]], blobs: Blobs) -> BrandCheck:
    """Hold pixels that are in the store against colours. The mask has one channel and the size of the source; None: all of it.

    Raises InvalidInput, BlobMissing, UnknownProfile, Unsupported.
    """
    source, mask, colors = asked
    source.check("source")
    samples = source.array(blobs.read(source.blob), "source")
    opening = None
    if mask:
        mask.check("mask")
        if mask.channels != 1 or (mask.width, mask.height) != (source.width, source.height):
            raise InvalidInput(
                "mask", f"{mask.width} x {mask.height} {mask.order}", f"it must be {source.width} x {source.height} Y"
            )
        opening = mask.array(blobs.read(mask.blob), "mask")[..., 0].astype(np.float32) >= mask.white_level / 2
    return check_samples(samples, source, colors, opening)


def check_samples(
    samples: NDArray[np.generic],
    raster: Raster,
    colors: Sequence[NamedColor],
    opening: NDArray[np.bool_] | None = None,
) -> BrandCheck:
    """Hold `samples` (height x width x channels) against colours where `opening` (height x width) is. Raises InvalidInput."""
    if not colors:
        raise InvalidInput("colors", "empty", "it must be set")
    targets = [target_of(one.color, raster, f"colors[{at}].color").lab for at, one in enumerate(colors)]
    whole = samples.shape[0] * samples.shape[1] if opening is None else int(np.count_nonzero(opening))
    counter = BrandCounter(np.array(targets), max(1, -(-whole // MOST_KEPT_PX)))
    for rows in strips(samples):
        inside = np.ones(samples[rows].shape[:2], np.bool_) if opening is None else opening[rows]
        if raster.has_alpha:
            inside = inside & (samples[rows][..., -1].astype(np.float32) >= raster.white_level / 2)
        if inside.any():
            counter.add(color.decode(samples[rows][inside][None], raster).pixels[0])
    return counter.check()
