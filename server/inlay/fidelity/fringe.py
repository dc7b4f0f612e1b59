"""The fringe of a cut-out: what soft pixels hold of the background they were cut from, and the object's own colour instead.

A soft pixel was alpha times the object plus the rest of the old background (Smith and Blinn, SIGGRAPH 1996). The object's colour
is carried outward from where it is opaque, the old background's is what soft pixels have beyond it; both are smooth.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from inlay.fidelity.light import pull_push
from inlay.fidelity.raster import F32, Flags, blur, luma, masked_blur, resize, thrice

OPAQUE = 0.95
SOFT = (0.02, 0.97)
JUDGED = (0.08, 0.9)
BACKGROUND_SIGMA_PX, BACKGROUND_REDUCTION = 10.0, 4
"""So smooth, the old background is found at a quarter of the size."""
DETAIL_SIGMA_PX = 1.5
ROUNDS = 3
DOUBT = 0.06
FINAL_DOUBT = 0.03
MOST_GAIN = 2.0
LARGEST_LEFT = 0.8
"""With a fringe, the model of one leaves at most this share of what differs from the object's own colour."""
LEAST_DIFFERENCE = 0.085
"""Old background and object differ by at least this (encoded), or there is nothing to see."""
FEWEST = 60
SMEARED_PX = 5
"""Across so many pixels around a soft one JPEG mixes colours."""
TILE_PX, REACH_PX = 512, 64
"""Soft pixels are looked at in such tiles, and so far beyond them."""
MOST_JUDGED = 24
"""Of those tiles tell whether there is a fringe."""


def without_fringe(rgb: F32, alpha: F32, is_jpeg: bool = False) -> F32 | None:
    """HxWx3 `rgb` (encoded, straight) with its soft pixels in the object's own colours; None where nothing of another shows.

    alpha: HxW, 0..1. is_jpeg: colour, which it keeps at half the size, is smeared across the contour and beyond it.
    """
    judged = (alpha > JUDGED[0]) & (alpha < JUDGED[1])
    if judged.sum() < FEWEST:
        return None
    opaque = cv2.erode((alpha > OPAQUE).astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.float32)
    if opaque.sum() < FEWEST:
        return None
    own = pull_push(rgb, opaque, 0.02)
    tiles = [tile for tile in _tiles(alpha.shape) if judged[tile.inner].any()]
    step = -(-len(tiles) // MOST_JUDGED)
    seen = [tile.seen for tile in tiles[::step]]
    if not _shows([_evidence(rgb[part], own[part], alpha[part], judged[part]) for part in seen]):
        return None
    if is_jpeg:
        deep = np.asarray(cv2.erode(opaque, np.ones((SMEARED_PX, SMEARED_PX), np.uint8)), np.float32)
        is_jpeg = bool(deep.sum() >= FEWEST)
        own = pull_push(rgb, deep, 0.02) if is_jpeg else own
        del deep
    del opaque
    out = rgb.copy()
    for tile in _tiles(alpha.shape):
        if _is_soft(alpha[tile.inner]).any():
            there = tile.seen
            out[tile.inner] = _clean(rgb[there], own[there], alpha[there], is_jpeg)[tile.inner_of_seen]
    return out


class _Tile(NamedTuple):
    """inner: what is written. seen: what is looked at for it. inner_of_seen: where the one lies in the other."""

    inner: tuple[slice, slice]
    seen: tuple[slice, slice]
    inner_of_seen: tuple[slice, slice]


def _tiles(size: tuple[int, ...]) -> list[_Tile]:
    sides: list[list[tuple[slice, slice, slice]]] = []
    for length in size:
        starts = range(0, length, TILE_PX)
        spans = [(at, min(at + TILE_PX, length), max(0, at - REACH_PX)) for at in starts]
        sides.append(
            [(slice(a, b), slice(low, min(length, b + REACH_PX)), slice(a - low, b - low)) for a, b, low in spans]
        )
    return [_Tile(*zip(rows, columns, strict=True)) for rows in sides[0] for columns in sides[1]]


def _is_soft(alpha: F32) -> Flags:
    return (alpha > SOFT[0]) & (alpha < SOFT[1])


def _clean(rgb: F32, inner: F32, alpha: F32, is_smeared: bool) -> F32:
    """`rgb` without its fringe. inner: the object's colours, carried outward."""
    own = inner.copy()
    visible = (alpha > 0).astype(np.float32)
    soft = thrice(_is_soft(alpha).astype(np.float32))
    a = thrice(alpha)
    rest = 1 - a
    for _ in range(ROUNDS):
        old = _background(rgb, own, alpha, visible)
        correction = np.asarray(a / (a * a + DOUBT) * (rgb - a * own - rest * old), np.float32)
        smooth, _ = masked_blur(correction, visible * alpha, DETAIL_SIGMA_PX)
        own += smooth * soft
    old = _background(rgb, own, alpha, visible)
    gain = np.minimum(a / (a * a + FINAL_DOUBT), MOST_GAIN)
    clean = own + gain * (rgb - a * own - rest * old)
    edge = np.clip((1 - alpha) / (1 - SOFT[1]), 0, 1)
    clean = np.where(a > 0, rgb + (clean - rgb) * thrice(edge), rgb).astype(np.float32)
    if is_smeared:
        near = cv2.dilate(soft[..., 0], np.ones((SMEARED_PX, SMEARED_PX), np.uint8))
        missing = inner - clean
        clean += (missing - thrice(luma(missing))) * thrice(blur(np.asarray(near, np.float32), 1.0) * visible)
    return clean


def _background(rgb: F32, own: F32, alpha: F32, visible: F32) -> F32:
    rest = 1 - alpha
    said = (rgb - thrice(alpha) * own) / thrice(np.maximum(rest, 0.05))
    weight = rest * rest * visible
    said = np.clip(said, -0.2, 1.2).astype(np.float32, copy=False)
    said *= thrice(weight)
    height, width = alpha.shape
    small = -(-height // BACKGROUND_REDUCTION), -(-width // BACKGROUND_REDUCTION)
    total, support = (blur(resize(x, *small), BACKGROUND_SIGMA_PX / BACKGROUND_REDUCTION) for x in (said, weight))
    return resize(total / thrice(np.maximum(support, np.float32(1e-6))), height, width)


class _Evidence(NamedTuple):
    """Sums over the judged pixels of squares of what the model of a fringe leaves, of what differs from the object, and of the
    difference between both backgrounds; and how many values those are."""

    mixed: float
    clean: float
    apart: float
    values: int


def _evidence(rgb: F32, own: F32, alpha: F32, judged: Flags) -> _Evidence:
    visible = (alpha > 0).astype(np.float32)
    old = _background(rgb, own, alpha, visible)
    low, _ = masked_blur(rgb, visible, 0.8)
    weight = np.sqrt(alpha)[judged][:, None]
    clean = (low - own)[judged] * weight
    mixed = (low - thrice(alpha) * own - (1 - thrice(alpha)) * old)[judged] * weight
    mixed, clean, apart = (float(np.square(part).sum()) for part in (mixed, clean, (old - own)[judged]))
    return _Evidence(mixed, clean, apart, 3 * int(judged.sum()))


def _shows(found: list[_Evidence]) -> bool:
    mixed, clean, apart, values = (sum(one) for one in zip(*found, strict=True))
    return mixed < LARGEST_LEFT**2 * clean and apart > LEAST_DIFFERENCE**2 * values
