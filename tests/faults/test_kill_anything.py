"""Server, worker and client are killed with SIGKILL in the midst of fifty edits: nothing accepted is lost or done twice."""

import hashlib
import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from inlay.events import Done, Failed, VariationDone
from inlay.job import JobState
from support.chaos_client import Ledger, connect
from support.killing import kill, workers_of

EDITS = 50
ROUNDS = 5
"""In each of them one of everything is killed."""
PATIENCE_S = 1000.0


def start(command: list[str], log: Path) -> "subprocess.Popen[bytes]":
    with log.open("ab") as file:
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
        return subprocess.Popen([sys.executable, *command], stdout=file, stderr=file, env=environment)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_nothing_accepted_is_lost_or_done_twice_whatever_is_killed(tmp_path: Path) -> None:
    data_dir, ledger_path, log = tmp_path / "data", tmp_path / "ledger", tmp_path / "log"
    serve = ["-m", "inlay.cli", "serve", "--data", str(data_dir), "--grpc-port", "0", "--http-port", "0"]
    submit = ["-m", "support.chaos_client", str(data_dir), str(ledger_path), str(EDITS)]
    server, client = start(serve, log), start(submit, log)
    killed: Counter[str] = Counter()
    deadline = time.monotonic() + PATIENCE_S

    def wait_for(state: Callable[[], object]) -> None:
        while not state():
            assert time.monotonic() < deadline, log.read_text()[-3_000:]
            time.sleep(0.01)

    def lines() -> int:
        return len(ledger_path.read_bytes().splitlines()) if ledger_path.exists() else 0

    try:
        for round_ in range(ROUNDS):
            for victim in ("server", "worker", "client"):
                before = lines()
                # Between one and five lines: mid-upload, mid-submission, mid-painting of the jobs before.
                wait_for(lambda seen=before + 1 + round_, sender=client: lines() >= seen or sender.poll() is not None)
                if victim == "server":
                    kill(server.pid)
                    server.wait()
                    server = start(serve, log)
                elif victim == "worker":
                    wait_for(lambda pid=server.pid: workers_of(pid))
                    for worker in workers_of(server.pid):
                        kill(worker)
                        killed["worker process"] += 1
                elif client.poll() is None:
                    kill(client.pid)
                    client.wait()
                killed[victim] += 1
                if client.poll() not in (None, 0):
                    client = start(submit, log)
        wait_for(lambda: client.poll() is not None)
        if client.returncode:
            client = start(submit, log)
            assert client.wait(PATIENCE_S) == 0, log.read_text()[-3_000:]

        given_up = 0
        accepted = Ledger(ledger_path).jobs("accepted")
        assert len(accepted) == EDITS
        with connect(data_dir) as door:
            for job_id, seed in accepted.items():
                events = list(door.watch(job_id))
                painted = [event.happening for event in events if isinstance(event.happening, VariationDone)]
                indices = [done.variation.index for done in painted]
                match events[-1].happening:
                    case Done():
                        assert indices == list(range(1 + seed % 2))
                    case Failed(message=message) as failed:  # two workers died under it: it must say so
                        assert "worker" in message, failed
                        assert indices == sorted(set(indices))
                        given_up += 1
                    case other:
                        pytest.fail(f"{job_id} ended with {other}")
                assert [event.seq for event in events] == sorted({event.seq for event in events})
                for done in painted:
                    for name in done.variation.patch.blobs:
                        assert hashlib.sha256(door.fetch(name)).hexdigest() == name
            jobs = door.jobs(limit=1000)
            assert {job.job_id for job in jobs} == set(accepted)
            assert {job.state for job in jobs} <= {JobState.DONE, JobState.FAILED}
        assert killed["worker process"] >= ROUNDS
        assert 2 * given_up <= killed["worker process"]
    finally:
        for process in (server, client):
            process.terminate()
            process.wait(20)
    with sqlite3.connect(data_dir / "journal.sqlite") as journal:
        assert journal.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    for file in (data_dir / "blobs").glob("??/*"):
        assert hashlib.sha256(file.read_bytes()).hexdigest() == file.name
    print(f"killed: {dict(killed)}, given up after two deaths: {given_up}")
