"""Calls that may be made twice, and how long a client goes on trying after its line dropped."""

import time
from typing import Any

from inlay.client.line import Line, LineDropped

CALL_TIMEOUT_S = 30.0
"""Far above what any call takes that does not wait on purpose."""

_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 2.0


class Patience:
    """How often and how long to try again: pauses that double, until `limit_s` after the line dropped.

    Where no server ever answered, the address is more likely wrong than the line broken: no second try.
    """

    def __init__(self, line: Line, limit_s: float) -> None:
        self._line = line
        self._limit_s = limit_s
        self.renew()

    def renew(self) -> None:
        """There was a sign of life."""
        self._pause_s = _FIRST_PAUSE_S
        self._deadline: float | None = None

    def wait(self, error: Exception) -> None:
        """Pause before the next try; raises `error` where it would come too late."""
        if self._deadline is None:  # a job may have been silent for an hour before
            self._deadline = time.monotonic() + self._limit_s
        if not self._line.met or time.monotonic() + self._pause_s > self._deadline:
            raise error
        time.sleep(self._pause_s)
        self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)


class Retrying:
    """Over a line that may drop. limit_s: as `Patience` has it."""

    def __init__(self, line: Line, limit_s: float) -> None:
        self._line = line
        self._limit_s = limit_s

    def call(self, name: str, request: Any, timeout_s: float = CALL_TIMEOUT_S) -> Any:
        """A call that may be made twice, made until it arrives."""
        patience = self.patience()
        while True:
            try:
                return self._line.call(name, request, timeout_s)
            except LineDropped as error:
                patience.wait(error)

    def patience(self) -> Patience:
        return Patience(self._line, self._limit_s)
