"""One drawn shape: what a closed line holds, a stroke as wide as its brush, an arrow from its tail to its tip. Pure geometry."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Point = NDArray[np.float64]
Points = NDArray[np.float64]

THIN_PX = 2.0
"""A line is thinned at a size at which it is so wide from its middle to its edge, whatever the brush."""
MOST_PX = 1500
"""A longer shape is thinned smaller."""
CLOSED_SHARE = 0.2
"""A line whose ends are no further apart than this share of its length is meant to be closed."""
HOLLOW = 4.0
"""A hole that is at least so many times as wide as half the line is what the line encloses; a smaller one is between hairs."""
BARBS = 0.6
"""The barbs of an arrow are at most this share of its shaft."""
BARB_ANGLE = 75.0
"""Degrees between shaft and barb, at most."""
BARB_PX = 3.0
"""A barb is at least so many half widths of the line long; shorter ones are the corners of its end."""
SPUR = 0.7
"""What branches off beside the barbs is at most this share of them: thinning leaves spurs where lines meet."""
HEAD = 1.7
"""A filled head is at least so many times as wide as the shaft."""


class Shape(NamedTuple):
    """What somebody drew in one go. All in the pixels of the picture that it was cut from.

    kind: `closed`, `stroke` or `arrow`. area: height x width, what is meant. half_px: half of the line's width. tail, tip: (x, y),
    of an arrow.
    """

    kind: str
    area: Flags
    half_px: float
    tail: tuple[float, float] = (0.0, 0.0)
    tip: tuple[float, float] = (0.0, 0.0)


def shape_of(drawn: Flags) -> Shape:
    """drawn: height x width, one connected shape, with room around it for a stroke that becomes as wide again."""
    inside = np.asarray(cv2.distanceTransform(drawn.astype(np.uint8), cv2.DIST_L2, 5), np.float32)
    ridge = (inside >= np.asarray(cv2.dilate(inside, np.ones((3, 3), np.uint8)))) & drawn
    half = max(0.5, float(np.median(inside[ridge])))
    height, width = drawn.shape
    scale = min(1.0, THIN_PX / half, MOST_PX / max(width, height))
    small_size = max(8, round(width * scale)), max(8, round(height * scale))
    covered = cv2.resize(drawn.astype(np.float32), small_size, interpolation=cv2.INTER_AREA)
    small = covered > 0.4 * min(1.0, half * scale)
    line = _Line(thinned(np.pad(small, 1))[1:-1, 1:-1])
    back = np.array([width / small_size[0], height / small_size[1]])
    held = _held(drawn)
    if (held & ~drawn).any() and _is_hollow(held & ~drawn, half):
        return Shape("closed", held, half)
    spots = np.minimum(np.rint(line.way * back).astype(int), np.array([width - 1, height - 1]))
    widths = inside[spots[:, 1], spots[:, 0]].astype(np.float64)
    if (ends := _barbed(line)) is not None:
        tail, joint = (one * back for one in ends)
        tip = _farthest(drawn, tail, joint, 6 * half)
    elif (end := _headed(line, widths)) is not None:
        tail = end * back
        tip = _farthest(drawn, tail, tail, math.inf)
    else:
        tail = tip = None
    if tail is not None and tip is not None:
        return Shape(
            "arrow", _widened(drawn, half), half, (float(tail[0]), float(tail[1])), (float(tip[0]), float(tip[1]))
        )
    if (gap := _gap(line)) is not None:
        closed = drawn.astype(np.uint8)
        ends = [tuple(round(float(value)) for value in end * back) for end in gap]
        cv2.line(closed, ends[0], ends[1], 1, max(1, round(2 * half)))
        held = _held(closed > 0)
        if _is_hollow(held & (closed == 0), half):
            return Shape("closed", held, half)
    return Shape("stroke", _widened(drawn, half), half)


def thinned(drawn: Flags) -> Flags:
    """Lines of one pixel in the middle of what is drawn (Zhang and Suen, CACM 27/3, 1984). Its border is not drawn on."""
    line = drawn.astype(np.uint8)
    while True:
        before = int(line.sum())
        for step in (0, 1):
            around = [
                np.roll(line, (-dy, -dx), (0, 1))
                for dy, dx in ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
            ]
            count = np.sum(around, axis=0)
            turns = np.sum(
                [(one == 0) & (after == 1) for one, after in zip(around, around[1:] + around[:1], strict=True)], axis=0
            )
            north, east, south, west = around[0], around[2], around[4], around[6]
            first, second = (
                (north * east * south, east * south * west)
                if step == 0
                else (north * east * west, north * south * west)
            )
            gone = (line == 1) & (count >= 2) & (count <= 6) & (turns == 1) & (first == 0) & (second == 0)
            line[gone] = 0
        if int(line.sum()) == before:
            return line > 0


class _Line:
    """A thinned line as a graph of its pixels: the longest way through it, and what branches off from that.

    way: points from one end to the other. length: of it. branch: the longest one, from the way outwards; rest: how far the longest
    one goes beside those two.
    """

    def __init__(self, thin: Flags) -> None:
        rows, columns = np.nonzero(thin)
        self._points = list(zip(columns.tolist(), rows.tolist(), strict=True))
        at = {point: number for number, point in enumerate(self._points)}
        near = [(dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1) if dx or dy]
        self._beside = [[at[x + dx, y + dy] for dx, dy in near if (x + dx, y + dy) in at] for x, y in self._points]
        if not self._points:
            self.way, self.branch, self.length, self.rest = np.zeros((0, 2)), np.zeros((0, 2)), 0.0, 0.0
            return
        one = self._farthest([0])[-1]
        way = self._farthest([one])
        self.way, self.length = self._placed(way), self._length(way)
        branch = self._farthest(way)
        self.branch = self._placed(branch)
        self.rest = self._length(self._farthest([*way, *branch]))

    def _farthest(self, starts: Sequence[int]) -> list[int]:
        """The way from the nearest of `starts` to the point that is farthest from all of them."""
        far, back = [math.inf] * len(self._points), [-1] * len(self._points)
        for start in starts:
            far[start] = 0.0
        wave = list(starts)
        while wave:
            after: list[int] = []
            for one in wave:
                for near in self._beside[one]:
                    length = far[one] + math.dist(self._points[one], self._points[near])
                    if length < far[near] - 1e-9:
                        far[near], back[near] = length, one
                        after.append(near)
            wave = after
        at = max((number for number, one in enumerate(far) if one < math.inf), key=far.__getitem__)
        way = [at]
        while back[way[-1]] >= 0:
            way.append(back[way[-1]])
        return way[::-1]

    def _placed(self, way: Sequence[int]) -> Points:
        return np.asarray([self._points[one] for one in way], np.float64)

    def _length(self, way: Sequence[int]) -> float:
        return sum(math.dist(self._points[one], self._points[other]) for one, other in pairwise(way))


def _held(drawn: Flags) -> Flags:
    """All that cannot be reached from outside."""
    outside = np.pad(drawn, 1).astype(np.uint8)
    cv2.floodFill(outside, None, (0, 0), 2)
    return np.asarray(outside[1:-1, 1:-1] != 2)


def _is_hollow(hole: Flags, half: float) -> bool:
    return (
        bool(hole.any())
        and float(cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 5).max()) >= HOLLOW * half / 2
    )


def _widened(drawn: Flags, half: float) -> Flags:
    side = 2 * max(1, round(half)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return np.asarray(cv2.dilate(drawn.astype(np.uint8), disc)) > 0


def _gap(line: _Line) -> tuple[Point, Point] | None:
    """The two ends of a line that is nearly closed."""
    if line.length < 8 * THIN_PX or _length(line.branch) > CLOSED_SHARE * line.length:
        return None
    one, other = line.way[0], line.way[-1]
    return (one, other) if np.hypot(*(one - other)) <= CLOSED_SHARE * line.length else None


def _farthest(drawn: Flags, point: Point, near: Point, reach: float) -> Point:
    """What of the drawn is farthest from a point, and within `reach` of another."""
    rows, columns = np.nonzero(drawn)
    close = np.hypot(columns - near[0], rows - near[1]) <= reach
    rows, columns = rows[close], columns[close]
    at = int(np.argmax(np.hypot(columns - point[0], rows - point[1])))
    return np.array([columns[at], rows[at]], np.float64)


def _headed(line: _Line, widths: Points) -> Point | None:
    """The tail of a line that is wide at one end, and only there. widths: half of the line's, along its way."""
    far = _along(line.way)
    widest = int(np.argmax(widths))
    share = far[widest] / line.length if line.length else 0.5
    if 0.35 <= share <= 0.65:
        return None
    rest = widths[far > 0.5 * line.length] if share < 0.5 else widths[far < 0.5 * line.length]
    if not rest.size or widths[widest] < HEAD * float(np.percentile(rest, 90)):
        return None
    return line.way[-1] if share < 0.5 else line.way[0]


def _barbed(line: _Line) -> tuple[Point, Point] | None:
    """Tail and tip of a line from which two short ones point back."""
    other = _length(line.branch)
    if other < BARB_PX * THIN_PX:
        return None
    at = int(np.argmin(np.hypot(*(line.way - line.branch[0]).T)))
    way = line.way if 2 * at > len(line.way) else line.way[::-1]
    at = at if way is line.way else len(way) - 1 - at
    shaft, barb = _length(way[: at + 1]), _length(way[at:])
    if barb < BARB_PX * THIN_PX or max(barb, other) > BARBS * shaft or line.rest > SPUR * min(barb, other):
        return None
    tip = way[at]
    back = way[max(0, at - round(max(barb, other)))] - tip
    turns = [_turn(back, end - tip) for end in (way[-1], line.branch[-1])]
    if turns[0] * turns[1] >= 0 or max(map(abs, turns)) > BARB_ANGLE:
        return None
    return way[0], tip


def _turn(one: Point, other: Point) -> float:
    """Degrees from one direction to another, -180..180."""
    return float(np.degrees(np.arctan2(one[0] * other[1] - one[1] * other[0], one @ other)))


def _along(way: Points) -> Points:
    """How far each point of a way is from its start."""
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(way, axis=0).T))]) if len(way) > 1 else np.zeros(len(way))


def _length(way: Points) -> float:
    return float(_along(way)[-1]) if len(way) else 0.0
