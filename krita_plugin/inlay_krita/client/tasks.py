"""Coroutines on Qt's event loop: `await` a network answer, a timer or a worker thread without blocking anybody."""

import signal
import threading
from collections.abc import Generator
from concurrent.futures import Future
from typing import Any

from ..qt import QObject, QtCore, QTimer, Signal


class Cancelled(Exception):
    """The task was told to stop."""


class Promise(Future):
    """A value that comes later. Tasks await it; it is settled once, on the thread of Qt's event loop, and never waited for."""

    def __await__(self) -> "Generator[Any, None, Any]":
        if not self.done():
            yield self
        return self.result()


class Task(Promise):
    """A running coroutine. It starts at once and runs to its first `await`."""

    def __init__(self, coroutine):
        super().__init__()
        self._coroutine = coroutine
        self._waits_for = None
        self._advance(lambda: coroutine.send(None))

    def cancel(self) -> bool:
        """Raises Cancelled inside the coroutine, where it waits."""
        if self.done() or self._waits_for is None:
            return False
        self._advance(lambda: self._coroutine.throw(Cancelled()))
        return True

    def _step(self, promise) -> None:
        if promise is self._waits_for:  # Else it was cancelled meanwhile.
            self._advance(lambda: self._coroutine.send(None))

    def _advance(self, resume) -> None:
        self._waits_for = None
        try:
            self._waits_for = promise = resume()
        except StopIteration as end:
            self.set_result(end.value)
        except BaseException as error:
            self.set_exception(error)
        else:
            promise.add_done_callback(self._step)


def sleep(seconds: float) -> Promise:
    """Settles after `seconds`; 0: after the event loop went round once."""
    promise = Promise()
    QTimer.singleShot(int(seconds * 1000), lambda: promise.set_result(None))
    return promise


class _Courier(QObject):
    """Carries calls from other threads into the thread of the event loop. There is one, which lives as long as Krita."""

    called = Signal(object)

    def __init__(self):
        super().__init__()
        self.called.connect(self._call, QtCore.Qt.ConnectionType.QueuedConnection)

    def _call(self, function) -> None:
        function()


_courier = _Courier()


def in_thread(function, heard: Any = None) -> Promise:
    """Runs `function()` on a thread of its own. It must not touch Krita or widgets.

    heard: where given, `function(tell)` is run instead, and `heard(...)` is called here with what it tells.
    """
    promise = Promise()

    def tell(*values):
        _courier.called.emit(lambda: heard(*values))

    def work():
        if hasattr(signal, "pthread_sigmask"):  # Else a server that hangs up ends Krita: its Python does not ignore it.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPIPE})
        try:
            value = function(tell) if heard else function()
        except Exception as error:
            _courier.called.emit(lambda error=error: promise.set_exception(error))
        else:
            _courier.called.emit(lambda: promise.set_result(value))

    threading.Thread(target=work, daemon=True).start()  # Krita may quit while a server is silent.
    return promise
