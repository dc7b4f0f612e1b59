"""Workers as the line sees them, and a line whose jobs say by their prompt what they are."""

from dataclasses import dataclass

from inlay.job import Lane
from inlay.jobs.entry import Entry, Load
from inlay.jobs.line import Line
from inlay.jobs.rules import RULES, Rules
from inlay.jobs.workers.base import EVERY_LANE
from inlay.recipe import Recipe, Tier, Verb

CARDS = ("cuda:0", "cuda:1", "cuda:2", "cuda:3")
DEVICES = (*CARDS, "cpu")


@dataclass(eq=False)
class Seat:
    """`inlay.jobs.entry.Seat`."""

    device: str
    held: tuple[str, ...] = ()
    lanes: frozenset[Lane] = EVERY_LANE


def a_second(load: Load, device: str) -> float:
    """Seconds that a million pixels take."""
    return 1.0


def where(engine: str) -> tuple[str, ...]:
    """The models are for cards alone."""
    return DEVICES if engine == "classic" else CARDS


class Waiting:
    """A line of jobs that cost a second for each million pixels, and the clock that it goes by."""

    def __init__(self, recipe: Recipe, rules: Rules = RULES) -> None:
        self.recipe = recipe
        self.now_s = 0.0
        self.line = Line(_load_of, a_second, rules)

    def join(
        self,
        job_id: str,
        lane: Lane = Lane.FINAL,
        engine: str = "classic",
        person: str = "anna",
        session: str = "",
        seconds: float = 1.0,
    ) -> list[str]:
        """Who waits no longer."""
        recipe = self.recipe.altered(prompt=f"{engine} {seconds}")
        return [one.job_id for one in self.line.join(job_id, recipe, lane, person, session=session, now_s=self.now_s)]

    def takes(self, seat: Seat, *others: Seat) -> Entry | None:
        """What it is given; it goes on with it."""
        return self.line.next(seat, [seat, *(other for other in others if other is not seat)], self.now_s)

    def paints(self, seat: Seat, *others: Seat, seconds: float | None = None) -> str | None:
        """What it is given; it has ended before this returns, and took what it was taken to cost."""
        entry = self.takes(seat, *others)
        if entry:
            self.line.done(entry, seconds, self.now_s)
        return entry and entry.job_id

    def order(self, seat: Seat, *others: Seat) -> list[str]:
        """All that it is given, one after the other."""
        return [*iter(lambda: self.paints(seat, *others), None)]


def _load_of(recipe: Recipe) -> Load:
    engine, seconds = recipe.words.prompt.split()
    return Load(engine, Verb.FILL, Tier.FINAL, where(engine), float(seconds))
