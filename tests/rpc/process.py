"""Starting and stopping real servers for tests."""

import contextlib
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inlay.rpc.memory import MALLOC_ENVIRONMENT

SCRIPT = Path(__file__).with_name("server_process.py")


@dataclass
class RunningServer:
    """A server process, and the file in which its handlers write down cancellations."""

    data_dir: Path
    settings: dict[str, Any]
    process: subprocess.Popen[str]
    bound: dict[str, Any]
    record: Path = field(init=False)

    def __post_init__(self) -> None:
        self.record = self.data_dir.with_suffix(".record")

    @property
    def grpc_port(self) -> int:
        return self.bound["grpc_port"]

    @property
    def http_port(self) -> int:
        return self.bound["http_port"]

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.grpc_port}"

    def door(self, kind: Any, **access: Any) -> Any:
        return kind(self.grpc_port if kind.name == "grpcio" else self.http_port, **access)

    def notes(self, method: str, what: str) -> list[float]:
        """When handlers of `method` began or were cancelled, on this machine's monotonic clock."""
        lines = self.record.read_text().splitlines() if self.record.exists() else []
        notes = [json.loads(line) for line in lines]
        return [note["at"] for note in notes if (note["method"], note["what"]) == (method, what)]

    def await_note(self, method: str, what: str, count: int) -> float:
        """The time of the `count`th such note, once it is there."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if len(found := self.notes(method, what)) >= count:
                return found[count - 1]
            time.sleep(0.005)
        raise AssertionError(f"{method} was not noted as {what}")

    @property
    def resident_mb(self) -> float:
        """Memory of the server's own process, workers left aside."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)

    def restart(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End the process as `number` ends it, and start another one on the same data folder and ports."""
        self.stop(number)
        ports = {"grpc_port": self.grpc_port, "http_port": self.http_port}
        self.process, self.bound = launch(self.data_dir, {**self.settings, **ports})


def launch(data_dir: Path, settings: dict[str, Any]) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    import os

    given = {"grpc_port": 0, "http_port": 0, "painter": "painters:invert", **settings}
    log = given.pop("log", None)
    given |= {"data_dir": str(data_dir), "record": str(data_dir.with_suffix(".record"))}
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), json.dumps(given)],
        stdout=subprocess.PIPE,
        stderr=log.open("a") if log else None,
        text=True,
        env={**os.environ, **MALLOC_ENVIRONMENT},
    )
    assert process.stdout
    line = process.stdout.readline()
    assert line, f"the server ended with {process.wait()} before it was ready"
    return process, json.loads(line)


@contextlib.contextmanager
def running_server(data_dir: Path, **settings: Any) -> Iterator[RunningServer]:
    process, bound = launch(data_dir, settings)
    server = RunningServer(data_dir, settings, process, bound)
    try:
        yield server
    finally:
        server.process.kill()
        server.process.wait()
