"""Jobs in a ComfyUI, imitated and real: exact both ways, found again, made once, taken back, whoever of the two is killed.

Everything here is seen through ComfyUI's own protocol, so that both are held to the same.
"""

import multiprocessing
import threading
import uuid

import numpy as np
import pytest

from inlay.engines.remote.comfy_check import TEMPLATES
from inlay.engines.remote.comfyui import NAMES
from inlay.errors import Cancelled, Declined
from inlay.events import Preview, Step
from support import comfy_graphs
from support.comfy_real import RealComfy
from support.comfy_rooms import finished, paint, posted, raw, room_for, running, uploaded, waiting
from support.image_servers import soon
from support.remote_edits import CENTER, HOLE, mask, photograph

pytestmark = pytest.mark.slow


@pytest.fixture
def job() -> str:
    return str(uuid.uuid4())


def there(job: str, seed: int = 7) -> str:
    """The id that a job of ours has there."""
    return str(uuid.uuid5(NAMES, f"{job}/{seed}"))


@pytest.fixture
def somebody_elses(comfy):
    """A job that takes its time, of somebody who has no socket: what happens to it is told to all."""
    from inlay.engines.remote.pictures import png_of

    uploaded(comfy, "theirs.png", png_of(np.full((48, 64, 3), 0.5, np.float32)))
    graph, job = comfy_graphs.slow(steps=100_000, seconds=0.02), str(uuid.uuid4())
    graph["1"] = {**graph["1"], "inputs": {"image": "theirs.png"}}
    assert posted(comfy, "/prompt", {"prompt": graph, "prompt_id": job})[0] == 200
    soon(lambda: running(comfy) == [job], 60)
    yield job
    posted(comfy, f"/api/jobs/{job}/cancel", {})
    soon(lambda: not waiting(comfy), 60)


def test_floats_travel_without_loss_and_the_mask_with_16_bits(comfy, job, tmp_path):
    (painting,) = raw(room_for(comfy.address, tmp_path), job_id=job)
    closed = np.zeros(photograph().shape[:2], np.float32)
    closed[HOLE.slices] = np.rint(mask() * 65535) / 65535
    share = closed[..., None]
    expected = (1 - photograph()) * share + photograph() * (1 - share)
    assert np.abs(painting.pixels - expected).max() < 2e-6
    assert painting.receipt["depth"] == "float"
    assert not painting.notes


def test_an_edit_through_it_is_a_layer_of_16_bits(comfy, job, tmp_path):
    room = room_for(comfy.address, tmp_path)
    (variation,) = room.edit(room.recipe("instruct"), job_id=job)
    layer = room.layer(variation)
    x, y = CENTER
    expected = 1 - photograph()[y - 30 : y + 30, x - 30 : x + 30]
    assert np.abs(layer[y - 30 : y + 30, x - 30 : x + 30] - expected).mean() < 0.02
    assert len(np.unique(np.rint(layer * 65535))) > 5000


def test_an_answer_that_is_larger_moved_and_cut_lies_where_it_belongs(comfy, job, tmp_path):
    (variation,) = (room := room_for(comfy.address, tmp_path, comfy_graphs.HOSTILE)).edit(job_id=job)
    layer = room.layer(variation)
    x, y = CENTER
    near = slice(y - 60, y + 60), slice(x - 60, x + 60)
    assert np.abs(layer[near] - photograph()[near]).mean() < 0.02
    assert any("no mask" in note for note in variation.report.notes)


def test_the_picture_s_own_alpha_can_be_the_mask(comfy, job, tmp_path):
    (painting,) = raw(room_for(comfy.address, tmp_path, comfy_graphs.in_alpha()), job_id=job)
    x, y = CENTER
    assert np.abs(painting.pixels[y, x] - (1 - photograph()[y, x])).max() < 1e-5
    assert np.abs(painting.pixels[3, 3] - photograph()[3, 3]).max() < 1e-5


def test_progress_and_previews_arrive(comfy, job, tmp_path):
    room = room_for(comfy.address, tmp_path, comfy_graphs.slow(steps=4, seconds=0.15))
    raw(room, room.recipe(count=2), job)
    steps = [(one.index, one.total) for one in room.told if isinstance(one, Step)]
    assert steps == sorted(steps)
    assert {total for _, total in steps} == {8}
    assert steps[-1][0] >= 7
    assert [one for one in room.told if isinstance(one, Preview)]


def test_an_unchanged_graph_is_not_answered_from_a_cache(comfy, job, tmp_path):
    """ComfyUI answers an identical graph with the old file; each of our jobs has its own."""
    room, other = room_for(comfy.address, tmp_path), str(uuid.uuid4())
    first, second = raw(room, job_id=job), raw(room, job_id=other)
    assert np.array_equal(first[0].pixels, second[0].pixels)
    files = [finished(comfy, there(one))["outputs"]["9"]["images"][0]["filename"] for one in (job, other)]
    assert files[0] != files[1]


def test_a_result_that_is_gone_is_made_again(comfy, job, tmp_path):
    room = room_for(comfy.address, tmp_path)
    first = raw(room, job_id=job)
    comfy.lose_results()
    second = raw(room, job_id=job)
    assert np.array_equal(first[0].pixels, second[0].pixels)
    assert finished(comfy, str(uuid.uuid5(NAMES, f"{job}/7/1")))["status"]["completed"]


def test_two_jobs_at_once_get_each_its_own(comfy, tmp_path):
    made: dict[int, list] = {}
    rooms = {seed: room_for(comfy.address, tmp_path / str(seed), comfy_graphs.slow(steps=3)) for seed in (7, 8)}

    def run(seed: int) -> None:
        made[seed] = raw(rooms[seed], rooms[seed].recipe(seed=seed), str(uuid.uuid4()))

    threads = [threading.Thread(target=run, args=(seed,)) for seed in rooms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert [made[seed][0].seed for seed in (7, 8)] == [7, 8]
    for room in rooms.values():
        assert {one.total for one in room.told if isinstance(one, Step)} == {3}


def test_a_job_of_a_killed_process_of_ours_is_found_and_made_once(comfy, job, tmp_path, somebody_elses):
    """`kill -9` of our side while the job waits there: whoever takes it up again finds it, and queues nothing."""
    arguments = (comfy.address, tmp_path / "first", comfy_graphs.INVERT, job)
    first = multiprocessing.get_context("spawn").Process(target=paint, args=arguments)
    first.start()
    soon(lambda: there(job) in waiting(comfy), 120)
    first.kill()
    first.join()
    made: list = []
    again = threading.Thread(
        target=lambda: made.extend(raw(room_for(comfy.address, tmp_path / "again"), job_id=job)), daemon=True
    )
    if isinstance(comfy, RealComfy):
        again.start()
    else:  # it has looked, and hears of the job, before that can end
        comfy.log.clear()
        again.start()
        soon(lambda: sum(path.startswith("/history/") or path == "/queue" for _, path in comfy.log) > 2, 60)
    posted(comfy, f"/api/jobs/{somebody_elses}/cancel", {})
    again.join(120)
    assert len(made) == 1
    assert waiting(comfy) == []
    messages = [kind for kind, _ in finished(comfy, there(job))["status"]["messages"]]
    assert messages.count("execution_success") == 1
    if not isinstance(comfy, RealComfy):  # a real one keeps of the same id the last run only
        assert comfy.ran.count(there(job)) == 1


def test_a_cancel_takes_back_the_waiting_job_and_no_other(comfy, job, tmp_path, somebody_elses):
    room = room_for(comfy.address, tmp_path)
    threading.Thread(
        target=lambda: (soon(lambda: there(job) in waiting(comfy), 60), setattr(room, "cancelled", True))
    ).start()
    with pytest.raises(Cancelled):
        raw(room, job_id=job)
    assert waiting(comfy) == running(comfy) == [somebody_elses]


def test_a_running_job_is_stopped_at_its_next_step_and_those_behind_it_stay(comfy, job, tmp_path):
    room = room_for(comfy.address, tmp_path, comfy_graphs.slow(steps=100_000))
    behind = room_for(comfy.address, tmp_path / "behind")
    theirs, made = str(uuid.uuid4()), []

    def cancel() -> None:
        soon(lambda: running(comfy) == [there(job)], 60)
        threading.Thread(target=lambda: made.extend(raw(behind, job_id=theirs))).start()
        soon(lambda: there(theirs) in waiting(comfy), 60)
        room.cancelled = True

    threading.Thread(target=cancel).start()
    with pytest.raises(Cancelled):
        raw(room, job_id=job)
    soon(lambda: bool(made), 60)
    assert finished(comfy, there(job))["status"]["status_str"] == "error"
    assert finished(comfy, there(theirs))["status"]["status_str"] == "success"


def test_what_fails_there_is_said_by_its_node(comfy, job, tmp_path):
    room = room_for(comfy.address, tmp_path, comfy_graphs.slow())
    with pytest.raises(Declined, match="node 4 'Inlay sampler': out of memory, as it happens"):
        raw(room, room.recipe(seed=666), job)


MODELS = {
    "checkpoints": ["sd_xl_base_1.0.safetensors"],
    "diffusion_models": [
        "flux1-fill-dev.safetensors",
        "flux-2-klein-4b-fp8.safetensors",
        "qwen_image_edit_2511_fp8mixed.safetensors",
    ],
    "text_encoders": [
        "clip_l.safetensors",
        "t5xxl_fp8_e4m3fn.safetensors",
        "qwen_2.5_vl_7b_fp8_scaled.safetensors",
        "qwen_3_4b.safetensors",
    ],
    "vae": ["ae.safetensors", "flux2-vae.safetensors", "qwen_image_vae.safetensors"],
    "loras": ["Qwen-Image-Edit-2511-Lightning-4steps-V1.0-bf16.safetensors"],
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_graph_that_inlay_brings_passes_all_checks_and_ends_where_its_weights_are_read(comfy, name, job, tmp_path):
    """Of the classes, inputs, types and links of all nodes; the files have nothing in them, so it paints nothing."""
    if not isinstance(comfy, RealComfy):
        pytest.skip("the imitation has none of these nodes")
    comfy.give(MODELS)
    room = room_for(comfy.address, tmp_path, name)
    with pytest.raises(
        Declined, match=r"could not run the graph: node \d+ 'Load (Checkpoint|VAE|CLIP|Diffusion Model)'"
    ):
        raw(room, room.recipe(), job)


def test_one_that_is_killed_and_started_again_loses_nothing(comfy, job, tmp_path):
    room = room_for(comfy.address, tmp_path, comfy_graphs.slow(steps=40, seconds=0.05))
    made: list = []
    painting = threading.Thread(target=lambda: made.extend(raw(room, job_id=job)))
    painting.start()
    soon(lambda: running(comfy) == [there(job)], 60)
    comfy.kill()
    comfy.start()
    painting.join(240)
    assert len(made) == 1
    assert np.abs(made[0].pixels - photograph()).max() < 2e-6
    assert waiting(comfy) == []
