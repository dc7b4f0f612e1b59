"""Guarantee 1, counted by the client: pixels outside the mask that the composite changes."""

import numpy as np
from numpy.typing import NDArray

from inlay.documents import Document, PlacedEdit, composite


def changed_outside(document: Document, placed: PlacedEdit) -> int:
    """How many pixels with mask 0 differ between `document` and its composite with `placed`, over the whole canvas."""
    open_mask = np.zeros(document.samples.shape[:2], np.bool_)
    open_mask[placed.bounds.slices] = placed.mask.astype(np.bool_)
    return count_differences(document.samples, composite(document, [placed]), ~open_mask)


def count_differences(before: NDArray[np.generic], after: NDArray[np.generic], where: NDArray[np.bool_]) -> int:
    """Pixels (height x width x channels) that differ in any channel, among those that `where` (height x width) names."""
    return int(np.count_nonzero((before != after).any(axis=-1) & where))
