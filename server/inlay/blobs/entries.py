"""What lies in a store's folder: each file, how large it is, and in which order they may go."""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

STALE_PARTIAL_S = 7 * 24 * 3600
"""Nobody resumes an upload after a week."""

NAME = re.compile(r"[0-9a-f]{64}")


class Entry(NamedTuple):
    """A file of the store; entries sort in the order in which they go."""

    fresh: bool
    """False for an upload that nobody touched for a week: it goes first, needed room or not."""
    used_ns: int
    path: Path
    size: int
    """Bytes on the disk."""
    sha256: str
    """Empty for an unfinished upload."""


def entries_in(folder: Path) -> Iterator[Entry]:
    """Every file of the store in `folder`, as far as it is there still."""
    stale_ns = time.time_ns() - STALE_PARTIAL_S * 10**9
    for part in os.scandir(folder):
        if not part.is_dir():
            continue
        for file in os.scandir(part.path):
            try:
                stat = file.stat()
            except FileNotFoundError:  # published or dropped meanwhile
                continue
            sha256, _, total = file.name.partition(".")
            if not NAME.fullmatch(sha256) or total:
                fresh = stat.st_mtime_ns >= stale_ns
                yield Entry(fresh, stat.st_mtime_ns, Path(file.path), stat.st_size, "")
            else:
                yield Entry(True, stat.st_mtime_ns, Path(file.path), stat.st_size, sha256)


def remove(entry: Entry) -> bool:
    """Take a file away; whether it is gone."""
    try:
        if entry.path.stat().st_mtime_ns != entry.used_ns:
            return False  # somebody used it since it was counted
        entry.path.unlink()
    except FileNotFoundError:
        return True
    except PermissionError:  # Windows keeps files that are mapped
        return False
    return True
