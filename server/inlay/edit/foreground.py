"""The layer's pixels in the document's own samples: what the host has to blend through the mask to show what was fitted."""

import numpy as np
from numpy.typing import NDArray

from inlay import color
from inlay.color.blend import blended, layer_showing
from inlay.color.raster import Raster
from inlay.edit.sight import Sight


def layer_samples(
    sight: Sight, layer: NDArray[np.float32], raster: Raster, *, keeps_silhouette: bool
) -> NDArray[np.generic]:
    """The window's layer pixels: height x width x channels samples of `raster`.

    layer: height x width x 3 float32 working space. keeps_silhouette: where the document has alpha, the layer has the same one, so
    that a cut-out stays cut out; else it is opaque and fills what was empty. The host blends in the document's own encoding,
    linear light for one, where the layer was made for the working space: the layer in document samples is the one that shows
    there what was meant here, wherever the samples' range allows.
    """
    meant = np.where(sight.known, sight.mask, np.float32(1))
    shown = color.encode_unrounded(blended(sight.pixels, layer, meant), None, raster)
    ready = color.encode_unrounded(layer, None, raster)
    share = _share(sight, keeps_silhouette)
    below = np.where(sight.known[..., None], sight.samples, shown).astype(np.float32)
    samples = np.where(share[..., None] > 0, layer_showing(below, shown, share), ready)
    if not raster.has_alpha:
        return color.rounded(samples, raster)
    samples[..., -1] = raster.white_level
    rounded = color.rounded(samples, raster)
    if keeps_silhouette:
        rounded[..., -1] = sight.samples[..., -1]
    return rounded


def _share(sight: Sight, keeps_silhouette: bool) -> NDArray[np.float32]:
    """How much of the layer's colour shows: the mask, or more where the original is transparent itself ("over")."""
    if sight.alpha is None:
        return sight.mask
    above = sight.mask * sight.alpha if keeps_silhouette else sight.mask
    covered = above + sight.alpha * (1 - above)
    return np.divide(above, covered, out=np.zeros_like(above), where=covered > 0)
