"""A studio at work while parts of it are killed: clients that ask, watch and fetch, and whoever kills."""

import contextlib
import hashlib
import random
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from bench.soak import painting
from bench.soak.record import Asked, Record
from inlay.client import Client
from inlay.color.raster import Raster, SampleType
from inlay.errors import InlayError
from inlay.events import LAST, Step, VariationDone
from inlay.job import JobState, Ticket
from inlay.recipe import Canvas, Recipe, Sampling, Verb, Where, Words
from inlay.region import Rect, Size

CLIENTS = 20
PATIENCE_S = 300.0
"""Where nothing at all happens for so long, what is still awaited is lost."""
PAGE = 500
WIDTH, HEIGHT = 96, 64
MOST_VARIATIONS = 3
CALM = 0.5
"""How often everything is let recover before the next kill."""


@dataclass(frozen=True)
class Part:
    """A studio that can be killed at. victims: how to kill one, and have it started again where nobody else does. is_whole: all of
    it is there."""

    address: str
    victims: Mapping[str, Callable[[], None]]
    is_whole: Callable[[], bool]


class Studio:
    """jobs: at least so many are asked for, and more for as long as there are kills to come. kills: so many. step_s: a step's."""

    def __init__(self, part: Part, notes: Path, dice: random.Random, jobs: int, kills: int, step_s: float) -> None:
        notes.mkdir(exist_ok=True)
        self.record = Record(notes)
        self._part, self._dice, self._jobs, self._kills, self._step_s = part, dice, jobs, kills, step_s
        self._seeds = iter(range(1, 10**9, MOST_VARIATIONS))
        self._all_killed = threading.Event()

    def run(self) -> list[str]:
        """The violations."""
        with self._door() as client:
            others = set(listed_by(client))
        with contextlib.ExitStack() as opened, ThreadPoolExecutor(CLIENTS) as crowd:
            doors = [opened.enter_context(self._door()) for _ in range(CLIENTS)]
            working = [crowd.submit(self._work, number, door) for number, door in enumerate(doors)]
            with self._door() as client:
                try:
                    self._kill_at_random(client)
                except TimeoutError as error:
                    self.record.errors.append(str(error))
                finally:
                    self._all_killed.set()
                self._await_the_end(working)
                for door in doors:  # whoever still waits, waits in vain
                    door.close()
                for one in working:
                    one.result()
                for one in self.record.accepted:
                    if one.last:
                        one.again = list(client.watch(one.job_id))
                listed = [job_id for job_id in listed_by(client) if job_id not in others]
        return self.record.violations(listed)

    def _door(self) -> Client:
        return Client(self._part.address, patience_s=PATIENCE_S)

    def _await_the_end(self, working: Sequence[Future[None]]) -> None:
        """Until every client has all that it asked for, or nobody was told anything for PATIENCE_S."""
        told, since_s = self.record.told, time.monotonic()
        while wait(working, 1.0).not_done and time.monotonic() < since_s + PATIENCE_S:
            if self.record.told != told:
                told, since_s = self.record.told, time.monotonic()

    def _work(self, number: int, client: Client) -> None:
        """A client: one job after the other, each watched to its end."""
        while (asked := self._next()) is not None:
            try:
                self._ask(client, asked, f"client {number}")
            except Exception as error:
                kind = type(error).__name__
                self.record.errors.append(f"client {number}, job {asked.job_id}: {kind}: {error}")

    def _next(self) -> Asked | None:
        record = self.record
        with record.lock:
            if len(record.asked) >= self._jobs and self._all_killed.is_set():
                return None
            seed = next(self._seeds)
            job_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{seed}"))
            asked = record.asked[job_id] = Asked(job_id, recipe_of(seed, record.notes, self._step_s))
        return asked

    def _ask(self, client: Client, asked: Asked, label: str) -> None:
        recipe = asked.recipe
        client.upload(picture_of(recipe.sampling.seed))
        client.upload(MASK)
        client.submit(asked.job_id, recipe, Ticket(label))
        asked.accepted_s = time.monotonic()
        for event in client.watch(asked.job_id):
            self.record.hear(asked, event)
            if isinstance(event.happening, VariationDone):
                variation = event.happening.variation
                samples = client.fetch(variation.patch.pixels.blob)
                asked.hashes[variation.index] = hashlib.sha256(samples).hexdigest()
            if isinstance(event.happening, LAST):
                return

    def _kill_at_random(self, client: Client) -> None:
        """One after another in an order that is drawn, each of them once before any of them again, after so many events as are
        drawn; and between them, where everything is there, take back what is being painted."""
        deck: list[str] = []
        self._await(self._part.is_whole, "everything is there")
        for _ in range(self._kills):
            seen = self.record.told + self._dice.randint(0, 8 * painting.STEPS)
            self._await(lambda seen=seen: self.record.told >= seen, "clients hear of their jobs")
            if not deck:
                deck = sorted(self._part.victims)
                self._dice.shuffle(deck)
            victim = deck.pop()
            self.record.kill(victim)
            self._part.victims[victim]()
            if self._dice.random() < CALM:
                self._await(self._part.is_whole, f"everything is there again after {victim} was killed")
                self._take_one_back(client)
        self._await(self._part.is_whole, "everything is there again")
        self._take_one_back(client)

    def _take_one_back(self, client: Client) -> None:
        """Cancel what is being painted, and look on until it is let go of."""
        if (asked := self._await_painted()) is None:
            return
        with contextlib.suppress(InlayError):
            if client.cancel(asked.job_id).state is JobState.CANCELLED:
                asked.cancelled_s = time.monotonic()
                until_s = asked.cancelled_s + 3 * self._step_s + 1
                while time.monotonic() < until_s:
                    time.sleep(0.05)

    def _await_painted(self) -> Asked | None:
        """A job of which a step was just heard; None where none is left."""
        found: list[Asked] = []

        def painted() -> bool:
            with self.record.lock:
                found[:] = [
                    one
                    for one in self.record.accepted
                    if not one.last and one.events and isinstance(one.events[-1][1].happening, Step)
                ]
                over = self._all_killed.is_set() or all(one.last for one in self.record.asked.values())
            return bool(found) or over

        self._await(painted, "a job is painted")
        return self._dice.choice(found) if found else None

    def _await(self, state: Callable[[], bool], what: str) -> None:
        """Raises TimeoutError."""
        until_s = time.monotonic() + PATIENCE_S
        while not state():
            if time.monotonic() > until_s:
                raise TimeoutError(f"in vain for {PATIENCE_S:.0f} s: {what}")
            time.sleep(0.02)


def listed_by(client: Client) -> list[str]:
    """The ids of all jobs that a server has."""
    found: list[str] = []
    while page := client.jobs(limit=PAGE, after=found[-1] if found else ""):
        found += [job.job_id for job in page]
    return found


def picture_of(seed: int) -> bytes:
    """A picture of its own for each job: WIDTH x HEIGHT, RGBA, 8 bit."""
    return hashlib.shake_128(f"picture {seed}".encode()).digest(WIDTH * HEIGHT * 4)


MASK = bytes(range(256)) * (WIDTH * HEIGHT // 256)


def recipe_of(seed: int, notes: Path, step_s: float) -> Recipe:
    """Erase something from the picture of this seed, 1 .. MOST_VARIATIONS times."""
    profile = "sRGB-elle-V2-srgbtrc.icc"
    picture = hashlib.sha256(picture_of(seed)).hexdigest()
    window = Rect(0, 0, WIDTH, HEIGHT)
    return Recipe(
        Verb.ERASE,
        Canvas(Size(WIDTH, HEIGHT), window, Raster(WIDTH, HEIGHT, "RGBA", SampleType.U8, 255, profile, picture)),
        Where(window, Raster(WIDTH, HEIGHT, "Y", SampleType.U8, 255, "", hashlib.sha256(MASK).hexdigest())),
        Words(painting.prompt_for(notes, step_s)),
        Sampling(seed=seed, count=1 + seed // MOST_VARIATIONS % MOST_VARIATIONS),
    )
