"""Between the contract's messages and jobs, their events and the engines; the same rules as in `convert`."""

import math

from inlay.capabilities import Capabilities
from inlay.errors import InvalidInput
from inlay.events import (
    Done,
    Event,
    Failed,
    Happening,
    JobCancelled,
    Loading,
    Preview,
    Queued,
    Step,
    VariationDone,
)
from inlay.job import Job, JobState, Rating
from inlay.v1 import inlay_pb2, job_pb2
from inlay.wire.convert import (
    VERBS,
    Names,
    optional_float,
    recipe_from,
    recipe_to,
    rect_from,
    rect_to,
    size_from,
    size_to,
    variation_from,
    variation_to,
    verb_from,
)

STATES = Names(job_pb2.JobState, "JOB_STATE_", tuple(JobState))
RATINGS = Names(job_pb2.Rating, "RATING_", tuple(Rating))


def job_from(message: job_pb2.Job, field: str = "job") -> Job:
    """The job. Raises InvalidInput where a part is missing or out of range."""
    if not message.HasField("recipe"):
        raise InvalidInput(f"{field}.recipe", "not set", "it must be set")
    return Job(
        job_id=message.job_id,
        state=JobState(STATES.value(message.state, f"{field}.state")),
        recipe=recipe_from(message.recipe, f"{field}.recipe."),
        last_seq=message.last_seq,
        submitted_unix_ms=message.submitted_unix_ms,
        variations_done=message.variations_done,
        fetched=message.fetched,
        label=message.label,
        attempts=message.attempts,
        deaths=message.deaths,
    )


def job_to(job: Job) -> job_pb2.Job:
    return job_pb2.Job(
        job_id=job.job_id,
        state=STATES.number(job.state),
        recipe=recipe_to(job.recipe),
        last_seq=job.last_seq,
        submitted_unix_ms=job.submitted_unix_ms,
        variations_done=job.variations_done,
        fetched=job.fetched,
        label=job.label,
        attempts=job.attempts,
        deaths=job.deaths,
    )


def rating_from(number: int) -> Rating:
    """The rating. Raises InvalidInput where it is not set or unknown."""
    return Rating(RATINGS.value(number, "rating"))


def event_from(message: job_pb2.JobEvent) -> Event:
    """The event. Raises InvalidInput where it holds nothing, or something of a later contract, or is out of range."""
    return Event(seq=message.seq, time_unix_ms=message.time_unix_ms, happening=_happening_from(message))


def _happening_from(message: job_pb2.JobEvent) -> Happening:
    match message.WhichOneof("event"):
        case "queued":
            queued = message.queued
            return Queued(queued.position, optional_float(queued, "eta_s", "event.queued."), queued.why)
        case "loading":
            return Loading(message.loading.what)
        case "step":
            step = message.step
            return Step(step.index, step.total, step.phase, optional_float(step, "eta_s", "event.step."))
        case "preview":
            return _preview_from(message.preview)
        case "variation":
            return VariationDone(variation_from(message.variation.variation, "event.variation.variation"))
        case "done":
            if not math.isfinite(message.done.seconds):
                raise InvalidInput("event.done.seconds", message.done.seconds, "it must be a finite number")
            return Done(message.done.seconds)
        case "failed":
            return Failed(message.failed.code, message.failed.message, message.failed.field)
        case "cancelled":
            return JobCancelled()
        case _:
            raise InvalidInput("event", "not set or newer than this program", "it must be set; update Inlay here")


def _preview_from(message: job_pb2.PreviewEvent) -> Preview:
    size = size_from(message.size, "event.preview.size")
    if len(message.rgb) != size.area * 3:
        raise InvalidInput("event.preview.rgb", f"{len(message.rgb)} bytes", f"it must be {size.area * 3} bytes")
    return Preview(message.variation, size, rect_from(message.bounds, "event.preview.bounds"), message.rgb)


def event_to(event: Event) -> job_pb2.JobEvent:
    message = job_pb2.JobEvent(seq=event.seq, time_unix_ms=event.time_unix_ms)
    match event.happening:
        case Queued(position, eta_s, why):
            message.queued.CopyFrom(job_pb2.QueuedEvent(position=position, eta_s=eta_s, why=why))
        case Loading(what):
            message.loading.CopyFrom(job_pb2.LoadingEvent(what=what))
        case Step(index, total, phase, eta_s):
            message.step.CopyFrom(job_pb2.StepEvent(index=index, total=total, phase=phase, eta_s=eta_s))
        case Preview(variation, size, bounds, rgb):
            message.preview.CopyFrom(
                job_pb2.PreviewEvent(variation=variation, size=size_to(size), bounds=rect_to(bounds), rgb=rgb)
            )
        case VariationDone(variation):
            message.variation.CopyFrom(job_pb2.VariationEvent(variation=variation_to(variation)))
        case Done(seconds):
            message.done.CopyFrom(job_pb2.DoneEvent(seconds=seconds))
        case Failed(code, text, field):
            message.failed.CopyFrom(job_pb2.FailedEvent(code=code, message=text, field=field))
        case JobCancelled():
            message.cancelled.CopyFrom(job_pb2.CancelledEvent())
    return message


def model_from(message: inlay_pb2.Model) -> Capabilities:
    """What an engine elsewhere can do; verbs of a later contract are left out."""
    return Capabilities(
        name=message.id,
        description=message.title,
        verbs=frozenset(verb_from(verb) for verb in message.verbs if VERBS.knows(verb)),
        understands_prompts=message.understands_prompts,
        native_px=message.native_px,
        max_px=message.max_px,
        accepts=frozenset({"draft"} if message.promotes else ()),
    )


def model_to(engine: Capabilities) -> inlay_pb2.Model:
    return inlay_pb2.Model(
        id=engine.name,
        title=engine.description or engine.name,
        verbs=sorted(VERBS.number(verb) for verb in engine.verbs),
        understands_prompts=engine.understands_prompts,
        native_px=engine.native_px,
        max_px=engine.max_px,
        promotes=engine.promotes,
    )
