"""`make soak` at the size of a test: its parts run to their end, and its judge sees each kind of broken promise."""

import dataclasses
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from bench.soak import painting
from bench.soak.record import Asked, Record
from bench.soak.studio import recipe_of

from inlay.events import Done, Event, Failed, Happening, JobCancelled, Preview, VariationDone
from inlay.region import Rect, Size
from inlay.variation import Patch, Report, Variation

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform != "linux", reason="finds what it kills in /proc")
def test_a_small_soak_breaks_no_promise_and_says_its_seed() -> None:
    sizes = ["--kills", "2", "--messages", "600", "--seed", "5"]
    said = subprocess.run(
        [sys.executable, "-m", "bench.soak", "messages", "local", *sizes],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": ""},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout
    seed, messages, local = said.stdout.splitlines()
    assert seed == "seed 5"
    assert re.match(r"messages: 600 messages, .*; 0 violations", messages)
    assert re.match(r"local: \d\d jobs accepted, .*2 kills .*; 0 violations", local)


SEED = 4
"""Of a job with two variations."""


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """Of one job to which nothing happened but what was promised: from second 10 to 14, a variation each at 12 and 13."""
    asked = Asked("job", recipe_of(SEED, tmp_path, 0.1), accepted_s=10.0)
    assert asked.recipe.sampling.count == 2
    happened: list[Happening] = [
        Preview(0, Size(1, 1), Rect(0, 0, 1, 1), b"abc"),
        done(asked, 0),
        done(asked, 1),
        Done(2.0),
    ]
    asked.events = [(11.0 + number, Event(number + 1, 0, one)) for number, one in enumerate(happened)]
    asked.hashes = {index: hashlib.sha256(painting.pixels_of(asked.recipe, index)).hexdigest() for index in (0, 1)}
    asked.again = [event for _, event in asked.events[1:]]
    note(tmp_path, (0, 1, 11.5), (0, 2, 11.6), (1, 1, 12.5))
    return Record(tmp_path, {"job": asked})


def done(asked: Asked, index: int) -> VariationDone:
    patch = Patch(asked.recipe.where.region, asked.recipe.canvas.source, asked.recipe.where.mask)
    return VariationDone(Variation(index, SEED + index, patch, Report(1.0, None, (), {}), {}))


def note(folder: Path, *steps: tuple[int, int, float]) -> None:
    with (folder / str(SEED)).open("a") as notes:
        notes.writelines(f"{variation} {step} {at_s} 1\n" for variation, step, at_s in steps)


def ends(happening: Happening) -> Callable[[Record, Asked], object]:
    """The job ends so, which is the same when it is asked again."""

    def change(_: Record, asked: Asked) -> None:
        last = Event(4, 0, happening)
        asked.events[-1], asked.again = (14.0, last), [event for _, event in asked.events[1:-1]] + [last]

    return change


def taken_back(record: Record, asked: Asked) -> None:
    ends(JobCancelled())(record, asked)
    asked.cancelled_s = 14.0
    note(record.notes, (1, 2, 14.6), (1, 3, 14.7))


BROKEN: dict[str, Callable[[Record, Asked], object]] = {
    "lost: accepted, and never ended": lambda _, asked: asked.events.pop(),
    "lost: done with variations": lambda _, asked: asked.events.pop(2),
    "lost: it was taken back, and nobody asked": ends(JobCancelled()),
    "lost: it failed after 1 deaths": lambda record, asked: (
        record.kill("worker"),
        record.kills.__setitem__(0, (11.0, "worker")),
        ends(Failed("INTERNAL", "it was the second that died"))(record, asked),
    ),
    "has not the pixels that its recipe decides": lambda _, asked: asked.hashes.update({1: "0" * 64}),
    "events came out of order or twice": lambda _, asked: asked.events.insert(2, asked.events[1]),
    "done twice: variations": lambda _, asked: asked.events.insert(
        2, (12.5, dataclasses.replace(asked.events[1][1], seq=3))
    ),
    "done twice: variation 0 was begun again": lambda record, _: note(record.notes, (0, 1, 12.7)),
    "2 steps were begun after it was taken back": taken_back,
    "and ended with Done": lambda _, asked: setattr(asked, "cancelled_s", 14.0),
    "without a preview": lambda _, asked: asked.events.pop(0),
    "now the server tells": lambda _, asked: asked.again.pop(0) if asked.again else None,
    "its client was told 1 x Done": lambda _, asked: asked.again.pop() if asked.again else None,
}


def test_what_was_promised_and_kept_is_no_violation(record: Record) -> None:
    assert record.violations(["job"]) == []


def test_who_was_looking_for_the_server_while_it_painted_was_promised_no_preview(record: Record) -> None:
    asked = record.asked["job"]
    asked.events = [(at_s + 2.0, event) for at_s, event in asked.events[1:]]
    assert record.violations(["job"]) == []


@pytest.mark.parametrize("what", BROKEN)
def test_the_judge_names_each_broken_promise(record: Record, what: str) -> None:
    BROKEN[what](record, record.asked["job"])
    assert what in "; ".join(record.violations(["job"]))


def test_a_job_that_the_server_forgot_and_one_that_it_invented_are_told() -> None:
    record = Record(Path(), {"mine": Asked("mine", recipe_of(SEED, Path(), 0.1), accepted_s=1.0)})
    said = "; ".join(record.violations(["another"]))
    assert "no longer has job mine" in said
    assert "nobody asked for: another" in said
