"""How many files and connections this process may have open, and how many of those each door may use."""

import contextlib

MAX_CONNECTIONS = 1_000
"""At each door. A panel keeps one to six."""

_KEPT_BACK = 64
"""Descriptors for what is not a connection: the journal, blobs, workers and their pipes."""

_FEWEST_CONNECTIONS = 16

_MACOS_OPEN_MAX = 10_240
"""macOS says that there is no limit and refuses more than this (sys/syslimits.h)."""


def connections_per_door() -> int:
    """Raise this process's limit on open files as far as it may, and say how many connections each of the two doors gets."""
    return max(_FEWEST_CONNECTIONS, min(MAX_CONNECTIONS, (_raised_limit() - _KEPT_BACK) // 2))


def _raised_limit() -> int:
    try:
        import resource
    except ImportError:  # Windows has no such limit for sockets
        return 2 * MAX_CONNECTIONS + _KEPT_BACK
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MACOS_OPEN_MAX if hard == resource.RLIM_INFINITY else hard
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return soft
