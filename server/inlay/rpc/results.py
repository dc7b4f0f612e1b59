"""What the service says of results: how they are named, what layers remember of them, and notes in the asked language."""

from dataclasses import replace

from inlay.blobs import BlobStore
from inlay.color.raster import Raster
from inlay.errors import BlobMissing
from inlay.events import Done, Event, Failed, JobCancelled, Loading, Queued, Step, VariationDone
from inlay.forms import Catalogue
from inlay.forms.sentences import title_of
from inlay.job import HistoryEntry, Job
from inlay.memory import OtherMemory, ResultMemory, deflated
from inlay.person import Person, Sight
from inlay.provenance import act_of, restated
from inlay.recipe import Recipe, Sampling
from inlay.v1 import history_pb2, job_pb2, memory_pb2
from inlay.variation import Patch, Report, Variation
from inlay.wire.codec import to_message

NO_BLOB = "0" * 64
"""Stands where the name of a blob would be told to who does not see the pixels."""

LAYERS = {
    "Subject": "layer.subject",
    "Clean plate": "layer.plate",
    "Clean surface": "layer.surface",
    "Face": "layer.face",
    "Hand": "layer.hand",
    "Mark": "layer.mark",
    "Region": "layer.region",
}
"""By what the code calls a layer, in English."""

OUTLINED = (Queued, Loading, Step, Done, Failed, JobCancelled)
"""What happens to a job and shows nothing of its pixels or words."""


def named(job: Job, words: Catalogue, person: Person) -> job_pb2.Job:
    """The job's message, with its result's title, as far as somebody sees it."""
    if person.sight(job.person, job.project) < Sight.WHOLE:
        job = _outline(job)
    return to_message(replace(job, title=_title(words, job.recipe)), job_pb2.Job)


def _outline(job: Job) -> Job:
    """What an admin sees of it: no words, and of pixels neither the names nor the profile's bytes."""
    recipe, sampling = job.recipe, job.recipe.sampling
    return replace(
        job,
        recipe=Recipe(
            recipe.verb,
            replace(recipe.canvas, source=_unnamed(recipe.canvas.source)),
            replace(recipe.where, mask=_unnamed(recipe.where.mask)),
            sampling=Sampling(sampling.seed, sampling.count, sampling.tier, sampling.strength, recipe.painter),
        ),
    )


def _unnamed(raster: Raster) -> Raster:
    return replace(raster, blob=NO_BLOB, icc=b"", profile=raster.profile or ("sRGB" if raster.icc else ""))


def remembered(entry: HistoryEntry, words: Catalogue) -> history_pb2.HistoryEntry:
    """The entry's message, with its title."""
    title = title_of(words, entry.verb, entry.prompt, entry.target_color)
    return to_message(replace(entry, title=title), history_pb2.HistoryEntry)


def translated(event: job_pb2.Event, words: Catalogue) -> job_pb2.Event:
    """The event with its sentences in that language; itself where they are in it already."""
    if not words.translates:
        return event
    said = job_pb2.Event()
    said.CopyFrom(event)
    match said.WhichOneof("happening"):
        case "queued":
            said.queued.why = words.translated(said.queued.why)
        case "loading":
            said.loading.what = words.translated(said.loading.what)
        case "variation":
            report = said.variation.variation.report
            report.notes[:] = [words.translated(note) for note in report.notes]
            for layer in said.variation.variation.layers.layers:
                layer.name = layer.name if layer.HasField("type") else _layer_name(layer.name, words)
        case "failed":
            said.failed.message = words.translated(said.failed.message)
        case _:
            pass
    return said


def _layer_name(name: str, words: Catalogue) -> str:
    """What an engine calls a layer, in that language, with its number; names that are a person's words stay."""
    called, _, number = name.rpartition(" ") if name[-1:].isdecimal() else (name, "", "")
    structure = f"field.options.structure.{called.lower().replace(' ', '_')}.title"
    found = words.find(LAYERS.get(called, ""), structure)
    return " ".join(filter(None, [found, number])) if found else name


def memories_of(job: Job, events: list[Event], blobs: BlobStore, words: Catalogue) -> memory_pb2.DescribeResultResponse:
    """What is to be remembered of a job, one for each variation."""
    answer = memory_pb2.DescribeResultResponse(title=_title(words, job.recipe))
    for variation in _variations(events):
        if isinstance(variation.result, Patch):
            memory = _memory(job, variation, variation.result, answer.title, blobs, words)
            answer.memories.append(to_message(memory, memory_pb2.ResultMemory))
        else:
            report = _report(variation, words)
            other = OtherMemory(job.job_id, job.recipe, variation.index, answer.title, variation.receipt, report)
            answer.others.append(to_message(other, memory_pb2.ResultMemory))
    return answer


def marked(asked: memory_pb2.MarkDocumentRequest, job: Job, events: list[Event]) -> memory_pb2.MarkDocumentResponse:
    """What the XMP of the document that takes the job's result is to say."""
    engines = {str(one.receipt.get("engine", "")) for one in _variations(events)}
    packet = restated(asked.xmp.encode(), asked.origin_xmp.encode(), [act_of(job.recipe, engine) for engine in engines])
    return memory_pb2.MarkDocumentResponse(xmp=packet.decode())


def _variations(events: list[Event]) -> list[Variation]:
    found = [event.happening.variation for event in events if isinstance(event.happening, VariationDone)]
    return sorted(found, key=lambda one: one.index)


def _title(words: Catalogue, recipe: Recipe) -> str:
    return title_of(words, recipe.verb, recipe.words.prompt, recipe.words.target_color)


def _memory(
    job: Job, variation: Variation, patch: Patch, title: str, blobs: BlobStore, words: Catalogue
) -> ResultMemory:
    try:
        mask = deflated(blobs.read(patch.mask.blob))
    except BlobMissing:
        mask = b""  # the store is full of others' pixels; the host has the mask on its layer
    report = _report(variation, words)
    return ResultMemory(job.job_id, job.recipe, patch, variation.index, title, variation.receipt, mask, report)


def _report(variation: Variation, words: Catalogue) -> Report:
    notes = tuple(words.translated(note) for note in variation.report.notes)
    return Report(variation.report.ring_delta_e_before, variation.report.ring_delta_e_after, notes)
