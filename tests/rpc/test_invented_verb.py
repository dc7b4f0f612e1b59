"""A verb that the product does not know: a server that offers it needs data and words, and nothing else is told about it."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from inlay.v1 import verbs_pb2
from rpc.doors import ConnectBinary, call
from support import invented_verb

PROGRAM = Path(invented_verb.__file__)


@dataclass(frozen=True)
class Running:
    grpc: str
    http_port: int
    token: str


@pytest.fixture(scope="module")
def weather(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that can do the weather, as a process."""
    data = tmp_path_factory.mktemp("weather") / "data"
    command = [sys.executable, str(PROGRAM), "serve", "--data", str(data), "--grpc-port", "0", "--http-port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        said = ""
        while "http://" not in said:
            line = process.stdout.readline()
            assert line, f"the server ended before it was ready:\n{said}"
            said += line
        grpc = re.search(r"gRPC\s+(\S+)", said)
        http = re.search(r"http://127\.0\.0\.1:(\d+)", said)
        assert grpc
        assert http
        yield Running(grpc[1], int(http[1]), (data / "token").read_text().strip())
        process.terminate()
        process.wait(20)


def form(running: Running, locale: str = "") -> verbs_pb2.VerbForm:
    door = ConnectBinary(running.http_port, token=running.token)
    verbs = call(door, "DescribeVerbs", verbs_pb2.DescribeVerbsRequest(locale=locale)).verbs
    return next(verb for verb in verbs if verb.id == "weather")


def test_its_form_has_a_field_of_every_kind(weather):
    kinds = {field.kind for field in form(weather).fields}
    assert kinds == {number for name, number in verbs_pb2.FieldKind.items() if number}


def test_its_words_are_spoken_in_both_languages(weather):
    assert form(weather).title == "Weather"
    german = form(weather, "de-DE")
    assert german.title == "Wetter"
    assert {field.path: field.title for field in german.fields}["options.thunder"] == "Donner"
    assert all(field.title and field.tip for field in german.fields)


@pytest.mark.slow
def test_its_engines_are_the_choice_of_its_model(weather):
    weather_form = form(weather)
    assert list(weather_form.models) == ["clouds", "satellite"]
    (model,) = (field for field in weather_form.fields if field.kind == verbs_pb2.FIELD_KIND_MODEL)
    assert [choice.value for choice in model.choices] == ["", "clouds", "satellite"]
