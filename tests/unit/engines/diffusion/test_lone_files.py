"""Files that lie alone in a ComfyUI's folder paint together, with the tokenizers that come with ComfyUI."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from inlay.cli.adding import parse_parts
from inlay.cli.scan import added_of
from inlay.engines.diffusion.engine import DiffusionEngine
from inlay.engines.diffusion.loading import load
from inlay.engines.models import skeleton
from inlay.engines.models.assembly import assembly_of
from inlay.engines.models.catalog import Catalog, check_files
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.engines.models.scan import Scanned, scan
from inlay.engines.registry import why_not
from inlay.errors import FilesChanged, InvalidInput
from inlay.recipe import Verb
from support import comfy_folders as comfy
from support import tiny_models, tiny_parts
from support.checkpoints import differing
from support.diffusion import painted, recipe, scene

pytest.importorskip("diffusers")
pytestmark = pytest.mark.slow

FAMILIES = (
    "flux_fill",
    "flux_kontext",
    "flux_dev",
    "flux_schnell",
    "z_image",
    "flux2_klein",
    "flux2_dev",
    "qwen_image_edit",
    "qwen_image_21",
    "longcat_edit",
)


def verb_of(family: str) -> str:
    return Verb.FILL if Verb.FILL in DIFFUSION[family].verbs else Verb.INSTRUCT


@pytest.mark.parametrize("family", FAMILIES)
def test_lone_files_paint_what_the_folder_of_the_same_parts_paints(
    family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = comfy.tiny(family)
    comfy.shrunk(tmp_path, monkeypatch, family, made)
    path = comfy.laid_out(tmp_path / "ComfyUI", family, made)

    (found,) = scan([tmp_path / "ComfyUI"]).models
    catalog = Catalog(tmp_path / "models.toml")
    assert (found.missing, [what for what in found.open if "--family" not in what]) == ((), [])
    ids = added_of(catalog, [dataclasses.replace(found, families=(family,))], True)
    entry = catalog.entry(ids[path])
    assert why_not(entry) == ""
    check_files(entry)
    lone = load(entry)
    encoder = made["text_encoder"]
    bare = encoder.model if family in ("z_image", "flux2_klein") else encoder  # without the layer that answers in words
    if family == "flux2_dev":  # whose file ends with the last layer that is read
        there = encoder.model.language_model.state_dict()
        assert all(
            torch.equal(weight, there[name]) for name, weight in lone.components["text_encoder"].state_dict().items()
        )
        bare = lone.components["text_encoder"]
    assert differing({**made, "text_encoder": bare}, lone) == []

    def engine_of(components: dict[str, Any]) -> DiffusionEngine:
        model = dataclasses.replace(lone, components=components)
        return DiffusionEngine(entry, lambda _entry, _progress: model)

    (here,) = painted(engine_of(lone.components), recipe(verb_of(family)), scene())
    (there,) = painted(engine_of(made), recipe(verb_of(family)), scene())
    if family != "flux2_klein":  # whose tiny model is spoken to in another way than Qwen3
        np.testing.assert_allclose(here.pixels, there.pixels, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "marked", "pipeline", "latest"),
    [
        ("qwen_image_edit_bf16", False, "QwenImageEditPipeline", False),
        ("qwen_image_edit_2509_bf16", False, "QwenImageEditPlusPipeline", False),
        ("mine", True, "QwenImageEditPlusPipeline", True),
    ],
)
def test_which_qwen_image_edit_a_file_is_says_its_mark_or_its_name(
    name: str, marked: bool, pipeline: str, latest: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = comfy.tiny("qwen_image_edit")
    comfy.shrunk(tmp_path, monkeypatch, "qwen_image_edit", made)
    path = comfy.laid_out(tmp_path / "ComfyUI", "qwen_image_edit", made)
    mark = {"__index_timestep_zero__": torch.zeros(1)} if marked else {}
    save_file({**load_file(path), **mark}, path.with_stem(name))
    path.unlink()

    (found,) = scan([tmp_path / "ComfyUI"]).models
    assert found.families == ("qwen_image_edit",)
    catalog = Catalog(tmp_path / "models.toml")
    added_of(catalog, [found], True)
    components = load(catalog.entries()[0]).components
    assert (components["_class_name"], components["transformer"].config.zero_cond_t) == (pipeline, latest)


def test_a_lone_editor_looks_at_pictures_through_what_is_shipped_for_its_encoder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = comfy.tiny("qwen_image_edit")
    comfy.shrunk(tmp_path, monkeypatch, "qwen_image_edit", made)
    comfy.laid_out(tmp_path / "ComfyUI", "qwen_image_edit", made)
    catalog = Catalog(tmp_path / "models.toml")
    (found,) = scan([tmp_path / "ComfyUI"]).models
    added_of(catalog, [dataclasses.replace(found, families=("qwen_image_edit",))], True)
    processor = load(catalog.entries()[0]).components["processor"]
    picture = Image.fromarray((scene().pixels * 255).astype(np.uint8))
    asked = {
        "text": ["<|vision_start|><|image_pad|><|vision_end|>a red cat"],
        "images": [picture],
        "return_tensors": "pt",
    }
    here, there = processor(**asked), made["processor"](**asked)
    for key in ("input_ids", "image_grid_thw", "pixel_values"):
        torch.testing.assert_close(here[key], there[key], rtol=0, atol=0)


def test_the_shipped_way_of_looking_is_qwens_own() -> None:
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    place = skeleton.CONFIGS / "pieces" / "qwen2_5_vl_7b"
    shipped = Qwen2VLImageProcessorPil.from_pretrained(str(place)).to_dict()
    plain = Qwen2VLImageProcessorPil(size={"shortest_edge": 56 * 56, "longest_edge": 28 * 28 * 16384}).to_dict()
    assert {name: value for name, value in plain.items() if shipped.get(name) != value} == {}


def test_what_a_folder_lacks_is_named_by_file_and_folder_until_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = comfy.tiny("flux_fill")
    comfy.shrunk(tmp_path, monkeypatch, "flux_fill", made)
    root = tmp_path / "home" / "ComfyUI"
    comfy.laid_out(root, "flux_fill", made)
    hidden = tmp_path / "hidden"
    (root / "comfy").rename(hidden)
    (root / "models/text_encoders/t5xxl_fp16.safetensors").rename(tmp_path / "t5")

    def missing(scanned: Scanned) -> tuple[str, ...]:
        (found,) = scanned.models
        return found.missing

    assert missing(scan([root])) == (
        "T5-XXL: t5xxl_fp16.safetensors",
        "T5's tokenizer: look for comfy/text_encoders/t5_tokenizer in the folder of a ComfyUI",
    )
    (tmp_path / "t5").rename(root / "models/text_encoders/t5xxl_fp16.safetensors")
    hidden.rename(root / "comfy")
    for folder in (root, root / "models", root.parent):
        assert missing(scan([folder])) == (), f"found from {folder}"


def test_a_part_that_is_gone_or_changed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = comfy.tiny("z_image")
    comfy.shrunk(tmp_path, monkeypatch, "z_image", made)
    comfy.laid_out(tmp_path, "z_image", made)
    catalog = Catalog(tmp_path / "models.toml")
    added_of(catalog, scan([tmp_path]).models, True)
    (entry,) = catalog.entries()

    tokenizer = tmp_path / "comfy/text_encoders/qwen25_tokenizer/tokenizer_config.json"
    whole = tokenizer.read_text()
    tokenizer.write_text(whole + " ")
    with pytest.raises(FilesChanged, match=r"part:qwen_tokenizer:tokenizer_config\.json"):
        load(entry)
    tokenizer.write_text(whole)
    (tmp_path / "models/vae/ae.safetensors").unlink()
    assert "look for ae.safetensors" in why_not(entry)
    bare = dataclasses.replace(entry, parts=())
    assert why_not(bare) == (
        "it lies alone and lacks Qwen3 4B: look for qwen_3_4b.safetensors; FLUX.1's VAE: look for ae.safetensors; "
        "Qwen's tokenizer: look for comfy/text_encoders/qwen25_tokenizer in the folder of a ComfyUI; "
        "add it again with --part for each, or --base FOLDER"
    )


def test_parts_given_by_hand_are_known_by_what_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = comfy.tiny("flux_fill")
    comfy.shrunk(tmp_path, monkeypatch, "flux_fill", made)
    comfy.laid_out(tmp_path, "flux_fill", made)
    given = [
        tmp_path / "models/vae/ae.safetensors",
        tmp_path / "models/text_encoders/t5xxl_fp16.safetensors",
        tmp_path / "models/text_encoders/clip_l.safetensors",
        tmp_path / "comfy/text_encoders/t5_tokenizer",
        tiny_parts.saved_redux(tmp_path / "redux"),
        tiny_parts.saved_depth(tmp_path / "depth"),
    ]
    names = ("kl_16", "t5_xxl", "clip_l", "t5_tokenizer", "redux", "depth")
    assert parse_parts(given) == tuple(zip(names, map(str, given), strict=True))
    with pytest.raises(InvalidInput, match=r"must be a text encoder, a VAE, .* or a folder of a tokenizer"):
        parse_parts([tmp_path / "models"])


def test_a_tokenizer_of_another_encoder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = comfy.tiny("z_image")
    comfy.shrunk(tmp_path, monkeypatch, "z_image", made)
    comfy.laid_out(tmp_path, "z_image", made)
    made["tokenizer"].add_tokens([f"word{number}" for number in range(40)])
    comfy.put_tokenizer(tmp_path / "comfy/text_encoders/qwen25_tokenizer", "qwen_tokenizer", made["tokenizer"])
    catalog = Catalog(tmp_path / "models.toml")
    added_of(catalog, scan([tmp_path]).models, True)
    with pytest.raises(InvalidInput, match=r"must be Qwen's tokenizer: it knows \d+ words, and the encoder \d+"):
        load(catalog.entries()[0])


BILLIONS = {
    "flux_fill": 11.90,
    "flux_canny": 11.90,
    "flux_dev": 11.90,
    "flux_schnell": 11.89,
    "flux_depth": 11.90,
    "flux_kontext": 11.90,
    "flux2_klein": 3.88,
    "flux2_klein_9b": 9.08,
    "flux2_dev": 32.22,
    "qwen_image": 20.43,
    "qwen_image_edit": 20.43,
    "qwen_image_21": 7.12,
    "longcat_edit": 6.27,
    "z_image": 6.15,
    "clip_l": 0.12,
    "t5_xxl": 4.76,
    "qwen3_4b": 4.02,
    "qwen3_8b": 7.57,  # 8.19 with the words that it would answer with
    "qwen2_5_vl_7b": 8.29,
    "mistral_small_3": 22.90,  # 23.57 with the words that it would answer with
    "kl_16": 0.08,
    "flux2": 0.08,
    "qwen_image_vae": 0.13,
    "qwen3_vl_8b": 8.77,
    "qwen_image_21_vae": 0.34,
}
"""Parameters as published."""


@pytest.mark.parametrize("name", BILLIONS)
def test_the_shipped_configurations_are_of_the_published_sizes(name: str) -> None:
    import diffusers
    import transformers

    lone = skeleton.CONFIGS / "lone" / name
    piece = name.removesuffix("_vae")
    place = lone / "transformer" if lone.is_dir() and piece == name else skeleton.CONFIGS / "pieces" / piece
    said = json.loads((place / "config.json").read_text())
    with torch.device("meta"):
        if "_class_name" in said:
            kind: Any = getattr(diffusers, said["_class_name"])
            network = kind.from_config(kind.load_config(str(place)))
        else:
            kind = getattr(transformers, said["architectures"][0])
            network = kind(kind.config_class.from_pretrained(str(place)))
    assert sum(weight.numel() for weight in network.parameters()) / 1e9 == pytest.approx(BILLIONS[name], abs=0.006)


def test_every_family_that_is_put_together_has_its_configurations() -> None:
    for family in tiny_models.FAMILIES:
        if assembly := assembly_of(family):
            assert (assembly.place / "model_index.json").is_file()
            for piece in assembly.pieces.values():
                assert (skeleton.CONFIGS / "pieces" / piece / "config.json").is_file()
