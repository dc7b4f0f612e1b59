"""A Ray cluster on this machine's loopback: a head as docs/cluster.md starts it, machines that `inlay join` brings, and what can be
killed of them. All that is started here, and nothing else, is ended with it."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

TESTS = Path(__file__).parents[1]

PATIENCE_S = 180.0

QUICK_TO_NOTICE = {
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_timeout_ms": "1000",
    "RAY_health_check_failure_threshold": "10",
    "RAY_health_check_initial_delay_ms": "1000",
}
"""As docs/cluster.md has it, but for a machine so busy that whoever lives may not answer for seconds."""

SMALL = ["--num-cpus", "1", "--num-gpus", "0", "--object-store-memory", "100000000", "--disable-usage-stats"]


def wait_until(state: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not state():
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(0.05)


class RayRoom:
    """token: what Ray asks for; empty: nothing."""

    def __init__(self, token: str = "") -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ir"))  # short: sockets lie in it
        self._token = token
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._heads = 0
        self._head: subprocess.Popen[bytes] | None = None
        self._joined: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Of whoever speaks to the cluster."""
        paths = os.pathsep.join(map(str, (TESTS.parent, TESTS, TESTS / "rpc")))
        ours = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0", "PYTHONPATH": paths}
        if self._token:
            path = self.folder / "ray_token"
            path.write_text(self._token)
            ours |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(path)}
        return ours

    def start_head(self) -> None:
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", "--port", str(self.port)]
        command += ["--node-ip-address", "127.0.0.1", "--include-dashboard=false", "--include-log-monitor=false"]
        # One of its own each time: in the same one Ray takes the machines' processes for those of a head that still runs.
        self._heads += 1
        command += [
            "--temp-dir",
            str(self.folder / f"r{self._heads}"),
            "--min-worker-port",
            "0",
            "--max-worker-port",
            "0",
            *SMALL,
        ]
        self._head = self._start(command, "head", QUICK_TO_NOTICE)
        wait_until(self._listens, "Ray's head listens")

    def join(self, name: str, gateway: str, *options: str) -> "subprocess.Popen[bytes]":
        """A machine that lends its processor."""
        command = [sys.executable, "-m", "inlay.cli", "join", gateway, "--name", name, "--device", "cpu"]
        command += ["--data", str(self.folder / name), *options]
        bare = {"RAY_AUTH_MODE": "", "RAY_AUTH_TOKEN_PATH": ""}  # it is told by the gateway
        self._joined[name] = self._start(command, name, bare)
        return self._joined[name]

    def has_ended(self, name: str) -> bool:
        """Whether a machine's `inlay join` gave up; a service manager starts it again."""
        return self._joined[name].poll() is not None

    def said_by(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def painters(self, name: str) -> list[int]:
        """The painters' processes on a machine."""
        return [pid for pid in self._of(name) if _title(pid).startswith("ray::Placed")]

    def leave(self, name: str) -> "subprocess.Popen[bytes]":
        """Ask a machine's `inlay join` to end, as a service manager does."""
        joined = self._joined.pop(name)
        joined.terminate()
        return joined

    def processes(self, name: str) -> list[int]:
        """What runs on a machine for the cluster."""
        return list(self._of(name))

    def kill_painter(self, name: str) -> None:
        for pid in self.painters(name):
            _kill(pid)

    def kill_node(self, name: str) -> None:
        """As if power failed there."""
        joined = self._joined.pop(name)
        for pid in sorted(self._of(name), key=lambda pid: "raylet/raylet" not in _title(pid)):
            _kill(pid)
        joined.kill()
        joined.wait()

    def kill_head(self) -> None:
        assert self._head
        _kill_group(self._head)
        wait_until(lambda: not self._takes_connections, "Ray's head is gone")

    def close(self) -> None:
        for joined in self._joined.values():
            joined.kill()
            joined.wait()
        if self._head:
            _kill_group(self._head)
        for pid in self._of(""):
            _kill(pid)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> "RayRoom":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _start(self, command: list[str], name: str, variables: dict[str, str]) -> "subprocess.Popen[bytes]":
        with (self.folder / f"{name}.log").open("ab") as log:
            environment = {**self.environment, **variables}
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True
            )

    def _listens(self) -> bool:
        assert self._head
        assert self._head.poll() is None, self.said_by("head")
        return self._takes_connections

    @property
    def _takes_connections(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def _of(self, name: str) -> Iterator[int]:
        """Processes that were started with a machine's INLAY_NODE; without a name, with any of this room's."""
        mark = f'"data": "{self.folder / name}'.encode()
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if mark in (entry / "environ").read_bytes():
                    yield int(entry.name)


def _title(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _kill_group(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
