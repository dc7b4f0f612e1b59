"""`inlay models` and `inlay edit --model`, as processes of their own, on tiny real models."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from safetensors.torch import save_file

from inlay.engines.models.pull import wanted
from inlay.errors import InvalidInput
from support import tiny_models
from support.built_in import ENGINES
from support.checkpoints import save_checkpoint

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Said]


@pytest.fixture
def inlay(tmp_path: Path) -> Run:
    """Run the command line with a data folder of its own, and no way out of this machine."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("INLAY_", "HF_"))}
    nowhere = "http://127.0.0.1:9"  # the discard port: nobody answers
    environment |= {"INLAY_DATA": str(tmp_path / "data"), "COLUMNS": "200", "HF_ENDPOINT": nowhere}

    def run(*arguments: object) -> Said:
        command = [sys.executable, "-m", "inlay.cli", *(str(argument) for argument in arguments)]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=240)
        assert "Traceback" not in done.stderr, done.stderr
        return Said(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.saved("sd15", tmp_path_factory.mktemp("models") / "Tiny SD")


@pytest.mark.slow
def test_a_model_is_added_listed_checked_and_removed(inlay: Run, folder: Path) -> None:
    added = inlay("models", "add", folder, "--json").json
    assert added["id"] == "tiny-sd"
    assert added["family"] == "sd15"
    assert added["ready"] is True

    listed = inlay("models", "list", "--json").json
    assert [(model["id"], model["ready"]) for model in listed] == [(name, True) for name in ("tiny-sd", *ENGINES)]
    assert {"generate", "fill", "replace_background"} <= set(listed[0]["verbs"])

    assert inlay("models", "check", "--json").json == [
        {"id": "tiny-sd", "family": "sd15", "sha256": added["sha256"], "ok": True, "cure": ""}
    ]
    assert inlay("models", "remove", "tiny-sd").code == 0
    assert [model["id"] for model in inlay("models", "list", "--json").json] == ENGINES
    assert inlay("models", "remove", "tiny-sd").code == 5


@pytest.mark.slow
def test_check_finds_a_changed_file(inlay: Run, folder: Path, tmp_path: Path) -> None:
    place = shutil.copytree(folder, tmp_path / "copy")
    inlay("models", "add", place)
    weights = place / "unet" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x7f")

    said = inlay("models", "check", "copy")

    assert said.code == 2
    assert "unet/diffusion_pytorch_model.safetensors changed since the model was added" in said.out


@pytest.mark.slow
def test_a_model_whose_folder_went_away_is_listed_with_the_cure(inlay: Run, folder: Path, tmp_path: Path) -> None:
    place = shutil.copytree(folder, tmp_path / "copy")
    inlay("models", "add", place)
    shutil.rmtree(place)

    said = inlay("models", "list")

    assert said.code == 0
    assert "not ready" in said.out
    assert "inlay models remove copy" in said.out


@pytest.mark.slow
@pytest.mark.parametrize("family", ["sd15", "sdxl"])
def test_a_whole_checkpoint_is_added_alone(family: str, inlay: Run, tmp_path: Path) -> None:
    path = save_checkpoint(getattr(tiny_models, family)(9), tmp_path / "inpainting.safetensors")

    said = inlay("models", "add", path, "--json").json

    assert (said["id"], said["family"], said["ready"], said["notes"]) == ("inpainting", family, True, [])
    assert inlay("models", "check", "inpainting").code == 0


def transformer_file(family: str, path: Path) -> Path:
    tensors = tiny_models.FAMILIES[family]()["transformer"].state_dict()
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)
    return path


@pytest.mark.slow
def test_a_lone_transformer_says_when_it_is_added_and_in_the_list_what_it_lacks(inlay: Run, tmp_path: Path) -> None:
    alone = inlay("models", "add", transformer_file("flux_fill", tmp_path / "fill.safetensors"))
    listed = inlay("models", "list")

    assert alone.code == 0
    for said in (alone.out, listed.out):
        assert "not ready" in said
        assert "CLIP-L: look for clip_l.safetensors; T5-XXL: look for t5xxl_fp16.safetensors" in said.replace("\n", " ")


@pytest.mark.slow
def test_a_lone_transformer_of_a_family_that_nothing_is_shipped_for_wants_a_folder(inlay: Run, tmp_path: Path) -> None:
    said = inlay("models", "add", transformer_file("fibo_edit", tmp_path / "edits.safetensors"))

    assert said.code == 2
    assert "--base is missing; it has no tokenizers; give --base FOLDER" in said.err


@pytest.mark.slow
def test_a_lone_transformer_takes_the_rest_from_a_model_of_its_family(inlay: Run, tmp_path: Path) -> None:
    path = transformer_file("flux_fill", tmp_path / "fill.safetensors")
    inlay("models", "add", tiny_models.saved("flux_fill", tmp_path / "Tiny Fill"))
    with_kin = inlay("models", "add", path, "--json")

    assert with_kin.json["id"] == "fill"
    assert with_kin.json["ready"] is True


@pytest.mark.slow
def test_adding_asks_what_only_the_user_can_know(inlay: Run, tmp_path: Path) -> None:
    path = transformer_file("flux_kontext", tmp_path / "edits.safetensors")
    base = tiny_models.saved("flux_kontext", tmp_path / "base")

    told = inlay("models", "add", path, "--base", base, "--family", "flux_kontext")
    asked = inlay("models", "add", path, "--base", base)

    assert (told.code, asked.code) == (0, 2)
    assert "fit flux_kontext and flux_dev; say which with --family" in asked.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["{folder}", "--lora", "{folder}/unet/config.json:0.5"], "pickles can run code"),
        (["{folder}", "--lora", "{folder}/unet/diffusion_pytorch_model.safetensors:9"], "-4 .. 4"),
        (["{folder}", "--family", "sdxl"], "are of sd15"),
        (["{folder}", "--family", "sd9"], "must be one of sd15"),
        (["{folder}", "--id", "Not An Id"], "a-z, 0-9"),
        (["{folder}/unet"], "model_index.json"),
        (["{folder}/unet/config.json"], ".safetensors or a .gguf file"),
    ],
)
def test_what_cannot_be_added_is_explained(arguments: list[str], says: str, inlay: Run, folder: Path) -> None:
    said = inlay("models", "add", *(argument.format(folder=folder) for argument in arguments))

    assert said.code == 2
    assert says in said.err.replace("\n", " ")


def test_a_pull_without_a_network_is_an_error_in_a_sentence(inlay: Run) -> None:
    said = inlay("models", "pull", "somebody/something", "--revision", "abc")

    assert said.code == 3
    assert "somebody/something cannot be downloaded" in said.err


REPOSITORY = [
    "README.md",
    "model_index.json",
    "sd_xl_base_1.0.safetensors",
    "scheduler/scheduler_config.json",
    "tokenizer/vocab.json",
    "tokenizer/merges.txt",
    "text_encoder/config.json",
    "text_encoder/model.safetensors",
    "text_encoder/model.fp16.safetensors",
    "text_encoder/pytorch_model.bin",
    "text_encoder/flax_model.msgpack",
    "unet/config.json",
    "unet/diffusion_pytorch_model.fp16.safetensors",
    "unet/diffusion_pytorch_model.non_ema.safetensors",
    "vae/config.json",
    "vae/diffusion_pytorch_model.safetensors",
    "safety_checker/model.safetensors",
]


def test_a_pull_takes_each_weight_once_and_nothing_that_is_not_read_but_its_papers() -> None:
    assert wanted(REPOSITORY) == [
        "model_index.json",
        "README.md",
        "scheduler/scheduler_config.json",
        "text_encoder/config.json",
        "text_encoder/model.safetensors",
        "tokenizer/merges.txt",
        "tokenizer/vocab.json",
        "unet/config.json",
        "unet/diffusion_pytorch_model.fp16.safetensors",
        "vae/config.json",
        "vae/diffusion_pytorch_model.safetensors",
    ]


def test_a_repository_of_pickles_is_not_pulled() -> None:
    names = [name for name in REPOSITORY if not name.startswith("vae/")] + ["vae/diffusion_pytorch_model.bin"]

    with pytest.raises(InvalidInput, match="vae is a pickle"):
        wanted(names)
    with pytest.raises(InvalidInput, match="that diffusers saved"):
        wanted(["pytorch_model.bin"])


@pytest.mark.slow
def test_an_edit_takes_a_folder_for_a_model_and_remembers_it(inlay: Run, folder: Path, tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    photo, mask = tmp_path / "photo.png", tmp_path / "mask.png"
    photo.write_bytes(imagecodecs.png_encode(generator.integers(90, 160, (96, 96, 3), np.uint8)))
    selected = np.zeros((96, 96), np.uint8)
    selected[30:60, 30:60] = 255
    mask.write_bytes(imagecodecs.png_encode(selected))
    wish = ["edit", photo, "--verb", "fill", "--prompt", "a cat", "--mask", mask, "--tier", "draft", "--seed", 1]

    by_folder = inlay(*wish, "--model", folder, "--out", tmp_path / "one.png", "--json")
    by_name = inlay(*wish, "--model", "tiny-sd", "--out", tmp_path / "two.png", "--json")
    chosen = inlay(*wish, "--out", tmp_path / "three.png", "--json")

    assert [said.json["model"] for said in (by_folder, by_name, chosen)] == ["tiny-sd"] * 3
    results = [imagecodecs.png_decode((tmp_path / f"{name}.png").read_bytes()) for name in ("one", "two", "three")]
    assert all(np.array_equal(results[0], result) for result in results[1:])
    before = imagecodecs.png_decode(photo.read_bytes())
    assert np.array_equal(results[0][selected == 0], before[selected == 0])
    assert not np.array_equal(results[0][selected > 0], before[selected > 0])
