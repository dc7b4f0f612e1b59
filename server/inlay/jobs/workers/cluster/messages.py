"""What server and bridge, and bridge and painter, say to each other. Painters are numbered, and so are the orders of each."""

from typing import NamedTuple

from inlay.jobs.workers.base import Paint
from inlay.jobs.workers.child import Holds, LetGo, Proved, Proves, Taken, Told


class Give(NamedTuple):
    """Server to bridge: have a painter take a job. order: its number, so that what an earlier one still tells is known by it."""

    painter: int
    order: int
    paint: Paint


class Stop(NamedTuple):
    """Server to bridge: a painter is to stop this job at its next step."""

    painter: int
    job_id: str


class Pause(NamedTuple):
    """Server to bridge: a painter is to let go of this job once its next variation is finished."""

    painter: int
    job_id: str


class End(NamedTuple):
    """Server to bridge: end a painter now."""

    painter: int


class Beat(NamedTuple):
    """Bridge to server: it lives, and so does the painter with this number; 0: the bridge alone."""

    painter: int = 0


class Joined(NamedTuple):
    """Bridge to server: there is another painter."""

    painter: int
    device: str
    """The kind, the node's name, and which of its cards: `cuda:gpu1/0`."""


class Leaving(NamedTuple):
    """Bridge to server: a painter takes no more jobs, and ends with the one it has."""

    painter: int


class Left(NamedTuple):
    """Bridge to server: a painter is not there any more."""

    painter: int
    why: str
    alone: bool
    """Only it died, and its node lives: its job may be to blame."""


class Hears(NamedTuple):
    """Bridge to server: a painter told this of an order."""

    painter: int
    order: int
    report: Taken | Holds | LetGo | Told | Proves | Proved


class Refused(NamedTuple):
    """Bridge to server: something that joined cannot be painted with."""

    why: str


ToBridge = Give | Stop | Pause | End
FromBridge = Beat | Joined | Leaving | Left | Hears | Refused


class Hello(NamedTuple):
    """Painter to bridge: who it is."""

    device: str
    version: str
    """Inlay's."""


class Lacks(NamedTuple):
    """Painter to bridge: it needs this blob, and has its first `received` bytes."""

    sha256: str
    received: int


class Numbered(NamedTuple):
    """Painter to bridge: what it tells, and of which order."""

    order: int
    report: Taken | Holds | LetGo | Told | Proves | Proved | Lacks


class More(NamedTuple):
    """Painter to bridge: what happened since it was last asked. seq: of the last of them, to be named the next time."""

    seq: int
    reports: tuple[Numbered, ...]
    leaving: bool
