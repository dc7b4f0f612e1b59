"""The window at halving sizes, so that the coarse shape of a hole is settled before its detail."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.engines.classic.smooth import halved, smoothly_filled

NARROW_PX = 5
"""Gaps up to twice as wide are narrow: a film over them is a good guess, and no gap at half the size."""

MIN_SOURCES = 150
"""Stop before fewer patches than this are left to choose from: they could only repeat."""

RADIUS = 3
"""7 x 7 patches (docs/facts/classic.md#constants); smaller where the surroundings are too narrow for them."""


@dataclass(frozen=True)
class Level:
    """One size of the window. All arrays are height x width (x channels).

    feat: float32, what patches are compared by; the search keeps its estimate inside the hole here.
    colors: float32, the document's samples, averaged over source pixels only.
    source: bool, pixels to copy from. wanted: bool, pixels to find. radius: of the patches.
    """

    feat: NDArray[np.float32]
    colors: NDArray[np.float32]
    source: NDArray[np.bool_]
    wanted: NDArray[np.bool_]
    radius: int

    @property
    def valid(self) -> NDArray[np.uint8]:
        """Centres whose whole patch is source; uint8."""
        return patch_centres(self.source, self.radius)

    @property
    def near(self) -> NDArray[np.bool_]:
        """Centres of the patches that touch a wanted pixel and lie wholly inside the window."""
        return inside(grown(self.wanted, self.radius), self.radius)

    @property
    def hole(self) -> NDArray[np.bool_]:
        """Wanted pixels, and pixels nobody knows that a patch over a wanted pixel would look at."""
        return grown(self.wanted, 2 * self.radius) & ~self.source


def patch_centres(source: NDArray[np.bool_], radius: int) -> NDArray[np.uint8]:
    """height x width, uint8: 1 where the whole patch around a pixel is inside the window and source."""
    side = 2 * radius + 1
    eroded = cv2.erode(
        source.astype(np.uint8), np.ones((side, side), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0
    )
    return eroded.astype(np.uint8, copy=False)


def grown(area: NDArray[np.bool_], px: int) -> NDArray[np.bool_]:
    """`area` grown by `px` in every direction, diagonals too."""
    side = 2 * px + 1
    return cv2.dilate(area.astype(np.uint8), np.ones((side, side), np.uint8)).astype(np.bool_)


def narrow(hole: NDArray[np.bool_], px: int = NARROW_PX, *, corners: bool = True) -> NDArray[np.bool_]:
    """The parts of `hole` in which no disc of `px` radius has room; with or without the corners of wider ones."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * px + 1,) * 2)
    wide = cv2.morphologyEx(hole.astype(np.uint8), cv2.MORPH_OPEN, disc)
    return hole & ((wide if corners else cv2.dilate(wide, disc)) == 0)


def inside(area: NDArray[np.bool_], px: int) -> NDArray[np.bool_]:
    """`area` without what lies within `px` of the window's border."""
    kept = np.zeros_like(area)
    core = (slice(px, area.shape[0] - px), slice(px, area.shape[1] - px))
    kept[core] = area[core]
    return kept


def depth_px(source: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> float:
    """The distance in pixels from the deepest wanted pixel to the nearest source."""
    return float(cv2.distanceTransform((~source).astype(np.uint8), cv2.DIST_L2, 3)[wanted].max(initial=0.0))


def levels_of(
    feat: NDArray[np.float32],
    colors: NDArray[np.float32],
    source: NDArray[np.bool_],
    wanted: NDArray[np.bool_],
    radius: int,
    check: Callable[[], None],
) -> list[Level]:
    """The pyramid, finest first. feat and colors are 0 outside the source, and so they are at every size."""
    levels = [Level(feat, colors, source, wanted, radius)]
    while True:
        finer = levels[-1]
        thin = narrow(~finer.source, corners=False)
        deep = finer.wanted & ~thin
        if not deep.any():
            break
        share = halved((finer.source | thin).astype(np.float32))
        seen = share >= 0.5
        half_wanted = halved(deep.astype(np.float32)) > 0
        half_wanted &= ~seen
        if min(seen.shape) < 2 * radius + 1 or not half_wanted.any() or patch_centres(seen, radius).sum() < MIN_SOURCES:
            break
        check()
        scale = np.where(seen, 1 / np.maximum(share, 1e-6), 0).astype(np.float32)[..., None]
        half_feat = np.multiply(halved(_bridged(finer.feat, finer.source, thin)), scale, dtype=np.float32)
        check()
        half_colors = np.multiply(halved(_bridged(finer.colors, finer.source, thin)), scale, dtype=np.float32)
        check()
        levels.append(Level(half_feat, half_colors, seen, half_wanted, radius))
    return levels


def _bridged(plane: NDArray[np.float32], source: NDArray[np.bool_], thin: NDArray[np.bool_]) -> NDArray[np.float32]:
    return np.where(thin[..., None], smoothly_filled(plane, source), plane) if thin.any() else plane
