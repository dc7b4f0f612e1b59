"""`inlay models scan` and `inlay setup`: what other programs have, and what a newcomer needs, on real processes."""

from pathlib import Path

import pytest

from cli.conftest import Run
from support import model_folders as lay

pytestmark = pytest.mark.slow


@pytest.fixture
def comfy(tmp_path: Path) -> Path:
    """A ComfyUI with a checkpoint that is ready, and a transformer that lacks its encoder."""
    return lay.put(
        tmp_path / "ComfyUI",
        {
            "models/checkpoints/photo.safetensors": lay.sdxl_checkpoint(),
            "models/diffusion_models/painter.safetensors": lay.z_image(),
            "models/vae/ae.safetensors": lay.vae(16),
        },
    )


def test_a_scan_says_what_is_ready_and_what_to_look_for(inlay: Run, comfy: Path, tmp_path: Path):
    said = inlay("models", "scan", comfy, "--data", tmp_path / "data")
    assert said.code == 0, said.err
    assert f"{comfy}/models/checkpoints/photo.safetensors (ComfyUI)" in said.out
    assert "Stable Diffusion XL, fp16, 0.0 GB" in said.out
    assert "openrail++: commercial use allowed" in said.out
    assert "Qwen3 4B: missing: look for qwen_3_4b.safetensors" in said.out
    assert f"FLUX.1's VAE: {comfy}/models/vae/ae.safetensors" in said.out
    assert (
        "missing: Qwen's tokenizer: look for comfy/text_encoders/qwen25_tokenizer in the folder of a ComfyUI"
        in said.out
    )
    assert "inlay models scan --add" in said.out
    assert not (tmp_path / "data" / "models.toml").exists()


@pytest.mark.slow
def test_what_is_ready_goes_into_models_toml_only_when_that_is_asked(inlay: Run, comfy: Path, tmp_path: Path):
    lay.put(comfy, {"models/checkpoints/other/photo.safetensors": lay.sdxl_checkpoint()})
    for _ in range(2):  # again is the same
        said = inlay("models", "scan", comfy, "--add", "--data", tmp_path / "data", "--json")
        assert said.code == 0, said.err
        added = {Path(one["path"]).relative_to(comfy).as_posix(): one["id"] for one in said.json["models"]}
        assert added == {
            "models/checkpoints/photo.safetensors": "photo",
            "models/checkpoints/other/photo.safetensors": "photo-2",
            "models/diffusion_models/painter.safetensors": "",
        }
    text = (tmp_path / "data" / "models.toml").read_text()
    assert text.count('family = "sdxl"') == 2
    assert "z_image" not in text


@pytest.mark.slow
def test_the_list_says_licence_size_precision_and_memory(inlay: Run, comfy: Path, tmp_path: Path):
    pytest.importorskip("diffusers")
    data = tmp_path / "data"
    assert inlay("models", "scan", comfy, "--add", "--data", data).code == 0
    said = inlay("models", "list", "--data", data, "--json")
    (photo,) = [model for model in said.json if model["id"] == "photo"]
    size = (comfy / "models/checkpoints/photo.safetensors").stat().st_size
    assert (photo["ready"], photo["family"], photo["precision"], photo["bytes"]) == (True, "sdxl", "fp16", size)
    assert (photo["licence"], photo["commercial"]) == ("openrail++", "yes")
    assert photo["memory"] in ("fits", "offload", "layers", "not")
    assert "openrail++: commercial use allowed (https://huggingface.co/" in inlay("models", "list", "--data", data).out


def test_a_folder_that_is_not_there_is_refused(inlay: Run, tmp_path: Path):
    assert inlay("models", "scan", tmp_path / "nowhere").code == 2


def test_a_newcomer_is_led_to_a_first_picture(inlay: Run, comfy: Path, tmp_path: Path):
    said = inlay("setup", comfy, "--data", tmp_path / "data")
    assert said.code == 0, said.err
    headings = [line for line in said.out.splitlines() if line[:1].isdigit()]
    assert [line[:1] for line in headings] == ["1", "2", "3", "4", "5", "6"]
    assert "photo.safetensors: Stable Diffusion XL" in said.out
    assert f'inlay models scan --add "{comfy}"' in said.out
    assert "inlay demo" in said.out
    assert not (tmp_path / "data").exists()


def test_a_newcomer_is_led_in_the_language_that_is_asked_for(inlay: Run, comfy: Path, tmp_path: Path):
    english, german = (
        inlay("setup", comfy, "--data", tmp_path / "data", "--language", tag).out.splitlines() for tag in ("en", "de")
    )
    headings = [[line for line in lines if line[:1].isdigit()] for lines in (english, german)]
    assert len(headings[0]) == len(headings[1]) == 6
    assert not set(headings[0]) & set(headings[1])


def test_setup_on_an_empty_machine_says_what_needs_no_model(inlay: Run, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    said = inlay("setup", tmp_path / "empty", "--data", tmp_path / "data", "--json")
    assert said.code == 0, said.err
    assert said.json["found"] == said.json["models"] == []
    assert said.json["models_file"] == str(tmp_path / "data" / "models.toml")
