"""Cuts an object out of a small picture: colours that are rare around it, ways that lead to it over edges, then a graph cut.

Rother, Kolmogorov, Blake, "GrabCut", 2004, begun not with a box but with what two cues say: how much likelier a colour is inside
than around, and the geodesic distance from outside (Wei, Wen, Zhu, Sun, "Geodesic saliency using background priors", 2012).
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.engines.classic.compiled import kernel
from inlay.engines.selecting.hints import Hints
from inlay.engines.selecting.min_cut import DIRECTIONS, I32, Grid
from inlay.engines.selecting.mixtures import begun_with, costs, learnt

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]
Flags = NDArray[np.bool_]

SWEEPS = 2
STEP = 0.4
"""What a step costs where nothing changes, in L*a*b* units."""
ROUNDS = 3
FEWEST = 0.1
"""With less of the box likely than this, what is farthest from outside counts as likely."""
SMALL_PART = 0.1
SMALL_HOLE = 0.03
"""Of the largest part: what is smaller is no part of it, or no hole."""
SUBJECT_COUNTS = 0.7
"""How much of what is likely the network for subjects says, where it is here."""
A_PART = 0.7
"""Of the area that is found without the network: what is smaller is a part of the object."""
SURE, EDGE_PX = 0.8, 8
"""From this on the network is sure of a pixel, and so far from its edge it knows what it sees."""
LEAST_OUTSIDE = 0.02
ALIKE = 8.0
"""Colours that are no further apart (CIE76) may be one thing's."""
ALONE = 4
"""So many times the area of clicks is the least that they mean."""
BINS = (16, 32, 32)
UNSEEN = 2e-5
HOLDS = 50
"""What it costs to part neighbours of one colour, against a likelihood e times as large."""
UNITS, MOST, SURELY = 8, 400, 1 << 27
"""Costs are counted in eighths, those of colours up to MOST; what is sure costs more than all others together."""


class Small(NamedTuple):
    """A window as cuts see it: encoded once, then asked by click after click.

    rgb: height x width x 3 uint8, its grain taken off. colors: N x 3, each that it has; which: height x width, the number of each
    pixel's. lab: 8-bit L*a*b*. down, right: what a step costs. grid: its pixels, as cuts part them.
    """

    rgb: U8
    colors: U8
    which: NDArray[np.intp]
    lab: U8
    down: F32
    right: F32
    grid: Grid

    @classmethod
    def of(cls, rgb: U8) -> Small:
        """From height x width x 3 uint8."""
        smooth = cast(U8, cv2.bilateralFilter(rgb, 5, 20, 3))
        lab = cast(U8, cv2.cvtColor(smooth, cv2.COLOR_RGB2Lab))
        soft = cv2.GaussianBlur(lab.astype(np.float32), (0, 0), 1)
        down = np.sqrt(np.square(soft[1:] - soft[:-1]).sum(-1)) + STEP
        right = np.sqrt(np.square(soft[:, 1:] - soft[:, :-1]).sum(-1)) + STEP
        colors, which = _colors(smooth)
        return cls(smooth, colors, which, lab, down.astype(np.float32), right.astype(np.float32), Grid(_links(smooth)))

    def counted(self, flags: Flags) -> NDArray[np.int64]:
        """How many pixels have each of the colours where `flags`, height x width, are set."""
        return np.bincount(self.which[flags], minlength=len(self.colors))

    def half(self) -> Small:
        """At half the size."""
        height, width = self.rgb.shape[:2]
        size = (max(1, width // 2), max(1, height // 2))
        return Small.of(cast(U8, cv2.resize(self.rgb, size, interpolation=cv2.INTER_AREA)))


def _colors(rgb: U8) -> tuple[U8, NDArray[np.intp]]:
    numbers = rgb @ np.array([1 << 16, 1 << 8, 1], np.int32)
    found, which = np.unique(numbers, return_inverse=True)
    return np.stack([found >> 16, found >> 8 & 255, found & 255], 1).astype(np.uint8), which.reshape(numbers.shape)


def _links(rgb: U8) -> I32:
    """8 x height x width: what parting neighbours costs, little where colours change by more than they do on average."""
    height, width = rgb.shape[:2]
    colors, changes = rgb.astype(np.float32), list[tuple[int, tuple[slice, slice], tuple[slice, slice], F32]]()
    for way in range(4, 8):
        down, right = DIRECTIONS[way]
        here = slice(0, height - down), slice(max(0, -right), width - max(0, right))
        there = slice(down, height), slice(max(0, right), width + min(0, right))
        changes.append((way, here, there, np.square(colors[here] - colors[there]).sum(-1)))
    mean = sum(float(change.sum()) for *_, change in changes) / max(1, sum(change.size for *_, change in changes))
    links = np.zeros((8, height, width), np.int32)
    for way, here, there, change in changes:
        held = np.exp(-change / max(2 * mean, 1e-6)) / np.hypot(*DIRECTIONS[way])
        links[way][here] = links[7 - way][there] = np.rint(UNITS * HOLDS * held)
    return links


def distance(small: Small, start: Flags) -> F32:
    """The cheapest way from `start`, height x width, by sweeps over rows and columns."""
    far = np.where(start, 0, 1e6).astype(np.float32)
    for _ in range(SWEEPS):
        _sweep(far, small.down)
        _sweep(far.T, small.right.T)
    return far


@kernel
def _sweep(far: Any, cost: Any) -> None:
    rows, columns = far.shape
    for row in range(1, rows):
        for column in range(columns):
            far[row, column] = min(far[row, column], far[row - 1, column] + cost[row - 1, column])
    for row in range(rows - 2, -1, -1):
        for column in range(columns):
            far[row, column] = min(far[row, column], far[row + 1, column] + cost[row, column])


def likelihood(small: Small, inside: Flags, outside: Flags) -> F32:
    """How much likelier each pixel's colour is inside than outside: the logarithm of the ratio, height x width."""
    first, second = _histogram(small.lab, inside), _histogram(small.lab, outside)
    ratio = np.log((first + UNSEEN) / (second + UNSEEN)).astype(np.float32)
    lightness, a, b = (small.lab[..., k] // (256 // BINS[k]) for k in range(3))
    return cast(F32, cv2.GaussianBlur(ratio[lightness, a, b], (0, 0), 1.5))


def _histogram(lab: U8, counted: Flags) -> NDArray[Any]:
    counts = cv2.calcHist([lab], [0, 1, 2], counted.astype(np.uint8), list(BINS), [0, 256] * 3)
    smooth: NDArray[Any] = np.stack([cv2.GaussianBlur(plane, (0, 0), 1) for plane in counts])
    return smooth / max(float(smooth.sum()), 1.0)


def cut(small: Small, likely: Flags, inside: Flags, outside: Flags, rather: F32 | None = None) -> Flags:
    """The graph cut, begun with what is `likely`; what is surely inside or outside stays. rather: what it costs to be outside less
    what it costs to be inside, whatever the colour. All height x width."""
    on = (likely & ~outside) | inside
    if not on.any() or on.all():
        return on
    front, back = begun_with(small.rgb[on]), begun_with(small.rgb[~on])
    for _ in range(ROUNDS):
        front, back = (learnt(small.colors, small.counted(side), own) for side, own in ((on, front), (~on, back)))
        by_color = np.clip(costs(small.colors, back) - costs(small.colors, front), -MOST, MOST)
        terminal = np.rint(UNITS * by_color).astype(np.int32)[small.which]
        if rather is not None:
            terminal += np.rint(UNITS * rather).astype(np.int32)
        terminal[outside], terminal[inside] = -SURELY, SURELY
        on = small.grid.cheapest(terminal)
        if not on.any() or on.all():
            break
    return on


def cut_at_half_size(half: Small, likely: Flags, inside: Flags, outside: Flags) -> Flags:
    """A quarter of the work; thin parts are lost. half: the picture at half the size of the flags."""
    (height, width), (rows, columns) = likely.shape, half.rgb.shape[:2]
    size = (columns, rows)
    found = cut(half, _half(likely, size, 0.5), _half(inside, size, 0.1), _half(outside, size, 0.5))
    return cv2.resize(found.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0


def _half(flags: Flags, size: tuple[int, int], least: float) -> Flags:
    return np.asarray(cv2.resize(flags.astype(np.float32), size, interpolation=cv2.INTER_AREA) >= least)


def tidied(found: Flags, hints: Hints) -> Flags:
    """Without specks and pinholes; of a click's object only the parts that what is surely inside touches."""
    count, parts, facts, _ = cv2.connectedComponentsWithStats(found.astype(np.uint8))
    if count <= 1:
        return found
    areas = facts[1:, cv2.CC_STAT_AREA]
    kept = 1 + np.flatnonzero(areas >= SMALL_PART * areas.max())
    touched = np.unique(parts[hints.inside])
    tidy = found & np.isin(parts, touched if hints.is_click else np.concatenate((kept, touched)))
    count, holes, facts, _ = cv2.connectedComponentsWithStats((~tidy).astype(np.uint8))
    rim = np.unique(np.concatenate((holes[0], holes[-1], holes[:, 0], holes[:, -1])))
    small = np.flatnonzero(facts[:, cv2.CC_STAT_AREA] < SMALL_HOLE * tidy.sum())
    return tidy | (np.isin(holes, np.setdiff1d(small, rim)) & ~tidy)


def begun(small: Small, hints: Hints, subject: F32 | None) -> Flags:
    """What of the picture is likely inside, before it is cut."""
    outside = surely_outside(small, hints)
    open_ = ~outside
    far = distance(small, outside)
    if hints.inside.any():
        near = distance(small, hints.inside)
        ways = (far - near) / (far + near + 1e-3) * 2
        colors = likelihood(small, grown(hints.inside, 2), ~grown(hints.inside, 9))
    else:
        ways = (far / (np.median(far[open_]) + 1e-6) - 1) * 1.5
        colors = likelihood(small, open_, outside)
    score = np.clip(colors, -2, 2) + np.clip(ways, -1.5, 1.5)
    if subject is not None:
        score = score * (1 - SUBJECT_COUNTS) + (subject - 0.5) * 7 * SUBJECT_COUNTS
    likely = open_ & (score > 0)
    if likely.sum() < FEWEST * open_.sum() and not hints.inside.any():
        likely |= open_ & (far > np.quantile(far[open_], 0.6))
    return likely


def found_in(small: Small, hints: Hints, subject: F32 | None, half: Small | None = None) -> Flags:
    """The object, height x width of the small picture. subject: what the network takes for one, 0..1; None without it.
    half: the small picture at half its size, where somebody kept it.

    The network at times sees a part of an object only, and at times another one than clicks say; then colours and edges decide.
    """
    plain = begun(small, hints, None)
    if subject is None or contradicted(subject, hints):
        return cut_out(small, hints, plain)
    seen = cut_out(small, hints, begun(small, hints, subject))
    outside = surely_outside(small, hints)
    rough = tidied(cut_at_half_size(half or small.half(), plain, hints.inside, outside), hints)
    return seen if seen.sum() >= A_PART * rough.sum() else cut_out(small, hints, plain)


def contradicted(subject: F32, hints: Hints) -> bool:
    """Whether clicks say of what the network sees that it is none of it, or of what it does not see that it is: not at its edge."""
    if not hints.is_click:
        return False
    seen, unseen = (~grown(flags, EDGE_PX) for flags in (subject < SURE, subject > 1 - SURE))
    return bool((seen & hints.outside).any() or (unseen & hints.inside).any())


def cut_out(small: Small, hints: Hints, likely: Flags, rather: F32 | None = None) -> Flags:
    """The object, height x width of the small picture. Of a click that the cut leaves alone, what is likely."""
    found = tidied(cut(small, likely, hints.inside, surely_outside(small, hints), rather), hints)
    if hints.is_click and found.sum() < ALONE * hints.inside.sum():
        return tidied((likely & ~hints.outside) | hints.inside, hints)
    return found


def surely_outside(small: Small, hints: Hints) -> Flags:
    """What was said to be outside; where that is next to nothing, the picture's rim: without clicks all but the bottom, where
    subjects go on, and with them what does not look like what was clicked."""
    if hints.outside.mean() >= LEAST_OUTSIDE:
        return hints.outside
    rim = np.zeros_like(hints.outside)
    rim[0] = rim[:, 0] = rim[:, -1] = True
    if hints.is_click:
        rim[-1] = True
        rim[rim] = ~_alike(small, rim, hints.inside)
    return (hints.outside | rim) & ~hints.inside


def _alike(small: Small, asked: Flags, inside: Flags) -> Flags:
    """Which of the pixels that are asked about have the colour of a piece of what is inside."""
    lab = small.lab.astype(np.float32) * np.array([100 / 255, 1, 1], np.float32)
    count, pieces = cv2.connectedComponents(inside.astype(np.uint8))
    alike = np.zeros(int(asked.sum()), np.bool_)
    for piece in range(1, count):
        middle = np.median(lab[pieces == piece], axis=0)
        alike |= np.linalg.norm(lab[asked] - middle, axis=1) < ALIKE
    return alike


def grown(flags: Flags, px: int) -> Flags:
    return np.asarray(cv2.dilate(flags.astype(np.uint8), np.ones((2 * px + 1, 2 * px + 1), np.uint8)) > 0)
