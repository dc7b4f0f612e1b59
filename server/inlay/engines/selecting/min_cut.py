"""The cheapest cut between what is inside and what is outside, on a grid whose pixels hold to their eight neighbours.

Boykov, Kolmogorov, "An experimental comparison of min-cut/max-flow algorithms for energy minimization in vision", 2004:
trees grow from both sides; where they meet, as much flows as the way takes, and what that cuts off looks for another parent.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inlay.engines.classic.compiled import kernel

I32 = NDArray[np.int32]

DIRECTIONS = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))
"""Rows and columns to a pixel's neighbours; the opposite of number k is number 7 - k."""
NOBODY, ROOT, ORPHAN = -1, 8, 9
"""What a node's parent is, if it is none of its neighbours: it is in no tree, its own terminal, or lost."""


class Grid:
    """Pixels that hold to their neighbours, cut again and again: what flowed last flows on, and each cut costs what is new in it.

    Kohli, Torr, "Dynamic graph cuts for efficient inference in Markov random fields", 2007. Which pixels are reached from inside is
    the same however the most came to flow: what was asked before decides nothing.
    """

    def __init__(self, links: I32) -> None:
        """links: 8 x height x width, >= 0, what it costs to part a pixel from the neighbour in each of DIRECTIONS; alike from both
        sides, below 2^24."""
        _, height, width = links.shape
        room = np.zeros((8, height + 2, width + 2), np.int32)
        room[:, 1:-1, 1:-1] = links
        self._room = np.ascontiguousarray(room.reshape(8, -1).T)
        self._flowed = np.zeros((height + 2, width + 2), np.int32)

    def cheapest(self, terminal: I32) -> NDArray[np.bool_]:
        """Which pixels are inside, height x width. terminal: height x width, what it costs to be outside less what it costs to be
        inside; at most 2^28 either way."""
        left = -self._flowed
        left[1:-1, 1:-1] += terminal
        side = _flown(left.ravel(), self._room, left.shape[1])
        self._flowed = -left
        self._flowed[1:-1, 1:-1] += terminal
        return side.reshape(left.shape)[1:-1, 1:-1] > 0


@kernel
def _flown(terminal: Any, room: Any, width: int) -> Any:
    """1 for the nodes that are still reached from inside. terminal: N; room: N x 8; both end up as what is left of them."""
    count = terminal.size
    step = np.array([-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1])
    tree, waits = np.zeros(count, np.int8), np.zeros(count, np.bool_)
    parent, stamp, far = np.full(count, NOBODY, np.int8), np.zeros(count, np.int32), np.zeros(count, np.int32)
    queue, lost = np.empty(count + 1, np.int32), np.empty(count + 1, np.int32)
    head = tail = now = 0
    for node in range(count):
        if terminal[node] <= 0:
            continue
        for way in range(8):
            other = node + step[way]
            if room[node, way] > 0 and terminal[other] < 0:
                flow = min(terminal[node], room[node, way], -terminal[other])
                terminal[node] -= flow
                terminal[other] += flow
                room[node, way] -= flow
                room[other, 7 - way] += flow
                if terminal[node] == 0:
                    break
    for node in range(count):
        if terminal[node] != 0:
            tree[node] = 1 if terminal[node] > 0 else -1
            parent[node], far[node] = ROOT, 1
    for node in range(count):
        if tree[node] == 0:
            continue
        for way in range(8):
            other = node + step[way]
            left = room[node, way] if tree[node] > 0 else room[other, 7 - way]
            if left > 0 and tree[other] != tree[node]:
                queue[tail], waits[node] = node, True
                tail += 1
                break
    while head != tail:
        node = queue[head]
        met = -1
        if parent[node] != NOBODY:
            for way in range(8):
                other = node + step[way]
                left = room[node, way] if tree[node] > 0 else room[other, 7 - way]
                if left <= 0:
                    continue
                if tree[other] == 0:
                    tree[other], parent[other] = tree[node], 7 - way
                    stamp[other], far[other] = stamp[node], far[node] + 1
                    if not waits[other]:
                        queue[tail], waits[other] = other, True
                        tail = tail + 1 if tail < count else 0
                elif tree[other] != tree[node]:
                    met = way
                    break
                elif stamp[other] <= stamp[node] and far[other] > far[node]:
                    parent[other], stamp[other], far[other] = 7 - way, stamp[node], far[node] + 1
        if met < 0:
            waits[node] = False
            head = head + 1 if head < count else 0
            continue
        now += 1
        inner = node if tree[node] > 0 else node + step[met]
        way = met if tree[node] > 0 else 7 - met
        outer = inner + step[way]
        flow = room[inner, way]
        at = inner
        while parent[at] != ROOT:
            up = at + step[parent[at]]
            flow = min(flow, room[up, 7 - parent[at]])
            at = up
        flow = min(flow, terminal[at])
        at = outer
        while parent[at] != ROOT:
            flow = min(flow, room[at, parent[at]])
            at += step[parent[at]]
        flow = min(flow, -terminal[at])
        room[inner, way] -= flow
        room[outer, 7 - way] += flow
        first = last = 0
        at = inner
        while parent[at] != ROOT:
            back = parent[at]
            up = at + step[back]
            room[up, 7 - back] -= flow
            room[at, back] += flow
            if room[up, 7 - back] == 0:
                parent[at] = ORPHAN
                lost[last] = at
                last = last + 1 if last < count else 0
            at = up
        terminal[at] -= flow
        if terminal[at] == 0:
            parent[at] = ORPHAN
            lost[last] = at
            last = last + 1 if last < count else 0
        at = outer
        while parent[at] != ROOT:
            back = parent[at]
            up = at + step[back]
            room[at, back] -= flow
            room[up, 7 - back] += flow
            if room[at, back] == 0:
                parent[at] = ORPHAN
                lost[last] = at
                last = last + 1 if last < count else 0
            at = up
        terminal[at] += flow
        if terminal[at] == 0:
            parent[at] = ORPHAN
            lost[last] = at
            last = last + 1 if last < count else 0
        while first != last:
            node = lost[first]
            first = first + 1 if first < count else 0
            best, least = -1, 1 << 30
            for way in range(8):
                other = node + step[way]
                if tree[other] != tree[node]:
                    continue
                left = room[other, 7 - way] if tree[node] > 0 else room[node, way]
                if left <= 0:
                    continue
                length, at = 0, other
                while True:
                    if stamp[at] == now:
                        length += far[at]
                        break
                    length += 1
                    if parent[at] == ROOT:
                        stamp[at], far[at] = now, 1
                        break
                    if parent[at] == ORPHAN or parent[at] == NOBODY:
                        length = 1 << 30
                        break
                    at += step[parent[at]]
                if length >= 1 << 30:
                    continue
                if length < least:
                    best, least = way, length
                at = other
                while stamp[at] != now:
                    stamp[at], far[at] = now, length
                    length -= 1
                    at += step[parent[at]]
            if best >= 0:
                parent[node], stamp[node], far[node] = best, now, least + 1
                continue
            for way in range(8):
                other = node + step[way]
                if tree[other] != tree[node]:
                    continue
                left = room[other, 7 - way] if tree[node] > 0 else room[node, way]
                if left > 0 and not waits[other]:
                    queue[tail], waits[other] = other, True
                    tail = tail + 1 if tail < count else 0
                if parent[other] == 7 - way:
                    parent[other] = ORPHAN
                    lost[last] = other
                    last = last + 1 if last < count else 0
            tree[node], parent[node] = 0, NOBODY
    return tree
