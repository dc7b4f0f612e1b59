"""However many models, phases and errors others name: the figures stay few, and what came first keeps its name."""

import uuid
from collections import Counter
from dataclasses import replace

from inlay.events import Done, Step, VariationDone
from inlay.job import Job, JobState, Lane
from inlay.jobs.occurrences import Accepted, Died, Happened, Released, Returned, Taken
from inlay.jobs.workers.base import Memory
from inlay.operations.figures import MAX_NAMES, OTHER
from inlay.operations.metrics import Metrics
from inlay.recipe import Recipe, Resolved
from inlay.region import Size
from support.edits import MemoryBlobs
from support.job_room import small_recipe, variation
from support.scraping import Scraped


def job_of(recipe: Recipe, model: str) -> Job:
    resolved = Resolved(model, working=Size(1000, 500))
    recipe = replace(recipe, sampling=replace(recipe.sampling, resolved=resolved))
    return Job(
        str(uuid.uuid4()),
        JobState.QUEUED,
        recipe,
        0,
        0,
        0,
        False,
        "",
        Lane.DRAFT,
        "",
        "",
        device="",
        attempts=0,
        deaths=0,
    )


def painted(metrics: Metrics, recipe: Recipe, model: str, phase: str = "paint") -> None:
    """A job from its acceptance to its end, on a worker that has its model afterwards."""
    job = job_of(recipe, model)
    done = variation(recipe, 0, "a")
    report = replace(done.variation.report, details={"seconds": {phase: 1.0}})
    for occurrence in (
        Accepted(job),
        Taken(job.job_id, "cpu", ()),
        Happened(job.job_id, Step(1, 1, "painting")),
        Happened(job.job_id, VariationDone(replace(done.variation, report=report))),
        Released(job.job_id, "cpu", (model,), Memory(1000)),
        Happened(job.job_id, Done(2.0)),
    ):
        metrics.hear(occurrence)


def told(metrics: Metrics) -> Scraped:
    return Scraped(metrics.exposition("")[0].decode())


def measuring(refused: Counter[str] | None = None) -> Metrics:
    return Metrics(("cpu",), refused or Counter(), lambda: "", lambda: (0, 1))


def test_series_are_bounded_whatever_others_name() -> None:
    refused = Counter({f"error_{number}": 1 for number in range(1000)})
    metrics, recipe = measuring(refused), small_recipe(MemoryBlobs())  # pyright: ignore[reportArgumentType]
    for number in range(3 * MAX_NAMES):
        painted(metrics, recipe, f"model-{number}", f"phase-{number}")
    now = told(metrics)
    for name, label in (
        ("inlay_painting_seconds_total", "model"),
        ("inlay_model_load_seconds_count", "model"),
        ("inlay_phase_seconds_total", "phase"),
        ("inlay_calls_refused_total", "reason"),
    ):
        values = now.by(name, label)
        assert len(values) == MAX_NAMES + 1
        assert (OTHER,) in values
    assert now("inlay_painting_seconds_total") == 2.0 * 3 * MAX_NAMES
    assert now("inlay_painting_seconds_total", model="model-0") == 2.0
    assert now("inlay_calls_refused_total") == 1000
    assert now("inlay_painted_megapixels_total") == 0.5 * 3 * MAX_NAMES


def test_nothing_is_remembered_of_jobs_that_ended() -> None:
    metrics, recipe = measuring(), small_recipe(MemoryBlobs())  # pyright: ignore[reportArgumentType]
    for _ in range(50):
        painted(metrics, recipe, "classic")
    assert not metrics._jobs  # pyright: ignore[reportPrivateUsage]


def test_a_job_that_goes_back_to_the_line_waits_again_and_has_waited_once() -> None:
    metrics = measuring()
    job = job_of(small_recipe(MemoryBlobs()), "classic")  # pyright: ignore[reportArgumentType]
    counts: list[tuple[float, float]] = []
    for occurrence in (
        Accepted(job),
        Taken(job.job_id, "cpu", ()),
        Returned(job.job_id),
        Taken(job.job_id, "cpu", ()),
        Died(job.job_id, "cpu", "it hung", True),
        Taken(job.job_id, "cpu", ()),
        Happened(job.job_id, Done(1.0)),
    ):
        metrics.hear(occurrence)
        now = told(metrics)
        counts.append((now("inlay_jobs_waiting"), now("inlay_jobs_running")))
    assert counts == [(1, 0), (0, 1), (1, 0), (0, 1), (0, 1), (0, 1), (0, 0)]
    now = told(metrics)
    assert now("inlay_job_wait_seconds_count") == 1
    assert now.by("inlay_painter_deaths_total", "cause") == {("hung",): 1}


def test_a_model_that_was_in_memory_already_was_not_loaded() -> None:
    metrics, recipe = measuring(), small_recipe(MemoryBlobs())  # pyright: ignore[reportArgumentType]
    job = job_of(recipe, "classic")
    for occurrence in (
        Accepted(job),
        Taken(job.job_id, "cpu", ("classic",)),
        Happened(job.job_id, Step(1, 1, "painting")),
        Released(job.job_id, "cpu", ("classic",), Memory(1000, 2000, 3000)),
        Happened(job.job_id, Done(2.0)),
    ):
        metrics.hear(occurrence)
    now = told(metrics)
    assert now("inlay_model_load_seconds_count") == 0
    assert (now("inlay_device_memory_used_bytes"), now("inlay_device_memory_bytes")) == (2000, 3000)
