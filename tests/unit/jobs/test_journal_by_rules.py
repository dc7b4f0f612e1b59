"""Whatever happens to jobs in whatever order, with restarts in between: the journal tells it as it was."""

import shutil
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from inlay.blobs import BlobStore
from inlay.errors import JobConflict
from inlay.events import LAST, Done, Failed, Happening, JobCancelled, Loading, Preview, Queued, Step, VariationDone
from inlay.jobs.journal import Journal
from support.job_room import new_id, preview, small_recipe, variation

PIXELS = "abcdef"


class Told(RuleBasedStateMachine):
    """The model: for each job everything that happened to it; None where it is gone, as previews are with the process."""

    jobs = Bundle("jobs")

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.recipe = small_recipe(BlobStore(self.folder / "blobs"), count=4)
        self.told: dict[str, list[Happening | None]] = {}
        self.fetched: dict[str, set[str]] = {}
        self.journal = Journal(self.folder / "journal")

    @rule()
    def restart(self) -> None:
        self.journal.close()
        self.journal = Journal(self.folder / "journal")
        for job_id in self.told:
            self.forget(job_id, Preview)

    @rule(target=jobs)
    def submit(self) -> str:
        job_id = new_id()
        self.journal.submit(job_id, self.recipe)
        self.told[job_id], self.fetched[job_id] = [], set()
        return job_id

    @rule(job_id=jobs)
    def submit_again(self, job_id: str) -> None:
        assert self.journal.submit(job_id, self.recipe).last_seq == len(self.told[job_id])
        with pytest.raises(JobConflict):
            self.journal.submit(job_id, self.recipe.altered(seed=1))

    @rule(
        job_id=jobs,
        happening=st.sampled_from(
            [
                Queued(1, 2.5),
                Loading("x"),
                Step(1, 2, "x"),
                preview(1),
                Done(1.0),
                Failed("INTERNAL", "x"),
                JobCancelled(),
            ]
        ),
    )
    def append(self, job_id: str, happening: Happening) -> None:
        told = self.told[job_id]
        if self.ended(job_id):
            with pytest.raises(ValueError, match="any more"):
                self.journal.append(job_id, happening)
            return
        assert self.journal.append(job_id, happening).seq == len(told) + 1
        if isinstance(happening, (Preview, Queued, *LAST)):
            self.forget(job_id, Preview)
        if isinstance(happening, Queued):
            self.forget(job_id, Queued)
        self.told[job_id].append(happening)

    @rule(job_id=jobs, index=st.integers(0, 3), pixels=st.sampled_from(PIXELS))
    def finish_variation(self, job_id: str, index: int, pixels: str) -> None:
        done = variation(self.recipe, index, pixels)
        if self.ended(job_id) or index in self.painted(job_id):
            with pytest.raises(ValueError, match=r"any more|already there"):
                self.journal.append(job_id, done)
        else:
            self.journal.append(job_id, done)
            self.told[job_id].append(done)

    @rule(pixels=st.sampled_from(PIXELS))
    def fetch(self, pixels: str) -> None:
        self.journal.mark_fetched(pixels * 64)
        for job_id in self.told:
            self.fetched[job_id] |= {pixels * 64} & self.results(job_id)

    def forget(self, job_id: str, kind: type[Happening]) -> None:
        self.told[job_id] = [None if isinstance(earlier, kind) else earlier for earlier in self.told[job_id]]

    def ended(self, job_id: str) -> bool:
        return isinstance(self.told[job_id][-1] if self.told[job_id] else None, LAST)

    def painted(self, job_id: str) -> set[int]:
        return {done.variation.index for done in self.told[job_id] if isinstance(done, VariationDone)}

    def results(self, job_id: str) -> set[str]:
        return {done.variation.patch.pixels.blob for done in self.told[job_id] if isinstance(done, VariationDone)}

    @invariant()
    def events_are_those_that_were_told(self) -> None:
        for job_id, told in self.told.items():
            expected = [(seq, happening) for seq, happening in enumerate(told, start=1) if happening]
            assert [(event.seq, event.happening) for event in self.journal.events(job_id)] == expected
            job = self.journal.job(job_id)
            assert (job.last_seq, job.variations_done) == (len(told), len(self.painted(job_id)))
            assert job.state.ended == self.ended(job_id)
            assert job.fetched == (bool(self.results(job_id)) and self.results(job_id) == self.fetched[job_id])

    @invariant()
    def what_is_needed_is_pinned(self) -> None:
        expected: set[str] = set()
        for job_id in self.told:
            results = self.results(job_id)
            if not self.ended(job_id):
                expected |= {*self.recipe.blobs, *results}
            elif results != self.fetched[job_id]:
                expected |= {*results, self.recipe.where.mask.blob}
        assert self.journal.pinned() == expected

    @invariant()
    def the_unfinished_are_known_in_order(self) -> None:
        expected = [job_id for job_id in self.told if not self.ended(job_id)]
        assert [job.job_id for job in self.journal.unfinished()] == expected

    def teardown(self) -> None:
        self.journal.close()
        shutil.rmtree(self.folder)


TestTold = pytest.mark.slow(Told.TestCase)
TestTold.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
