"""What a model's folder may not bring, and when it is the one that was described: pickles, code of its own, swapped weights."""

import json
import os
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from inlay.engines.diffusion.loading import load
from inlay.engines.models.catalog import described
from inlay.errors import FilesChanged, InvalidInput
from support import tiny_models
from support.checkpoints import differing


class Trap:
    """Running it is what opening a pickle would do."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return pytest.fail, ("a pickle was opened",)


def test_a_pickle_beside_safetensors_is_never_opened(tmp_path: Path) -> None:
    place = tiny_models.saved("sd15", tmp_path / "model")
    for part in ("unet", "vae", "text_encoder"):
        for name in ("diffusion_pytorch_model.bin", "pytorch_model.bin"):
            (place / part / name).write_bytes(pickle.dumps(Trap()))

    assert differing(tiny_models.sd15(), load(described(place, "sd15"))) == []


def test_a_model_whose_part_became_a_pickle_is_refused(tmp_path: Path) -> None:
    place = tiny_models.saved("sd15", tmp_path / "model")
    entry = described(place, "sd15")
    (place / "unet" / "diffusion_pytorch_model.safetensors").unlink()
    (place / "unet" / "diffusion_pytorch_model.bin").write_bytes(pickle.dumps(Trap()))

    with pytest.raises(InvalidInput, match="it is a pickle"):
        load(entry)


def test_a_model_that_brings_its_own_code_is_refused(tmp_path: Path) -> None:
    place = tiny_models.saved("sd15", tmp_path / "model")
    index = json.loads((place / "model_index.json").read_text())
    (place / "model_index.json").write_text(json.dumps({**index, "unet": ["pipeline", "MyUNet"]}))

    with pytest.raises(InvalidInput, match=r"unet is pipeline\.MyUNet; only classes of diffusers and transformers"):
        load(described(place, "sd15"))


@pytest.mark.parametrize(
    ("name", "kind"),
    [("unet", ["diffusers", "StableDiffusionPipeline"]), ("vae", ["transformers", "RagRetriever"])],
)
def test_a_part_that_would_read_files_of_its_own_is_refused(tmp_path: Path, name: str, kind: list[str]) -> None:
    """A pipeline within a pipeline reads weights three folders deep, pickles among them."""
    place = tiny_models.saved("sd15", tmp_path / "model")
    index = json.loads((place / "model_index.json").read_text())
    (place / "model_index.json").write_text(json.dumps({**index, name: kind}))
    inner = tiny_models.saved("sd15", place / "unet" / "inner")
    (inner / "unet" / "diffusion_pytorch_model.bin").write_bytes(pickle.dumps(Trap()))

    with pytest.raises(InvalidInput, match=f"{kind[1]}; a part must be a network"):
        load(described(place, "sd15"))


@pytest.mark.parametrize("shard", ["diffusion_pytorch_model-1.bin", "../vae/other.safetensors", "/tmp/x.safetensors"])
def test_a_list_of_shards_names_safetensors_beside_it_and_nothing_else(tmp_path: Path, shard: str) -> None:
    place = tiny_models.saved("sd15", tmp_path / "model")
    index = place / "unet" / "diffusion_pytorch_model.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {}, "weight_map": {"conv_in.weight": shard}}))

    with pytest.raises(InvalidInput, match=r"shards are \.safetensors files beside it"):
        described(place, "sd15")


def test_weights_swapped_for_others_of_the_same_size_are_not_loaded(tmp_path: Path) -> None:
    place = tiny_models.saved("sd15", tmp_path / "model")
    entry = described(place, "sd15")
    weights = place / "unet" / "diffusion_pytorch_model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 0x40
    weights.write_bytes(content)

    with pytest.raises(FilesChanged, match=r"unet/diffusion_pytorch_model\.safetensors changed since"):
        load(entry)


def test_a_model_that_was_copied_elsewhere_and_back_still_loads(tmp_path: Path) -> None:
    place = tiny_models.saved("sd15", tmp_path / "model")
    entry = described(place, "sd15")
    for file in place.rglob("*.*"):
        os.utime(file, (1, 1))

    assert differing(tiny_models.sd15(), load(entry)) == []


def test_a_model_whose_files_changed_is_not_loaded(tmp_path: Path) -> None:
    place = tiny_models.saved("sd15", tmp_path / "model")
    entry = described(place, "sd15")
    save_file({"conv_in.weight": torch.zeros(1)}, place / "unet" / "diffusion_pytorch_model.safetensors")

    with pytest.raises(FilesChanged, match="unet/diffusion_pytorch_model"):
        load(entry)
