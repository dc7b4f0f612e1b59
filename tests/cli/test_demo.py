"""`inlay demo`: the first thing a newcomer sees, from a real server to files that other programs open."""

import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path
from typing import Any

import cv2
import imagecodecs
import numpy as np
import psd_tools
import pytest

from cli.conftest import Run
from inlay import documents
from inlay.cli.demo import GAP_PX, bundled

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def report(inlay: Run, folder: Path) -> Any:
    said = inlay("demo", "--json", cwd=folder)
    assert said.code == 0, said.err
    return said.json


@pytest.fixture(scope="module")
def photo() -> documents.Document:
    return documents.read(bundled("photo.jpg"))


def test_it_writes_three_files_and_changes_nothing_outside_the_mask(report: Any, folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [
        "inlay-demo-before-after.png",
        "inlay-demo.ora",
        "inlay-demo.psd",
    ]
    assert report["changed_outside_in_files"] == {"inlay-demo.ora": 0, "inlay-demo.psd": 0}


def test_the_recoloured_stage_has_the_brands_colour_in_the_file_and_keeps_its_shading(
    report: Any, folder: Path, photo: documents.Document
) -> None:
    after = documents.read(folder / "inlay-demo.psd").samples[..., :3]
    inside = documents.read_mask(bundled("recolor.png"), photo.size) == 255

    assert report["target"]["color"] == "#C8402A"
    assert report["target"]["delta_e"] <= 0.5
    lightness = [cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)[..., 0][inside] for pixels in (photo.samples, after)]
    assert np.corrcoef(*lightness)[0, 1] >= 0.9


def test_it_tells_what_each_phase_took(report: Any) -> None:
    for phase in ("start server", "plan", "upload", "queue", "paint", "fetch", "write", "all"):
        assert report["seconds"][phase] >= 0
    for edit in report["edits"]:
        assert set(edit["variations"][0]["details"]["seconds"]) >= {"read", "paint", "harmonize", "encode"}
        assert edit["variations"][0]["ring_delta_e_after"] is not None


def test_the_psd_holds_the_untouched_photograph_under_a_group_with_its_mask_for_each_edit(
    report: Any, folder: Path, photo: documents.Document
) -> None:
    layers = list(psd_tools.PSDImage.open(folder / "inlay-demo.psd"))
    original, *groups = layers

    pixels = np.asarray(original.topil(apply_icc=False).convert("RGB"))
    assert np.array_equal(pixels, photo.samples)
    assert len(groups) == 2
    for group in groups:
        assert group.is_group()
        assert group.mask is not None
        assert [layer.visible for layer in group] == [True]


def test_the_ora_is_a_stack_with_the_untouched_photograph_at_the_bottom(
    report: Any, folder: Path, photo: documents.Document
) -> None:
    with zipfile.ZipFile(folder / "inlay-demo.ora") as archive:
        root = ElementTree.fromstring(archive.read("stack.xml")).find("stack")
        assert root is not None
        *groups, original = list(root)
        pixels = imagecodecs.png_decode(archive.read(original.get("src", "")))

    assert archive.namelist()[0] == "mimetype"
    assert [group.tag for group in groups] == ["stack", "stack"]
    assert np.array_equal(pixels[..., :3], photo.samples)


def test_before_and_after_are_side_by_side(report: Any, folder: Path, photo: documents.Document) -> None:
    both = imagecodecs.png_decode((folder / "inlay-demo-before-after.png").read_bytes())

    width = photo.size.width
    erased, recolored = (documents.read_mask(bundled(name), photo.size) for name in ("erase.png", "recolor.png"))
    untouched = (erased == 0) & (recolored == 0)
    after = both[:, width + GAP_PX :]
    assert np.array_equal(both[:, :width], photo.samples)
    assert np.array_equal(after[untouched], photo.samples[untouched])
    for mask in (erased, recolored):
        assert (after[mask == 255] != photo.samples[mask == 255]).any()


def test_it_tells_a_person_what_was_done_and_where_it_is(inlay: Run, tmp_path: Path) -> None:
    said = inlay("demo", "--out", tmp_path / "results")

    assert said.code == 0, said.err
    assert "0 pixels outside the masks changed" in said.out
    assert "ring colour difference" in said.out
    assert str(tmp_path / "results" / "inlay-demo.psd") in said.out
