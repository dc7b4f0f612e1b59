"""Layers stay layers from .psd to .ora and back, and on a larger canvas; what cannot is named."""

import io
import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import BlendMode
from psd_tools.psd.tagged_blocks import TaggedBlock
from skimage import data

from inlay import documents
from inlay.client.canvas import Margins, expanded
from inlay.documents.png import encode_png
from inlay.errors import InvalidInput
from support.psd_parts import parts_of, rectangle, resource, with_resources

PICTURE = np.ascontiguousarray(data.astronaut()[:50, 100:160])
MASK = np.tile(np.linspace(0, 255, 60).round().astype(np.uint8), (50, 1))
MARGINS = Margins(40, 30, 20, 10)


@pytest.fixture
def psd(tmp_path):
    """A background, a masked logo at half opacity, one that reaches beyond the canvas in a hidden group, an adjustment."""
    psd = PSDImage.new("RGB", (240, 200), color=(90, 120, 30))
    psd.create_pixel_layer(Image.fromarray(data.astronaut()[:200, :240]), name="below")
    logo = psd.create_pixel_layer(Image.fromarray(PICTURE), name="logo", top=10, left=20, opacity=128)
    logo.blend_mode = BlendMode.MULTIPLY
    logo.create_mask(Image.fromarray(MASK))
    outside = psd.create_pixel_layer(Image.fromarray(PICTURE), name="Größe", top=-20, left=200)
    outside.blend_mode = BlendMode.VIVID_LIGHT
    group = psd.create_group(name="set", layer_list=[outside])
    group.visible = False
    curves = psd.create_pixel_layer(Image.fromarray(PICTURE), name="curves")
    curves._record.tagged_blocks[b"nvrt"] = TaggedBlock(key=b"nvrt", data=b"")
    curves._record.top = curves._record.left = curves._record.bottom = curves._record.right = 0
    file = io.BytesIO()
    psd.save(file)
    path = tmp_path / "original.psd"
    path.write_bytes(file.getvalue())
    return path


def _ora(path) -> tuple[zipfile.ZipFile, ElementTree.Element]:
    archive = zipfile.ZipFile(path)
    return archive, ElementTree.fromstring(archive.read("stack.xml"))


def _pixels(archive, layer) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(archive.read(layer.get("src")))).convert("RGBA"))


def test_the_layers_of_a_psd_become_the_layers_of_an_openraster(tmp_path, psd, edit_of) -> None:
    document = documents.read(psd)
    notes = documents.write(tmp_path / "result.ora", document, [edit_of(document)])

    archive, image = _ora(tmp_path / "result.ora")
    edit, hidden, logo, below = list(image.find("stack"))
    mask, pixels = list(logo)
    assert [element.get("name") for element in (hidden, logo, below)] == ["set", "logo", "below"]
    assert edit.get("inlay-recipe")
    assert (hidden.get("visibility"), hidden[0].get("name"), hidden[0].get("x"), hidden[0].get("y")) == (
        "hidden",
        "Größe",
        "200",
        "-20",
    )
    assert (logo.get("composite-op"), float(logo.get("opacity"))) == ("svg:multiply", pytest.approx(128 / 255))
    assert np.array_equal(_pixels(archive, pixels)[..., :3], PICTURE)
    assert (pixels.get("x"), pixels.get("y"), mask.get("composite-op")) == ("20", "10", "svg:dst-in")
    assert np.array_equal(_pixels(archive, below)[..., :3], data.astronaut()[:200, :240, :3])
    assert any("adjustment" in note and "'curves'" in note for note in notes)
    assert any("blend mode" in note and "'Größe'" in note for note in notes)


def test_the_layers_come_back_from_openraster_to_psd(tmp_path, psd, edit_of) -> None:
    documents.write(tmp_path / "between.ora", documents.read(psd), [])
    document = documents.read(tmp_path / "between.ora")
    documents.write(tmp_path / "result.psd", document, [edit_of(document)])

    result = PSDImage.open(tmp_path / "result.psd")
    below, logo, hidden, edit = list(result)
    assert (below.name, hidden.name, hidden.visible) == ("below", "set", False)
    assert (hidden[0].name, hidden[0].left, hidden[0].top) == ("Größe", 200, -20)
    assert (logo.opacity, logo.blend_mode, logo.has_mask()) == (128, BlendMode.MULTIPLY, True)
    assert np.array_equal(np.asarray(logo[0].topil().convert("RGB")), PICTURE)
    before = np.asarray(next(layer for layer in PSDImage.open(psd) if layer.name == "logo").mask.topil())
    assert np.array_equal(np.asarray(logo.mask.topil()), before)
    assert edit.has_mask()


def test_sixteen_bit_layers_keep_every_code(tmp_path, document_of, edit_of) -> None:
    document = document_of("uint16", "RGBA", "Adobe RGB (1998)")
    documents.write(tmp_path / "first.psd", document, [edit_of(document)])
    documents.write(tmp_path / "second.ora", documents.read(tmp_path / "first.psd"), [])
    documents.write(tmp_path / "third.psd", documents.read(tmp_path / "second.ora"), [])

    first, third = (parts_of((tmp_path / name).read_bytes()) for name in ("first.psd", "third.psd"))
    assert [name for name, *_ in third.layers] == [name for name, *_ in first.layers]
    assert [pixels for *_, pixels in third.layers] == [pixels for *_, pixels in first.layers]


@pytest.mark.parametrize("suffix", [".psd", ".ora"])
def test_a_larger_canvas_keeps_the_layers_of_a_psd_at_their_pixels(tmp_path, psd, suffix) -> None:
    document, mask = expanded(documents.read(psd), MARGINS)
    documents.write(tmp_path / f"result{suffix}", document, [])

    shown = documents.read(tmp_path / f"result{suffix}")
    assert shown.size == (300, 240)
    inner = (slice(30, 230), slice(40, 280))
    assert np.array_equal(shown.samples[inner][..., :3], documents.read(psd).samples[..., :3])
    assert (shown.samples[inner][..., 3] == 255).all()
    assert not shown.samples[mask > 0].any(axis=-1)[..., None].any() or (shown.samples[mask > 0][..., 3] == 0).all()
    if suffix == ".psd":
        before = {layer.name: layer.bbox for layer in PSDImage.open(psd).descendants() if not layer.is_group()}
        after = {
            layer.name: layer.bbox
            for layer in PSDImage.open(tmp_path / "result.psd").descendants()
            if not layer.is_group()
        }
        moved = {name: tuple(np.add(box, (40, 30, 40, 30))) for name, box in before.items() if any(box)}
        assert {name: after[name] for name in moved} == moved
        logo = next(layer for layer in PSDImage.open(tmp_path / "result.psd") if layer.name == "logo")
        original = next(layer for layer in PSDImage.open(psd) if layer.name == "logo")
        assert tuple(logo.mask.bbox) == tuple(np.add(original.mask.bbox, (40, 30, 40, 30)))
        assert np.array_equal(np.asarray(logo.mask.topil()), np.asarray(original.mask.topil()))
    else:
        _, image = _ora(tmp_path / "result.ora")
        logo = next(group for group in image.find("stack") if group.get("name") == "logo")
        assert [(layer.get("x"), layer.get("y")) for layer in logo] == [("60", "40")] * 2


def test_a_larger_canvas_keeps_the_layers_of_an_openraster(tmp_path, psd, edit_of) -> None:
    documents.write(tmp_path / "first.ora", documents.read(psd), [])
    document, _ = expanded(documents.read(tmp_path / "first.ora"), MARGINS)
    for suffix in (".ora", ".psd"):
        documents.write(tmp_path / f"result{suffix}", document, [])
    before, after = (_ora(tmp_path / name) for name in ("first.ora", "result.ora"))
    places = [
        [(layer.get("name"), int(layer.get("x")), int(layer.get("y"))) for layer in image.iter("layer")]
        for _, image in (before, after)
    ]
    assert places[1] == [(name, x + 40, y + 30) for name, x, y in places[0]]
    assert (after[1].get("w"), after[1].get("h")) == ("300", "240")
    assert len(list(PSDImage.open(tmp_path / "result.psd").descendants())) == len(
        list(PSDImage.open(psd).descendants())
    )


def test_a_background_becomes_a_layer_on_a_larger_canvas_and_saved_selections_grow(tmp_path, document_of) -> None:
    for dtype in ("uint8", "uint16"):
        documents.write(tmp_path / "first.psd", document_of(dtype, "RGB"), [])
        document, _ = expanded(documents.read(tmp_path / "first.psd"), MARGINS)
        documents.write(tmp_path / "result.psd", document, [])
        (layer,) = list(PSDImage.open(tmp_path / "result.psd"))
        assert layer.bbox == (40, 30, 280, 230)
        assert np.asarray(layer.topil()).shape[2] == 4
        assert (documents.read(tmp_path / "result.psd").samples[:30, :, 3] == 0).all()


def test_paths_and_guides_stay_at_their_pixels_on_a_larger_canvas(tmp_path, psd) -> None:
    import struct

    def knot(x: float, y: float, size: tuple[int, int]) -> bytes:
        place = struct.pack(">ii", round(y / size[1] * 2**24), round(x / size[0] * 2**24))
        return struct.pack(">H", 2) + place * 3

    path = struct.pack(">H", 6) + bytes(24) + knot(60, 50, (240, 200))
    guides = struct.pack(">IIII", 1, 576, 576, 2) + struct.pack(">IBIB", 32 * 60, 0, 32 * 50, 1)
    psd.write_bytes(with_resources(psd.read_bytes(), resource(2000, path, b"Cut") + resource(1032, guides)))
    document, _ = expanded(documents.read(psd), MARGINS)
    documents.write(tmp_path / "result.psd", document, [])

    found = parts_of((tmp_path / "result.psd").read_bytes()).resources
    wanted = np.frombuffer(knot(100, 80, (300, 240)), ">i4", 6, 2)
    assert np.abs(np.frombuffer(found[2000][-24:], ">i4") - wanted).max() <= 1
    assert struct.unpack(">IBIB", found[1032][12 + 16 : 12 + 26]) == (32 * 100, 0, 32 * 80, 1)


def test_an_openraster_without_a_merged_picture_shows_its_layers(tmp_path) -> None:
    """As MyPaint writes them: layers over each other; the merged picture missing, or of another size."""
    red = np.zeros((40, 60, 4), np.uint8)
    red[5:20, 10:30] = (200, 30, 20, 255)
    blue = np.full((20, 20, 4), (10, 20, 200, 128), np.uint8)
    stack = (
        '<image w="60" h="40"><stack><layer src="b.png" x="20" y="10"/><layer src="a.png" opacity="1.0"/>'
        '<layer src="b.png" x="0" y="0" visibility="hidden"/></stack></image>'
    )
    for merged in (None, np.zeros((8, 8, 3), np.uint8)):
        with zipfile.ZipFile(tmp_path / "x.ora", "w") as archive:
            archive.writestr("stack.xml", stack)
            archive.writestr("a.png", encode_png(red))
            archive.writestr("b.png", encode_png(blue))
            if merged is not None:
                archive.writestr("mergedimage.png", encode_png(merged))
        canvas = Image.fromarray(red)
        layer = Image.new("RGBA", (60, 40))
        layer.paste(Image.fromarray(blue), (20, 10))
        expected = np.asarray(Image.alpha_composite(canvas, layer)).astype(int)
        document = documents.read(tmp_path / "x.ora")
        shown = expected[..., 3] > 0
        assert np.abs(document.samples.astype(int) - expected)[shown].max() <= 1
        assert (document.samples[..., 3][~shown] == 0).all()
        assert any("layers were put together" in note for note in document.notes)


def test_an_openraster_without_a_merged_picture_whose_layers_blend_names_the_way_out(tmp_path) -> None:
    with zipfile.ZipFile(tmp_path / "x.ora", "w") as archive:
        layer = '<layer src="a.png" composite-op="svg:color-dodge"/>'
        archive.writestr("stack.xml", f'<image w="8" h="8"><stack>{layer}</stack></image>')
        archive.writestr("a.png", encode_png(np.zeros((8, 8, 4), np.uint8)))
    with pytest.raises(InvalidInput, match="save it once in Krita"):
        documents.read(tmp_path / "x.ora")


def test_records_move_by_whole_pixels(tmp_path, psd) -> None:
    document, _ = expanded(documents.read(psd), MARGINS)
    documents.write(tmp_path / "result.psd", document, [])
    before, after = (parts_of(path.read_bytes()).layers for path in (psd, tmp_path / "result.psd"))
    for (name, old, _), (_, new, _) in zip(before, after, strict=True):
        distance = np.subtract(rectangle(new), rectangle(old))
        assert tuple(distance) in ((30, 40, 30, 40), (0, 0, 0, 0)), name
