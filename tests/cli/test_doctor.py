"""`inlay doctor`: what is wrong with a connection, and the cure."""

import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import Run, Serving
from inlay.config import LOOPBACK
from inlay.rpc.security import own_certificate

pytestmark = pytest.mark.slow


STEPS = [
    "name",
    "grpc_port",
    "tls",
    "answer",
    "token",
    "version",
    "stream",
    "http_port",
    "http_tls",
    "http_call",
]


@pytest.fixture(scope="module")
def guarded(start_serving: Callable[..., Serving], tmp_path_factory: pytest.TempPathFactory) -> Serving:
    """A server as it is beyond loopback: with TLS and a token. It stays on loopback all the same."""
    folder = tmp_path_factory.mktemp("guarded")
    tls = own_certificate(folder / "data", ("localhost", LOOPBACK))
    (folder / "token").write_text("open sesame\n")
    return start_serving(folder / "data", "--cert", tls.certificate, "--key", tls.key, "--token-file", folder / "token")


@pytest.fixture(scope="module")
def token(guarded: Serving) -> Path:
    return guarded.data.parent / "token"


@pytest.fixture(scope="module")
def certificate(guarded: Serving) -> Path:
    return guarded.data / "certificate.pem"


@pytest.fixture
def some_web_server() -> Iterator[int]:
    """The port of a program that is not Inlay."""
    server = http.server.HTTPServer((LOOPBACK, 0), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def _first_failure(report: dict[str, Any]) -> dict[str, Any]:
    return next(check for check in report["checks"] if not check["ok"])


def test_a_healthy_server_passes_every_step_through_both_doors(inlay: Run, server: Serving) -> None:
    said = inlay("doctor", "--data", server.data, "--json")

    assert said.code == 0, said.out
    assert [check["step"] for check in said.json["checks"] if check["step"] != "krita"] == STEPS
    assert said.json["healthy"] is True


def test_a_healthy_guarded_server_passes_every_step(
    inlay: Run, guarded: Serving, token: Path, certificate: Path
) -> None:
    doors = ("--server", guarded.address, "--http-port", guarded.card.http_port)

    said = inlay("doctor", *doors, "--token-file", token, "--ca", certificate)

    assert said.code == 0, said.out
    assert "the certificate is trusted" in said.out


def test_a_wrong_port_is_cured_with_the_one_of_the_server_here(inlay: Run, server: Serving) -> None:
    said = inlay("doctor", "--server", "127.0.0.1:1", "--data", server.data, "--json")

    failure = _first_failure(said.json)
    assert said.code == 3
    assert failure["step"] == "grpc_port"
    assert server.address in failure["cure"]


def test_where_nothing_runs_the_cure_is_to_start_it(inlay: Run) -> None:
    said = inlay("doctor", "--server", "127.0.0.1:1", "--json")

    assert said.code == 3
    assert "inlay serve" in _first_failure(said.json)["cure"]


def test_the_http_door_in_place_of_the_grpc_door_is_named(inlay: Run, server: Serving) -> None:
    said = inlay("doctor", "--server", f"127.0.0.1:{server.card.http_port}", "--json")

    assert said.code == 3
    assert f"port {server.card.http_port} is the HTTP door" in _first_failure(said.json)["cure"]


def test_another_program_on_the_port_is_no_inlay_server(inlay: Run, some_web_server: int) -> None:
    said = inlay("doctor", "--server", f"127.0.0.1:{some_web_server}", "--json")

    assert said.code == 3
    assert "no Inlay server" in _first_failure(said.json)["cure"]


def test_a_name_that_nobody_knows_is_cured_by_spelling(inlay: Run) -> None:
    said = inlay("doctor", "--server", "studio.invalid", "--json")

    assert said.code == 3
    assert [check["step"] for check in said.json["checks"]] == ["name"]
    assert "spelling" in said.json["checks"][0]["cure"]


@pytest.mark.parametrize("given", ["wrong", "none"])
def test_a_wrong_or_missing_token_is_cured_with_the_servers_own(
    given: str, inlay: Run, guarded: Serving, certificate: Path, tmp_path: Path
) -> None:
    (tmp_path / "wrong").write_text("close sesame")
    token = ("--token-file", tmp_path / "wrong") if given == "wrong" else ()

    said = inlay("doctor", "--server", guarded.address, "--ca", certificate, *token, "--json")

    failure = _first_failure(said.json)
    assert said.code == 3
    assert failure["step"] == "token"
    assert "--token-file" in failure["cure"]


def test_a_missing_certificate_is_cured_with_the_servers_own(inlay: Run, guarded: Serving, token: Path) -> None:
    said = inlay("doctor", "--server", guarded.address, "--token-file", token, "--json")

    failure = _first_failure(said.json)
    assert said.code == 3
    assert failure["step"] == "tls"
    assert "--ca certificate.pem" in failure["cure"]


def test_the_certificate_of_another_server_is_recognised(
    inlay: Run, guarded: Serving, token: Path, tmp_path: Path
) -> None:
    other = own_certificate(tmp_path).certificate

    said = inlay("doctor", "--server", guarded.address, "--token-file", token, "--ca", other, "--json")

    failure = _first_failure(said.json)
    assert said.code == 3
    assert failure["step"] == "tls"
    assert "not this server's" in failure["cure"]


def test_a_certificate_where_the_server_speaks_plainly_is_too_much(
    inlay: Run, server: Serving, certificate: Path
) -> None:
    said = inlay("doctor", "--server", server.address, "--ca", certificate, "--json")

    assert said.code == 3
    assert "leave --ca away" in _first_failure(said.json)["cure"]


def test_an_edit_reaches_a_guarded_server_with_token_and_certificate(
    inlay: Run, guarded: Serving, token: Path, certificate: Path, photo: Path, mask: Path, tmp_path: Path
) -> None:
    edit = (
        "edit",
        photo,
        "--mask",
        mask,
        "--verb",
        "erase",
        "--out",
        tmp_path / "out.png",
        "--server",
        guarded.address,
    )

    assert inlay(*edit, "--token-file", token, "--ca", certificate).code == 0
    refused = inlay(*edit, "--ca", certificate)
    assert refused.code == 3
    assert "token" in refused.err
