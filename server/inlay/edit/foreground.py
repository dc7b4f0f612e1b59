"""The layer's pixels in the document's own samples: what the host has to blend through the mask to show the composite."""

import numpy as np
from numpy.typing import NDArray

from inlay import color
from inlay.color.raster import Raster
from inlay.edit.sight import Sight


def foreground_samples(
    sight: Sight, composite: NDArray[np.float32], paint: NDArray[np.float32], raster: Raster
) -> NDArray[np.generic]:
    """The window's layer pixels: height x width x channels samples of `raster`, opaque.

    composite, paint: height x width x 3 float32 working space; what the document shall show where the mask is open, and what
    lies ready where it is closed. The host blends in the document's own encoding, linear light for one, and the composite
    was made in the working space: solving original + m (layer - original) = composite for the layer in document samples
    makes both agree wherever the samples' range allows.
    """
    shown = color.encode_unrounded(composite, None, raster)
    ready = color.encode_unrounded(paint, None, raster)
    share = _share(sight)[..., None]
    original = np.where(sight.known[..., None], sight.samples, shown).astype(np.float32)
    solved = original + (shown - original) / np.maximum(share, np.float32(1e-6))
    layer = np.where(share > 0, solved, ready)
    if raster.has_alpha:
        layer[..., -1] = raster.white_level
    return color.rounded(layer, raster)


def shown_by_host(sight: Sight, layer: NDArray[np.generic], raster: Raster) -> NDArray[np.generic]:
    """What the host shows of an opaque `layer` through the mask: document samples, the original ones where the mask is 0."""
    share = _share(sight)[..., None]
    original = sight.samples.astype(np.float32)
    mixed = np.asarray(original + (layer.astype(np.float32) - original) * share, np.float32)
    if raster.has_alpha and sight.alpha is not None:
        mixed[..., -1] = _coverage(sight) * np.float32(raster.white_level)
    return np.where(share > 0, color.rounded(mixed, raster), sight.samples)


def _coverage(sight: Sight) -> NDArray[np.float32]:
    """Alpha after an opaque layer was laid through the mask over the original ("over" compositing)."""
    if sight.alpha is None:
        return sight.mask
    return np.asarray(sight.mask + sight.alpha * (1 - sight.mask), np.float32)


def _share(sight: Sight) -> NDArray[np.float32]:
    """How much of the layer's colour shows: the mask, or more where the original is transparent itself."""
    if sight.alpha is None:
        return sight.mask
    covered = _coverage(sight)
    return np.divide(sight.mask, covered, out=np.zeros_like(sight.mask), where=covered > 0)
