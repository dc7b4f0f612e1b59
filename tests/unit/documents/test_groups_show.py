"""Whoever shows a layered file by its flattened picture shows what its layers show: new words over a sign, not the old ones."""

import zipfile
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from psd_tools import PSDImage

from inlay import documents
from inlay.documents import Document
from inlay.documents.document import UNTAGGED_GRAY, UNTAGGED_RGB, white_of
from inlay.documents.layer_stack import Group, Layer

Samples = NDArray[Any]

AT = (70, 40)
"""Columns and rows from the upper left corner of the canvas."""
BLENDS = {
    "svg:src-over": lambda below, above: above,
    "svg:multiply": lambda below, above: below * above,
    "svg:screen": lambda below, above: 1 - (1 - below) * (1 - above),
    "svg:plus": lambda below, above: np.clip(below + above, 0, 1),
}


def group_over(document: Document, blend: str) -> Group:
    """A soft surface, and above it a smaller layer that fades from left to right; a hidden one above both."""
    white, colors = white_of(document.samples.dtype), document.samples.shape[2] - document.has_alpha

    def layer(name: str, value: float, alpha: NDArray[np.float64], at: tuple[int, int], **more: Any) -> Layer:
        share = np.concatenate([np.full((*alpha.shape, colors), value), alpha[..., None]], axis=-1)
        return Layer(name, *at, np.rint(share * white).astype(document.samples.dtype), **more)

    fades = np.tile(np.linspace(0, 1, 60), (30, 1))
    surface = np.pad(np.ones((60, 80)), 10, mode="linear_ramp")
    hidden = layer("hidden", 0, np.ones((20, 20)), (0, 0), visible=False)
    words = layer("words", 0.8, fades, (AT[0] + 20, AT[1] + 15), blend=blend)
    return Group("Text", (hidden, words, layer("surface", 0.3, surface, AT)))


def shown_by_hand(document: Document, group: Group) -> NDArray[np.float64]:
    """The group by itself over nothing, then over the document: the W3C's formulas for straight colours, 0..1."""
    white = white_of(document.samples.dtype)
    picture = document.samples / white
    if not document.has_alpha:
        picture = np.concatenate([picture, np.ones((*picture.shape[:2], 1))], axis=-1)
    alone = np.zeros_like(picture)
    for layer in reversed(group.items):
        assert isinstance(layer, Layer)
        if layer.visible:
            whole = np.zeros_like(picture)
            height, width = layer.samples.shape[:2]
            whole[layer.y : layer.y + height, layer.x : layer.x + width] = layer.samples / white
            alone = mixed(alone, whole, layer.blend)
    return mixed(picture, alone, "svg:src-over")


def mixed(below: NDArray[np.float64], above: NDArray[np.float64], blend: str) -> NDArray[np.float64]:
    cb, ab, cs, a = below[..., :-1], below[..., -1:], above[..., :-1], above[..., -1:]
    premultiplied = (1 - a) * ab * cb + (1 - ab) * a * cs + ab * a * BLENDS[blend](cb, cs)
    alpha = a + ab * (1 - a)
    return np.concatenate([np.where(alpha > 0, premultiplied / np.where(alpha > 0, alpha, 1), cb), alpha], axis=-1)


def merged_in(path: Path) -> Samples:
    """By readers that know nothing of Inlay."""
    if path.suffix == ".ora":
        with zipfile.ZipFile(path) as archive:
            return imagecodecs.png_decode(archive.read("mergedimage.png"))
    return np.rint(PSDImage.open(path).numpy("color") * 65_535)


@pytest.mark.parametrize("blend", BLENDS)
@pytest.mark.parametrize(("dtype", "order"), [("uint8", "RGB"), ("uint16", "RGB"), ("uint8", "RGBA"), ("uint16", "Y")])
def test_an_openrasters_merged_picture_shows_its_groups(tmp_path, document_of, dtype, order, blend) -> None:
    document = document_of(dtype, order, UNTAGGED_GRAY if order == "Y" else UNTAGGED_RGB)
    group = group_over(document, blend)
    documents.write(tmp_path / "x.ora", document, [], [group])
    found = merged_in(tmp_path / "x.ora").reshape(document.samples.shape).astype(float)
    wanted = shown_by_hand(document, group)[..., : document.samples.shape[2]] * white_of(document.samples.dtype)
    assert np.abs(found - wanted).max() <= 0.5 + 1e-6
    assert np.abs(found - document.samples).max() > 0.1 * white_of(document.samples.dtype)
    apart = np.ones(found.shape[:2], bool)
    apart[AT[1] : AT[1] + 80, AT[0] : AT[0] + 100] = False
    assert np.array_equal(found[apart], document.samples[apart])


@pytest.mark.parametrize("blend", BLENDS)
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_a_psds_merged_picture_is_what_psd_tools_makes_of_its_layers(tmp_path, document_of, dtype, blend) -> None:
    document = document_of(dtype)
    documents.write(tmp_path / "x.psd", document, [], [group_over(document, blend)])
    made = np.asarray(PSDImage.open(tmp_path / "x.psd").composite(force=True, apply_icc=False).convert("RGB"))
    stored = merged_in(tmp_path / "x.psd") / 257
    assert np.abs(made - stored).max() <= 1.5
    assert np.abs(stored - document.samples / (257 if dtype == "uint16" else 1)).max() > 20


def test_the_thumbnail_shows_them_too(tmp_path, document_of) -> None:
    document = document_of()
    documents.write(tmp_path / "x.ora", document, [], [group_over(document, "svg:src-over")])
    with zipfile.ZipFile(tmp_path / "x.ora") as archive:
        small = imagecodecs.png_decode(archive.read("Thumbnails/thumbnail.png"))
    assert np.abs(small[AT[1] + 10, AT[0] + 10].astype(int) - round(0.3 * 255)).max() <= 1


@pytest.mark.parametrize("suffix", [".ora", ".psd"])
def test_the_last_group_is_uppermost(tmp_path, document_of, suffix) -> None:
    document = document_of()
    first, last = (Group(name, (opaque(document, value),)) for name, value in (("first", 200), ("last", 30)))
    documents.write(tmp_path / f"x{suffix}", document, [], [first, last])
    assert (documents.read(tmp_path / f"x{suffix}").samples == 30).all()


def opaque(document: Document, value: int) -> Layer:
    samples = np.full((*document.samples.shape[:2], 4), value, np.uint8)
    samples[..., 3] = 255
    return Layer("plain", 0, 0, samples)
