"""The imitation of ComfyUI is held to what ComfyUI 0.33 was heard to say, and to the traps that it has."""

import json
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import numpy as np
import pytest
from websockets.sync.client import connect

from inlay.engines.remote.exr import exr_of
from inlay.engines.remote.pictures import png_of, sixteen_of
from support import comfy_graphs
from support.comfy_nodes import loaded
from support.comfy_server import comfy_server
from support.image_servers import soon

HEARD = json.loads((Path(__file__).parents[2] / "support" / "comfy_transcript.json").read_text())


def posted(server, path: str, body: dict) -> tuple[int, dict]:
    request = urllib.request.Request(server.address + path, json.dumps(body).encode(), method="POST")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def got(server, path: str) -> dict:
    with urllib.request.urlopen(server.address + path) as answer:
        return json.load(answer)


def ready(server, graph: dict) -> dict:
    server.state.files["input", "inlay", "p.png"] = png_of(np.full((48, 64, 3), 0.5, np.float32))
    made = json.loads(json.dumps(graph).replace("example.png", "inlay/p.png"))
    made["2"] = made.pop("4")
    made["9"]["inputs"]["images"] = ["2", 0]
    return made


def test_a_job_is_told_of_in_the_order_in_which_comfyui_tells_it():
    with comfy_server() as server, connect(f"ws{server.address[4:]}/ws?clientId=me", proxy=None) as socket:
        graph = ready(server, comfy_graphs.slow(steps=2))
        job = str(uuid.uuid4())
        assert posted(
            server, "/prompt", {"prompt": graph, "prompt_id": job, "client_id": "me", "extra_data": {"client_id": "me"}}
        )
        heard: list = []
        while heard[-1:] != [["executing", {"node": None}]]:
            message = socket.recv(10)
            if isinstance(message, bytes):
                heard.append(["binary", {"type": int.from_bytes(message[:4], "big")}])
            else:
                told = json.loads(message)
                facts = {name: told["data"][name] for name in ("node", "value", "max", "nodes") if name in told["data"]}
                heard.append([told["type"], facts])
        # Statuses and the socket's own greeting come in any number; and which of a preview and its step is first has changed.
        told = sorted_steps([one for one in HEARD if one[0] not in ("status", "feature_flags")])
        assert sorted_steps([one for one in heard if one[0] != "status"]) == told


def sorted_steps(messages: list) -> list:
    return [one for one in messages if one[0] != "binary"] + [one for one in messages if one[0] == "binary"]


def test_the_same_id_twice_runs_twice_and_an_odd_one_is_refused():
    with comfy_server() as server:
        graph, job = ready(server, comfy_graphs.slow(steps=1)), str(uuid.uuid4())
        for _ in range(2):
            assert posted(server, "/prompt", {"prompt": graph, "prompt_id": job})[0] == 200
        soon(lambda: server.ran == [job, job])
        assert posted(server, "/prompt", {"prompt": graph, "prompt_id": job.upper()})[0] == 400


def test_an_identical_graph_executes_nothing_and_names_the_old_file():
    with comfy_server() as server:
        graph, jobs = ready(server, comfy_graphs.slow(steps=1)), [str(uuid.uuid4()) for _ in range(2)]
        for job in jobs:
            posted(server, "/prompt", {"prompt": graph, "prompt_id": job})
        soon(lambda: jobs[1] in server.state.history)
        first, second = (got(server, f"/history/{job}")[job]["outputs"] for job in jobs)
        assert first == second
        assert {job for job, _ in server.executed} == {jobs[0]}


def test_a_bare_interrupt_stops_whoever_runs():
    with comfy_server() as server:
        job = str(uuid.uuid4())
        posted(server, "/prompt", {"prompt": ready(server, comfy_graphs.slow(steps=10_000)), "prompt_id": job})
        soon(lambda: server.state.running is not None)
        posted(server, "/interrupt", {})
        soon(lambda: job in server.state.history)
        assert got(server, f"/history/{job}")[job]["status"]["status_str"] == "error"


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (exr_of(np.linspace(-2, 3, 64 * 4 * 3, dtype=np.float32).reshape(4, 64, 3)), 0.0),
        (exr_of(np.linspace(-2, 3, 60 * 4 * 3, dtype=np.float32).reshape(4, 60, 3)), 2.0),
    ],
)
def test_floats_are_exact_at_widths_of_32_times_something_and_clipped_at_others(data, error):
    picture, _ = loaded(data)
    expected = np.linspace(-2, 3, picture.size, dtype=np.float32).reshape(picture.shape)
    assert np.abs(picture - expected).max() == pytest.approx(error, abs=1e-6 if not error else 0.1)


def test_gray_of_8_bit_never_reaches_white_and_of_16_does():
    white = np.ones((4, 4), np.float32)
    assert loaded(png_of(white))[0].max() < 0.997
    assert loaded(sixteen_of(white))[0].max() == 1
