"""`inlay serve`, and how its clients on the same machine find it."""

import base64
import http.client
import json
import os
import re
import signal
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import pytest

from cli.conftest import INLAY, Run, Said, Serving, wait_for
from inlay.cli.serve import tls_for
from inlay.client import Client, local
from inlay.errors import NotFound, Unauthenticated

pytestmark = pytest.mark.slow


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


@pytest.mark.slow
def test_a_taken_port_is_named(inlay: Run, server: Serving, tmp_path: Path) -> None:
    said = inlay("serve", "--data", tmp_path, "--grpc-port", server.card.grpc_port, "--http-port", 0)

    assert said.code == 2
    assert str(server.card.grpc_port) in said.err


@pytest.mark.slow
def test_half_a_certificate_is_refused(inlay: Run, photo: Path, tmp_path: Path) -> None:
    said = inlay("serve", "--data", tmp_path, "--cert", photo)

    assert said.code == 2
    assert "--key is missing" in said.err


@pytest.mark.slow
def test_ctrl_c_stops_the_server(start_serving: Callable[..., Serving], tmp_path: Path) -> None:
    serving = start_serving(tmp_path / "data")

    serving.process.send_signal(signal.SIGINT)

    assert serving.process.wait(20) == 0


@pytest.mark.skipif(os.name != "posix", reason="a signal drains")
def test_inlay_drain_stops_the_server_of_its_data_folder(
    inlay: Run, start_serving: Callable[..., Serving], tmp_path: Path
) -> None:
    serving = start_serving(tmp_path / "data")

    drained = inlay("drain", "--data", tmp_path / "data", "--json")

    assert (drained.code, drained.json["pid"]) == (0, serving.process.pid)
    assert serving.process.wait(20) == 0
    again = inlay("drain", "--data", tmp_path / "data")
    assert again.code == 3
    assert str(tmp_path / "data") in again.err


@pytest.mark.slow
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


def test_beyond_loopback_a_server_makes_itself_a_certificate(tmp_path: Path) -> None:
    tls = tls_for("0.0.0.0", tmp_path, None, None)

    assert tls is not None
    assert tls.certificate == tmp_path / "certificate.pem"
    assert tls_for("127.0.0.1", tmp_path, None, None) is None


def test_on_loopback_too_it_asks_for_a_token_that_programs_of_its_user_find(inlay: Run, server: Serving) -> None:
    with Client(server.address) as stranger, pytest.raises(Unauthenticated):
        stranger.info()
    assert len(server.card.token) >= 32
    assert inlay("jobs", "list", "--data", server.data).code == 0
    assert inlay("jobs", "list", "--data", server.data, "--server", server.address).code == 0
    assert inlay("jobs", "list", "--server", server.address).code == 3


def test_a_python_program_finds_the_token_of_the_usual_data_folder(
    server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INLAY_DATA", str(server.data))
    with Client(server.address) as client:
        assert client.info().protocol == 1


def test_a_card_leads_nowhere_where_another_program_has_taken_the_port(
    inlay: Run, start_serving: Callable[..., Serving], tmp_path: Path
) -> None:
    serving = start_serving(tmp_path / "data")
    serving.process.kill()
    serving.process.wait()
    heard: list[bytes] = []

    class Thief(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            heard.append(self.request.recv(65_536))

    address = (serving.card.reachable_host, serving.card.grpc_port)
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with socketserver.ThreadingTCPServer(address, Thief) as thief:
        threading.Thread(target=thief.serve_forever, daemon=True).start()
        said = inlay("jobs", "list", "--data", tmp_path / "data")
        thief.shutdown()

    assert said.code == 3
    assert heard == []


@pytest.mark.skipif(os.name != "posix", reason="looks at modes")
def test_nothing_in_the_data_folder_can_be_read_by_other_users(
    start_serving: Callable[..., Serving], inlay: Run, photo: Path, mask: Path, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    before = os.umask(0o022)
    try:
        serving = start_serving(tmp_path / "data")
        done = inlay(
            "edit", photo, "--mask", mask, "--verb", "erase", "--out", tmp_path / "out.png", "--data", serving.data
        )
        with Client(serving.address, token=serving.card.token) as client:
            client.upload(b"x" * 3_000_000, lambda arrived, _: arrived)
    finally:
        os.umask(before)

    assert done.code == 0, done.err
    found = [serving.data, *serving.data.rglob("*")]
    assert any(path.name == "journal.sqlite" for path in found)
    assert [path for path in found if path.stat().st_mode & 0o077] == []
    assert "mode 755" in serving.first_words


def test_a_batch_is_listed_by_its_name_and_waits_in_its_lane(
    inlay: Run, server: Serving, photo: Path, mask: Path, tmp_path: Path
) -> None:
    def edit(*more: object) -> str:
        out = tmp_path / "out.png"
        said = inlay("edit", photo, "--mask", mask, "--verb", "erase", "--tier", "draft", "--out", out, "--json",
                     "--data", server.data, *more)  # fmt: skip
        assert said.code == 0, said.err
        return said.json["job_id"]

    together = [edit("--lane", "batch", "--batch", "spring catalogue") for _ in range(2)]
    edit()

    listed = inlay("jobs", "list", "--batch", "spring catalogue", "--data", server.data, "--json").json
    assert [(job["job_id"], job["lane"], job["batch"]) for job in listed] == [
        (job_id, "batch", "spring catalogue") for job_id in reversed(together)
    ]
    assert inlay("jobs", "list", "--batch", "autumn", "--data", server.data, "--json").json == []


def test_what_was_made_is_listed_and_found_by_its_words(
    inlay: Run, server: Serving, photo: Path, mask: Path, tmp_path: Path
) -> None:
    picture = tmp_path / "made.png"
    picture.write_bytes(photo.read_bytes())
    said = inlay("edit", picture, "--mask", mask, "--verb", "fill", "--prompt", "a quiet sea", "--count", 2, "--seed", 5,
                 "--tier", "draft", "--out", tmp_path / "out.ora", "--data", server.data, "--json")  # fmt: skip
    job_id = said.json["job_id"]

    def history(*words: object) -> Said:
        return inlay("jobs", "history", *words, "--label", "made.png", "--data", server.data)

    found = history("SEA", "quiet", "--json", "--thumbnails", tmp_path / "thumbnails").json
    assert [
        (one["job_id"], one["variation"], one["seed"], one["prompt"], one["model"], one["rating"]) for one in found
    ] == [
        (job_id, 2, 6, "a quiet sea", "classic", ""),
        (job_id, 1, 5, "a quiet sea", "classic", ""),
    ]
    for number in (1, 2):
        picture = imagecodecs.png_decode((tmp_path / "thumbnails" / f"{job_id}-{number}.png").read_bytes())
        assert max(picture.shape[:2]) <= 192
    assert history().out.count("a quiet sea") == 2
    assert history("mountain").out == "nothing was found\n"


def test_jobs_are_listed_shown_watched_and_cancelled(
    inlay: Run, server: Serving, client: Client, environment: dict[str, str], photo: Path, mask: Path, tmp_path: Path
) -> None:
    picture = tmp_path / "listed.png"
    picture.write_bytes(photo.read_bytes())
    command = [*INLAY, "edit", picture, "--mask", mask, "--verb", "erase", "--count", 16, "--seed", 9]
    command += ["--out", tmp_path / "out.png", "--server", server.address, "--data", server.data]
    editing = subprocess.Popen([str(part) for part in command], env=environment, stderr=subprocess.PIPE, text=True)
    job_id = wait_for(lambda: client.jobs(label="listed.png"))[0].job_id

    listed = inlay("jobs", "list", "--label", "listed.png", "--data", server.data, "--json").json
    cancelled = inlay("jobs", "cancel", job_id[:12], "--data", server.data, "--json").json
    shown = inlay("jobs", "show", job_id, "--data", server.data, "--json").json
    watched = inlay("jobs", "watch", job_id, "--data", server.data)

    assert [job["job_id"] for job in listed] == [job_id]
    assert cancelled["state"] == shown["state"] == "cancelled"
    assert shown["recipe"]["sampling"]["seed"] == 9
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


def test_a_token_on_the_command_line_works_and_is_warned_of_and_one_in_the_environment_is_not(
    environment: dict[str, str], server: Serving
) -> None:
    command = [*INLAY, "jobs", "list", "--server", server.address]
    token = server.card.token

    shown = subprocess.run([*command, "--token", token], env=environment, capture_output=True, text=True)
    hidden = subprocess.run(command, env={**environment, "INLAY_TOKEN": token}, capture_output=True, text=True)

    assert shown.returncode == hidden.returncode == 0
    assert "--token-file" in shown.stderr
    assert hidden.stderr == ""


def test_what_a_client_was_refused_is_found_in_the_log_by_its_number(
    inlay: Run, start_serving: Callable[..., Serving], tmp_path: Path, photo: Path, mask: Path
) -> None:
    serving = start_serving(tmp_path / "data")
    unknown = "00000000-0000-4000-8000-000000000000"
    numbers: list[str] = []
    with Client(serving.address, token=serving.card.token) as client:
        for _ in range(2):
            with pytest.raises(NotFound) as refused:
                client.poll(unknown)
            numbers.append(refused.value.request)
    body = json.dumps({"jobId": unknown}).encode()
    connection = http.client.HTTPConnection("127.0.0.1", serving.card.http_port, timeout=30)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {serving.card.token}"}
    connection.request("POST", "/inlay.v1.InlayService/PollJob", body, headers)
    (details,) = json.loads(connection.getresponse().read())["details"]
    told = base64.b64decode(details["value"] + "==")
    said = inlay(
        "edit",
        photo,
        "--mask",
        mask,
        "--verb",
        "erase",
        "--model",
        "nobody",
        "--out",
        tmp_path / "out.ora",
        "--data",
        serving.data,
    )
    with Client(serving.address, token="a stranger's") as stranger, pytest.raises(Unauthenticated):
        stranger.info()

    serving.process.send_signal(signal.SIGTERM)
    assert serving.process.stdout
    log = serving.process.stdout.read()

    assert len(set(numbers)) == 2
    for number in numbers:
        assert re.search(rf"INFO \[{number}\] .*refused: NOT_FOUND job '{unknown}'", log)
    assert sum(number.encode() in told for number in re.findall(r"INFO \[([0-9a-f]{8})\].*refused", log)) == 1
    assert "nobody" in said.err
    (number,) = re.findall(r"\(request ([0-9a-f]{8})\)", said.err)
    assert re.search(rf"\[{number}\] .*nobody", log)
    assert "UNAUTHENTICATED" not in log
