"""Files that are broken, or that want to break something: a typed error that names the limit, and nothing else."""

import io
import struct
import tempfile
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image
from skimage import data

from inlay import color, documents
from inlay.color.raster import Raster, SampleType
from inlay.documents.png import SIGNATURE, encode_png
from inlay.errors import InlayError, InvalidInput, Unsupported

RNG = np.random.default_rng(0)


def files() -> dict[str, bytes]:
    """One intact file of every kind."""
    samples = np.ascontiguousarray(data.astronaut()[:64, 100:196])
    document = documents.Document(samples, "RGB", "Adobe RGB (1998)", b"", Path("x"), "png")
    intact: dict[str, bytes] = {}
    jpeg = io.BytesIO()
    Image.fromarray(samples).save(jpeg, "JPEG", quality=90)
    intact["jpg"] = jpeg.getvalue()
    with tempfile.TemporaryDirectory() as folder:
        for suffix in ("png", "tif", "ora", "psd"):
            documents.write(Path(folder) / f"x.{suffix}", document, [])
            intact[suffix] = (Path(folder) / f"x.{suffix}").read_bytes()
    return intact


INTACT = files()


@pytest.mark.parametrize("kind", sorted(INTACT))
def test_a_file_that_ends_early_is_refused(tmp_path, kind) -> None:
    whole = INTACT[kind]
    path = tmp_path / f"cut.{kind}"
    for part in (0.0, 0.02, 0.1, 0.3, 0.5, 0.8, 0.95):
        path.write_bytes(whole[: int(len(whole) * part)])
        with pytest.raises(InlayError) as refused:
            documents.read(path)
        assert isinstance(refused.value, InvalidInput | Unsupported)


@pytest.mark.parametrize("kind", sorted(INTACT))
def test_no_flipped_bytes_do_anything_but_read_or_raise_a_typed_error(tmp_path, kind) -> None:
    whole = INTACT[kind]
    path = tmp_path / f"flipped.{kind}"
    for _ in range(60):
        broken = bytearray(whole)
        for position in RNG.integers(4, min(len(whole), 3000), 5):
            broken[position] = RNG.integers(0, 256)
        path.write_bytes(bytes(broken))
        try:
            document = documents.read(path)
        except InlayError:
            continue
        assert document.samples.size < 10**8


def test_a_png_that_claims_to_be_huge_is_refused_before_it_is_unpacked(tmp_path) -> None:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 16, 6, 0, 0, 0)
    body = zlib.compress(bytes(1 << 20))
    path = tmp_path / "bomb.png"
    path.write_bytes(SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b""))
    with pytest.raises(InvalidInput, match="60000 x 60000 px; it must have at most 300 megapixels"):
        documents.read(path)


def test_a_profile_that_unpacks_to_more_than_its_limit_is_refused(tmp_path) -> None:
    path = tmp_path / "profile.png"
    path.write_bytes(encode_png(np.zeros((4, 4, 3), np.uint8), bytes(8 << 20)))
    with pytest.raises(InvalidInput, match="icc"):
        documents.read(path)


def test_an_openraster_whose_stack_unpacks_without_end_is_refused(tmp_path) -> None:
    path = tmp_path / "bomb.ora"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "image/openraster")
        archive.writestr("stack.xml", b"<image>" + b" " * (32 << 20) + b"</image>")
    assert path.stat().st_size < 100_000
    with pytest.raises(InvalidInput, match=r"stack\.xml unpacks to more than"):
        documents.read(path)


def test_entities_in_an_openraster_are_refused(tmp_path) -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><image w="4" h="4"><stack>&b;</stack></image>'
    path = tmp_path / "laughs.ora"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("stack.xml", laughs)
    with pytest.raises(InvalidInput, match="document type"):
        documents.read(path)


@pytest.mark.parametrize(
    "stack", ['<image w="99" h="64"><stack/></image>', '<image w="96" h="64"/>', "<svg/>", "no xml"]
)
def test_an_openraster_that_contradicts_itself_is_refused(tmp_path, stack) -> None:
    path = tmp_path / "odd.ora"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("stack.xml", stack)
        archive.writestr("mergedimage.png", encode_png(np.zeros((64, 96, 3), np.uint8)))
    with pytest.raises(InvalidInput):
        documents.read(path)


def test_a_tiff_that_claims_to_be_huge_is_refused_before_it_is_unpacked(tmp_path) -> None:
    path = tmp_path / "bomb.tif"
    tifffile.imwrite(path, np.zeros((64, 64), np.uint8), compression="adobe_deflate")
    with tifffile.TiffFile(path, mode="r+b") as file:
        for tag in ("ImageWidth", "ImageLength"):
            file.pages.first.tags[tag].overwrite(60_000)
    with pytest.raises(InvalidInput, match="at most 300 megapixels"):
        documents.read(path)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_a_float_picture_with_nan_is_refused(tmp_path, value, dtype) -> None:
    samples = np.full((8, 8, 3), 0.5, dtype)
    samples[3, 3, 1] = value
    tifffile.imwrite(tmp_path / "nan.tif", samples, photometric="rgb")
    with pytest.raises(InvalidInput, match="NaN or infinite"):
        documents.read(tmp_path / "nan.tif")


def test_colour_models_that_cannot_be_edited_are_refused_with_a_way_out(tmp_path) -> None:
    Image.new("CMYK", (8, 8)).save(tmp_path / "cmyk.jpg")
    Image.new("CMYK", (8, 8)).save(tmp_path / "cmyk.tif")
    cmyk = bytearray(INTACT["psd"])
    struct.pack_into(">H", cmyk, 24, 4)
    (tmp_path / "cmyk.psd").write_bytes(bytes(cmyk))
    for name in ("cmyk.jpg", "cmyk.tif", "cmyk.psd"):
        with pytest.raises(Unsupported, match="convert a copy to RGB"):
            documents.read(tmp_path / name)
    (tmp_path / "film.mp4").write_bytes(b"\0\0\0\x18ftypmp42")
    with pytest.raises(Unsupported, match="not a PNG, TIFF, JPEG, OpenRaster, PSD or Krita"):
        documents.read(tmp_path / "film.mp4")


def _jpeg_with(icc: bytes) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.full((16, 16, 3), 90, np.uint8)).save(file, "JPEG", icc_profile=icc)
    return file.getvalue()


def test_a_profile_that_cannot_be_the_pixels_is_ignored_and_named(tmp_path) -> None:
    gray = color.profile_bytes(Raster(1, 1, "Y", SampleType.U8, 255, "Gray Gamma 2.2", ""))
    rgb = color.profile_bytes(Raster(1, 1, "RGB", SampleType.U8, 255, "Adobe RGB (1998)", ""))
    cmyk = bytearray(rgb)
    cmyk[16:20] = b"CMYK"
    for name, icc, reason in [
        ("seven-bytes", b"profile", "7 bytes"),
        ("cut", rgb[:200], "ICC profile"),
        ("gray-on-rgb", gray, "a gray profile"),
        ("cmyk-on-rgb", bytes(cmyk), "CMYK"),
    ]:
        path = tmp_path / f"{name}.jpg"
        path.write_bytes(_jpeg_with(icc))
        document = documents.read(path)
        assert (document.profile, document.icc) == ("sRGB IEC61966-2.1", b""), name
        assert [note for note in document.notes if "colour profile" in note and reason in note], (name, document.notes)
        assert all("convert a copy" not in note and len(note) < 250 for note in document.notes)
    broken = encode_png(np.zeros((4, 4, 3), np.uint8), rgb)
    at = broken.index(b"iCCP") + 20
    (tmp_path / "packed.png").write_bytes(broken[:at] + bytes(8) + broken[at + 8 :])
    assert any("colour profile is damaged" in note for note in documents.read(tmp_path / "packed.png").notes)


def test_stray_bytes_before_a_marker_are_stepped_over(tmp_path) -> None:
    whole = INTACT["jpg"]
    at = whole.index(b"\xff\xdb")
    for stray in (b"\0", b"photo\0shop", bytes(16), b"\xff\xff\xff", b"\xff\0\x12"):
        path = tmp_path / "x.jpg"
        path.write_bytes(whole[:at] + stray + whole[at:])
        expected = np.asarray(Image.open(io.BytesIO(whole)))
        assert np.abs(documents.read(path).samples.astype(int) - expected).max() <= 2


@pytest.mark.parametrize("name", ["missing.png", "."])
def test_a_path_that_cannot_be_read_says_why(tmp_path, name) -> None:
    with pytest.raises(InvalidInput, match="it must be a file that can be read"):
        documents.read(tmp_path / name)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
