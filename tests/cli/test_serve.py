"""`inlay serve`, and how its clients on the same machine find it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.conftest import INLAY, Run, Serving, wait_for
from inlay.cli.serve import tls_for, token_for
from inlay.client import Client, local


def test_it_says_where_both_doors_are_and_its_data_folder_tells_clients(
    inlay: Run, start_serving: Callable[..., Serving], tmp_path: Path
) -> None:
    serving = start_serving(tmp_path / "data")
    asked = inlay("models", "list", "--data", tmp_path / "data", "--json")

    serving.process.send_signal(signal.SIGTERM)
    words = serving.first_words + (serving.process.stdout.read() if serving.process.stdout else "")

    assert serving.process.wait(20) == 0
    assert serving.address in words
    assert f"http://{serving.card.reachable_host}:{serving.card.http_port}" in words
    assert str(tmp_path / "data") in words
    assert asked.json[0]["id"] == "classic"
    assert local.find(tmp_path / "data") is None


def test_the_process_has_its_memory_settings_and_the_id_it_announces(server: Serving) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("only glibc reads these settings")
    environment = Path(f"/proc/{server.card.pid}/environ").read_bytes()

    assert b"MALLOC_MMAP_THRESHOLD_=1073741824" in environment
    assert server.card.pid == server.process.pid


def test_a_data_folder_has_one_server(inlay: Run, server: Serving) -> None:
    said = inlay("serve", "--data", server.data, "--grpc-port", 0, "--http-port", 0)

    assert said.code == 3
    assert server.address in said.err


def test_a_taken_port_is_named(inlay: Run, server: Serving, tmp_path: Path) -> None:
    said = inlay("serve", "--data", tmp_path, "--grpc-port", server.card.grpc_port, "--http-port", 0)

    assert said.code == 2
    assert str(server.card.grpc_port) in said.err


def test_half_a_certificate_is_refused(inlay: Run, photo: Path, tmp_path: Path) -> None:
    said = inlay("serve", "--data", tmp_path, "--cert", photo)

    assert said.code == 2
    assert "--key is missing" in said.err


def test_ctrl_c_stops_the_server(start_serving: Callable[..., Serving], tmp_path: Path) -> None:
    serving = start_serving(tmp_path / "data")

    serving.process.send_signal(signal.SIGINT)

    assert serving.process.wait(20) == 0


def test_a_card_that_a_killed_server_left_behind_leads_nowhere(
    inlay: Run, start_serving: Callable[..., Serving], tmp_path: Path
) -> None:
    serving = start_serving(tmp_path / "data")
    serving.process.kill()
    serving.process.wait()

    said = inlay("jobs", "list", "--data", tmp_path / "data")

    assert (tmp_path / "data" / "server.json").exists()
    assert said.code == 3
    assert "inlay serve" in said.err


def test_the_server_of_a_call_ends_with_it_even_when_it_is_killed(environment: dict[str, str]) -> None:
    script = (
        "import time; from inlay.client.local import own_server\n"
        "with own_server() as server: print(server.pid, server.data_dir, flush=True); time.sleep(60)"
    )
    caller = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=environment)
    assert caller.stdout
    pid, folder = caller.stdout.readline().split()

    caller.kill()
    caller.wait()

    wait_for(lambda: not _lives(int(pid)))
    wait_for(lambda: not Path(folder).exists())


def test_beyond_loopback_a_server_makes_itself_a_certificate_and_a_token(tmp_path: Path) -> None:
    tls = tls_for("0.0.0.0", tmp_path, None, None)
    token = token_for("0.0.0.0", tmp_path, None)

    assert tls is not None
    assert tls.certificate == tmp_path / "certificate.pem"
    assert len(token) >= 32
    assert token_for("0.0.0.0", tmp_path, None) == token
    assert tls_for("127.0.0.1", tmp_path, None, None) is None
    assert token_for("127.0.0.1", tmp_path, None) == ""


def test_jobs_are_listed_shown_watched_and_cancelled(
    inlay: Run, server: Serving, client: Client, environment: dict[str, str], photo: Path, mask: Path, tmp_path: Path
) -> None:
    picture = tmp_path / "listed.png"
    picture.write_bytes(photo.read_bytes())
    command = [*INLAY, "edit", picture, "--mask", mask, "--verb", "erase", "--count", 16, "--seed", 9]
    command += ["--out", tmp_path / "out.png", "--server", server.address]
    editing = subprocess.Popen([str(part) for part in command], env=environment, stderr=subprocess.PIPE, text=True)
    job_id = wait_for(lambda: client.jobs(label="listed.png"))[0].job_id

    listed = inlay("jobs", "list", "--label", "listed.png", "--data", server.data, "--json").json
    cancelled = inlay("jobs", "cancel", job_id[:12], "--data", server.data, "--json").json
    shown = inlay("jobs", "show", job_id, "--data", server.data, "--json").json
    watched = inlay("jobs", "watch", job_id, "--data", server.data)

    assert [job["job_id"] for job in listed] == [job_id]
    assert cancelled["state"] == shown["state"] == "cancelled"
    assert shown["recipe"]["seed"] == 9
    assert editing.wait(30) == watched.code == 4
    assert "was cancelled" in watched.err


def test_a_job_that_does_not_exist_is_not_found(inlay: Run, server: Serving) -> None:
    for command in ("show", "cancel", "watch"):
        said = inlay("jobs", command, "ffffffff", "--data", server.data)
        assert said.code == 5
        assert "inlay jobs list" in said.err


def test_jobs_need_a_running_server(inlay: Run, tmp_path: Path) -> None:
    assert inlay("jobs", "list", "--data", tmp_path).code == 3


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
