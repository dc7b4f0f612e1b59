"""What a run of a plan tells while it goes on, and what became of it."""

from dataclasses import dataclass, field
from typing import Protocol

from inlay.batch.cells import Cell
from inlay.batch.manifest import Record, State
from inlay.client.watching import Unwatched, Watcher


class Onlooker(Watcher, Protocol):
    """Whoever wants to see how a plan goes on; of its jobs, the one that is waited for."""

    def began(self, cells: int) -> None: ...

    def waits_for(self, cell: Cell) -> None: ...

    def held_up(self, why: str, seconds: float) -> None:
        """The server takes no more for now; it is asked again after so many seconds."""
        ...

    def ended(self, record: Record, new: bool) -> None:
        """new: it was not there before."""
        ...


class Unseen(Unwatched):
    """An onlooker that does not look."""

    def began(self, cells: int) -> None: ...

    def waits_for(self, cell: Cell) -> None: ...

    def held_up(self, why: str, seconds: float) -> None: ...

    def ended(self, record: Record, new: bool) -> None: ...


@dataclass
class Ran:
    """What became of a plan. records: of each of its cells that there is one of, in their order. painted: written in this run."""

    records: list[Record] = field(default_factory=list[Record])
    painted: int = 0
    stopped: bool = False
    """Too many failed in a row, and the rest was left."""

    def count(self, state: State) -> int:
        return sum(record.state is state for record in self.records)
