"""The one table from exceptions to status codes, by name: the journal stores the names, the doors translate them."""

from inlay.errors import (
    BadAnswer,
    BlobCorrupt,
    BlobMissing,
    BlobOffset,
    Cancelled,
    Declined,
    FilesChanged,
    Forbidden,
    InvalidInput,
    JobConflict,
    JobFailed,
    MayBeBilled,
    NotFound,
    QuotaExceeded,
    StorageFull,
    StyleConflict,
    Unauthenticated,
    Unavailable,
    Unsupported,
    WorkerDied,
)
from inlay.hindrances import hindrance_of

STATUS_OF: dict[type[BaseException], str] = {
    InvalidInput: "INVALID_ARGUMENT",
    Unsupported: "FAILED_PRECONDITION",
    NotFound: "NOT_FOUND",
    BlobMissing: "FAILED_PRECONDITION",
    BlobCorrupt: "DATA_LOSS",
    BlobOffset: "OUT_OF_RANGE",
    QuotaExceeded: "RESOURCE_EXHAUSTED",
    StorageFull: "RESOURCE_EXHAUSTED",
    JobConflict: "ALREADY_EXISTS",
    StyleConflict: "ALREADY_EXISTS",
    Declined: "FAILED_PRECONDITION",
    BadAnswer: "ABORTED",
    MayBeBilled: "ABORTED",
    Cancelled: "CANCELLED",
    WorkerDied: "INTERNAL",
    JobFailed: "ABORTED",
    FilesChanged: "FAILED_PRECONDITION",
    Unauthenticated: "UNAUTHENTICATED",
    Forbidden: "PERMISSION_DENIED",
    Unavailable: "UNAVAILABLE",
    MemoryError: "RESOURCE_EXHAUSTED",
}
"""Subclasses share the code of their nearest ancestor here; whatever is not here is INTERNAL."""


def status_of(error: BaseException) -> str:
    """The status code's name for `error`, such as INVALID_ARGUMENT."""
    kind = type(hindrance_of(error) or error)
    return next((STATUS_OF[ancestor] for ancestor in kind.__mro__ if ancestor in STATUS_OF), "INTERNAL")
