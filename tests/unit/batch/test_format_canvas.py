"""A master's layers on a format's canvas, cropped and grown at once: each pixel as it was, read by other programs' readers."""

import struct
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage

from inlay import documents
from inlay.batch.formats import apply, missing
from inlay.documents.png import encode_png
from inlay.formats import Format, Framing, framing
from inlay.region import Rect
from support.layered_ora import SIZE, layered_ora
from support.psd_parts import parts_of, resource, with_resources


@pytest.fixture(params=["uint8", "uint16"])
def ora(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "master.ora"
    path.write_bytes(layered_ora(request.param))
    return path


@pytest.fixture
def psd(ora: Path) -> Path:
    documents.write(ora.with_suffix(".psd"), documents.read(ora), [])
    return ora.with_suffix(".psd")


def _story(document: documents.Document) -> Framing:
    """Higher than the master, and of its width no more than a part."""
    found = framing(document.size, Rect(120, 0, 60, 200), Format.parse("story"))
    assert found.margins.top
    assert found.margins.bottom
    assert found.crop.x > 0
    assert found.crop.right < SIZE[0]
    return found


def test_an_openraster_keeps_its_layers_byte_for_byte_at_their_pixels(ora: Path, tmp_path: Path) -> None:
    document = documents.read(ora)
    found = _story(document)
    documents.write(tmp_path / "story.ora", apply(document, found), [])

    with zipfile.ZipFile(ora) as before, zipfile.ZipFile(tmp_path / "story.ora") as after:
        old, new = (ElementTree.fromstring(one.read("stack.xml")) for one in (before, after))
        for was, now in zip(old.iter("layer"), new.iter("layer"), strict=True):
            assert after.read(now.get("src", "")) == before.read(was.get("src", ""))
            assert int(now.get("x", "")) == int(was.get("x", "")) - found.crop.x
            assert int(now.get("y", "")) == int(was.get("y", "")) - found.crop.y
        assert (int(new.get("w", "")), int(new.get("h", ""))) == found.crop.size


def test_a_psd_keeps_its_layers_at_their_pixels(psd: Path, tmp_path: Path) -> None:
    document = documents.read(psd)
    found = _story(document)
    documents.write(tmp_path / "story.psd", apply(document, found), [])

    before, after = (
        [layer for layer in PSDImage.open(path).descendants() if not layer.is_group()]
        for path in (psd, tmp_path / "story.psd")
    )
    assert [layer.name for layer in before] == [layer.name for layer in after]
    for was, now in zip(before, after, strict=True):
        assert now.bbox == tuple(np.subtract(was.bbox, (found.crop.x, found.crop.y) * 2))
    raw = [[pixels for *_, pixels in parts_of(path.read_bytes()).layers] for path in (psd, tmp_path / "story.psd")]
    assert raw[0] == raw[1]
    assert PSDImage.open(tmp_path / "story.psd").size == found.crop.size


@pytest.mark.parametrize("suffix", [".psd", ".ora", ".png"])
def test_what_is_shown_is_the_masters_own_pixels(psd: Path, tmp_path: Path, suffix: str) -> None:
    document = documents.read(psd)
    found = _story(document)
    documents.write(tmp_path / f"story{suffix}", apply(document, found), [])

    shown = documents.read(tmp_path / f"story{suffix}").samples
    inside = found.crop.intersection(document.size.bounds)
    assert np.array_equal(shown[found.canvas.slices], document.samples[inside.slices])
    assert not shown[missing(found) > 0][..., -1].any()


def test_a_format_of_the_same_size_elsewhere_is_not_the_master(psd: Path, tmp_path: Path) -> None:
    document = documents.read(psd)
    found = framing(document.size, Rect(0, 0, 1, 1), Format.of("own", {"size": list(SIZE), "safe": [0, 0, 0, 0.1]}))
    assert found.crop == Rect(-24, 0, *SIZE)
    documents.write(tmp_path / "moved.psd", apply(document, found), [])

    moved, before = PSDImage.open(tmp_path / "moved.psd"), PSDImage.open(psd)
    assert [layer.left for layer in moved if not layer.is_group()] == [
        layer.left + 24 for layer in before if not layer.is_group()
    ]
    assert np.array_equal(np.asarray(moved.topil())[:, 24:], np.asarray(before.topil())[:, :-24])


def test_a_crop_alone_stays_as_opaque_as_its_master(tmp_path: Path) -> None:
    samples = np.random.default_rng(3).integers(0, 256, (90, 160, 3), np.uint8)
    (tmp_path / "flat.png").write_bytes(encode_png(samples))
    document = documents.read(tmp_path / "flat.png")
    found = framing(document.size, Rect(100, 20, 20, 20), Format.parse("1:1"))
    documents.write(tmp_path / "square.png", apply(document, found), [])

    shown = Image.open(tmp_path / "square.png")
    assert shown.mode == "RGB"
    assert np.array_equal(np.asarray(shown), samples[:, 65:155])


def test_guides_stay_at_their_pixels_and_those_beyond_the_canvas_are_gone(psd: Path, tmp_path: Path) -> None:
    """In 32nds of a px; direction 0 is vertical, so its place is across."""
    lines = [(10, 0), (150, 0), (239, 0), (100, 1)]
    guides = struct.pack(">IIII", 1, 576, 576, 4) + b"".join(struct.pack(">IB", 32 * at, way) for at, way in lines)
    psd.write_bytes(with_resources(psd.read_bytes(), resource(1032, guides)))
    document = documents.read(psd)
    found = _story(document)
    documents.write(tmp_path / "story.psd", apply(document, found), [])

    block = parts_of((tmp_path / "story.psd").read_bytes()).resources[1032]
    assert block == resource(
        1032,
        struct.pack(">IIII", 1, 576, 576, 2)
        + struct.pack(">IB", 32 * (150 - found.crop.x), 0)
        + struct.pack(">IB", 32 * (100 - found.crop.y), 1),
    )
