"""Where old pixels may stay inside the mask: near its contour, where old and new show the same.

A plain feather mixes the removed object back in. This one gives way to the original only as far as the corrected
generated pixels agree
with it. Constants: quality.md section 2, step 8.
"""

from __future__ import annotations

import numpy as np

from inlay.fidelity.raster import F32, U8, Flags, blur, distance_px, resize

FEATHER_PX = {"fill": 16.0, "edit": 6.0}
AGREEMENT = {"fill": 0.03, "edit": 0.015}
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
KNOWN_SHARE = 0.999
FRINGE_PX = 2.0


def old_share(target: F32, lab: F32, codes: U8, op: str, reduction: float) -> F32:
    """Share of the original to keep, 0..1, full-size HxW; 1 at an agreeing contour, 0 deep inside or where they disagree.

    target, lab: original and corrected generated in OKLab, reduced HxWx3; codes: full-size mask.
    """
    height, width = codes.shape
    difference = np.sqrt((blur(target - lab, LOOK_SIGMA_PX / reduction) ** 2).sum(-1))
    agreement = np.exp(-((difference / AGREEMENT[op]) ** 2))
    inside = codes > 0
    depth = np.maximum(distance_px(inside), distance_px(~inside))
    ramp = np.clip(1 - depth / FEATHER_PX[op], 0, 1)
    ramp = ramp * ramp * (3 - 2 * ramp)
    share = resize(agreement.astype(np.float32), height, width) * ramp
    wide = np.sqrt((blur(target - lab, 3 * LOOK_SIGMA_PX / reduction) ** 2).sum(-1))
    keep = np.exp(-((np.maximum(difference, wide) / KEEP_AGREEMENT) ** 2)).astype(np.float32)
    keep *= same_structure(target[..., 0], lab[..., 0], codes, reduction)
    share = np.maximum(share, resize(keep, height, width))
    return share.astype(np.float32, copy=False)


def same_structure(target: F32, lab: F32, codes: U8, reduction: float) -> F32:
    """Whether both show the same fine structure, HxW, 1 yes, 0 no; grain, which only one of them may have, is no structure.

    target, lab: OKLab lightness, reduced HxW. The disagreement of the same band outside the mask tells what models lose or add.
    """
    narrow, wide = (s / reduction for s in STRUCTURE_BAND_PX)
    a, b = (blur(x, narrow) - blur(x, wide) for x in (target, lab))
    reach = STRUCTURE_LOOK_PX / reduction
    apart, energy_a, energy_b = (blur(np.square(x, dtype=np.float32), reach) for x in (a - b, a, b))
    known = resize((codes == 0).astype(np.float32), *target.shape) > KNOWN_SHARE
    usual = float(np.median(apart[known])) if known.any() else 0.0
    unlike = np.maximum(apart - USUAL_TIMES * usual - LEAST_STRUCTURE**2, 0)
    ratio = unlike / np.maximum(np.maximum(energy_a, energy_b), np.float32(1e-9))
    return np.exp(-((ratio / UNLIKE) ** 2)).astype(np.float32)


def fringe(codes: U8) -> Flags:
    """The antialiased rim of a hard mask: partial pixels within FRINGE_PX of both a protected and a fully open one."""
    partial = (codes > 0) & (codes < 255)
    if not partial.any():
        return partial
    return partial & (distance_px(codes > 0) <= FRINGE_PX) & (distance_px(codes < 255) <= FRINGE_PX)
