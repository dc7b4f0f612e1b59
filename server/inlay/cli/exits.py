"""What the exit codes mean."""

import enum

from inlay import errors


class Exit(enum.IntEnum):
    """0, 2 and 130 are what every shell expects; 1 stays for what nobody foresaw."""

    OK = 0
    INVALID = 2
    UNREACHABLE = 3
    FAILED = 4
    NOT_FOUND = 5
    INTERRUPTED = 130


EXIT_CODES = (
    "Exit codes: 0 done · 2 wrong usage or invalid input · 3 the server cannot be reached or refuses the token · "
    "4 the job failed or was cancelled · 5 no such job, model or blob · 130 interrupted"
)


def exit_of(error: errors.InlayError) -> Exit:
    """The exit code of an error."""
    match error:
        case errors.Unavailable() | errors.Unauthenticated() | errors.Forbidden():
            return Exit.UNREACHABLE
        case errors.NotFound() | errors.BlobMissing():
            return Exit.NOT_FOUND
        case errors.InvalidInput() | errors.Unsupported() | errors.JobConflict() | errors.StyleConflict():
            return Exit.INVALID
        case _:
            return Exit.FAILED
