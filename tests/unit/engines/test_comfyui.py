"""ComfyUI as an engine, against an imitation of its protocol: one job there for each of ours, exact, found again, taken back."""

import threading
import time

import numpy as np
import pytest

from inlay.engines.models.remote_entry import Remote
from inlay.engines.remote import comfyui
from inlay.engines.remote.comfy_graph_file import stored
from inlay.engines.remote.pictures import png_of
from inlay.errors import BadAnswer, Cancelled, Declined, Unavailable
from inlay.events import Preview, Step
from support import comfy_graphs
from support import comfy_server as imitation
from support.comfy_server import comfy_server
from support.image_servers import soon
from support.remote_edits import CENTER, HOLE, WINDOW, Room, mask, photograph

JOB = "22222222-2222-4222-8222-222222222222"


def room_for(server, folder, graph=comfy_graphs.INVERT, **more) -> Room:
    remote = Remote(server.address, multiple=32, mask="white", **more)
    place = folder / "graph.json"
    path, digest, files, _ = stored(str(comfy_graphs.written(graph, place)), folder / "graphs" / "kept.json", remote)
    room = Room(folder, "comfyui", remote, path, digest, files=files)
    server.log.clear()
    return room


def raw(room: Room, recipe=None, job_id: str = JOB):
    """What the engine answers, before anything is fitted."""
    from inlay.edit.sight import look

    recipe = recipe or room.recipe()
    scene = look(recipe, room.blobs).scene(WINDOW.size)
    return list(room.registry.engine("away").paint(scene, recipe, room.progress(job_id)))


def posts(server, path: str = "/prompt") -> int:
    return sum(1 for method, where in server.log if (method, where) == ("POST", path))


def test_floats_travel_without_loss_and_the_mask_with_16_bits(tmp_path):
    with comfy_server() as server:
        (painting,) = raw(room_for(server, tmp_path))
        closed = np.zeros(photograph().shape[:2], np.float32)
        closed[HOLE.slices] = np.rint(mask() * 65535) / 65535
        share = closed[..., None]
        expected = (1 - photograph()) * share + photograph() * (1 - share)
        assert np.abs(painting.pixels - expected).max() < 2e-6
        assert painting.receipt["depth"] == "float"
        assert not painting.notes


def test_an_edit_through_it_is_a_layer_of_16_bits(tmp_path):
    with comfy_server() as server:
        room = room_for(server, tmp_path)
        (variation,) = room.edit(room.recipe("instruct"))
        layer = room.layer(variation)
        x, y = CENTER
        expected = 1 - photograph()[y - 30 : y + 30, x - 30 : x + 30]
        assert np.abs(layer[y - 30 : y + 30, x - 30 : x + 30] - expected).mean() < 0.02
        assert len(np.unique(np.rint(layer * 65535))) > 5000
        assert (posts(server), len(server.ran)) == (1, 1)


def test_an_answer_that_is_larger_moved_and_cut_lies_where_it_belongs(tmp_path):
    with comfy_server() as server:
        (variation,) = (room := room_for(server, tmp_path, comfy_graphs.HOSTILE)).edit()
        layer = room.layer(variation)
        x, y = CENTER
        near = slice(y - 60, y + 60), slice(x - 60, x + 60)
        assert np.abs(layer[near] - photograph()[near]).mean() < 0.02
        assert any("no mask" in note for note in variation.report.notes)


def test_the_picture_s_own_alpha_can_be_the_mask(tmp_path):
    with comfy_server() as server:
        (painting,) = raw(room_for(server, tmp_path, comfy_graphs.in_alpha()))
        x, y = CENTER
        assert np.abs(painting.pixels[y, x] - (1 - photograph()[y, x])).max() < 1e-5
        assert np.abs(painting.pixels[3, 3] - photograph()[3, 3]).max() < 1e-5


@pytest.mark.parametrize("settings", [{"without": ("SaveImageAdvanced",)}, {"version": "0.20.1"}])
def test_an_old_one_is_given_8_bits_and_it_is_said(settings, tmp_path):
    with comfy_server(**settings) as server:
        room = room_for(server, tmp_path)
        (variation,) = room.edit(room.recipe("instruct"))
        assert any("8 bit" in note for note in variation.report.notes)
        assert variation.receipt["depth"] == "8 bit"
        x, y = CENTER
        assert np.abs(room.layer(variation)[y, x] - (1 - photograph()[y, x])).max() < 0.05


def test_progress_and_previews_arrive(tmp_path):
    with comfy_server() as server:
        room = room_for(server, tmp_path, comfy_graphs.slow(steps=4, seconds=0.15))
        room.edit(room.recipe(count=2))
        steps = [(one.index, one.total) for one in room.told if isinstance(one, Step)]
        assert steps == sorted(steps)
        assert {total for _, total in steps} == {8}
        assert steps[-1][0] >= 7
        assert [one for one in room.told if isinstance(one, Preview)]
        assert len(server.ran) == 2


def test_what_happens_to_others_jobs_is_not_ours(tmp_path):
    """A job without a client is told to everybody's sockets."""
    with comfy_server() as server:
        room = room_for(server, tmp_path, comfy_graphs.slow(steps=4, seconds=0.1))
        theirs = comfy_graphs.slow(steps=3, seconds=0.2)
        theirs["1"] = {**theirs["1"], "inputs": {"image": "theirs.png"}}
        server.state.files["input", "", "theirs.png"] = png_of(np.full((48, 64, 3), 0.5, np.float32))
        server.state.pending.append(imitation.Job(0.5, "theirs", theirs, {}))
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


def test_a_result_that_is_gone_is_made_again(tmp_path):
    with comfy_server() as server:
        room = room_for(server, tmp_path)
        server.loses_results = True
        assert len(raw(room)) == 1
        assert len(server.ran) == 2


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


def test_a_cancel_takes_back_this_job_and_no_other(tmp_path):
    with comfy_server() as server:
        room = room_for(server, tmp_path, comfy_graphs.slow(steps=400))
        other = room_for(server, tmp_path / "other" if (tmp_path / "other").mkdir() is None else tmp_path)
        server.free.clear()
        theirs: list = []
        first = threading.Thread(target=lambda: theirs.extend(raw(other)))
        first.start()
        soon(lambda: bool(server.ran))
        threading.Thread(target=lambda: (soon(lambda: posts(server) == 2), setattr(room, "cancelled", True))).start()
        with pytest.raises(Cancelled):
            raw(room, job_id=JOB.replace("2", "4"))
        assert not server.state.pending
        server.free.set()
        first.join(60)
        assert len(theirs) == 1
        assert posts(server, "/interrupt") == 0


def test_a_running_job_is_stopped_at_its_next_step(tmp_path):
    with comfy_server() as server:
        room = room_for(server, tmp_path, comfy_graphs.slow(steps=10_000))
        threading.Thread(target=lambda: (soon(lambda: bool(server.ran)), setattr(room, "cancelled", True))).start()
        with pytest.raises(Cancelled):
            raw(room)
        soon(lambda: server.state.running is None)


@pytest.mark.parametrize(
    ("graph", "words"),
    [(comfy_graphs.slow(), "node 4 'Inlay sampler': out of memory, as it happens")],
)
def test_what_fails_there_is_said_by_its_node(graph, words, tmp_path):
    with comfy_server() as server:
        room = room_for(server, tmp_path, graph)
        with pytest.raises(Declined, match=words):
            raw(room, room.recipe(seed=666))


def test_another_picture_is_refused(tmp_path):
    from skimage import data

    with comfy_server() as server, pytest.MonkeyPatch.context() as patch:
        room = room_for(server, tmp_path, comfy_graphs.HOSTILE)
        coffee = data.coffee().astype(np.float32) / 255
        patch.setattr(imitation, "loaded", lambda _: (np.ascontiguousarray(np.tile(coffee, (2, 3, 1))), None))
        with pytest.raises(BadAnswer, match="another picture"):
            room.edit()


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
