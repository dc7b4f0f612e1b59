"""What a plan would cost, cell by cell, before anything is sent or painted."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inlay.batch.cells import Cell
from inlay.batch.looking import Looked, Looker
from inlay.batch.manifest import Manifest
from inlay.batch.plan import Plan
from inlay.batch.written import sha256_of
from inlay.client.answers import Leaving
from inlay.client.client import Client
from inlay.client.edit import Capture, region_of


@dataclass(frozen=True)
class Cost:
    """One cell. bytes: that have to be uploaded, each blob counted with the first cell that needs it; None where that is not known
    before something else was painted. seconds: of painting; None: nothing like it was measured.
    """

    cell: Cell
    id: str
    there: bool
    """Its file is there already."""
    model: str = ""
    seconds: float | None = None
    bytes: int | None = 0
    leaving: tuple[Leaving, ...] = ()
    problem: str = ""
    notes: tuple[str, ...] = ()


def costs_of(plan: Plan, cells: Sequence[Cell], client: Client) -> Iterator[Cost]:
    """Raises Unavailable, Unauthenticated; what is wrong with one cell is in its cost."""
    looker = Looker(plan, client)
    manifest = Manifest(plan.beside("manifest.jsonl"))
    counted: set[str] = set()
    for cell in cells:
        looked = looker.look(cell)
        known = manifest.get(looked.id)
        problem = looked.needs_a_person or (looked.error.message if looked.error else "")
        if problem or looked.plan is None:
            yield Cost(cell, looked.id, there=False, problem=problem)
        elif known and known.has_file and sha256_of(cell.out) == known.sha256:
            yield Cost(cell, looked.id, there=True, model=looked.plan.model)
        else:
            yield Cost(
                cell,
                looked.id,
                there=False,
                model=looked.plan.model,
                seconds=_sum([one.estimate_s for one in looked.plans]),
                bytes=_to_upload(looked, client, counted),
                leaving=tuple(one.leaving for one in looked.plans if one.leaving),
                notes=tuple(note for one in looked.plans for note in one.notes),
            )


def _sum(seconds: list[float | None]) -> float | None:
    known = [one for one in seconds if one is not None]
    return sum(known) if len(known) == len(seconds) else None


def _to_upload(looked: Looked, client: Client, counted: set[str]) -> int:
    """Bytes that the server lacks. What a format grows by is not painted yet: its pixels count as if they were new."""
    assert looked.framed
    assert looked.plan
    framed = looked.framed
    blobs: dict[str, int] = {}
    if framed.missing is not None and looked.growing is not None:
        blobs |= _blobs(Capture.of(framed.document, framed.missing, region_of(framed.missing), looked.growing.window))
    capture = Capture.of(framed.document, framed.mask, looked.region, looked.plan.window)
    blobs |= _blobs(capture)
    for one in looked.pictures:
        blobs[hashlib.sha256(one.samples.tobytes()).hexdigest()] = one.samples.nbytes
    new = [name for name in blobs if name not in counted]
    counted.update(blobs)
    return sum(blobs[name] for name in client.lacking(new)) if new else 0


def _blobs(capture: Capture) -> dict[str, int]:
    return {capture.source.blob: len(capture.source_bytes), capture.mask.blob: len(capture.mask_bytes)}
