"""The report's page on the HTTP door: figures for the owner of the server, a closed door for everybody else."""

import base64
import hashlib
import http.client
import re
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from inlay.client import Client
from inlay.person import Role
from inlay.studio.people import PEOPLE_FILE, People
from rpc import weather
from rpc.process import running_server
from rpc.reviewing import DECIDE, drafted, opened
from rpc.weather import Running

pytestmark = pytest.mark.slow

FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str


def ask(
    port: int, form: dict[str, str] | None = None, path: str = "/report/", method: str = "", **headers: str
) -> Answer:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    body = None if form is None else urllib.parse.urlencode(form)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    line.request(
        method or ("GET" if form is None else "POST"), path, body, {**(FORM if body is not None else {}), **named}
    )
    answer = line.getresponse()
    told = Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode())
    line.close()
    return told


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("studio") / "data"


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Running]:
    with weather.running(folder) as running:
        yield running


@pytest.fixture(scope="module")
def link(server: Running) -> str:
    """A reviewer's, of one job of drafts."""
    with server.client() as client:
        return opened(server, drafted(client), ("Anna", DECIDE)).tokens[0]


def test_without_the_token_there_is_a_form_and_no_figure(server: Running, link: str) -> None:
    answer = ask(server.http_port)
    assert answer.status == 200
    assert 'type="password" name="token"' in answer.text
    assert "<td>" not in answer.text


def test_who_has_the_servers_token_sees_what_was_tried(server: Running, link: str) -> None:
    answer = ask(server.http_port, {"token": server.token, "by": "model"})
    assert answer.status == 200
    (row,) = re.findall(r"<tr><td>clouds</td><td>(\d+)</td>", answer.text)
    assert row == "1"
    assert '<option value="model" selected>model</option>' in answer.text
    assert server.token not in answer.text


def test_a_browser_that_asks_for_german_gets_form_figures_and_refusals_in_german(server: Running, link: str) -> None:
    german = {"accept_language": "de-AT,de;q=0.9,en;q=0.8"}
    empty = ask(server.http_port, **german)
    shown = ask(server.http_port, {"token": server.token, "by": "model"}, **german)
    refused = ask(server.http_port, {"token": link}, **german)
    for answer in (empty, shown, refused):
        assert '<html lang="de">' in answer.text
        assert "<h1>Was es gekostet hat</h1>" in answer.text
        assert "<label>Token des Servers " in answer.text
        assert '<option value="document"' in answer.text
        assert ">Dokument</option>" in answer.text
    assert re.findall(r"<tr><td>clouds</td><td>(\d+)</td>", shown.text) == ["1"]
    assert '<th scope="col">Minuten bis zur Freigabe</th>' in shown.text
    assert (refused.status, "Token des Servers" in refused.text.partition('role="alert"')[2][:200]) == (403, True)
    assert 'lang="en"' in ask(server.http_port, accept_language="fr").text


def test_a_period_without_jobs_has_none(server: Running, link: str) -> None:
    answer = ask(server.http_port, {"token": server.token, "since": "2001-01-01", "until": "2001-12-31"})
    assert answer.status == 200
    assert "<td>clouds</td>" not in answer.text


def test_a_reviewers_link_a_persons_token_and_a_wrong_one_open_nothing(
    server: Running, link: str, folder: Path
) -> None:
    _, person = People(folder / PEOPLE_FILE).add("Ben", Role.ADMIN, (), None)
    shown = {link: 403, person: 403, "wrong": 401, "": 401, "ö": 401}
    for token, status in shown.items():
        answer = ask(server.http_port, {"token": token})
        assert (answer.status, "<td>" in answer.text) == (status, False), token


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"by": "<b>"}, "by is &lt;b&gt;"),
        ({"since": "tomorrow"}, "since is &#x27;tomorrow&#x27;"),
        ({"until": "9999-12-31"}, "until is"),
    ],
    ids=["row", "day", "the last day"],
)
def test_what_cannot_be_asked_is_named(server: Running, form: dict[str, str], why: str) -> None:
    answer = ask(server.http_port, {"token": server.token, **form})
    assert answer.status == 400
    assert why in answer.text


def test_a_page_from_elsewhere_may_not_ask_and_what_is_no_form_is_not_read(server: Running) -> None:
    right = {"token": server.token}
    assert ask(server.http_port, right, sec_fetch_site="cross-site").status == 403
    assert ask(server.http_port, right, content_type="text/plain").status == 415
    assert ask(server.http_port, {"token": "a" * 9000}).status == 415
    assert ask(server.http_port, method="DELETE").status == 405
    assert ask(server.http_port, path="/report/elsewhere").status == 404
    assert ask(server.http_port, path="/report").headers["location"] == "/report/"


def test_nothing_is_run_framed_fetched_or_kept_and_the_only_style_is_the_pages_own(server: Running) -> None:
    for answer in (ask(server.http_port), ask(server.http_port, {"token": server.token})):
        policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
        (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
        own = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert policy == {
            "default-src": "'none'",
            "style-src": f"'sha256-{own}'",
            "base-uri": "'none'",
            "form-action": "'self'",
            "frame-ancestors": "'none'",
        }
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert not re.search(r"<script|style=|javascript:|https?://", answer.text)


def test_a_server_without_a_token_tells_its_own_machine_and_no_other_name(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as alone, Client(alone.address) as client:
        assert client is not None
        answer = ask(alone.http_port)
        assert answer.status == 200
        assert "Everything that the journal has" in answer.text
        assert "password" not in answer.text
        assert ask(alone.http_port, host="studio.example").status == 421
