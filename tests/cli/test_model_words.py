"""What `inlay models list` says of a model is true of it: where its weights are, how large they are, whether it reads words."""

import json
from pathlib import Path
from typing import Any

import pytest

from inlay.cli.model_words import abilities_of, facts_of, held_by
from inlay.engines.models.catalog import Catalog, ModelEntry
from inlay.engines.models.files import ModelFile
from inlay.engines.models.remote_entry import Remote
from inlay.engines.models.remote_families import remote_entry
from inlay.engines.registry import Registry, capabilities_of
from inlay.recipe import Verb

PLAIN: dict[str, Any] = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}},
    "2": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}},
    "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "x"}},
}
WORDED = {**PLAIN, "4": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["5", 1]}}}


def graph(place: Path, nodes: dict[str, Any]) -> ModelEntry:
    place.write_text(json.dumps(nodes))
    kept = (ModelFile(place.name, "0" * 64, place.stat().st_size),)
    remote = Remote("http://127.0.0.1:8188", mask="white", multiple=32)
    return remote_entry(place.stem, "comfyui", remote, str(place), "0", files=kept)


@pytest.mark.parametrize(("nodes", "says"), [(PLAIN, "knows no prompts"), (WORDED, "follows prompts")])
def test_a_graph_follows_prompts_where_it_has_a_node_for_them(nodes: dict[str, Any], says: str, tmp_path: Path) -> None:
    assert abilities_of(capabilities_of(graph(tmp_path / "graph.json", nodes))).startswith(says)


def test_a_graph_that_reads_no_words_takes_no_verb_from_the_classic_engine(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "models.toml")
    catalog.add(graph(tmp_path / "invert.json", PLAIN))
    registry = Registry(catalog)
    assert registry.choose(Verb.ERASE).name == "classic"
    assert registry.choose(Verb.ERASE, "invert").name == "invert"


def test_a_model_on_another_server_has_an_address_and_no_size(tmp_path: Path) -> None:
    images = remote_entry("images", "images_api", Remote("https://example.org/v1", model="m"))
    comfy = graph(tmp_path / "graph.json", WORDED)
    assert held_by(images) == "asked at https://example.org/v1"
    assert held_by(comfy) == "asked at http://127.0.0.1:8188"
    assert facts_of(capabilities_of(images)) == "images_api; its pixels go to example.org"
    assert facts_of(capabilities_of(comfy)) == "comfyui; no weights here"


def test_files_are_counted_as_one_says_it() -> None:
    one = ModelEntry("m", "sd15", "/m", "file", "0", files=(ModelFile("a", "0", 1),))
    two = ModelEntry("m", "sd15", "/m", "file", "0", files=(ModelFile("a", "0", 1), ModelFile("b", "0", 1)))
    assert (held_by(one), held_by(two)) == ("1 file", "2 files")
