"""What systemd is told of a server: that it is ready, that its loop still turns, that it stops. sd_notify(3), in a few lines."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Generator


def tell(what: str) -> None:
    """A line such as `READY=1` to who started this process, if it listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address or not hasattr(socket, "AF_UNIX"):
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
        to.connect(f"\0{address[1:]}" if address.startswith("@") else address)
        to.sendall(what.encode())


@contextlib.contextmanager
def watched() -> Generator[None]:
    """While the block runs, the event loop says that it turns, twice as often as systemd's watchdog wants to hear it."""
    patience_s = int(os.environ.get("WATCHDOG_USEC") or 0) / 1e6
    if not patience_s or os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        yield
        return

    async def turn() -> None:
        while True:
            tell("WATCHDOG=1")
            await asyncio.sleep(patience_s / 2)

    turning = asyncio.create_task(turn())
    try:
        yield
    finally:
        turning.cancel()
