"""Approved drafts, painted in earnest: each version once, from exactly what it shows, whatever happens to the server meanwhile."""

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from inlay.edit.finish import TIERS, final_of
from inlay.errors import BlobMissing, InlayError, InvalidInput, Unavailable
from inlay.events import Done, Failed, JobCancelled, VariationDone
from inlay.job import Job, JobState, Ticket
from inlay.jobs.queue import Jobs
from inlay.memory import ResultMemory
from inlay.person import Person
from inlay.recipe import DRAFT, Tier
from inlay.review.events import Final, FinalState, Verdict
from inlay.review.standing import Key, Review
from inlay.variation import Patch, Variation

NAMES = uuid.UUID("3f6c1f54-3b0e-4f0e-9f5a-6f1f5f3f8a11")
"""The name space of finals' job ids: who approves a version twice has it painted once."""

_log = logging.getLogger(__name__)

Read = Callable[[str], Review]
Write = Callable[[str, Final, Sequence[str]], Awaitable[object]]
"""Of a review by its id: what happened, and the jobs that it keeps from now on."""


class Finals:
    """Those that are being painted. Everything here belongs to one event loop."""

    def __init__(self, jobs: Jobs, read: Read, write: Write) -> None:
        self._jobs = jobs
        self._read = read
        self._write = write
        self._tasks: dict[tuple[str, Key], asyncio.Task[None]] = {}

    async def stop(self) -> None:
        """Follow none any more; the next server goes on."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def paint_owed(self, review: Review) -> None:
        """Have whatever is approved and has no final yet painted, in tasks of their own."""
        for key in review.versions:
            final, name = review.finals.get(key), (review.review_id, key)
            owed = final.state is FinalState.PAINTING if final else review.state(key).verdict is Verdict.APPROVE
            if owed and name not in self._tasks:
                task = self._tasks[name] = asyncio.create_task(self._finish(review.review_id, key))
                task.add_done_callback(lambda _, name=name: self._tasks.pop(name, None))

    async def _finish(self, review_id: str, key: Key) -> None:
        """Paint a final and write down how that ends, once."""
        try:
            final = await self._painted(review_id, key)
        except (Unavailable, asyncio.CancelledError):
            return  # the server stops; the next one goes on
        except Exception as error:
            if not isinstance(error, InlayError):
                _log.exception("the final of review %s, draft %d, version %d cannot be painted", review_id, *key)
            known = self._read(review_id).finals.get(key)
            final = Final(*key, FinalState.TO_FINISH, known.job_id if known else "", _reason(error))
        await self._write(review_id, final, ())

    async def _painted(self, review_id: str, key: Key) -> Final:
        """The final, its job submitted and seen to its end. Raises what keeps it from being painted."""
        review = self._read(review_id)
        draft = review.versions[key]
        job = await self._jobs.get(draft.job_id)
        if job.recipe.sampling.tier is TIERS[-1]:  # it was painted in earnest already
            return Final(*key, FinalState.DONE, job.job_id)
        painting = review.finals.get(key) or await self._submitted(review_id, key, job, draft.variation)
        if painting.state is not FinalState.PAINTING:
            return painting
        async with contextlib.aclosing(self._jobs.watch(painting.job_id)) as events:
            async for event in events:
                match event.happening:
                    case Done():
                        return replace(painting, state=FinalState.DONE)
                    case Failed(message=message):
                        return replace(painting, state=FinalState.TO_FINISH, reason=message)
                    case JobCancelled():
                        return replace(painting, state=FinalState.TO_FINISH, reason="its job was taken back")
                    case _:
                        pass
        raise Unavailable("the server stops; the job goes on when it is back")

    async def _submitted(self, review_id: str, key: Key, job: Job, number: int) -> Final:
        variation, patch = await patch_of(self._jobs, job, number)
        recipe = final_of(
            ResultMemory(job.job_id, job.recipe, patch, variation.index, "", variation.receipt), tier=Tier.FINAL
        )
        painter = await asyncio.to_thread(self._jobs.registry.painter_of, recipe)
        if DRAFT not in painter.accepts:  # it paints no better at a higher tier
            return Final(*key, FinalState.DONE, job.job_id)
        job_id = str(uuid.uuid5(NAMES, f"{review_id}/{key[0]}/{key[1]}"))
        by = Person(job.person, projects=(job.project,) if job.project else ())
        await self._jobs.submit(job_id, recipe, Ticket(job.label, parent=job.job_id, batch=job.batch, by=by))
        final = Final(*key, FinalState.PAINTING, job_id)
        await self._write(review_id, final, (job_id,))
        return final


async def patch_of(jobs: Jobs, job: Job, number: int) -> tuple[Variation, Patch]:
    """A finished variation and what it puts into the picture. Raises InvalidInput, Unsupported where it is no patch."""
    for event in await jobs.poll(job.job_id):
        happening = event.happening
        if isinstance(happening, VariationDone) and happening.variation.index == number:
            return happening.variation, happening.variation.patch
    hint = (
        "wait for it" if job.state in (JobState.QUEUED, JobState.RUNNING) else "`inlay jobs list` shows those there are"
    )
    raise InvalidInput("variation", number, f"job {job.job_id} has no such result; {hint}")


def _reason(error: Exception) -> str:
    if isinstance(error, BlobMissing):
        missing = error.field.removesuffix(".blob")
        return f"the server no longer has its {missing}; finish it from its layer in the document"
    return error.message if isinstance(error, InlayError) else type(error).__name__
