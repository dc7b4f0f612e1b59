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


async def submit(connection, job_id: str, recipe, label: str, lost):
    """Hands a recipe over until the server took it; the same id again is the same job. `lost(trouble)` on each drop."""
    request = inlay_pb2.SubmitEditRequest(job_id=job_id, recipe=recipe, label=label)
    failures = 0
    while True:
        try:
            answer = await connection.line.call("SubmitEdit", request, inlay_pb2.SubmitEditResponse)
            return answer.job
        except Trouble as trouble:
            if not trouble.is_transient:
                raise
            failures = await _pause(trouble, failures, lost)


async def take_back(connection, job_id: str) -> None:
    """Cancels a job; asks until the server heard it. Gives up where it does not know the job."""
    request, failures = inlay_pb2.CancelJobRequest(job_id=job_id), 0
    while True:
        try:
            await connection.line.call("CancelJob", request, inlay_pb2.CancelJobResponse)
            return
        except Trouble as trouble:
            if not trouble.is_transient:
                return
            failures = await _pause(trouble, failures, lambda _trouble: None)


async def follow(connection, job_id: str, heard, lost) -> str:
    """Calls `heard(event)` for each event in order; returns the last one's name, see LAST_EVENTS.

    `lost(trouble)` is called when the server is gone, and again for each attempt to reach it. Raises Trouble where the
    server is there but does not know the job.
    """
    seq, failures, last = 0, 0, ""
    while not last:
        try:
            request = inlay_pb2.PollJobRequest(job_id=job_id, after_seq=seq, wait_ms=WAIT_MS)
            answer = await connection.line.call("PollJob", request, inlay_pb2.PollJobResponse)
            failures = 0
            for event in answer.events:
                seq = event.seq
                heard(event)
                kind = event.WhichOneof("happening")
                last = kind if kind in LAST_EVENTS else ""
        except Trouble as trouble:
            if not trouble.is_transient:
                raise
            failures = await _pause(trouble, failures, lost)
        else:
            await sleep(BREATH_S)
    return last


async def _pause(trouble, failures: int, lost) -> int:
    lost(trouble)
    await sleep(RETRY_S[min(failures, len(RETRY_S) - 1)])
    return failures + 1
