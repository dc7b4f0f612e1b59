"""How many bytes of requests are worked on at a time: whoever sends many large ones at once waits for himself."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from inlay.wire.contract import MAX_MESSAGE_BYTES

MAX_BYTES = 4 * MAX_MESSAGE_BYTES
"""Parsed and checked, a request takes several times its bytes."""

FREE_BYTES = 64 * 2**10
"""Requests up to this size never wait: polls, which may take half a minute, are as small."""


class InFlight:
    """The larger requests that are being answered, on one event loop."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._held = 0
        self._changed = asyncio.Condition()

    @contextlib.asynccontextmanager
    async def hold(self, count: int) -> AsyncGenerator[None]:
        """Work on a request of `count` bytes until the block ends; waits while too many bytes are worked on."""
        if count <= FREE_BYTES:
            yield
            return
        async with self._changed:
            await self._changed.wait_for(lambda: self._held == 0 or self._held + count <= self._max_bytes)
            self._held += count
        try:
            yield
        finally:
            self._held -= count
            async with self._changed:
                self._changed.notify_all()
