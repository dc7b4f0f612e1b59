"""What can stand in a server's way from outside: a small disk that fills, a journal that another process locks."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

PAGE = 4096

_LOCKER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


class SmallDisk:
    """A file system of its own, and a file that takes its room."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self, leave_bytes: int = 0) -> None:
        """Take all room but `leave_bytes`, in whole pages."""
        with self._ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(PAGE))
        os.truncate(self._ballast, self._ballast.stat().st_size // PAGE * PAGE - leave_bytes // PAGE * PAGE)

    def free(self) -> None:
        self._ballast.unlink(missing_ok=True)

    def remount(self, how: str) -> None:
        """`ro`: from now on it can only be read, as a disk with errors is (`errors=remount-ro`); `rw`: it can be written again."""
        subprocess.run(["mount", "-o", f"remount,{how}", self.folder], check=True, capture_output=True)


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Generator[SmallDisk]:
    """A disk of so many megabytes at `folder`; skips the test where nobody may mount one."""
    folder.mkdir()
    mounted = sys.platform == "linux" and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", folder], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        pytest.skip("nobody but root may mount a small disk")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextlib.contextmanager
def locked(journal: Path) -> Generator[None]:
    """Another process holds the lock on the journal, as a database browser or a backup does."""
    with subprocess.Popen(
        [sys.executable, "-c", _LOCKER, str(journal)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as locker:
        assert locker.stdout
        assert locker.stdout.readline() == "locked\n"
        try:
            yield
        finally:
            locker.communicate()
