"""Where old pixels may stay inside the mask: near its contour, where old and new show the same.

A plain feather mixes the removed object back in. This one gives way to the original only as far as the corrected generated
pixels agree with it.
"""

from __future__ import annotations

import numpy as np

from inlay.fidelity.intent import Intent
from inlay.fidelity.raster import F32, Flags, blur, distance_px, resize

FEATHER_PX = {Intent.FILL: 16.0, Intent.EDIT: 6.0}
AGREEMENT = {Intent.FILL: 0.03, Intent.EDIT: 0.015}
"""OKLab difference at which agreement has fallen to 1/e."""
LOOK_SIGMA_PX = 3.0
KEEP_AGREEMENT = 0.008
"""Deeper inside, the original stays only where it agrees this closely: there the model changed nothing."""
STRUCTURE_BAND_PX = (1.5, 6.0)
"""Texture between these Gaussians must agree too where the original is kept: coarser than most grain."""
STRUCTURE_LOOK_PX = 6.0
USUAL_TIMES = 2.0
"""Structure may differ by this many times the energy by which it differs over the protected surroundings."""
LEAST_STRUCTURE = 0.004
"""Structure below this amplitude (OKLab lightness) is not seen."""
UNLIKE = 0.3
"""Share of unlike structure at which keeping has fallen to 1/e; other texture of the same kind has 2, none at all 1."""
FRINGE_PX = 2.0


def old_share(target: F32, lab: F32, share: F32, known: Flags, intent: Intent, reduction: float) -> F32:
    """How much of the original to keep, 0..1, full-size HxW; 1 at an agreeing contour, 0 deep inside or where they disagree.

    target, lab: original and corrected generated in OKLab, reduced HxWx3; share: of the mask, full-size; known: reduced pixels
    that it protects. intent: FILL or EDIT.
    """
    height, width = share.shape
    difference = np.sqrt((blur(target - lab, LOOK_SIGMA_PX / reduction) ** 2).sum(-1))
    agreement = np.exp(-((difference / AGREEMENT[intent]) ** 2))
    inside = share > 0
    depth = np.maximum(distance_px(inside), distance_px(~inside))
    ramp = np.clip(1 - depth / FEATHER_PX[intent], 0, 1)
    ramp = ramp * ramp * (3 - 2 * ramp)
    kept = resize(agreement.astype(np.float32), height, width) * ramp
    wide = np.sqrt((blur(target - lab, 3 * LOOK_SIGMA_PX / reduction) ** 2).sum(-1))
    deep = np.exp(-((np.maximum(difference, wide) / KEEP_AGREEMENT) ** 2)).astype(np.float32)
    deep *= same_structure(target[..., 0], lab[..., 0], known, reduction)
    return np.maximum(kept, resize(deep, height, width)).astype(np.float32, copy=False)


def same_structure(target: F32, lab: F32, known: Flags, reduction: float) -> F32:
    """Whether both show the same fine structure, HxW, 1 yes, 0 no; grain, which only one of them may have, is no structure.

    target, lab: OKLab lightness, reduced HxW. The disagreement of the same band over `known` pixels tells what models lose or add.
    """
    narrow, wide = (s / reduction for s in STRUCTURE_BAND_PX)
    a, b = (blur(x, narrow) - blur(x, wide) for x in (target, lab))
    reach = STRUCTURE_LOOK_PX / reduction
    apart, energy_a, energy_b = (blur(np.square(x, dtype=np.float32), reach) for x in (a - b, a, b))
    usual = float(np.median(apart[known])) if known.any() else 0.0
    unlike = np.maximum(apart - USUAL_TIMES * usual - LEAST_STRUCTURE**2, 0)
    ratio = unlike / np.maximum(np.maximum(energy_a, energy_b), np.float32(1e-9))
    return np.exp(-((ratio / UNLIKE) ** 2)).astype(np.float32)


def fringe(share: F32) -> Flags:
    """The antialiased rim of a hard mask: partial pixels within FRINGE_PX of both a protected and a fully open one."""
    rim = np.zeros(share.shape, np.bool_)
    beyond = int(np.ceil(FRINGE_PX)) + 1
    rows, columns = (np.flatnonzero(share.max(axis)) for axis in (1, 0))
    box = tuple(slice(max(0, int(i[0]) - beyond), int(i[-1]) + 1 + beyond) for i in (rows, columns))
    near = share[box]
    partial = (near > 0) & (near < 1)
    if partial.any():
        rim[box] = partial & (distance_px(near > 0) <= FRINGE_PX) & (distance_px(near < 1) <= FRINGE_PX)
    return rim
