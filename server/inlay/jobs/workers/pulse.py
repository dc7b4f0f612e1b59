"""Whether a worker still works: it beats like a heart, or at least computes, and now and then tells something about its job."""

import math
import sys
from pathlib import Path

TICK_S = 1.0
"""How often somebody looks. Time is counted in looks, so that a server that was itself suspended blames nobody."""


PREPARING_S = 3600.0
"""So long a worker may read and compile what it paints with: nothing like it was ever measured."""

PROOF_S = 120.0
"""So long it may be at its proof, a twentieth of a second once everything is loaded: a driver that starts takes a while."""


class Pulse:
    """What was heard of one worker process.

    silent_s: how long it may neither beat nor compute before it counts as hung; ten times as long before its first beat, while it
    is read from a disk that may be busy.
    """

    def __init__(self, silent_s: float) -> None:
        self._silent_s = silent_s
        self._born = False
        self._silent = 0.0
        self._quiet = 0.0
        self._cpu_s: float | None = None
        self._unready_s, self._doing = math.inf, ""

    def prepares(self) -> None:
        """It has begun to prepare itself, before it takes a job or paints its proof."""
        self._unready_s, self._doing, self._quiet = PREPARING_S, "preparing", 0.0

    def proves(self) -> None:
        """It has begun with its proof."""
        self._unready_s, self._doing, self._quiet = PROOF_S, "a proof", 0.0

    def ready(self) -> None:
        """It has painted, or it has a job."""
        self._unready_s = math.inf

    def beat(self) -> None:
        """It lives."""
        self._silent, self._born = 0.0, True

    def told(self) -> None:
        """It told something about its job."""
        self._silent = self._quiet = 0.0

    def tick(self, pid: int | None, quiet_s: float) -> str:
        """Another TICK_S went by without a word. Why the worker counts as hung; empty while it does not.

        quiet_s: how long it may tell nothing about its job.
        """
        cpu_s = _cpu_s(pid)
        self._silent = 0.0 if cpu_s != self._cpu_s else self._silent + TICK_S
        self._quiet, self._cpu_s = self._quiet + TICK_S, cpu_s
        if self._silent >= self._silent_s * (1 if self._born else 10):
            return f"hung: it gave no sign of life for {self._silent:.0f} s"
        if self._quiet >= min(quiet_s, self._unready_s):
            doing = "such a job" if self._quiet >= quiet_s else self._doing
            return f"hung: it made no progress for {self._quiet:.0f} s, far longer than {doing} takes"
        return ""


def _cpu_s(pid: int | None) -> float | None:
    """Ticks of processor time that the process used; None where the system does not tell."""
    if pid is None or sys.platform != "linux":
        return None
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return float(fields[11]) + float(fields[12])
