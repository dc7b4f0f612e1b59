"""Puts what a job painted into its document as that is now: fitted, put together, and joined while nobody's hand is busy."""

import struct
from typing import NamedTuple

from .client.tasks import in_thread, sleep
from .host import composite, hands, options, place, recipes, scratch, touched
from .host.capture import Mask
from .host.facts import facts_of
from .host.fit import fit
from .host.recipes import Finding, Made, Memory, Roll, id_of

SETTLE_S = 0.3
LOOK_S = 0.02
"""Krita makes an inserted layer the active one a moment later: for so long, and so often, it is looked at."""

STAYS_HIDDEN = "The variation that shows was worked on since, so it stays; the new one is hidden, flip to see it."

ALREADY_THERE = "The same recipe gave the same pixels again: they are in this result already."

_WHITE = {"U8": b"\xff", "U16": b"\xff\xff", "F16": struct.pack("<e", 1.0), "F32": struct.pack("<f", 1.0)}


class Candidate(NamedTuple):
    """A variation that arrived."""

    variation: object
    """The contract's Variation."""
    pixels: bytes

    @property
    def name(self) -> str:
        return f"Variation {self.variation.index + 1} (seed {self.variation.seed})"


class Arrival(NamedTuple):
    """All that a job brought. Rectangles are in the recipe's coordinates."""

    job_id: str
    name: str
    recipe: object
    """The contract's Recipe."""
    candidates: "list[Candidate]"
    findings: "list[Finding]"
    """One for each candidate."""
    shown: Mask
    """What the result shows through."""
    asked: Mask
    """The selection it was asked for with."""
    lands: str
    """Where a new group is put, see `place.attach`."""


class Beside(NamedTuple):
    """Where another roll of a result goes: into its group, next to the variation that it repeats."""

    group_id: str
    layer_id: str
    pixels: str
    """SHA-256 of that variation's pixels as the new roll knows them."""


class Landed(NamedTuple):
    """What became of it."""

    group_id: str
    notes: "list[str]"


async def land(arrival: Arrival, find, beside: "Beside | None", fetch_source, holding) -> Landed:
    """Places the variations in the document that `find()` returns. One undo step.

    fetch_source: see `fit`. holding(name): a context in which each part holds the UI thread. Raises CannotEdit, and has
    changed nothing then.
    """
    while True:
        document = find()
        group, neighbour = _neighbour(document, beside) if beside else (None, None)
        fitted = await fit(document, arrival.recipe, fetch_source, _hint(document, group, neighbour))
        there = await _still_as_placed(find(), group, arrival.shown.region.moved(fitted.offset)) if group else {}
        arrival, known = _without(arrival, there), arrival
        if not arrival.candidates:
            await _show_instead(known, find, id_of(group), id_of(there[_blob(known.candidates[0])]))
            return Landed(id_of(group), [note for note in (fitted.note, ALREADY_THERE) if note])
        covers = group is not None and not await _is_worked_on(find(), group, neighbour, beside)
        node = await _put_together(arrival, find, fitted.offset, group, covers, holding)
        await hands.free(find())
        document = find()
        if fitted.still_holds(document, arrival.recipe) and (
            group is None or place.result_with(document, id_of(group))
        ):
            break
    active = document.activeNode()
    is_empty_around = False
    with holding("place: attach"):
        if group is None:
            is_empty_around = place.attach(document, node, arrival.lands)
        else:
            place.insert(document, group, node, neighbour)
    is_hidden = group is not None and not covers
    group = group or node
    with holding("place: remember"):
        _remember(document, group, arrival, node, fitted.offset)
    if is_empty_around:
        await composite.refresh(document)
    group_id = id_of(group)
    await give_back(find, active, group_id)
    notes = [fitted.note] if fitted.note else []
    return Landed(group_id, [*notes, STAYS_HIDDEN] if is_hidden else notes)


def _blob(candidate: Candidate) -> str:
    return candidate.variation.patch.pixels.blob


async def _still_as_placed(document, group, patch) -> dict:
    """The layers of a group that lie at `patch` (Rect) and are as they were placed, by the SHA-256 of their pixels."""
    memory, found = recipes.recall(document, group), {}
    for layer in place.variations_of(document, group):
        made, roll = memory.variations[id_of(layer)], memory.roll_of(id_of(layer))
        offset = touched.offset_of(layer, made)
        if offset is None or roll.patch.moved(offset) != patch:
            continue
        if not await touched.is_layer_touched(document, layer, made, roll):
            found[made.pixels] = layer
    return found


def _without(arrival: Arrival, there: dict) -> Arrival:
    """What is not there yet."""
    pairs = zip(arrival.candidates, arrival.findings, strict=True)
    new = [(candidate, finding) for candidate, finding in pairs if _blob(candidate) not in there]
    return arrival._replace(candidates=[one for one, _ in new], findings=[finding for _, finding in new])


async def _show_instead(arrival: Arrival, find, group_id: str, layer_id: str) -> None:
    """Shows the variation that is what the job brought; nobody has to offer the job's own."""
    options.dismiss(arrival.job_id)
    await hands.free(find())
    document = find()
    group = place.result_with(document, group_id)
    numbers = [id_of(layer) for layer in place.variations_of(document, group)] if group else []
    if layer_id in numbers:
        place.show(document, group, numbers.index(layer_id))


async def give_back(find, active, group_id: str) -> None:
    """Makes the retoucher's own layer the active one again, as soon as Krita made another one active."""
    for _ in range(round(SETTLE_S / LOOK_S)):
        await sleep(LOOK_S)
        document = find()
        if active is not None and document.activeNode() != active:
            await hands.free(document)
            document = find()
            place.activate(document, active, place.result_with(document, group_id) or document.activeNode())


def _neighbour(document, beside: Beside):
    """The result's group and the variation's layer; None twice where one of them is gone."""
    group = place.result_with(document, beside.group_id)
    layers = place.variations_of(document, group) if group else []
    layer = next((layer for layer in layers if id_of(layer) == beside.layer_id), None)
    return (group, layer) if layer else (None, None)


def _hint(document, group, neighbour) -> "tuple[int, int] | None":
    """How far the result was moved in all, since its recipe was written."""
    if neighbour is None:
        return None
    memory = recipes.recall(document, group)
    made, roll = memory.variations[id_of(neighbour)], memory.roll_of(id_of(neighbour))
    moved = touched.offset_of(neighbour, made)
    return None if moved is None else (roll.offset[0] + moved[0], roll.offset[1] + moved[1])


async def _is_worked_on(document, group, neighbour, beside: Beside) -> bool:
    memory = recipes.recall(document, group)
    made, roll = memory.variations[id_of(neighbour)], memory.roll_of(id_of(neighbour))
    return await touched.is_layer_touched(document, neighbour, made._replace(pixels=beside.pixels), roll)


async def _put_together(arrival: Arrival, find, offset, group, covers: bool, holding):
    document = find()
    with holding("place: prepare"):
        facts = facts_of(document)
        hidden = scratch.ready(facts)
    await sleep(0)
    mask = arrival.shown.moved(offset)
    layers = [
        place.Layer(one.name, one.pixels, mask.region, not number) for number, one in enumerate(arrival.candidates)
    ]
    name = arrival.name if group is None else f"Roll {arrival.candidates[0].variation.seed}"
    steps = place.build(hidden, find(), name, layers, mask if group is None else None)
    node = await place.built(document, steps, lambda: holding("place: build"))
    if group is not None:
        node.setVisible(covers)
        if not await in_thread(lambda: all(_is_opaque(layer.pixels, facts) for layer in layers)):
            place.cover(node)
    return node


def _is_opaque(pixels: bytes, facts) -> bool:
    white, size = _WHITE[facts.depth], facts.pixel_bytes
    count = len(pixels) // size
    start = size - len(white)
    return all(pixels[start + part :: size].count(byte) == count for part, byte in enumerate(white))


def _remember(document, group, arrival: Arrival, node, offset) -> None:
    """The recipe, and what was found out about each variation, beside what the group remembers already."""
    before = recipes.recall(document, group) or Memory(arrival.asked.moved(offset), {}, {})
    roll = Roll(arrival.recipe.SerializeToString(), arrival.shown.region.moved(offset), offset)
    layers = [node] if node.type() == "paintlayer" else list(reversed(place.paint_layers_of(node)))
    made = {
        id_of(layer): Made(
            arrival.job_id,
            candidate.variation.index,
            candidate.variation.receipt_json,
            finding,
            candidate.variation.patch.pixels.blob,
            place.bounds_of(layer),
        )
        for layer, candidate, finding in zip(layers, arrival.candidates, arrival.findings, strict=True)
    }
    memory = Memory(before.mask, {**before.rolls, arrival.job_id: roll}, {**before.variations, **made})
    recipes.remember(document, group, memory)
