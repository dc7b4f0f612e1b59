"""A worker as its parent sees it: a child process that is started when needed, asked, stopped, and buried."""

import asyncio
import contextlib
import multiprocessing
import signal
import threading
from collections.abc import AsyncGenerator
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import NamedTuple

from inlay.errors import WorkerDied
from inlay.jobs.event_codec import decode
from inlay.jobs.events import LAST, Happening
from inlay.jobs.worker import Cancel, Paint, Told, Workplace, work

STOP_S = 2.0
"""A worker ends itself when its pipe closes; one that does not within this time is killed."""

_context = multiprocessing.get_context("spawn")


class _Child(NamedTuple):
    process: SpawnProcess
    orders: "Connection[Paint | Cancel, None]"


class WorkerProcess:
    """One child process at a time for `place`. All methods belong to one event loop."""

    def __init__(self, place: Workplace) -> None:
        self.place = place
        self._child: _Child | None = None
        self._inbox: asyncio.Queue[Told | None] = asyncio.Queue()
        self._starting: asyncio.Future[_Child] | None = None
        self._sending: asyncio.Future[None] | None = None

    async def start(self) -> None:
        """Start the process unless it lives. Returns before it has loaded anything. Raises OSError."""
        if self._child and self._child.process.is_alive():
            return
        await self._bury()
        self._inbox = asyncio.Queue()
        spawning = asyncio.to_thread(_spawn, self.place, asyncio.get_running_loop(), self._inbox)
        self._starting = asyncio.ensure_future(spawning)
        self._child = await asyncio.shield(self._starting)

    async def paint(self, order: Paint) -> AsyncGenerator[Happening]:
        """What happens to the job, up to its last event. Raises WorkerDied, saying how, where the process ends before."""
        try:
            await self.start()
        except OSError as error:
            raise WorkerDied(f"the worker for {self.place.device} could not be started ({error})") from error
        assert self._child
        try:
            # In a thread: a recipe with a large profile fills the pipe, and a worker that hangs does not empty it.
            self._sending = asyncio.ensure_future(asyncio.to_thread(self._child.orders.send, order))
            await asyncio.shield(self._sending)
        except OSError:
            raise await self._death() from None
        while True:
            told = await self._inbox.get()
            if told is None:
                raise await self._death()
            if told.job_id != order.job_id:
                continue
            happening = decode(told.encoded)
            yield happening
            if isinstance(happening, LAST):
                return

    def cancel(self, job_id: str) -> None:
        """Ask for the job to be stopped at its next step. To be repeated while the job goes on: a worker that is just
        being given the job does not hear it."""
        if self._child and (self._sending is None or self._sending.done()):
            with contextlib.suppress(OSError):  # it died: whoever reads its reports finds out
                self._child.orders.send(Cancel(job_id))

    def kill(self) -> None:
        """End the process now."""
        if self._child:
            self._child.process.kill()

    async def stop(self) -> None:
        """End the process, in the middle of a job or of its own start if need be."""
        if self._starting:
            with contextlib.suppress(OSError):
                self._child = await self._starting
        if self._sending and not self._sending.done():
            self.kill()  # it does not take what it is sent
            await asyncio.wait([self._sending])
        await self._bury()

    @property
    def was_told_to_end(self) -> bool:
        """It ended by SIGTERM: somebody stops the whole server, and no job is to blame."""
        return self._child is not None and self._child.process.exitcode == -signal.SIGTERM

    @property
    def pid(self) -> int | None:
        """The number of the newest process."""
        return self._child.process.pid if self._child else None

    async def _bury(self) -> None:
        if self._child:
            self._child.orders.close()
            process = self._child.process
            await asyncio.to_thread(process.join, STOP_S)
            if process.is_alive():
                process.kill()
                await asyncio.to_thread(process.join)

    async def _death(self) -> WorkerDied:
        await self._bury()
        return WorkerDied(f"the worker for {self.place.device} {_how(self._child)}")


def _spawn(place: Workplace, loop: asyncio.AbstractEventLoop, inbox: asyncio.Queue[Told | None]) -> _Child:
    orders_end, orders = _context.Pipe(duplex=False)
    reports, reports_end = _context.Pipe(duplex=False)
    process = _context.Process(
        target=work, args=(place, orders_end, reports_end), name=f"inlay {place.device}", daemon=True
    )
    with orders_end, reports_end:
        process.start()
    threading.Thread(target=_listen, args=(reports, loop, inbox), daemon=True).start()
    return _Child(process, orders)


def _listen(
    reports: "Connection[None, Told]", loop: asyncio.AbstractEventLoop, inbox: asyncio.Queue[Told | None]
) -> None:
    """Hand reports to the loop. A thread of its own: a worker that hangs in the middle of a report must not stop the loop."""
    try:
        with reports:
            while True:
                try:
                    told = reports.recv()
                except (EOFError, OSError):
                    told = None
                loop.call_soon_threadsafe(inbox.put_nowait, told)
                if told is None:
                    return
    except RuntimeError:  # the loop is closed
        return


def _how(child: _Child | None) -> str:
    exit_code = child.process.exitcode if child else None
    if exit_code is None or exit_code >= 0:
        return f"ended with exit code {exit_code}"
    name = signal.Signals(-exit_code).name
    hint = ", most often because the machine ran out of memory" if name == "SIGKILL" else ""
    return f"was killed by {name}{hint}"
