"""Fill the hole of a window from its sources, coarse to fine: search, vote, repeat; then give the detail back.

Method: Wexler, Shechtman and Irani (2007) and Newson et al. (2014); constants from docs/facts/classic.md#constants.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.engines.classic.flats import Flats, as_plain
from inlay.engines.classic.pyramid import Level, narrow
from inlay.engines.classic.rim import strangeness_of
from inlay.engines.classic.seams import without_seams
from inlay.engines.classic.search import Search
from inlay.engines.classic.smooth import smoothly_filled
from inlay.engines.classic.workshop import Workshop

DETAIL_SIGMA_PX = 1.5
"""Below this scale the result is a copy, above it the vote."""

SETTLED = 0.02
"""Stop the rounds at a size once the estimate changes less than this (in features, about a fiftieth of a Lab unit)."""

STRANGENESS_FADES = 0.5
"""What looks strange beside the rim matters less at each finer size: there the choice of content is made already."""


EXPLAINED, UNEXPLAINED = 1.25, 2.5
"""A copy explains what is known around a gap while its difference stays near the spread of that; two strangers of the same
texture differ by twice the spread."""

JUST_SEEN = 4.0
"""Squared Lab difference that is hardly seen: added to the spread."""

SPREAD_PX = 9

BRIDGED_PX = 8
"""Gaps up to twice as wide are filled smoothly where no copy explains what is beside them: crossings of strands, too."""


@dataclass(frozen=True)
class Effort:
    """How long to search: rounds of search and vote at the coarsest, the middle and the finest sizes."""

    coarsest: int
    middle: int
    finest: int
    sweeps: int

    def rounds(self, index: int, levels: int) -> int:
        """Rounds at level `index` of `levels`, finest first."""
        if index == 0:
            return self.finest
        return self.coarsest if index == levels - 1 else self.middle


class Synthesis:
    """Everything the variations of one recipe share: the pyramid, its rim and the effort."""

    def __init__(
        self,
        levels: list[Level],
        flats: Flats | None,
        effort: Effort,
        workshop: Workshop,
        check: Callable[[], None],
    ) -> None:
        """levels: finest first; their features inside the hole are overwritten. flats: the plain ground at the finest."""
        self.levels = levels
        self._flats = flats
        self.rounds = sum(effort.rounds(index, len(levels)) for index in range(len(levels)))
        self._effort = effort
        self._strangeness = strangeness_of(levels, check)
        self._workshop = workshop
        self._check = check

    def fill(
        self, seed: int, worked: Callable[[int], None], look: Callable[[NDArray[np.float32]], None]
    ) -> NDArray[np.float32]:
        """The finest level's colours with its hole filled; height x width x 3, float32.

        worked: called with how many of `rounds` are done. look: called with the picture at each size but the finest.
        """
        search: Search | None = None
        done = 0
        for index in reversed(range(len(self.levels))):
            search = self._begun(index, seed, search)
            rounds = self._effort.rounds(index, len(self.levels))
            for number in range(rounds):
                search.set_prices()
                search.sweep(self._effort.sweeps)
                change = search.vote()
                worked(done + number + 1)
                if change < SETTLED:
                    break
            done += rounds
            if index:
                look(search.painted(search.level.colors))
        assert search is not None
        return as_plain(_detailed(search), search.copied, search.level.source, self._flats)

    def _begun(self, index: int, seed: int, coarse: Search | None) -> Search:
        """The search at level `index` with its first estimate."""
        level = self.levels[index]
        fading = STRANGENESS_FADES ** (len(self.levels) - 1 - index)
        search = Search(level, self._strangeness[index] * np.float32(fading), seed, self._workshop, self._check)
        if coarse:
            search.grow_from(coarse)
        else:
            filled = level.source.copy()
            if not index:
                thin = narrow(level.hole)
                search.feat[thin] = smoothly_filled(search.feat, level.source)[thin]
                filled |= thin
            search.peel(filled)
        search.settle()
        return search


def _detailed(search: Search) -> NDArray[np.float32]:
    """The vote's broad tones with the fine detail of single copies: no blur, no seams."""
    level = search.level
    painted = search.painted(level.colors)
    known = np.maximum(_low(level.source.astype(np.float32)), 1e-6)
    y, x = np.nonzero(level.hole & (search.copied >= 0))
    sy, sx = np.divmod(search.copied[y, x], level.source.shape[1])
    for channel in range(3):
        search.check()
        color = np.ascontiguousarray(level.colors[..., channel])
        low = _low(np.ascontiguousarray(painted[..., channel]))[y, x]
        painted[y, x, channel] = low + color[sy, sx] - (_low(color) / known)[sy, sx]
    painted = without_seams(painted, level.colors, level.source, search.copied, search.check)
    return _bridged(painted, search)


def _bridged(painted: NDArray[np.float32], search: Search) -> NDArray[np.float32]:
    """`painted` with narrow gaps filled smoothly where no copy explains what lies beside them."""
    level = search.level
    thin = narrow(level.hole, BRIDGED_PX)
    if not thin.any():
        return painted
    lab = np.where(level.source[..., None], search.feat[..., :3], np.float32(0))
    share = np.maximum(_around(level.source.astype(np.float32)), 1e-6)
    mean = _around(lab) / share[..., None]
    spread = _around(np.square(lab).sum(axis=-1)) / share - np.square(mean).sum(axis=-1)
    search.check()
    strange = search.misfit() / (np.maximum(spread, 0) + JUST_SEEN)
    smooth = smoothly_filled(level.colors, level.source)
    share = np.clip((strange - EXPLAINED) / (UNEXPLAINED - EXPLAINED), 0, 1)
    share = cv2.blur(np.where(thin, share, np.float32(0)), (3, 3)) * thin
    return np.asarray(painted + (smooth - painted) * share[..., None], np.float32)


def _around(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    return cv2.blur(plane, (SPREAD_PX, SPREAD_PX), borderType=cv2.BORDER_REFLECT).astype(np.float32, copy=False)


def _low(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    return cv2.GaussianBlur(plane, (0, 0), DETAIL_SIGMA_PX, borderType=cv2.BORDER_REFLECT).astype(
        np.float32, copy=False
    )
