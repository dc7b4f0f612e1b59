"""What the journal has committed reaches the disk outside the event loop, which would answer nobody while the disk works.

SQLite with `synchronous = NORMAL` writes a commit into its write-ahead log and does not wait for the disk
(https://www.sqlite.org/pragma.html#pragma_synchronous); whoever tells somebody of it waits here until that log is synced, by one
sync for all that was committed meanwhile.
"""

import os
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Lock

from inlay.errors import Hindered
from inlay.hindrances import hindrance_of

_sync = getattr(os, "fdatasync", os.fsync)


class Durability:
    """Of the journal at `path`, which is open and whose log is there. `owe` belongs to the thread that commits."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = os.open(path.with_name(f"{path.name}-wal"), os.O_RDWR)
        self._thread = ThreadPoolExecutor(1, "journal to disk")
        self._one_at_a_time = Lock()
        self._owed = self._kept = 0
        self._is_doubtful = False
        """Whether a sync has failed: the next one may find nothing to do although nothing was written."""

    @property
    def owed(self) -> int:
        """How many commits there were that have to be on the disk before anybody is told."""
        return self._owed

    @property
    def kept(self) -> int:
        """So many of them are."""
        return self._kept

    @property
    def thread(self) -> ThreadPoolExecutor:
        """Where `sync` is to be called."""
        return self._thread

    def owe(self) -> None:
        """There was another one."""
        self._owed += 1

    def sync(self) -> float:
        """Wait until all that was owed when this was called is on the disk; how many seconds that took. Raises what hinders it."""
        owed, began_s = self._owed, time.perf_counter()
        with self._one_at_a_time:
            try:
                if self._is_doubtful:
                    self._rewrite()
                else:
                    _sync(self._log)
            except (OSError, sqlite3.Error) as error:
                self._is_doubtful = True
                raise hindrance_of(error) or Hindered(f"the journal's disk does not answer ({error})") from error
            self._is_doubtful = False
            self._kept = max(self._kept, owed)
        return time.perf_counter() - began_s

    def close(self) -> None:
        """Before the journal is closed, which may delete its log."""
        self._thread.shutdown()
        os.close(self._log)

    def _rewrite(self) -> None:
        """Copy the log into the journal itself, which keeps nobody from writing: that writes, and syncs, all of it anew."""
        with closing(sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=rw", uri=True)) as connection:
            busy, pages, copied = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            if busy or copied < pages:
                raise Hindered("the journal's disk does not answer (its log is in use)")
