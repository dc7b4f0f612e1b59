"""From an approved draft to the finished picture: the variation's own recipe at a higher tier, built on what it shows."""

import uuid
from dataclasses import dataclass

import numpy as np

from inlay.client.client import Client
from inlay.client.edit import check_source, fetch, paint
from inlay.client.watching import Clock, Watcher
from inlay.documents import Document, PlacedEdit
from inlay.errors import BlobMissing, InvalidInput, NotFound
from inlay.job import Job, JobState
from inlay.memory import ResultMemory
from inlay.recipe import Recipe, Tier
from inlay.variation import Variation

_TIERS = list(Tier)
"""From the least spent to the most."""


@dataclass(frozen=True)
class Promoted:
    """A draft that was finished, not yet written anywhere."""

    job_id: str
    """The new job's."""
    number: int
    """Which variation of the draft's job it was, from 1."""
    recipe: Recipe
    variation: Variation
    placed: PlacedEdit
    seconds: dict[str, float]
    """By phase, as the client saw it: upload, queue, paint, fetch."""


def numbered(draft: str) -> tuple[str, int | None]:
    """A job and the number of its variation, from `JOB[:VARIATION]`. Raises InvalidInput."""
    job, colon, number = draft.partition(":")
    if not colon:
        return job, None
    if not number.isdecimal() or int(number) < 1:
        raise InvalidInput("VARIATION", repr(number), "it must be a number from 1, such as JOB:2")
    return job, int(number)


def promote(
    client: Client, document: Document, job: Job, number: int | None, tier: Tier, watcher: Watcher, model: str = ""
) -> Promoted:
    """Paint variation `number` (from 1; None where the job has only one) of a finished job anew at `tier`, and fetch it.

    Interrupting it (KeyboardInterrupt) takes the new job back. Raises InvalidInput for a job that is not done, a tier that is
    not above the job's and a document with other pixels; NotFound for a variation that does not exist and where the
    server dropped the draft's pixels since; and what `inlay.client.edit.paint` raises.
    """
    if job.state is not JobState.DONE:
        hint = "only one that is done can be promoted" if job.state.ended else "wait for it with `inlay jobs watch`"
        raise InvalidInput("JOB", job.job_id, f"it is {job.state}; {hint}")
    if _TIERS.index(tier) <= _TIERS.index(job.recipe.sampling.tier):
        raise InvalidInput(
            "--tier", tier, f"the job was painted at {job.recipe.sampling.tier}; promoting needs a higher one"
        )
    check_source(document, job.recipe)
    number, memory = _chosen(job, client.memories(job.job_id), number)
    source = np.ascontiguousarray(document.samples[job.recipe.canvas.window.slices]).reshape(-1).view(np.uint8).data
    clock, job_id = Clock(), str(uuid.uuid4())

    def send() -> None:
        client.upload(source, watcher.uploaded)

    def submit() -> None:
        nonlocal job
        job = client.finish(job_id, memory, tier=tier, model=model, label=job.label)

    with clock.measure("upload"):
        send()
    try:
        (finished,) = paint(client, job_id, submit, send, watcher, clock)
    except BlobMissing as error:
        hint = f"the server no longer has its {error.field}; make the draft again"
        raise NotFound("draft of job", memory.job_id, field=error.field, hint=hint) from error
    with clock.measure("fetch"):
        placed = fetch(client, job_id, job.recipe, (finished,), watcher)
    return Promoted(job_id, number, job.recipe, finished, placed, clock.seconds)


def _chosen(job: Job, memories: tuple[ResultMemory, ...], number: int | None) -> tuple[int, ResultMemory]:
    """What is to be known of the variation of that number, from 1, and the number. Raises InvalidInput, NotFound."""
    if number is None and len(memories) > 1:
        raise InvalidInput(
            "JOB", job.job_id, f"it has {len(memories)} variations; name one, such as {job.job_id[:8]}:1"
        )
    number = number or 1
    if number > len(memories):
        hint = f"job {job.job_id} has 1 .. {len(memories)}"
        raise NotFound("variation", str(number), field="VARIATION", hint=hint)
    return number, memories[number - 1]
