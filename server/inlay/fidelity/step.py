"""The small shift that exists only inside the mask: models see a hole, and fill it a shade off.

It shows as a step of the corrected generated picture along the mask's contour where the picture itself should run on.
Where the inside holds what it held before, it is read there directly; else from the contour. Not for edits: the same step is what
a small wanted recolour looks like.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inlay.fidelity.contour import find_step
from inlay.fidelity.raster import F32, Flags, blur, distance_px

LEAST_STEP = 0.006
"""A smaller step of the inside against the surroundings is light that the fit has missed, not a shift of the inside."""
LARGEST_STEP = 0.05
AGREEMENT = 0.03
LEAST_AGREEING = 0.5
FEWEST_READINGS = 100
MOST_READINGS = 3000
"""More differences than this, evenly thinned, do not move their mode by what can be seen."""
INNER_FROM_PX = 4.0
"""The inside is read from this distance to the contour on, where the shift is fully there."""
OUTER_PX = (2.0, 24.0)
"""It is compared with the surroundings at these distances from the contour."""
LEAST_SAME = 0.6
"""Share of the inside that must differ by one and the same small step for the inside to count as unreplaced content."""
RISE_PX = 2.5
"""The step is undone with this softness at the contour: latents (8 px) blur a shift's edge by about this much."""
REACHES = (0.06, 0.04, AGREEMENT, AGREEMENT, AGREEMENT, AGREEMENT)
"""Distances (OKLab) within which the rounds of mean shift look for neighbours."""


def inside_step(
    target: F32, lab: F32, unsmoothed: F32, inside: Flags, known: Flags, same: bool, reduction: float
) -> F32 | None:
    """The OKLab shift of the inside against the outside (3 values), or None when there is none to be sure of.

    target, lab: original and corrected generated, low-passed OKLab, reduced HxWx3; unsmoothed: `lab` without the
    low-pass, which would wash out a step; inside, known: HxW, what the mask opens and protects; same: the inside holds what it
    held before; reduction: window pixels per pixel here.
    """
    step = _read_inside(target, lab, inside, known, reduction) if same else None
    if step is None:
        step = find_step(unsmoothed, inside, reduction)
    elif float(np.linalg.norm(step)) < LEAST_STEP:
        return None
    if step is None or float(np.linalg.norm(step)) > LARGEST_STEP:
        return None
    return step.astype(np.float32)


def shows_the_same(target: F32, lab: F32, inside: Flags) -> bool:
    """Whether the inside holds what it held before (a refinement, a repeated edit), but for one small step of colour."""
    differences = _differences(target, lab, inside)
    if differences is None:
        return False
    mode, share = _mode(differences)
    return share >= LEAST_SAME and float(np.linalg.norm(mode)) < LARGEST_STEP


def rise(inside: Flags, reduction: float) -> F32:
    """Where the step applies, 0..1, soft across the contour; HxW."""
    return blur(inside.astype(np.float32), RISE_PX / reduction)


def _read_inside(target: F32, lab: F32, inside: Flags, known: Flags, reduction: float) -> NDArray[np.float64] | None:
    depth, outward = (distance_px(side) * np.float32(reduction) for side in (inside, ~inside))
    within = _differences(target, lab, inside & (depth > INNER_FROM_PX))
    without = _differences(target, lab, known & (outward > OUTER_PX[0]) & (outward < OUTER_PX[1]))
    if within is None or without is None:
        return None
    (step_in, share_in), (step_out, share_out) = _mode(within), _mode(without)
    return step_in - step_out if min(share_in, share_out) >= LEAST_AGREEING else None


def _differences(target: F32, lab: F32, where: Flags) -> F32 | None:
    """`lab` less `target` at N evenly thinned pixels of `where`; None if these are too few to tell."""
    pixels = np.flatnonzero(where)
    if pixels.size < FEWEST_READINGS:
        return None
    pixels = pixels[:: -(-pixels.size // MOST_READINGS)]
    return lab.reshape(-1, 3)[pixels] - target.reshape(-1, 3)[pixels]


def _mode(readings: F32) -> tuple[NDArray[np.float64], float]:
    """The densest place of N 3-vectors by mean shift from the median and from zero, and the share of them near it."""
    best, best_share = np.zeros(3), -1.0
    for start in (np.median(readings, axis=0), np.zeros(3, np.float32)):
        at = start
        for reach in REACHES:
            near = np.maximum(1 - _squared(readings - at) / np.float32(reach**2), 0)
            total = float(near.sum())
            if total <= 0:
                break
            at = near @ readings / np.float32(total)
        share = float((_squared(readings - at) < AGREEMENT**2).mean())
        if share > best_share:
            best, best_share = at.astype(np.float64), share
    return best, best_share


def _squared(vectors: F32) -> F32:
    return np.einsum("ij,ij->i", vectors, vectors)
