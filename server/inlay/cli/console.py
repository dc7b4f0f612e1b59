"""How things look: results and JSON on stdout, progress and remarks on stderr."""

import json
import sys
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from inlay.client.answers import EditPlan
from inlay.events import Event, Loading, Preview, Queued, Step


def out() -> Console:
    """For results."""
    return Console(highlight=False, soft_wrap=True)


def remarks() -> Console:
    """For everything that is not the result."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """One JSON document on stdout."""
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


class Bar:
    """An edit as one bar on stderr: upload, queue, painting, fetching. Silent where stderr is not a terminal."""

    def __init__(self) -> None:
        console = remarks()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[amount]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("connecting", total=None, amount="")
        self.job_id = ""

    def __enter__(self) -> "Bar":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def planned(self, plan: EditPlan) -> None:
        self._show("reading", None, 0, "")

    def uploaded(self, sent: int, total: int) -> None:
        self._show("uploading", total, sent, f"{sent / 2**20:.1f} of {total / 2**20:.1f} MiB")

    def submitted(self, job_id: str) -> None:
        self.job_id = job_id
        self._show("queued", None, 0, "")

    def happened(self, event: Event) -> None:
        match event.happening:
            case Queued(position, eta_s, why):
                wait = f", {eta_s:.0f} s" if eta_s is not None else ""
                self._show("queued", None, 0, why or f"{position} before it{wait}")
            case Loading(what):
                self._show(f"loading {what}", None, 0, "")
            case Step(index, total, phase, eta_s):
                left = f", {eta_s:.0f} s left" if eta_s is not None else ""
                self._show(phase, total, index, f"{index} of {total}{left}")
            case Preview():
                pass
            case _:
                pass

    def fetched(self, done: int, total: int) -> None:
        self._show("fetching", total, done, f"{done} of {total}")

    def _show(self, what: str, total: int | None, done: int, amount: str) -> None:
        self._progress.update(self._task, description=what, total=total, completed=done, amount=amount)
