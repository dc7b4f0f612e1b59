"""A line on which nothing is said: it stays while the server lives, and is given up and taken up again when it does not."""

import contextlib
import signal
import socket
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from inlay.client import Client, line
from inlay.events import Done, Event, Queued
from rpc.process import RunningServer, running_server
from rpc.test_events import lasting

pytestmark = pytest.mark.slow

PING_MS = 300
PINGS = 12
"""The server's default lets a client off with two too many."""

PING, GOAWAY = 6, 7
"""HTTP/2 frame types (RFC 9113)."""


class Tap:
    """A TCP proxy that counts connections, and HTTP/2 frames by kind: what the client sends, and what the server does."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connections = 0
        self.sent: Counter[int] = Counter()
        self.got: Counter[int] = Counter()
        self._changed = threading.Condition()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self._spawn(self._accept)

    def __enter__(self) -> "Tap":
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def wait(self, wanted: Callable[["Tap"], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: wanted(self), timeout=60)

    def _spawn(self, work: Callable[..., None], *given: object) -> None:
        threading.Thread(target=work, args=given, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client = self._listening.accept()[0]
                server = socket.create_connection(("127.0.0.1", self.port))
                with self._changed:
                    self.connections += 1
                    self._changed.notify_all()
                self._spawn(self._carry, client, server, self.sent, len(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
                self._spawn(self._carry, server, client, self.got, 0)

    def _carry(self, source: socket.socket, target: socket.socket, frames: Counter[int], preface: int) -> None:
        pending = bytearray()
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                target.sendall(data)
                pending += data
                if preface:
                    if len(pending) < preface:
                        continue
                    del pending[:preface]
                    preface = 0
                while len(pending) >= 9 and len(pending) >= (end := 9 + int.from_bytes(pending[:3], "big")):
                    with self._changed:
                        frames[pending[3]] += 1
                        self._changed.notify_all()
                    del pending[:end]
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def patient_server(tmp_path) -> Iterator[RunningServer]:
    with running_server(tmp_path / "data", constants={"inlay.rpc.grpc_door:LEAST_PING_INTERVAL_MS": 50}) as server:
        yield server


@pytest.fixture
def tapped(patient_server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Client, Tap]]:
    """A client that asks after a silent line sixty times as often as people's."""
    faster = {"grpc.keepalive_time_ms": PING_MS, "grpc.http2.ping_timeout_ms": 2_000}
    monkeypatch.setattr(line, "OPTIONS", tuple((name, faster.get(name, value)) for name, value in line.OPTIONS))
    with Tap(patient_server.grpc_port) as tap, Client(tap.address, patience_s=60) as client:
        yield client, tap


@pytest.fixture
def waiting(tapped, recipe, pixels, selection) -> tuple[str, str]:
    """A job that runs for long, and one that waits behind it without a word."""
    client, _ = tapped
    client.upload(pixels)
    client.upload(selection)
    running, behind = str(uuid.uuid4()), str(uuid.uuid4())
    client.submit(running, recipe.altered(prompt="slow", count=16))
    client.submit(behind, recipe)
    return running, behind


def test_a_quiet_stream_lives_on_while_its_job_waits(tapped, waiting):
    client, tap = tapped
    running, behind = waiting
    watching = client.watch(behind)
    seen = [next(watching)]
    assert isinstance(seen[0].happening, Queued)
    tap.wait(lambda tap: tap.sent[PING] >= PINGS)
    client.cancel(running)
    seen += watching
    assert isinstance(seen[-1].happening, Done)
    assert tap.connections == 1
    assert tap.got[GOAWAY] == 0


def test_a_frozen_server_is_noticed_and_its_watcher_comes_back_without_a_gap(tapped, waiting, patient_server):
    client, tap = tapped
    running, behind = waiting
    seen: list[Event] = []
    began = threading.Event()

    def watch() -> None:
        for event in client.watch(behind):
            seen.append(event)
            began.set()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    assert began.wait(60)
    patient_server.process.send_signal(signal.SIGSTOP)
    tap.wait(lambda tap: tap.connections > 1)
    patient_server.process.send_signal(signal.SIGCONT)
    client.cancel(running)
    watcher.join(100)
    assert isinstance(seen[-1].happening, Done)
    assert [event.seq for event in seen] == sorted({event.seq for event in seen})
    assert lasting(seen) == lasting(list(client.watch(behind)))


def test_patience_begins_when_the_line_drops_not_when_the_last_event_came(tapped, waiting, patient_server):
    client, tap = tapped
    _, behind = waiting
    client._patience_s = PING_MS / 1000 * PINGS / 2
    watching = client.watch(behind)
    next(watching)
    tap.wait(lambda tap: tap.sent[PING] >= PINGS)
    patient_server.restart(signal.SIGKILL)
    client._patience_s = 60
    assert next(watching).seq > 1
