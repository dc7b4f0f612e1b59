"""`inlay batch` where a model paints: the words of a row reach its text encoder, and references what looks at them."""

import dataclasses
import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from cli.conftest import Run, Serving
from inlay.engines.models.catalog import Catalog, TierOverrides, described
from inlay.recipe import Tier

pytest.importorskip("torch")
from support import hearing, looking, tiny_models

pytestmark = pytest.mark.slow

BUSY_S = 240
"""A worker that imports diffusers may share two busy cores."""

WORDS = {"kite": "a red enamel kite", "jug": "a jug of blue glass", "again": "a red enamel kite"}
TABLE = f"""\
plan = 1
out = "out/{{format}}_{{row}}.tif"
seed = 4711
[recipe]
verb = "generate"
prompt = "{{row.words}}"
model = "tiny"
tier = "draft"
[documents]
files = ["master.tif"]
mask = "mask.png"
[axes]
row = {{ {", ".join(f'{row} = {{ words = "{words}" }}' for row, words in WORDS.items())} }}
[formats]
wide = "11:8"
square = "1:1"
"""

SHOWN = """\
plan = 1
out = "out/{scene}.png"
seed = 4711
[recipe]
verb = "fill"
prompt = "half"
inputs = [
    { role = "reference", file = "{scene.file}", weight = 0.25, name = "{scene}" },
    { role = "texture", file = "scenes/cloth.png" },
]
[documents]
files = ["master.png"]
mask = "mask.png"
[axes]
scene = { dusk = { file = "scenes/dusk.png" }, noon = { file = "scenes/noon.png" } }
"""


@pytest.fixture
def serve(start_serving: Callable[..., Serving]) -> Callable[..., Serving]:
    """Start a server that is a script of the tests' support; its log is read on."""

    def start(script: Any, folder: Path) -> Serving:
        serving = start_serving(folder, program=(sys.executable, script.__file__))
        assert serving.process.stdout
        threading.Thread(target=serving.process.stdout.read, daemon=True).start()
        return serving

    return start


def disc(height: int, width: int) -> NDArray[np.uint8]:
    rows, columns = np.mgrid[:height, :width]
    return np.clip((40 - np.hypot(rows - height / 2, columns - width / 2)) * 25 + 128, 0, 255).astype(np.uint8)


def test_the_words_of_each_row_reach_the_models_text_encoder_and_nothing_else_makes_its_files_differ(
    inlay: Run, serve: Callable[..., Serving], tmp_path: Path
) -> None:
    from transformers import CLIPTokenizer

    weights, data = tiny_models.saved("sd15", tmp_path / "weights"), tmp_path / "data"
    data.mkdir()
    few = tuple((tier, TierOverrides(steps=2)) for tier in Tier)
    entry = described(weights, "sd15", model_id="tiny")
    Catalog(data / "models.toml").add(dataclasses.replace(entry, tiers=few))
    master = np.random.default_rng(8).integers(0, 65_536, (160, 220, 3)).astype(np.uint16)
    mask = disc(160, 220)
    tifffile.imwrite(tmp_path / "master.tif", master, photometric="rgb")
    Image.fromarray(mask).save(tmp_path / "mask.png")
    (tmp_path / "words.toml").write_text(TABLE, encoding="utf-8")
    serve(hearing, data)

    said = inlay("batch", tmp_path / "words.toml", "--data", data, "--json", timeout_s=BUSY_S)

    assert (said.code, said.json["painted"]) == (0, 2 * len(WORDS)), said.err
    for record in said.json["records"]:
        assert record["recipe"]["words"]["prompt"] == WORDS[record["axes"]["row"]]
        assert record["recipe"]["sampling"]["seed"] == 4711
    (told,) = (one for one in said.json["controlled"] if one["axis"] == "row")
    assert (told["pairs"], told["holds"], told["differing"], told["differ"]) == (6, 6, 0, ["words.prompt"])

    tokenizer = CLIPTokenizer.from_pretrained(weights / "tokenizer")
    heard = hearing.heard(data)
    for words in WORDS.values():
        ids = tokenizer(words, add_special_tokens=False)["input_ids"]
        assert any(one[1 : 1 + len(ids)] == ids for one in heard), words

    for name in ("wide", "square"):
        files = {row: tifffile.imread(tmp_path / "out" / f"{name}_{row}.tif") for row in WORDS}
        height, width = files["kite"].shape[:2]
        assert (height, width) == ((160, 220) if name == "wide" else (160, 160))
        x = next(x for x in range(221 - width) if np.array_equal(master[0, x : x + width], files["kite"][0]))
        own, outside = master[:, x : x + width], mask[:, x : x + width] == 0
        for row, file in files.items():
            assert np.array_equal(file[outside], own[outside]), f"{name}, {row}: the master stays to the bit"
        assert np.array_equal(files["kite"], files["again"]), f"{name}: the same words and seed, the same picture"
        differ = (files["kite"] != files["jug"]).any(axis=-1)
        assert differ[~outside].mean() > 0.5, f"{name}: other words, another picture"


def test_references_of_a_plan_reach_the_engine_as_they_are_each_with_its_cell(
    inlay: Run, serve: Callable[..., Serving], tmp_path: Path
) -> None:
    (tmp_path / "scenes").mkdir()
    colors = {"dusk": (51, 102, 204), "noon": (255, 204, 0), "cloth": (153, 0, 51)}
    sizes = {"dusk": (90, 60), "noon": (40, 80), "cloth": (32, 32)}
    for name, color in colors.items():
        Image.new("RGB", sizes[name], color).save(tmp_path / "scenes" / f"{name}.png")
    master = np.random.default_rng(8).integers(0, 256, (160, 220, 3)).astype(np.uint8)
    Image.fromarray(master).save(tmp_path / "master.png")
    Image.fromarray(disc(160, 220)).save(tmp_path / "mask.png")
    plan = tmp_path / "shown.toml"
    plan.write_text(SHOWN, encoding="utf-8")
    serving = serve(looking, tmp_path / "data")

    first = inlay("batch", plan, "--data", serving.data, "--json")
    Image.new("RGB", sizes["noon"], (0, 204, 255)).save(tmp_path / "scenes" / "noon.png")
    again = inlay("batch", plan, "--data", serving.data, "--json")

    def seen(name: str, role: str, weight: float, color: tuple[int, ...], called: str = "") -> dict[str, Any]:
        mean = [round(value / 255, 3) for value in color]
        return {"role": role, "weight": weight, "name": called, "size": list(sizes[name]), "mean": mean}

    def shown(record: dict[str, Any]) -> Any:
        return json.loads(record["receipt"]["looked"])

    assert (first.code, first.json["painted"]) == (0, 2), first.err
    cloth = seen("cloth", "texture", 1.0, colors["cloth"])
    for record in first.json["records"]:
        scene = record["axes"]["scene"]
        assert shown(record) == [seen(scene, "reference", 0.25, colors[scene], scene), cloth]
        file = np.asarray(Image.open(tmp_path / "out" / f"{scene}.png"))
        assert np.array_equal(file[disc(160, 220) == 0], master[disc(160, 220) == 0])
    assert (again.code, again.json["painted"]) == (0, 1), "a reference that changed makes its own cell anew"
    (anew,) = (record for record in again.json["records"] if record["axes"]["scene"] == "noon")
    assert shown(anew)[0] == seen("noon", "reference", 0.25, (0, 204, 255), "noon")
