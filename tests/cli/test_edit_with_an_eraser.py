"""`inlay models add big-lama.safetensors` and what follows, in real processes. Only spandrel is a stand-in."""

import importlib.util
import os
import pickle
import subprocess
import zipfile
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray

from cli.conftest import INLAY, Run, Said
from inlay import documents

if importlib.util.find_spec("torch") is None or importlib.util.find_spec("safetensors") is None:
    pytest.skip("needs torch", allow_module_level=True)

from support.built_in import ENGINES
from support.erasers import STANDINS, save_lama, save_mat

RED, BLUE = (0.8, 0.3, 0.3), (0.3, 0.3, 0.8)


@pytest.fixture
def inlay(environment: dict[str, str], tmp_path: Path) -> Run:
    """The command line, with a data folder of its own; its servers and workers find the stand-ins too."""
    path = os.pathsep.join([str(STANDINS), *filter(None, [os.environ.get("PYTHONPATH", "")])])
    ours = environment | {"INLAY_DATA": str(tmp_path / "data"), "PYTHONPATH": path}

    def run(*arguments: object) -> Said:
        command = [*INLAY, *(str(argument) for argument in arguments)]
        done = subprocess.run(command, capture_output=True, text=True, env=ours, timeout=120)
        assert "Traceback" not in done.stderr, done.stderr
        return Said(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def lama(tmp_path: Path) -> Path:
    return save_lama(tmp_path / "Big-LaMa.safetensors", RED)


@pytest.mark.slow
def test_an_eraser_is_added_listed_behind_the_classic_engine_checked_and_removed(inlay: Run, lama: Path) -> None:
    added = inlay("models", "add", lama, "--json").json
    assert (added["id"], added["family"], added["ready"]) == ("big-lama", "lama", True)

    listed = inlay("models", "list", "--json").json
    assert [model["id"] for model in listed] == [*ENGINES, "big-lama"]
    assert listed[-1]["verbs"] == ["erase", "fill", "marks", "separate"]

    assert inlay("models", "check", "--json").json[0]["ok"] is True
    lama.write_bytes(lama.read_bytes()[:-1] + b"\x7f")
    assert "Big-LaMa.safetensors changed since" in inlay("models", "check").out
    assert inlay("models", "remove", "big-lama").code == 0
    assert [model["id"] for model in inlay("models", "list", "--json").json] == ENGINES


@pytest.mark.slow
def test_an_eraser_paints_the_selection_and_nothing_else(
    inlay: Run, lama: Path, photo: Path, mask: Path, selection: NDArray[np.uint8], tmp_path: Path
) -> None:
    other = save_lama(tmp_path / "blue.safetensors", BLUE)
    inlay("models", "add", lama)
    erase = ("edit", photo, "--mask", mask, "--verb", "erase", "--seed", 3)

    said = [
        inlay(*erase, "--model", model, "--out", tmp_path / f"{number}.tif", "--json")
        for number, model in enumerate(("big-lama", other))
    ]
    default = inlay(*erase, "--out", tmp_path / "default.tif", "--json")

    assert [one.code for one in said] == [0, 0], [one.err for one in said]
    assert [one.json["model"] for one in (*said, default)] == ["big-lama", "blue", "classic"]
    before = documents.read(photo).samples
    red, blue = (documents.read(tmp_path / f"{number}.tif").samples.astype(int) for number in (0, 1))
    assert np.array_equal(red[selection == 0], before[selection == 0])
    assert np.array_equal(blue[selection == 0], before[selection == 0])
    for painted, colour in ((red, RED), (blue, BLUE)):  # each file its own, fitted into the light around it by the edit
        inside = np.median(painted[selection == 255], axis=0)
        assert inside == pytest.approx(np.multiply(colour, 255), abs=20)


@pytest.mark.slow
def test_every_variation_of_mat_is_another_one(inlay: Run, photo: Path, mask: Path, tmp_path: Path) -> None:
    model = save_mat(tmp_path / "mat.safetensors")
    wish = ("edit", photo, "--mask", mask, "--verb", "erase", "--count", 2, "--seed", 3, "--model", model)

    said = inlay(*wish, "--out", tmp_path / "out.ora", "--json")

    assert said.code == 0, said.err
    assert (said.json["model"], said.json["notes"]) == ("mat", [])
    with zipfile.ZipFile(tmp_path / "out.ora") as layers:
        first, second = (imagecodecs.png_decode(layers.read(f"data/inlay-1-{number}.png")) for number in (1, 2))
    assert np.abs(np.subtract(first, second, dtype=float)).max() > 20


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--base", "{folder}"], "--base"),
        (["--lora", "{folder}/style.safetensors"], "--lora"),
        (["--family", "sdxl"], "are of lama"),
    ],
)
def test_what_an_eraser_has_not_is_refused_by_name(arguments: list[str], says: str, inlay: Run, lama: Path) -> None:
    (lama.parent / "style.safetensors").write_bytes(b"style")

    said = inlay("models", "add", lama, *(argument.format(folder=lama.parent) for argument in arguments))

    assert said.code == 2
    assert says in said.err
    assert "eraser" in said.err or "--family" in said.err


@pytest.mark.slow
@pytest.mark.parametrize("name", ["big-lama.pt", "lama.ckpt"])
def test_the_usual_pickle_is_refused_with_the_way_out(name: str, inlay: Run, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(pickle.dumps({}))

    said = inlay("models", "add", tmp_path / name)

    assert said.code == 2
    assert "it is a pickle" in said.err
    assert "docs/diffusion.md" in said.err


@pytest.mark.slow
def test_without_spandrel_the_model_waits_and_says_what_to_install(environment: dict[str, str], lama: Path) -> None:
    if importlib.util.find_spec("spandrel") and importlib.util.find_spec("torchvision"):
        pytest.skip("spandrel is whole here")
    ours = environment | {"INLAY_DATA": str(lama.parent / "data")}

    done = subprocess.run([*INLAY, "models", "add", str(lama)], capture_output=True, text=True, env=ours, timeout=120)

    assert done.returncode == 0, done.stderr
    assert "pip install '.[eraser]'" in done.stdout
