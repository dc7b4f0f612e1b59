"""An edit that is steered, whole: pictures and a map go from files to a model, and a re-roll sends nothing again."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from cli.conftest import Run, Serving
from inlay import documents
from support import tiny_models
from support import tiny_steering as tiny
from support.tiny_words import saved_speaker

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(serve: Callable[..., Serving], tmp_path_factory: pytest.TempPathFactory) -> Serving:
    """One for these tests: others expect that nothing but what comes along paints."""
    return serve(tmp_path_factory.mktemp("serving") / "data")


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A tiny SD 1.5, its IP-Adapter with the encoder, and a ControlNet for edges."""
    place = tmp_path_factory.mktemp("steered")
    components = tiny_models.sd15()
    tiny.controlnet(components["unet"]).save_pretrained(place / "canny")
    return {
        "model": tiny_models.saved("sd15", place / "steered", components),
        "ip_adapter": tiny.saved_adapter(place / "ip.safetensors", components["unet"]),
        "image_encoder": tiny.saved_clip(place / "clip"),
        "controlnet_edges": place / "canny",
    }


def test_pictures_and_a_structure_go_along_and_a_re_roll_uploads_nothing(
    inlay: Run,
    server: Serving,
    parts: dict[str, Path],
    photo: Path,
    mask: Path,
    selection: NDArray[np.uint8],
    tmp_path: Path,
) -> None:
    named = [
        part
        for name in ("ip_adapter", "image_encoder", "controlnet_edges")
        for part in ("--part", f"{name}={parts[name]}")
    ]
    added = inlay("models", "add", parts["model"], *named, "--data", server.data)
    assert added.code == 0, added.err
    hat = tmp_path / "hat.png"
    Image.fromarray(np.random.default_rng(5).integers(0, 255, (60, 40, 3), np.uint8)).save(hat)

    def edited(name: str, seed: int, *more: object) -> tuple[dict, NDArray[np.generic]]:
        out = tmp_path / f"{name}.tif"
        wish = ("--mask", mask, "--verb", "fill", "--prompt", "a hat", "--model", "steered", "--tier", "draft")
        said = inlay("edit", photo, *wish, "--seed", seed, *more, "--out", out, "--json", "--data", server.data)
        assert said.code == 0, said.err
        return said.json, documents.read(out).samples

    steered = ("--reference", f"{hat}:product:0.6", "--structure", "edges:0.8")
    _, plain = edited("plain", 3)
    first, shown = edited("first", 3, *steered)
    again, _ = edited("again", 4, *steered)
    _, replayed = edited("replayed", 3, *steered)
    assert first["uploaded_bytes"] == 60 * 40 * 3
    assert again["uploaded_bytes"] == 0
    assert np.array_equal(shown, replayed)
    assert not np.array_equal(shown, plain)
    assert np.array_equal(shown[selection == 0], plain[selection == 0])

    wish = ("edit", photo, "--mask", mask, "--verb", "fill", "--model", "steered", "--reference", f"{hat}:style")
    wrong = inlay(*wish, "--out", tmp_path / "x.png", "--data", server.data)
    assert wrong.code != 0
    assert "does not read an input 'style'" in wrong.err


def test_a_model_of_the_users_says_what_lies_around_the_mask_and_the_recipe_holds_it(
    inlay: Run, server: Serving, photo: Path, mask: Path, tmp_path: Path
) -> None:
    speaker = saved_speaker(tmp_path / "speaker")
    wish = ("edit", photo, "--mask", mask, "--verb", "fill", "--prompt", "a hat", "--model", "classic", "--json")
    asked = (*wish, "--surroundings", "auto", "--data", server.data, "--out", tmp_path / "x.png")
    without = inlay(*asked)
    assert without.code != 0
    assert "describe" in without.err, "nothing is here that says it"
    added = inlay("models", "add", speaker, "--data", server.data)
    assert added.code == 0, added.err
    first, again = (inlay(*asked).json["surroundings"] for _ in range(2))
    assert first
    assert first == again
    own = inlay(*wish, "--surroundings", "a kitchen", "--data", server.data, "--out", tmp_path / "y.png")
    assert own.json["surroundings"] == "a kitchen"
