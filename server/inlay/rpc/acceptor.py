"""Who gets a connection to the HTTP door: a bounded number, and whoever idles longest makes room for whoever comes."""

import asyncio
import contextlib
import errno
import logging
import socket
import ssl
from collections.abc import Callable, Iterable
from typing import Protocol

HANDSHAKE_S = 10.0
"""A TLS handshake takes milliseconds; one that takes this long is none."""

SHARE_OF_ONE_ADDRESS = 0.5
"""Of all connections. Several artists behind one address have room, and one address cannot have all."""

COMPLAINT_PAUSE_S = 60.0
"""Connections that cannot be accepted are logged once in this time, however many there are."""

_RETRY_S = 0.1

_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)

_log = logging.getLogger(__name__)


class Conversation(Protocol):
    """What the acceptor needs to know of one connection's protocol."""

    @property
    def idle_since(self) -> float | None:
        """The loop's time since when nothing is being answered; None while something is."""
        ...

    @property
    def on_end(self) -> Callable[[], None]:
        """Called once when the connection is gone."""
        ...

    @on_end.setter
    def on_end(self, called: Callable[[], None]) -> None: ...

    def hang_up(self) -> None:
        """Close the connection at once; before it stands, nothing happens."""
        ...


class _Guest:
    """One connection, from `accept` on."""

    def __init__(self, address: str, conversation: Conversation) -> None:
        self.address = address
        self.conversation = conversation
        self.greeting: asyncio.Task[None] | None = None

    def leave(self) -> None:
        if self.greeting:
            self.greeting.cancel()
        self.conversation.hang_up()


class Acceptor:
    """Accepts on `listening` until closed; at most `limit` connections stand at a time, handshakes included.

    converse: makes the protocol (an `asyncio.Protocol` too) that a new connection speaks. tls: how it is encrypted.
    """

    def __init__(
        self,
        listening: socket.socket,
        converse: Callable[[], Conversation],
        tls: Callable[[], ssl.SSLContext] | None,
        limit: int,
    ) -> None:
        self._listening = listening
        self._converse = converse
        self._tls = tls
        self._limit = limit
        self._guests: dict[_Guest, None] = {}
        self._complained_s = float("-inf")
        listening.setblocking(False)
        self._task = asyncio.get_running_loop().create_task(self._accept())

    def close(self) -> None:
        """Accept nobody any more; connections that stand are left alone, those that do not yet are dropped."""
        self._task.cancel()
        for guest in self._guests:
            if guest.greeting:
                guest.greeting.cancel()

    async def wait_closed(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, address = await loop.sock_accept(self._listening)
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    self._complain(error, loop.time())
                    self._dismiss(self._guests)
                    await asyncio.sleep(_RETRY_S)
                continue
            self._admit(connection, str(address[0]))
            await asyncio.sleep(0)  # a crowd at the door must not keep the loop from everybody inside

    def _admit(self, connection: socket.socket, address: str) -> None:
        neighbours = [guest for guest in self._guests if guest.address == address]
        if len(neighbours) >= max(1, self._limit * SHARE_OF_ONE_ADDRESS):
            room = self._dismiss(neighbours)
        else:
            room = len(self._guests) < self._limit or self._dismiss(self._guests)
        if not room:  # everyone here is being answered
            connection.close()
            return
        guest = _Guest(address, self._converse())
        guest.conversation.on_end = lambda: self._guests.pop(guest, None)
        self._guests[guest] = None
        guest.greeting = asyncio.get_running_loop().create_task(self._greet(guest, connection))

    async def _greet(self, guest: _Guest, connection: socket.socket) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: guest.conversation,  # pyright: ignore[reportArgumentType] - it is an asyncio.Protocol too
                connection,
                ssl=self._tls() if self._tls else None,
                ssl_handshake_timeout=HANDSHAKE_S if self._tls else None,
            )
        except OSError:  # no TLS, or not in time
            self._guests.pop(guest, None)
        finally:
            guest.greeting = None

    def _dismiss(self, guests: Iterable[_Guest]) -> bool:
        """End the connection that idles longest, if any does."""
        idle = [guest for guest in guests if guest.conversation.idle_since is not None]
        if not idle:
            return False
        longest = min(idle, key=lambda guest: guest.conversation.idle_since or 0.0)
        self._guests.pop(longest, None)
        longest.leave()
        return True

    def _complain(self, error: OSError, now_s: float) -> None:
        if now_s - self._complained_s >= COMPLAINT_PAUSE_S:
            self._complained_s = now_s
            _log.error(
                "%d connections are open and no more can be accepted (%s); raise the limit on open files",
                len(self._guests),
                error.strerror,
            )
