"""The verb marks: what was drawn on a layer becomes masks, and each is painted as an edit of its own, one after the other."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay import color
from inlay.color.blend import blended
from inlay.edit.fit import fit
from inlay.edit.foreground import layer_samples
from inlay.edit.marks import Mark, Read, read
from inlay.edit.mask import PATCH_MARGIN_PX
from inlay.edit.plan import working_of
from inlay.edit.sight import Blobs, Sight, stored
from inlay.edit.verbs import KEEPS_SILHOUETTE
from inlay.engines import Engine, Progress
from inlay.engines.eyes import Eyes
from inlay.engines.eyes.lettering import NAME, Lettering
from inlay.engines.interface import Answer, Mask, Painting
from inlay.engines.registry import Registry
from inlay.errors import InvalidInput
from inlay.recipe import MARKS, REGION, Canvas, Recipe, Verb, Where
from inlay.region import Rect
from inlay.region.window import context_for
from inlay.variation import Layer as Sheet

SELECT = "select"
"""What `options.then` may be: the marks are selected, and nothing is painted. Else they are painted."""

_PLACES = frozenset({MARKS, REGION})
"""Roles that say where, and are shown to no engine."""

TAKEN_AWAY = frozenset({"remove", "delete", "erase", "out", "away", "x", "weg", "entfernen", "löschen", "raus"})
"""Notes that ask for nothing to be there."""

UNREAD = "Notes were not read: the small network that reads lettering is not here. inlay models pull text"
WORDLESS = "{engine} reads no words: what is marked was erased, whatever the notes say."
ASTRAY = "The note “{words}” has a colour in which nothing is marked; it was left out."
OUTSIDE = "{count} of the marks lie outside of the selection and were left out."


@dataclass(frozen=True)
class Marking:
    """What was found on the layer of marks. marks: with something of theirs in the selection."""

    marks: tuple[Mark, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Marked:
    """One variation: a finished layer for each mark, its pixels in the store. notes, receipt, settled: as a painting's."""

    variation: int
    seed: int
    layers: tuple[Sheet, ...]
    notes: tuple[str, ...] = ()
    receipt: dict[str, str] = field(default_factory=dict[str, str])
    settled: Mapping[str, Any] = field(default_factory=dict[str, Any])


def marking(recipe: Recipe, sight: Sight, eyes: Eyes) -> Marking:
    """What the inputs `region` say, or is drawn on the input `marks`. Raises InvalidInput where nothing of that is selected."""
    found, notes = _regions(sight), ()
    if not found.marks:
        found, notes = _drawn(recipe, sight, eyes)
    inside = [one for mark in found.marks if (one := _inside(mark, sight)) is not None]
    if not inside:
        raise InvalidInput("inputs.marks", "empty", "all that is drawn lies outside of the selection")
    return Marking(tuple(inside), (*notes, *_told(found, len(found.marks) - len(inside))))


def _regions(sight: Sight) -> Read:
    """In their order. A region that covers nothing of the window is none."""
    marks: list[Mark] = []
    for one in sight.inputs:
        if one.role == REGION and one.shows is not None and one.shows.any():
            bounds = Rect(*cv2.boundingRect((one.shows > 0).astype(np.uint8)))
            marks.append(Mark("", bounds, one.shows[bounds.slices].copy(), one.name, (REGION,)))
    return Read(tuple(marks), ())


def _drawn(recipe: Recipe, sight: Sight, eyes: Eyes) -> tuple[Read, tuple[str, ...]]:
    """With what there is to say of the reading."""
    at = next((at for at, one in enumerate(recipe.inputs) if one.role == MARKS), None)
    if at is None:
        raise InvalidInput("inputs", "no layer of marks", "draw what shall change on a layer, and choose it")
    layer = sight.inputs[at]
    if layer.shows is None:
        raise InvalidInput(
            "inputs.marks.order", recipe.inputs[at].raster.order, "marks are drawn on a transparent layer"
        )
    reader = Lettering(eyes.place(NAME)) if eyes.has(NAME) else None
    return read(layer.pixels, layer.shows, reader), () if reader else (UNREAD,)


def marked(
    engine: Engine, job: Marking, recipe: Recipe, sight: Sight, blobs: Blobs, progress: Progress, registry: Registry
) -> Iterator[Answer | Marked]:
    """All marks painted in each variation, each seeing those before it; or only selected. Raises as the engine does.

    registry: knows how the engine likes to be told.
    """
    for number in range(recipe.sampling.count):
        if recipe.options.get("then") == SELECT:
            yield Mask(number, recipe.sampling.seed_of(number), _all(job, sight), job.notes)
        else:
            yield _variation(engine, job, recipe, sight, blobs, progress, registry, number)


def _variation(
    engine: Engine,
    job: Marking,
    recipe: Recipe,
    sight: Sight,
    blobs: Blobs,
    progress: Progress,
    registry: Registry,
    number: int,
) -> Marked:
    layers: list[Sheet] = []
    notes, told = list(job.notes), []
    seed, many = recipe.sampling.seed_of(number), len(job.marks)
    receipt: dict[str, str] = {}
    settled: dict[str, Any] = {}
    if many > 1:
        sight = replace(sight, samples=sight.samples.copy(), pixels=sight.pixels.copy(), known=sight.known.copy())
    for at, mark in enumerate(job.marks):
        own, seen = _edit(recipe, sight, mark, engine, seed, registry)
        reading = _Part(progress, number, recipe.sampling.count, at, many)
        assert own.sampling.resolved
        assert own.sampling.resolved.working
        painting = next(engine.paint(seen.scene(own.sampling.resolved.working), own, reading), None)
        assert isinstance(painting, Painting)
        fitted = fit(own, seen, painting)
        layers.append(_layer(own, seen, mark, at, fitted.layer, blobs))
        progress.check()
        notes += [note for note in (*painting.notes, *fitted.notes) if note not in notes]
        receipt, settled = {**receipt, **painting.receipt}, {**settled, **painting.settled}
        if mark.words and own.verb == Verb.ERASE and not _takes_away(mark.words):
            notes += [note for note in (WORDLESS.format(engine=engine.capabilities().name),) if note not in notes]
        bounds = list(mark.bounds.moved(recipe.canvas.window.x, recipe.canvas.window.y))
        told.append(
            {
                "color": mark.color,
                "verb": own.verb,
                "words": mark.words or own.words.prompt,
                "bounds": bounds,
                "drawn": mark.kinds,
            }
        )
        if at + 1 < many:
            _shown(sight, seen, fitted.layer, recipe.canvas, own.canvas.window)
    receipt["marks"] = json.dumps(told)
    return Marked(number, seed, tuple(layers), tuple(notes), receipt, settled)


def _edit(
    recipe: Recipe, sight: Sight, mark: Mark, engine: Engine, seed: int, registry: Registry
) -> tuple[Recipe, Sight]:
    """A mark as an edit of its own: what is asked, and what is seen of the window."""
    window, can = recipe.canvas.window, engine.capabilities()
    bounds = mark.bounds.moved(window.x, window.y)
    own = bounds.padded(max(PATCH_MARGIN_PX, context_for(bounds))).intersection(window)
    here, patch = own.relative_to(window).slices, bounds.padded(PATCH_MARGIN_PX).intersection(own)
    mask = np.zeros((own.height, own.width), np.float32)
    mask[bounds.relative_to(own).slices] = mark.mask
    raster = recipe.where.mask
    samples = color.rounded(mask[patch.relative_to(own).slices] * np.float32(raster.white_level), raster)
    mask[patch.relative_to(own).slices] = samples.astype(np.float32) / np.float32(raster.white_level)
    alpha = None if sight.alpha is None else sight.alpha[here]
    shown = tuple(one for one in sight.inputs if one.role not in _PLACES and not one.is_placed)
    seen = Sight(sight.samples[here], sight.pixels[here], sight.known[here], alpha, mask, samples, patch, shown)
    words = mark.words or recipe.words.prompt
    fills = can.understands_prompts and words and not _takes_away(words) and Verb.FILL in can.verbs
    asked = recipe.altered(
        verb=Verb.FILL if fills or Verb.ERASE not in can.verbs else Verb.ERASE,
        prompt=words if fills else "",
        canvas=Canvas(recipe.canvas.document, own, replace(recipe.canvas.source, width=own.width, height=own.height)),
        where=Where(patch, replace(raster, width=patch.width, height=patch.height)),
        inputs=tuple(one for one in recipe.inputs if one.role not in _PLACES),
        options={},
        seed=seed,
        count=1,
    )
    resolved = recipe.sampling.resolved
    assert resolved
    told = registry.told(can.name, asked.verb, asked.words, recipe.styled) if resolved.told else None
    return asked.altered(resolved=replace(resolved, working=working_of(asked, can), told=told)), seen


def _layer(own: Recipe, seen: Sight, mark: Mark, at: int, fitted: NDArray[np.float32], blobs: Blobs) -> Sheet:
    """The patch as a layer: opaque where the document is, and shown through its mask."""
    source, patch = own.canvas.source, seen.patch
    samples = layer_samples(seen, fitted, source, keeps_silhouette=own.verb in KEEPS_SILHOUETTE)
    cut = samples[patch.relative_to(own.canvas.window).slices]
    order = source.order
    if not source.has_alpha:
        cut, order = np.dstack([cut, np.full(cut.shape[:2], source.white_level, cut.dtype)]), f"{order}A"
    name = (mark.words or own.words.prompt)[:80] or f"{'Region' if REGION in mark.kinds else 'Mark'} {at + 1}"
    like = replace(source, order=order)
    return Sheet(name, patch, stored(cut, like, blobs), mask=stored(seen.mask_samples, own.where.mask, blobs))


def _shown(sight: Sight, seen: Sight, layer: NDArray[np.float32], canvas: Canvas, own: Rect) -> None:
    """What the document will show: those that follow see it."""
    here, changed = own.relative_to(canvas.window).slices, seen.mask > 0
    shown = blended(seen.pixels, layer, np.where(seen.known, seen.mask, np.float32(1)))
    source = replace(canvas.source, width=own.width, height=own.height)
    alpha = None if seen.alpha is None else np.maximum(seen.alpha, seen.mask)
    samples = color.encode(shown, alpha, source)
    sight.pixels[here][changed] = shown[changed]
    sight.samples[here][changed] = samples[changed]
    sight.known[here][changed] = True


def _takes_away(words: str) -> bool:
    return words.strip(" .!").casefold() in TAKEN_AWAY


def _inside(mark: Mark, sight: Sight) -> Mark | None:
    """What of a mark is selected."""
    mask = np.minimum(mark.mask, sight.mask[mark.bounds.slices])
    return mark._replace(mask=mask) if mask.any() else None


def _all(job: Marking, sight: Sight) -> NDArray[np.float32]:
    share = np.zeros_like(sight.mask)
    for mark in job.marks:
        part = share[mark.bounds.slices]
        np.maximum(part, mark.mask, out=part)
    return share


def _told(found: Read, outside: int) -> Iterator[str]:
    for words in found.astray:
        yield ASTRAY.format(words=words)
    if outside:
        yield OUTSIDE.format(count=outside)


class _Part:
    """The progress of one mark, as a part of the whole job's."""

    def __init__(self, whole: Progress, number: int, count: int, at: int, many: int) -> None:
        self._whole, self._number, self._before, self._of = whole, number, number * many + at, count * many

    def step(self, index: int, total: int, phase: str) -> None:
        self._whole.step(self._before * total + index, self._of * total, phase)

    def preview(self, variation: int, pixels: NDArray[np.float32]) -> None:
        """A part's preview would stand for the whole window; there is none."""

    def check(self) -> None:
        self._whole.check()
