"""Measuring pixels in a child process, one region at a time: what it takes of memory is never taken from the server."""

import asyncio
import contextlib
import multiprocessing
import os
import queue
import signal
import threading
from importlib import import_module
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from inlay.blobs import BlobStore
from inlay.color.raster import Raster
from inlay.errors import InlayError, Unavailable
from inlay.recipe import NamedColor
from inlay.region import Rect, Size

if TYPE_CHECKING:
    from inlay.edit.brand_check import BrandCheck
    from inlay.edit.carry import Carried
    from inlay.edit.probe import RegionProbe

IDLE_S = 120.0
"""Whoever measures once measures again; after this the process ends."""

_context = multiprocessing.get_context("spawn")


class Question(NamedTuple):
    """What is to be measured: a function `module:name` of what it is asked and the blob store."""

    measure: str
    asked: Any


class Refusal(NamedTuple):
    """An error on its way between processes: exceptions with arguments of their own cannot be pickled."""

    kind: type[InlayError]
    facts: dict[str, Any]

    def error(self) -> InlayError:
        error = self.kind.__new__(self.kind)
        error.__dict__.update(self.facts)
        error.args = (error.message,)
        return error


class _Child(NamedTuple):
    process: SpawnProcess
    line: "Connection[Question, Any]"


class Prober:
    """Measures what lies in the blob store at `blobs`. All methods belong to one event loop."""

    def __init__(self, blobs: Path) -> None:
        self._blobs = blobs
        self._turn = asyncio.Lock()
        self._child: _Child | None = None
        self._ending: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int | None:
        """The process that measures; None where none does."""
        return self._child.process.pid if self._child else None

    async def probe(self, source: Raster, mask: Raster, target_color: str) -> "RegionProbe":
        """What `inlay.edit.probe.probe_region` says. Raises as `ask`."""
        return await self.ask(Question("inlay.edit.probe:probe_asked", (source, mask, target_color)))

    async def check_brand(self, source: Raster, mask: Raster | None, colors: tuple[NamedColor, ...]) -> "BrandCheck":
        """What `inlay.edit.brand_check.check_asked` says. Raises as `ask`."""
        return await self.ask(Question("inlay.edit.brand_check:check_asked", (source, mask, colors)))

    async def carry(
        self, master: Raster, master_size: Size, region: Rect, mask: Raster, sibling: Raster, sibling_size: Size
    ) -> "Carried":
        """What `inlay.edit.carry.carry_asked` says. Raises as `ask`."""
        asked = (master, master_size, region, mask, sibling, sibling_size)
        return await self.ask(Question("inlay.edit.carry:carry_asked", asked))

    async def ask(self, question: Question) -> Any:
        """The answer to a question. Whoever stops waiting stops the measuring, too.

        Raises as what measures does; Unavailable where the process died, OSError where none can be started.
        """
        async with self._turn:
            if self._ending:
                self._ending.cancel()
            if self._child is None:
                self._child = await asyncio.to_thread(_spawn, self._blobs)
            try:
                answer = await asyncio.to_thread(_ask, self._child, question)
            except BaseException as error:
                self.stop()
                if isinstance(error, EOFError | ConnectionError):
                    raise Unavailable("the process that measures died, most likely for want of memory") from None
                raise
            self._ending = asyncio.get_running_loop().call_later(IDLE_S, self.stop)
        if isinstance(answer, Refusal):
            raise answer.error()
        return answer

    def stop(self) -> None:
        """End the process, whatever it does."""
        if self._child:
            self._child.process.kill()
            self._child = None


def _spawn(blobs: Path) -> _Child:
    line, far_end = _context.Pipe()
    with far_end:
        process = _context.Process(target=_measure, args=(blobs, far_end), name="inlay probe", daemon=True)
        process.start()
    return _Child(process, line)


def _ask(child: _Child, question: Question) -> Any:
    try:
        child.line.send(question)
        return child.line.recv()
    except (EOFError, OSError):
        child.line.close()
        child.process.join()
        raise


def _measure(folder: Path, line: "Connection[Any, Question]") -> None:
    """The life of the child process; it ends in the middle of whatever it does when its parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    questions: queue.SimpleQueue[Question] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(line, questions), daemon=True).start()
    blobs = BlobStore(folder, create=False)
    while True:
        measure, asked = questions.get()
        try:
            module, _, name = measure.partition(":")
            answer = getattr(import_module(module), name)(asked, blobs)  # loads OpenCV, which the parent has no need of
        except InlayError as error:
            answer = Refusal(type(error), vars(error))
        except Exception as error:
            answer = Refusal(InlayError, vars(InlayError(f"{type(error).__name__}: {error}")))
        with contextlib.suppress(OSError):
            line.send(answer)


def _listen(line: "Connection[Any, Question]", questions: "queue.SimpleQueue[Question]") -> None:
    while True:
        try:
            questions.put(line.recv())
        except (EOFError, OSError):
            os._exit(0)
