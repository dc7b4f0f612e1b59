"""Keep plain ground plain: what lies just off an exact color beside an edge is the edge's compression fringe, not ground.

JPEG rings within the blocks that hold an edge: up to 16 px from it, by a few codes, about the color that it leaves elsewhere.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

PLAIN_PX = 9
"""Ground is plain where it has one and the same color over as many pixels in both directions: more than one block of a JPEG."""

FRINGE = 16 / 255
"""Largest difference of ringing to the ground it lies on, any channel."""

FRINGE_PX = 16
"""How far ringing reaches from an edge, be it of what is erased, and from plain ground: a block of chroma at half size."""

LEANING = 4 / 255
LEANING_PX = 9
"""Where the mean over so many pixels is further off, it is a shadow or a gradient rather than ringing."""


class Flats(NamedTuple):
    """The plain ground of a window.

    plain: height x width, bool. color: height x width x 3, float32: the exact color of the nearest plain pixel.
    """

    plain: NDArray[np.bool_]
    color: NDArray[np.float32]


def flats_of(colors: NDArray[np.float32], source: NDArray[np.bool_]) -> Flats | None:
    """The plain ground among the `source` pixels (height x width, bool) of `colors` (height x width x 3); None without any."""
    side = np.ones((PLAIN_PX, PLAIN_PX), np.uint8)
    known = np.where(source[..., None], colors, np.float32(np.inf))
    core = (cv2.dilate(known, side) == cv2.erode(known, side)).all(axis=2) & np.isfinite(known[..., 0])
    if not core.any():
        return None
    plain = cv2.dilate(core.astype(np.uint8), side).astype(np.bool_) & source
    _, labels = cv2.distanceTransformWithLabels(
        (~plain).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    nearest = labels.astype(np.intp)
    color_of = np.zeros((int(nearest.max()) + 1, 3), np.float32)
    color_of[nearest[plain]] = colors[plain]
    return Flats(plain, color_of[nearest])


def without_fringe(colors: NDArray[np.float32], source: NDArray[np.bool_]) -> tuple[NDArray[np.float32], Flats | None]:
    """`colors` with the fringe beside edges on plain ground taken away, and the ground, fringe included; arrays as above."""
    flats = flats_of(colors, source)
    if flats is None:
        return colors, None
    apart = colors - flats.color
    near = source & (np.abs(apart).max(axis=2) <= FRINGE)
    close = _within(~near, FRINGE_PX) & _within(flats.plain, FRINGE_PX)
    weight = near.astype(np.float32)
    mean = _mean(apart * weight[..., None]) / np.maximum(_mean(weight), 1e-6)[..., None]
    ground = flats.plain | (near & close & (np.abs(mean).max(axis=2) <= LEANING))
    return np.where(ground[..., None], flats.color, colors), Flats(ground, flats.color)


def as_plain(
    painted: NDArray[np.float32], copied: NDArray[np.int32], source: NDArray[np.bool_], flats: Flats | None
) -> NDArray[np.float32]:
    """`painted` (height x width x 3) with exactly the ground's color where plain ground was copied, and nothing strewn over it.

    copied: height x width, int32 flat index of the copied pixel, -1 for none. source: height x width, bool.
    """
    if flats is None:
        return painted
    origin = np.maximum(copied, 0)
    color = flats.color.reshape(-1, 3)[origin]
    plain = (copied >= 0) & flats.plain.reshape(-1)[origin] & (np.abs(painted - color).max(axis=2) <= FRINGE)
    return _without_scraps(np.where(plain[..., None], color, painted), copied, source, flats.plain | plain)


SCRAP = 0.5
"""What stands alone on plain ground and is a smaller share of what it was copied from than this is a scrap of it, no thing."""


def _without_scraps(
    painted: NDArray[np.float32], copied: NDArray[np.int32], source: NDArray[np.bool_], ground: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """`painted` with its scraps given the color of the `ground` (height x width, bool) that is all around them."""
    pieces, facts = _pieces(~ground & (source | (copied >= 0)))
    things, sizes = _pieces(~ground & source)
    reaches_out = np.zeros(len(facts), np.bool_)
    reaches_out[np.unique(pieces[source])] = True
    result = painted
    for piece in np.flatnonzero(~reaches_out):
        left, top, width, height, area = facts[piece]
        box = slice(max(0, top - 1), top + height + 1), slice(max(0, left - 1), left + width + 1)
        here = pieces[box] == piece
        origin = things.reshape(-1)[copied[box][here]]
        around = painted[box][(cv2.dilate(here.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0) & ~here]
        if area < SCRAP * sizes[origin, cv2.CC_STAT_AREA].max() and (around == around[:1]).all():
            result = painted.copy() if result is painted else result
            result[box][here] = around[0]
    return result


def _pieces(area: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The number of the connected piece each pixel belongs to, 0 outside `area`; left, top, width, height and size of each."""
    _, numbers, facts, _ = cv2.connectedComponentsWithStats(area.astype(np.uint8))
    return numbers.astype(np.intp), facts.astype(np.intp)


def _within(area: NDArray[np.bool_], px: int) -> NDArray[np.bool_]:
    return cv2.distanceTransform((~area).astype(np.uint8), cv2.DIST_L2, 5) <= px if area.any() else area


def _mean(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.blur(plane, (LEANING_PX, LEANING_PX)), np.float32)
