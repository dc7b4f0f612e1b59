"""The server as a service: the texts are read by who will read them, and it keeps systemd's protocol."""

import json
import plistlib
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from cli.conftest import INLAY, Run

pytestmark = pytest.mark.slow

ARTFUL = 'Plans & "dreams" 100% $HOME'
"""What each of the formats has its own way to quote."""


class Systemd:
    """The socket that systemd gives a service of Type=notify, and what was said on it."""

    def __init__(self, path: Path) -> None:
        self.address = str(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.address)
        self._socket.settimeout(120)

    def hear(self) -> list[str]:
        return self._socket.recv(4096).decode().splitlines()

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Systemd]:
    listening = Systemd(tmp_path / "notify")
    yield listening
    listening.close()


def serve(
    folder: Path, environment: dict[str, str], systemd: Systemd, *before: str, **more: str
) -> subprocess.Popen[bytes]:
    command = [
        *before,
        *INLAY,
        "serve",
        "--data",
        str(folder),
        "--grpc-port",
        "0",
        "--http-port",
        "0",
        "--device",
        "cpu",
    ]
    told = environment | {"NOTIFY_SOCKET": systemd.address} | more
    return subprocess.Popen(command, env=told, stdout=subprocess.DEVNULL)


def test_systemd_hears_that_it_is_ready_that_its_loop_turns_and_that_it_stops(
    environment: dict[str, str], systemd: Systemd, tmp_path: Path
) -> None:
    process = serve(tmp_path / "data", environment, systemd, WATCHDOG_USEC="200000")
    try:
        said = [systemd.hear() for _ in range(6)]
        assert ["WATCHDOG=1"] in said
        while not any(line == "READY=1" for words in said for line in words):
            said.append(systemd.hear())
        card = json.loads((tmp_path / "data" / "server.json").read_text())
        (ready,) = [words for words in said if words[0] == "READY=1"]
        assert ready[1] == f"STATUS=gRPC {card['grpc_port']}, HTTP {card['http_port']}"
        process.send_signal(signal.SIGTERM)
        while systemd.hear() != ["STOPPING=1"]:
            pass
        assert process.wait(120) == 0
    finally:
        process.kill()
        process.wait()


def test_it_serves_where_only_its_data_and_tmp_can_be_written(
    environment: dict[str, str], systemd: Systemd, tmp_path: Path
) -> None:
    """As the container and the unit have it: everything else is read-only."""
    data = tmp_path / "data"
    data.mkdir()
    script = (
        "mount --make-rprivate / && mount --bind $0 $0 && mount --bind $1 $1 && mount -o remount,bind,ro / && shift 1 "
        "&& mount -t tmpfs none /var/tmp && export TMPDIR=/var/tmp HOME=/var/tmp && ! touch /etc/here 2>&1 "
        '&& exec "$@"'
    )
    unshare = shutil.which("unshare") or "unshare"
    if subprocess.run([unshare, "--mount", "true"], check=False, capture_output=True).returncode:
        pytest.skip("nobody but root may have mounts of their own")
    wrapped = [unshare, "--mount", "sh", "-c", script, str(data), str(tmp_path)]
    process = serve(data, environment | {"INLAY_DATA": str(data)}, systemd, *wrapped)
    try:
        words = systemd.hear()
        assert words[0] == "READY=1", words
    finally:
        process.kill()
        process.wait()


def test_the_unit_is_one_that_systemd_accepts(inlay: Run, tmp_path: Path) -> None:
    data = tmp_path / "data"
    said = inlay("service", "install", "--folder", tmp_path, "--data", data, "--user", "root", "--serve=--quota=200")
    assert said.code == 0
    unit = (tmp_path / "inlay.service").read_text()
    assert f"serve --data {data} --host 0.0.0.0 --quota=200" in unit
    assert "systemctl enable --now inlay" in said.out
    assert said.err == "", "systemd itself found nothing"
    if analyze := shutil.which("systemd-analyze"):
        subprocess.run([analyze, "verify", tmp_path / "inlay.service"], check=True, capture_output=True)
    assert "useradd" not in said.out
    assert "useradd" in inlay("service", "install", "--folder", tmp_path, "--user", "inlay-of-nobody").out


def test_the_unit_names_the_groups_of_cards_that_the_machine_has_and_no_others(inlay: Run, tmp_path: Path) -> None:
    """systemd starts nothing (216/GROUP) where one is not there, as without udev's packages."""
    unit = inlay("service", "print", "systemd", "--data", tmp_path).out
    (line,) = [line for line in unit.splitlines() if line.startswith("SupplementaryGroups=")]
    known = {group.partition(":")[0] for group in Path("/etc/group").read_text().splitlines()}
    assert set(line.partition("=")[2].split()) == {"video", "render"} & known


def test_an_account_that_cannot_reach_this_python_is_told_so_before_systemd_fails(inlay: Run, tmp_path: Path) -> None:
    """203/EXEC, which says nothing of the folder in the way."""
    on_the_way = [*Path(sys.executable).parents, *Path(sys.executable).resolve().parents]
    closed = [str(folder) for folder in on_the_way if not folder.stat().st_mode & 0o001]
    said = inlay("service", "install", "--folder", tmp_path, "--data", tmp_path / "data", "--user", "nobody")
    assert said.code == 0
    assert any(f"nobody may not enter {folder}," in said.err.replace("\n", " ") for folder in closed) == bool(closed)


def test_what_systemd_would_read_as_its_own_is_quoted(inlay: Run, tmp_path: Path) -> None:
    unit = inlay("service", "print", "systemd", "--data", tmp_path / ARTFUL).out
    quoted = ARTFUL.replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    assert f'--data "{tmp_path}/{quoted}" --host' in unit


def test_macos_is_told_each_word_of_the_command(inlay: Run, tmp_path: Path) -> None:
    told = plistlib.loads(inlay("service", "print", "launchd", "--data", tmp_path / ARTFUL).out.encode())
    command = str(Path(sys.executable).with_name("inlay"))
    assert told["ProgramArguments"] == [command, "serve", "--data", str(tmp_path / ARTFUL), "--host", "0.0.0.0"]
    assert told["RunAtLoad"] is True
    assert told["KeepAlive"] == {"SuccessfulExit": False}


def test_windows_is_told_a_task_at_log_on(inlay: Run, tmp_path: Path) -> None:
    text = inlay("service", "print", "windows", "--data", tmp_path).out
    task = ElementTree.fromstring(text.replace(' encoding="UTF-16"', ""))
    space = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    assert task.findtext("t:Actions/t:Exec/t:Arguments", None, space) == f"serve --data {tmp_path} --host 0.0.0.0"
    assert task.find("t:Triggers/t:LogonTrigger", space) is not None


def test_the_container_runs_as_nobody_with_nothing_to_write_but_its_data(inlay: Run) -> None:
    told = yaml.safe_load(inlay("service", "print", "compose", "--serve=--quota=200").out)["services"]["inlay"]
    assert told["command"] == ["serve", "--host", "0.0.0.0", "--quota=200"]
    assert (told["user"], told["read_only"], told["cap_drop"]) == ("10001:10001", True, ["ALL"])
    assert told["security_opt"] == ["no-new-privileges:true"]
    assert [mount for mount in told["volumes"] if not mount.endswith(":ro")] == ["data:/data"]
    assert [mount.partition(":")[0] for mount in told["tmpfs"]] == ["/tmp"]


def test_the_image_is_built_from_what_the_repository_has_and_ends_as_that_user(inlay: Run) -> None:
    text = inlay("service", "print", "dockerfile").out
    lines = [line for line in text.replace("\\\n", "").splitlines() if line and not line.startswith("#")]
    words = [line.split()[0] for line in lines]
    assert words[0] == "FROM"
    assert set(words) <= {
        *("FROM", "ARG", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE"),
        *("STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"),
    }
    assert all(":" in line.split()[1] and "latest" not in line for line in lines if line.startswith("FROM"))
    final = lines[max(number for number, word in enumerate(words) if word == "FROM") :]
    user = next(line for line in final if line.startswith("USER"))
    assert user == "USER 10001:10001"
    assert not [line for line in final[final.index(user) :] if line.startswith(("RUN", "COPY"))], (
        "nothing is made as root after it"
    )
    assert json.loads(next(line for line in final if line.startswith("CMD"))[4:]) == ["serve", "--host", "0.0.0.0"]
    assert json.loads(next(line for line in final if line.startswith("ENTRYPOINT"))[11:]) == ["inlay"]
    assert ".[${EXTRAS}]" in text
