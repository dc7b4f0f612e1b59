"""A note beside the fifth, the tenth ... try at a region, where the last five look alike; never anywhere else.

Real edits by the classic engine at a real server. A plain wall is the same in every try; of gravel none is.
"""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from inlay.client import Client
from inlay.client.edit import Wish, edit_document
from inlay.documents import Document
from inlay.events import VariationDone
from inlay.job import Rating, Ticket
from inlay.recipe import Tier
from inlay.v1 import inlay_pb2, memory_pb2
from rpc.doors import call
from rpc.process import RunningServer, running_server

pytestmark = pytest.mark.slow

NOTE = "Try {} here, and the last 5 differ by less than dE 2: another model, a larger mask or the brush will get you further."
AUF_DEUTSCH = (
    "Versuch 5 hier, und die letzten 5 unterscheiden sich um weniger als dE 2: ein anderes Modell, eine größere Maske "
    "oder der Pinsel hilft weiter."
)
SIDE = 128


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    with running_server(tmp_path_factory.mktemp("server") / "data", painter=None) as running:
        yield running


def disc(x: int = 64, y: int = 64, radius: int = 14) -> NDArray[np.uint8]:
    rows, columns = np.mgrid[:SIDE, :SIDE]
    return np.where(np.hypot(rows - y, columns - x) < radius, 255, 0).astype(np.uint8)


def wall() -> NDArray[np.uint8]:
    """Plain and lit from one side, with a sensor's grain."""
    ramp = np.linspace(90, 130, SIDE)[None, :, None] + np.zeros((SIDE, SIDE, 3))
    return np.clip(ramp + np.random.default_rng(5).normal(0, 1.5, ramp.shape), 0, 255).astype(np.uint8)


def gravel() -> NDArray[np.uint8]:
    return np.repeat(data.gravel()[:SIDE, :SIDE, None], 3, axis=2)


class Easel:
    """One picture at a server, and what is said of each try."""

    def __init__(self, client: Client, samples: NDArray[np.uint8], label: str) -> None:
        self.client, self.label = client, label
        self.document = Document(samples, "RGB", "sRGB-elle-V2-srgbtrc.icc", b"", Path("wall.png"), "png")
        self.seed = 0

    def attempt(
        self, mask: NDArray[np.uint8] | None = None, *, label: str | None = None, hints: bool = True, **wish: Any
    ) -> str:
        self.seed += 1
        asked = Wish(**({"verb": "erase", "tier": Tier.DRAFT} | wish), seed=self.seed)
        ticket = Ticket(self.label if label is None else label, hints=hints)
        return edit_document(self.client, self.document, disc() if mask is None else mask, asked, ticket=ticket).job_id

    def notes(self, job_id: str, locale: str = "") -> list[str]:
        """What is said of the tries, of every variation."""
        said = [note for memory in self.client.memories(job_id, locale) for note in memory.report.notes]
        return [note for note in said if note.startswith(("Try ", "Versuch "))]

    def said(self, tries: int, **wish: Any) -> list[list[str]]:
        return [self.notes(self.attempt(**wish)) for _ in range(tries)]


@pytest.fixture
def easel(client: Client) -> Callable[[NDArray[np.uint8]], Easel]:
    return lambda samples: Easel(client, samples, f"{uuid.uuid4()}")


def test_it_is_said_once_at_the_fifth_and_at_the_tenth_try(easel) -> None:
    said = easel(wall()).said(11)
    assert said == [[], [], [], [], [NOTE.format(5)], [], [], [], [], [NOTE.format(10)], []]


def test_tries_that_differ_are_left_in_peace(easel) -> None:
    assert easel(gravel()).said(5) == [[]] * 5


def test_one_that_differs_from_four_alike_is_enough(easel, client: Client) -> None:
    """The last one painted where the wall had been painted dark meanwhile."""
    at = easel(wall())
    at.said(4)
    at.document = Easel(client, wall() // 2, at.label).document
    assert at.notes(at.attempt()) == []


def test_both_doors_say_it_in_the_panels_language(easel, server: RunningServer, door) -> None:
    at = easel(wall())
    at.said(4)
    job_id = at.attempt()
    assert at.notes(job_id, "de") == [AUF_DEUTSCH]
    told = call(door, "DescribeResult", memory_pb2.DescribeResultRequest(job_id=job_id, locale="de"))
    assert AUF_DEUTSCH in told.memories[0].report.notes
    polled = call(door, "PollJob", inlay_pb2.PollJobRequest(job_id=job_id, locale="de")).events
    (variation,) = [event.variation.variation for event in polled if event.WhichOneof("happening") == "variation"]
    assert AUF_DEUTSCH in variation.report.notes


def test_a_mask_drawn_anew_is_the_same_region_and_one_beside_it_is_not(easel) -> None:
    at = easel(wall())
    for step in range(4):
        assert at.notes(at.attempt(disc(62 + step, 64, 13 + step % 2))) == []
    assert at.notes(at.attempt(disc(100, 64))) == []
    assert at.notes(at.attempt(disc(66, 65))) == [NOTE.format(5)]


def test_another_document_and_one_without_a_name_are_not_counted(easel) -> None:
    at = easel(wall())
    at.said(4)
    assert at.notes(at.attempt(label=f"{uuid.uuid4()}")) == []
    assert [at.notes(at.attempt(label="")) for _ in range(5)] == [[]] * 5
    assert at.notes(at.attempt()) == [NOTE.format(5)]


def test_after_one_was_kept_it_begins_anew(easel, client: Client) -> None:
    at = easel(wall())
    at.said(3)
    client.rate(at.attempt(), 0, Rating.KEPT)
    assert at.said(5) == [[], [], [], [], [NOTE.format(5)]]


def test_a_verb_that_is_set_rather_than_rolled_is_never_told(easel) -> None:
    assert easel(wall()).said(5, verb="recolor", target_color="#7a6a60") == [[]] * 5


def test_of_several_variations_the_last_one_has_it_once(easel, client: Client) -> None:
    at = easel(wall())
    at.said(4)
    job_id = at.attempt(count=3)
    notes = [memory.report.notes for memory in client.memories(job_id)]
    assert [NOTE.format(5) in one for one in notes] == [False, False, True]
    events = [event.happening for event in client.poll(job_id) if isinstance(event.happening, VariationDone)]
    assert len(events) == 3


def test_a_try_that_was_taken_back_is_none(easel, client: Client) -> None:
    at = easel(wall())
    kept = at.attempt()
    recipe = next(job for job in client.jobs(at.label) if job.job_id == kept).recipe
    taken_back = str(uuid.uuid4())
    client.submit(taken_back, recipe.altered(seed=99, count=16, tier=Tier.FINAL), Ticket(at.label))
    assert client.cancel(taken_back).variations_done == 0
    assert at.said(4) == [[], [], [], [NOTE.format(5)]]


def test_who_wants_no_hints_gets_none_and_who_asks_again_without_that_gets_them(easel) -> None:
    at = easel(wall())
    assert [at.notes(at.attempt(hints=False)) for _ in range(5)] == [[]] * 5
    assert [at.notes(at.attempt(hints=at.seed == 9)) for _ in range(5)] == [[], [], [], [], [NOTE.format(10)]]


def test_a_result_never_waits_for_what_is_lost(easel, client: Client, server: RunningServer) -> None:
    at = easel(wall())
    first = at.attempt()
    (memory,) = client.memories(first)
    at.said(3)
    lost = list((server.data_dir / "blobs").rglob(f"*{memory.patch.pixels.blob[4:]}*"))
    assert lost
    for path in lost:
        path.unlink()
    assert at.notes(at.attempt()) == []
