"""How long a worker may be silent, word by word, by a clock that the test turns."""

from collections.abc import Callable, Mapping

import pytest

from inlay.events import Done, Happening, Loading, Queued, Step, VariationDone
from inlay.jobs.entry import Load
from inlay.jobs.patience import BETWEEN, LEAST, LOADING, REMEMBERED, Patience, Waits
from inlay.recipe import Tier
from inlay.variation import Report, Variation
from support.job_room import preview

LOAD = Load("sdxl", "fill", Tier.DRAFT, ("cuda:0",), 4.0)


def nothing(name: str) -> float | None:
    return None


def knows(times: Mapping[str, float]) -> Callable[[str], float | None]:
    return times.get


def done(index: int = 0) -> VariationDone:
    return VariationDone(Variation(index, 1, None, Report(0.0, 0.0, (), {}), {}))  # pyright: ignore


class Job:
    """A worker at a job that tells what it is told to tell, each time after so many seconds."""

    def __init__(
        self, measured: Callable[[str], float | None] = nothing, variations: int = 1, hung_before: bool = False
    ) -> None:
        self.now_s = 1000.0
        self.patience = Patience(measured, LEAST, variations, self.now_s, hung_before)

    def tells(self, happening: Happening, after_s: float) -> float:
        """How long it may be silent then."""
        self.now_s += after_s
        self.patience.heard(happening, self.now_s)
        return self.patience.quiet_s()

    def steps(self, *indices: int, of: int, each_s: float, phase: str = "painting") -> float:
        return [self.tells(Step(index, of, phase), each_s) for index in indices][-1]


def test_a_draft_of_eight_steps_may_rest_ten_times_its_longest_step() -> None:
    job = Job(knows({"painting": 0.3}))
    assert job.steps(1, 2, of=8, each_s=0.5) == LEAST.step_s
    assert job.steps(3, of=8, each_s=4.0) == job.steps(4, of=8, each_s=0.1) == 40.0


def test_the_pace_of_former_jobs_counts_where_the_own_is_not_known_yet() -> None:
    assert Job(knows({"painting": 3.0})).steps(1, of=4, each_s=0.1) == 30.0


@pytest.mark.parametrize("what", [Loading("weights"), Queued(3)], ids=["it loads", "it waits on another server"])
def test_before_a_step_and_whenever_something_is_prepared_a_slow_start_has_its_time(what: Happening) -> None:
    job = Job(knows({"painting": 0.3, LOADING: 0.1}))
    assert job.patience.quiet_s() == LEAST.loading_s
    job.steps(1, 2, of=8, each_s=0.3)
    assert job.tells(what, 0.3) == LEAST.loading_s


def test_a_load_that_took_longer_than_the_least_gets_ten_times_as_long() -> None:
    assert Job(knows({LOADING: 100.0})).patience.quiet_s() == 1000.0


def test_where_nothing_was_ever_measured_the_first_step_and_the_second_have_an_hour_and_the_third_its_own_pace() -> (
    None
):
    job = Job()
    assert job.patience.quiet_s() == LEAST.unmeasured_s
    assert job.tells(Loading("pixels"), 0.1) == job.tells(Loading("weights"), 0.1) == LEAST.unmeasured_s
    assert job.steps(1, of=8, each_s=200.0) == LEAST.unmeasured_s
    assert job.steps(2, of=8, each_s=1.0) == LEAST.between_s
    assert job.steps(3, of=8, each_s=30.0) == 300.0


def test_another_phase_has_a_pace_of_its_own() -> None:
    job = Job(knows({"painting": 0.1, "harmonizing": 2.0}))
    job.steps(1, 2, of=8, each_s=0.1)
    assert job.steps(3, of=8, each_s=0.1, phase="harmonizing") == 20.0


@pytest.mark.parametrize(("steps", "variations", "batch"), [(4, 1, 1), (4, 2, 1), (4, 4, 2), (4, 3, 3)], ids=str)
def test_after_the_last_step_of_what_is_painted_at_once_pixels_are_decoded(
    steps: int, variations: int, batch: int
) -> None:
    job, total = Job(knows({"painting": 0.1, BETWEEN: 20.0}), variations), steps * variations
    for begun in range(0, variations, batch):
        walked = [begun * steps + step * batch for step in range(1, steps + 1)]
        if begun or batch == 1:  # by how many they are counted on is seen at the second
            assert job.tells(Step(walked[0], total, "painting"), 0.1) == LEAST.step_s
        else:
            job.tells(Step(walked[0], total, "painting"), 0.1)
        for index in walked[1:-1]:
            assert job.tells(Step(index, total, "painting"), 0.1) == LEAST.step_s
        assert job.tells(Step(walked[-1], total, "painting"), 0.1) == 200.0
        for index in range(begun, begun + batch):
            assert job.tells(done(index), 1.0) == 200.0


def test_a_preview_is_no_step() -> None:
    job = Job(knows({"painting": 0.1}))
    job.steps(1, 2, of=8, each_s=2.0)
    job.tells(preview(1), 1.0)
    assert job.steps(3, of=8, each_s=2.0) == 30.0


def test_a_job_that_hung_before_is_waited_for_six_times_as_long() -> None:
    again = Job(knows({"painting": 0.1}), hung_before=True)
    assert again.steps(1, 2, of=4, each_s=0.1) == 6 * LEAST.step_s


def test_of_jobs_that_were_done_the_longest_wait_is_remembered_by_the_size_of_what_was_painted_but_for_loading() -> (
    None
):
    job = Job()
    job.tells(Loading("weights"), 1.0)
    job.steps(1, 2, of=2, each_s=5.0)
    job.tells(done(), 7.0)
    job.tells(Done(1.0), 1.0)
    assert job.patience.longest == {LOADING: 5.0, "painting": 5.0, BETWEEN: 7.0}
    waits = Waits()
    assert waits.longest_s(LOAD, "cuda:0", "painting", 1.0) is None
    waits.remember(LOAD, "cuda:0", job.patience.longest, megapixels=1.0)
    waits.remember(LOAD, "cuda:0", {"painting": 1.0}, megapixels=1.0)
    assert waits.longest_s(LOAD, "cuda:0", "painting", 2.0) == 10.0
    assert waits.longest_s(LOAD, "cuda:0", LOADING, 2.0) == 5.0
    assert waits.longest_s(LOAD, "cuda:1", "painting", 1.0) is None, "another card has another pace"
    for _ in range(REMEMBERED):
        waits.remember(LOAD, "cuda:0", {"painting": 1.0}, megapixels=1.0)
    assert waits.longest_s(LOAD, "cuda:0", "painting", 2.0) == 2.0, (
        "a card that is faster now is believed after a while"
    )
