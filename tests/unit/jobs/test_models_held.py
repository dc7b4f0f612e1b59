"""Which models a worker has in its memory is known in the order in which it told of it, however late anybody hears."""

from collections.abc import Callable
from pathlib import Path

import pytest

from inlay.events import Done, Happening, Loading
from inlay.jobs.event_codec import encode
from inlay.jobs.workers.base import Memory, Worker, Workplace
from inlay.jobs.workers.child import Holds, Told
from inlay.jobs.workers.cluster.messages import Hears
from inlay.jobs.workers.cluster.worker import ClusterWorker
from inlay.jobs.workers.local import LocalWorker
from support.job_room import run

REPORTS = (Told("job", encode(Loading("pixels"))), Holds(("flux",), Memory()), Told("job", encode(Done(1.0))))
"""A quick job's, which is over before anybody hears that it was begun."""


def told_on_this_machine(folder: Path) -> Worker:
    worker = LocalWorker(Workplace("cpu", folder, 1, folder / "journal.sqlite"))
    for report in REPORTS:
        worker._hear(worker._inbox, worker._pulse, report)  # pyright: ignore[reportPrivateUsage]
    return worker


def told_by_a_cluster(_folder: Path) -> Worker:
    worker = ClusterWorker(7, "cuda:anna/0", lambda _message: None)
    for report in REPORTS:
        worker.heard(Hears(7, 0, report))
    return worker


@pytest.mark.parametrize("told", [told_on_this_machine, told_by_a_cluster])
def test_what_a_job_had_to_load_was_not_there_when_it_began_though_it_has_ended(
    told: Callable[[Path], Worker], tmp_path: Path
) -> None:
    async def story() -> None:
        worker = told(tmp_path)
        held: list[tuple[Happening, tuple[str, ...]]] = []
        async for happening in worker.happenings("job"):
            held.append((happening, tuple(worker.held)))
        assert held == [(Loading("pixels"), ()), (Done(1.0), ("flux",))]

    run(story())
