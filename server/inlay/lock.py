"""A lock between processes and threads, kept by the operating system: whoever dies, however, lets go of it."""

import os
import sys
import time
from pathlib import Path
from types import TracebackType

if sys.platform == "win32":
    import msvcrt

    def _try(file: int) -> bool:
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _wait(file: int) -> None:
        while not _try(file):
            time.sleep(0.005)

else:
    import fcntl

    def _try(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _wait(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)


class HeldLock:
    """An exclusive hold on a lock file, until `release` or the end of a `with` block."""

    def __init__(self, file: int) -> None:
        self._file = file

    def release(self) -> None:
        os.close(self._file)  # closing lets go of the lock on every system

    def __enter__(self) -> "HeldLock":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()


def hold(path: Path) -> HeldLock:
    """Wait for the lock file `path` (made if need be, never removed) and hold it."""
    file = _open(path)
    _wait(file)
    return HeldLock(file)


def try_hold(path: Path, patience_s: float = 0.0) -> HeldLock | None:
    """Hold `path` if nobody else does, or lets go within `patience_s`; None where somebody does."""
    file = _open(path)
    deadline = time.monotonic() + patience_s
    while not _try(file):
        if time.monotonic() >= deadline:
            os.close(file)
            return None
        time.sleep(0.02)
    return HeldLock(file)


def is_held(path: Path) -> bool:
    """Whether somebody holds `path`, which need not exist. Holds it for a moment if nobody does."""
    if not path.exists():
        return False
    lock = try_hold(path)
    if lock:
        lock.release()
    return lock is None


def _open(path: Path) -> int:
    how = os.O_RDWR | os.O_CREAT | (os.O_CLOEXEC if sys.platform != "win32" else 0)
    return os.open(path, how, 0o600)
