"""Whether the bytes of a file are still those that its name promises: hashed at its first use, and again once it was changed."""

import hashlib
import os
import threading
from collections import OrderedDict
from io import FileIO

REMEMBERED = 10_000
"""Files. Whoever uses more of them in turn has them hashed again."""


class Integrity:
    """What this process knows of the files in a store, by their SHA-256. Safe for threads."""

    def __init__(self) -> None:
        self._stamps: OrderedDict[str, tuple[int, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def knows(self, sha256: str, stat: os.stat_result) -> bool:
        """Whether the file with this state was found to have this hash."""
        return self._stamps.get(sha256) == _stamp(stat)

    def holds(self, sha256: str, file: FileIO) -> bool:
        """Whether `file`, at its start then, has this hash. Takes a second for 500 MB that were not looked at yet."""
        stat = os.fstat(file.fileno())
        if self.knows(sha256, stat):
            return True
        right = hashlib.file_digest(file, "sha256").hexdigest() == sha256
        file.seek(0)
        if right:
            self._remember(sha256, _stamp(stat))
        return right

    def written(self, sha256: str, stat: os.stat_result) -> None:
        """The file was just written, with bytes that have this hash."""
        self._remember(sha256, _stamp(stat))

    def marked(self, sha256: str, before: os.stat_result, after: os.stat_result) -> None:
        """The file's time was set, and nothing else about it changed."""
        if self.knows(sha256, before):
            self._remember(sha256, _stamp(after))

    def _remember(self, sha256: str, stamp: tuple[int, ...]) -> None:
        with self._lock:
            self._stamps[sha256] = stamp
            self._stamps.move_to_end(sha256)
            while len(self._stamps) > REMEMBERED:
                self._stamps.popitem(last=False)


def _stamp(stat: os.stat_result) -> tuple[int, ...]:
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns
