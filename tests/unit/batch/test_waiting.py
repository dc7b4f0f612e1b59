"""A plan whose server takes no more for now: it asks again when it was told, no sooner, and says why it waits."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from inlay.batch import making
from inlay.batch.looking import job_id_of
from inlay.batch.making import ASK_AGAIN_S, Interrupted, Making
from inlay.batch.onlooker import Unseen
from inlay.batch.plan import read_plan
from inlay.errors import BlobMissing, OverLimit

PLAN = """\
plan = 1
name = "waits"
out = "out/{document}.png"
[recipe]
verb = "erase"
[documents]
files = ["masters/*.png"]
mask = "masks/{document}.png"
"""


class Clock:
    """Time that goes by where somebody sleeps. each: called then."""

    def __init__(self) -> None:
        self.now_s = 1_000.0
        self.each: Callable[[], None] = lambda: None

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now_s += seconds
        self.each()


class Told(Unseen):
    def __init__(self) -> None:
        self.heard: list[tuple[str, float]] = []

    def held_up(self, why: str, seconds: float) -> None:
        self.heard.append((why, seconds))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(making, "time", clock)
    return clock


@pytest.fixture
def onlooker() -> Told:
    return Told()


@pytest.fixture
def plan(tmp_path: Path, onlooker: Told) -> Making:
    for folder in ("masters", "masks"):
        (tmp_path / folder).mkdir()
        Image.new("L", (8, 8), 255).save(tmp_path / folder / "one.png")
    (tmp_path / "waits.toml").write_text(PLAN)
    return Making(read_plan(tmp_path / "waits.toml"), None, onlooker, 0, {})  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(("retry_s", "waits_s"), [(1.0, 1.0), (12.5, 12.5), (90_000.0, ASK_AGAIN_S)])
def test_it_asks_again_after_what_it_was_told_and_at_least_every_five_minutes(
    plan: Making, clock: Clock, onlooker: Told, retry_s: float, waits_s: float
) -> None:
    plan._wait(OverLimit("cells", "1000 jobs of your batches wait", retry_s))  # pyright: ignore[reportPrivateUsage]
    assert waits_s <= clock.now_s - 1_000.0 < waits_s + 1.0
    assert onlooker.heard == [("1000 jobs of your batches wait", waits_s)]


def test_where_nobody_knows_when_it_ends_with_what_is_reached(plan: Making, clock: Clock) -> None:
    with pytest.raises(OverLimit, match="are stored"):
        plan._wait(OverLimit("storage_gib", "51 GiB of your jobs' pixels are stored", None))  # pyright: ignore
    assert clock.now_s == 1_000.0


def test_who_interrupts_it_while_it_waits_does_not_wait(plan: Making, clock: Clock) -> None:
    clock.each = plan.interrupt
    with pytest.raises(Interrupted):
        plan._wait(OverLimit("cells", "1000 jobs of your batches wait", 250.0))  # pyright: ignore[reportPrivateUsage]
    assert clock.now_s == 1_001.0


def test_a_cell_whose_pixels_were_cleared_away_waits_for_room_to_be_painted_anew(
    plan: Making, clock: Clock, onlooker: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = [OverLimit("cells", "1000 jobs of your batches wait", 30.0)] * 2

    def submit(*_: object) -> int:
        if full:
            raise full.pop()
        return 2

    def fetched(job_id: str, _: object) -> tuple[str, str]:
        if job_id == job_id_of("cell", 1):
            raise BlobMissing("0" * 64)
        return "painted", "placed"

    monkeypatch.setattr(plan, "_submit", submit)
    monkeypatch.setattr(plan, "_fetched", fetched)
    assert plan._painted("cell", 1, None, None, "one") == ("painted", "placed", 2)  # pyright: ignore
    assert clock.now_s >= 1_060.0
    assert [seconds for _, seconds in onlooker.heard] == [30.0, 30.0]
