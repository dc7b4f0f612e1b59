"""`inlay batch` with a table of words, by a model that reads them: tiny, random, and listened to."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from cli.conftest import Run, Serving
from cli.test_batch_results import disc
from inlay.engines.models.catalog import Catalog, TierOverrides, described
from inlay.recipe import Tier

pytest.importorskip("torch")
from support import hearing, tiny_models

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
    serve(data, hearing)

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
