"""What ComfyUI answers: the imitation is held to what 0.33 was heard to say, and to a real one too, where there is one."""

import json
import uuid
from pathlib import Path

import numpy as np
import pytest
from websockets.sync.client import connect

from inlay.engines.remote.exr import exr_of
from inlay.engines.remote.pictures import png_of, sixteen_of
from support import comfy_graphs
from support.comfy_nodes import loaded
from support.comfy_rooms import asked, finished, got, posted, running, uploaded, waiting
from support.image_servers import soon

HEARD = json.loads((Path(__file__).parents[2] / "support" / "comfy_transcript.json").read_text())


@pytest.fixture
def job() -> str:
    return str(uuid.uuid4())


def ready(comfy, graph: dict, shade: float = 0.5) -> dict:
    """The graph with a picture that is there."""
    name = f"{shade}.png"
    uploaded(comfy, name, png_of(np.full((48, 64, 3), shade, np.float32)), subfolder="inlay", overwrite="true")
    return json.loads(json.dumps(graph).replace("example.png", f"inlay/{name}"))


def changed(graph: dict, node: str, **inputs: object) -> dict:
    made = json.loads(json.dumps(graph))
    made[node]["inputs"] |= inputs
    made[node]["inputs"] = {name: value for name, value in made[node]["inputs"].items() if value is not None}
    return made


def heard(comfy, graph: dict, job: str, client: str, meanwhile=lambda: None) -> list:
    """All that is said of a job, until its last message."""
    with connect(f"ws{comfy.address[4:]}/ws?clientId={client}", proxy=None, max_size=None) as socket:
        socket.send(json.dumps({"type": "feature_flags", "data": {"supports_preview_metadata": True}}))
        body = {"prompt": graph, "prompt_id": job, "client_id": client, "extra_data": {"preview_method": "auto"}}
        assert posted(comfy, "/prompt", body)[0] == 200
        meanwhile()
        told: list = []
        while told[-1:] != [["executing", {"node": None}]]:
            message = socket.recv(60)
            if isinstance(message, bytes):
                told.append(["binary", {"type": int.from_bytes(message[:4], "big")}])
            else:
                said = json.loads(message)
                facts = {name: said["data"][name] for name in ("node", "value", "max", "nodes") if name in said["data"]}
                told.append([said["type"], facts])
    # Statuses, states and the socket's own greeting come in any number.
    return [one for one in told if one[0] not in ("status", "progress_state", "feature_flags")]


def steps_first(messages: list) -> list:
    """Which of a preview and its step is first has changed."""
    return [one for one in messages if one[0] != "binary"] + [one for one in messages if one[0] == "binary"]


def test_a_job_is_told_of_in_the_order_in_which_comfyui_tells_it(comfy, job):
    graph = ready(comfy, comfy_graphs.slow(steps=2), shade=0.31)
    graph["2"] = graph.pop("4")
    graph["9"]["inputs"]["images"] = ["2", 0]
    expected = [one for one in HEARD if one[0] not in ("status", "feature_flags")]
    assert steps_first(heard(comfy, graph, job, "order")) == steps_first(expected)


def test_a_job_that_is_interrupted_or_fails_says_so_before_its_end(comfy, job):
    graph = ready(comfy, comfy_graphs.slow(steps=100_000), shade=0.32)

    def stop() -> None:
        soon(lambda: running(comfy) == [job], 60)
        posted(comfy, f"/api/jobs/{job}/cancel", {})

    assert [kind for kind, _ in heard(comfy, graph, job, "stopped", stop)][-2:] == [
        "execution_interrupted",
        "executing",
    ]
    messages = [kind for kind, _ in finished(comfy, job)["status"]["messages"]]
    assert messages == ["execution_start", "execution_cached", "execution_interrupted"]
    other = str(uuid.uuid4())
    failing = changed(graph, "4", seed=666)
    assert [kind for kind, _ in heard(comfy, failing, other, "failed")][-2:] == ["execution_error", "executing"]
    (*_, (kind, facts)) = finished(comfy, other)["status"]["messages"]
    assert (kind, facts["node_id"], facts["exception_message"].strip()) == (
        "execution_error",
        "4",
        "out of memory, as it happens",
    )


def test_the_same_id_twice_runs_twice_and_an_odd_one_is_refused(comfy, job):
    graph = ready(comfy, comfy_graphs.slow(steps=1), shade=0.33)
    numbers = [posted(comfy, "/prompt", {"prompt": graph, "prompt_id": job})[1]["number"] for _ in range(2)]
    assert numbers[1] == numbers[0] + 1
    soon(lambda: not waiting(comfy), 60)
    for odd in (job.upper(), "x"):
        status, told = posted(comfy, "/prompt", {"prompt": graph, "prompt_id": odd})
        assert (status, told["error"]["type"]) == (400, "invalid_prompt_id")


def test_an_identical_graph_executes_nothing_and_names_the_old_file(comfy):
    graph, jobs = ready(comfy, comfy_graphs.slow(steps=1), shade=0.34), [str(uuid.uuid4()) for _ in range(2)]
    for job in jobs:
        posted(comfy, "/prompt", {"prompt": graph, "prompt_id": job})
    soon(lambda: bool(finished(comfy, jobs[1])), 60)
    first, second = (finished(comfy, job) for job in jobs)
    assert first["outputs"] == second["outputs"]
    cached = [dict(facts)["nodes"] for kind, facts in second["status"]["messages"] if kind == "execution_cached"]
    assert [sorted(nodes) for nodes in cached] == [["1", "4", "9"]]


def test_a_bare_interrupt_stops_whoever_runs_and_one_with_another_id_nobody(comfy, job):
    graph = ready(comfy, comfy_graphs.slow(steps=100_000), shade=0.35)
    posted(comfy, "/prompt", {"prompt": graph, "prompt_id": job})
    soon(lambda: running(comfy) == [job], 60)
    assert posted(comfy, "/interrupt", {"prompt_id": str(uuid.uuid4())}) == (200, {})
    assert running(comfy) == [job]
    posted(comfy, "/interrupt", {})
    soon(lambda: bool(finished(comfy, job)), 60)
    assert finished(comfy, job)["status"]["status_str"] == "error"


def test_what_is_taken_back_leaves_no_trace_and_what_nobody_knows_is_no_error(comfy, job):
    graph = ready(comfy, comfy_graphs.slow(steps=100_000), shade=0.36)
    first = str(uuid.uuid4())
    posted(comfy, "/prompt", {"prompt": graph, "prompt_id": first})
    soon(lambda: running(comfy) == [first], 60)
    posted(comfy, "/prompt", {"prompt": graph, "prompt_id": job})
    assert waiting(comfy) == [first, job]
    assert posted(comfy, f"/api/jobs/{job}/cancel", {}) == (200, {"cancelled": True})
    assert waiting(comfy) == [first]
    assert finished(comfy, job) == {}
    assert posted(comfy, f"/api/jobs/{job}/cancel", {}) == (200, {"cancelled": False})
    assert posted(comfy, f"/api/jobs/{first}/cancel", {}) == (200, {"cancelled": True})
    soon(lambda: not waiting(comfy), 60)


@pytest.mark.parametrize(
    ("node", "inputs", "kind", "details"),
    [
        ("1", {"image": "inlay/none.png"}, "custom_validation_failed", "image - Invalid image file: inlay/none.png"),
        ("3", {"image": None}, "required_input_missing", "image"),
        ("3", {"image": ["77", 0]}, "exception_during_inner_validation", "'77'"),
        (
            "3",
            {"image": ["2", 0]},
            "return_type_mismatch",
            "image, received_type(MASK) mismatch input_type(IMAGE)",
        ),
        ("4", {"x": "abc"}, "invalid_input_type", "x, abc, invalid literal for int() with base 10: 'abc'"),
        ("4", {"x": -5}, "value_smaller_than_min", "x"),
        (
            "2",
            {"channel": "mauve"},
            "value_not_in_list",
            "channel: 'mauve' not in ['alpha', 'red', 'green', 'blue']",
        ),
    ],
)
def test_a_graph_that_cannot_run_is_refused_by_node_and_input(comfy, node, inputs, kind, details):
    graph = changed(ready(comfy, comfy_graphs.INVERT), node, **inputs)
    status, told = posted(comfy, "/prompt", {"prompt": graph})
    assert (status, told["error"]["type"]) == (400, "prompt_outputs_failed_validation")
    facts = told["node_errors"][node]
    assert facts["dependent_outputs"] == ["9"]
    assert facts["class_type"] == graph[node]["class_type"]
    assert [(one["type"], one["details"]) for one in facts["errors"]] == [(kind, details)]


def test_a_graph_without_outputs_or_with_a_node_that_is_not_there_is_refused(comfy):
    graph = ready(comfy, comfy_graphs.INVERT)
    silent = {name: node for name, node in graph.items() if name != "9"}
    for body, kind in (
        ({"prompt": silent}, "prompt_no_outputs"),
        ({"prompt": {}}, "prompt_no_outputs"),
        ({}, "no_prompt"),
    ):
        assert posted(comfy, "/prompt", body)[1]["error"]["type"] == kind
    unknown = {**graph, "3": {**graph["3"], "class_type": "Nope"}}
    error = posted(comfy, "/prompt", {"prompt": unknown})[1]["error"]
    assert (error["type"], error["details"]) == ("missing_node_type", "Node ID '#3'")
    assert error["message"] == "Node 'Invert' not found. The custom node may not be installed."


def test_a_graph_of_which_a_part_can_run_is_accepted_and_that_part_runs(comfy, job):
    """The trap: 200, with errors beside it."""
    graph = ready(comfy, comfy_graphs.INVERT, shade=0.37)
    graph["12"] = {"class_type": "SaveImage", "inputs": {"images": ["13", 0], "filename_prefix": "x"}}
    graph["13"] = {"class_type": "LoadImage", "inputs": {"image": "inlay/none.png"}}
    status, told = posted(comfy, "/prompt", {"prompt": graph, "prompt_id": job})
    assert (status, list(told["node_errors"])) == (200, ["13"])
    soon(lambda: bool(finished(comfy, job)), 60)
    assert list(finished(comfy, job)["outputs"]) == ["9"]


def test_a_file_of_the_same_name_gets_a_number_unless_it_is_the_same_or_may_be_overwritten(comfy):
    dark, light = (png_of(np.full((8, 32, 3), shade, np.float32)) for shade in (0.1, 0.9))
    place = {"type": "input", "subfolder": "inlay"}
    assert uploaded(comfy, "q.png", dark, **place) == (200, {"name": "q.png", **place})
    assert uploaded(comfy, "q.png", dark, **place)[1]["name"] == "q.png"
    assert uploaded(comfy, "q.png", light, **place)[1]["name"] == "q (1).png"
    assert uploaded(comfy, "q.png", light, overwrite="true", **place)[1]["name"] == "q.png"
    assert uploaded(comfy, "plain.png", dark)[1] == {"name": "plain.png", "subfolder": "", "type": "input"}
    assert uploaded(comfy, "x.png", dark, subfolder="../x")[0] == 400


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("filename=v.png&subfolder=inlay&type=temp", 200),
        ("filename=none.png&subfolder=inlay&type=temp", 404),
        ("filename=v.png&subfolder=inlay", 404),
        ("filename=..%2Fx&type=temp", 400),
        ("subfolder=inlay", 404),
    ],
)
def test_whether_a_file_is_there_can_be_asked_without_fetching_it(comfy, query, status):
    data = png_of(np.full((8, 32, 3), 0.2, np.float32))
    uploaded(comfy, "v.png", data, type="temp", subfolder="inlay", overwrite="true")
    assert asked(comfy, "HEAD", f"/view?{query}") == (status, b"")
    assert asked(comfy, "GET", f"/view?{query}") == (status, data if status == 200 else b"")


def test_a_page_of_another_origin_is_a_stranger(comfy):
    assert asked(comfy, "GET", "/queue", origin="http://evil.example")[0] == 403
    assert asked(comfy, "POST", "/prompt", b"{}", origin="http://evil.example")[0] == 403


def test_a_class_of_nodes_that_is_not_there_is_an_empty_answer(comfy):
    assert got(comfy, "/object_info/Nope") == {}
    known = got(comfy, "/object_info/LoadImageMask")["LoadImageMask"]
    assert known["input"]["required"]["channel"][0] == ["alpha", "red", "green", "blue"]
    assert known["output"] == ["MASK"]


def shown(comfy, name: str, data: bytes, job: str) -> np.ndarray:
    """What LoadImage makes of a file, as floats come back."""
    from inlay.engines.remote.exr import pixels_of_exr

    uploaded(comfy, name, data, subfolder="inlay", overwrite="true")
    save = {"images": ["1", 0], "filename_prefix": f"seen/{job}", "format": "exr"}
    save |= {"format.bit_depth": "32-bit float", "format.input_color_space": "linear"}
    graph = {
        "1": {"class_type": "LoadImage", "inputs": {"image": f"inlay/{name}"}},
        "9": {"class_type": "SaveImageAdvanced", "inputs": save},
    }
    assert posted(comfy, "/prompt", {"prompt": graph, "prompt_id": job})[0] == 200
    soon(lambda: bool(finished(comfy, job)), 60)
    facts = finished(comfy, job)["outputs"]["9"]["images"][0]
    query = f"filename={facts['filename']}&subfolder={facts['subfolder']}&type={facts['type']}"
    return pixels_of_exr(asked(comfy, "GET", f"/view?{query}")[1])


@pytest.mark.parametrize("width", [64, 60])
def test_floats_are_exact_at_widths_of_32_times_something_and_clipped_at_others(comfy, width, job):
    expected = np.linspace(-2, 3, width * 16 * 3, dtype=np.float32).reshape(16, width, 3)
    seen = shown(comfy, f"{width}.exr", exr_of(expected), job)
    assert np.abs(seen - expected).max() == 0 if width == 64 else (seen.min(), seen.max()) == (0, 1)
    assert width == 64 or 5e-5 < np.abs(seen - np.clip(expected, 0, 1)).max() < 2e-4


def test_gray_of_8_bit_never_reaches_white_and_of_16_does(comfy, job):
    white = np.ones((4, 32), np.float32)
    assert shown(comfy, "8.png", png_of(white), job)[0, 0, 0] == pytest.approx(255 * 256 / 65535, abs=1e-6)
    assert shown(comfy, "16.png", sixteen_of(white), str(uuid.uuid4())).max() == 1


def test_what_nodes_make_of_files_is_what_they_give(comfy, job):
    """The imitation's own reading, against what comes out of a job."""
    data = png_of(np.linspace(0, 1, 32 * 8 * 3, dtype=np.float32).reshape(8, 32, 3))
    assert np.array_equal(shown(comfy, "ramp.png", data, job), loaded(data)[0])
