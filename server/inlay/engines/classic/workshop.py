"""The threads of the classic engine, and the look between their strips at whether the job is still wanted."""

import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from numpy.typing import NDArray

from inlay.engines.classic.features import CHANNELS, MARGIN_PX, features_of

LOOK_EVERY_S = 0.03
BAND_PX = 64


class Workshop:
    """A pool of threads for kernels that let go of the GIL."""

    def __init__(self, threads: int = 0) -> None:
        """threads: 0 takes every core this process may use."""
        self.threads = threads or usable_cores()
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="classic")

    def run(self, tasks: Iterable[Callable[[], None]], check: Callable[[], None]) -> None:
        """Run every task. Between them calls `check` now and then; where that raises, drops what has not begun."""
        waiting = [self._pool.submit(task) for task in tasks]
        looked = time.monotonic()
        try:
            for task in waiting:
                task.result()
                if time.monotonic() - looked > LOOK_EVERY_S:
                    check()
                    looked = time.monotonic()
        finally:
            for task in waiting:
                if not task.cancel():
                    task.exception()
        check()

    def features(
        self, pixels: NDArray[np.float32], seen: NDArray[np.bool_], check: Callable[[], None]
    ) -> NDArray[np.float32]:
        """`features_of` the whole, a band of rows at a time."""
        height = len(seen)
        feat = np.empty((*seen.shape, CHANNELS), np.float32)

        def work(top: int) -> None:
            bottom = min(top + BAND_PX, height)
            first, last = max(0, top - MARGIN_PX), min(bottom + MARGIN_PX, height)
            feat[top:bottom] = features_of(pixels[first:last], seen[first:last])[top - first : bottom - first]

        self.run((partial(work, top) for top in range(0, height, BAND_PX)), check)
        return feat


def usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
