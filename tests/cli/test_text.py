"""`inlay text`: what a picture says, as JSON and as a table, and as live layers in a file."""

import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage
from skimage import data

from cli.conftest import Run
from support.eyes import lend
from support.signs import sign

pytestmark = pytest.mark.slow


def test_a_page_is_read_and_told_as_json_and_as_a_table(inlay: Run, tmp_path: Path):
    lend(("text",), tmp_path / "data")
    Image.fromarray(data.page()).convert("RGB").save(tmp_path / "page.png")
    said = inlay("text", tmp_path / "page.png", "--data", tmp_path / "data", "--json")
    assert said.code == 0, said.err
    first = said.json["lines"][0]
    assert first["words"] == "Region-based segmentation"
    assert not first["garbled"]
    assert 10 < first["size_px"] < 40
    assert len(first["corners"]) == 4


def test_a_sign_gets_other_words_in_layers_of_their_names(inlay: Run, tmp_path: Path):
    lend(("text",), tmp_path / "data")
    Image.fromarray(sign().pixels).save(tmp_path / "sign.png")
    out = tmp_path / "sign.psd"
    said = inlay("text", tmp_path / "sign.png", "--words", "Night Bakery", "--out", out, "--data", tmp_path / "data")
    assert said.code == 0, said.err
    assert "Corner Bakery" in said.out
    group = next(layer for layer in PSDImage.open(out) if layer.is_group())
    assert [layer.name for layer in group] == ["Clean surface", "Night Bakery"]


def test_a_file_manager_shows_the_other_words_too(inlay: Run, tmp_path: Path):
    lend(("text",), tmp_path / "data")
    Image.fromarray(sign().pixels).save(tmp_path / "sign.png")
    out = tmp_path / "sign.ora"
    said = inlay("text", tmp_path / "sign.png", "--words", "Night Bakery", "--out", out, "--data", tmp_path / "data")
    assert said.code == 0, said.err
    with zipfile.ZipFile(out) as archive:
        found = [
            (element.get("name"), (int(element.get("x", "0")), int(element.get("y", "0"))), element.get("src", ""))
            for element in ElementTree.fromstring(archive.read("stack.xml")).iter("layer")
        ]
        pictures = [(at, Image.open(archive.open(source)).convert("RGBA")) for _, at, source in reversed(found)]
        merged = np.asarray(Image.open(archive.open("mergedimage.png")).convert("RGB")).astype(int)
    assert [name for name, _, _ in found] == ["Night Bakery", "Clean surface", "Background"]
    shown = Image.new("RGBA", (512, 300))
    for at, picture in pictures:
        shown.alpha_composite(picture, at)
    assert np.abs(np.asarray(shown.convert("RGB")) - merged).max() <= 2
    assert np.abs(merged - sign().pixels).max() > 100


def test_without_the_network_it_says_what_to_type(inlay: Run, tmp_path: Path):
    Image.fromarray(sign().pixels).save(tmp_path / "sign.png")
    said = inlay("text", tmp_path / "sign.png", "--data", tmp_path / "data")
    assert said.code != 0
    assert "inlay models pull text" in said.err
