"""The window at halving sizes, so that the coarse shape of a hole is settled before its detail."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

DEPTH_IN_RADII = 1.8
"""Halve until no hole pixel is further than this many patch radii from a source (facts/quality.md section 3)."""

MIN_SOURCES = 150
"""Stop before fewer patches than this are left to choose from: they could only repeat."""

RADIUS = 3
"""7 x 7 patches (facts/quality.md section 3); smaller where the surroundings are too narrow for them."""


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
    weight = source.astype(np.float32)
    while depth_px(levels[-1].source, levels[-1].wanted) > DEPTH_IN_RADII * radius:
        finer = levels[-1]
        share = halved(weight)
        seen = share >= 0.5
        half_wanted = halved(finer.wanted.astype(np.float32)) > 0
        half_wanted &= ~seen
        if min(seen.shape) < 2 * radius + 1 or not half_wanted.any() or patch_centres(seen, radius).sum() < MIN_SOURCES:
            break
        check()
        scale = np.where(seen, 1 / np.maximum(share, 1e-6), 0).astype(np.float32)[..., None]
        half_feat = np.multiply(halved(finer.feat), scale, dtype=np.float32)
        check()
        half_colors = np.multiply(halved(finer.colors), scale, dtype=np.float32)
        check()
        levels.append(Level(half_feat, half_colors, seen, half_wanted, radius))
        weight = seen.astype(np.float32)
    return levels


def halved(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """2 x 2 means of height x width (x channels), float32; an odd last row or column counts double."""
    height, width = plane.shape[0] + plane.shape[0] % 2, plane.shape[1] + plane.shape[1] % 2
    if (height, width) != plane.shape[:2]:
        odd = [(0, height - plane.shape[0]), (0, width - plane.shape[1])] + [(0, 0)] * (plane.ndim - 2)
        plane = np.pad(plane, odd, mode="edge")
    return cv2.resize(plane, (width // 2, height // 2), interpolation=cv2.INTER_AREA).astype(np.float32, copy=False)
