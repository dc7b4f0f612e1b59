"""The one table from exceptions to status codes, by name: the journal stores the names, the doors translate them."""

import errno

from inlay.errors import (
    BlobCorrupt,
    BlobMissing,
    BlobOffset,
    Cancelled,
    InvalidInput,
    JobConflict,
    NotFound,
    QuotaExceeded,
    Unauthenticated,
    Unavailable,
    Unsupported,
    WorkerDied,
)

STATUS_OF: dict[type[BaseException], str] = {
    InvalidInput: "INVALID_ARGUMENT",
    Unsupported: "FAILED_PRECONDITION",
    NotFound: "NOT_FOUND",
    BlobMissing: "FAILED_PRECONDITION",
    BlobCorrupt: "DATA_LOSS",
    BlobOffset: "OUT_OF_RANGE",
    QuotaExceeded: "RESOURCE_EXHAUSTED",
    JobConflict: "ALREADY_EXISTS",
    Cancelled: "CANCELLED",
    WorkerDied: "INTERNAL",
    Unauthenticated: "UNAUTHENTICATED",
    Unavailable: "UNAVAILABLE",
    MemoryError: "RESOURCE_EXHAUSTED",
}
"""Subclasses share the code of their nearest ancestor here; whatever is not here is INTERNAL."""

_DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT)


def status_of(error: BaseException) -> str:
    """The status code's name for `error`, such as INVALID_ARGUMENT."""
    if isinstance(error, OSError) and error.errno in _DISK_IS_FULL:
        return "RESOURCE_EXHAUSTED"
    return next((STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF), "INTERNAL")
