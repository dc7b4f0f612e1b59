"""What colour a region has, as an averaging eyedropper sees it: in document values, in Lab, and its distance to a target."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay import color
from inlay.color.raster import Raster
from inlay.edit.sight import Blobs
from inlay.edit.target import target_of
from inlay.errors import InvalidInput
from inlay.fidelity.brand import Probe, probe
from inlay.fidelity.brand_probe import material_weight


class RegionProbe(NamedTuple):
    """Mean and spread of a region.

    document_mean, document_spread: in the document's own samples, by channel in the raster's order.
    reading: the same in linear light, sRGB and Lab, and the distance to the target.
    """

    document_mean: tuple[float, ...]
    document_spread: tuple[float, ...]
    reading: Probe


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
    share = np.clip(selection.astype(np.float32) / np.float32(mask.white_level), 0, 1)
    return probe_samples(samples, source, share, target_color)


def probe_samples(
    samples: NDArray[np.generic], raster: Raster, share: NDArray[np.float32], target_color: str = ""
) -> RegionProbe:
    """Probe `samples` (height x width x channels) where `share` (height x width, 0..1) is open, by their opacity."""
    target = target_of(target_color, raster) if target_color else None
    decoded = color.decode(samples, raster)
    if decoded.alpha is not None:
        share = share * decoded.alpha
    weight = material_weight(share).astype(np.float64)
    read = weight > 0
    values, parts = samples[read].astype(np.float64), weight[read] / weight.sum()
    mean = parts @ values
    spread = np.sqrt(parts @ (values - mean) ** 2)
    reading = probe(decoded.pixels, share, target)
    return RegionProbe(tuple(mean.tolist()), tuple(spread.tolist()), reading)
