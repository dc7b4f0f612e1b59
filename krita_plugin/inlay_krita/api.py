"""Inlay for scripts: `from inlay_krita import api; job = api.edit(verb="erase"); api.wait(job); api.place(job)`.

Works on the active document and its selection, in Krita's Scripter and in tests. Nothing here shows a dialog.
"""

import time

from . import probe as probes
from . import production
from . import review as reviews
from .client.messages import inlay_pb2
from .client.tasks import Task
from .edit import Edit
from .host import desk
from .host.facts import CannotEdit
from .qt import QtCore
from .session import Session

__all__ = [
    "CannotEdit",
    "apply",
    "connect",
    "edit",
    "edit_again",
    "pins",
    "place",
    "probe",
    "session",
    "share",
    "table",
    "wait",
]

_session: "Session | None" = None


def session() -> Session:
    """The one session of this Krita; started on first use."""
    global _session
    if _session is None:
        _session = Session()
        _session.start()
    return _session


def connect(timeout_s: float = 10.0) -> bool:
    """Waits until the server of the settings answers; whether it does."""
    connection = session().connection
    connection.check()
    _pump(lambda: connection.is_ready, timeout_s)
    return connection.is_ready


def edit(verb: str = "erase", prompt: str = "", count: int = 1, **more) -> Edit:
    """Starts an edit of the selection; `more` are further fields by their names in the recipe. Raises CannotEdit or Trouble."""
    connect()
    wish = session().wish(verb, prompt=prompt, count=count, **more)
    return session().run(wish, places_itself=False)


def edit_again() -> Edit:
    """Starts the recipe of the selected result anew. Raises CannotEdit or Trouble."""
    connect()
    return session().run_again(places_itself=False)


def finish() -> Edit:
    """Starts finishing the draft that the selected result shows. Raises CannotEdit or Trouble."""
    connect()
    return session().finish(places_itself=False)


def wait(job: Edit, timeout_s: float = 300.0) -> Edit:
    """Waits, with Krita alive meanwhile, until the edit's pixels are here. Raises RuntimeError if it failed."""
    _pump(lambda: job.has_ended, timeout_s)
    if job.phase in ("failed", "cancelled"):
        raise RuntimeError(job.message or job.phase)
    if not job.has_ended:
        raise TimeoutError(f"the edit is still {job.phase} after {timeout_s} s")
    return job


def place(job: Edit, timeout_s: float = 60.0) -> str:
    """Places a finished edit as a group on top of its document; returns the group's unique id."""
    job.place()
    _pump(lambda: job.phase not in ("finished", "placing"), timeout_s)
    if job.phase != "placed":
        raise RuntimeError(job.message or job.phase)
    return job.group_id


def share(name: str, timeout_s: float = 60.0) -> str:
    """Shows the variations of the selected result to somebody; the link, which is on the clipboard, too.

    Raises CannotEdit or Trouble.
    """
    connect()
    return _result(session().share(name), timeout_s)


def pins(timeout_s: float = 60.0) -> "list[dict]":
    """What reviewers of the active document ask for and nobody has done: who says what, and where in the document (x, y, w, h).

    Raises CannotEdit or Trouble.
    """
    connect()
    document = _front()
    found = []
    for review in _result(Task(session().reviews.of(document)), timeout_s):
        for pin, name in reviews.open_pins(review):
            place = tuple(reviews.place_of(document, review, pin))
            found.append({"pin_id": pin.pin_id, "name": name, "text": pin.text, "draft": pin.draft, "place": place})
    return found


def apply(documents: "list | None" = None, timeout_s: float = 600.0) -> "list[dict]":
    """Does the edit of the selected result in other open documents, None: in all of them; what became of each.

    Each is `row` (the document's name), `state` (done, flagged, failed, cancelled) and what is `said`. Flagged: what was selected
    could not be found for sure; what is like it is selected there, if anything is, and nothing is painted.
    Raises CannotEdit, Trouble.
    """
    connect()
    others = production.others_of(_front()) if documents is None else documents
    return _worked(production.Apply(session(), _front(), others), timeout_s)


def table(
    rows: "list[str]", formats: "tuple[str, ...]" = (production.HERE,), path: str = "", timeout_s: float = 600.0
) -> "list[dict]":
    """Paints variations of the selected result that differ in one thing, each row in each format; what became of each cell.

    path: `words.prompt` or `words.target_color`; empty: what the result's own verb is about. formats: as FrameFormats names them;
    an empty one is this picture. A cell has `row`, `column`, `state`, `said`. Raises CannotEdit, Trouble.
    """
    connect()
    document = _front()
    path = path or production.paths_of(session(), document)[0][0]
    return _worked(production.Table(session(), document, path, list(rows), list(formats)), timeout_s)


def _worked(work: production.Work, timeout_s: float) -> "list[dict]":
    _result(work.start(), timeout_s)
    return [{"row": cell.row, "column": cell.column, "state": cell.state, "said": cell.said} for cell in work.cells]


def probe(target_color: str = "", timeout_s: float = 60.0) -> inlay_pb2.ProbeRegionResponse:
    """Measures the selection of the active document, and how far its mean is from a target colour.

    Raises CannotEdit or Trouble.
    """
    connect()
    return _result(Task(_probe(_front(), target_color)), timeout_s)


async def _probe(document, target_color: str) -> inlay_pb2.ProbeRegionResponse:
    sample = await probes.take(session().connection, document, probes.subject(document))
    return await probes.measure(session().connection, sample, target_color)


def _front():
    document = desk.active_document()
    if document is None:
        raise CannotEdit("No picture is open.")
    return document


def _result(task: Task, timeout_s: float):
    _pump(lambda: task.done(), timeout_s)
    if not task.done():
        task.cancel()
        raise TimeoutError(f"no answer after {timeout_s} s")
    return task.result()


def _pump(is_over, timeout_s: float) -> None:
    loop = QtCore.QEventLoop()
    timer = QtCore.QTimer()
    timer.setInterval(5)
    end = time.monotonic() + timeout_s
    timer.timeout.connect(lambda: loop.quit() if is_over() or time.monotonic() > end else None)
    timer.start()
    if not is_over():
        loop.exec()
    timer.stop()  # Krita was seen to fall in this timer's call after the wait was over, as it saved a picture.
    desk.settle_layer_lists()  # A script may close the picture next.
