"""The layer's pixels in the document's own samples: what the host has to blend through the mask to show what was fitted."""

import numpy as np
from numpy.typing import NDArray

from inlay import color
from inlay.color.blend import blended, layer_showing
from inlay.color.raster import Raster
from inlay.edit.sight import Sight


def layer_samples(
    sight: Sight,
    layer: NDArray[np.float32],
    raster: Raster,
    *,
    keeps_silhouette: bool,
    alpha: NDArray[np.float32] | None = None,
) -> NDArray[np.generic]:
    """The window's layer pixels: height x width x channels samples of `raster`.

    layer: height x width x 3 float32 working space. keeps_silhouette: where the document has alpha, the layer has the same one, so
    that a cut-out stays cut out; else it is opaque and fills what was empty. alpha: height x width 0..1, the layer's own instead of
    either; over what is there, of which it hides no more than it covers. The host blends in the document's own encoding,
    linear light for one, where the layer was made for the working space: the layer in document samples is the one that shows
    there what was meant here, wherever the samples' range allows.
    """
    own = alpha if raster.has_alpha else None
    covering = sight.mask if own is None else sight.mask * own
    meant = np.where(sight.known, covering, np.float32(1))
    shown = color.encode_unrounded(blended(sight.pixels, layer, meant), None, raster)
    ready = color.encode_unrounded(layer, None, raster)
    share = _share(sight, covering, keeps_silhouette and own is None)
    below = np.where(sight.known[..., None], sight.samples, shown).astype(np.float32)
    samples = np.where(share[..., None] > 0, layer_showing(below, shown, share), ready)
    if not raster.has_alpha:
        return color.rounded(samples, raster)
    samples[..., -1] = raster.white_level if own is None else own * np.float32(raster.white_level)
    rounded = color.rounded(samples, raster)
    if keeps_silhouette and own is None:
        rounded[..., -1] = sight.samples[..., -1]
    return rounded


def _share(sight: Sight, covering: NDArray[np.float32], keeps_silhouette: bool) -> NDArray[np.float32]:
    """How much of the layer's colour shows: what it covers, or more where the original is transparent itself ("over")."""
    if sight.alpha is None:
        return covering
    above = covering * sight.alpha if keeps_silhouette else covering
    covered = above + sight.alpha * (1 - above)
    return np.divide(above, covered, out=np.zeros_like(above), where=covered > 0)
