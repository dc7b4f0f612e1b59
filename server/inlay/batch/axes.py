"""The variables of a plan: each an axis with values, written in the plan or in a CSV whose row is a value with its fields."""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from inlay.batch.slots import Scalar
from inlay.batch.tables import Given, Table, bytes_of
from inlay.errors import InvalidInput

DOCUMENT, FORMAT, RECIPE = "document", "format", "recipe"
RESERVED = (DOCUMENT, FORMAT, RECIPE)
"""Axes that follow from other parts of a plan."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True)
class Value:
    """One value of an axis. label: what people call it. fields: what else is filled in, by name."""

    label: str
    own: Scalar
    fields: Mapping[str, Scalar] = field(default_factory=dict[str, Scalar])


@dataclass(frozen=True)
class Axis:
    """A variable and its values, in their order."""

    name: str
    values: tuple[Value, ...]

    def slots(self) -> set[str]:
        """The names by which a recipe can have it: what every value has."""
        common = set.intersection(*(set(value.fields) for value in self.values))
        return {self.name, *(f"{self.name}.{name}" for name in common)}

    def filling(self, value: Value) -> dict[str, Scalar]:
        """What its slots stand for."""
        return {self.name: value.own} | {f"{self.name}.{name}": one for name, one in value.fields.items()}


def axes_of(table: Table) -> tuple[Axis, ...]:
    """The axes of the table [axes]. Raises InvalidInput."""
    return tuple(_axis(name, given) for name, given in table.values.items())


def _axis(name: str, given: Given) -> Axis:
    if not _NAME.fullmatch(name):
        raise InvalidInput(given.where, repr(name), "an axis is named with letters, digits, _ and -")
    if name in RESERVED:
        raise InvalidInput(given.where, repr(name), f"{', '.join(RESERVED)} are there already; choose another name")
    if isinstance(given.value, list):
        values = [Value(_label(one), one.scalar()) for one in given.items()]
    else:
        table = given.table()
        values = _rows(table) if "csv" in table.values else [_named(label, one) for label, one in table.values.items()]
    if not values:
        raise given.wrong("it must have at least one value")
    labels = [value.label for value in values]
    for label in labels:
        if labels.count(label) > 1:
            raise InvalidInput(given.where, repr(label), "it is there twice; every value is listed once")
    return Axis(name, tuple(values))


def _label(given: Given) -> str:
    label = str(given.scalar()).strip()
    if not label:
        raise given.wrong("a value must not be empty")
    return label


def _named(label: str, given: Given) -> Value:
    if not label.strip():
        raise InvalidInput(given.where, "without a name", "a value needs one")
    if not isinstance(given.value, dict):
        raise given.wrong('a value with fields is a table, such as navy = { hex = "#1f4e79" }')
    return Value(label, label, {name: one.scalar() for name, one in given.table().values.items()})


def _rows(table: Table) -> list[Value]:
    table.only(("csv", "key", "fields"))
    given = table.need("csv", "name the file")
    key = table.need("key", "name the column by which a row is known").text()
    asked = table.get("fields")
    rows = _table_in(given, [key, *(one.text() for one in asked.items())] if asked else [key])
    found: list[Value] = []
    for number, row in rows:
        label = row[key].strip()
        if not label:
            raise InvalidInput(given.where, f"{given.value!r}, line {number}", f"its {key} is empty")
        names = [one.text() for one in asked.items()] if asked else [name for name in row if name != key]
        found.append(Value(label, label, {name: row[name] for name in names}))
    return found


def _table_in(given: Given, needed: list[str]) -> list[tuple[int, dict[str, str]]]:
    """The rows of a CSV by their columns, with their line's number; as Excel writes it too. Raises InvalidInput."""
    path = given.file.parent / given.text()
    text = _decoded(bytes_of(path, given.where), given)
    first = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        lines = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise given.wrong(f"it must be a CSV table ({error})") from None
    if not lines:
        raise given.wrong("its first line must name the columns")
    columns = [name.strip() for name in lines[0][1]]
    for name in needed:
        if columns.count(name) != 1:
            said = "has no column" if name not in columns else "has more than one column"
            raise given.wrong(f"it {said} {name!r}; its first line names {', '.join(columns)}")
    rows: list[tuple[int, dict[str, str]]] = []
    for number, row in lines[1:]:
        if len(row) != len(columns):
            limit = (
                f"line {number} has {len(row)} columns, its first line {len(columns)}; a text with a comma is quoted"
            )
            raise given.wrong(limit)
        rows.append((number, dict(zip(columns, row, strict=True))))
    if not rows:
        raise given.wrong("it has no row below its first line")
    return rows


def _decoded(data: bytes, given: Given) -> str:
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))  # Excel's "Unicode text"
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        raise given.wrong('it must be UTF-8: in Excel, save it as "CSV UTF-8"') from None
    if "\0" in text:
        raise given.wrong("it must be a text, without the character 0")
    return text
