"""Blobs on their way up: a file per upload, and beside it a hash that grows with every chunk."""

import hashlib
import os
import time
from pathlib import Path
from typing import NamedTuple, Protocol

from inlay.errors import BlobCorrupt, BlobOffset, InvalidInput, QuotaExceeded

MAX_OPEN = 1_000
"""Unfinished uploads. A client that waits for one before it begins the next has one."""

MAX_OPEN_OF_ONE = 100
"""Of one owner; several artists behind one address have room."""

STALLED_S = 600.0
"""An upload that nobody went on with for so long gives way where there are too many, or to another total."""

SHA256_DIGITS = 64
"""In hex."""

_READ_BYTES = 1 << 20

_CLOCK_NS = 50_000_000
"""A change so soon after the last one may leave the folder's modification time as it was."""


class Hasher(Protocol):
    """What this needs of a hashlib object."""

    def update(self, data: bytes | memoryview, /) -> None: ...
    def hexdigest(self) -> str: ...


class _Upload(NamedTuple):
    stamp: tuple[int, int, int]
    hasher: Hasher


class Partials:
    """The unfinished uploads in one folder, as `<upload>.<total>`: an upload is called by the SHA-256 of the blob, and what follows
    that says whose it is.

    The bytes on disk are the truth. The hash of them is kept in memory and rebuilt whenever the file is not as this
    process left it: after a restart, or when another process went on with the same upload.
    Callers hold the store's lock, except for `received`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._uploads: dict[Path, _Upload] = {}
        self._owners: dict[Path, str] = {}
        """Of what was begun since this process started."""
        self._listed: dict[str, list[Path]] = {}
        self._listed_at: tuple[int, int] = (-1, 0)
        """The folder's modification time when it was listed, and when that was, in nanoseconds."""

    def received(self, upload: str) -> int:
        """How many bytes of `upload` are here."""
        return max((_size(path) for path in self._of(upload)), default=0)

    def path(self, upload: str, total: int) -> Path:
        """Where the bytes of such an upload lie."""
        return self._folder / f"{upload}.{total}"

    def begin(self, upload: str, total: int, owner: str) -> None:
        """Make room for another upload, unless it is begun already. owner: who sends it; empty where nobody counts.

        Raises InvalidInput where an upload of the same blob is under way with another total, QuotaExceeded where too many are.
        """
        path = self.path(upload, total)
        known = self._of(upload)
        if path in known:
            return
        for other in known:
            if not _is_stalled(other):
                raise InvalidInput(
                    "total", total, f"an upload of the same blob is under way and says {other.suffix[1:]}"
                )
            self._forget(other)
        if owner:
            self._admit([path for path, whose in self._owners.items() if whose == owner], MAX_OPEN_OF_ONE)
        self._admit([path for paths in self._listed.values() for path in paths if path.suffix], MAX_OPEN)
        self._owners[path] = owner

    def check(self, upload: str, offset: int, total: int) -> None:
        """Whether a chunk at `offset` may be written. Raises BlobOffset, InvalidInput as `append` does."""
        path = self.path(upload, total)
        for other in self._of(upload):
            if other != path:
                raise InvalidInput("total", total, f"the chunks before it said {other.suffix[1:]}")
        hasher, received = self._resume(path)
        if received:
            self._uploads[path] = _Upload(_stamp(path), hasher)
        if offset != received:
            raise BlobOffset(upload[:SHA256_DIGITS], offset, received)

    def append(self, upload: str, offset: int, total: int, data: bytes | memoryview) -> Path | None:
        """Write one chunk; the path of the whole, verified file if it was the last one.

        Raises BlobOffset where the chunk does not continue the upload, InvalidInput where `total` differs from that of
        the chunks before, BlobCorrupt where the last chunk arrived and the hash is wrong; the upload is gone then.
        """
        self.check(upload, offset, total)
        path = self.path(upload, total)
        hasher, received = self._resume(path)
        with path.open("ab") as file:
            file.write(data)
        hasher.update(data)
        self._uploads[path] = _Upload(_stamp(path), hasher)
        if received + len(data) < total:
            return None
        if hasher.hexdigest() != upload[:SHA256_DIGITS]:
            self._forget(path)
            raise BlobCorrupt(
                f"data of blob {upload[:SHA256_DIGITS]} has SHA-256 {hasher.hexdigest()}; nothing was stored, send it again",
                field="data",
            )
        return path

    def close(self, path: Path) -> None:
        """The file was moved into the store."""
        self._uploads.pop(path, None)
        self._owners.pop(path, None)

    def drop(self, upload: str) -> None:
        """Forget every upload of `upload`."""
        for path in self._of(upload):
            self._forget(path)

    def _of(self, upload: str) -> list[Path]:
        changed_ns = self._folder.stat().st_mtime_ns
        if changed_ns != self._listed_at[0] or self._listed_at[1] - changed_ns < _CLOCK_NS:
            self._listed, self._listed_at = {}, (changed_ns, time.time_ns())
            for file in os.scandir(self._folder):
                self._listed.setdefault(file.name.partition(".")[0], []).append(Path(file.path))
        return self._listed.get(upload, [])

    def _admit(self, paths: list[Path], limit: int) -> None:
        """Let one more in beside the uploads at `paths`; of those that stalled, the oldest goes if need be."""
        if len(paths) < limit:
            return
        stalled = [path for path in paths if _is_stalled(path)]
        if not stalled:
            raise QuotaExceeded(
                f"{len(paths)} uploads are under way and no more are let in; finish some, or come back later"
            )
        self._forget(min(stalled, key=_last_used))

    def _forget(self, path: Path) -> None:
        self._uploads.pop(path, None)
        self._owners.pop(path, None)
        path.unlink(missing_ok=True)

    def _resume(self, path: Path) -> tuple[Hasher, int]:
        if not path.exists():
            self._uploads.pop(path, None)
            return hashlib.sha256(), 0
        known = self._uploads.get(path)
        stamp = _stamp(path)
        if known and known.stamp == stamp:
            return known.hasher, stamp[1]
        hasher = hashlib.sha256()
        received = 0
        with path.open("rb") as file:
            while data := file.read(_READ_BYTES):
                hasher.update(data)
                received += len(data)
        return hasher, received


def _stamp(path: Path) -> tuple[int, int, int]:
    stat = os.stat(path)
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _last_used(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # finished or dropped meanwhile
        return 0.0


def _is_stalled(path: Path) -> bool:
    return time.time() - _last_used(path) > STALLED_S


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # finished or dropped meanwhile
        return 0
