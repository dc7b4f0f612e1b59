"""Every error that Inlay raises on purpose has a status code that says what kind it is."""

import errno
import importlib
import pkgutil
import re
import sqlite3

import pytest

import inlay
from inlay import errors
from inlay.statuses import STATUS_OF, status_of

for module in pkgutil.walk_packages(inlay.__path__, "inlay."):
    if not module.name.startswith(("inlay.engines.diffusion", "inlay.cli.__main__")):  # the first load PyTorch
        importlib.import_module(module.name)


def below(kind: type[errors.InlayError]) -> list[type[errors.InlayError]]:
    return [found for child in kind.__subclasses__() for found in (child, *below(child))]


NAMED = below(errors.InlayError)


def sqlite_error(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("as SQLite says it")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize("kind", NAMED, ids=lambda kind: kind.__name__)
def test_every_error_has_a_code_of_its_own_or_of_its_ancestor(kind: type[errors.InlayError]) -> None:
    assert any(ancestor in STATUS_OF for ancestor in kind.__mro__)


def test_the_tree_at_the_top_of_the_file_is_the_whole_tree() -> None:
    drawn = set(re.findall(r"── (\w+)", errors.__doc__ or ""))
    assert drawn == {kind.__name__ for kind in NAMED}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.InvalidInput("mask", "empty", "select something"), "INVALID_ARGUMENT"),
        (errors.UnknownProfile("profile", "x", "known are: sRGB"), "INVALID_ARGUMENT"),
        (errors.JobConflict("1"), "ALREADY_EXISTS"),
        (errors.BlobOffset("0" * 64, 1, 2), "OUT_OF_RANGE"),
        (MemoryError(), "RESOURCE_EXHAUSTED"),
        (OSError(errno.ENOSPC, "no space left on device"), "RESOURCE_EXHAUSTED"),
        (OSError(errno.EMFILE, "too many open files"), "UNAVAILABLE"),
        (sqlite_error(sqlite3.SQLITE_FULL), "RESOURCE_EXHAUSTED"),
        (sqlite_error(sqlite3.SQLITE_BUSY), "UNAVAILABLE"),
        (sqlite_error(sqlite3.SQLITE_BUSY | 2 << 8), "UNAVAILABLE"),
        (sqlite_error(sqlite3.SQLITE_IOERR), "UNAVAILABLE"),
        (sqlite_error(sqlite3.SQLITE_ERROR), "INTERNAL"),
        (OSError(errno.EACCES, "permission denied"), "INTERNAL"),
        (ZeroDivisionError(), "INTERNAL"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value,
)
def test_codes_follow_from_the_kind_of_the_error(error: Exception, code: str) -> None:
    assert status_of(error) == code
