"""Whether a plan's variables are controlled: for each pair of cells that differ in one axis alone, what else differs, counted.

Two cells of a pair have the same master and the same seed, their recipes differ only in what the axis fills in, and outside of
their masks the two written files are compared sample by sample, as they are read back.
"""

import dataclasses
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay import documents
from inlay.batch.cells import Cell
from inlay.batch.looking import Looker
from inlay.batch.manifest import Record, stored
from inlay.batch.outside import Compared, Outside, compared, digest
from inlay.batch.plan import Plan
from inlay.batch.recipes import PATHS
from inlay.client.client import Client
from inlay.errors import InlayError

_TOLD = 5


@dataclass(frozen=True)
class Controlled:
    """What was found of one axis. holds: so many pairs differ in nothing but the axis. differ: where their recipes do.

    problems: of the first few pairs that do not hold, in sentences.
    """

    axis: str
    pairs: int
    holds: int
    samples: int
    differing: int
    differ: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def sentence(self) -> str:
        where = ", ".join(self.differ) or "nothing"
        return (
            f"{self.axis}: {self.pairs} pairs, {self.samples} samples outside the masks compared, {self.differing} differ; "
            f"recipes differ in {where}; {self.holds} of {self.pairs} hold"
        )


class _File(NamedTuple):
    """What of a written file is compared. outside_id: of the mask, digest: of the samples outside of it."""

    cell: Cell
    record: Record
    path: Path
    outside: Outside
    outside_id: bytes
    digest: str
    samples: int


class _Pair(NamedTuple):
    compared: Compared
    differ: tuple[str, ...]
    problems: tuple[str, ...]


def prove(plan: Plan, cells: Sequence[Cell], records: Sequence[Record], client: Client) -> list[Controlled]:
    """One for each axis of the plan, `recipe` among them where it has several; from the files that are there.

    Raises Unavailable, Unauthenticated.
    """
    axes = [*(["recipe"] if "" not in plan.recipes else []), *(axis.name for axis in plan.axes)]
    found: dict[str, list[_Pair]] = {axis: [] for axis in axes}
    by_out = {record.out: record for record in records if record.has_file}
    looker = Looker(plan, client)
    for _, group in itertools.groupby(cells, key=lambda cell: (cell.document, cell.format)):
        files = list(_files(plan, group, by_out, looker))
        for axis in axes:
            found[axis] += _pairs(plan, axis, files)
    return [_summed(axis, pairs) for axis, pairs in found.items()]


def write_proof(path: Path, found: Sequence[Controlled]) -> None:
    """As JSON. Raises InvalidInput where it cannot be written."""
    text = json.dumps([dataclasses.asdict(one) for one in found], indent=1, ensure_ascii=False) + "\n"
    stored(path, text.encode())


def differences(one: Any, other: Any, path: str = "") -> Iterator[str]:
    """The dotted paths at which two JSON values differ."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in sorted({*one, *other}):
            yield from differences(one.get(name), other.get(name), f"{path}.{name}" if path else str(name))
    elif isinstance(one, list | tuple) and isinstance(other, list | tuple) and len(one) == len(other):
        for at, (mine, theirs) in enumerate(zip(one, other, strict=True)):
            yield from differences(mine, theirs, f"{path}[{at}]")
    elif one != other or isinstance(one, bool) != isinstance(other, bool):
        yield path


def _files(plan: Plan, cells: Iterator[Cell], records: Mapping[str, Record], looker: Looker) -> Iterator[_File]:
    for cell in cells:
        record = next((one for out, one in records.items() if plan.folder / out == cell.out), None)
        looked = looker.look(cell) if record else None
        if record is None or looked is None or looked.framed is None or looked.wish is None:
            continue
        samples = _read(cell.out)
        if samples is None or samples.shape[1::-1] != tuple(looked.framed.written):
            continue
        outside = looked.framed.outside(looked.wish.grow_px, looked.wish.feather_px)
        count = int(outside.sum()) * samples.shape[2]
        yield _File(cell, record, cell.out, outside, np.packbits(outside).tobytes(), digest(samples, outside), count)


def _pairs(plan: Plan, axis: str, files: Sequence[_File]) -> Iterator[_Pair]:
    fields = plan.fields_of(axis)
    allowed = tuple(path for field in fields for path in PATHS[field])
    groups: dict[tuple[str, ...], list[_File]] = {}
    for file in files:
        rest = tuple(f"{name}={label}" for name, label in file.cell.labels.items() if name != axis)
        groups.setdefault(rest, []).append(file)
    for group in groups.values():
        for one, other in itertools.combinations(group, 2):
            yield _pair(one, other, allowed, may_differ_in_seed="seed" in fields)


def _pair(one: _File, other: _File, allowed: tuple[str, ...], *, may_differ_in_seed: bool) -> _Pair:
    names = f"{one.record.out} and {other.record.out}"
    problems: list[str] = []
    if one.record.source_sha256 != other.record.source_sha256:
        problems.append(f"{names} are of different masters")
    if one.record.seed != other.record.seed and not may_differ_in_seed:
        problems.append(f"{names} have the seeds {one.record.seed} and {other.record.seed}")
    differ = tuple(differences(one.record.recipe, other.record.recipe))
    more = [path for path in differ if not any(_is_in(path, part) for part in allowed)]
    if more:
        problems.append(f"the recipes of {names} also differ in {', '.join(more)}")
    counted = _counted(one, other)
    if counted.differing:
        problems.append(f"{counted.differing} samples outside the masks of {names} differ")
    return _Pair(counted, differ, tuple(problems))


def _counted(one: _File, other: _File) -> Compared:
    if one.outside_id == other.outside_id and one.digest == other.digest and one.samples == other.samples:
        return Compared(one.samples, 0)
    here, there = _read(one.path), _read(other.path)
    outside = one.outside & other.outside
    if here is None or there is None or here.shape != there.shape or here.dtype != there.dtype:
        return Compared(one.samples, one.samples)
    return compared(here, there, outside)


def _read(path: Path) -> NDArray[np.generic] | None:
    try:
        return documents.read(path).samples
    except InlayError:
        return None


def _is_in(path: str, part: str) -> bool:
    return path == part or path.startswith((f"{part}.", f"{part}["))


def _summed(axis: str, pairs: Sequence[_Pair]) -> Controlled:
    total = sum((pair.compared for pair in pairs), Compared(0, 0))
    return Controlled(
        axis=axis,
        pairs=len(pairs),
        holds=sum(not pair.problems for pair in pairs),
        samples=total.samples,
        differing=total.differing,
        differ=tuple(dict.fromkeys(path for pair in pairs for path in pair.differ)),
        problems=tuple(problem for pair in pairs for problem in pair.problems)[:_TOLD],
    )
