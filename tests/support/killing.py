"""Ends processes as a power cut does, and finds a server's workers (Linux)."""

import contextlib
import os
import signal
from pathlib import Path


def children_of(pid: int) -> list[int]:
    """Live child processes of any thread of `pid`."""
    children: list[int] = []
    for thread in Path(f"/proc/{pid}/task").glob("*"):
        with contextlib.suppress(OSError):
            children += [int(child) for child in (thread / "children").read_text().split()]
    return children


def is_worker(pid: int) -> bool:
    """Whether this is a spawned worker, and not the resource tracker beside it."""
    with contextlib.suppress(OSError):
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def workers_of(pid: int) -> list[int]:
    return [child for child in children_of(pid) if is_worker(child)]


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
