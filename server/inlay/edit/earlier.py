"""Which results in a document an edit takes the place of: those that it rolls again, and those that nobody would see under it.

An edit that changes what is there (recolor, refine ...) is built on the results that are there, unless it is another roll of one.
An edit that paints anew takes the place of those whose selection it covers.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from inlay.color.raster import Raster
from inlay.edit.verbs import EDITS_WHAT_IS_THERE
from inlay.errors import BlobMissing, InvalidInput
from inlay.memory import Relation, ResultMemory
from inlay.recipe import Where
from inlay.region import Rect

SMALL = 0.5
"""What a result has to be of the edit's region to be covered by it: a smaller one is a detail that the edit is built on."""

Read = Callable[[str], bytes | memoryview]
"""A blob's bytes; raises BlobMissing."""


def relation_of(memory: ResultMemory, verb: str, where: Where, read: Read) -> Relation:
    """How a result stands to an edit of that verb and selection.

    Raises BlobMissing where the edit's mask is not in the store and it takes its pixels to tell, InvalidInput for a mask that
    is not as its raster says.
    """
    asked = memory.recipe.where
    is_same_selection = (asked.mask.blob, asked.region) == (where.mask.blob, where.region)
    made_alike = (verb, where.grow_px, where.feather_px) == (memory.recipe.verb, asked.grow_px, asked.feather_px)
    if is_same_selection and made_alike:
        return Relation.SAME
    if verb in EDITS_WHAT_IS_THERE:
        return Relation.APART
    if is_same_selection:
        return Relation.COVERED
    if asked.region.area < SMALL * where.region.area or asked.region.intersection(where.region).area == 0:
        return Relation.APART
    selected = _selected_for(memory, read)
    if selected is None:
        return Relation.APART
    covering = _laid(where.mask.array(read(where.mask.blob), "where.mask"), where.mask, where.region, asked.region)
    return Relation.COVERED if not (selected & ~covering).any() else Relation.APART


def _selected_for(memory: ResultMemory, read: Read) -> NDArray[np.bool_] | None:
    """Where the result's selection is at least half open, over its region; None where nobody has it any more."""
    asked = memory.recipe.where
    try:
        return _laid(asked.mask.array(read(asked.mask.blob), "mask"), asked.mask, asked.region, asked.region)
    except BlobMissing:
        if asked.grow_px or asked.feather_px or not memory.mask_samples:
            return None
    patch = memory.patch  # as it was selected: it was neither grown nor feathered
    return _laid(patch.mask.array(memory.mask, "mask_samples"), patch.mask, patch.bounds, asked.region)


def _laid(samples: NDArray[np.generic], raster: Raster, there: Rect, region: Rect) -> NDArray[np.bool_]:
    """Where a mask that lies at `there` is at least half open, over `region`."""
    if raster.channels != 1 or (raster.width, raster.height) != there.size:
        raise InvalidInput("mask", f"{raster.width} x {raster.height} {raster.order}", f"its region is {there.size}")
    opened = np.zeros((region.height, region.width), np.bool_)
    both = there.intersection(region)
    if both.area:
        inside = samples[..., 0][both.relative_to(there).slices].astype(np.float32)
        opened[both.relative_to(region).slices] = inside >= raster.white_level / 2
    return opened
