"""The layer's own pixels: fitted paint, the old pixels where they may stay, new grain over both."""

from __future__ import annotations

import numpy as np

from inlay.fidelity import edge, grain, grain_alone
from inlay.fidelity.intent import Intent
from inlay.fidelity.raster import F32, stripes, thrice
from inlay.fidelity.view import View

NOISE_GROWTH = 2.0
"""Most that grain is raised under a soft mask to come through at full strength; more would show if the mask is opened."""
THINNEST = 0.1
"""Mask below which the layer no longer makes up for how little of it shows."""
FAINTEST = 1 / 255
"""Mask below which grain is no longer raised."""


def mixed(
    view: View,
    paint: F32,
    old: F32,
    found: grain.Grain | None,
    intent: Intent,
    copied: bool,
    random: np.random.Generator,
) -> F32:
    """HxWx3 float32. paint: HxWx3; old: HxW, how much of the original stays; copied: the surroundings have their grain already."""
    rim = None if intent is Intent.EDIT else edge.fringe(view.share)
    noise = None
    if found is not None:
        brightness = grain_alone.brightness_of(paint) if copied else grain.brightness_of(paint)
        height, width = view.share.shape
        noise = grain.make_grain(found, brightness, height, width, random)
    out = np.empty_like(paint)
    for rows in stripes(*view.share.shape):
        share, new = view.share[rows], 1 - old[rows]
        replaced = new
        if rim is not None and rim[rows].any():
            here = rim[rows]
            replaced = new.copy()
            replaced[here] *= 1 + new[here] * (1 / np.maximum(share[here], THINNEST) - 1)
        whole = (replaced == 1)[..., None]
        out[rows] = np.where(
            whole, paint[rows], view.original[rows] + thrice(replaced) * (paint[rows] - view.original[rows])
        )
        if found is not None and noise is not None:
            out[rows] += noise[rows] * thrice(_strength(found, share, new, copied))
    return out


def _strength(found: grain.Grain, share: F32, new: F32, copied: bool) -> F32:
    """How strong grain has to be in the layer, HxW, so that it comes through the mask at the level of the surroundings."""
    inside = share > 0
    beyond = np.zeros_like(new) if copied else found.needed(new)
    most = 1 + (NOISE_GROWTH - 1) * np.minimum(share * 10, 1)
    raised = np.minimum(found.needed(share * new) / np.maximum(share, np.float32(FAINTEST)), most)
    return np.where(inside, raised, beyond).astype(np.float32, copy=False)
