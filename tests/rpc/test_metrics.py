"""What a server tells Prometheus is what happened: every figure beside an own count of its jobs' events."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from inlay.client import Client
from inlay.errors import InvalidInput
from inlay.events import Done, Event, Failed, Happening, JobCancelled, Loading, VariationDone
from inlay.job import Job, JobState, Lane, Rating, Ticket
from inlay.person import Role
from inlay.recipe import Tier
from inlay.rpc.metrics_door import checked_address
from inlay.studio.people import PEOPLE_FILE, People
from inlay.v1 import inlay_pb2
from rpc.doors import DOORS, Refused, call
from rpc.process import RunningServer, running_server
from support.edits import MemoryBlobs
from support.job_room import new_id, small_recipe
from support.scraping import Scraped, ask, scrape

pytestmark = pytest.mark.slow

OUTCOMES: dict[type[Happening], str] = {Done: "done", Failed: "failed", JobCancelled: "cancelled"}


@dataclass
class Day:
    """A server, and what was submitted to it."""

    server: RunningServer
    client: Client
    jobs: list[str] = field(default_factory=list)

    def submit(self, prompt: str, tier: Tier = Tier.STANDARD, lane: Lane | None = None, count: int = 1) -> str:
        blobs, job_id = MemoryBlobs(), new_id()
        recipe = small_recipe(blobs, prompt=prompt, tier=tier, count=count)  # pyright: ignore[reportArgumentType]
        for data in blobs.held.values():
            self.client.upload(data)
        self.client.submit(job_id, recipe, Ticket(label="the customer's name", lane=lane))
        self.jobs.append(job_id)
        return job_id

    def scrape(self) -> Scraped:
        return scrape(self.server.bound["metrics_port"])

    def events(self, job_id: str) -> list[Event]:
        return list(self.client.watch(job_id))

    def job(self, job_id: str) -> Job:
        return next(job for job in self.client.jobs() if job.job_id == job_id)


def eventually(state: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not state():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Day]:
    """A server of its own for each test, so that its figures are those of that test alone."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    with (
        running_server(
            tmp_path / "data", painter="support.painters:operate", holds="classic", metrics="127.0.0.1:0"
        ) as server,
        Client(server.address) as client,
    ):
        yield Day(server, client)


def test_what_waits_and_what_runs_is_what_was_submitted_and_has_not_ended(day: Day, tmp_path: Path) -> None:
    told, begun_s = tmp_path / "told", time.monotonic()
    running = day.submit(f"wait {told}", Tier.DRAFT)
    eventually(lambda: day.scrape()("inlay_jobs_running", device="cpu") == 1)
    waiting = [day.submit("paint", Tier.FINAL), day.submit("paint", Tier.DRAFT), day.submit("", lane=Lane.BATCH)]
    taken_back = day.submit("paint", lane=Lane.LIVE)
    before = day.scrape()
    day.client.cancel(taken_back)
    now = day.scrape()
    held_s = time.monotonic() - begun_s
    states = {job.job_id: job.state for job in day.client.jobs()}
    lanes = Counter(day.job(job_id).lane for job_id in waiting)

    assert before("inlay_jobs_waiting", lane="live") == 1
    assert states[running] is JobState.RUNNING
    assert now.by("inlay_jobs_waiting", "lane") == {(lane,): times for lane, times in lanes.items()}
    assert now.by("inlay_jobs_running", "device") == {("cpu",): 1}

    told.touch()
    for job_id in waiting:
        day.events(job_id)
    after = day.scrape()
    assert after.by("inlay_jobs_waiting", "lane") == after.by("inlay_jobs_running", "device") == {}
    assert after("inlay_job_work_seconds_sum", lane="draft") > 0
    assert after("inlay_job_wait_seconds_sum") <= 4 * held_s + 60 * 4


def test_every_end_is_counted_once_by_lane_tier_and_outcome(day: Day, tmp_path: Path) -> None:
    for job_id in [day.submit("paint", Tier.DRAFT, count=count) for count in (1, 2, 3)]:
        day.events(job_id)
    for prompt, tier in (("fail with a secret word", Tier.FINAL), ("die", Tier.STANDARD), ("paint", Tier.STANDARD)):
        day.events(day.submit(prompt, tier))  # one after another: what a process does first loads the model
    stuck = day.submit(f"wait {tmp_path / 'never'}")
    eventually(lambda: day.job(stuck).state is JobState.RUNNING)
    day.client.cancel(day.submit("paint"))  # which never began
    day.client.cancel(stuck)
    day.events(day.submit("paint"))  # by then the worker has let go of it

    events = {job_id: day.events(job_id) for job_id in day.jobs}
    jobs = {job_id: day.job(job_id) for job_id in day.jobs}
    ended = Counter(
        (jobs[job_id].lane, jobs[job_id].recipe.sampling.tier, OUTCOMES[type(told[-1].happening)])
        for job_id, told in events.items()
    )
    painted = [one.happening for told in events.values() for one in told if isinstance(one.happening, VariationDone)]
    seconds = [one.happening.seconds for told in events.values() for one in told if isinstance(one.happening, Done)]
    megapixels = 0.0
    for job_id, told in events.items():
        if isinstance(told[-1].happening, Done):
            resolved = jobs[job_id].recipe.sampling.resolved
            assert resolved
            assert resolved.working
            megapixels += resolved.working.area * jobs[job_id].recipe.sampling.count / 1e6
    begun = [job_id for job_id, job in jobs.items() if job.attempts]
    now = day.scrape()

    assert len(ended) >= 5
    assert now.by("inlay_jobs_ended_total", "lane", "tier", "outcome") == ended
    assert sum(now.by("inlay_jobs_accepted_total", "lane", "tier").values()) == len(jobs)
    assert now.by("inlay_variations_painted_total", "device", "model") == {("cpu", "classic"): len(painted)}
    assert now("inlay_painting_seconds_total", device="cpu", model="classic") == pytest.approx(sum(seconds))
    assert now("inlay_painted_megapixels_total", device="cpu", model="classic") == pytest.approx(megapixels)
    assert now("inlay_phase_seconds_total", phase="read") == pytest.approx(0.25 * len(painted))
    assert now("inlay_phase_seconds_total", phase="paint") == pytest.approx(
        sum(0.5 * (done.variation.index + 1) for done in painted)
    )
    assert not now("inlay_phase_seconds_total", phase="unmeasured")

    assert now("inlay_job_wait_seconds_count") == now("inlay_job_work_seconds_count") == len(begun) < len(jobs)
    in_line_s = (
        sum(
            next(one.time_unix_ms for one in events[job_id] if isinstance(one.happening, Loading))
            - jobs[job_id].submitted_unix_ms
            for job_id in begun
        )
        / 1000
    )
    assert 0 < now("inlay_job_wait_seconds_sum") <= in_line_s + 0.002 * len(begun)
    assert now("inlay_job_work_seconds_sum") >= sum(seconds)

    deaths = sum(job.deaths for job in jobs.values())
    assert (
        now.by("inlay_painter_deaths_total", "device", "cause") == {("cpu", "died"): deaths} == {("cpu", "died"): 2.0}
    )
    assert now.by("inlay_painter_up", "device") == {("cpu",): 1}
    # The first job of each process loads the model; of the three that there were, the second died before it had it.
    assert now.by("inlay_model_load_seconds_count", "device", "model") == {("cpu", "classic"): 2}
    assert 0 < now("inlay_model_load_seconds_sum") <= now("inlay_job_work_seconds_sum")


def test_refused_calls_are_counted_by_their_reason_at_both_doors(day: Day) -> None:
    before = day.scrape().by("inlay_calls_refused_total", "reason")
    asked = 0
    for kind in DOORS.values():
        door = day.server.door(kind)
        for job_id in ("none", new_id()):
            with pytest.raises(Refused):
                call(door, "PollJob", inlay_pb2.PollJobRequest(job_id=job_id))
        asked += 1
        door.close()
    assert asked
    after = day.scrape().by("inlay_calls_refused_total", "reason")
    assert {
        reason: times - before.get(reason, 0) for reason, times in after.items() if times != before.get(reason)
    } == {
        ("invalid_input",): asked,
        ("not_found",): asked,
    }


def test_bytes_of_pixels_and_memory_are_what_the_system_says(day: Day) -> None:
    day.events(day.submit("paint"))

    def on_disk() -> int:
        return sum(
            file.stat().st_size
            for folder in (day.server.data_dir / "blobs").iterdir()
            if folder.is_dir()
            for file in folder.iterdir()
        )

    eventually(lambda: day.scrape()("inlay_blob_bytes") == on_disk() > 0)
    now = day.scrape()
    assert now("inlay_blob_quota_bytes") > now("inlay_blob_bytes")
    status = Path(f"/proc/{day.server.process.pid}/status").read_text()
    peak = int(status.split("VmHWM:")[1].split()[0]) * 1024
    assert peak / 4 < now("inlay_memory_resident_bytes", process="server") <= peak
    assert now("inlay_memory_resident_bytes", process="cpu") > 10 * 2**20
    assert now("inlay_standstill") == 0


def test_each_writing_of_the_journal_is_timed(day: Day) -> None:
    job_id = day.submit("paint")
    day.events(job_id)
    before = day.scrape()
    for rating in (Rating.KEPT, Rating.REJECTED, Rating.KEPT):
        day.client.rate(job_id, 0, rating)
    after = day.scrape()
    written = [one("inlay_journal_commit_seconds_count", synced="no") for one in (before, after)]
    assert written[1] - written[0] == 3
    assert after("inlay_journal_commit_seconds_sum", synced="no") > before(
        "inlay_journal_commit_seconds_sum", synced="no"
    )
    assert after("inlay_journal_commit_seconds_count", synced="yes") >= len(day.jobs)


def test_no_figure_names_a_job_a_prompt_or_a_customer(day: Day) -> None:
    for prompt in ("fail with a secret word", "die", "paint"):
        day.events(day.submit(prompt))
    text = day.scrape().text
    for told in (*day.jobs, "secret", "customer", str(day.server.data_dir)):
        assert told not in text
    labels = {label for _, has, _ in day.scrape().samples for label in has}
    assert labels <= {
        "cause", "device", "lane", "le", "model", "outcome", "phase", "process", "reason", "synced", "tier", "version"
    }  # fmt: skip


def test_figures_without_a_token_are_at_their_own_port_alone(tmp_path: Path) -> None:
    with running_server(tmp_path / "data", token="a" * 40, metrics="127.0.0.1:0") as server:
        own = server.bound["metrics_port"]
        assert ask(own)[0] == 200
        assert ask(own, "/")[0] == ask(own, "/healthz")[0] == 404
        assert ask(server.http_port)[0] == 401
        assert ask(server.http_port, Authorization="Bearer " + "b" * 40)[0] == 401
        people = People(tmp_path / "data" / PEOPLE_FILE)
        tokens = {role: people.add(f"an {role}", role, (), None)[1] for role in (Role.ARTIST, Role.LEAD, Role.ADMIN)}
        answers = {role: ask(server.http_port, Authorization=f"Bearer {token}")[0] for role, token in tokens.items()}
        assert answers == {Role.ARTIST: 403, Role.LEAD: 403, Role.ADMIN: 200}
        status, text = ask(server.http_port, Authorization="Bearer " + "a" * 40)
        assert status == 200
        assert "inlay_jobs_waiting" in text


def test_figures_without_a_token_are_for_this_machine_alone(tmp_path: Path) -> None:
    assert checked_address("127.0.0.1:9464") == ("127.0.0.1", 9464)
    with pytest.raises(InvalidInput, match="this machine alone"):
        checked_address("0.0.0.0:9464")
    for none in ("9464", "127.0.0.1", "127.0.0.1:many", ""):
        with pytest.raises(InvalidInput, match="HOST:PORT"):
            checked_address(none)
