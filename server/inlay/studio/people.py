"""The studio's people, in `people.sqlite` of the data folder: written by `inlay people`, read by its server."""

import contextlib
import hmac
import os
import sqlite3
import time
import unicodedata
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from inlay.errors import InvalidInput, NotFound, OverLimit, Unauthenticated, Unavailable
from inlay.person import OWNER, Person, Role, compared
from inlay.studio.schema import connect
from inlay.studio.tokens import TOKEN, Token, new_token, sha256_of, tokens_of

PEOPLE_FILE = "people.sqlite"
"""In the data folder."""

LIVE_TOKENS = 2
"""Of one person, after a rotation: the present one, and the one before it while they move over."""

MAX_MACHINES = 8
"""Tokens of one person that were given machine by machine."""

OWN_TOKENS, OWN_DAYS = 8, 90
"""So many that are good may somebody have who makes another for one of their programs, and so long it is good."""

MAX_NAME = 64
USED_EVERY_MS = 60_000
"""When a token was last used is written down at most once in this time."""


@dataclass(frozen=True)
class Entry:
    """A person as the studio lists them."""

    person: Person
    added_unix_ms: int
    revoked_unix_ms: int | None
    tokens: tuple[Token, ...]
    """The newest first."""


class Bearer(NamedTuple):
    """Whose a token is."""

    person: Person
    token_id: str


class _Known(NamedTuple):
    """What the server needs of a token at every call."""

    sha256: str
    person: Person
    expires_unix_ms: int | None
    is_revoked: bool


class People:
    """The people in `path`. One that is not there yet has none; `change` makes it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._seen: tuple[int, int] = (-1, -1)
        """The file, and SQLite's count of others' changes, when what is known was read."""
        self._tokens: dict[str, _Known | None] = {}
        self._used: dict[str, int] = {}

    # What the server asks.

    def bearer(self, token: str) -> Bearer:
        """Whose it is. Raises Unauthenticated for one that nobody has, that ran out or was revoked."""
        found = TOKEN.fullmatch(token)
        known = self._known(found[1]) if found else None
        if found is None or known is None or not hmac.compare_digest(sha256_of(token), known.sha256):
            raise Unauthenticated("this token is not known here; ask the studio for a new one", field="authorization")
        if known.is_revoked:
            raise Unauthenticated("this token was revoked; ask the studio for a new one", field="authorization")
        if known.expires_unix_ms is not None and known.expires_unix_ms <= _now_ms():
            raise Unauthenticated("this token has expired; ask the studio for a new one", field="authorization")
        return Bearer(known.person, found[1])

    def used(self, token_id: str) -> None:
        """It was used just now. Nothing waits for it to be written down, and nothing fails where it cannot be."""
        now_ms = _now_ms()
        if now_ms - self._used.get(token_id, 0) < USED_EVERY_MS or self._connection is None:
            return
        self._used[token_id] = now_ms
        with contextlib.suppress(sqlite3.Error):
            self._connection.execute("UPDATE tokens SET used_unix_ms = ? WHERE id = ?", (now_ms, token_id))

    def signed_in(self, name: str, asked: Person | None) -> Person | None:
        """The person of that name, or `asked` where the studio has nobody of it, or knows them by their groups.

        Raises Unauthenticated for one who was revoked.
        """
        if (connection := self._current()) is None:
            return asked
        row = connection.execute("SELECT * FROM people WHERE key = ?", (compared(name),)).fetchone()
        if row is None:
            return asked
        if row["revoked_unix_ms"] is not None:
            raise Unauthenticated("this person may not come in any more; ask the studio", field="authorization")
        if not row["from_groups"]:
            return _person(row)
        if asked and (asked.role, asked.projects) != (row["role"], _person(row).projects):
            self._tokens.clear()
            with contextlib.suppress(sqlite3.Error):  # the next time they come
                _follow(connection, compared(name), asked)
        return asked

    @property
    def exist(self) -> bool:
        """Whether there are any, or were."""
        return self._path.exists()

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def _known(self, token_id: str) -> _Known | None:
        connection = self._current()
        if connection is None:
            return None
        if token_id not in self._tokens:
            row = connection.execute(
                "SELECT people.*, tokens.sha256, tokens.expires_unix_ms, tokens.revoked_unix_ms AS token_revoked "
                "FROM tokens JOIN people USING (key) WHERE id = ?",
                (token_id,),
            ).fetchone()
            self._tokens[token_id] = (
                _Known(
                    row["sha256"],
                    _person(row),
                    row["expires_unix_ms"],
                    row["token_revoked"] is not None or row["revoked_unix_ms"] is not None,
                )
                if row
                else None
            )
        return self._tokens[token_id]

    def _current(self) -> sqlite3.Connection | None:
        """The connection, having forgotten what others changed since; None where there are no people. Raises Unavailable."""
        try:
            inode = self._path.stat().st_ino
        except FileNotFoundError:
            self.close()
            self._tokens.clear()
            return None
        try:
            if self._connection is None or inode != self._seen[0]:
                self.close()
                self._connection = connect(self._path)
                # Only what is known anyway is written by this one (`used`), and the loop must wait neither for others nor the disk.
                self._connection.execute("PRAGMA busy_timeout = 0")
                self._connection.execute("PRAGMA synchronous = NORMAL")
            changes: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error as error:
            self.close()
            raise Unavailable(f"who may come in cannot be read from {self._path} ({error})", field="data_dir") from None
        if (inode, changes) != self._seen:
            self._seen = inode, changes
            self._tokens.clear()
        return self._connection

    # What somebody does who is signed in.

    def make_own(self, person: Person) -> tuple[str, str]:
        """A further token for somebody who is signed in: its id, and itself, told this once.

        Whom the studio has not added is kept as their groups have them, and their tokens follow what the groups say later.
        Raises Unauthenticated for somebody who was revoked, OverLimit for who has OWN_TOKENS that are good.
        """
        key, now_ms = compared(person.name), _now_ms()
        with self._changing() as connection:
            row = connection.execute("SELECT * FROM people WHERE key = ?", (key,)).fetchone()
            if row and row["revoked_unix_ms"] is not None:
                raise Unauthenticated("this person may not come in any more; ask the studio", field="authorization")
            if row is None:
                facts = (key, checked_name("user", person.name), person.role, now_ms)
                connection.execute("INSERT INTO people VALUES (?, ?, ?, '', ?, NULL, 1)", facts)
            if row is None or row["from_groups"]:
                _follow(connection, key, person)
            if (live := sum(token.is_live(now_ms) for token in tokens_of(connection, key))) >= OWN_TOKENS:
                why = f"{live} of your tokens are good, and no more may be; revoke one that you do not need"
                raise OverLimit("tokens", why, None)
            token = new_token(connection, key, OWN_DAYS, _now_ms())
        found = TOKEN.fullmatch(token)
        assert found
        return found[1], token

    def own(self, name: str) -> tuple[Token, ...]:
        """Somebody's tokens that are good, the newest first."""
        if not self._path.is_file():
            return ()
        with contextlib.closing(connect(self._path)) as connection:
            now_ms = _now_ms()
            return tuple(token for token in tokens_of(connection, compared(name)) if token.is_live(now_ms))

    # What `inlay people` does.

    def add(
        self,
        name: str,
        role: Role | None = None,
        projects: Sequence[str] | None = None,
        expires_days: int | None = None,
        *,
        again: bool = False,
    ) -> tuple[Entry, str]:
        """A person and their first token, told this once. again: somebody who was revoked comes back, to what was theirs: the role
        and the projects too, unless others are given. A new person is an artist of no project where none are.

        Raises InvalidInput for a name that is taken or none.
        """
        shown, key = checked_name("NAME", name), compared(name)
        lines = (
            None if projects is None else "\n".join(dict.fromkeys(checked_name("--project", one) for one in projects))
        )
        with self._changing() as connection:
            known = connection.execute("SELECT * FROM people WHERE key = ?", (key,)).fetchone()
            if known and known["revoked_unix_ms"] is None:
                raise InvalidInput(
                    "NAME", repr(known["name"]), "there is such a person; `inlay people rotate` makes a new token"
                )
            if known and not again:
                limit = "there was such a person; with --again they come back, to what was theirs"
                raise InvalidInput("NAME", repr(known["name"]), limit)
            connection.execute(
                "INSERT INTO people (key, name, role, projects, added_unix_ms) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (key) DO UPDATE SET "
                "role = ifnull(?, role), projects = ifnull(?, projects), revoked_unix_ms = NULL, from_groups = 0",
                (key, shown, role or Role.ARTIST, lines or "", _now_ms(), role, lines),
            )
            token = new_token(connection, key, expires_days, _now_ms())
        return self.entry(name), token

    def change(self, name: str, role: Role | None, projects: Sequence[str] | None) -> Entry:
        """Give a person another role or other projects; None: as they are. Raises NotFound, InvalidInput."""
        with self._changing() as connection:
            row = self._row(connection, name)
            connection.execute("UPDATE people SET from_groups = 0 WHERE key = ?", (row["key"],))
            if role is not None:
                connection.execute("UPDATE people SET role = ? WHERE key = ?", (role, row["key"]))
            if projects is not None:
                lines = "\n".join(dict.fromkeys(checked_name("--project", project) for project in projects))
                connection.execute("UPDATE people SET projects = ? WHERE key = ?", (lines, row["key"]))
        return self.entry(name)

    def rotate(self, name: str, overlap_ms: int, expires_days: int | None) -> tuple[Entry, str]:
        """A new token for a person, told this once; the one before it is good for `overlap_ms` more, any other for no longer.

        Raises NotFound, InvalidInput for somebody who was revoked.
        """
        with self._changing() as connection:
            row, now_ms = self._present(connection, name), _now_ms()
            live = [token.id for token in tokens_of(connection, row["key"]) if token.is_live(now_ms)]
            for token_id in live[LIVE_TOKENS - 1 :]:
                connection.execute("UPDATE tokens SET revoked_unix_ms = ? WHERE id = ?", (now_ms, token_id))
            for token_id in live[: LIVE_TOKENS - 1]:
                connection.execute(
                    "UPDATE tokens SET expires_unix_ms = min(coalesce(expires_unix_ms, :until), :until) WHERE id = :id",
                    {"until": now_ms + overlap_ms, "id": token_id},
                )
            token = new_token(connection, row["key"], expires_days, _now_ms())
        return self.entry(name), token

    def another(self, name: str, expires_days: int | None) -> tuple[Entry, str]:
        """One more token for a person, for one more machine, told this once; those before it stay.

        Raises NotFound, InvalidInput for somebody who was revoked or has MAX_MACHINES already.
        """
        with self._changing() as connection:
            row, now_ms = self._present(connection, name), _now_ms()
            if sum(token.is_live(now_ms) for token in tokens_of(connection, row["key"])) >= MAX_MACHINES:
                limit = f"they have {MAX_MACHINES} tokens; `inlay people revoke NAME --token-id` makes room"
                raise InvalidInput("NAME", repr(row["name"]), limit)
            token = new_token(connection, row["key"], expires_days, _now_ms())
        return self.entry(name), token

    def is_taken(self, name: str) -> bool:
        """Whether there is or was somebody of that name."""
        return any(compared(one.person.name) == compared(name) for one in self.list())

    def revoke(self, name: str, token_id: str = "") -> Entry:
        """Let a person in no more, or one of their tokens only; doing it again changes nothing. Raises NotFound."""
        with self._changing() as connection:
            row, now_ms = self._row(connection, name), _now_ms()
            if token_id and token_id not in {token.id for token in tokens_of(connection, row["key"])}:
                raise NotFound("token", token_id, field="--token-id", hint="`inlay people list` shows their ids")
            which = "id = :id" if token_id else "key = :key"
            facts = {"now": now_ms, "id": token_id, "key": row["key"]}
            connection.execute(
                f"UPDATE tokens SET revoked_unix_ms = :now WHERE {which} AND revoked_unix_ms IS NULL", facts
            )
            if not token_id:
                connection.execute(
                    "UPDATE people SET revoked_unix_ms = :now WHERE key = :key AND revoked_unix_ms IS NULL", facts
                )
        return self.entry(name)

    def entry(self, name: str) -> Entry:
        """A person. Raises NotFound."""
        found = next((one for one in self.list() if compared(one.person.name) == compared(name)), None)
        if found is None:
            raise NotFound("person", name, field="NAME", hint="`inlay people list` shows those there are")
        return found

    def list(self) -> list[Entry]:
        """Everybody, by name."""
        if not self._path.is_file():
            return []
        with contextlib.closing(connect(self._path)) as connection:
            return [
                Entry(_person(row), row["added_unix_ms"], row["revoked_unix_ms"], tokens_of(connection, row["key"]))
                for row in connection.execute("SELECT * FROM people ORDER BY key").fetchall()
            ]

    def _row(self, connection: sqlite3.Connection, name: str) -> sqlite3.Row:
        row = connection.execute("SELECT * FROM people WHERE key = ?", (compared(name),)).fetchone()
        if row is None:
            raise NotFound("person", name, field="NAME", hint="`inlay people list` shows those there are")
        return row

    def _present(self, connection: sqlite3.Connection, name: str) -> sqlite3.Row:
        row = self._row(connection, name)
        if row["revoked_unix_ms"] is not None:
            raise InvalidInput(
                "NAME", repr(row["name"]), "they were revoked; `inlay people add NAME --again` lets them in"
            )
        return row

    @contextlib.contextmanager
    def _changing(self) -> Generator[sqlite3.Connection]:
        """One change, on the disk once the block ends."""
        try:
            if not self._path.exists():
                self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600))
            with contextlib.closing(connect(self._path)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise Unavailable(f"{self._path} cannot be written ({error})", field="data_dir") from error


def checked_name(field: str, name: str) -> str:
    """A name as it is kept. Raises InvalidInput for one that is empty, too long, not printable, or the owner's."""
    shown = unicodedata.normalize("NFC", name.strip())
    if not 1 <= len(shown) <= MAX_NAME:
        raise InvalidInput(field, f"{len(shown)} characters long", f"it must have 1 .. {MAX_NAME}")
    if not shown.isprintable():
        raise InvalidInput(field, repr(shown), "every character must be one that can be printed")
    if compared(shown) == OWNER.name:
        raise InvalidInput(field, repr(shown), "that is whoever has the server's own token; choose another")
    return shown


def _follow(connection: sqlite3.Connection, key: str, person: Person) -> None:
    """Have somebody the role and projects that their groups say."""
    facts = (person.role, "\n".join(person.projects), key)
    connection.execute("UPDATE people SET role = ?, projects = ? WHERE key = ? AND from_groups", facts)


def _person(row: sqlite3.Row) -> Person:
    return Person(row["name"], Role(row["role"]), tuple(filter(None, row["projects"].split("\n"))))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
