"""A real server, a real screen and a real Krita, started once for all of these tests."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from inlay.krita_install import assemble
from krita.driver import Krita, Screen
from support import other_results

NEEDED = ("krita", "Xvfb", "xdotool", "import")
SYSTEM_PYTHON = "/usr/bin/python3"
"""What Debian's Krita runs its plugins with."""

TIMEOUT_S = 600
"""Krita, its screen and the server's worker may share two busy cores."""

REQUIRED = os.environ.get("INLAY_REQUIRE_KRITA") == "1"
SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = [program for program in NEEDED if not shutil.which(program)]
    if (
        "krita" not in missing
        and subprocess.run([SYSTEM_PYTHON, "-c", "import PyQt5.QtWidgets"], capture_output=True).returncode
    ):
        missing.append("PyQt5 for Krita's Python")
    for item in items:
        if "krita" not in Path(item.path).parent.name or "real_krita" not in getattr(item, "fixturenames", ()):
            continue
        item.add_marker(pytest.mark.krita)
        item.add_marker(pytest.mark.timeout(TIMEOUT_S))
        if missing and not REQUIRED:
            reason = (
                f"{', '.join(missing)} not found; on Debian: apt install krita python3-pyqt5 xvfb xdotool imagemagick"
            )
            item.add_marker(pytest.mark.skip(reason=reason))


TOKEN = "the token of all servers of these tests"
"""As `inlay_bridge.inside` has it."""


class Server:
    """An `inlay serve` process on a free port that can be killed and started again at the same place."""

    def __init__(
        self, data: Path, port: int = 0, more: tuple[str, ...] = (), program: tuple[str, ...] = ("-m", "inlay.cli")
    ):
        self.data, self.port, self.more, self.program = data, port, more, program
        data.mkdir(exist_ok=True)
        (data / "token").write_text(TOKEN)
        self.start()

    def start(self) -> None:
        command = [sys.executable, *self.program, "serve", "--grpc-port", "0", "--data", str(self.data)]
        self.process = subprocess.Popen(
            [*command, "--http-port", str(self.port), *self.more],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            if found:
                self.port = int(found[1])
                break
        else:
            raise RuntimeError("the server did not start:\n" + "".join(lines))
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def pause(self) -> None:
        """It takes connections and answers nothing, as a machine that is too busy; what comes meanwhile is kept."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="session")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The assembled plugin, as it is installed."""
    folder = tmp_path_factory.mktemp("plugin")
    assemble(folder)
    return folder


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("server"))
    yield running
    running.kill()


@pytest.fixture(scope="module")
def answering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose engines answer with something else than a painting."""
    running = Server(tmp_path_factory.mktemp("answering"), program=(str(Path(other_results.__file__)),))
    yield running
    running.kill()


@pytest.fixture(scope="session")
def screen() -> Iterator[Screen]:
    virtual = Screen()
    yield virtual
    virtual.close()


class Started:
    """The Krita that scenarios share; started anew after one took it down."""

    def __init__(self, home: Path, screen: Screen, plugin: Path):
        self._home, self._screen, self._plugin = home, screen, plugin
        self._krita: Krita | None = None

    def get(self) -> Krita:
        if self._krita is None or self._krita.process.poll() is not None:
            self._krita = Krita(self._home, self._screen, self._plugin)
        return self._krita

    def kill(self) -> None:
        if self._krita:
            self._krita.kill()


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory, screen: Screen, plugin: Path) -> Iterator[Started]:
    shared = Started(tmp_path_factory.mktemp("home"), screen, plugin)
    yield shared
    shared.kill()


def _tidied(started: Started, server: Server) -> Krita:
    krita = started.get()
    krita.run(
        """
        from inlay_bridge.inside import *
        from inlay_krita import api
        close_all()
        fresh_panels()
        for edit in list(api.session().left):
            api.session().close(edit)
        use_server(url)
        assert api.connect(20), str(api.session().connection.trouble)
        """,
        url=server.url,
    )
    return krita


@pytest.fixture
def real_krita(started: Started, server: Server) -> Iterator[Krita]:
    """The running Krita, connected: no document open, nothing left of other edits, and a panel that nobody touched."""
    krita = _tidied(started, server)
    yield krita
    if krita.process.poll() is None:
        krita.run("from inlay_bridge.inside import *\nclose_all()")


@pytest.fixture
def screenshots() -> Path:
    """Where pictures of Krita are kept for people to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return SCREENSHOTS
