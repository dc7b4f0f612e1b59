"""What the tests of the command line share: the real `inlay` as a process, a real server, and real files."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from inlay.client import Client, local

INLAY = [sys.executable, "-m", "inlay.cli"]
SIDE = 192


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Everything on stdout, which must be one JSON document."""
        return json.loads(self.out)


Run = Callable[..., Said]


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """No server of the machine's user and none of their settings: the default data folder is an empty one, the language English."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("INLAY_")}
    return ours | {"INLAY_DATA": str(tmp_path_factory.mktemp("nobody")), "COLUMNS": "200", "LC_ALL": "C.UTF-8"}


@pytest.fixture(scope="session")
def inlay(environment: dict[str, str]) -> Run:
    """Run the command line in a process of its own."""

    def run(*arguments: object, cwd: Path | None = None, timeout_s: float = 120, **variables: str) -> Said:
        command, around = [*INLAY, *(str(argument) for argument in arguments)], environment | variables
        done = subprocess.run(command, capture_output=True, text=True, env=around, cwd=cwd, timeout=timeout_s)
        assert "Traceback" not in done.stderr, done.stderr
        return Said(done.returncode, done.stdout, done.stderr)

    return run


@dataclass(frozen=True)
class Serving:
    """A running `inlay serve`."""

    process: subprocess.Popen[str]
    card: local.LocalServer
    first_words: str

    @property
    def data(self) -> Path:
        return self.card.data_dir

    @property
    def address(self) -> str:
        return self.card.address


@pytest.fixture(scope="session")
def start_serving(environment: dict[str, str]) -> Iterator[Callable[..., Serving]]:
    """Start `inlay serve` on free ports; ended after the session, if the test did not. program: what serves instead of `inlay`."""
    started: list[subprocess.Popen[str]] = []

    def start(folder: Path, *arguments: object, program: Sequence[object] = INLAY) -> Serving:
        command = [*program, "serve", "--data", folder, "--grpc-port", 0, "--http-port", 0, *arguments]
        process = subprocess.Popen(
            [str(part) for part in command],
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        started.append(process)
        assert process.stdout
        words = process.stdout.readline()
        card = wait_for(lambda: local.find(folder))
        return Serving(process, card, words)

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def serve(start_serving: Callable[..., Serving]) -> Callable[..., Serving]:
    """Start a server, `inlay serve` or a script of the tests' support; its log is read on: a full pipe would hold it up."""

    def start(folder: Path, script: Any = None) -> Serving:
        serving = start_serving(folder, program=(sys.executable, script.__file__) if script else INLAY)
        assert serving.process.stdout
        threading.Thread(target=serving.process.stdout.read, daemon=True).start()
        return serving

    return start


@pytest.fixture(scope="session")
def server(serve: Callable[..., Serving], tmp_path_factory: pytest.TempPathFactory) -> Serving:
    """The server that tests share, with no model but those that come along; `--data` leads to it."""
    return serve(tmp_path_factory.mktemp("serving") / "data")


@pytest.fixture
def client(server: Serving) -> Iterator[Client]:
    with Client(server.address, token=server.card.token) as connected:
        yield connected


@pytest.fixture(scope="session")
def pixels() -> NDArray[np.uint8]:
    """A photograph: SIDE x SIDE x 3."""
    return np.ascontiguousarray(data.astronaut()[20 : 20 + SIDE, 120 : 120 + SIDE])


@pytest.fixture(scope="session")
def photo(pixels: NDArray[np.uint8], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The photograph as an 8-bit PNG."""
    path = tmp_path_factory.mktemp("photo") / "photo.png"
    path.write_bytes(imagecodecs.png_encode(pixels))
    return path


@pytest.fixture(scope="session")
def selection() -> NDArray[np.uint8]:
    """A disc with a soft edge of about ten pixels."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    distance = np.hypot(rows - 90, columns - 100)
    return np.clip((30 - distance) * 25 + 128, 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def mask(selection: NDArray[np.uint8], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mask") / "mask.png"
    path.write_bytes(imagecodecs.png_encode(selection))
    return path


def wait_for(look: Callable[[], Any], timeout_s: float = 120.0) -> Any:
    """What `look` returns as soon as it is something. Fails where it never is."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")
