"""What keeps the server from its work for a while and is no job's fault: a full disk, a locked journal, no file left to open."""

import errno
import sqlite3

from inlay.errors import Hindered, StorageFull

_DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT)
_NO_FILE_LEFT = (errno.EMFILE, errno.ENFILE)

_JOURNAL = {
    sqlite3.SQLITE_BUSY: "another process has the journal locked",
    sqlite3.SQLITE_LOCKED: "another process has the journal locked",
    sqlite3.SQLITE_PROTOCOL: "another process has the journal locked",
    sqlite3.SQLITE_CANTOPEN: "the journal cannot be opened",
    sqlite3.SQLITE_IOERR: "the journal's disk does not answer",
    sqlite3.SQLITE_READONLY: "the journal cannot be written",
    sqlite3.SQLITE_PERM: "the journal cannot be written",
    sqlite3.SQLITE_CORRUPT: "the journal is damaged; a restart repairs what can be repaired",
    sqlite3.SQLITE_NOTADB: "the journal is damaged; a restart repairs what can be repaired",
}
"""By primary result code (https://www.sqlite.org/rescode.html)."""


def hindrance_of(error: BaseException) -> Hindered | StorageFull | None:
    """What `error` says about the machine; None where it is about what was being done."""
    match error:
        case Hindered() | StorageFull():
            return error
        case sqlite3.Error(sqlite_errorcode=int(code)):
            primary = code & 0xFF
            if primary == sqlite3.SQLITE_FULL:
                return StorageFull()
            why = _JOURNAL.get(primary)
            return Hindered(f"{why} ({error})") if why else None
        case OSError(errno=number) if number in _DISK_IS_FULL:
            return StorageFull()
        case OSError(errno=errno.EROFS):
            return Hindered(
                f"the data folder can only be read ({error.strerror}); mount its disk so that it can be written"
            )
        case OSError(errno=number) if number in _NO_FILE_LEFT:
            return Hindered(f"the server has no file descriptor left ({error.strerror}); raise its limit on open files")
        case _:
            return None
