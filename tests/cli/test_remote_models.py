"""`inlay models add` for a model on another server, as a user types it."""

import json
import os
import stat
import subprocess
import sys

import pytest
from PIL import Image

from support import comfy_graphs
from support.comfy_server import comfy_server
from support.image_servers import image_server, soon

pytestmark = pytest.mark.slow

KEY = "sk-test-0123456789-secret"


def inlay(*arguments: str, data, given: str = "") -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "inlay.cli", *arguments, "--data", str(data)]
    return subprocess.run(command, input=given, capture_output=True, text=True, timeout=120, check=False)


def test_a_model_is_added_with_its_key_in_a_file_that_only_its_owner_reads(tmp_path):
    said = (
        "--set",
        "model=gpt-image-2.6",
        "--set",
        "mask=alpha",
        "--set",
        "price.amount=0.04",
        "--set",
        "price.as_of=2026-11",
    )
    done = inlay(
        *("models", "add", "images_api", "https://api.example.org/v1", *said, "--key", "--json"),
        data=tmp_path,
        given=KEY + "\n",
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["ready"] is True
    assert json.loads(done.stdout)["id"] == "gpt-image-2.6"
    (place,) = (tmp_path / "keys").iterdir()
    assert place.read_text().strip() == KEY
    if os.name == "posix":
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    text = (tmp_path / "models.toml").read_text()
    assert 'mask = "alpha"' in text
    assert KEY not in text + done.stdout + done.stderr


@pytest.mark.slow
def test_another_key_takes_the_place_of_the_first(tmp_path):
    added = ("models", "add", "gemini", "--set", "model=gemini-nano-banana-2.1", "--key")
    assert inlay(*added, data=tmp_path, given="first\n").returncode == 0
    assert inlay("models", "key", "gemini-nano-banana-2.1", data=tmp_path, given="second\n").returncode == 0
    assert (tmp_path / "keys" / "gemini-nano-banana-2.1").read_text() == "second\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("images_api", "http://192.168.1.20:8000/v1", "--set", "model=m"), "https://HOST"),
        (("images_api", "https://api.example.org/v1"), "model=NAME"),
        (("images_api", "https://api.example.org/v1", "--set", "mask=black", "--set", "model=m"), "remote.mask"),
        (("gemini", "https://example.org", "graph.json", "--set", "model=m"), "has none"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(arguments, words, tmp_path):
    done = inlay("models", "add", *arguments, data=tmp_path)
    assert done.returncode != 0
    assert words in done.stderr
    assert not (tmp_path / "models.toml").exists()


def test_a_graph_of_comfyui_is_added_by_its_address_and_file(tmp_path):
    with comfy_server() as server:
        graph = comfy_graphs.written(comfy_graphs.INVERT, tmp_path / "inpaint.json")
        done = inlay("models", "add", "comfyui", server.address, str(graph), "--json", data=tmp_path / "data")
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert (told["id"], told["ready"]) == ("inpaint", True)
        assert any("Inlay prompt" in note for note in told["notes"])
        checked = inlay("models", "check", "--json", data=tmp_path / "data")
        assert json.loads(checked.stdout)[0]["ok"] is True


@pytest.mark.parametrize(
    ("graph", "words"),
    [
        ('{"nodes": [], "links": []}', "File > Export (API)"),
        ('{"1": {"class_type": "Unheard", "inputs": {}}}', "title one node of it 'Inlay picture'"),
        ("flux_fill", "a file like"),
    ],
)
def test_a_graph_that_cannot_run_is_refused_with_what_is_missing(graph, words, tmp_path):
    with comfy_server() as server:
        place = tmp_path / "graph.json"
        place.write_text(graph)
        given = graph if graph == "flux_fill" else str(place)
        done = inlay("models", "add", "comfyui", server.address, given, data=tmp_path / "data")
        assert done.returncode != 0
        assert words in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("option", [(), ("--no-remote",)])
def test_a_server_with_no_remote_offers_no_model_that_is_elsewhere_and_asks_none(option, tmp_path):
    with image_server("openai") as elsewhere:
        said = ("--set", "model=away", "--set", "sends_pixels_to=Somebody")
        assert inlay("models", "add", "images_api", elsewhere.address, *said, data=tmp_path).returncode == 0
        _serves(option, tmp_path)
        assert bool(elsewhere.received) is not bool(option)


def _serves(option, tmp_path):
    command = [
        sys.executable,
        "-m",
        "inlay.cli",
        "serve",
        "--data",
        str(tmp_path),
        "--grpc-port",
        "0",
        "--http-port",
        "0",
        *option,
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            soon(lambda: (tmp_path / "server.json").is_file(), 60)
            listed = inlay("models", "list", "--json", data=tmp_path)
            ready = {model["id"] for model in json.loads(listed.stdout) if model["ready"]}
            assert ("away" in ready) is not bool(option)
            said = inlay("models", "list", data=tmp_path).stdout
            assert ("images_api; its pixels go to Somebody" in said) is not bool(option)
            Image.new("RGB", (96, 96), (90, 120, 60)).save(tmp_path / "photo.png")
            mask = Image.new("L", (96, 96))
            mask.paste(255, (40, 40, 60, 60))
            mask.save(tmp_path / "mask.png")
            asked = ("--mask", str(tmp_path / "mask.png"), "--verb", "fill", "--model", "away", "--prompt", "a disc")
            done = inlay("edit", str(tmp_path / "photo.png"), *asked, "--out", str(tmp_path / "out.ora"), data=tmp_path)
            assert ("--no-remote" in done.stderr) is bool(option), done.stderr
        finally:
            server.terminate()
