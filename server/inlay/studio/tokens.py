"""Tokens of people, and what is kept of them.

A token is `inlay_` with the eight hex digits of its id and 43 characters that hold 256 random bits. The id finds the row; what
is kept of the rest is its SHA-256, which is enough for random bits and costs microseconds at every call (OWASP's advice on slow
hashes is for passwords, which people choose). It is shown once.
"""

import hashlib
import re
import secrets
import sqlite3
from dataclasses import dataclass

TOKEN_PREFIX = "inlay_"
"""By it a person's token is told from the server's own and from a reviewer's."""

PROXY_TOKEN = "proxy"
"""Stands for the id of a token where a proxy has signed somebody in."""

DAY_MS = 86_400_000

TOKEN = re.compile(rf"{TOKEN_PREFIX}([0-9a-f]{{8}})_([A-Za-z0-9_-]{{43}})")


@dataclass(frozen=True)
class Token:
    """What is kept of a token."""

    id: str
    made_unix_ms: int
    expires_unix_ms: int | None
    """None: never."""
    used_unix_ms: int | None
    """To the minute; None: never."""
    revoked_unix_ms: int | None

    def is_live(self, now_ms: int) -> bool:
        return self.revoked_unix_ms is None and (self.expires_unix_ms is None or self.expires_unix_ms > now_ms)


def tokens_of(connection: sqlite3.Connection, key: str) -> tuple[Token, ...]:
    """Somebody's, the newest first."""
    rows = connection.execute("SELECT * FROM tokens WHERE key = ? ORDER BY rowid DESC", (key,)).fetchall()
    return tuple(
        Token(row["id"], row["made_unix_ms"], row["expires_unix_ms"], row["used_unix_ms"], row["revoked_unix_ms"])
        for row in rows
    )


def new_token(connection: sqlite3.Connection, key: str, expires_days: int | None, now_ms: int) -> str:
    """A new one of somebody's. expires_days: None: it never does."""
    token_id = secrets.token_hex(4)
    token = f"{TOKEN_PREFIX}{token_id}_{secrets.token_urlsafe(32)}"
    until_ms = None if expires_days is None else now_ms + expires_days * DAY_MS
    connection.execute(
        "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, NULL, NULL)", (token_id, key, sha256_of(token), now_ms, until_ms)
    )
    return token


def sha256_of(token: str) -> str:
    """What is kept of it."""
    return hashlib.sha256(token.encode()).hexdigest()
