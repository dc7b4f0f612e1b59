"""That a file or folder is still the one with which the server began: what is written into another one is lost."""

import os
from pathlib import Path

from inlay.errors import Hindered


class Anchor:
    """`path` as it is now, called `name` in the sentence that says it is gone. Raises OSError where it is not there."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name
        self._identity = _identity(path)

    def check(self) -> None:
        """Raise Hindered unless it is still there: not deleted, not moved, no other one in its place."""
        try:
            if _identity(self._path) == self._identity:
                return
        except (FileNotFoundError, NotADirectoryError):
            pass
        raise Hindered(
            f"the server's {self._name}, {self._path}, was deleted, moved or replaced while it runs. Put it back and work goes "
            "on; if it is gone for good, stop the server and start it again"
        )


def _identity(path: Path) -> tuple[int, int]:
    stat = os.stat(path)
    return stat.st_dev, stat.st_ino
