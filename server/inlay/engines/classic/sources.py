"""What of a window is to be found, and what it may be copied from."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay.engines.classic.pyramid import RADIUS, depth_px, patch_centres

LITTLE_CHANGED = 0.5
"""Under a mask value up to this, a pixel still shows mostly what it showed: good enough where there is nothing better."""

NARROW_PX = 6
"""Gaps up to twice as wide are filled smoothly where there is no whole patch to copy."""

ENOUGH_CENTRES = 24
"""Fewer whole patches than this around the mask, and smaller patches are taken."""


class Task(NamedTuple):
    """What to fill from what. source, wanted: height x width, bool, apart from each other.

    radius: of the patches; 0 where the gaps are to be filled smoothly because no patch is whole.
    """

    source: NDArray[np.bool_]
    wanted: NDArray[np.bool_]
    radius: int
    notes: tuple[str, ...] = ()


def task_of(mask: NDArray[np.float32], known: NDArray[np.bool_]) -> Task | None:
    """Choose sources for a mask (height x width, 0..1) over known pixels; None where nothing can be a source.

    Sources are the known pixels that the mask leaves alone: under a soft fringe the old object still shows through.
    Where the mask leaves nothing alone, what is known continues into what is not; else the lightest part of the mask
    continues into the rest.
    """
    painted = mask > 0
    untouched = known & ~painted
    if radius := _patch_radius(untouched):
        return Task(untouched, painted, radius)
    if untouched.any() and painted.any() and depth_px(untouched, painted) <= NARROW_PX:
        return Task(
            untouched, painted, 0, ("Too little is left around the selection to copy from: it was filled smoothly.",)
        )
    if (painted & ~known).any() and (radius := _patch_radius(known)):
        return Task(
            known,
            painted & ~known,
            radius,
            (
                "The selection leaves nothing around it, so only its empty part was filled, from the part that shows something.",
            ),
        )
    lightest = known & (mask <= min(float(np.quantile(mask[known], 0.2)), LITTLE_CHANGED)) if known.any() else known
    if (painted & ~lightest).any() and (radius := _patch_radius(lightest)):
        return Task(
            lightest,
            painted & ~lightest,
            radius,
            ("The selection leaves nothing around it, so its most transparent part was taken as the source.",),
        )
    return None


def _patch_radius(source: NDArray[np.bool_]) -> int:
    """The largest patch radius that finds enough sources; 0 where not even 3 x 3 does."""
    for radius in range(RADIUS, 0, -1):
        centres = np.count_nonzero(patch_centres(source, radius))
        if centres >= ENOUGH_CENTRES or (radius == 1 and centres):
            return radius
    return 0
