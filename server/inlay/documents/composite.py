"""What a host shows of edits and layers above a document, in the document's own samples."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inlay.documents.document import Document, PlacedEdit, mask_share, white_of
from inlay.documents.layer_stack import Group, Layer, composed


def composite(document: Document, placed: Sequence[PlacedEdit], groups: Sequence[Group] = ()) -> NDArray[np.generic]:
    """`document` with `placed` on top, then `groups`, the last one uppermost: height x width x channels in the document's format.

    original * (1 - mask) + layer * mask per sample, in float64, integers rounded to nearest (ties to even); "over" where the
    document has alpha. Where the mask is 0 every sample keeps its bits. Raises InvalidInput where an edit does not fit.
    """
    samples = document.samples.copy()
    for edit in placed:
        edit.check(document)
        if edit.shown is None:
            continue
        share = mask_share(edit.mask)
        below = samples[edit.bounds.slices]
        blend = _over if document.has_alpha else _mixed
        blended = blend(below.astype(np.float64), edit.shown.astype(np.float64), share[..., None], document.white_level)
        if document.samples.dtype.kind == "u":
            blended = np.rint(np.clip(blended, 0, document.white_level))
        samples[edit.bounds.slices] = np.where(share[..., None] > 0, blended.astype(samples.dtype), below)
    return _below(groups, samples, document) if groups else samples


def _below(groups: Sequence[Group], samples: NDArray[np.generic], document: Document) -> NDArray[np.generic]:
    """`samples` with layers above them; where nothing shows, they stay."""
    opaque = np.full(samples.shape[:2], white_of(samples.dtype), samples.dtype)
    whole = samples if document.has_alpha else np.dstack([samples, opaque])
    shown = composed((*reversed(groups), Layer("", 0, 0, whole)), document.size, whole.shape[2], samples.dtype)
    assert shown is not None, "groups that are added blend as `layer_stack.MIXES` can"
    return np.where(shown[..., -1:].astype(np.bool_), shown, whole)[..., : samples.shape[2]]


Values = NDArray[np.float64]


def _mixed(below: Values, layer: Values, share: Values, white: float) -> Values:
    return below * (1 - share) + layer * share


def _over(below: Values, layer: Values, share: Values, white: float) -> Values:
    """Porter and Duff's "over" on straight alpha, the last channel."""
    above_alpha = layer[..., -1:] / white * share
    below_alpha = below[..., -1:] / white * (1 - above_alpha)
    alpha = above_alpha + below_alpha
    weight = np.divide(above_alpha, alpha, out=np.zeros_like(alpha), where=alpha > 0)
    colors = below[..., :-1] * (1 - weight) + layer[..., :-1] * weight
    return np.concatenate([colors, alpha * white], axis=-1)
