"""A worker that hangs is noticed, killed and replaced, its job is tried again, and whoever looks after the server learns it."""

import asyncio
import math
import os
import signal
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from inlay.events import Done, Failed, Loading, Step
from inlay.job import JobState
from inlay.jobs.patience import Least
from inlay.jobs.workers import pulse as pulse_module
from inlay.jobs.workers.pulse import Pulse
from inlay.recipe import Tier, Verb
from support.job_room import all_events, happenings, jobs_in, submitted, until

pytestmark = pytest.mark.slow


def run(scenario: Coroutine[Any, Any, None]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(180):
            await scenario

    asyncio.run(limited())


def test_a_worker_that_is_stopped_is_killed_and_its_job_is_painted_by_the_next(tmp_path: Path) -> None:
    told = tmp_path / "told"

    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint_when_told", silent_s=8.0) as jobs:
            job, after = [await submitted(jobs, prompt=str(told), seed=seed) for seed in (1, 2)]
            await until(jobs, job.job_id, Step)
            pid = jobs._workers[0].pid
            assert pid
            os.kill(pid, signal.SIGSTOP)
            told.touch()
            assert "gave no sign of life" in await jobs.standstill_changed("")
            events = await all_events(jobs, job.job_id)
            assert isinstance(events[-1].happening, Done)
            assert any("hung" in loading.what for loading in happenings(events, Loading))
            assert (await jobs.get(job.job_id)).deaths == 1
            assert isinstance((await all_events(jobs, after.job_id))[-1].happening, Done)
            assert jobs.standstill == ""

    run(scenario())


def test_a_job_that_hangs_two_workers_fails_long_after_it_should_have_ended(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "hear_nothing", least=Least(loading_s=2.0, again=1.0)) as jobs:
            jobs.journal.record_timing("classic", Verb.ERASE, Tier.STANDARD, "cpu", 1.0)
            hanging, fine = await submitted(jobs, prompt="hang"), await submitted(jobs)
            failed = (await all_events(jobs, hanging.job_id))[-1].happening
            assert isinstance(failed, Failed)
            assert "made no progress" in failed.message
            ended = await jobs.get(hanging.job_id)
            assert (ended.state, ended.deaths) == (JobState.FAILED, 2)
            assert isinstance((await all_events(jobs, fine.job_id))[-1].happening, Done)

    run(scenario())


def test_a_job_that_hangs_between_two_steps_is_tried_again_within_seconds(tmp_path: Path) -> None:
    """With the bounds of the product. The old ones were ten minutes; the clock here is the test's own end."""

    async def scenario() -> None:
        async with jobs_in(tmp_path, "hang_midway") as jobs:
            like = await submitted(jobs)
            assert isinstance((await all_events(jobs, like.job_id))[-1].happening, Done)
            job = await submitted(jobs, prompt=str(tmp_path / "hung once"))
            events = await all_events(jobs, job.job_id)
            assert isinstance(events[-1].happening, Done)
            assert any("made no progress" in loading.what for loading in happenings(events, Loading))
            assert (await jobs.get(job.job_id)).deaths == 1

    run(scenario())


def test_what_loads_far_longer_than_a_step_takes_is_not_killed(tmp_path: Path) -> None:
    async def scenario() -> None:
        least = Least(step_s=0.5, between_s=0.5)
        async with jobs_in(tmp_path, "begin_late", least=least) as jobs:
            for prompt in ("", "4"):
                job = await submitted(jobs, prompt=prompt)
                assert isinstance((await all_events(jobs, job.job_id))[-1].happening, Done)
                assert (await jobs.get(job.job_id)).deaths == 0

    run(scenario())


def test_a_worker_that_computes_without_a_word_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may hold the interpreter's lock for a minute, so that its heart cannot beat."""
    computed = iter(range(100))
    monkeypatch.setattr(pulse_module, "_cpu_s", lambda pid: float(next(computed)))
    pulse = Pulse(silent_s=3.0)
    assert [pulse.tick(1, 1000.0) for _ in range(50)] == [""] * 50


def test_every_word_about_the_job_begins_the_wait_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse_module, "_cpu_s", lambda pid: None)
    pulse = Pulse(silent_s=3.0)
    assert [pulse.tick(1, 1000.0) for _ in range(29)] == [""] * 29, "it has not begun to beat"
    for _ in range(10):
        pulse.beat()
        assert [pulse.tick(1, 1000.0) for _ in range(2)] == ["", ""]
        pulse.beat()
    for _ in range(10):
        pulse.told()
        assert [pulse.tick(1, 4.0) for _ in range(2)] == ["", ""]
    assert "no sign of life" in [pulse.tick(1, 1000.0) for _ in range(3)][-1]


def test_a_worker_that_hangs_at_its_proof_is_killed_and_says_so_and_another_takes_the_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody asked for anything yet: the card hangs although its process lives and beats."""
    monkeypatch.setenv("HANGS", str(tmp_path / "hung once"))
    monkeypatch.setattr(pulse_module, "PROOF_S", 2.0)

    async def scenario() -> None:
        async with jobs_in(tmp_path, "prove_the_second_time") as jobs:
            while "made no progress" not in (why := jobs.readiness.devices["cpu"].why):
                await asyncio.sleep(0.01)
            assert "far longer than a proof takes" in why
            while not jobs.readiness.devices["cpu"].painted:
                await asyncio.sleep(0.01)
            assert jobs.standstill == ""

    run(scenario())


def test_a_job_that_comes_while_the_proof_hangs_is_painted_by_the_next_worker_and_not_to_blame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANGS", str(tmp_path / "hung once"))
    monkeypatch.setattr(pulse_module, "PROOF_S", 4.0)

    async def scenario() -> None:
        async with jobs_in(tmp_path, "prove_the_second_time") as jobs:
            while not (tmp_path / "hung once").exists():
                await asyncio.sleep(0.01)
            job = await submitted(jobs)
            assert isinstance((await all_events(jobs, job.job_id))[-1].happening, Done)
            assert (await jobs.get(job.job_id)).deaths == 0

    run(scenario())


def test_a_worker_that_prepares_itself_for_long_is_left_alone_and_not_for_ever() -> None:
    pulse = Pulse(silent_s=math.inf)
    pulse.prepares()
    ticks = [pulse.tick(None, math.inf) for _ in range(round(pulse_module.PREPARING_S))]
    assert set(ticks[:-1]) == {""}
    assert "far longer than preparing takes" in ticks[-1]
    pulse.ready()
    assert pulse.tick(None, math.inf) == ""
