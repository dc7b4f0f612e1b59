"""The tables of a plan's TOML, each value with the file that it stands in, so that an error names file, key, value and remedy."""

import difflib
import math
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from inlay.batch.slots import Scalar
from inlay.errors import InvalidInput

_INHERITED = ("recipe", "recipes", "documents", "axes", "formats")
"""Tables that `extends` fills up key by key; whatever else a plan says goes for what it extends."""
MOST_EXTENDED = 16
MOST_BYTES = 4 * 2**20


class Given(NamedTuple):
    """A value and where it stands."""

    value: Any
    file: Path
    key: str

    @property
    def where(self) -> str:
        return f"{self.file.name}: {self.key}"

    def wrong(self, limit: str) -> InvalidInput:
        """The error that this value is wrong."""
        return InvalidInput(self.where, _shown(self.value), limit)

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.wrong("it must be a text in quotes that is not empty")
        _check_text(self.value, self)
        return self.value

    def scalar(self) -> Scalar:
        if not isinstance(self.value, str | int | float | bool):
            raise self.wrong("it must be a text, a number, true or false")
        if isinstance(self.value, str):
            _check_text(self.value, self)
        if isinstance(self.value, float) and not math.isfinite(self.value):
            raise self.wrong("it must be a finite number")
        return self.value

    def items(self) -> list["Given"]:
        """Of a list."""
        if not isinstance(self.value, list):
            raise self.wrong("it must be a list in [ ]")
        if not self.value:
            raise self.wrong("it must have at least one entry")
        return [Given(one, self.file, f"{self.key}[{at}]") for at, one in enumerate(self.value)]

    def table(self) -> "Table":
        if not isinstance(self.value, dict):
            raise self.wrong(f"it must be a table, such as [{self.key}]")
        return Table(self, {name: Given(one, self.file, f"{self.key}.{name}") for name, one in self.value.items()})


class Table:
    """A table's values by their keys. own: the table itself."""

    def __init__(self, own: Given, values: Mapping[str, Given]) -> None:
        self.own = own
        self.values = dict(values)

    def only(self, known: Iterable[str]) -> None:
        """Raise InvalidInput for a key that is not known."""
        known = list(known)
        for name, one in self.values.items():
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
                raise InvalidInput(one.where, "not known", hint)

    def get(self, name: str) -> Given | None:
        return self.values.get(name)

    def need(self, name: str, remedy: str) -> Given:
        """Raises InvalidInput with the remedy where it is missing."""
        if name not in self.values:
            key = f"{self.own.key}.{name}" if self.own.key else name
            raise InvalidInput(f"{self.own.file.name}: {key}", "missing", remedy)
        return self.values[name]

    def under(self, name: str) -> "Table":
        """A table in it, empty where there is none."""
        found = self.get(name)
        if found is not None:
            return found.value if isinstance(found.value, Table) else found.table()
        return Table(Given({}, self.own.file, name), {})


def read_tables(path: Path) -> Table:
    """The whole of a plan, with what it extends. Raises InvalidInput."""
    return _read(path, ())


def _read(path: Path, by: tuple[Path, ...]) -> Table:
    whole = Given({}, path, "")
    top = {name: Given(one, path, name) for name, one in _toml(path).items()}
    own = Table(whole, top)
    extends = own.values.pop("extends", None)
    for name in _INHERITED:
        if name in own.values:
            own.values[name] = own.values[name]._replace(value=own.values[name].table())
    if extends is None:
        return own
    base = (path.parent / extends.text()).resolve()
    if base in (path, *by):
        raise extends.wrong("a plan cannot extend itself, by way of others neither")
    if len(by) >= MOST_EXTENDED:
        raise extends.wrong(f"at most {MOST_EXTENDED} plans may extend each other")
    return _over(own, _read(base, (*by, path)))


def _over(own: Table, base: Table) -> Table:
    """`own`, and what it leaves open as `base` has it."""
    values = base.values | own.values
    for name in _INHERITED:
        if name in own.values and name in base.values:
            both = base.values[name].value.values | own.values[name].value.values
            values[name] = own.values[name]._replace(value=Table(own.values[name], both))
    return Table(own.own, values)


def _toml(path: Path) -> dict[str, Any]:
    data = bytes_of(path, "plan")
    if len(data) > MOST_BYTES:
        raise InvalidInput(
            "plan", str(path), f"it must have at most {MOST_BYTES // 2**20} MiB; lists belong into a CSV"
        )
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise InvalidInput("plan", str(path), "it must be UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InvalidInput(path.name, "no TOML", str(error) or "it is nested too deep") from None


def bytes_of(path: Path, field: str) -> bytes:
    """A file's bytes. Raises InvalidInput naming `field`."""
    try:
        return path.read_bytes()
    except OSError as unreadable:
        reason = unreadable.strerror or str(unreadable)
        raise InvalidInput(field, str(path), f"it must be a file that can be read ({reason})") from None


def _check_text(text: str, given: Given) -> None:
    if "\0" in text:
        raise given.wrong("a text must not have the character 0")


def _shown(value: Any) -> str:
    if isinstance(value, Table):
        return "a table"
    return repr(value) if isinstance(value, str) else str(value)
