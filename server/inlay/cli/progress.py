"""A plan as two bars on stderr: its cells, and the one that is waited for. Silent where stderr is not a terminal."""

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from inlay.cli.console import remarks
from inlay.client.answers import EditPlan
from inlay.events import Event, Loading, Queued, Step

if TYPE_CHECKING:
    from inlay.batch.cells import Cell
    from inlay.batch.manifest import Record


class Bars:
    """What `inlay.batch.run` tells, shown."""

    def __init__(self) -> None:
        console = remarks()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[amount]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._cells = self._progress.add_task("cells", total=None, amount="")
        self._one = self._progress.add_task("", total=None, amount="", visible=False)
        self._counts: dict[str, int] = {}

    def __enter__(self) -> "Bars":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def began(self, cells: int) -> None:
        self._progress.update(self._cells, total=cells)

    def waits_for(self, cell: "Cell") -> None:
        self._progress.reset(self._one, description=escape(cell.out.name), amount="", visible=True)

    def held_up(self, why: str, seconds: float) -> None:
        self._show(None, 0, f"{why}; asked again in {seconds:.0f} s")

    def ended(self, record: "Record", new: bool) -> None:
        self._counts[record.state] = self._counts.get(record.state, 0) + 1
        said = ", ".join(f"{count} {state}" for state, count in self._counts.items())
        self._progress.update(self._cells, advance=1, amount=said)

    def planned(self, plan: EditPlan) -> None: ...

    def uploaded(self, sent: int, total: int) -> None:
        self._show(total, sent, f"uploading, {sent / 2**20:.1f} of {total / 2**20:.1f} MiB")

    def submitted(self, job_id: str) -> None: ...

    def happened(self, event: Event) -> None:
        match event.happening:
            case Queued(position, _, why):
                self._show(None, 0, why or f"queued, {position} before it")
            case Loading(what):
                self._show(None, 0, f"loading {what}")
            case Step(index, total, phase, _):
                self._show(total, index, f"{phase}, {index} of {total}")
            case _:
                pass

    def fetched(self, done: int, total: int) -> None:
        self._show(total, done, "fetching")

    def _show(self, total: int | None, done: int, amount: str) -> None:
        self._progress.update(self._one, total=total, completed=done, amount=escape(amount), visible=True)
