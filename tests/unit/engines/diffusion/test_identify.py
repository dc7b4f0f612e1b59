"""What a model says of itself decides where its tensors do not: FLUX.1 dev or Kontext, distilled or not, Edit or Edit Plus."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers.pipelines.qwenimage.pipeline_qwenimage_edit_plus import QwenImageEditPlusPipeline
from PIL import Image
from safetensors.torch import save_file

from inlay.engines.diffusion.families.flux2_klein import Flux2Klein
from inlay.engines.diffusion.families.qwen_image_edit import QwenImageEdit
from inlay.engines.diffusion.families.words import Words
from inlay.engines.diffusion.loading import load
from inlay.engines.models.catalog import described
from inlay.engines.models.detect import identify
from inlay.engines.models.scan import scan
from inlay.errors import InvalidInput
from support import model_folders as lay
from support import tiny_models


def kontext_file(place: Path, name: str = "model", **metadata: str) -> Path:
    """A tiny Kontext transformer, whose tensors are those of dev. metadata: `modelspec.` aside."""
    tensors = tiny_models.flux_kontext()["transformer"].state_dict()
    path = place / f"{name}.safetensors"
    told = {f"modelspec.{key}": value for key, value in metadata.items()}
    save_file({key: tensor.contiguous() for key, tensor in tensors.items()}, path, told)
    return path


@pytest.mark.parametrize(
    ("name", "metadata"),
    [
        ("flux1-kontext-dev", {}),
        ("flux1-dev-kontext_fp8_scaled", {}),
        ("mine", {"architecture": "flux-1-kontext"}),
        ("mine", {"architecture": "Flux.1-dev", "title": "My Kontext tune"}),
    ],
)
def test_a_file_that_says_kontext_is_kontext(name: str, metadata: dict[str, str], tmp_path: Path) -> None:
    assert identify(kontext_file(tmp_path, name, **metadata)) == ("flux_kontext", False)


@pytest.mark.parametrize(
    ("name", "metadata"),
    [
        ("flux1-dev", {}),
        ("FLUX.1_dev-fp8", {}),
        ("mine", {"architecture": "Flux.1-dev"}),
        ("mine", {"architecture": "flux-1-dev"}),
    ],
)
def test_a_file_that_says_dev_is_dev_unless_the_user_knows_better(
    name: str, metadata: dict[str, str], tmp_path: Path
) -> None:
    path = kontext_file(tmp_path, name, **metadata)

    assert identify(path) == ("flux_dev", False)
    base = tiny_models.saved("flux_kontext", tmp_path / "base")
    assert identify(path, "flux_kontext").family == "flux_kontext"
    assert load(described(path, "flux_kontext", base=base)).family.name == "flux_kontext"


def test_a_scan_asks_of_a_file_with_the_tensors_of_dev_what_it_is_where_it_does_not_say(tmp_path: Path) -> None:
    names = ("flux1-kontext-dev", "mine", "flux1-dev")
    lay.put(tmp_path, {f"diffusion_models/{name}.safetensors": lay.flux(64) for name in names})
    scanned = scan([tmp_path])
    dev, kontext, mine = sorted(scanned.models, key=lambda found: found.path.name)
    assert (dev.families, kontext.families) == (("flux_dev",), ("flux_kontext",))
    assert dev.open == kontext.open == ()
    assert mine.open == ("which family it is: flux_kontext or flux_dev (--family)",)


def test_a_file_that_says_nothing_is_whichever_of_the_two_the_user_says(tmp_path: Path) -> None:
    path = kontext_file(tmp_path)

    with pytest.raises(InvalidInput, match="fit flux_kontext and flux_dev; say which with --family"):
        identify(path)
    assert [identify(path, name).family for name in ("flux_kontext", "flux_dev")] == ["flux_kontext", "flux_dev"]
    with pytest.raises(InvalidInput, match="are of flux_kontext"):
        identify(path, "flux_fill")


def test_a_folder_of_flux_is_dev_or_schnell_by_its_guidance(tmp_path: Path) -> None:
    for family in ("flux_dev", "flux_schnell"):
        assert identify(tiny_models.saved(family, tmp_path / family)).family == family


def test_a_file_whose_tensors_nobody_knows_is_what_the_user_says(tmp_path: Path) -> None:
    path = tmp_path / "odd.safetensors"
    tensors = tiny_models.z_image()["transformer"].state_dict()
    kept = {name: tensor.contiguous() for name, tensor in tensors.items() if not name.startswith("cap_embedder.")}
    save_file(kept, path)
    base = tiny_models.saved("z_image", tmp_path / "base")

    with pytest.raises(InvalidInput, match="none of the families"):
        identify(path)
    assert identify(path, "z_image") == ("z_image", False)
    with pytest.raises(
        InvalidInput, match="a whole ZImageTransformer2DModel that fits the base folder: it lacks 3 tensors"
    ):
        load(described(path, "z_image", base=base))


@pytest.mark.parametrize("damage", [b"", b"\x08\0\0\0\0\0\0\0not json", b"\x02\0\0\0\0\0\0\0[]"])
def test_a_damaged_file_is_of_no_family_whatever_the_user_says(damage: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(damage)

    with pytest.raises(InvalidInput, match="whole safetensors file"):
        identify(path, "sdxl")


@pytest.mark.parametrize(
    ("pipeline", "family"),
    [
        ("QwenImagePipeline", "qwen_image"),
        ("QwenImageEditPipeline", "qwen_image_edit"),
        ("QwenImageEditInpaintPipeline", "qwen_image_edit"),
        ("QwenImageEditPlusPipeline", "qwen_image_edit"),
        ("FluxKontextPipeline", "flux_kontext"),
        ("Flux2KleinPipeline", "flux2_klein"),
        ("Flux2Pipeline", "flux2_dev"),
        ("QwenImage21Pipeline", "qwen_image_21"),
        ("LongCatImageEditPipeline", "longcat_edit"),
        ("BriaFiboEditPipeline", "fibo_edit"),
    ],
)
def test_a_folder_is_what_its_pipeline_is(pipeline: str, family: str, tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text(json.dumps({"_class_name": pipeline}))

    assert identify(tmp_path) == (family, True)


@pytest.mark.parametrize("pipeline", ["QwenImageLayeredPipeline"])
def test_a_folder_of_another_pipeline_is_refused(pipeline: str, tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text(json.dumps({"_class_name": pipeline}))

    with pytest.raises(InvalidInput, match=f"{pipeline} is of no family that is known here"):
        identify(tmp_path)


@pytest.mark.parametrize("distilled", [True, False])
def test_a_distilled_klein_is_never_guided(distilled: bool, tmp_path: Path) -> None:
    place = tiny_models.saved("flux2_klein", tmp_path / "klein")
    index = json.loads((place / "model_index.json").read_text())
    (place / "model_index.json").write_text(json.dumps({**index, "is_distilled": distilled}))
    lone = tmp_path / "transformer.safetensors"
    weights = tiny_models.flux2_klein()["transformer"].state_dict()
    save_file({name: tensor.contiguous() for name, tensor in weights.items()}, lone)

    for entry in (described(place, "flux2_klein"), described(lone, "flux2_klein", base=place)):
        assert Flux2Klein(load(entry).components).reads_negative(4.0) is not distilled


def test_edit_plus_reads_words_as_its_own_pipeline_does() -> None:
    torch.manual_seed(0)
    components = tiny_models.qwen_image_edit()
    picture = torch.rand(1, 3, 512, 768) * 2 - 1

    def encoded(pipeline: str) -> torch.Tensor:
        adapter = QwenImageEdit({**components, "_class_name": pipeline})
        return adapter.condition(Words("warmer light"), 1.0, (picture,)).arguments["prompt_embeds"]

    stock: Any = QwenImageEditPlusPipeline(**components)
    shown = Image.fromarray(((picture[0] + 1) * 127.5).round().byte().permute(1, 2, 0).numpy())
    sight = stock.image_processor.resize(shown, 320, 480)  # as the pipeline rounds 384 x 384 px at 3:2
    with torch.no_grad():
        expected, _ = stock.encode_prompt(prompt="warmer light", image=[sight])

    assert torch.equal(encoded("QwenImageEditPlusPipeline"), expected)
    assert encoded("QwenImageEditPipeline").shape != expected.shape
