"""The rim of a recoloured material, where each pixel is part material, part background."""

from __future__ import annotations

import numpy as np

from inlay.fidelity.cielab import encoded_of, linear_of
from inlay.fidelity.raster import F32, Flags, masked_blur

_REACH_SIGMA_PX = 1.5
"""Antialiasing is a pixel or two wide; further out a soft mask lies on the material itself."""
_NEAR = 0.25
"""Share of material in the neighbourhood from which on a pixel fully counts as its rim."""
_THINNEST = 0.1
"""Mask below which the layer no longer makes up for how little of it shows."""


def moved_with_material(original: F32, recolored: F32, shading: F32, mask: F32, sure: Flags) -> F32:
    """Rim pixels moved by what the material beside them moved by.

    original, recolored: HxWx3 encoded; shading: HxW, how much of the material's colour is in each original pixel; mask: HxW
    0..1; sure: HxW, where the material is alone. A rim pixel is background light plus a share of the material's: as much as
    the mask says, or less where less is in the pixel. That share of the material's change is what has to show once the host
    has blended the layer through the mask; a recoloured mixture would leave a fringe of the old colour.
    """
    rim = (mask > 0) & ~sure
    if not rim.any() or not sure.any():
        return recolored
    light = linear_of(original)
    known = np.concatenate([linear_of(recolored) - light, shading[..., None]], axis=-1)
    beside, support = masked_blur(known, sure.astype(np.float32), _REACH_SIGMA_PX)
    beside, opening = beside[rim], mask[rim]
    share = np.minimum(shading[rim] / np.maximum(beside[:, 3], np.float32(1e-6)), opening)[:, None]
    # A mask that says more than is there must not take light away that never was.
    mixed = np.maximum(light[rim] + share * beside[:, :3], np.minimum(light[rim], 0))
    shown = encoded_of(mixed.astype(np.float32))
    layer = original[rim] + (shown - original[rim]) / np.maximum(opening, np.float32(_THINNEST))[:, None]
    near = np.clip(support[rim] * np.float32(1 / _NEAR), 0, 1)[:, None]
    out = recolored.copy()
    out[rim] += near * (layer - recolored[rim])
    return out
