"""A worker as its parent sees it: a child process that is started when needed, asked, stopped, and buried."""

import asyncio
import contextlib
import multiprocessing
import signal
import threading
from collections.abc import AsyncGenerator
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from inlay.errors import WorkerDied
from inlay.jobs.event_codec import decode
from inlay.jobs.events import LAST, Happening
from inlay.jobs.worker import Cancel, Paint, Told, Workplace, work

STOP_S = 2.0
"""A worker ends itself when its pipe closes; one that does not within this time is killed."""

_context = multiprocessing.get_context("spawn")


class WorkerProcess:
    """One child process at a time for `place`. All methods belong to one event loop."""

    def __init__(self, place: Workplace) -> None:
        self.place = place
        self._process: SpawnProcess | None = None
        self._orders: Connection[Paint | Cancel, None] | None = None
        self._inbox: asyncio.Queue[Told | None] = asyncio.Queue()

    async def start(self) -> None:
        """Start the process unless it lives. Returns before it has loaded anything."""
        if self._process and self._process.is_alive():
            return
        await self._bury()
        self._inbox = asyncio.Queue()
        await asyncio.to_thread(self._spawn, asyncio.get_running_loop(), self._inbox)

    async def paint(self, order: Paint) -> AsyncGenerator[Happening]:
        """What happens to the job, up to its last event. Raises WorkerDied, saying how, where the process ends before."""
        try:
            await self.start()
        except OSError as error:
            raise WorkerDied(f"the worker for {self.place.device} could not be started ({error})") from error
        assert self._orders
        try:
            await asyncio.to_thread(self._orders.send, order)
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
        """Ask for the job to be stopped at its next step."""
        if self._orders:
            with contextlib.suppress(OSError):  # it died: whoever reads its reports finds out
                self._orders.send(Cancel(job_id))

    def kill(self) -> None:
        """End the process now."""
        if self._process:
            self._process.kill()

    async def stop(self) -> None:
        """End the process, in the middle of a job if need be."""
        if self._orders:
            self._orders.close()
            self._orders = None
        await self._bury()

    @property
    def was_told_to_end(self) -> bool:
        """It ended by SIGTERM: somebody stops the whole server, and no job is to blame."""
        return self._process is not None and self._process.exitcode == -signal.SIGTERM

    @property
    def pid(self) -> int | None:
        """The process's number while there is one."""
        return self._process.pid if self._process else None

    def _spawn(self, loop: asyncio.AbstractEventLoop, inbox: asyncio.Queue[Told | None]) -> None:
        orders_end, self._orders = _context.Pipe(duplex=False)
        reports, reports_end = _context.Pipe(duplex=False)
        self._process = _context.Process(
            target=work, args=(self.place, orders_end, reports_end), name=f"inlay {self.place.device}", daemon=True
        )
        try:
            self._process.start()
        finally:
            orders_end.close()
            reports_end.close()
        threading.Thread(target=_listen, args=(reports, loop, inbox), daemon=True).start()

    async def _bury(self) -> None:
        process = self._process
        if process:
            await asyncio.to_thread(process.join, STOP_S)
            if process.is_alive():
                process.kill()
                await asyncio.to_thread(process.join)

    async def _death(self) -> WorkerDied:
        await self._bury()
        code = self._process.exitcode if self._process else None
        return WorkerDied(f"the worker for {self.place.device} {_how(code)}")


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


def _how(exit_code: int | None) -> str:
    if exit_code is None or exit_code >= 0:
        return f"ended with exit code {exit_code}"
    name = signal.Signals(-exit_code).name
    hint = ", most often because the machine ran out of memory" if name == "SIGKILL" else ""
    return f"was killed by {name}{hint}"
