"""Coroutines on Qt's event loop: `await` a network answer, a timer or a worker thread without blocking anybody."""

import signal
import threading
from collections.abc import Generator
from typing import Any

from ..qt import QObject, QtCore, QTimer, Signal


class Cancelled(Exception):
    """The task was told to stop."""


class Promise:
    """A value that comes later. Tasks await it; it is settled once, by `resolve` or `reject`."""

    def __init__(self):
        self.settled = False
        self._value: Any = None
        self._error: BaseException | None = None
        self._watchers = []

    def resolve(self, value=None) -> None:
        self._settle(value, None)

    def reject(self, error: BaseException) -> None:
        self._settle(None, error)

    def _settle(self, value, error) -> None:
        if self.settled:
            return
        self.settled, self._value, self._error = True, value, error
        watchers, self._watchers = self._watchers, []
        for watcher in watchers:
            watcher(self)

    def when_settled(self, watcher) -> None:
        """Calls `watcher(self)` once settled; at once if it is."""
        if self.settled:
            watcher(self)
        else:
            self._watchers.append(watcher)

    def forget(self, watcher) -> None:
        """Takes a watcher back."""
        if watcher in self._watchers:
            self._watchers.remove(watcher)

    def result(self) -> Any:
        """The value; raises the error it was rejected with."""
        if self._error is not None:
            raise self._error
        return self._value

    @property
    def error(self) -> "BaseException | None":
        return self._error

    def __await__(self) -> "Generator[Any, None, Any]":
        if not self.settled:
            yield self
        return self.result()


class Task(Promise):
    """A running coroutine. It starts at once and runs to its first `await`."""

    def __init__(self, coroutine):
        super().__init__()
        self._coroutine = coroutine
        self._waits_for = None
        self._step(None)

    def cancel(self) -> None:
        """Raises Cancelled inside the coroutine, where it waits."""
        if self.settled or self._waits_for is None:
            return
        self._waits_for.forget(self._step)
        self._advance(lambda: self._coroutine.throw(Cancelled()))

    def _step(self, _promise) -> None:
        self._advance(lambda: self._coroutine.send(None))

    def _advance(self, resume) -> None:
        self._waits_for = None
        try:
            self._waits_for = resume()
        except StopIteration as end:
            self.resolve(end.value)
        except BaseException as error:
            self.reject(error)
        else:
            self._waits_for.when_settled(self._step)


def sleep(seconds: float) -> Promise:
    """Settles after `seconds`; 0: after the event loop went round once."""
    promise = Promise()
    QTimer.singleShot(int(seconds * 1000), promise.resolve)
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
            _courier.called.emit(lambda error=error: promise.reject(error))
        else:
            _courier.called.emit(lambda: promise.resolve(value))

    threading.Thread(target=work, daemon=True).start()  # Krita may quit while a server is silent.
    return promise
