"""What colour a region has, as an averaging eyedropper sees it: in document values, in Lab, and its distance to a target.

Pixels are read in strips and added up, so that a large region takes little more memory than its samples: at most 24 bytes a
pixel, mapped files included.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay import color
from inlay.color.raster import Raster
from inlay.edit.sight import Blobs
from inlay.edit.target import target_of
from inlay.errors import InvalidInput
from inlay.fidelity.brand import Probe, parse_target
from inlay.fidelity.brand_probe import Moments, Openness, Reader, material_weight
from inlay.fidelity.difference import delta_e_2000

STRIP_PX = 1 << 17
"""Pixels that are converted at a time."""

MOST_READ_PX = 4_000_000
"""Of a region that is open over more, every second, third ... pixel is read: its mean is as certain as anybody needs."""


SAME_DELTA_E = 0.5
"""What rounding to 8 bit may cost; more, and `#RRGGBB` does not stand for the colour."""


class RegionProbe(NamedTuple):
    """Mean and spread of a region.

    document_mean, document_spread: in the document's own samples, by channel in the raster's order.
    reading: the same in linear light, sRGB and Lab, and the distance to the target.
    color: the mean as a target of a recipe.
    """

    document_mean: tuple[float, ...]
    document_spread: tuple[float, ...]
    reading: Probe
    color: str


def probe_region(source: Raster, mask: Raster, target_color: str, blobs: Blobs) -> RegionProbe:
    """Probe pixels that are in the store; `mask` has one channel and the size of `source`.

    Raises InvalidInput, BlobMissing, UnknownProfile, Unsupported.
    """
    source.check("source")
    mask.check("mask")
    if mask.channels != 1 or (mask.width, mask.height) != (source.width, source.height):
        raise InvalidInput(
            "mask", f"{mask.width} x {mask.height} {mask.order}", f"it must be {source.width} x {source.height} Y"
        )
    samples = source.array(blobs.read(source.blob), "source")
    selection = mask.array(blobs.read(mask.blob), "mask")[..., 0]
    white = np.float32(mask.white_level)
    return _probe(samples, source, lambda rows: np.clip(selection[rows].astype(np.float32) / white, 0, 1), target_color)


def probe_asked(asked: tuple[Raster, Raster, str], blobs: Blobs) -> RegionProbe:
    """The same, asked as one value."""
    return probe_region(*asked, blobs)


def probe_samples(
    samples: NDArray[np.generic], raster: Raster, share: NDArray[np.float32], target_color: str = ""
) -> RegionProbe:
    """Probe `samples` (height x width x channels) where `share` (height x width, 0..1) is open, by their opacity."""
    return _probe(samples, raster, lambda rows: share[rows], target_color)


def _probe(
    samples: NDArray[np.generic], raster: Raster, opening: Callable[[slice], NDArray[np.float32]], target_color: str
) -> RegionProbe:
    """opening: the mask of some rows, 0..1."""

    def share(rows: slice) -> NDArray[np.float32]:
        if not raster.has_alpha:
            return opening(rows)
        alpha = samples[rows][..., -1].astype(np.float32)
        return np.asarray(opening(rows) * alpha / np.float32(raster.white_level), np.float32)

    target = target_of(target_color, raster) if target_color else None
    whole, opened = Openness(0.0, 0, 0), 0
    for rows in strips(samples):
        whole, opened = whole.plus(Openness.of(share(rows))), opened + int(np.count_nonzero(share(rows)))
    every = max(1, -(-opened // MOST_READ_PX))
    document, reader, passed = Moments(), Reader(), 0
    for rows in strips(samples):
        weight = material_weight(share(rows), whole).reshape(-1)
        inside = np.flatnonzero(weight)
        read = inside[-passed % every :: every]
        passed += len(inside)
        if len(read):
            values = samples[rows].reshape(-1, samples.shape[2])[read]
            document.add(values, weight[read])
            reader.add(color.decode(values[None], raster).pixels[0], weight[read])
    reading = reader.probe(target)
    return RegionProbe(tuple(document.mean.tolist()), tuple(document.spread.tolist()), reading, _spelled(reading))


def _spelled(reading: Probe) -> str:
    """The mean as a target colour: `#RRGGBB` where that stands for it, or else `lab(L, a, b)`."""
    clipped = parse_target(reading.hex)
    if delta_e_2000(np.array(reading.mean_lab), np.array(clipped.lab)) <= SAME_DELTA_E:
        return reading.hex.upper()
    return "lab({:.2f}, {:.2f}, {:.2f})".format(*reading.mean_lab)


def strips(samples: NDArray[np.generic]) -> Iterator[slice]:
    """The rows of a picture, STRIP_PX at a time."""
    height, width = samples.shape[:2]
    rows = max(1, STRIP_PX // width)
    return (slice(top, min(top + rows, height)) for top in range(0, height, rows))
