"""A plan: documents x recipes x variables x formats, in TOML (https://toml.io/en/v1.0.0), read and checked as a whole."""

import dataclasses
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from glob import iglob
from itertools import islice
from pathlib import Path

from inlay.batch.axes import DOCUMENT, FORMAT, RECIPE, Axis, Value, axes_of
from inlay.batch.recipes import Form
from inlay.batch.slots import check_slots, filled_text, literal, slots_of
from inlay.batch.tables import Given, Table, read_tables
from inlay.documents import SUFFIXES
from inlay.errors import InvalidInput
from inlay.formats import Format
from inlay.job import MAX_LABEL_CHARACTERS

VERSION = 1
SAME, CELL = "same", "cell"
KEYS = ("plan", "name", "out", "seed", "recipe", "recipes", "documents", "axes", "formats", "skip", "sheet")
MASTERS = (".ora", ".psd", ".psb", ".kra", ".tif", ".tiff", ".png", ".jpg", ".jpeg")
LAYERED = (".ora", ".psd")
LAYER, CHANNEL, PROPAGATE = "layer:", "channel:", "propagate:"
MOST_DOCUMENTS = 10_000
MOST_LISTED = 100_000
"""Names that a pattern may match; what comes after is not looked at."""

Skip = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Plan:
    """A plan that was read. Every text may still have slots."""

    path: Path
    name: str
    """What its jobs share as their batch."""
    out: Given
    seed: Given
    recipes: Mapping[str, Form]
    """By name; a plan with one recipe only has it under the empty name."""
    documents: tuple[Path, ...]
    mask: Given | None
    master_mask: Given | None
    """What `propagate:` carries on."""
    axes: tuple[Axis, ...]
    formats: Mapping[str, Format]
    skips: tuple[Skip, ...] = ()
    rows: str = ""
    columns: str = ""
    """Of the contact sheet: an axis; empty: chosen."""

    @property
    def folder(self) -> Path:
        """Where manifest and sheets lie: the folder of `out` as far as it has no slots."""
        fixed = str(self.out.value).partition("{")[0]
        return self.path.parent / (fixed.rpartition("/")[0] or ("/" if fixed.startswith("/") else "."))

    def beside(self, ending: str) -> Path:
        """A file about the whole plan."""
        return self.folder / f"{self.path.stem}-{ending}"

    def fields_of(self, axis: str) -> set[str]:
        """The fields of the recipe that an axis fills in or decides."""
        found = {name for form in self.recipes.values() for name in form.fields_with(axis)}
        if axis == RECIPE:
            found |= {name for form in self.recipes.values() for name in form.fields}
        for name, given in (("mask", self.mask), ("seed", self.seed)):
            if (
                given
                and isinstance(given.value, str)
                and any(slot.partition(".")[0] == axis for slot in slots_of(given.value, given.where))
            ):
                found.add(name)
        return found


def read_plan(path: Path) -> Plan:
    """The plan in a file. Raises InvalidInput with file, key, value and remedy for whatever is wrong in it."""
    path = path.resolve()
    top = read_tables(path)
    top.only((*KEYS, "extends"))
    version = top.need("plan", f"say which kind of plan it is: plan = {VERSION}")
    if type(version.value) is not int or version.value != VERSION:
        raise version.wrong(f"this Inlay reads plan = {VERSION}")
    recipes = _recipes(top)
    axes = axes_of(top.under("axes"))
    formats = {name: _format(name, one) for name, one in top.under("formats").values.items()}
    documents, mask, master_mask = _documents(top)
    plan = Plan(
        path=path,
        name=_name(top, path),
        out=_out(top, path),
        seed=top.get("seed") or Given(SAME, path, "seed"),
        recipes=recipes,
        documents=documents,
        mask=mask,
        master_mask=master_mask,
        axes=axes,
        formats=formats,
    )
    _check_resampled(top, plan)
    known = {DOCUMENT, *(slot for axis in axes for slot in axis.slots())}
    known |= {FORMAT} if formats else set()
    known |= {RECIPE} if "" not in recipes else set()
    for form in recipes.values():
        form.check(known)
    for given in (plan.out, plan.mask, plan.master_mask, plan.seed):
        if given and isinstance(given.value, str) and given.value not in (SAME, CELL):
            check_slots(given.value, given.where, known)
    rows, columns = _sheet(top, plan)
    plan = dataclasses.replace(plan, skips=_skips(top, plan), rows=rows, columns=columns)
    _check_no_results(plan, top)
    return plan


def _check_resampled(top: Table, plan: Plan) -> None:
    """Layers keep the master's own pixels. Raises InvalidInput where a format of layered files shall have another size."""
    if Path(str(plan.out.value)).suffix.lower() not in LAYERED:
        return
    for name, given in top.under("formats").values.items():
        if plan.formats[name].resample != "never":
            limit = f"{plan.out.value!r} keeps the layers as they are; end out in .png or .tif, or take it out"
            raise InvalidInput(f"{given.where}.resample", repr(plan.formats[name].resample), limit)


def _recipes(top: Table) -> dict[str, Form]:
    base = Form.of(top.under("recipe"))
    several = top.under("recipes")
    if not several.values:
        top.need("recipe", "say what to do in a table [recipe]")
        return {"": base}
    return {name: Form.of(one.table()).over(base) for name, one in several.values.items()}


def _format(name: str, given: Given) -> Format:
    """A platform's name, W:H or WIDTHxHEIGHT; or a table. Raises InvalidInput."""
    try:
        if isinstance(given.value, str):
            return dataclasses.replace(Format.parse(given.value), name=name)
        given.table()
        return Format.of(name, given.value)
    except InvalidInput as wrong:
        key = wrong.field if wrong.field.startswith("formats.") else given.key
        raise (
            wrong if given.where == wrong.field else InvalidInput(f"{given.file.name}: {key}", wrong.value, wrong.limit)
        ) from None


def _sheet(top: Table, plan: Plan) -> tuple[str, str]:
    """The axes that are rows and columns of the contact sheet; empty: chosen."""
    table = top.under("sheet")
    table.only(("rows", "columns"))
    named = [given.text() if (given := table.get(name)) else "" for name in ("rows", "columns")]
    known = [DOCUMENT, *((FORMAT,) if plan.formats else ()), *((RECIPE,) if "" not in plan.recipes else ())]
    known += [axis.name for axis in plan.axes]
    for given in table.values.values():
        if given.value not in known:
            raise given.wrong(f"there are {', '.join(known)}")
    if named[0] and named[0] == named[1]:
        raise table.values["columns"].wrong("rows and columns are different axes")
    return named[0], named[1]


def _name(top: Table, path: Path) -> str:
    given = top.get("name")
    name = given.text() if given else path.stem
    if given and len(name) > MAX_LABEL_CHARACTERS:
        raise given.wrong(f"at most {MAX_LABEL_CHARACTERS} characters are allowed")
    return name[:MAX_LABEL_CHARACTERS]


def _out(top: Table, path: Path) -> Given:
    given = top.need("out", 'say how the files are named, such as out = "out/{document}_{colour}.psd"')
    text = given.text()
    suffix = Path(text).suffix.lower()
    if suffix not in SUFFIXES:
        raise given.wrong(f"it must end in one of {', '.join(SUFFIXES)}")
    return given._replace(file=path)  # beside the plan that is run, whichever plan it is inherited from


def _documents(top: Table) -> tuple[tuple[Path, ...], Given | None, Given | None]:
    table = top.under("documents")
    table.only(("files", "mask", "master_mask"))
    files = table.need("files", 'name the masters, such as files = ["masters/*.psd"]')
    found: dict[Path, None] = {}
    for pattern in files.items():
        text = pattern.text()
        base = pattern.file.parent
        matches = sorted(islice(iglob(text, root_dir=base, recursive=True), MOST_LISTED))
        paths = [base / match for match in matches if (base / match).is_file()]
        if not paths:
            raise pattern.wrong(f"no file is named so; it is looked for from {base}")
        found |= dict.fromkeys(path.resolve() for path in paths)
        for path in paths:
            if path.suffix.lower() not in MASTERS:
                limit = f"masters are {', '.join(MASTERS)}; save a copy as one of them"
                raise InvalidInput(pattern.where, path.name, limit)
        if len(found) > MOST_DOCUMENTS:
            raise pattern.wrong(f"a plan has at most {MOST_DOCUMENTS} documents")
    mask, master_mask = table.get("mask"), table.get("master_mask")
    for given in (mask, master_mask):
        if given:
            given.text()
    if mask and mask.value.startswith(PROPAGATE) and not master_mask:
        table.need("master_mask", f'say what {mask.value!r} carries on, such as master_mask = "layer:Jacket"')
    if master_mask and not (mask and mask.value.startswith(PROPAGATE)):
        raise master_mask.wrong('it is for mask = "propagate:MASTER" only')
    return tuple(found), mask, master_mask


def _skips(top: Table, plan: Plan) -> tuple[Skip, ...]:
    """The tables [[skip]], each an axis' value or several of each of its axes."""
    given = top.get("skip")
    if given is None:
        return ()
    labels = {axis.name: [value.label for value in axis.values] for axis in plan.axes}
    labels[DOCUMENT] = [path.stem for path in plan.documents]
    if plan.formats:
        labels[FORMAT] = list(plan.formats)
    if "" not in plan.recipes:
        labels[RECIPE] = list(plan.recipes)
    found: list[Skip] = []
    for one in given.items():
        table = one.table()
        table.only(labels)
        if not table.values:
            raise one.wrong("it would leave out everything; name values of axes")
        skip: dict[str, frozenset[str]] = {}
        for name, value in table.values.items():
            wanted = value.items() if isinstance(value.value, list) else [value]
            for label in wanted:
                if str(label.scalar()) not in labels[name]:
                    raise label.wrong(f"{name} has {', '.join(labels[name][:20])}")
            skip[name] = frozenset(str(label.value) for label in wanted)
        found.append(skip)
    return tuple(found)


def _check_no_results(plan: Plan, top: Table) -> None:
    """Raise InvalidInput where the next run would take this one's results for masters."""
    text = str(plan.out.value)
    fixed = literal(str(plan.path.parent).replace(os.sep, "/")) + "/" if not os.path.isabs(text) else ""
    marked = dict.fromkeys(slots_of(text, plan.out.where), "\0")
    pattern = re.escape(os.path.normpath(filled_text(fixed + text, marked))).replace(re.escape("\0"), "[^/\\\\]+")
    for path in plan.documents:
        if slots_of(text, plan.out.where) and re.fullmatch(pattern, str(path)):
            files = top.under("documents").values["files"]
            limit = f"out = {text!r} writes files of that name; give results a folder of their own"
            raise InvalidInput(files.where, path.name, limit)


def labels_of(values: Mapping[str, Value]) -> dict[str, str]:
    return {name: value.label for name, value in values.items()}
