"""A model's licence is what its own papers say, and reaches whoever chooses it."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from inlay.engines.models.catalog import Catalog, described
from inlay.engines.models.licence import licence_of
from inlay.engines.registry import Registry, capabilities_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "model"
    (place / "unet").mkdir(parents=True)
    (place / "model_index.json").write_text('{"_class_name": "StableDiffusionPipeline"}')
    (place / "unet/diffusion_pytorch_model.safetensors").write_bytes(b"weights")
    return place


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ("---\nlicense: apache-2.0\ntags:\n- image\n---\n# A model", "apache-2.0"),
        ("---\ntags: [x]\nlicense: 'openrail++'  # weights\n---\n", "openrail++"),
        (
            "---\nlicense: other\nlicense_name: flux-non-commercial\nlicense_link: LICENSE.txt\n---\n",
            "flux-non-commercial",
        ),
        ("---\nlicense: other\n---\n", ""),
        ("# A model\nlicense: mit\n", ""),
        ("", ""),
    ],
)
def test_a_folder_says_it_in_its_card(folder: Path, card: str, licence: str) -> None:
    (folder / "README.md").write_text(card)
    assert licence_of(folder) == licence


def test_a_folder_without_a_card_has_the_name_of_its_licence(folder: Path) -> None:
    assert licence_of(folder) == ""
    (folder / "LICENSE.txt").write_text("All rights reserved.")
    (folder / "licensed_users.txt").write_text("nobody")
    assert licence_of(folder) == "LICENSE.txt"


def test_a_file_says_it_in_its_header(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    save_file({"a": np.zeros(1, np.float32)}, path, {"modelspec.license": "CreativeML Open RAIL-M"})
    assert licence_of(path) == "CreativeML Open RAIL-M"
    save_file({"a": np.zeros(1, np.float32)}, path)
    assert licence_of(path) == ""


def test_the_licence_of_a_model_is_told_and_may_be_corrected_by_hand(folder: Path, tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "models.toml")
    catalog.add(described(folder, "sd15", licence="openrail++"))
    assert 'licence = "openrail++"' in catalog.path.read_text()
    catalog.path.write_text(catalog.path.read_text().replace("openrail++", "bought from its makers"))
    assert Catalog(catalog.path).entry("model").licence == "bought from its makers"


SAID = {"big-lama": "", "ours": "MIT"}


def test_an_eraser_that_says_nothing_has_the_licence_of_its_makers_weights(tmp_path: Path) -> None:
    weights = tmp_path / "big-lama.safetensors"
    save_file({"model.model.1.bn_l.running_mean": np.zeros(1, np.float32)}, weights)
    catalog = Catalog(tmp_path / "models.toml")
    entries = [catalog.add(described(weights, "lama", model_id=name, licence=said)) for name, said in SAID.items()]
    assert {entry.id: capabilities_of(entry).licence for entry in entries} == {"big-lama": "Apache-2.0", "ours": "MIT"}


def test_nothing_leaves_the_machine_with_what_inlay_brings() -> None:
    assert {engine.leaves for engine in Registry().available()} == {""}
