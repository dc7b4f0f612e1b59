"""`inlay pair`: from a machine without a token to one whose commands need none, and what only its user can read."""

import json
import stat
import subprocess
from pathlib import Path

import pytest

from cli.conftest import INLAY, Run
from inlay.rpc.security import own_certificate
from rpc.process import running_server

pytestmark = pytest.mark.slow


def test_a_machine_asks_is_let_in_by_its_words_and_its_commands_need_no_token(
    inlay: Run, environment: dict[str, str], tmp_path: Path
) -> None:
    tls = own_certificate(tmp_path / "server")
    token = tmp_path / "token"
    token.write_text("the owner's")
    here = tmp_path / "artist"
    paths = {"certificate": str(tls.certificate), "key": str(tls.key)}
    with running_server(tmp_path / "data", tls=paths, token_file=str(token), pairs=True) as server:
        ports = (server.address, "--http-port", str(server.http_port))
        command = [*INLAY, "pair", "ask", *ports, "--name", "Anna", "--data", str(here), "--json"]
        asking = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        assert asking.stdout
        try:
            words = read_json(asking)["words"]
            owner = ("--data", tmp_path / "data", "--ca", tls.certificate)
            assert words in inlay("pair", "list", *owner).out
            assert inlay("pair", "accept", words, *owner, "--json").json == {"person": "Anna"}
            told = read_json(asking)
            assert asking.wait(120) == 0
        finally:
            asking.kill()
        kept = next((here / "paired").iterdir())
        assert Path(told["certificate"]) == kept / "certificate.pem"
        assert (kept / "certificate.pem").read_text().strip() == tls.certificate.read_text().strip()
        assert {stat.S_IMODE(path.stat().st_mode) for path in kept.iterdir()} == {0o600}
        assert stat.S_IMODE(kept.stat().st_mode) == 0o700
        assert inlay("jobs", "list", "--server", server.address, "--data", here, "--json").code == 0
        looked = inlay("doctor", "--server", ports[0], *ports[1:], "--data", here, "--json").json
        assert {one["step"] for one in looked["checks"] if not one["ok"]} <= {"krita"}


def read_json(process: subprocess.Popen[str]) -> dict[str, str]:
    """The next JSON document that a process prints."""
    text = ""
    assert process.stdout
    for line in process.stdout:
        text += line
        try:
            return json.loads(text)
        except ValueError:
            continue
    raise AssertionError(f"it ended with {process.wait()} after {text!r}")


def test_a_server_that_does_not_answer_is_said(inlay: Run, tmp_path: Path) -> None:
    said = inlay("pair", "ask", "127.0.0.1:9", "--data", tmp_path)
    assert said.code == 3
    assert "nobody speaks TLS at 127.0.0.1:10" in said.err
