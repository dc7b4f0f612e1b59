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
    if KEEP_AGREEMENT > 0:
        wide = np.sqrt((blur(target - lab, 3 * LOOK_SIGMA_PX / reduction) ** 2).sum(-1))
        keep = np.exp(-((np.maximum(difference, wide) / KEEP_AGREEMENT) ** 2)).astype(np.float32)
        share = np.maximum(share, resize(keep, height, width))
    return share.astype(np.float32, copy=False)


def fringe(codes: U8) -> Flags:
    """The antialiased rim of a hard mask: partial pixels within FRINGE_PX of both a protected and a fully open one."""
    partial = (codes > 0) & (codes < 255)
    if not partial.any():
        return partial
    return partial & (distance_px(codes > 0) <= FRINGE_PX) & (distance_px(codes < 255) <= FRINGE_PX)
