"""`inlay marks` for real files: what is drawn is painted, and psd-tools sees a layer with its own mask for each colour."""

from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from psd_tools import PSDImage
from skimage import data

from cli.conftest import Run, Serving
from support.scribbles import Sheet

pytestmark = pytest.mark.slow

WIDTH, HEIGHT = 200, 150


def files_of(tmp_path: Path) -> tuple[Path, Path, np.ndarray]:
    """A grey 16-bit photo and an 8-bit drawing."""
    grey = np.asarray(data.camera())[100 : 100 + HEIGHT, 80 : 80 + WIDTH].astype(np.uint16) * 257
    picture = np.repeat(grey[..., None], 3, axis=2)
    sheet = Sheet(WIDTH, HEIGHT)
    sheet.circle((60, 60), 30, 30, "#E02020", 4)
    sheet.line([(120, 100), (170, 120)], "#20C040", 10)
    photo, drawing = tmp_path / "photo.png", tmp_path / "marks.png"
    photo.write_bytes(imagecodecs.png_encode(picture))
    drawing.write_bytes(imagecodecs.png_encode(np.rint(255 * sheet.rgba).astype(np.uint8)))
    return photo, drawing, picture


def test_each_colour_is_a_layer_of_the_psd_with_its_own_mask_and_all_else_is_the_photo(
    inlay: Run, server: Serving, tmp_path: Path
) -> None:
    photo, drawing, picture = files_of(tmp_path)
    out = tmp_path / "out.psd"
    said = inlay("marks", photo, drawing, "--out", out, "--tier", "draft", "--json", "--data", server.data)
    assert said.code == 0, said.err
    assert said.json["layers"] == ["Mark 1", "Mark 2"]
    psd = PSDImage.open(out)
    groups = [layer for layer in psd if layer.is_group()]
    assert [layer.name for layer in groups] == ["Mark 1", "Mark 2"]
    open_to = np.zeros((HEIGHT, WIDTH), np.bool_)
    for layer in groups:
        mask = layer.mask
        assert mask is not None
        assert mask.background_color == 0
        values = np.asarray(mask.topil())
        assert values.max() == 255
        open_to[mask.top : mask.bottom, mask.left : mask.right] |= values > 0
    assert open_to[60, 60]
    assert not open_to[:20].any()
    merged = psd.numpy()[..., :3]
    changed = np.abs(merged - picture / 65535).max(axis=-1) > 1e-6
    assert changed.sum() > 800
    assert not changed[~open_to].any()


def test_a_drawing_of_another_size_or_without_transparency_is_refused_by_name(inlay: Run, tmp_path: Path) -> None:
    photo, *_ = files_of(tmp_path)
    small = tmp_path / "small.png"
    small.write_bytes(imagecodecs.png_encode(np.zeros((10, 10, 4), np.uint8)))
    said = inlay("marks", photo, small, "--out", tmp_path / "out.ora")
    assert said.code == 2
    assert "it must be 200 x 150" in said.err
    said = inlay("marks", photo, photo, "--out", tmp_path / "out.ora")
    assert said.code == 2
    assert "transparent" in said.err
