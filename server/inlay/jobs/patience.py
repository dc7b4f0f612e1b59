"""How long a worker may tell nothing about its job before it counts as hung: ten times what it took from word to word so far.

What is waited for has a name: `LOADING` before the first step, the step's own phase between two steps of a variation, `BETWEEN`
from a variation's last step to the next one's first, where pixels are decoded and fitted. Each is measured in the running job,
and remembered of those that were done.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from inlay.events import Happening, Loading, Queued, Step, VariationDone
from inlay.jobs.entry import Load

LOADING, BETWEEN = "loading", "between"

TIMES = 10.0
"""So many times as long as measured."""

REMEMBERED = 15
"""Jobs; the longest wait of each name counts."""


@dataclass(frozen=True)
class Least:
    """Nobody counts as hung before that many seconds."""

    loading_s: float = 600.0
    """Weights are read from a slow disk and models compiled while nothing is told."""
    between_s: float = 120.0
    """Large pictures are decoded in tiles, fitted and written."""
    step_s: float = 10.0
    """Another program may have the card for a moment."""
    unmeasured_s: float = 3600.0
    """Where nothing like it was ever measured."""
    again: float = 6.0
    """All of it so many times as long for a job that hung before: what was just slow comes to its end."""

    def of(self, name: str) -> float:
        """For a wait of that name."""
        return {LOADING: self.loading_s, BETWEEN: self.between_s}.get(name, self.step_s)


LEAST = Least()

ELSEWHERE = Least(step_s=600.0, between_s=600.0)
"""Where another server paints, the network and its own line are in every wait, and what is lost may have been paid for."""


class Waits:
    """The longest waits of jobs that were done, by what they were for; as long as the server lives."""

    def __init__(self) -> None:
        self._longest: dict[tuple[str, ...], deque[float]] = defaultdict(lambda: deque(maxlen=REMEMBERED))

    def remember(self, load: Load, device: str, longest: Mapping[str, float], megapixels: float) -> None:
        """megapixels: of one variation, in millions. Steps and what is between take as long as those are many."""
        for name, seconds in longest.items():
            self._longest[_key(load, device, name)].append(seconds / _scale(name, megapixels))

    def longest_s(self, load: Load, device: str, name: str, megapixels: float) -> float | None:
        """None where nothing is remembered."""
        known = self._longest.get(_key(load, device, name))
        return max(known) * _scale(name, megapixels) if known else None


def _key(load: Load, device: str, name: str) -> tuple[str, ...]:
    return load.engine, load.verb, load.tier, device, name


def _scale(name: str, megapixels: float) -> float:
    return 1.0 if name == LOADING else max(megapixels, 1e-6)


class Patience:
    """With one worker at one job, from when it took it.

    measured: the longest wait of a name that is known of jobs alike, in seconds; None where none is. variations: so many are to
    come. now_s: on the caller's clock, as everywhere here.
    """

    def __init__(
        self, measured: Callable[[str], float | None], least: Least, variations: int, now_s: float, hung_before: bool
    ) -> None:
        self._measured = measured
        self._least = least
        self._times = least.again if hung_before else 1.0
        self._variations = variations
        self._done = 0
        self._last: Step | None = None
        self._stride = 0
        """By how many the steps are counted on: as many as variations are painted at once. 0: not known yet."""
        self._name, self._since_s = LOADING, now_s
        self.longest: dict[str, float] = {}
        """The longest wait of each name so far, in seconds."""

    def heard(self, happening: Happening, now_s: float) -> None:
        """The worker told that."""
        match happening:
            case Loading() | Queued():
                self._last, name = None, LOADING
            case Step():
                name = self._after(happening)
            case VariationDone():
                self._done += 1
                name = BETWEEN
            case _:  # a preview comes between two steps, and what ends a job is waited for no longer
                return
        self.longest[self._name] = max(self.longest.get(self._name, 0.0), now_s - self._since_s)
        self._name, self._since_s = name, now_s

    def quiet_s(self) -> float:
        """How long nothing may be told from now on, in seconds."""
        own = 0.0 if self._name == LOADING else self.longest.get(self._name, 0.0)
        known = self._measured(self._name)
        if known is None:
            return self._times * (max(self._least.between_s, TIMES * own) if own else self._least.unmeasured_s)
        return self._times * max(self._least.of(self._name), TIMES * max(own, known))

    def _after(self, step: Step) -> str:
        """What is waited for after a step."""
        before, self._last = self._last, step
        if before and before.total == step.total and step.index - before.index > 0:
            counted = step.index - before.index
            self._stride = min(self._stride or counted, counted)
        each = step.total / self._variations
        end = each * (self._done + self._stride) if self._stride else each * max(1, step.index // each)
        return BETWEEN if step.index >= min(end, step.total) else step.phase
