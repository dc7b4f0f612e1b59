"""Krita's own files, by a writer that is not Krita: what is there, what is not, and what a hostile one claims.

That Krita's real files are read as Krita means them: tests/krita/test_kra_files.py.
"""

import contextlib
from pathlib import Path

import numpy as np
import pytest
from psd_tools import PSDImage

from inlay import documents
from inlay.documents.layer_above import layer_named, write_above
from inlay.documents.layer_stack import Group, Layer
from inlay.documents.layers import layers_of
from inlay.documents.png import encode_png
from inlay.errors import InvalidInput, Unsupported
from support.kra_files import HEAD, bgra, kra, layer, tiles

SIZE = WIDTH, HEIGHT = 100, 80
RGB = np.random.default_rng(0).integers(0, 65536, (HEIGHT, WIDTH, 4), np.uint16)
RGB[..., 3] = 65535


@pytest.mark.parametrize("packed", [True, False])
def test_a_picture_of_16_bit_keeps_every_sample(tmp_path: Path, packed: bool) -> None:
    path = kra(tmp_path / "x.kra", SIZE, layer("Only", "layer1"), {"layer1": tiles(bgra(RGB), packed)})
    document = documents.read(path)
    assert (document.format, document.order, document.metadata.pixels_per_inch) == ("kra", "RGBA", (300, 300))
    np.testing.assert_array_equal(document.samples, RGB)


@pytest.mark.parametrize(("space", "kind"), [("RGBAF16", "<f2"), ("RGBAF32", "<f4"), ("GRAYAF32", "<f4")])
def test_floats_stay_what_they_are_above_white_too(tmp_path: Path, space: str, kind: str) -> None:
    samples = (np.random.default_rng(1).random((HEIGHT, WIDTH, 4 if "RGBA" in space else 2)) * 4).astype(kind)
    samples[..., -1] = 1
    document = documents.read(kra(tmp_path / "x.kra", SIZE, layer("Only", "layer1"), {"layer1": tiles(samples)}, space))
    np.testing.assert_array_equal(document.samples, samples)


def test_masks_of_a_layer_count_together_and_hidden_ones_not(tmp_path: Path) -> None:
    first, second = np.full((HEIGHT, WIDTH, 1), 128, np.uint8), np.full((HEIGHT, WIDTH, 1), 51, np.uint8)
    masks = "".join(
        f'<mask name="m" nodetype="transparencymask" filename="m{number}" visible="{int(number < 3)}"/>'
        for number in (1, 2, 3)
    )
    entries = {
        "layer1": tiles(bgra(RGB)),
        **{f"m{number}.pixelselection": tiles(mask) for number, mask in ((1, first), (2, second), (3, 0 * first))},
    }
    path = kra(tmp_path / "x.kra", SIZE, layer("Only", "layer1", inner=f"<masks>{masks}</masks>"), entries)
    assert set(np.unique(documents.read(path).samples[..., 3])) == {round(65535 * 128 / 255 * 51 / 255)}


def test_what_a_layer_is_filled_with_shows_where_it_has_no_tiles(tmp_path: Path) -> None:
    filled = {"layer1": tiles(bgra(RGB)[:64, :64]), "layer1.defaultpixel": np.array([1, 2, 3, 65535], "<u2").tobytes()}
    document = documents.read(kra(tmp_path / "x.kra", SIZE, layer("Only", "layer1"), filled))
    np.testing.assert_array_equal(document.samples[:64, :64], RGB[:64, :64])
    assert (document.samples[64:] == [3, 2, 1, 65535]).all()
    assert (document.samples[:, 64:] == [3, 2, 1, 65535]).all()


def test_groups_pass_through_and_layers_without_pixels_are_named(tmp_path: Path) -> None:
    inner = layer("In", "layer2")
    group = layer("Group", "layer3", 'passthrough="1"', f"<layers>{inner}</layers>", "grouplayer")
    vector = layer("Words", "layer4", kind="shapelayer")
    merged = encode_png((RGB[..., :3] >> 8).astype(np.uint8))
    eight = bgra((RGB >> 8).astype(np.uint8))
    entries = {"layer1": tiles(eight), "layer2": tiles(eight), "mergedimage.png": merged}
    document = documents.read(kra(tmp_path / "x.kra", SIZE, vector + group + layer("Base", "layer1"), entries, "RGBA"))
    group_item, base = layers_of(document).items
    assert isinstance(group_item, Group)
    assert isinstance(base, Layer)
    assert not group_item.isolated
    assert [item.name for item in group_item.items] == ["In"]
    assert "layers without pixels of their own cannot be kept: 'Words'" in document.notes


def test_what_is_hidden_does_not_matter_though_it_cannot_be_read(tmp_path: Path) -> None:
    hidden = layer("Words", "layer2", kind="shapelayer").replace('visible="1"', 'visible="0"')
    path = kra(tmp_path / "x.kra", SIZE, hidden + layer("Base", "layer1"), {"layer1": tiles(bgra(RGB))})
    np.testing.assert_array_equal(documents.read(path).samples, RGB)


def test_what_more_than_8_bit_show_is_not_guessed_where_layers_blend(tmp_path: Path) -> None:
    entries = {"layer1": tiles(bgra(RGB)), "layer2": tiles(bgra(RGB))}
    blended = layer("Glow", "layer2").replace('nodetype="paintlayer"', 'nodetype="paintlayer" compositeop="dodge"')
    for layers in (blended, layer("Words", "layer2", kind="shapelayer")):
        with pytest.raises(Unsupported, match="only Krita can compute"):
            documents.read(kra(tmp_path / "x.kra", SIZE, layers + layer("Base", "layer1"), entries))
    hidden = blended.replace('visible="1"', 'visible="0"')
    np.testing.assert_array_equal(
        documents.read(kra(tmp_path / "x.kra", SIZE, hidden + layer("Base", "layer1"), entries)).samples, RGB
    )


def test_a_layer_above_one_of_it_goes_into_a_psd_of_all_of_them(tmp_path: Path) -> None:
    cut = RGB.copy()
    cut[..., 3] = np.where(np.hypot(*np.mgrid[-40:40, -50:50]) < 20, 65535, 0)
    entries = {"layer1": tiles(bgra(RGB)), "layer2": tiles(bgra(cut))}
    document = documents.read(kra(tmp_path / "x.kra", SIZE, layer("Cut", "layer2") + layer("Base", "layer1"), entries))
    found = layer_named(document, "Cut")
    np.testing.assert_array_equal(found.below.samples, RGB)
    made = Layer("New", found.layer.x, found.layer.y, found.layer.samples // 2)
    with pytest.raises(InvalidInput, match=r"kept in a \.psd or \.ora only"):
        write_above(tmp_path / "out.kra", document, found, made)
    write_above(tmp_path / "out.psd", document, found, made)
    assert [(one.name, one.visible) for one in PSDImage.open(tmp_path / "out.psd")] == [
        ("Base", True),
        ("Cut", False),
        ("New", True),
    ]


ENTITY = '<!DOCTYPE DOC [<!ENTITY a "aaaaaaaa">]>\n'


@pytest.mark.parametrize(
    ("layers", "entries", "space", "head", "error"),
    [
        (layer("a", "layer1"), {"layer1": tiles(bgra(RGB))}, "CMYKA16", HEAD, "CMYKA16 cannot be edited"),
        (layer("a", "layer1"), {"layer1": tiles(bgra(RGB))}, "RGBA16", ENTITY, "a document type in maindoc.xml"),
        (layer("a", "layer1"), {"layer1": tiles(bgra(RGB))[:-9]}, "RGBA16", HEAD, "a tile is not whole"),
        (layer("a", "layer1"), {"layer1": tiles(bgra(RGB)[..., :2])}, "RGBA16", HEAD, "another size of pixel"),
        (layer("a", "layer1"), {"layer1": b"VERSION 2\n"}, "RGBA16", HEAD, "no head"),
    ],
)
def test_what_is_no_such_file_is_refused_in_words(tmp_path, layers, entries, space, head, error) -> None:
    with pytest.raises((InvalidInput, Unsupported), match=error):
        documents.read(kra(tmp_path / "x.kra", SIZE, layers, entries, space, head))


def test_a_layer_whose_tiles_lie_far_apart_is_refused_before_it_takes_memory(tmp_path: Path) -> None:
    one = tiles(bgra(RGB)[:64, :64], packed=False)
    far = one.replace(b"DATA 1\n", b"DATA 2\n") + one[one.index(b"0,0,LZF") :].replace(b"0,0,", b"9999999,9999999,", 1)
    with pytest.raises(InvalidInput, match="must be as large as its picture"):
        documents.read(kra(tmp_path / "x.kra", SIZE, layer("a", "layer1"), {"layer1": far}))


def test_a_file_that_is_cut_or_changed_anywhere_is_refused_in_words(tmp_path: Path) -> None:
    whole = kra(tmp_path / "x.kra", SIZE, layer("Only", "layer1"), {"layer1": tiles(bgra(RGB))}).read_bytes()
    random = np.random.default_rng(5)
    for turn in range(150):
        broken = bytearray(whole[: random.integers(1, len(whole))] if turn % 3 == 0 else whole)
        for _ in range(4):
            broken[random.integers(len(broken))] = random.integers(256)
        (tmp_path / "broken.kra").write_bytes(broken)
        with contextlib.suppress(InvalidInput, Unsupported):
            documents.read(tmp_path / "broken.kra")
