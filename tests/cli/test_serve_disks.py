"""A data folder on a disk that is full or can only be read: a sentence instead of a server, and a server once that is over."""

import errno
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.conftest import INLAY, Serving
from inlay.client import Client
from inlay.errors import Hindered
from inlay.hindrances import hindrance_of
from support.obstacles import small_disk

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("obstacle", "sentence"), [("full", "folder is full"), ("read-only", "can only be read")])
def test_a_server_that_cannot_write_says_so_in_a_sentence_and_starts_once_it_can(
    start_serving: Callable[..., Serving], environment: dict[str, str], tmp_path: Path, obstacle: str, sentence: str
) -> None:
    with small_disk(tmp_path / "disk", megabytes=4) as disk:
        folder = disk.folder / "data"
        folder.mkdir()
        disk.fill() if obstacle == "full" else disk.remount("ro")
        command = [*INLAY, "serve", "--data", str(folder), "--grpc-port", "0", "--http-port", "0"]
        said = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)
        assert said.returncode == 4, said.stderr
        last = said.stderr.strip().splitlines()[-1]
        assert last.startswith("inlay: ")
        assert sentence in last
        assert "Traceback" not in said.stderr
        disk.free() if obstacle == "full" else disk.remount("rw")
        serving = start_serving(folder)
        with Client(serving.address, token=serving.card.token) as client:
            assert client.upload(b"pixels").sha256
        serving.process.send_signal(signal.SIGTERM)
        assert serving.process.wait(120) == 0


def test_a_disk_that_turns_read_only_under_a_running_server_is_no_fault_of_any_job() -> None:
    hindrance = hindrance_of(OSError(errno.EROFS, "Read-only file system"))
    assert isinstance(hindrance, Hindered)
    assert "mount its disk so that it can be written" in hindrance.message
