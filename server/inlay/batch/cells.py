"""The cells of a plan: each one picture with one recipe, its slots filled, and one file that it becomes."""

import hashlib
import itertools
import json
import math
import os
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from inlay.batch.axes import DOCUMENT, FORMAT, RECIPE, Value
from inlay.batch.plan import CELL, LAYERED, SAME, Plan
from inlay.batch.recipes import Asked, whole, with_seed
from inlay.batch.slots import Scalar, filled, filled_text, slots_of
from inlay.errors import InvalidInput
from inlay.recipe import MAX_SEED

MOST_CELLS = 20_000
_UNFIT = re.compile(r'[/\\:*?"<>|\x00-\x1f]')
"""What names of files must not have, on some system or other."""
_LONGEST_NAME = 200


@dataclass(frozen=True)
class Cell:
    """One file to be made. values: of each axis."""

    document: Path
    recipe: str
    format: str
    values: Mapping[str, Value]
    asked: Asked
    mask: str
    """A file, `layer:NAME`, `channel:NAME` or `propagate:FILE`; empty: the recipe needs none."""
    master_mask: str
    out: Path

    @property
    def labels(self) -> dict[str, str]:
        """Which value it has on each axis, those that follow from other parts of the plan too."""
        own = {DOCUMENT: self.document.stem, RECIPE: self.recipe, FORMAT: self.format}
        return {name: label for name, label in own.items() if label} | {
            name: value.label for name, value in self.values.items()
        }

    @property
    def filling(self) -> dict[str, Scalar]:
        """The fields of its values, by the slots' names."""
        return {f"{name}.{part}": one for name, value in self.values.items() for part, one in value.fields.items()}


def cells_of(plan: Plan) -> tuple[Cell, ...]:
    """Every cell of a plan, in the order documents, recipes, formats, axes.

    Raises InvalidInput where two have one name, a value does not fit a recipe's field or a name, or there are too many.
    """
    sides = [len(plan.documents), len(plan.recipes), max(1, len(plan.formats)), *(len(one.values) for one in plan.axes)]
    if math.prod(sides) > MOST_CELLS:
        told = f"{' x '.join(map(str, sides))} = {math.prod(sides)} cells"
        raise InvalidInput(plan.path.name, told, f"a plan has at most {MOST_CELLS}; make several plans of it")
    cells = tuple(_expanded(plan))
    if not cells:
        raise InvalidInput(f"{plan.path.name}: skip", "every cell", "it leaves nothing to do; take some out")
    _check_names(plan, cells)
    return cells


def _expanded(plan: Plan) -> Iterator[Cell]:
    for document, name, format_name in itertools.product(plan.documents, plan.recipes, plan.formats or ("",)):
        for chosen in itertools.product(*(axis.values for axis in plan.axes)):
            values = {axis.name: value for axis, value in zip(plan.axes, chosen, strict=True)}
            labels = {DOCUMENT: document.stem, RECIPE: name, FORMAT: format_name}
            labels |= {axis: value.label for axis, value in values.items()}
            if any(all(labels[axis] in wanted for axis, wanted in skip.items()) for skip in plan.skips):
                continue
            slots: dict[str, Scalar] = {DOCUMENT: document.stem, RECIPE: name, FORMAT: format_name}
            for axis in plan.axes:
                slots |= axis.filling(values[axis.name])
            asked = with_seed(plan.recipes[name].filled(slots), _seed(plan, slots, labels))
            if asked.wish.count > 1 and Path(plan.out.value).suffix.lower() not in LAYERED:
                raise InvalidInput(
                    plan.out.where,
                    repr(plan.out.value),
                    f"count is {asked.wish.count}: it must end in {' or '.join(LAYERED)}",
                )
            yield Cell(
                document=document,
                recipe=name,
                format=format_name,
                values=values,
                asked=asked,
                mask=filled_text(plan.mask.value, slots) if plan.mask else "",
                master_mask=filled_text(plan.master_mask.value, slots) if plan.master_mask else "",
                out=_out(plan, slots),
            )


def _seed(plan: Plan, slots: Mapping[str, Scalar], labels: Mapping[str, str]) -> int:
    """same: one for all; cell: from what the cell is called; else the number, or what fills it."""
    given = plan.seed
    if given.value == SAME:
        return 0
    if given.value == CELL:
        spelled = json.dumps(labels, sort_keys=True).encode()
        return int.from_bytes(hashlib.sha256(spelled).digest()[:4], "big")
    value = filled(given.value, slots) if isinstance(given.value, str) else given.scalar()
    return whole(given, value, 0, MAX_SEED)


def _out(plan: Plan, slots: Mapping[str, Scalar]) -> Path:
    text = str(plan.out.value)
    for slot in slots_of(text, plan.out.where):
        value = str(slots[slot])
        if _UNFIT.search(value) or value.strip(" .") != value or not value:
            limit = f'{{{slot}}} is {value[:60]!r}; names of files have none of / \\ : * ? " < > | and no dots at their ends'
            raise InvalidInput(plan.out.where, repr(text), f"{limit}; fill in another field of its axis")
    path = Path(os.path.normpath(plan.path.parent / filled_text(text, slots)))
    if len(path.name.encode()) > _LONGEST_NAME:
        raise InvalidInput(plan.out.where, repr(path.name), f"a name must have at most {_LONGEST_NAME} bytes")
    return path


def _check_names(plan: Plan, cells: tuple[Cell, ...]) -> None:
    """Names that some file system takes for one are one."""
    taken: dict[str, Cell] = {}
    masters = {_name(path) for path in plan.documents}
    for cell in cells:
        name = _name(cell.out)
        if name in masters:
            raise InvalidInput(plan.out.where, str(cell.out), "it is a master; results are files of their own")
        other = taken.setdefault(name, cell)
        if other is not cell:
            differ = [axis for axis in cell.labels if cell.labels[axis] != other.labels[axis]]
            slots = " or ".join(f"{{{axis}}}" for axis in differ) or "{document}"
            both = f"{_said(other)} and {_said(cell)}"
            raise InvalidInput(plan.out.where, str(cell.out.name), f"{both} would both be it; put {slots} into out")


def _name(path: Path) -> str:
    return unicodedata.normalize("NFC", str(path)).casefold()


def _said(cell: Cell) -> str:
    return ", ".join(f"{axis} {label}" for axis, label in cell.labels.items()) + f" ({cell.document.name})"
