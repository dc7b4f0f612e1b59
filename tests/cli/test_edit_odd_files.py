"""What `inlay edit` says of odd files: notes for what was left out, sentences for what is refused, and nothing else on stderr."""

import io
import struct
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from cli.conftest import Run, Serving

pytestmark = pytest.mark.slow


def _with_exif(path: Path, pixels: NDArray[np.uint8]) -> None:
    exif = Image.Exif()
    exif[271] = "Maker"
    Image.fromarray(pixels).save(path, "JPEG", exif=exif)


def _interlaced(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Adam7: the seven passes of a gray picture, each its own small picture."""
    import zlib

    gray = pixels[..., 0]
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    rows = b"".join(
        b"\0" + row.tobytes() for top, left, down, across in passes for row in gray[top::down, left::across]
    )

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", gray.shape[1], gray.shape[0], 8, 0, 0, 0, 1)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + data)


def _pages(path: Path, pixels: NDArray[np.uint8]) -> None:
    with tifffile.TiffWriter(path) as writer:
        for _ in range(2):
            writer.write(pixels, photometric="rgb", metadata=None)


def _broken_profile(path: Path, pixels: NDArray[np.uint8]) -> None:
    Image.fromarray(pixels).save(path, "JPEG", icc_profile=b"profile")


READ = {
    "exif.jpg": (_with_exif, None),
    "interlaced.png": (_interlaced, None),
    "pages.tif": (_pages, "only the first page was read; 1 more"),
    "profile.jpg": (_broken_profile, "the file's colour profile cannot be its pixels'"),
}


@pytest.mark.parametrize("name", READ)
def test_an_odd_file_is_edited_without_a_word_on_stderr(
    name: str, inlay: Run, server: Serving, pixels: NDArray[np.uint8], mask: Path, tmp_path: Path
) -> None:
    make, note = READ[name]
    make(tmp_path / name, pixels)
    edit = ("edit", tmp_path / name, "--mask", mask, "--verb", "erase", "--out", tmp_path / "out.psd")

    said = inlay(*edit, "--data", server.data, "--json")

    assert (said.code, said.err) == (0, "")
    assert note is None or any(note in told for told in said.json["notes"])


def _signed(path: Path, pixels: NDArray[np.uint8]) -> None:
    tifffile.imwrite(path, pixels.astype(np.int32), photometric="rgb")


def _cut(path: Path, pixels: NDArray[np.uint8]) -> None:
    file = io.BytesIO()
    tifffile.imwrite(file, pixels, photometric="rgb", compression="lzw")
    path.write_bytes(file.getvalue()[: len(file.getvalue()) // 2])


def _bad_version(path: Path, pixels: NDArray[np.uint8]) -> None:
    path.write_bytes(b"8BPS" + struct.pack(">H6xHIIHH", 9, 3, 192, 192, 8, 3) + bytes(40))


def _huge(path: Path, pixels: NDArray[np.uint8]) -> None:
    tifffile.imwrite(path, pixels[..., 0], compression="adobe_deflate")
    with tifffile.TiffFile(path, mode="r+b") as file:
        file.pages.first.tags["SamplesPerPixel"].overwrite(60_000)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (_signed, "TIFF files of 32 bit signed integers cannot be edited"),
        (_cut, "it must be an intact tiff file"),
        (_bad_version, "its version is 9; 1 (PSD) and 2 (PSB) are known"),
        (_huge, "a TIFF of 60000 samples a pixel"),
    ],
)
def test_a_refused_file_gets_one_sentence_in_plain_words(
    make, sentence: str, inlay: Run, server: Serving, pixels: NDArray[np.uint8], mask: Path, tmp_path: Path
) -> None:
    make(tmp_path / "odd", pixels)
    edit = ("edit", tmp_path / "odd", "--mask", mask, "--verb", "erase", "--out", tmp_path / "out.psd")

    said = inlay(*edit, "--data", server.data)

    assert said.code == 2, said.err
    assert sentence in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert not any(word in said.err for word in ("Attribute(", "dtype", "allocate", "None", "array", "Error:"))


def test_expanding_a_psd_keeps_its_layers(
    inlay: Run, server: Serving, pixels: NDArray[np.uint8], tmp_path: Path
) -> None:
    from psd_tools import PSDImage

    psd = PSDImage.new("RGB", (192, 192))
    psd.create_pixel_layer(Image.fromarray(pixels), name="photo")
    psd.create_pixel_layer(Image.fromarray(pixels[:40, :40]), name="sticker", top=5, left=6)
    psd.save(tmp_path / "photo.psd")
    out = tmp_path / "out.psd"
    expand = ("edit", tmp_path / "photo.psd", "--verb", "expand", "--margins", "16,0,0,0", "--out", out)

    said = inlay(*expand, "--data", server.data)

    layers = list(PSDImage.open(out))
    assert said.code == 0, said.err
    assert [layer.name for layer in layers[:2]] == ["photo", "sticker"]
    assert [layer.bbox[:2] for layer in layers[:2]] == [(16, 0), (22, 5)]
    assert layers[2].is_group()


def test_imagecodecs_is_the_reader_of_png(tmp_path: Path) -> None:
    """The interlaced file of these tests is one that an independent reader understands."""
    pixels = np.arange(192 * 192 * 3, dtype=np.uint32).reshape(192, 192, 3).astype(np.uint8)
    _interlaced(tmp_path / "x.png", pixels)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "x.png")), pixels[..., 0])
    assert imagecodecs.png_check((tmp_path / "x.png").read_bytes())
