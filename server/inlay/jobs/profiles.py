"""Colour profiles in the journal: each is kept once, and recipes and events that hold it say its SHA-256 instead.

A document's profile may have megabytes, and each of its jobs and each of their results repeats it.
"""

import base64
import hashlib
import re
import sqlite3
from collections import OrderedDict

REMEMBERED_BYTES = 64 * 2**20

_BYTES = re.compile(r'"icc":"([A-Za-z0-9+/]+={0,2})"')
"""As `Recipe.canonical` and the events' codec write it. Within another text the quotes would be escaped."""

_NAMED = "sha256:"
_NAMES = re.compile(r'"icc":"sha256:([0-9a-f]{64})"')


class Profiles:
    """The profiles in the database behind `connection`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: OrderedDict[str, bytes] = OrderedDict()

    def put_away(self, text: str) -> str:
        """`text` with names in the place of profiles, which are kept. In the caller's transaction."""

        def keep(found: re.Match[str]) -> str:
            icc = base64.b64decode(found[1])
            sha256 = hashlib.sha256(icc).hexdigest()
            self._connection.execute("INSERT OR IGNORE INTO profiles VALUES (?, ?)", (sha256, icc))
            return f'"icc":"{_NAMED}{sha256}"'

        return _BYTES.sub(keep, text)

    def note_uses(self, number: int, kept: str) -> None:
        """The job `number` needs the profiles that `kept` names. In the caller's transaction."""
        for sha256 in _NAMES.findall(kept):
            self._connection.execute("INSERT OR IGNORE INTO profile_uses VALUES (?, ?)", (number, sha256))

    def read(self, text: str) -> bytes:
        """The profile that stands as `text` in what was put away; empty where none does. Raises KeyError for one that is lost."""
        sha256 = text.removeprefix(_NAMED)
        if sha256 == text:
            return base64.b64decode(text)
        if sha256 not in self._known:
            row = self._connection.execute("SELECT icc FROM profiles WHERE sha256 = ?", (sha256,)).fetchone()
            if row is None:
                raise KeyError(f"profile {sha256}")
            self._known[sha256] = bytes(row[0])
            while sum(map(len, self._known.values())) > REMEMBERED_BYTES and len(self._known) > 1:
                self._known.popitem(last=False)
        self._known.move_to_end(sha256)
        return self._known[sha256]
