"""Has Krita composite a whole picture anew without holding the UI: on a thread of its own, in Krita's own code.

`Document.refreshProjection` takes as long as the picture is large (0.1 to 0.6 s at 24 megapixels on two cores). It is a Qt
slot, so a thread's `started` signal can call it directly, with no Python on that thread and no lock of Python held.
"""

from typing import Any

from ..client.tasks import Promise
from ..qt import Qt, QtCore
from . import desk, identity

_waiting: "list[tuple[Any, Any]]" = []
"""Documents whose turn has not come, in order, and the Promise of each; what is asked for twice meanwhile is done once."""

_running: "list[tuple[QtCore.QThread, Promise]]" = []


def refresh(document) -> Promise:
    """Settles once the document's projection shows what its layers say, or the document was closed; Krita's list does at once."""
    desk.settle_layer_lists()
    for waiting, promise in _waiting:
        if waiting == document:
            return promise
    promise = Promise()
    _waiting.append((document, promise))
    _begin_next()
    return promise


def is_idle(document) -> bool:
    """Whether Krita is neither painting in it nor compositing it; asked without waiting."""
    if not document.tryBarrierLock():
        return False
    document.unlock()
    return True


async def settled() -> None:
    """Waits until nothing is being composited; for before calls that hold the UI until Krita is idle."""
    while _running:
        await _running[0][1]


def _begin_next() -> None:
    if _running or not _waiting:
        return
    document, promise = _waiting.pop(0)
    if not identity.is_open(document):
        promise.set_result(None)
        _begin_next()
        return
    direct = Qt.ConnectionType.DirectConnection
    thread = QtCore.QThread()
    thread.started.connect(document.refreshProjection, direct)
    thread.started.connect(thread.quit, direct)

    def finish():
        thread.wait()
        _running.clear()
        promise.document = None
        promise.set_result(None)
        _begin_next()

    thread.finished.connect(finish, Qt.ConnectionType.QueuedConnection)
    promise.document = document  # Lives as long as the thread needs it.
    _running.append((thread, promise))
    thread.start()
