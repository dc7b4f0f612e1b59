"""`inlay edit --model FOLDER` without any weights: a tiny random model made by the script that the README names."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cli.conftest import Run
from inlay import documents

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("diffusers") is None, reason="needs inlay[diffusion]"),
]

TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made as a person would: `cd tests; python -m support.tiny_models FOLDER`."""
    place = tmp_path_factory.mktemp("models") / "tiny-sd"
    command = [sys.executable, "-m", "support.tiny_models", str(place)]
    made = subprocess.run(command, cwd=TESTS, env=dict(os.environ), capture_output=True, text=True, timeout=240)
    assert made.returncode == 0, made.stderr
    assert made.stdout.strip() == str(place)
    return place


def test_a_fill_is_painted_by_the_model_in_a_folder_and_changes_only_the_selection(
    inlay: Run, model: Path, photo: Path, mask: Path, selection: NDArray[np.uint8], tmp_path: Path
) -> None:
    out = tmp_path / "out.tif"
    fill = ("edit", photo, "--mask", mask, "--verb", "fill", "--prompt", "a red kite", "--tier", "draft", "--seed", 3)

    said = inlay(*fill, "--model", model, "--out", out, "--json")

    assert said.code == 0, said.err
    assert said.json["model"] == "tiny-sd"
    before, after = documents.read(photo).samples, documents.read(out).samples
    assert np.array_equal(after[selection == 0], before[selection == 0])
    assert (after[selection == 255] != before[selection == 255]).any(axis=-1).mean() > 0.5


def test_a_verb_that_the_model_cannot_do_is_refused_before_anything_is_painted(
    inlay: Run, model: Path, photo: Path, mask: Path, tmp_path: Path
) -> None:
    wish = ("edit", photo, "--mask", mask, "--verb", "instruct", "--prompt", "warmer", "--model", model)

    said = inlay(*wish, "--out", tmp_path / "out.png")

    assert said.code != 0
    assert "cannot instruct" in said.err
    assert not (tmp_path / "out.png").exists()
