"""What stands in front of an object: where its sibling shows other structure, or a colour that the rest's does not lead to."""

from __future__ import annotations

import cv2
import numpy as np

from inlay.siblings.frame import Frame
from inlay.siblings.pixels import F32, blurred
from inlay.siblings.placing import Placed

UNLIKE = 0.6
"""Agreement below which a place speaks for something in front."""
ODD = 4.0
"""Spreads of the colours' misfit above which a place speaks for it."""
SMOOTH = 0.03
"""Of the object's size: places this near decide together."""
SMALLEST = 0.03
"""Of the object's area: a smaller patch is a highlight, a reflection or noise."""
LEAST_SPREAD = 0.02


def covered(found: Placed, frame: Frame) -> F32:
    """Where something else is in front of the object, H x W, 0 or 1."""
    unlike = np.clip((UNLIKE - found.agreement.alike) / (UNLIKE / 2), -1, 1) * found.agreement.tells
    speaks = unlike + np.clip(_misfit(found, frame) / ODD - 1, -1, 1)
    sigma = SMOOTH * frame.size_px
    heard = blurred(speaks * found.visible, sigma)
    over = ((heard > 0) & (found.visible > 0.5)).astype(np.uint8)
    count, patches = cv2.connectedComponents(over)
    areas = np.bincount(np.asarray(patches).ravel(), minlength=count)
    large = np.flatnonzero(areas > SMALLEST * frame.size_px**2)
    return np.isin(patches, large[large > 0]).astype(np.float32)


def _misfit(found: Placed, frame: Frame) -> F32:
    """How far each colour is from where the master's leads by the one curve that suits most places; in spreads, H x W."""
    soft = max(1.5, frame.size_px / 60)
    one, other = blurred(frame.picture, soft), blurred(found.seen, soft)
    terms = _terms(one)
    good = (found.visible > 0.9) & (found.agreement.alike > 0.7)
    if good.sum() < 4 * terms.shape[-1]:
        return np.zeros(good.shape, np.float32)
    known, wanted = terms[good], other[good]
    weight = np.ones((len(known), 1), np.float32)
    curve, spread = np.zeros((known.shape[1], 3), np.float32), LEAST_SPREAD
    for _ in range(8):
        curve = np.linalg.lstsq(known * weight, wanted * weight, rcond=1e-4)[0]
        miss = np.linalg.norm(wanted - known @ curve, axis=1, keepdims=True)
        spread = 1.48 * float(np.median(miss)) + 0.01
        weight = 1 / (1 + (miss / (2 * spread)) ** 2)
    return np.linalg.norm(other - terms @ curve, axis=-1) / max(spread, LEAST_SPREAD)


def _terms(rgb: F32) -> F32:
    """1, colours, their squares and products: ... x 10."""
    r, g, b = np.moveaxis(rgb, -1, 0)
    return np.stack([np.ones_like(r), r, g, b, r * r, g * g, b * b, r * g, g * b, r * b], -1)
