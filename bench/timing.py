"""Ratios in turns, on the clock that the machine allows: wall time beside a GPU, CPU time of one thread without."""

import statistics
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import torch


def ratio(ours: Callable[[], object], theirs: Callable[[], object], rounds: int) -> dict[str, Any]:
    """Seconds of both, interleaved and in turns first; the median of the rounds' ratios."""
    ours()
    theirs()
    pairs: list[tuple[float, float]] = []
    for number in range(rounds):
        order = (ours, theirs) if number % 2 == 0 else (theirs, ours)
        took = {what: seconds(what) for what in order}
        pairs.append((took[ours], took[theirs]))
    return {
        "ours_s": round(statistics.median(one for one, _ in pairs), 4),
        "diffusers_s": round(statistics.median(other for _, other in pairs), 4),
        "ratio": round(statistics.median(one / other for one, other in pairs), 4),
        "ratios": [round(one / other, 3) for one, other in pairs],
        "ratio_of_the_fastest": round(min(one for one, _ in pairs) / min(other for _, other in pairs), 4),
        "rounds": rounds,
    }


def seconds(what: Callable[[], object]) -> float:
    """Of `what`, by `clock`; a GPU has finished by then."""
    began = clock()
    what()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return clock() - began


def clock() -> float:
    """On a GPU seconds; without one CPU seconds of this process, which other work on the machine changes far less."""
    return time.perf_counter() if torch.cuda.is_available() else time.process_time()


@contextmanager
def peak_memory() -> Generator[Callable[[], float]]:
    """GB that PyTorch held at most on the GPU meanwhile; 0 without one."""
    here = torch.cuda.is_available()
    if here:
        torch.cuda.reset_peak_memory_stats()
    yield lambda: round(torch.cuda.max_memory_allocated() / 1e9, 3) if here else 0.0
