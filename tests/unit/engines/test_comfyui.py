"""ComfyUI as an engine, against an imitation that can be looked into, made older, and made to fail."""

import copy
import io
import threading
import time
from typing import Any

import numpy as np
import OpenEXR
import pytest
from PIL import Image

from inlay.color.raster import Raster, SampleType
from inlay.engines.interface import Frame
from inlay.engines.remote import comfyui
from inlay.engines.remote.pictures import png_of
from inlay.errors import BadAnswer, Cancelled, InlayError, Unavailable
from inlay.events import Step
from inlay.recipe import Input
from inlay.region import Rect, Size
from support import comfy_graphs, comfy_rooms, comfy_worker
from support.comfy_rooms import JOB, raw
from support.comfy_server import comfy_server
from support.image_servers import soon
from support.remote_edits import CENTER, HOLE, WINDOW, Room, mask, photograph

pytestmark = pytest.mark.slow

PLAIN = {"channels", "compression", "dataWindow", "displayWindow", "lineOrder", "pixelAspectRatio", "type"} | {
    "screenWindowCenter",
    "screenWindowWidth",
}
"""What every OpenEXR file says of itself."""


def room_for(server, folder, graph=comfy_graphs.INVERT) -> Room:
    room = comfy_rooms.room_for(server.address, folder, graph)
    server.log.clear()
    return room


def posts(server, path: str = "/prompt") -> int:
    return sum(1 for method, where in server.log if (method, where) == ("POST", path))


@pytest.mark.parametrize("settings", [{"without": ("SaveImageAdvanced",)}, {"version": "0.20.1"}])
def test_an_old_one_is_given_8_bits_and_it_is_said(settings, tmp_path):
    with comfy_server(**settings) as server:
        room = room_for(server, tmp_path)
        (variation,) = room.edit(room.recipe("instruct"))
        assert any("8 bit" in note for note in variation.report.notes)
        assert variation.receipt["depth"] == "8 bit"
        x, y = CENTER
        assert np.abs(room.layer(variation)[y, x] - (1 - photograph()[y, x])).max() < 0.05


def test_what_happens_to_others_jobs_is_not_ours(tmp_path):
    """A job without a client is told to everybody's sockets."""
    with comfy_server() as server:
        room = room_for(server, tmp_path, comfy_graphs.slow(steps=4, seconds=0.1))
        theirs = comfy_graphs.slow(steps=3, seconds=0.2)
        theirs["1"] = {**theirs["1"], "inputs": {"image": "theirs.png"}}
        server.state.files["input", "", "theirs.png"] = png_of(np.full((48, 64, 3), 0.5, np.float32))
        server.state.pending.append(comfy_worker.Job(0.5, "theirs", theirs, {}, ("9",)))
        raw(room)
        assert {one.total for one in room.told if isinstance(one, Step)} == {4}
        assert server.ran[0] == "theirs"


def test_the_same_pixels_travel_once(tmp_path):
    with comfy_server() as server:
        room = room_for(server, tmp_path)
        raw(room, room.recipe(count=2))
        assert posts(server, "/upload/image") == 2


def test_an_unchanged_graph_is_not_answered_from_a_cache(tmp_path):
    """ComfyUI answers an identical graph with the old file; each of our jobs has its own, and paints once."""
    with comfy_server() as server:
        room = room_for(server, tmp_path)
        first, second = raw(room), raw(room, job_id=JOB.replace("2", "3"))
        assert np.array_equal(first[0].pixels, second[0].pixels)
        assert len(server.outputs) == 2
        assert [kind for _, kind in server.executed].count("ImageInvert") == 1


def test_a_job_that_is_there_already_is_not_queued_again(tmp_path):
    """Our server was killed after it had queued: the next attempt finds the job by its id."""
    with comfy_server() as server:
        room = room_for(server, tmp_path)
        raw(room)
        raw(room)
        assert (posts(server), len(server.ran)) == (1, 1)
        assert len(set(server.ran)) == 1


def test_a_comfyui_that_is_killed_and_started_again_loses_nothing_and_paints_once(tmp_path):
    with comfy_server() as server:
        room = room_for(server, tmp_path)
        server.free.clear()
        made: list = []
        painting = threading.Thread(target=lambda: made.extend(raw(room)))
        painting.start()
        soon(lambda: bool(server.ran))
        server.kill()
        server.free.set()
        server.start()
        painting.join(60)
        assert len(made) == 1
        assert len(set(server.ran)) == 1
        assert [kind for _, kind in server.executed].count("ImageInvert") == 1


@pytest.mark.parametrize("version", ["0.33.0", "0.20.1"])
def test_a_cancel_stops_nobody_else_whatever_the_version(version, tmp_path):
    """Older ones know no cancel of one job: theirs is taken out of the queue by its id, and interrupted by its id."""
    with comfy_server(version=version) as server:
        server.free.clear()
        other, theirs = room_for(server, tmp_path / "other"), []
        first = threading.Thread(target=lambda: theirs.extend(raw(other)))
        first.start()
        soon(lambda: bool(server.ran))
        room = room_for(server, tmp_path, comfy_graphs.slow(steps=400))
        threading.Thread(
            target=lambda: (soon(lambda: len(server.state.pending) == 1), setattr(room, "cancelled", True))
        ).start()
        with pytest.raises(Cancelled):
            raw(room, job_id=JOB.replace("2", "4"))
        assert not server.state.pending
        server.free.set()
        first.join(60)
        assert len(theirs) == 1


def test_another_picture_is_refused(tmp_path):
    from skimage import data

    with comfy_server() as server, pytest.MonkeyPatch.context() as patch:
        room = room_for(server, tmp_path, comfy_graphs.HOSTILE)
        coffee = data.coffee().astype(np.float32) / 255
        patch.setattr(comfy_worker, "loaded", lambda _: (np.ascontiguousarray(np.tile(coffee, (2, 3, 1))), None))
        with pytest.raises(BadAnswer, match="another picture"):
            room.edit()


def test_an_answer_that_is_too_warm_of_8_bit_larger_and_not_masked_belongs_all_the_same(tmp_path, monkeypatch):
    warmth, loaded = np.array([1.08, 1.0, 0.88], np.float32), comfy_worker.loaded
    monkeypatch.setattr(comfy_worker, "loaded", lambda data: (loaded(data)[0] * warmth, None))
    with comfy_server(without=("SaveImageAdvanced",)) as server:
        room = room_for(server, tmp_path, comfy_graphs.HOSTILE)
        (variation,) = room.edit()
        x, y = CENTER
        near = slice(y - 60, y + 60), slice(x - 60, x + 60)
        off = np.abs(room.layer(variation)[near] - photograph()[near]).mean()
        assert off < 0.015
        assert np.abs(photograph()[near] * (1 - warmth)).mean() > 2 * off
        assert any("8 bit" in note for note in variation.report.notes)


def test_exactly_the_rectangle_of_the_receipt_arrives_with_the_mask_and_the_words_and_nothing_else(tmp_path):
    with comfy_server() as server:
        room = room_for(server, tmp_path)
        (variation,) = room.edit()
        files = {name.rpartition(".")[2]: data for (_, _, name), data in server.state.files.items()}
        (graph,) = (entry["prompt"][2] for entry in server.state.history.values())
        assert {path for method, path in server.log if method == "POST"} == {"/prompt", "/upload/image"}
    assert variation.receipt["sent_window"] == " ".join(map(str, WINDOW))
    head = OpenEXR.File(io.BytesIO(files["exr"]))
    assert np.array_equal(head.channels()["RGB"].pixels, photograph().astype(np.float32))
    assert set(head.header()) <= PLAIN
    arrived = Image.open(io.BytesIO(files["png"]))
    closed = np.zeros(WINDOW.size[::-1], np.float32)
    closed[HOLE.slices] = mask()
    assert np.abs(np.asarray(arrived, np.float32) / 65535 - closed).max() < 1e-5
    assert not arrived.info
    own = copy.deepcopy(comfy_graphs.INVERT)
    for node in ("1", "2"):
        own[node]["inputs"]["image"] = graph[node]["inputs"]["image"]
    assert {node: facts for node, facts in graph.items() if node != "9"} == {
        node: facts for node, facts in own.items() if node != "9"
    }
    assert len(files) == 2


def test_one_that_never_comes_back_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(comfyui, "ABSENCE_S", 0.3)
    with comfy_server() as server:
        room = room_for(server, tmp_path)
        server.kill()
        began = time.monotonic()
        with pytest.raises(Unavailable, match="cannot be reached"):
            raw(room)
        assert time.monotonic() - began < 30


def test_nothing_but_the_window_the_mask_and_the_words_is_sent(tmp_path):
    with comfy_server() as server:
        room = room_for(server, tmp_path)
        raw(room)
        (picture,) = [held for name, held in server.inputs.items() if ".exr" in name]
        assert np.array_equal(picture, photograph().astype(np.float32))
        assert {name.rpartition(".")[2] for name in server.inputs} == {"exr [temp]", "png [temp]"}
        assert all(kind == "temp" for kind, _, _ in server.state.files)


def test_at_a_width_that_comfyui_would_clip_the_window_is_padded_and_its_mask_alike(tmp_path):
    """Nodes resize a mask of another size without a word."""
    from inlay.edit.sight import look

    with comfy_server() as server:
        room = room_for(server, tmp_path)
        recipe = room.recipe()
        scene = look(recipe, room.blobs).scene(Size(1000, 640))
        (painting,) = room.registry.engine("away").paint(scene, recipe, room.progress(JOB))
        assert painting.frame == Frame(Size(1024, 640), Rect(0, 0, 1000, 640))
        assert {picture.shape for picture in server.inputs.values()} == {(640, 1024, 3)}
        share = np.rint(scene.mask * 65535)[..., None] / 65535
        expected = (1 - scene.pixels) * share + scene.pixels * (1 - share)
        assert np.abs(painting.pixels[:, :1000] - expected).max() < 2e-6


def test_each_picture_reaches_the_node_of_its_role_and_one_without_a_place_is_refused_before_the_run(tmp_path):
    nodes = {"reference 2": "11", "reference 1": "12", "style": "14"}
    for title, shade in (("reference 1", 10), ("style", 90), ("reference 2", 170)):
        with comfy_server() as server:
            room = room_for(server, tmp_path / nodes[title], showing(nodes, title))
            inputs = (picture(room, "style", 90), picture(room, "reference", 10), picture(room, "reference", 170))
            (painting,) = raw(room, room.recipe(inputs=inputs))
            x, y = CENTER
            assert np.abs(painting.pixels[y, x] - (1 - shade / 255)).max() < 1e-6
            assert posts(server, "/upload/image") == 5
            assert painting.receipt["sent_what"].count("reference") == 3
            for roles, why in (
                (["texture"], "does not read an input 'texture'"),
                (["style", "style"], "the graph has 1 places for a picture of the role 'style'"),
                (["reference"] * 4, "4 references"),
            ):
                with pytest.raises(InlayError, match=why):
                    room.edit(room.recipe(inputs=tuple(picture(room, role, 5) for role in roles)))
            assert posts(server) == 1


def showing(nodes: dict[str, str], title: str) -> dict[str, Any]:
    """A graph with places for these pictures, that inverts the one of that title."""
    graph: dict[str, Any] = copy.deepcopy(comfy_graphs.INVERT)
    for name, node in nodes.items():
        reference = {"class_type": "LoadImage", "inputs": {"image": "x.png"}}
        graph[node] = reference | {"_meta": {"title": f"Inlay {name}"}}
    scaled = {"image": [nodes[title], 0], "upscale_method": "area", "scale_by": 1.0}
    graph["13"] = {"class_type": "ImageScaleBy", "inputs": scaled}
    graph["3"]["inputs"]["image"] = ["13", 0]
    return graph


def picture(room: Room, role: str, shade: int) -> Input:
    blob = room.blobs.add(np.full((640, 1024, 3), shade, np.uint8).tobytes())
    return Input(role, Raster(1024, 640, "RGB", SampleType.U8, 255, "sRGB IEC61966-2.1", blob))
