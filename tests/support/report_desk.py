"""Journals made by hand: whoever writes into one, at the minute that is said."""

import contextlib
import dataclasses
import datetime
import sqlite3
from pathlib import Path
from typing import Any

from inlay.events import Done, Happening, VariationDone
from inlay.job import Rating, Ticket
from inlay.jobs.journal import Journal
from inlay.recipe import DRAFT, Input, Recipe
from inlay.region import Rect, Size
from inlay.report import Figures, Rates, Summary, place, read, summarise
from support.job_room import new_id, variation

BEGAN = datetime.datetime(2026, 11, 2, 9, 0).timestamp()
"""The minutes below are counted from here."""

HERE, BESIDE = Rect(10, 10, 20, 20), Rect(60, 10, 20, 20)


@dataclasses.dataclass
class Desk:
    """A journal and whoever writes into it, at the minute that is said."""

    path: Path
    journal: Journal
    recipe: Recipe

    def submit(self, minute: float, region: Rect = HERE, label: str = "a.kra", **said: Any) -> str:
        ticket = {name: said.pop(name) for name in ("parent", "batch", "lane", "by") if name in said}
        recipe = self.recipe.altered(region=region, document=said.pop("canvas", Size(100, 100)), **said)
        job_id = new_id()
        self.journal.submit(job_id, recipe, Ticket(label, **ticket))
        self._set("UPDATE jobs SET submitted_unix_ms = ? WHERE job_id = ?", ms(minute), job_id)
        return job_id

    def happen(self, job_id: str, minute: float, happening: Happening) -> None:
        event = self.journal.append(job_id, happening)
        self._set(
            "UPDATE events SET time_unix_ms = ? WHERE seq = ? AND number = (SELECT number FROM jobs WHERE job_id = ?)",
            ms(minute), event.seq, job_id,
        )  # fmt: skip

    def paint(self, job_id: str, minute: float, *, count: int = 1, seconds: float = 30.0, receipt: Any = None) -> str:
        self.journal.begin(job_id, "cuda:0")
        for index in range(count):
            done = variation(self.recipe, index, "ab"[index % 2]).variation
            done = dataclasses.replace(done, receipt={"engine": "painter"} | (receipt or {}))
            self.happen(job_id, minute, VariationDone(done))
        self.happen(job_id, minute, Done(seconds))
        return job_id

    def tried(self, minute: float, region: Rect = HERE, label: str = "a.kra", **said: Any) -> str:
        """Submitted and painted within the same minute."""
        return self.paint(self.submit(minute, region, label, **said), minute)

    def rate(self, job_id: str, minute: float, rating: Rating = Rating.KEPT, variation: int = 0) -> None:
        self.journal.rate(job_id, variation, rating)
        self._set(
            "UPDATE ratings SET time_unix_ms = ? WHERE variation = ? "
            "AND number = (SELECT number FROM jobs WHERE job_id = ?)",
            ms(minute), variation, job_id,
        )  # fmt: skip

    def finish(self, minute: float, draft: str, region: Rect = HERE, label: str = "a.kra") -> str:
        drawn = Input(DRAFT, self.recipe.canvas.source)
        return self.tried(minute, region, label, parent=draft, inputs=(drawn,))

    def report(self, by: str = "document", rates: Rates | None = None, **period: datetime.datetime) -> Summary:
        return summarise(place(read(self.path)), rates or Rates(), by, **period)

    def figures(self) -> Figures:
        return self.report().total

    def _set(self, statement: str, *values: object) -> None:
        with contextlib.closing(sqlite3.connect(self.path)) as connection, connection:
            assert connection.execute(statement, values).rowcount == 1


def ms(minute: float) -> int:
    return round((BEGAN + minute * 60) * 1000)
