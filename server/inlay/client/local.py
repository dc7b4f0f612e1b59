"""The server on this machine: how a running one is found, and how one is started for a single call and stopped after it."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from inlay.config import is_loopback, join_address, split_address
from inlay.errors import Unavailable
from inlay.lock import is_held

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0
LOCK = "server.lock"
_CARD = "server.json"
"""What a running server writes into its data folder (`inlay.rpc.server.Bound`), so that whoever shares the folder finds it."""


@dataclass(frozen=True)
class LocalServer:
    """A running server on this machine, and what its data folder holds to reach it."""

    data_dir: Path
    pid: int
    version: str
    host: str
    """What it listens on: a name or an address of this machine, or 0.0.0.0 / :: for all."""
    grpc_port: int
    http_port: int
    tls: bool
    token_file: str
    """Where its token lies; empty where it asks for none, or was not given it as a file."""

    @property
    def reachable_host(self) -> str:
        """Where this machine finds it."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)

    @property
    def address(self) -> str:
        """HOST:PORT of the gRPC door."""
        return join_address(self.reachable_host, self.grpc_port)

    @property
    def token(self) -> str:
        """What it asks for; empty where that cannot be read."""
        try:
            return Path(self.token_file).read_text(encoding="utf-8").strip() if self.token_file else ""
        except OSError:
            return ""

    @property
    def ca(self) -> Path | None:
        """The certificate that the server made for itself; None where it speaks without TLS or was given another."""
        path = self.data_dir / "certificate.pem"
        return path if self.tls and path.exists() else None


def read_card(data_dir: Path) -> LocalServer | None:
    """What the server of `data_dir` wrote, whether or not it still runs; None where there is nothing to read."""
    try:
        facts: Any = json.loads((data_dir / _CARD).read_text(encoding="utf-8"))
        told = {
            name: facts[name] for name in LocalServer.__dataclass_fields__ if name in facts
        }  # a newer server tells more
        return LocalServer(data_dir=data_dir, **told)
    except (OSError, ValueError, TypeError):
        return None


def find(data_dir: Path) -> LocalServer | None:
    """The server of this folder, if it runs and takes connections.

    A server that was killed leaves its card behind, and its port to whoever takes it: pixels and the token must not go
    there. So the card counts only where its process lives, the folder's lock is held, and the folder is this user's.
    """
    server = read_card(data_dir)
    if server is None or not _is_true(server) or not _takes_connections(server):
        return None
    return server


def find_at(address: str, data_dir: Path) -> LocalServer | None:
    """The server of this folder, if `address` (HOST or HOST:PORT) is its gRPC door on this machine."""
    host, port = split_address(address)
    if not is_loopback(host):
        return None
    server = find(data_dir)
    return server if server and server.grpc_port == port else None


@contextlib.contextmanager
def own_server(models: Path | None = None) -> Generator[LocalServer]:
    """Start a server on free loopback ports, with a temporary data folder, for the time of the block.

    models: the `models.toml` it paints with; None: only what needs no weights.

    It ends with this process whatever happens to that, because it watches the pipe between the two, and takes its data folder
    with it. Raises Unavailable, with the server's last words, where it does not come up.
    """
    folder = Path(tempfile.mkdtemp(prefix="inlay-"))
    process: subprocess.Popen[bytes] | None = None
    try:
        with tempfile.TemporaryFile() as words:
            process = _spawn(folder, words, models)
            yield _await_card(folder, process, words)
    finally:
        if process is not None:
            _stop(process)
        shutil.rmtree(folder, ignore_errors=True)  # where the server could not


def _spawn(folder: Path, words: IO[bytes], models: Path | None) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "inlay.cli", "serve", "--data", str(folder), "--for-one-call"]
    command += ["--grpc-port", "0", "--http-port", "0", *(["--models", str(models)] if models else [])]
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=words,
        stderr=subprocess.STDOUT,
        # A group of its own: Ctrl-C in the terminal is for the caller, who still has to take its job back here.
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # the same on Windows, 0 elsewhere
    )


def _await_card(folder: Path, process: subprocess.Popen[bytes], words: IO[bytes]) -> LocalServer:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        server = read_card(folder)
        if server is not None:
            return server
        if process.poll() is not None:
            raise Unavailable(f"the server for this call ended with code {process.returncode}: {_last_words(words)}")
        time.sleep(0.02)
    raise Unavailable(f"the server for this call was not ready after {START_TIMEOUT_S:.0f} s: {_last_words(words)}")


def _last_words(words: IO[bytes]) -> str:
    words.seek(0)
    lines = [line for line in words.read().decode(errors="replace").splitlines() if line.strip()]
    return " / ".join(lines[-5:]) or "it said nothing"


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    if process.poll() is None and sys.platform != "win32":
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _is_true(server: LocalServer) -> bool:
    if hasattr(os, "getuid") and server.data_dir.stat().st_uid != os.getuid():
        return False
    return is_held(server.data_dir / LOCK) and _lives(server.pid)


def _lives(pid: int) -> bool:
    if sys.platform == "win32":  # os.kill would end it there; the lock says enough
        return True
    try:
        os.kill(pid, 0)
    except OSError:  # nobody, or somebody else's process
        return False
    return True


def _takes_connections(server: LocalServer) -> bool:
    if not is_loopback(server.reachable_host) and not _is_mine(server.reachable_host):
        return False
    try:
        with socket.create_connection((server.reachable_host, server.grpc_port), timeout=1):
            return True
    except OSError:
        return False


def _is_mine(host: str) -> bool:
    """Whether `host` is an address of this machine: a data folder may be shared between machines, its card may not."""
    try:
        address = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)[0]
        with socket.socket(address[0], socket.SOCK_STREAM) as probe:
            probe.bind(address[4])
    except OSError:
        return False
    return True
