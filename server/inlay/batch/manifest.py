"""What became of each cell: a line of JSON as soon as it is known, and all of them as a CSV for people."""

import csv
import dataclasses
import enum
import io
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inlay.errors import InvalidInput

BRAND_DELTA_E = 0.5
"""CIEDE2000 within which a set has one colour."""


class State(enum.StrEnum):
    """What became of a cell."""

    DONE = "done"
    FLAGGED = "flagged"
    """A person must look: its region could not be carried to it (there is no file then), or a check of its file failed."""
    FAILED = "failed"


@dataclass(frozen=True)
class Record:
    """One cell, as the manifest has it. Numbers that were not measured are None."""

    id: str
    """SHA-256 of the master, the filled recipe, the format and the values: what is the same again."""
    out: str
    """From the manifest's folder, with slashes."""
    document: str
    axes: Mapping[str, str]
    """Its value on each axis, `document`, `recipe` and `format` among them where there are several."""
    fields: Mapping[str, Any]
    """What else its values bring along, such as a line of copy, by `axis.field`."""
    seed: int
    state: State
    source_sha256: str = ""
    job_id: str = ""
    sha256: str = ""
    bytes: int = 0
    delta_e: float | None = None
    """CIEDE2000 between the colour that was asked for and the mean in the written file, as an eyedropper reads it."""
    outside_identical: bool | None = None
    """Whether every sample outside the mask is the master's, in the written file."""
    outside_samples: int = 0
    outside_differing: int = 0
    attempts: int = 0
    seconds: float = 0.0
    """Of painting."""
    error: str = ""
    """Why it failed, or what a person must look at."""
    verdict: str = ""
    """Of a review: approved (the file is the final then), changes or rejected; empty: not judged."""
    notes: tuple[str, ...] = ()
    safe: tuple[int, ...] = ()
    """Of a format, what a platform leaves free: x, y, width, height in the file's px."""
    recipe: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """As the plan asks for it; the receipt has all that decided the pixels, of a final the final's."""
    receipt: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def is_off(self) -> bool:
        """Whether the colour that was asked for was not reached."""
        return self.delta_e is not None and self.delta_e > BRAND_DELTA_E

    @property
    def has_file(self) -> bool:
        return bool(self.sha256)


_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How texts begin that a spreadsheet would calculate."""
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")
_LISTED = ("attempts", "seconds", "error", "recipe", "receipt")


class Manifest:
    """The lines of one plan's manifest, in a file that only grows; the last line of a cell counts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._records: dict[str, Record] = {}
        self._ends_open = False
        for line in self._lines():
            record = _record(line)
            if record is not None:
                self._records[record.id] = record

    @property
    def records(self) -> list[Record]:
        """The last line of each cell, in the order in which they came."""
        return list(self._records.values())

    def get(self, cell_id: str) -> Record | None:
        return self._records.get(cell_id)

    def add(self, record: Record) -> None:
        """On the disk once this returns. Raises InvalidInput where it cannot be written."""
        line = json.dumps(dataclasses.asdict(record), ensure_ascii=False, sort_keys=True) + "\n"
        before = "\n" if self._ends_open else ""  # a line that a killed run left unfinished
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(before + line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as refused:
            raise _unwritable(self.path, refused) from refused
        self._ends_open = False
        self._records[record.id] = record

    def _lines(self) -> list[str]:
        try:
            text = self.path.read_bytes().decode("utf-8", "replace")
        except FileNotFoundError:
            return []
        except OSError as refused:
            raise _unwritable(self.path, refused) from refused
        self._ends_open = bool(text) and not text.endswith("\n")
        return text.split("\n")


def write_csv(path: Path, records: Sequence[Record]) -> None:
    """The records as Excel opens them: UTF-8 with its mark, a column for each axis and each of its fields."""
    axes = list(dict.fromkeys(name for one in records for name in one.axes if name != "document"))
    fields = list(dict.fromkeys(name for one in records for name in one.fields))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    measured = (
        "seed",
        "state",
        "verdict",
        "job_id",
        "sha256",
        "bytes",
        "delta_e",
        "outside_identical",
        "outside_samples",
    )
    own = (*measured, "outside_differing", "source_sha256", *_LISTED)
    writer.writerow(["id", "out", "document", *axes, *fields, *own])
    for one in records:
        values = [one.id, one.out, one.document, *(one.axes.get(name, "") for name in axes)]
        values += [one.fields.get(name, "") for name in fields]
        writer.writerow([*map(_cell, values), *(_cell(getattr(one, name)) for name in own)])
    stored(path, text.getvalue().encode("utf-8-sig"))


def stored(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; on the disk once this returns. Raises InvalidInput."""
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as refused:
        raise _unwritable(path, refused) from refused


def reached(records: Sequence[Record]) -> list[str]:
    """How well the colours that were asked for were reached, in one sentence; none where none was."""
    found = [one.delta_e for one in records if one.delta_e is not None]
    if not found:
        return []
    off = sum(one.is_off for one in records)
    return [f"colours reached: dE2000 at most {max(found):.2f} in {len(found)} files, {off} beyond {BRAND_DELTA_E}"]


def plain(records: Iterable[Record]) -> list[dict[str, Any]]:
    return [dataclasses.asdict(record) for record in records]


def _record(line: str) -> Record | None:
    """A line that a killed run left unfinished, or that somebody else wrote, is none."""
    try:
        facts = json.loads(line)
        known = {one.name for one in dataclasses.fields(Record)}
        facts = {name: value for name, value in facts.items() if name in known}
        return Record(
            **{
                **facts,
                "state": State(facts["state"]),
                "notes": tuple(facts.get("notes", ())),
                "safe": tuple(facts.get("safe", ())),
            }
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    is_formula = isinstance(value, str) and value.startswith(_FORMULA) and not _NUMBER.fullmatch(value)
    return f"'{value}" if is_formula else value


def _unwritable(path: Path, refused: OSError) -> InvalidInput:
    return InvalidInput("path", str(path), f"it must be a place that can be written to ({refused.strerror or refused})")
