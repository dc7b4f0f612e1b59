"""One size of the pyramid at work: where each patch of the hole comes from, and what the hole looks like so far."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.engines.classic.patchmatch import misfit_strip, peel_strip, sweep_strip, vote_strip
from inlay.engines.classic.pyramid import Level
from inlay.engines.classic.workshop import Workshop

TRUST_BASE = 1.3
"""A patch's vote weighs this factor less per pixel that its centre lies inside the hole (Wexler et al. 2007)."""

TRUST_DEPTH_PX = 40
"""Deeper than this the weight stays the same, far above what float32 can still tell from zero."""

STRIP_PX = 16
"""Rows a thread works on at a time. Fixed, so that the result does not depend on how many threads there are."""

RIM_PRICE = 2.0
"""What a strange look costs, in units of the patch difference it would make; docs/facts/classic.md#constants."""

REPEATS = 1.5
"""A source may be copied this many times as often as if all were copied equally, before it costs more."""

REPEAT_PRICE = 0.5
"""What each copy beyond that costs, in typical patch differences."""

PEEL_STRIP = 64
PEEL_TRIES = 1500
"""Sources looked at for each pixel of the onion peel."""


class Search:
    """The search at one level; `feat` is the level's own and holds the estimate inside the hole.

    strangeness: height x width, float32, see `rim`.
    field, dist: see `patchmatch`. copied: height x width, int32, the one source pixel that stands for each hole pixel.
    """

    def __init__(
        self, level: Level, strangeness: NDArray[np.float32], seed: int, workshop: Workshop, check: Callable[[], None]
    ) -> None:
        self.level = level
        self.feat = level.feat
        self.hole = level.hole.astype(np.uint8)
        self.valid = level.valid
        self.near = level.near
        check()
        self.sources = np.flatnonzero(self.valid)
        self._hole_at = np.flatnonzero(self.hole)
        self._near_at = np.flatnonzero(self.near)
        check()
        self.field = np.full(self.hole.shape, -1, np.int32)
        self.dist = np.full(self.hole.shape, np.inf, np.float32)
        self.copied = np.full(self.hole.shape, -1, np.int32)
        self.strangeness = strangeness * np.float32(RIM_PRICE * (2 * level.radius + 1) ** 2)
        self.price = self.strangeness
        self._rows = _span(self.near.any(axis=1))
        self._columns = _span(self.near.any(axis=0))
        self._hole_rows = _span(self.hole.any(axis=1))
        check()
        box = (slice(*self._rows), slice(*self._columns))
        depth = cv2.distanceTransform(np.pad(self.hole[box], 1, mode="edge"), cv2.DIST_L2, 3)[1:-1, 1:-1]
        self._trust = np.ones(self.hole.shape, np.float32)
        self._trust[box] = TRUST_BASE ** -np.minimum(depth, TRUST_DEPTH_PX)
        self._seed = seed
        self._sweeps = 0
        self._workshop = workshop
        self.check = check

    def settle(self) -> None:
        """Give every centre that has no source yet the nearest one."""
        bare = self._near_at[self.field.reshape(-1)[self._near_at] < 0]
        if not bare.size:
            return
        _, labels = cv2.distanceTransformWithLabels(
            (self.valid == 0).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
        )
        self.check()
        of_label = np.zeros(int(labels.max()) + 1, np.int32)
        of_label[labels.flat[self.sources]] = self.sources
        self.field.flat[bare] = of_label[labels.flat[bare]]

    def peel(self, filled: NDArray[np.bool_]) -> None:
        """A first estimate: from the rim inwards, each layer copied from the source that continues what is there.

        filled: height x width, bool: pixels whose features already mean something.
        """
        radius = self.level.radius
        height, width = self.hole.shape
        done = filled.astype(np.uint8)
        rest = (self.hole > 0) & (done == 0)
        ring = 0
        while rest.any():
            layer = rest & (cv2.dilate(done, np.ones((3, 3), np.uint8)) > 0)
            if not layer.any():
                layer = rest
            y, x = np.nonzero(layer)
            cy, cx = np.clip(y, radius, height - 1 - radius), np.clip(x, radius, width - 1 - radius)
            centres = np.unique(cy * width + cx)
            key = self._key(1000 + ring)
            self._run(
                partial(
                    peel_strip, self.feat, done, centres, first, min(first + PEEL_STRIP, centres.size), self.sources,
                    self.price, self.field, self.dist, radius, key, PEEL_TRIES,
                )
                for first in range(0, centres.size, PEEL_STRIP)
            )  # fmt: skip
            found = self.field[cy, cx].astype(np.int64) + (y - cy) * width + (x - cx)
            self.feat[y, x] = self.feat.reshape(-1, self.feat.shape[2])[found]
            done[y, x] = 1
            rest[y, x] = False
            ring += 1

    def grow_from(self, coarse: "Search") -> None:
        """Take over what was found at half this size: sources, and through them the first estimate."""
        height, width = self.hole.shape
        radius = self.level.radius
        y, x = np.divmod(self._near_at, width)
        parent = coarse.above(y, x)
        found = coarse.field.reshape(-1)[parent]
        sy, sx = np.divmod(found, coarse.hole.shape[1])
        sy, sx = (
            np.clip(sy * 2 + y % 2, radius, height - 1 - radius),
            np.clip(sx * 2 + x % 2, radius, width - 1 - radius),
        )
        self.check()
        good = (found >= 0) & (self.valid[sy, sx] > 0)
        self.check()
        self.field.reshape(-1)[self._near_at[good]] = (sy * width + sx)[good]
        self.dist.reshape(-1)[self._near_at[good]] = coarse.dist.reshape(-1)[parent[good]]
        self.check()
        flat, coarse_flat = self.feat.reshape(-1, self.feat.shape[2]), coarse.feat.reshape(-1, self.feat.shape[2])
        flat[self._hole_at] = coarse_flat[coarse.above(*np.divmod(self._hole_at, width))]
        self.vote()

    def above(self, y: NDArray[np.int64], x: NDArray[np.int64]) -> NDArray[np.int64]:
        """Flat indices at this size of pixels at twice this size."""
        height, width = self.hole.shape
        return np.minimum(y // 2, height - 1) * width + np.minimum(x // 2, width - 1)

    def sweep(self, times: int) -> None:
        """Look for better sources, `times` sweeps in turning directions."""
        top, bottom = self._rows
        left, right = self._columns
        reach = max(self.hole.shape)
        for turn in range(times):
            self._sweeps += 1
            before = self.field.copy()
            start = top - (STRIP_PX // 2 if self._sweeps % 2 else 0)
            key = self._key(self._sweeps)
            self._run(
                partial(
                    sweep_strip, self.feat, self.valid, self.price, before, self.field, self.dist, max(row, top),
                    min(row + STRIP_PX, bottom), left, right, self.level.radius, self._sweeps % 2 == 0, turn == 0, key, reach,
                )
                for row in range(start, bottom, STRIP_PX)
            )  # fmt: skip

    def set_prices(self) -> None:
        """Make what does not look like the rim, and what is already copied often, harder to choose."""
        chosen = self.field.reshape(-1)[self._near_at]
        used = np.zeros(self.field.size, np.float32)
        np.add.at(used, chosen, 1)
        used = cv2.blur(used.reshape(self.field.shape), (3, 3), borderType=cv2.BORDER_CONSTANT)
        self.check()
        fair = max(1.0, REPEATS * chosen.size / self.sources.size)
        far = self.dist.reshape(-1)[self._near_at]
        typical = float(np.median(far[np.isfinite(far)])) if np.isfinite(far).any() else 0.0
        np.maximum(used - np.float32(fair), 0, out=used)
        self.price = self.strangeness + used * np.float32(REPEAT_PRICE * typical)

    def vote(self) -> float:
        """The estimate becomes what the patches say; returns by how much it changed, mean over pixels and channels."""
        flat = self.feat.reshape(-1, self.feat.shape[2])
        before = flat[self._hole_at]
        self._vote(self.feat, self.feat)
        return float(np.abs(flat[self._hole_at] - before).mean())

    def misfit(self) -> NDArray[np.float32]:
        """height x width: how badly the copy over each hole pixel explains what is known around it; squared Lab."""
        misfit = np.zeros(self.hole.shape, np.float32)
        known = self.level.source.astype(np.uint8)
        top, bottom = self._rows
        self._run(
            partial(
                misfit_strip, self.feat, known, self.field, misfit, row, min(row + STRIP_PX, bottom), self.level.radius
            )
            for row in range(top, bottom, STRIP_PX)
        )  # fmt: skip
        return misfit

    def painted(self, colors: NDArray[np.float32]) -> NDArray[np.float32]:
        """`colors` (height x width x 3) with the hole as the patches vote it."""
        voted = colors.copy()
        self._vote(colors, voted)
        return voted

    def _vote(self, image: NDArray[np.float32], voted: NDArray[np.float32]) -> None:
        top, bottom = self._hole_rows
        self._run(
            partial(
                vote_strip, image, self.hole, self.field, self.dist, self._trust, voted, self.copied, row,
                min(row + STRIP_PX, bottom), self.level.radius,
            )
            for row in range(top, bottom, STRIP_PX)
        )  # fmt: skip

    def _key(self, what: int) -> np.uint64:
        return np.random.SeedSequence((self._seed, what, *self.hole.shape)).generate_state(1, np.uint64)[0]

    def _run(self, tasks: Iterable[Callable[[], None]]) -> None:
        self._workshop.run(tasks, self.check)


def _span(flags: Any) -> tuple[int, int]:
    """The first true index and the one after the last."""
    true = np.flatnonzero(flags)
    return int(true[0]), int(true[-1]) + 1
