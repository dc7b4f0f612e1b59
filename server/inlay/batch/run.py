"""Runs a plan through a server: alone, and so that it can be interrupted."""

import contextlib
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, wait
from functools import partial

from inlay.batch.approved import judged
from inlay.batch.cells import Cell
from inlay.batch.making import Making
from inlay.batch.onlooker import Onlooker, Ran, Unseen
from inlay.batch.plan import Plan
from inlay.batch.written import make_folder
from inlay.client.client import Client
from inlay.errors import InvalidInput
from inlay.lock import try_hold
from inlay.review.standing import Review

_PIECE_S = 0.2


def run(
    plan: Plan,
    cells: Sequence[Cell],
    client: Client,
    onlooker: Onlooker | None = None,
    stop_after: int = 0,
    review: Review | None = None,
) -> Ran:
    """Make the file of each cell. stop_after: leave the rest after so many failures in a row; 0: never.

    review: has judged the cells' drafts: what it approved becomes the final, what it turned down is told.

    Interrupting it (KeyboardInterrupt) takes back what is on its way. Raises Unavailable and Unauthenticated where the server is
    gone, InvalidInput where the manifest cannot be written, or another run is at work; run it again to go on.
    """
    make_folder(plan.folder)
    with _alone(plan):
        running = Making(plan, client, onlooker or Unseen(), stop_after, judged(review) if review else {})
        # Not in this thread: gRPC does not stand an interruption in the midst of a call, and would never close its channel.
        ran: Future[Ran] = Future()
        threading.Thread(target=lambda: _settle(ran, partial(running.all, cells)), daemon=True).start()
        try:
            return _result_of(ran)
        except KeyboardInterrupt:
            running.interrupt()
            _result_of(ran)
            raise


def _settle(future: "Future[Ran]", work: Callable[[], Ran]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # it is raised where somebody waits for it
        future.set_exception(error)


def _result_of(future: "Future[Ran]") -> Ran:
    """Waits in short pieces: on Windows Ctrl-C comes only between them."""
    while not wait([future], _PIECE_S).done:
        pass
    return future.result()


@contextlib.contextmanager
def _alone(plan: Plan) -> Generator[None]:
    """Two runs of one plan would write the same files."""
    held = try_hold(plan.folder / f".{plan.path.stem}.lock")
    if held is None:
        raise InvalidInput("PLAN", str(plan.path), "another run of it is at work; wait for it, or end it")
    with held:
        yield
