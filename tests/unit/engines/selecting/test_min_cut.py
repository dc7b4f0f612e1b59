"""The cut is the cheapest one: what it costs is the most that can flow, by a solver that is not the product's."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import maximum_flow

from inlay.engines.selecting.min_cut import DIRECTIONS, Grid

I32 = NDArray[np.int32]
Pair = tuple[tuple[slice, slice], tuple[slice, slice]]


def pairs(height: int, width: int) -> dict[int, Pair]:
    """All pixels and their neighbours, by the way that leads there; each pair once."""
    found = dict[int, Pair]()
    for way in range(4, 8):
        down, right = DIRECTIONS[way]
        here = slice(0, height - down), slice(max(0, -right), width - max(0, right))
        found[way] = here, (slice(down, height), slice(max(0, right), width + min(0, right)))
    return found


def some(seed: int) -> tuple[I32, I32]:
    random = np.random.default_rng(seed)
    height, width = (int(side) for side in random.integers(2, 16, 2))
    links = np.zeros((8, height, width), np.int32)
    for way, (here, there) in pairs(height, width).items():
        links[way][here] = links[7 - way][there] = random.integers(0, 2 + seed * 3, links[way][here].shape)
    return random.integers(-50, 50, (height, width)).astype(np.int32), links


def most_flow(terminal: I32, links: I32) -> int:
    count = terminal.size
    number = np.arange(count).reshape(terminal.shape)
    rows: list[tuple[int, int, int]] = []
    for way, (here, there) in pairs(*terminal.shape).items():
        for one, other, held in zip(number[here].flat, number[there].flat, links[way][here].flat, strict=True):
            rows += [(int(one), int(other), int(held)), (int(other), int(one), int(held))]
    for one, rather in enumerate(terminal.flat):
        rows.append((count, one, int(rather)) if rather > 0 else (one, count + 1, -int(rather)))
    start, end, room = (np.array(column, np.int32) for column in zip(*rows, strict=True))
    graph = coo_matrix((room, (start, end)), shape=(count + 2, count + 2)).tocsr()
    return int(maximum_flow(graph, count, count + 1).flow_value)


@pytest.mark.parametrize("seed", range(25))
def test_no_cut_is_cheaper(seed: int) -> None:
    terminal, links = some(seed)
    inside = Grid(links).cheapest(terminal)
    costs = int(np.maximum(terminal, 0)[~inside].sum() - np.minimum(terminal, 0)[inside].sum())
    for way, (here, there) in pairs(*terminal.shape).items():
        costs += int(links[way][here][inside[here] != inside[there]].sum())
    assert costs == most_flow(terminal, links)


@pytest.mark.parametrize("seed", range(1, 25))
def test_what_was_cut_before_decides_nothing(seed: int) -> None:
    """Where cuts cost alike the smallest is taken, whatever flowed before: so one picture's clicks have one answer."""
    terminal, links = some(seed)
    random = np.random.default_rng(seed)
    used = Grid(links)
    for _ in range(4):
        before = random.integers(-80, 80, terminal.shape).astype(np.int32)
        before[tuple(random.integers(0, terminal.shape))] = 1 << 27
        used.cheapest(before)
    assert np.array_equal(used.cheapest(terminal), Grid(links).cheapest(terminal))
