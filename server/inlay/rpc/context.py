"""What a door tells about a call."""

from typing import Protocol

from inlay.person import Person, Principal


class Context(Protocol):
    """What a door tells about a call. A call that the client gave up, or that ran out of time, is cancelled as a task."""

    @property
    def language(self) -> str:
        """What the call's `accept-language` asks for, as it stands there; empty without one."""
        ...

    def time_remaining_s(self) -> float | None:
        """Seconds until the caller's deadline; None without one."""
        ...

    @property
    def principal(self) -> Principal:
        """Who calls."""
        ...

    @property
    def person(self) -> Person:
        """Who calls, as a person."""
        ...

    @property
    def caller(self) -> str:
        """The caller's address and port, for the log."""
        ...

    @property
    def host(self) -> str:
        """The caller's address."""
        ...
