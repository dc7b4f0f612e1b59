"""Follows a submitted job to its end, over drops and restarts, without missing an event or seeing one twice."""

from .messages import inlay_pb2
from .tasks import sleep
from .trouble import Trouble

WAIT_MS = 20_000
"""How long the server holds an answer back until something happens. Less than a call's longest silence."""

BREATH_S = 0.05
"""What happens within so long comes in one answer."""

RETRY_S = (0.3, 1.0, 2.0, 3.0)
LAST_EVENTS = ("done", "failed", "cancelled")


async def persist(connection, request, lost=lambda trouble: None):
    """The answer to a request, which is asked again until it comes; `lost(trouble)` on each drop. Raises Trouble that stays."""
    return await insist(lambda: connection.line.call(request), lost)


async def insist(ask, lost=lambda trouble: None):
    """What `await ask()` gives, asked again until nothing drops; `lost(trouble)` on each drop. Raises Trouble that stays."""
    failures = 0
    while True:
        try:
            return await ask()
        except Trouble as trouble:
            if not trouble.is_transient:
                raise
            lost(trouble)
            await sleep(RETRY_S[min(failures, len(RETRY_S) - 1)])
            failures += 1


async def follow(connection, job_id: str, heard, lost) -> str:
    """Calls `heard(event)` for each event in order; returns the last one's name, see LAST_EVENTS.

    `lost(trouble)` is called when the server is gone, and again for each attempt to reach it. Raises Trouble where the
    server is there but does not know the job.
    """
    request, last = inlay_pb2.PollJobRequest(job_id=job_id, wait_ms=WAIT_MS), ""
    while not last:
        for event in (await persist(connection, request, lost)).events:
            request.after_seq = event.seq
            heard(event)
            kind = event.WhichOneof("happening")
            last = kind if kind in LAST_EVENTS else ""
        await sleep(BREATH_S)
    return last
