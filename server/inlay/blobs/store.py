"""The content-addressed store: every blob is a file named by its SHA-256, within a quota, shared by all processes.

A blob's bytes are on the disk before its name is (write, fsync, rename, fsync of the folder): no kill and no power cut
leaves a name with other bytes behind it. Unfinished uploads are not synced; if they are damaged, the hash says so. A blob
that went bad on the disk is taken away when somebody wants to use it, and is then asked for like any other that is not here.
"""

import contextlib
import hashlib
import logging
import mmap
import os
import tempfile
import time
from collections.abc import Callable, Collection, Generator, Iterable
from io import FileIO
from pathlib import Path
from typing import NamedTuple

from inlay.anchor import Anchor
from inlay.blobs.entries import NAME, Entry, entries_in, remove
from inlay.blobs.integrity import Integrity
from inlay.blobs.partial import Partials
from inlay.config import QUOTA_BYTES
from inlay.errors import BlobMissing, InvalidInput, QuotaExceeded
from inlay.lock import hold

MAX_BLOB_BYTES = 4 * 2**30
MAX_CHUNK_BYTES = 2 * 2**20
RECENT_S = 120.0
"""Between an upload and the job that needs it lies the upload of the rest."""

_MAP_BYTES = 1 << 20
"""Smaller blobs are read, larger ones mapped."""

_HEADROOM_TRUST_S = 10.0
"""So long the free room is taken from memory instead of walking the folder; other processes add little meanwhile."""

_ATTEMPT_BYTES = 1 << 20
"""Room that must be there before work goes on after a full disk: several events with previews, a checkpoint of the journal."""

_ADDING = "add-"
"""How the files begin that `add` is writing; only stale ones may go."""

_log = logging.getLogger(__name__)


class BlobStatus(NamedTuple):
    """Where a blob stands: whether all of it is here, and how many bytes are."""

    present: bool
    received: int


class Sender(NamedTuple):
    """Who sends a blob, as far as a store is concerned."""

    name: str = ""
    """Uploads of one name are apart from those of others; empty: where everything is one person's."""
    may_know: bool = True
    """Whether they may learn that the blob is here already."""

    def upload(self, sha256: str) -> str:
        """What their upload of a blob is called."""
        return f"{sha256}-{hashlib.sha256(self.name.encode()).hexdigest()[:16]}" if self.name else sha256


SOMEBODY = Sender()


class BlobStore:
    """Blobs in `folder`, least recently used evicted first once they take more than `quota_bytes`.

    pinned: names of the blobs that must stay; asked whenever room is needed. grace_s: what was used so recently stays, too:
    whoever put it has not had the time to submit the job that needs it. create: make the folder where it is not there.

    Safe for threads and processes. The last chunk of an upload and `add` wait for the disk: keep them off an event loop
    that must not stall (64 MiB: about 25 ms on a solid-state disk).
    """

    def __init__(
        self,
        folder: Path,
        quota_bytes: int = QUOTA_BYTES,
        pinned: Callable[[], Collection[str]] = lambda: (),
        grace_s: float = 0.0,
        create: bool = True,
    ) -> None:
        self.folder = folder
        self.grace_s = grace_s
        self.quota_bytes = quota_bytes
        self._pinned = pinned
        self._partial = folder / "partial"
        if create:
            self._partial.mkdir(parents=True, exist_ok=True)
        self._anchor = Anchor(self._partial, "folder for pixels")
        self._lock_path = folder / "lock"
        self._partials = Partials(self._partial)
        self._integrity = Integrity()
        self._headroom = 0
        self._counted_s = float("-inf")
        self._last_use_ns = 0

    def check_place(self) -> None:
        """Raise Hindered where the folder is not the one that it was any more; whatever is to be stored is refused then."""
        self._anchor.check()

    def received(self, sha256: str, sender: Sender = SOMEBODY) -> BlobStatus:
        """How much of a blob is here. Counts as a use of it: who asks means to build on the answer. Raises Hindered."""
        path = self._path(sha256)
        self._anchor.check()
        if sender.may_know and self._touch(path):
            return BlobStatus(True, path.stat().st_size)
        return BlobStatus(False, self._partials.received(sender.upload(sha256)))

    def put_chunk(
        self,
        sha256: str,
        offset: int,
        total: int,
        data: bytes | memoryview,
        owner: str = "",
        sender: Sender = SOMEBODY,
    ) -> BlobStatus:
        """Take `data`, the bytes from `offset` on of a blob of `total` bytes. A blob that is here already stays as it is; who may
        not know of it sends all of its bytes all the same.

        owner: who sends it, so that nobody has too many uploads under way.

        An empty chunk at the end has a blob verified whose bytes all arrived, but whose upload died before that.

        Raises InvalidInput for impossible numbers, BlobOffset where the chunk does not continue, BlobCorrupt where the
        whole does not have the promised hash, QuotaExceeded where pinned blobs leave no room or too many uploads are under
        way, Hindered.
        """
        path = self._path(sha256)
        self._anchor.check()
        _check_chunk(offset, total, len(data))
        upload = sender.upload(sha256)
        with hold(self._lock_path):
            if sender.may_know and self._touch(path):
                self._partials.drop(upload)
                return BlobStatus(True, path.stat().st_size)
            if offset == 0:
                self._check_fits(total)
                self._partials.begin(upload, total, owner)
            self._partials.check(upload, offset, total)
            self._make_room(len(data), spared=self._partials.path(upload, total))
            whole = self._partials.append(upload, offset, total, data)
            if whole is None:
                return BlobStatus(False, offset + len(data))
            self._make_room(0, spared=whole)
            self._publish(whole, path)
            self._partials.close(whole)
            return BlobStatus(True, total)

    def is_here(self, sha256: str) -> bool:
        """Whether all of a blob is here. Counts as no use of it."""
        return self._path(sha256).exists()

    def names(self) -> frozenset[str]:
        """The blobs that are here."""
        return frozenset(entry.sha256 for entry in entries_in(self.folder) if entry.sha256)

    def add(self, data: bytes | memoryview) -> str:
        """Store `data` (contiguous bytes) and return its name. Raises InvalidInput above 4 GiB, QuotaExceeded, Hindered."""
        if memoryview(data).nbytes > MAX_BLOB_BYTES:
            raise InvalidInput("data", f"{memoryview(data).nbytes} bytes", f"at most {MAX_BLOB_BYTES} are allowed")
        self._anchor.check()
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._path(sha256)
        if self._touch(path):
            return sha256
        with hold(self._lock_path):
            self._make_room(memoryview(data).nbytes)
        number, name = tempfile.mkstemp(prefix=_ADDING, dir=self._partial)
        try:
            with open(number, "wb") as file:
                file.write(data)
            self._publish(Path(name), path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return sha256

    def read(self, sha256: str) -> memoryview:
        """All bytes of a blob, read-only; large ones are mapped, and stay readable if evicted. Raises BlobMissing."""
        with self._open(sha256) as file:
            size = os.fstat(file.fileno()).st_size
            if size < _MAP_BYTES:
                return memoryview(file.read())
            return memoryview(mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ))

    def verify(self, sha256: str) -> int:
        """Bytes of a blob, all of which are what they were. Counts as a use of it. Raises BlobMissing, Hindered."""
        self._anchor.check()
        path = self._path(sha256)
        with contextlib.suppress(FileNotFoundError):
            stat = path.stat()
            if self._integrity.knows(sha256, stat) and self._touch(path):
                return stat.st_size
        with self._open(sha256) as file:
            return os.fstat(file.fileno()).st_size

    def size(self, sha256: str) -> int:
        """Bytes of a blob. Raises BlobMissing."""
        try:
            return self._path(sha256).stat().st_size
        except FileNotFoundError:
            raise BlobMissing(sha256) from None

    def bytes_of(self, names: Iterable[str]) -> int:
        """Bytes of those of the named blobs that are here."""
        total = 0
        for sha256 in names:
            with contextlib.suppress(BlobMissing):
                total += self.size(sha256)
        return total

    def chunks(self, sha256: str, offset: int, chunk_bytes: int) -> Generator[bytes]:
        """The bytes of a blob from `offset` on, in pieces of `chunk_bytes`; none where nothing is left.

        Raises BlobMissing and InvalidInput at once, not with the first piece.
        """
        size = self.size(sha256)
        if not 0 <= offset <= size:
            raise InvalidInput("offset", offset, f"blob {sha256} has {size} bytes")
        file = self._open(sha256)
        file.seek(offset)
        return _pieces(file, chunk_bytes)

    def attempt(self) -> None:
        """Write a megabyte and remove it. Raises OSError where that fails: a full disk, no file left to open. Raises Hindered."""
        self._anchor.check()
        with tempfile.TemporaryFile(prefix=_ADDING, dir=self._partial) as file:
            file.write(bytes(_ATTEMPT_BYTES))
            file.flush()
            os.fsync(file.fileno())

    def used_bytes(self) -> int:
        """Bytes on the disk, unfinished uploads and all. Walks the folder."""
        return sum(entry.size for entry in entries_in(self.folder))

    def evict(self, pinned: Collection[str]) -> list[str]:
        """Remove blobs, least recently used first, until the rest is within the quota; never those in `pinned`.

        Unfinished uploads count as well: first those that nobody touched for a week, then in the order of their use.
        Returns the names of the blobs that went.
        """
        with hold(self._lock_path):
            used, loose = self._survey(frozenset(pinned))
            return self._evict(loose, used, self.quota_bytes)

    def _path(self, sha256: str) -> Path:
        if not NAME.fullmatch(sha256):
            raise InvalidInput("sha256", repr(sha256[:80]), "it must be 64 lower-case hex digits")
        return self.folder / sha256[:2] / sha256

    def _open(self, sha256: str) -> FileIO:
        path = self._path(sha256)
        try:
            file = FileIO(path)
        except FileNotFoundError:
            self._anchor.check()
            raise BlobMissing(sha256) from None
        if not self._integrity.holds(sha256, file):
            with file:
                inode = os.fstat(file.fileno()).st_ino
            self._take_away(path, inode)
            raise BlobMissing(sha256)
        self._touch(path)
        return file

    def _take_away(self, path: Path, inode: int) -> None:
        """A file that has other bytes than its name says goes, unless somebody replaced it meanwhile."""
        with hold(self._lock_path), contextlib.suppress(FileNotFoundError):
            if path.stat().st_ino == inode:
                path.unlink()
                _log.error(
                    "blob %s was damaged on the disk and is taken away; clients that have it send it again", path
                )

    def _touch(self, path: Path) -> bool:
        """Mark a use; False where the blob is not here."""
        # The clock of the file system is too coarse to order uses; this one never repeats within a process.
        self._last_use_ns = now = max(time.time_ns(), self._last_use_ns + 1)
        try:
            before = path.stat()
            if not 0 <= now - before.st_mtime_ns < self.grace_s * 5e8:  # else it is safe for half of that time anyway
                os.utime(path, ns=(now, now))
                self._integrity.marked(path.name, before, path.stat())
        except FileNotFoundError:
            return False
        return True

    def _publish(self, written: Path, path: Path) -> None:
        with written.open("rb+") as file:
            os.fsync(file.fileno())
        path.parent.mkdir(exist_ok=True)
        self._touch(written)
        self._integrity.written(path.name, written.stat())
        os.replace(written, path)
        if os.name == "posix":  # elsewhere folders cannot be synced
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _check_fits(self, total: int) -> None:
        """Refuse at its first chunk what would not fit at its last one; nothing is evicted for what was only announced."""
        if self._fresh and self._headroom >= total:
            return
        used, loose = self._survey(frozenset(self._pinned()))
        needed = used - sum(entry.size for entry in loose)
        if needed + total > self.quota_bytes:
            raise self._too_full(needed, total)

    @property
    def _fresh(self) -> bool:
        return time.monotonic() - self._counted_s < _HEADROOM_TRUST_S

    def _too_full(self, needed: int, extra: int) -> QuotaExceeded:
        return QuotaExceeded(
            f"blobs may take {self.quota_bytes} bytes; unfinished and unfetched jobs, and what has just arrived, need {needed} "
            f"of them, and {extra} more do not fit. Fetch results, cancel jobs, or raise the quota"
        )

    def _make_room(self, extra: int, spared: Path | None = None) -> None:
        if not (self._fresh and self._headroom >= extra):
            used, loose = self._survey(frozenset(self._pinned()), spared)
            needed = used - sum(entry.size for entry in loose)
            if needed + extra <= self.quota_bytes:  # else nothing is evicted in vain
                self._evict(loose, used, self.quota_bytes - extra)
            if needed + extra > self.quota_bytes or self._headroom < extra:
                if spared:
                    self._partials.drop(spared.stem)
                raise self._too_full(needed, extra)
        self._headroom -= extra

    def _survey(self, pinned: frozenset[str], spared: Path | None = None) -> tuple[int, list[Entry]]:
        """Bytes in use, and what may go, in that order."""
        entries = list(entries_in(self.folder))
        recent_ns = time.time_ns() - int(self.grace_s * 1e9)
        loose = [
            entry
            for entry in entries
            if entry.path != spared
            and entry.sha256 not in pinned
            and not (entry.fresh and (entry.path.name.startswith(_ADDING) or entry.used_ns > recent_ns))
        ]
        return sum(entry.size for entry in entries), sorted(loose)

    def _evict(self, loose: list[Entry], used: int, budget: int) -> list[str]:
        gone: list[str] = []
        for entry in loose:
            if entry.fresh and used <= budget:
                break
            if remove(entry):
                used -= entry.size
                gone.extend([entry.sha256] if entry.sha256 else [])
        self._headroom = self.quota_bytes - used
        self._counted_s = time.monotonic()
        return gone


def _pieces(file: FileIO, chunk_bytes: int) -> Generator[bytes]:
    with file:
        while data := file.read(chunk_bytes):
            yield data


def _check_chunk(offset: int, total: int, length: int) -> None:
    if not 0 <= total <= MAX_BLOB_BYTES:
        raise InvalidInput("total", total, f"a blob has 0 .. {MAX_BLOB_BYTES} bytes")
    if not 0 <= offset <= total:
        raise InvalidInput("offset", offset, f"it must be 0 .. {total}, the total")
    if length > MAX_CHUNK_BYTES:
        raise InvalidInput("data", f"{length} bytes", f"a chunk has at most {MAX_CHUNK_BYTES}")
    if length > total - offset:
        raise InvalidInput("data", f"{length} bytes", f"only {total - offset} are left from offset {offset} on")
    if length == 0 and offset < total:
        raise InvalidInput("data", "empty", f"{total - offset} bytes are left from offset {offset} on")
