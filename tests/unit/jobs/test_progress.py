"""What a worker reports: enough to follow, never so much that reporting costs."""

import itertools

import numpy as np
import pytest

from inlay.errors import Cancelled
from inlay.events import Happening, Loading, Preview, Step
from inlay.jobs.workers import progress
from inlay.jobs.workers.progress import Progress, preview_of
from inlay.region import Rect, Size

WINDOW = Rect(10, 20, 300, 200)


class Clock:
    """Moves by a millisecond whenever somebody looks."""

    def __init__(self) -> None:
        self.ticks = itertools.count()

    def monotonic(self) -> float:
        return next(self.ticks) / 1000


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Happening]:
    monkeypatch.setattr(progress, "time", Clock())
    return []


def test_of_many_steps_the_first_the_last_and_one_in_fifty_milliseconds_are_told(told: list[Happening]) -> None:
    progress = Progress(WINDOW, lambda: False, told.append)
    for index in range(1, 1001):
        progress.step(index, 1000, "painting")
    steps = [step.index for step in told if isinstance(step, Step)]
    assert steps[0] == 1
    assert steps[-1] == 1000
    assert len(steps) == 21
    assert all(later - earlier >= 50 for earlier, later in itertools.pairwise(steps[:-1]))


def test_the_end_is_foreseen_from_the_steps_since_the_first(told: list[Happening]) -> None:
    progress = Progress(WINDOW, lambda: False, told.append)
    for index in range(1, 102):
        progress.step(index, 101, "painting")
    first, *steps = [step for step in told if isinstance(step, Step)]
    assert first.eta_s is None
    assert [step.eta_s for step in steps] == pytest.approx([(101 - step.index) / 1000 for step in steps])


def test_steps_that_an_earlier_attempt_took_do_not_make_the_end_look_near(told: list[Happening]) -> None:
    progress = Progress(WINDOW, lambda: False, told.append)
    for index in range(901, 1000):
        progress.step(index, 1000, "painting")
    assert told[1] == Step(951, 1000, "painting", pytest.approx(0.049))


def test_the_last_step_is_told_once(told: list[Happening]) -> None:
    progress = Progress(WINDOW, lambda: False, told.append)
    for index in (1, 2, 2, 2):
        progress.step(index, 2, "painting")
    assert [step.index for step in told if isinstance(step, Step)] == [1, 2]


def test_one_preview_in_a_hundred_milliseconds_is_told(told: list[Happening]) -> None:
    progress = Progress(WINDOW, lambda: False, told.append)
    for _ in range(201):
        progress.preview(1, np.zeros((4, 6, 3), np.float32))
    assert told == [Preview(1, Size(6, 4), WINDOW, bytes(72))] * 3


def test_everything_raises_once_the_job_was_taken_back(told: list[Happening]) -> None:
    progress = Progress(WINDOW, lambda: True, told.append)
    for call in (
        progress.check,
        lambda: progress.loading("pixels"),
        lambda: progress.step(1, 2, "painting"),
        lambda: progress.preview(0, np.zeros((1, 1, 3), np.float32)),
    ):
        with pytest.raises(Cancelled):
            call()
    assert told == []


def test_what_is_loaded_is_told_at_once(told: list[Happening]) -> None:
    progress = Progress(WINDOW, lambda: False, told.append)
    progress.loading("pixels")
    progress.loading("classic")
    assert told == [Loading("pixels"), Loading("classic")]


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [(1, 1, (1, 1)), (512, 512, (512, 512)), (513, 100, (512, 100)), (4000, 2000, (512, 256)), (3, 9000, (1, 512))],
)
def test_previews_have_at_most_512_px_a_side_and_keep_their_shape(
    width: int, height: int, expected: tuple[int, int]
) -> None:
    rgb = preview_of(np.full((height, width, 3), 0.6, np.float32))
    assert (rgb.shape[1], rgb.shape[0]) == expected
    assert rgb.dtype == np.uint8
    assert (rgb == 153).all()


def test_previews_clip_what_no_screen_shows() -> None:
    pixels = np.array([[[-1, 0, 2], [np.nan, 1, 0.5]]], np.float32)
    assert preview_of(pixels).tolist() == [[[0, 0, 255], [0, 255, 128]]]
