"""A whole edit of a document through a server: plan, upload, submit, watch, fetch; back comes what is to be placed."""

import dataclasses
import hashlib
import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from inlay.client.answers import EditPlan
from inlay.client.client import Client
from inlay.client.watching import NOBODY, Clock, Timed, Watcher, outcome
from inlay.color.raster import Raster, SampleType
from inlay.documents import Document, PlacedEdit
from inlay.documents.document import Memory
from inlay.errors import BlobMissing, InlayError, InvalidInput
from inlay.job import NOTHING_SAID, Ticket
from inlay.memory import ResultMemory
from inlay.recipe import LOOKED_AT, Canvas, Input, Option, Recipe, Sampling, Tier, Where, Words
from inlay.region import Rect, Size
from inlay.v1 import memory_pb2
from inlay.variation import Variation
from inlay.wire.codec import to_message


@dataclass(frozen=True)
class Wish:
    """What the retoucher asks for, before any pixel is looked at. The fields mean what they mean in a recipe."""

    verb: str
    seed: int
    prompt: str = ""
    negative_prompt: str = ""
    count: int = 1
    tier: Tier = Tier.STANDARD
    strength: float = 1.0
    target_color: str = ""
    model: str = ""
    grow_px: int = 0
    feather_px: int = 0
    context_px: int = 0
    options: Mapping[str, Option] = field(default_factory=dict[str, Option])
    style: str = ""
    raw: bool = False
    surroundings: str = ""

    @property
    def words(self) -> Words:
        return Words(self.prompt, self.negative_prompt, self.target_color, self.raw, self.surroundings)


@dataclass(frozen=True)
class Placed:
    """A picture that comes along as an input. at: where its upper left corner lies, in px of the document edited; None: nowhere.

    weight: how much it counts, 0 .. 1.
    """

    role: str
    document: Document
    at: tuple[int, int] | None = (0, 0)
    name: str = ""
    weight: float = 1.0

    @property
    def samples(self) -> NDArray[np.generic]:
        return np.ascontiguousarray(self.document.samples)

    @property
    def place(self) -> Rect | None:
        return Rect(*self.at, *self.document.size) if self.at else None


@dataclass(frozen=True)
class Edited:
    """A finished edit, not yet written anywhere."""

    job_id: str
    plan: EditPlan
    recipe: Recipe
    variations: tuple[Variation, ...]
    placed: PlacedEdit
    uploaded_bytes: int
    seconds: dict[str, float]
    """By phase, as the client saw it: plan, upload, queue, paint, fetch."""


@dataclass(frozen=True)
class Answered:
    """A finished edit whose pixels are still at the server. seconds: by phase, as the client saw it."""

    job_id: str
    plan: EditPlan
    recipe: Recipe
    variations: tuple[Variation, ...]
    uploaded_bytes: int
    seconds: dict[str, float]


def edit_document(
    client: Client,
    document: Document,
    mask: NDArray[np.generic],
    wish: Wish,
    watcher: Watcher = NOBODY,
    ticket: Ticket = NOTHING_SAID,
    inputs: Sequence[Placed] = (),
) -> Edited:
    """Edit `document` where `mask` (height x width of the document; uint8, uint16 or float32) is above 0, and fetch the patches.

    ticket: what the job is told beside, such as the file's name as the label by which it is found again. inputs: pictures that come
    along. Raises as `ask` does, and
    Unsupported where the result is no patch.
    """
    asked = ask(client, document, mask, wish, watcher, ticket, inputs)
    clock = Clock()
    with clock.measure("fetch"):
        placed = fetch(client, asked.job_id, asked.recipe, asked.variations, watcher)
    seconds = asked.seconds | clock.seconds
    return Edited(asked.job_id, asked.plan, asked.recipe, asked.variations, placed, asked.uploaded_bytes, seconds)


def ask(
    client: Client,
    document: Document,
    mask: NDArray[np.generic],
    wish: Wish,
    watcher: Watcher = NOBODY,
    ticket: Ticket = NOTHING_SAID,
    inputs: Sequence[Placed] = (),
) -> Answered:
    """Have `document` edited where `mask` is above 0; arguments as for `edit_document`. inputs: pictures that come along.

    Interrupting it (KeyboardInterrupt) takes the job back on the server. Raises InvalidInput for an empty mask, JobFailed,
    Cancelled where somebody else took it back, and what the client raises.
    """
    clock = Clock()
    region = region_of(mask)
    with clock.measure("plan"):
        plan = client.plan(
            document.size,
            region,
            wish.verb,
            tier=wish.tier,
            model=wish.model,
            context_px=wish.context_px,
            grow_px=wish.grow_px,
            feather_px=wish.feather_px,
            count=wish.count,
            words=wish.words,
            style=wish.style,
            references=[one.document.size for one in inputs if one.role in LOOKED_AT and one.weight > 0],
            options=wish.options,
        )
    watcher.planned(plan)
    capture = dataclasses.replace(Capture.of(document, mask, region, plan.window), inputs=tuple(inputs))
    recipe = recipe_of(document.size, capture, wish)
    with clock.measure("upload"):
        uploaded = upload(client, capture, watcher)
    job_id = str(uuid.uuid4())
    submit = partial(client.submit, job_id, recipe, ticket)
    variations = paint(client, job_id, submit, partial(upload, client, capture, watcher), watcher, clock)
    return Answered(job_id, plan, recipe, variations, uploaded, clock.seconds)


def check_source(document: Document, recipe: Recipe) -> None:
    """Raise InvalidInput unless `document` still holds the very pixels that the recipe was made from."""
    if document.size != recipe.canvas.document:
        shown, wanted = document.size, recipe.canvas.document
        limit = f"the job was made for {wanted.width} x {wanted.height} px"
        raise InvalidInput("PHOTO", f"{shown.width} x {shown.height} px", limit)
    if _sha256(np.ascontiguousarray(document.samples[recipe.canvas.window.slices])) != recipe.canvas.source.blob:
        raise InvalidInput(
            "PHOTO", "another picture (or edited since)", "the job was made from other pixels in its window"
        )


def region_of(mask: NDArray[np.generic]) -> Rect:
    """The bounding rectangle of what is above 0. Raises InvalidInput where nothing is."""
    rows = np.flatnonzero(mask.any(axis=1))
    if not rows.size:
        raise InvalidInput("mask", "empty (every sample is 0)", "select at least one pixel")
    columns = np.flatnonzero(mask[rows[0] : rows[-1] + 1].any(axis=0))
    return Rect.of_edges(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def fetch(
    client: Client, job_id: str, recipe: Recipe, variations: tuple[Variation, ...], watcher: Watcher
) -> PlacedEdit:
    """The pixels of finished variations as one group: each a layer, the first visible, under one mask."""
    layers: list[tuple[str, NDArray[np.generic], bool]] = []
    for number, variation in enumerate(variations, start=1):
        pixels = variation.patch.pixels
        samples = pixels.array(client.fetch(pixels.blob), f"variation {number}")
        layers.append((f"Variation {number} (seed {variation.seed})", samples, number == 1))
        watcher.fetched(number, len(variations))
    patch = variations[0].patch
    mask = patch.mask.array(client.fetch(patch.mask.blob), "mask")[..., 0]
    memory = {
        "job_id": job_id,
        "recipe": recipe.plain(),
        "receipts": [variation.receipt for variation in variations],
    }
    return PlacedEdit(
        name=group_name(recipe),
        bounds=patch.bounds,
        mask=mask,
        layers=tuple(layers),
        recipe_json=json.dumps(memory, sort_keys=True),
        memory=_memory(job_id, recipe, variations),
    )


def _memory(job_id: str, recipe: Recipe, variations: tuple[Variation, ...]) -> Memory:
    title = group_name(recipe)
    results = (
        ResultMemory(job_id, recipe, one.patch, one.index, title, one.receipt, report=one.report) for one in variations
    )
    packed = tuple(
        to_message(result, memory_pb2.ResultMemory).SerializeToString(deterministic=True) for result in results
    )
    return Memory(job_id, recipe.where.region, packed)


def group_name(recipe: Recipe) -> str:
    """What the layer group is called: the prompt's beginning, or the verb."""
    verb = recipe.verb.replace("_", " ").capitalize()
    prompt = " ".join(recipe.words.prompt.split())
    if not prompt:
        return f"{verb} {recipe.words.target_color}".strip()
    return prompt if len(prompt) <= 60 else prompt[:59] + "…"


@dataclass(frozen=True)
class Capture:
    """What of the document goes to the server."""

    window: Rect
    source: Raster
    source_bytes: memoryview
    region: Rect
    mask: Raster
    mask_bytes: memoryview
    inputs: tuple[Placed, ...] = ()

    @classmethod
    def of(cls, document: Document, mask: NDArray[np.generic], region: Rect, window: Rect) -> "Capture":
        pixels = np.ascontiguousarray(document.samples[window.slices])
        selected = np.ascontiguousarray(mask[region.slices])
        source = document.raster(window.size, _sha256(pixels))
        sample_type = SampleType({"uint8": "u8", "uint16": "u16", "float32": "f32"}[selected.dtype.name])
        white = {SampleType.U8: 255.0, SampleType.U16: 65_535.0}.get(sample_type, 1.0)
        shape = Raster(region.width, region.height, "Y", sample_type, white, "", _sha256(selected))
        return cls(window, source, _bytes_of(pixels), region, shape, _bytes_of(selected))


def recipe_of(size: Size, capture: Capture, wish: Wish) -> Recipe:
    """The recipe for what was captured of a document of `size`."""
    return Recipe(
        verb=wish.verb,
        canvas=Canvas(size, capture.window, capture.source),
        where=Where(capture.region, capture.mask, wish.grow_px, wish.feather_px),
        words=wish.words,
        sampling=Sampling(wish.seed, wish.count, wish.tier, wish.strength, wish.model, style=wish.style),
        options=wish.options,
        inputs=tuple(
            Input(
                one.role,
                one.document.raster(one.document.size, _sha256(one.samples)),
                one.place,
                one.weight,
                one.name,
            )
            for one in capture.inputs
        ),
    )


def upload(client: Client, capture: Capture, watcher: Watcher = NOBODY) -> int:
    """Send what the server lacks. Returns how many bytes really travelled."""
    parts = (capture.source_bytes, capture.mask_bytes, *(_bytes_of(one.samples) for one in capture.inputs))
    total = sum(len(part) for part in parts)
    travelled = 0
    before = 0
    for data in parts:
        travelled += client.upload(data, lambda sent, _, before=before: watcher.uploaded(before + sent, total)).sent
        before += len(data)
    watcher.uploaded(total, total)
    return travelled


def paint(
    client: Client,
    job_id: str,
    submit: Callable[[], object],
    resend: Callable[[], object],
    watcher: Watcher,
    clock: Clock,
) -> tuple[Variation, ...]:
    """Submit and wait to the end; whatever interrupts that takes the job back. `resend` brings the pixels once more.

    Raises BlobMissing where the server still lacks some, JobFailed, Cancelled, and what the client raises.
    """
    submitted = time.perf_counter()
    try:
        try:
            submit()
        except BlobMissing:
            # Evicted between upload and submit by somebody else's pixels: once more, and then it is an error.
            resend()
            submit()
        watcher.submitted(job_id)
        timed = Timed(client.watch(job_id), submitted)
        variations = outcome(job_id, timed, watcher)
    except KeyboardInterrupt:
        with suppress(InlayError):  # a job that never arrived, or a server that is gone: nothing to take back
            client.cancel(job_id)
        raise
    clock.seconds |= {"queue": timed.queue_s, "paint": timed.paint_s}
    return variations


def _bytes_of(samples: NDArray[np.generic]) -> memoryview:
    return samples.reshape(-1).view(np.uint8).data


def _sha256(samples: NDArray[np.generic]) -> str:
    return hashlib.sha256(_bytes_of(samples)).hexdigest()
