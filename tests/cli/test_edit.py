"""`inlay edit` on real files through a real server."""

import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import imagecodecs
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from cli.conftest import INLAY, Run, Serving, wait_for
from inlay import documents
from inlay.cli.edit import TierName
from inlay.client import Client
from inlay.job import JobState
from inlay.recipe import Tier, Verb

pytestmark = pytest.mark.slow


def _png8(path: Path, pixels: NDArray[np.uint8]) -> None:
    path.write_bytes(imagecodecs.png_encode(pixels))


def _png16(path: Path, pixels: NDArray[np.uint8]) -> None:
    path.write_bytes(imagecodecs.png_encode(_deep(pixels)))


def _tiff16(path: Path, pixels: NDArray[np.uint8]) -> None:
    tifffile.imwrite(path, _deep(pixels), photometric="rgb")


def _jpeg(path: Path, pixels: NDArray[np.uint8]) -> None:
    path.write_bytes(imagecodecs.jpeg8_encode(pixels, 95))


def _layered(path: Path, pixels: NDArray[np.uint8]) -> None:
    flat = path.with_name("flat.png")
    _png16(flat, pixels)
    documents.write(path, documents.read(flat), [])


def _deep(pixels: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """16 bit with every low byte in use, so that a trip through 8 bit would show."""
    noise = np.random.default_rng(1).integers(0, 256, pixels.shape, np.uint16)
    return pixels.astype(np.uint16) * 256 + noise


FILES: dict[str, Callable[[Path, NDArray[np.uint8]], None]] = {
    "photo8.png": _png8,
    "photo16.png": _png16,
    "photo16.tif": _tiff16,
    "photo.jpg": _jpeg,
    "photo.ora": _layered,
    "photo.psd": _layered,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_every_kind_of_file_is_edited_and_keeps_every_pixel_outside_the_mask(
    name: str,
    inlay: Run,
    server: Serving,
    pixels: NDArray[np.uint8],
    mask: Path,
    selection: NDArray[np.uint8],
    tmp_path: Path,
) -> None:
    photo, out = tmp_path / name, tmp_path / "out.tif"
    FILES[name](photo, pixels)

    said = inlay("edit", photo, "--mask", mask, "--verb", "erase", "--out", out, "--data", server.data, "--json")

    before, after = documents.read(photo).samples, documents.read(out).samples
    assert said.code == 0, said.err
    assert after.dtype == before.dtype
    assert (after[selection == 0] == before[selection == 0]).all()
    assert (after[selection == 255] != before[selection == 255]).any(axis=-1).mean() > 0.5


def test_json_is_all_there_is_on_stdout_and_says_how_to_repeat_the_edit(
    inlay: Run, server: Serving, photo: Path, mask: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.png", tmp_path / "second.png"
    edit = ("edit", photo, "--mask", mask, "--verb", "erase", "--data", server.data, "--json")

    said = inlay(*edit, "--out", first)
    again = inlay(*edit, "--out", second, "--seed", said.json["seed"])

    assert said.json["files"] == [str(first)]
    assert said.json["server"] == server.address
    assert first.read_bytes() == second.read_bytes() or _samples_equal(first, second)
    assert again.json["uploaded_bytes"] == 0


@pytest.mark.slow
def test_that_words_are_not_read_is_said_once(
    inlay: Run, server: Serving, photo: Path, mask: Path, tmp_path: Path
) -> None:
    asked = ("--mask", mask, "--verb", "fill", "--prompt", "a kite", "--count", "2", "--tier", "draft")
    said = inlay("edit", photo, *asked, "--out", tmp_path / "out.ora", "--data", server.data)
    assert said.out.count("does not read prompts") == 1


def test_another_seed_gives_other_pixels(inlay: Run, server: Serving, photo: Path, mask: Path, tmp_path: Path) -> None:
    edit = ("edit", photo, "--mask", mask, "--verb", "erase", "--data", server.data)

    inlay(*edit, "--out", tmp_path / "1.png", "--seed", 1)
    inlay(*edit, "--out", tmp_path / "2.png", "--seed", 2)

    assert not _samples_equal(tmp_path / "1.png", tmp_path / "2.png")


@pytest.mark.slow
def test_variations_become_layers_of_one_group_or_a_flat_file_each(
    inlay: Run, server: Serving, photo: Path, mask: Path, tmp_path: Path
) -> None:
    psd_tools = pytest.importorskip("psd_tools")
    edit = ("edit", photo, "--mask", mask, "--verb", "erase", "--data", server.data, "--count", 2, "--seed", 5)

    layered = inlay(*edit, "--out", tmp_path / "out.psd")
    flat = inlay(*edit, "--out", tmp_path / "out.png", "--json")

    group = next(layer for layer in psd_tools.PSDImage.open(tmp_path / "out.psd") if layer.is_group())
    assert layered.code == 0
    assert [layer.visible for layer in group].count(True) == 1
    assert len(list(group)) == 2
    assert flat.json["files"] == [str(tmp_path / "out-1.png"), str(tmp_path / "out-2.png")]
    assert not _samples_equal(tmp_path / "out-1.png", tmp_path / "out-2.png")


@pytest.mark.slow
def test_without_a_running_server_one_is_started_and_stopped_again(
    inlay: Run, photo: Path, mask: Path, tmp_path: Path
) -> None:
    said = inlay("edit", photo, "--mask", mask, "--verb", "erase", "--out", tmp_path / "out.png", "--json")

    assert said.code == 0, said.err
    assert said.json["own_server"] is True
    assert inlay("doctor", "--server", said.json["server"]).code == 3


@pytest.mark.slow
def test_expand_grows_the_canvas_and_leaves_the_picture_as_it_is(
    inlay: Run, server: Serving, photo: Path, pixels: NDArray[np.uint8], tmp_path: Path
) -> None:
    out = tmp_path / "out.png"

    said = inlay("edit", photo, "--verb", "expand", "--margins", "32,0,48,16", "--out", out, "--data", server.data)

    grown = documents.read(out).samples
    height, width = pixels.shape[:2]
    assert said.code == 0, said.err
    assert grown.shape[:2] == (height + 16, width + 80)
    assert (grown[:height, 32 : 32 + width, :3] == pixels).all()
    assert (grown[..., 3] == 255).all()
    assert grown[:, :32, :3].std() > 5


@pytest.mark.slow
def test_expand_to_a_ratio_adds_only_what_is_needed(inlay: Run, server: Serving, photo: Path, tmp_path: Path) -> None:
    said = inlay("edit", photo, "--verb", "expand", "--to", "4:3", "--out", tmp_path / "out.png", "--data", server.data)

    assert said.code == 0, said.err
    assert documents.read(tmp_path / "out.png").size == (256, 192)


@pytest.mark.slow
def test_recolor_reaches_the_target_as_probe_reads_it(
    inlay: Run, server: Serving, photo: Path, mask: Path, tmp_path: Path
) -> None:
    out, color = tmp_path / "out.png", "#2a5f9e"

    inlay(
        "edit", photo, "--mask", mask, "--verb", "recolor", "--target-color", color, "--out", out, "--data", server.data
    )
    before = inlay("probe", photo, "--mask", mask, "--target-color", color, "--json").json
    after = inlay("probe", out, "--mask", mask, "--target-color", color, "--json").json

    assert before["delta_e"] > 5
    assert after["delta_e"] < 0.5


@pytest.mark.slow
def test_ctrl_c_takes_the_job_back_on_the_server(
    server: Serving, client: Client, environment: dict[str, str], photo: Path, mask: Path, tmp_path: Path
) -> None:
    label = "interrupted.png"
    picture = tmp_path / label
    picture.write_bytes(photo.read_bytes())
    out = tmp_path / "out.png"
    command = [*INLAY, "edit", picture, "--mask", mask, "--verb", "erase", "--count", 16, "--out", out]
    process = subprocess.Popen(
        [str(part) for part in [*command, "--server", server.address]],
        env={**environment, "INLAY_TOKEN": server.card.token},
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # A shell's background jobs have it ignored.
    )
    wait_for(lambda: [job for job in client.jobs(label=label) if job.state is JobState.RUNNING])

    process.send_signal(signal.SIGINT)
    code = process.wait(30)

    assert code == 130
    assert process.stderr
    with process.stderr as said:
        assert "Traceback" not in said.read()
    wait_for(lambda: client.jobs(label=label)[0].state is JobState.CANCELLED)
    assert not out.exists()


@pytest.mark.slow
def test_a_result_whose_client_went_away_is_fetched_into_its_picture(
    inlay: Run, server: Serving, photo: Path, mask: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.ora", tmp_path / "second.ora"
    edited = inlay(
        "edit", photo, "--mask", mask, "--verb", "erase", "--count", 2, "--out", first, "--data", server.data, "--json"
    ).json

    said = inlay("jobs", "fetch", edited["job_id"][:13], photo, "--out", second, "--data", server.data)

    assert said.code == 0, said.err
    assert _samples_equal(first, second)


@pytest.mark.slow
def test_a_result_is_not_placed_in_another_picture(
    inlay: Run, server: Serving, photo: Path, mask: Path, pixels: NDArray[np.uint8], tmp_path: Path
) -> None:
    other = tmp_path / "other.png"
    other.write_bytes(imagecodecs.png_encode(np.ascontiguousarray(pixels[::-1])))
    edit = ("edit", photo, "--mask", mask, "--verb", "erase", "--out", tmp_path / "out.png", "--data", server.data)
    job_id = inlay(*edit, "--json").json["job_id"]

    said = inlay("jobs", "fetch", job_id, other, "--out", tmp_path / "fetched.png", "--data", server.data)

    assert said.code == 2
    assert "another picture" in said.err
    assert not (tmp_path / "fetched.png").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("--verb", "erase"), 2, "--mask is missing"),
        (("--verb", "expand"), 2, "expand needs --to or --margins"),
        (("--verb", "expand", "--to", "1:1"), 2, "has this ratio already"),
        (("--verb", "expand", "--margins", "1,2,3"), 2, "L,T,R,B"),
        (("--verb", "paint", "--mask", "{mask}"), 2, "nothing that is ready can paint"),
        (("--verb", "erase", "--mask", "no-such-file.png"), 2, "no-such-file.png"),
        (("--verb", "erase", "--mask", "{small}"), 2, "as large as the document"),
        (("--verb", "erase", "--mask", "{black}"), 2, "select at least one pixel"),
        (("--verb", "recolor", "--mask", "{mask}"), 2, "target_color"),
        (("--verb", "generate", "--mask", "{mask}"), 2, "it needs a model"),
        (("--verb", "erase", "--mask", "{mask}", "--model", "dreamer"), 5, "model 'dreamer' does not exist"),
        (("--verb", "erase", "--mask", "{mask}", "--grow", "-300"), 4, "shrink it less"),
        (("--verb", "erase", "--mask", "{mask}", "--server", "127.0.0.1:1"), 3, "cannot be reached"),
        (("--verb", "erase", "--mask", "{mask}", "--server", "no spaces"), 2, "HOST:PORT"),
    ],
)
def test_what_goes_wrong_is_one_sentence_and_an_exit_code(
    arguments: tuple[str, ...],
    code: int,
    sentence: str,
    inlay: Run,
    server: Serving,
    photo: Path,
    mask: Path,
    tmp_path: Path,
) -> None:
    files = {"mask": mask, "small": tmp_path / "small.png", "black": tmp_path / "black.png"}
    files["small"].write_bytes(imagecodecs.png_encode(np.full((8, 8), 255, np.uint8)))
    files["black"].write_bytes(imagecodecs.png_encode(np.zeros((192, 192), np.uint8)))
    given = [argument.format(**files) for argument in arguments]
    out = tmp_path / "out.png"

    said = inlay("edit", photo, "--out", out, "--data", server.data, "--json", *given)

    assert said.code == code, said.err
    assert sentence in said.err
    assert said.out == ""
    assert not out.exists()


def test_an_out_file_that_cannot_be_written_is_refused_before_any_work(
    inlay: Run, server: Serving, client: Client, photo: Path, mask: Path, tmp_path: Path
) -> None:
    known = len(client.jobs(limit=1000))
    edit = ("edit", photo, "--mask", mask, "--verb", "erase", "--data", server.data, "--out")

    assert inlay(*edit, tmp_path / "out.gif").code == 2
    assert inlay(*edit, tmp_path / "nowhere" / "out.png").code == 2
    assert len(client.jobs(limit=1000)) == known


def test_the_options_name_every_verb_and_tier_there_is(inlay: Run) -> None:
    assert {verb.value for verb in Verb if verb != Verb.ANIMATE} <= set(
        re.findall(r"[a-z_]+", inlay("edit", "--help").out)
    )
    assert set(get_args(TierName)) == {tier.value for tier in Tier}


def _samples_equal(first: Path, second: Path) -> bool:
    return np.array_equal(documents.read(first).samples, documents.read(second).samples)
