"""White is white whatever depth, layout or colour model a file has; what cannot be read so is refused by its name."""

import io
import struct
import zlib

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image
from skimage import data

from inlay import documents
from inlay.errors import InvalidInput, Unsupported


def packed_bits(codes: np.ndarray, bits: int) -> bytes:
    """Rows of codes, each code in `bits` bits, each row to a whole byte: as TIFF stores them."""
    return b"".join(
        np.packbits(np.array([int(bit) for code in row for bit in f"{code:0{bits}b}"], np.uint8)).tobytes()
        for row in codes
    )


def tiff(pixels: bytes, width: int, height: int, tags: dict[int, tuple[int, ...]]) -> bytes:
    """A TIFF of one strip from tags of SHORTs, by hand: no library here writes every depth."""
    entries = {256: (width,), 257: (height,), 259: (1,), 277: (1,), 278: (height,), **tags}
    head = 8 + 2 + 12 * (len(entries) + 2) + 4
    behind, directory = b"", []
    for code in sorted({**entries, 273: (), 279: ()}):
        if code in (273, 279):
            value = struct.pack("<I", 0 if code == 273 else len(pixels))
            directory.append([code, 4, 1, value])
            continue
        values = struct.pack(f"<{len(entries[code])}H", *entries[code])
        if len(values) > 4:
            values, behind = struct.pack("<I", head + len(behind)), behind + values
        directory.append([code, 3, len(entries[code]), values.ljust(4, b"\0")])
    for entry in directory:
        if entry[0] == 273:
            entry[3] = struct.pack("<I", head + len(behind))
    listed = b"".join(struct.pack("<HHI", *entry[:3]) + entry[3] for entry in directory)
    return struct.pack("<2sHIH", b"II", 42, 8, len(directory)) + listed + bytes(4) + behind + pixels


@pytest.mark.parametrize("white_is_zero", [False, True])
@pytest.mark.parametrize("bits", [2, 3, 4, 5, 6, 7, 10, 12, 14])
def test_codes_of_any_depth_reach_from_black_to_white(tmp_path, bits, white_is_zero) -> None:
    top = 2**bits - 1
    codes = np.resize(np.linspace(0, top, 40).round().astype(int), (6, 40))
    path = tmp_path / "x.tif"
    path.write_bytes(tiff(packed_bits(codes, bits), 40, 6, {258: (bits,), 262: (0 if white_is_zero else 1,)}))

    samples = documents.read(path).samples[..., 0]

    white = 255 if bits <= 8 else 65_535
    shown = (top - codes if white_is_zero else codes) / top
    assert samples.dtype == (np.uint8 if bits <= 8 else np.uint16)
    assert np.abs(samples - shown * white).max() <= 0.5
    assert (samples.min(), samples.max()) == (0, white)


def test_a_jpeg_of_twelve_bits_reaches_from_black_to_white(tmp_path) -> None:
    ramp = np.resize(np.linspace(0, 4095, 64).round().astype(np.uint16), (32, 64))
    path = tmp_path / "x.jpg"
    path.write_bytes(imagecodecs.jpeg8_encode(ramp, level=100, bitspersample=12))

    samples = documents.read(path).samples[..., 0]

    assert samples.dtype == np.uint16
    assert np.abs(samples / 65_535 - ramp / 4095).max() < 0.01


def test_a_tiff_of_twelve_bits_in_jpeg_or_of_mixed_depths_reaches_white(tmp_path) -> None:
    ramp = np.resize(np.linspace(0, 4095, 64).round().astype(np.uint16), (32, 64))
    tifffile.imwrite(tmp_path / "jpeg.tif", ramp, compression="jpeg", compressionargs={"level": 100})
    assert np.abs(documents.read(tmp_path / "jpeg.tif").samples[..., 0] / 65_535 - ramp / 4095).max() < 0.01
    white = struct.pack("<H", 0xFFFF) * 32
    (tmp_path / "565.tif").write_bytes(tiff(white, 8, 4, {258: (5, 6, 5), 262: (2,), 277: (3,)}))
    assert (documents.read(tmp_path / "565.tif").samples == 255).all()


def test_one_bit_palette_and_ycbcr_tiffs_show_what_other_readers_show(tmp_path) -> None:
    photo = Image.fromarray(data.astronaut()[:96, 100:220])
    for name, image, options in [
        ("one-bit", photo.convert("1"), {}),
        ("fax", photo.convert("1"), {"compression": "group4"}),
        ("palette", photo.quantize(64), {}),
        ("packed", photo.quantize(16), {"compression": "packbits"}),
        ("jpeg", photo, {"compression": "jpeg"}),
        ("gray", photo.convert("L"), {"compression": "tiff_lzw"}),
    ]:
        path = tmp_path / f"{name}.tif"
        image.save(path, **options)
        read = documents.read(path).samples
        expected = np.asarray(Image.open(path).convert("RGB"))
        assert np.array_equal(np.broadcast_to(read, expected.shape), expected), name


def test_subsampled_ycbcr_without_jpeg_shows_its_colours(tmp_path) -> None:
    """Four luma samples to a pair of chroma samples: here one colour, whose RGB BT.601 gives."""
    width = height = 8
    block = bytes([150] * 4 + [110, 160])
    path = tmp_path / "x.tif"
    tags = {258: (8, 8, 8), 262: (6,), 277: (3,), 530: (2, 2)}
    path.write_bytes(tiff(block * (width * height // 4), width, height, tags))

    samples = documents.read(path).samples

    red, green, blue = 150 + 1.402 * 32, 150 - 0.344 * -18 - 0.714 * 32, 150 + 1.772 * -18
    assert samples.shape == (height, width, 3)
    assert np.abs(samples - np.array([red, green, blue])).max() <= 2


def test_premultiplied_alpha_is_divided_out_and_said(tmp_path) -> None:
    colors = data.astronaut()[:32, 100:140].astype(np.float64)
    alpha = np.linspace(0.2, 1, 40)[None, :, None] * np.ones((32, 1, 1))
    stored = np.rint(np.concatenate([colors * alpha, alpha * 255], -1)).astype(np.uint8)
    tifffile.imwrite(tmp_path / "x.tif", stored, photometric="rgb", extrasamples=["assocalpha"])

    document = documents.read(tmp_path / "x.tif")

    assert np.array_equal(document.samples[..., 3], stored[..., 3])
    assert np.abs(document.samples[..., :3] - colors).max() <= 0.5 / 0.19 + 0.5
    assert any("premultiplied" in note for note in document.notes)


def test_a_volume_and_thousands_of_samples_a_pixel_are_refused_before_they_are_unpacked(tmp_path) -> None:
    tifffile.imwrite(tmp_path / "volume.tif", np.zeros((16, 32, 32), np.uint8), volumetric=True, tile=(16, 16, 16))
    with pytest.raises(Unsupported, match=r"TIFF volumes \(ImageDepth 16\)"):
        documents.read(tmp_path / "volume.tif")
    strip = zlib.compress(bytes(4))
    header = {258: (8,), 259: (8,), 262: (1,), 277: (3000,), 284: (1,)}
    (tmp_path / "many.tif").write_bytes(tiff(strip, 16_000, 16_000, header))
    with pytest.raises(InvalidInput, match="a TIFF of 3000 samples a pixel"):
        documents.read(tmp_path / "many.tif")


@pytest.mark.parametrize(
    ("dtype", "words"),
    [("int16", "16 bit signed integers"), ("uint32", "32 bit integers"), ("float64", "64 bit floats")],
)
def test_kinds_of_samples_that_cannot_be_edited_are_named_in_words(tmp_path, dtype, words) -> None:
    tifffile.imwrite(tmp_path / "x.tif", np.zeros((8, 8), dtype))
    with pytest.raises(Unsupported, match=f"TIFF files of {words} cannot be edited; save 8, 16 or 32 bit float"):
        documents.read(tmp_path / "x.tif")


def test_a_mask_of_one_bit_selects_wholly(tmp_path) -> None:
    from inlay.region import Size

    selected = np.indices((20, 30)).sum(0) % 2 == 0
    buffer = io.BytesIO()
    Image.fromarray(selected).save(buffer, "TIFF")
    (tmp_path / "mask.tif").write_bytes(buffer.getvalue())
    assert np.array_equal(documents.read_mask(tmp_path / "mask.tif", Size(30, 20)), np.where(selected, 255, 0))
