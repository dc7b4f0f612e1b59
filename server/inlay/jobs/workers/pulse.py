"""Whether a worker still works: it beats like a heart, or at least computes, and now and then tells something about its job."""

import sys
from pathlib import Path

TICK_S = 1.0
"""How often somebody looks. Time is counted in looks, so that a server that was itself suspended blames nobody."""


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
        if self._quiet >= quiet_s:
            return f"hung: it made no progress for {self._quiet:.0f} s, far longer than such a job takes"
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
