"""Documents to files and back: samples, masks, layers and profiles."""

import json
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageOps
from psd_tools import PSDImage
from psd_tools.api.layers import Group

from inlay import color, documents
from inlay.color.raster import Raster, SampleType
from inlay.documents.png import decode_png, encode_png
from inlay.errors import InvalidInput, Unsupported
from inlay.region import Size

FLAT = [
    (".png", "uint8", "RGB"),
    (".png", "uint8", "YA"),
    (".png", "uint16", "RGBA"),
    (".png", "uint16", "Y"),
    (".tif", "uint8", "RGB"),
    (".tif", "uint8", "Y"),
    (".tif", "uint16", "RGBA"),
    (".tif", "uint16", "YA"),
    (".tif", "float16", "RGB"),
    (".tif", "float32", "RGBA"),
]
LAYERED = [
    (suffix, dtype, order)
    for suffix in (".ora", ".psd")
    for dtype in ("uint8", "uint16")
    for order in ("RGB", "RGBA", "Y")
]


def icc_of(name: str, order: str) -> bytes:
    return color.profile_bytes(Raster(1, 1, order, SampleType.U8, 255, name, ""))


def closed_of(document, edit) -> np.ndarray:
    closed = np.ones(document.samples.shape[:2], bool)
    closed[edit.bounds.slices] = edit.mask == 0
    return closed


@pytest.mark.parametrize(("suffix", "dtype", "order"), FLAT)
def test_a_flat_file_gives_back_every_sample_and_the_profile(tmp_path, document_of, suffix, dtype, order) -> None:
    name = "Gray Gamma 2.2" if order.startswith("Y") else "Adobe RGB (1998)"
    document = document_of(dtype, order, name, icc_of(name, order))
    path = tmp_path / f"document{suffix}"
    documents.write(path, document, [])
    read = documents.read(path)
    assert read.samples.dtype == document.samples.dtype
    assert read.samples.tobytes() == document.samples.tobytes()
    assert (read.order, read.profile, read.icc) == (order, name, document.icc)
    assert read.size == Size(240, 200)


@pytest.mark.parametrize(("suffix", "dtype", "order"), FLAT)
def test_a_flat_result_is_the_composite_and_untouched_outside_the_mask(
    tmp_path, document_of, edit_of, suffix, dtype, order
) -> None:
    document = document_of(dtype, order)
    edit = edit_of(document)
    path = tmp_path / f"result{suffix}"
    documents.write(path, document, [edit])
    read = documents.read(path)
    closed = closed_of(document, edit)
    assert read.samples[closed].tobytes() == document.samples[closed].tobytes()
    assert read.samples.tobytes() == documents.composite(document, [edit]).tobytes()
    assert read.icc == b""  # it came untagged, it stays untagged


@pytest.mark.parametrize(("suffix", "dtype", "order"), LAYERED)
def test_a_layered_result_shows_the_composite_and_carries_the_profile(
    tmp_path, document_of, edit_of, suffix, dtype, order
) -> None:
    name = "Gray Gamma 2.2" if order == "Y" else "ProPhoto RGB"
    document = document_of(dtype, order, name)
    edit = edit_of(document)
    path = tmp_path / f"result{suffix}"
    documents.write(path, document, [edit])
    read = documents.read(path)
    expected = documents.composite(document, [edit])
    assert (read.order, read.profile, read.samples.dtype) == (order, name, document.samples.dtype)
    if suffix == ".psd" and document.has_alpha:
        # A PSD's merged picture is stored on white: only opaque pixels keep their exact colour there (the layers keep all).
        opaque = expected[..., -1] == document.white_level
        assert np.array_equal(read.samples[..., -1], expected[..., -1])
        assert np.array_equal(read.samples[opaque], expected[opaque])
    else:
        assert np.array_equal(read.samples, expected)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("order", ["RGB", "RGBA", "Y"])
def test_a_psd_holds_the_original_and_a_group_with_the_mask_and_the_variations(
    tmp_path, document_of, edit_of, dtype, order
) -> None:
    document = document_of(dtype, order, "Gray Gamma 2.2" if order == "Y" else "Adobe RGB (1998)")
    edit = edit_of(document)
    path = tmp_path / "result.psd"
    documents.write(path, document, [edit])
    psd = PSDImage.open(path)
    assert psd.depth == document.samples.dtype.itemsize * 8
    below, group = list(psd)
    assert _samples(below, psd) == np.moveaxis(document.samples, -1, 0).astype(_stored(dtype)).tobytes()
    assert isinstance(group, Group)
    assert group.name == edit.name
    assert group.blend_mode.name == "NORMAL"
    lower, upper = list(group)
    assert [(layer.name, layer.visible) for layer in (upper, lower)] == [
        (name, shown) for name, _, shown in edit.layers
    ]
    assert (upper.left, upper.top, upper.width, upper.height) == tuple(edit.bounds)
    for layer, (_, samples, _) in zip((upper, lower), edit.layers, strict=True):
        assert _samples(layer, psd) == np.moveaxis(_opaque(samples, document), -1, 0).astype(_stored(dtype)).tobytes()
    assert group.mask is not None
    assert group.mask.background_color == 0
    assert tuple(group.mask.bbox) == (edit.bounds.x, edit.bounds.y, edit.bounds.right, edit.bounds.bottom)
    (mask,) = [
        channel.get_data(edit.bounds.width, edit.bounds.height, psd.depth, 1)
        for info, channel in zip(group._record.channel_info, group._channels, strict=True)
        if info.id.name == "USER_LAYER_MASK"
    ]
    assert mask == edit.mask.astype(_stored(dtype)).tobytes()


def test_a_psd_original_keeps_its_layers_byte_for_byte_through_two_edits(tmp_path, document_of, edit_of) -> None:
    first = tmp_path / "first.psd"
    documents.write(first, document_of("uint16", "RGB", "ProPhoto RGB"), [])
    for index in range(2):
        opened = documents.read(first)
        again = tmp_path / f"again-{index}.psd"
        documents.write(again, opened, [edit_of(opened, f"edit {index}")])
        before, after = PSDImage.open(first), PSDImage.open(again)
        kept = list(before._record._iter_layers())
        now = list(after._record._iter_layers())
        assert len(now) == len(kept) + 4
        for (record, channels), (record_now, channels_now) in zip(kept, now, strict=False):
            assert record_now.tobytes() == record.tobytes()
            assert [c.data for c in channels_now] == [c.data for c in channels]
        first = again
    recipes = json.loads(PSDImage.open(first)._record.image_resources.get_data(4990))
    assert recipes == [{"recipe": {"seed": 7}}] * 2


def test_a_photoshop_like_psd_with_layers_and_selections_keeps_everything(tmp_path, edit_of) -> None:
    """Written by psd-tools: two layers, one with a mask of its own and 50 % opacity."""
    psd = PSDImage.new("RGB", (240, 200), color=(90, 120, 30))
    picture = np.random.default_rng(0).integers(0, 256, (50, 60, 3), np.uint8)
    layer = psd.create_pixel_layer(Image.fromarray(picture), name="logo", top=10, left=20, opacity=128)
    layer.create_mask(Image.fromarray(np.full((50, 60), 77, np.uint8)))
    path = tmp_path / "original.psd"
    psd.save(path)
    document = documents.read(path)
    assert document.format == "psd"
    documents.write(tmp_path / "result.psd", document, [edit_of(document)])
    result = PSDImage.open(tmp_path / "result.psd")
    assert [entry.name for entry in result][:1] == ["logo"]
    kept = next(iter(result))
    assert kept.opacity == 128
    assert kept.has_mask()
    assert np.array_equal(np.asarray(kept.topil().convert("RGB")), picture)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("order", ["RGB", "RGBA", "Y"])
def test_an_openraster_holds_the_original_and_an_isolated_group_with_the_mask_on_top(
    tmp_path, document_of, edit_of, dtype, order
) -> None:
    document = document_of(dtype, order, "Gray Gamma 2.2" if order == "Y" else "Adobe RGB (1998)")
    edit = edit_of(document)
    path = tmp_path / "result.ora"
    documents.write(path, document, [edit])
    with zipfile.ZipFile(path) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type, archive.read("mimetype")) == ("mimetype", 0, b"image/openraster")
        image = ElementTree.fromstring(archive.read("stack.xml"))
        group, background = list(image.find("stack"))
        assert (group.get("name"), group.get("isolation")) == (edit.name, "isolate")
        assert json.loads(archive.read(group.get("inlay-recipe"))) == {"recipe": {"seed": 7}}
        mask, *variations = list(group)
        assert mask.get("composite-op") == "svg:dst-in"
        assert (mask.get("x"), mask.get("y")) == ("60", "50")
        assert [layer.get("visibility") for layer in variations] == ["visible", "hidden"]
        png = decode_png(archive.read(mask.get("src")))
        assert np.array_equal(png.samples[..., -1], edit.mask)
        assert np.all(png.samples[..., :-1] == document.white_level)
        for layer, (name, samples, _) in zip(variations, edit.layers, strict=True):
            png = decode_png(archive.read(layer.get("src")))
            assert layer.get("name") == name
            assert np.array_equal(png.samples, samples)
            assert color.profile_name(png.icc) == document.profile
        assert np.array_equal(decode_png(archive.read(background.get("src"))).samples, document.samples)
        assert max(decode_png(archive.read("Thumbnails/thumbnail.png")).samples.shape[:2]) <= 256


def test_an_openraster_original_keeps_its_layers_byte_for_byte_through_two_edits(
    tmp_path, document_of, edit_of
) -> None:
    path = tmp_path / "first.ora"
    documents.write(path, document_of("uint16", "RGBA", "Adobe RGB (1998)"), [])
    for index in range(2):
        opened = documents.read(path)
        again = tmp_path / f"again-{index}.ora"
        documents.write(again, opened, [edit_of(opened, f"edit {index}")])
        with zipfile.ZipFile(path) as before, zipfile.ZipFile(again) as after:
            kept = [name for name in before.namelist() if name.startswith(("data/", "inlay/"))]
            assert all(after.read(name) == before.read(name) for name in kept)
            assert len(set(after.namelist())) == len(after.namelist())
            stack = ElementTree.fromstring(after.read("stack.xml")).find("stack")
            assert [entry.get("name") for entry in stack][: index + 1] == [f"edit {n}" for n in range(index, -1, -1)]
        path = again


def test_a_file_without_a_profile_counts_as_srgb_and_stays_without(tmp_path) -> None:
    samples = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    (tmp_path / "plain.png").write_bytes(imagecodecs.png_encode(samples))
    document = documents.read(tmp_path / "plain.png")
    assert (document.profile, document.icc) == ("sRGB IEC61966-2.1", b"")
    documents.write(tmp_path / "again.png", document, [])
    assert documents.read(tmp_path / "again.png").icc == b""


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_held_sideways_is_read_upright(tmp_path, orientation) -> None:
    """Exif orientation in a JPEG; the picture is brighter towards the lower right once it is upright."""
    ramp = np.add.outer(np.arange(32), np.arange(48)).astype(np.uint8) * 3
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[274] = orientation
    icc = icc_of("Adobe RGB (1998)", "RGB")
    Image.fromarray(np.stack([ramp] * 3, -1)).save(path, quality=95, exif=exif, icc_profile=icc)
    document = documents.read(path)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(path)))
    assert document.samples.shape == expected.shape
    assert np.abs(document.samples.astype(int) - expected).max() <= 2
    assert (document.format, document.profile, document.icc) == ("jpeg", "Adobe RGB (1998)", icc)


def test_tiffs_of_other_layouts_read_as_the_same_picture(tmp_path) -> None:
    samples = np.random.default_rng(0).integers(0, 65_536, (40, 50, 3)).astype(np.uint16)
    layouts = {
        "planar": {"data": np.moveaxis(samples, -1, 0), "planarconfig": "separate"},
        "tiled": {"data": samples, "tile": (16, 16), "compression": "lzw"},
        "big-endian": {"data": samples, "byteorder": ">"},
        "bigtiff": {"data": samples, "bigtiff": True, "compression": "zstd"},
    }
    for name, options in layouts.items():
        tifffile.imwrite(tmp_path / f"{name}.tif", photometric="rgb", **options)
        assert np.array_equal(documents.read(tmp_path / f"{name}.tif").samples, samples), name
    inverted = samples[..., 0]
    tifffile.imwrite(tmp_path / "white-is-zero.tif", 65_535 - inverted, photometric="miniswhite")
    assert np.array_equal(documents.read(tmp_path / "white-is-zero.tif").samples[..., 0], inverted)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_mask_is_the_gray_or_the_alpha_of_a_picture(tmp_path, channels, dtype) -> None:
    white = np.iinfo(dtype).max
    mask = np.random.default_rng(0).integers(0, white + 1, (30, 40)).astype(dtype)
    gray = np.full((30, 40, 1), 9, dtype)
    pictures = {
        1: mask[..., None],
        2: np.concatenate([gray, mask[..., None]], -1),
        3: np.stack([mask] * 3, -1),
        4: np.concatenate([gray, gray + 1, gray, mask[..., None]], -1),
    }
    path = tmp_path / "mask.png"
    path.write_bytes(encode_png(pictures[channels]))
    read = documents.read_mask(path, Size(40, 30))
    assert read.dtype == dtype
    assert np.array_equal(read, mask)


def test_a_float_mask_becomes_sixteen_bit(tmp_path) -> None:
    tifffile.imwrite(tmp_path / "mask.tif", np.linspace(0, 1, 1200, dtype=np.float32).reshape(30, 40))
    read = documents.read_mask(tmp_path / "mask.tif", Size(40, 30))
    assert (read.dtype, int(read.min()), int(read.max())) == (np.uint16, 0, 65_535)


def test_a_mask_of_another_size_or_in_colour_is_refused(tmp_path, document_of) -> None:
    documents.write(tmp_path / "colour.png", document_of(), [])
    with pytest.raises(InvalidInput, match="240 x 200 px; it must be as large as the document, 241 x 200 px"):
        documents.read_mask(tmp_path / "colour.png", Size(241, 200))
    with pytest.raises(InvalidInput, match="must be gray"):
        documents.read_mask(tmp_path / "colour.png", Size(240, 200))


def test_formats_that_cannot_hold_the_samples_say_so_and_write_nothing(tmp_path, document_of) -> None:
    for suffix in (".png", ".ora", ".psd"):
        with pytest.raises(Unsupported, match=r"\.tif"):
            documents.write(tmp_path / f"result{suffix}", document_of("float32"), [])
    with pytest.raises(InvalidInput, match=r"\.jpg; it must end in"):
        documents.write(tmp_path / "result.jpg", document_of(), [])
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file_as_it_was(tmp_path, document_of, edit_of) -> None:
    path = tmp_path / "result.png"
    path.write_bytes(b"precious")
    document = document_of()
    with pytest.raises(InvalidInput):
        documents.write(path, document, [replace(edit_of(document), mask=np.zeros((3, 3), np.uint8))])
    assert path.read_bytes() == b"precious"
    assert [entry.name for entry in tmp_path.iterdir()] == ["result.png"]


def _stored(dtype: str) -> str:
    return f">u{np.dtype(dtype).itemsize}"


def _opaque(samples, document):
    """PSD layers always carry their transparency."""
    if document.has_alpha:
        return samples
    return np.concatenate([samples, np.full_like(samples[..., :1], document.white_level)], axis=-1)


def _samples(layer, psd: PSDImage) -> bytes:
    """A layer's stored channels, colour first, then transparency."""
    channels = {
        int(info.id): channel.get_data(layer.width, layer.height, psd.depth, 1)
        for info, channel in zip(layer._record.channel_info, layer._channels, strict=True)
    }
    return b"".join(channels[key] for key in sorted(channels, key=lambda key: (key < 0, key)))
