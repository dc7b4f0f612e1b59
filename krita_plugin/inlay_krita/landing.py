"""Puts what a job painted into its document as that is now: fitted, put together, and joined while nobody's hand is busy."""

import struct
from typing import Any, NamedTuple

from .client import blobs
from .client.messages import memory_pb2, recipe_pb2
from .client.tasks import in_thread, sleep
from .host import composite, hands, identity, options, place, scratch, touched
from .host.capture import Mask, rect_of
from .host.facts import facts_of
from .host.fit import fit
from .host.memories import Kept, Result, id_of, recall, remember
from .words import say

SETTLE_S = 0.3
LOOK_S = 0.02
"""Krita makes an inserted layer the active one a moment later: for so long, and so often, it is looked at."""

_WHITE = {"U8": b"\xff", "U16": b"\xff\xff", "F16": struct.pack("<e", 1.0), "F32": struct.pack("<f", 1.0)}


class Candidate(NamedTuple):
    """A variation that arrived."""

    memory: memory_pb2.ResultMemory
    pixels: bytes
    called: str = ""
    """What it is named; empty: by its number and seed."""

    @property
    def blob(self) -> str:
        return self.memory.patch.pixels.blob

    @property
    def seed(self) -> int:
        return (self.memory.recipe.sampling.seed + self.memory.variation) % 2**32

    @property
    def name(self) -> str:
        return self.called or say("result.variation", number=self.memory.variation + 1, seed=self.seed)


class Arrival(NamedTuple):
    """All that a job brought. Rectangles are in the recipe's coordinates."""

    title: str
    recipe: recipe_pb2.Recipe
    candidates: "list[Candidate]"
    shown: Mask
    """What the result shows through."""
    asked: bytes
    """The samples of the selection it was asked for with."""
    lands: str
    """Where a new group is put, see `place.attach`."""


class Beside(NamedTuple):
    """Where another roll of a result goes: into its group, next to the variation that it repeats."""

    group_id: str
    layer_id: str
    blob: str
    """SHA-256 of that variation's pixels as the new roll knows them."""


async def rolled(line, find, recipe: recipe_pb2.Recipe, mask: bytes = b"") -> "Beside | None":
    """The result that `recipe` would only roll again, if there is one, as the server tells. mask: where it may lack it."""
    region = rect_of(recipe.where.region)
    found = touched.replaceable(find(), region)
    if not found:
        return None
    if mask:
        await blobs.upload(line, {recipe.where.mask.blob: mask})
    request = memory_pb2.CompareResultsRequest(verb=recipe.verb, where=recipe.where)
    for _, layer, kept in found:
        memory = request.memories.add()
        memory.CopyFrom(kept.memory)
        there = rect_of(memory.recipe.where.region).moved(touched.offset_of(layer, kept) or kept.offset)
        memory.recipe.where.region.x, memory.recipe.where.region.y = there[:2]
    relations = (await line.call(request)).relations
    for relation, (group, layer, kept) in zip(relations, found, strict=True):
        is_same = relation == memory_pb2.RELATION_SAME  # A covered one stays: Krita cannot hide it in an undo step.
        if is_same and not await touched.is_layer_touched(find(), layer, kept):
            return Beside(id_of(group), id_of(layer), kept.blob)
    return None


async def land(connection, arrival: Arrival, find, beside: "Beside | None", read_by: str) -> "tuple[str, list[str]]":
    """Places the variations in the document that `find()` returns: one undo step. The group's id, and what there is to say of it.

    read_by: see `fit`. Raises CannotEdit, and has changed nothing then.
    """
    while True:
        document = find()
        group, layer, kept = _neighbour(document, beside)
        hint = touched.offset_of(layer, kept) if group else None
        fitted = await fit(connection, document, arrival.recipe, hint, read_by)
        there = await _as_placed(find(), group, fitted.offset) if group else {}
        new = [candidate for candidate in arrival.candidates if candidate.blob not in there]
        if not new:
            await _show_instead(arrival, find, id_of(group), id_of(there[arrival.candidates[0].blob]))
            return id_of(group), [*filter(None, [fitted.note]), say("finding.same_again")]
        arrival = arrival._replace(candidates=new)
        covers = group is None or not await touched.is_layer_touched(find(), layer, kept, beside.blob if beside else "")
        node = await _put_together(arrival, find, fitted.offset, group, covers)
        await hands.free(find())
        document = find()
        if fitted.still_holds(document, arrival.recipe) and (
            group is None or place.result_with(document, id_of(group))
        ):
            break
    active, is_empty_around = document.activeNode(), False
    if group is None:
        is_empty_around = place.attach(document, node, arrival.lands, read_by)
    else:
        place.insert(document, group, node, layer)
    group = group or node
    _remember(document, group, arrival, node, fitted.offset)
    if is_empty_around:
        await composite.refresh(document)
    group_id = id_of(group)
    await give_back(find, active, group_id)
    return group_id, [*filter(None, [fitted.note]), *([] if covers else [say("finding.stays_hidden")])]


async def _as_placed(document, group, offset: "tuple[int, int]") -> dict:
    """The layers of a group that lie at this offset and are as they were placed, by the SHA-256 of their pixels."""
    found = {}
    for layer in place.variations_of(document, group):
        kept = recall(document, group).layers[id_of(layer)]
        if touched.offset_of(layer, kept) == offset and not await touched.is_layer_touched(document, layer, kept):
            found[kept.blob] = layer
    return found


async def _show_instead(arrival: Arrival, find, group_id: str, layer_id: str) -> None:
    """Shows the variation that is what the job brought; nobody has to offer the job's own."""
    options.dismiss(arrival.candidates[0].memory.job_id)
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


async def keep_only(document, group, layer_id: str) -> None:
    """Takes the other variations of a result out, but for those that were worked on: one undo step."""
    await hands.free(document)
    known, dropped, active = recall(document, group).layers, [], document.activeNode()
    for layer in place.variations_of(document, group):
        if id_of(layer) != layer_id and not await touched.is_layer_touched(document, layer, known[id_of(layer)]):
            dropped.append(layer)
    await hands.free(document)
    gone = {id_of(layer) for layer in dropped}
    place.remove(document, dropped)
    while gone & {id_of(layer) for layer in place.variations_of(identity.must_be_open(document), group)}:
        await sleep(LOOK_S)  # Krita collects what is removed in quick succession into one step.
    await give_back(lambda: identity.must_be_open(document), active, id_of(group))


async def take_out(document, group) -> None:
    """Takes a whole result out: one undo step."""
    await hands.free(document)
    place.remove(document, [group])


def _neighbour(document, beside: "Beside | None") -> "tuple[Any, Any, Any]":
    """The result's group, the variation's layer and what it remembers; None for each where there is no such layer."""
    if beside is None:
        return None, None, None
    group = place.result_with(document, beside.group_id)
    layers = place.variations_of(document, group) if group else []
    layer = next((layer for layer in layers if id_of(layer) == beside.layer_id), None)
    return (group, layer, recall(document, group).layers[beside.layer_id]) if layer else (None, None, None)


async def _put_together(arrival: Arrival, find, offset, group, covers: bool):
    document = find()
    facts = facts_of(document)
    hidden = scratch.ready(facts)
    await sleep(0)
    mask = arrival.shown._replace(region=arrival.shown.region.moved(offset))
    layers = [
        place.Layer(one.name, one.pixels, mask.region, not number) for number, one in enumerate(arrival.candidates)
    ]
    name = arrival.title if group is None else say("history.seed", seed=arrival.candidates[0].seed)
    shown = mask if group is None else None
    node = await place.built(hidden, find(), name, layers, shown)
    if group is not None:
        node.setVisible(covers)
        if not await in_thread(lambda: all(_is_opaque(layer.pixels, facts) for layer in layers)):
            node.setBlendingMode(place.COVERS)
    return node


def _is_opaque(pixels: bytes, facts) -> bool:
    white, size = _WHITE[facts.depth], facts.pixel_bytes
    count = len(pixels) // size
    start = size - len(white)
    return all(pixels[start + part :: size].count(byte) == count for part, byte in enumerate(white))


def _remember(document, group, arrival: Arrival, node, offset) -> None:
    """What was found out about each variation, beside what the group remembers already."""
    before = recall(document, group)
    layers = [one for one in (node, *reversed(node.childNodes())) if one.type() == "paintlayer"]
    made = {
        id_of(layer): Kept(candidate.memory, offset, place.bounds_of(layer))
        for layer, candidate in zip(layers, arrival.candidates, strict=True)
    }
    remember(document, group, Result(before.mask or arrival.asked, {**before.layers, **made}))
