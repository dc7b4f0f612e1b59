"""Files that lie alone in a ComfyUI's folder paint together, with the tokenizers that come with ComfyUI."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from inlay.cli.adding import parse_parts
from inlay.cli.scan import added_of
from inlay.engines.diffusion.engine import DiffusionEngine
from inlay.engines.diffusion.loading import load
from inlay.engines.models import skeleton
from inlay.engines.models.assembly import assembly_of
from inlay.engines.models.catalog import Catalog, check_files
from inlay.engines.models.scan import Scanned, scan
from inlay.engines.registry import why_not
from inlay.errors import FilesChanged, InvalidInput
from inlay.recipe import Verb
from support import comfy_folders as comfy
from support import tiny_models
from support.checkpoints import differing
from support.diffusion import painted, recipe, scene

pytest.importorskip("diffusers")
pytestmark = pytest.mark.slow

FAMILIES = ("flux_fill", "flux_kontext", "z_image", "flux2_klein")


def verb_of(family: str) -> str:
    return Verb.INSTRUCT if family == "flux_kontext" else Verb.FILL


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
    assert differing({**made, "text_encoder": bare}, lone) == []

    def engine_of(components: dict[str, Any]) -> DiffusionEngine:
        model = dataclasses.replace(lone, components=components)
        return DiffusionEngine(entry, lambda _entry, _progress: model)

    (here,) = painted(engine_of(lone.components), recipe(verb_of(family)), scene())
    (there,) = painted(engine_of(made), recipe(verb_of(family)), scene())
    if family != "flux2_klein":  # whose tiny model is spoken to in another way than Qwen3
        np.testing.assert_allclose(here.pixels, there.pixels, atol=1e-5)


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
        tiny_models.saved_redux(tmp_path / "redux"),
        tiny_models.saved_depth(tmp_path / "depth"),
    ]
    names = ("kl_16", "t5_xxl", "clip_l", "t5_tokenizer", "redux", "depth")
    assert parse_parts(given) == tuple(zip(names, map(str, given), strict=True))
    with pytest.raises(InvalidInput, match="must be a text encoder, a VAE, or a folder of a tokenizer"):
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
    "flux_depth": 11.90,
    "flux_kontext": 11.90,
    "flux2_klein": 3.88,
    "flux2_klein_9b": 9.08,
    "qwen_image": 20.43,
    "z_image": 6.15,
    "clip_l": 0.12,
    "t5_xxl": 4.76,
    "qwen3_4b": 4.02,
    "qwen3_8b": 7.57,  # 8.19 with the words that it would answer with
    "qwen2_5_vl_7b": 8.29,
    "kl_16": 0.08,
    "flux2": 0.08,
    "qwen_image_vae": 0.13,
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
