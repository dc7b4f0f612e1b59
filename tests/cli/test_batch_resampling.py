"""`inlay batch` with formats that are to be resampled: files of exactly their size, and the master's light in them."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from cli.conftest import Run, Serving
from cli.test_batch import journal
from cli.test_batch_results import COLOURS, disc

pytestmark = pytest.mark.slow

RESAMPLED = """\
plan = 1
name = "resampled"
out = "made/{document}_{format}_{colour}.tif"
[recipe]
verb = "recolor"
target_color = "{colour.hex}"
[documents]
files = ["wide.tif"]
mask = "mask.png"
[axes]
colour = { navy = { hex = "#1f4e79" }, rust = { hex = "#a3461f" } }
[formats]
small = { size = [64, 64], resample = "down" }
tall = { size = [216, 384], resample = "both" }
"""


def test_a_format_that_is_to_be_resampled_has_its_size_and_where_nothing_is_painted_the_masters_light(
    inlay: Run, server: Serving, tmp_path: Path
) -> None:
    wide = cv2.resize(data.coffee(), (220, 128)).astype(np.uint16) * 257
    mask = disc(128, 220, 24, (64, 120))
    tifffile.imwrite(tmp_path / "wide.tif", wide, photometric="rgb")
    Image.fromarray(mask).save(tmp_path / "mask.png")
    plan = tmp_path / "resampled.toml"
    plan.write_text(RESAMPLED, encoding="utf-8")

    said = inlay("batch", plan, "--data", server.data, "--json")
    assert (said.code, said.json["done"]) == (0, 4), said.err + said.out
    painted = journal(server, "resampled").painted
    assert [(one["pairs"], one["holds"], one["differing"]) for one in said.json["controlled"]] == [(2, 2, 0)]
    assert said.json["controlled"][0]["samples"] > 0
    records = [json.loads(line) for line in (tmp_path / "made" / "resampled-manifest.jsonl").read_text().splitlines()]
    assert all(one["outside_identical"] and one["outside_samples"] > 1000 for one in records)
    assert all(any("enlarged" in note for note in one["notes"]) == ("tall" in one["out"]) for one in records)

    for name, size in (("small", (64, 64)), ("tall", (216, 384))):
        made = {colour: tifffile.imread(tmp_path / "made" / f"wide_{name}_{colour}.tif") for colour in COLOURS}
        assert all(one.shape[1::-1] == size and one.dtype == np.uint16 for one in made.values())
    small = tifffile.imread(tmp_path / "made" / "wide_small_navy.tif")
    halved = light(wide).reshape(64, 2, 110, 2, 3).mean(axis=(1, 3))
    outside = (mask.reshape(64, 2, 110, 2) == 0).all(axis=(1, 3))
    fits = [
        at for at in range(47) if np.abs(light(small) - halved[:, at : at + 64])[outside[:, at : at + 64]].max() < 1e-4
    ]
    assert len(fits) == 1, "each sample is the mean light of the four that it stands for"

    plan.write_text(RESAMPLED.replace('[64, 64], resample = "down"', "[64, 64]"), encoding="utf-8")
    again = inlay("batch", plan, "--data", server.data, "--json")
    assert (again.code, again.json["painted"]) == (0, 2), again.err
    assert journal(server, "resampled").painted == painted, "it is the same picture, written at another size"
    whole = tifffile.imread(tmp_path / "made" / "wide_small_navy.tif")
    assert whole.shape == (128, 128, 3), "nothing is rescaled unless it is asked for"
    assert (
        whole[mask[:, 2 * fits[0] :][:, :128] == 0]
        == wide[:, 2 * fits[0] :][:, :128][mask[:, 2 * fits[0] :][:, :128] == 0]
    ).all()

    plan.write_text(RESAMPLED.replace('.tif"\n[recipe', '.psd"\n[recipe'), encoding="utf-8")
    refused = inlay("batch", plan, "--data", server.data)
    assert refused.code == 2
    assert "formats.small.resample" in refused.err


def light(samples: NDArray[np.uint16]) -> NDArray[np.float64]:
    """sRGB's, 0 .. 1. Source: IEC 61966-2-1."""
    values = samples / 65_535
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
