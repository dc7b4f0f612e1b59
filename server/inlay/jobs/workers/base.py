"""What a worker is: one device, wherever it is, that paints one job after the other and tells what happens."""

import math
from collections.abc import AsyncGenerator, Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from inlay.events import Happening
from inlay.job import Lane

EVERY_LANE = frozenset(Lane)


def endless() -> float:
    """How long nothing may be told where nobody minds."""
    return math.inf


class Paint(NamedTuple):
    """To a worker: paint the recipe, from variation `first` on."""

    job_id: str
    recipe: str
    """`Recipe.canonical`."""
    first: int


class Memory(NamedTuple):
    """What a worker takes, in bytes; 0 where nobody knows."""

    resident: int = 0
    """Of the machine's main memory."""
    device_used: int = 0
    """Of the device's own, by whoever uses it."""
    device_total: int = 0


class Proof(NamedTuple):
    """Whether a device has painted since its worker started: something tiny, or a whole job."""

    painted: bool = False
    why: str = ""
    """A sentence: what kept it from painting, or ended it, when it last tried. Until it has painted again it gets no job."""


@dataclass(frozen=True)
class Workplace:
    """What a worker on this machine needs to know."""

    device: str
    """`cpu`, `cuda:0`, `mps`, ..."""
    blobs: Path
    quota_bytes: int
    journal: Path
    """Only read, for the blobs that must stay."""
    models: Path | None = None
    """`models.toml`; None: only what needs no weights."""
    lanes: frozenset[Lane] = EVERY_LANE
    """Those that it takes jobs of."""

    @property
    def kind(self) -> str:
        """cpu, cuda, mps or remote: the device as its own process sees it, which sees no other."""
        return self.device.partition(":")[0]


class Worker(Protocol):
    """One at a time, for one event loop. It may die at any moment; whoever needs it starts it again."""

    proof: Proof
    turned: Callable[[], None]
    """Called whenever `proof` is another."""

    @property
    def device(self) -> str:
        """Where it paints; measured times are kept by it."""
        ...

    @property
    def lanes(self) -> frozenset[Lane]:
        """Those that it takes jobs of; none once it is to take no job any more, for ever."""
        ...

    @property
    def held(self) -> Collection[str]:
        """The models that are in its memory: with them it begins at once."""
        ...

    @property
    def memory(self) -> Memory:
        """What it took when it last said so."""
        ...

    @property
    def hung(self) -> str:
        """Why it was ended for doing nothing; empty where it was not."""
        ...

    @property
    def was_told_to_end(self) -> bool:
        """Somebody stops the whole server: no job is to blame for its end."""
        ...

    async def start(self) -> None:
        """Start it unless it lives. Returns before it has loaded anything. Raises OSError."""
        ...

    async def take(self, order: Paint) -> None:
        """Have it take a job; what happens to the job then is told by `happenings`.

        Raises NotStarted where it cannot be started, or ends before it has the job: no job is to blame for that.
        """
        ...

    def when_it_ends(self, tell: Callable[[str], None]) -> None:
        """From now on, call `tell` with a job's id when all of it is painted and only has to be told: the moment to `lay` the next.
        One that cannot have the next before it never does."""
        ...

    def lay(self, order: Paint) -> None:
        """Have it go on with this job as soon as the present one is over, whatever still has to be written down of that. It is to
        be taken all the same, which then gives nothing twice; a worker that dies before is given it by that."""
        ...

    @property
    def laid(self) -> str:
        """The job that lies before it and was not taken; empty where there is none."""
        ...

    def happenings(self, job_id: str, quiet_s: Callable[[], float] = endless) -> AsyncGenerator[Happening]:
        """What happens to the job that it took, up to its last event, or until it was let go of. quiet_s: asked
        after each word how long nothing may be told then.

        Raises WorkerDied, saying how, where it ends before; Hindered where it cannot go on with the job now.
        """
        ...

    def cancel(self, job_id: str) -> None:
        """Ask for the job to be stopped at its next step. To be repeated while the job goes on: a worker that is just
        being given the job does not hear it."""
        ...

    def pause(self, job_id: str) -> None:
        """Ask for the job to be let go of once its next variation is finished; what happens to it then ends without a last
        event. Not heard by a worker that has not taken it yet."""
        ...

    def kill(self) -> None:
        """End it now."""
        ...

    async def stop(self) -> None:
        """End it, in the middle of a job or of its own start if need be."""
        ...


class Staff(Protocol):
    """The workers of a server, as whoever brings some sees them."""

    def hire(self, worker: Worker) -> None:
        """It works from now on, until it takes jobs of no lane any more; then it is stopped."""
        ...

    def stir(self) -> None:
        """Something about a worker is otherwise."""
        ...

    def hinders(self, why: str) -> None:
        """Jobs wait for workers that are not there, and why; empty: they wait no longer."""
        ...


class Crew(Protocol):
    """Workers that come and go."""

    @property
    def expected(self) -> tuple[str, ...]:
        """The devices of those that are to come, where none is there now; recipes are accepted for them."""
        ...

    async def run(self, place: Workplace, staff: Staff) -> None:
        """Bring them, for ever. place: where the server's blobs and journal are."""
        ...
