"""What a worker tells of a job, as whoever gave it the job hears it."""

from collections.abc import AsyncGenerator, Awaitable, Callable

from inlay.errors import Hindered
from inlay.events import LAST, Happening, Queued
from inlay.jobs.event_codec import decode
from inlay.jobs.workers.base import endless
from inlay.jobs.workers.child import LetGo, Taken, Told

NextReport = Callable[[str, float], Awaitable[Taken | Told | LetGo]]
"""The next report about a job; how many seconds nothing may be told. Raises WorkerDied."""


async def happenings(
    report: NextReport, job_id: str, quiet_s: Callable[[], float] = endless
) -> AsyncGenerator[Happening]:
    """As `inlay.jobs.workers.base.Worker.happenings`."""
    while True:
        told = await report(job_id, quiet_s())
        if isinstance(told, LetGo):
            return
        if isinstance(told, Told):
            happening = decode(told.encoded)
            if (
                isinstance(happening, Queued) and happening.why
            ):  # without a reason it waits elsewhere, and goes on itself
                raise Hindered(happening.why)
            yield happening
            if isinstance(happening, LAST):
                return
