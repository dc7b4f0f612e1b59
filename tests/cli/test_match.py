"""`inlay match` for real files: a cut-out takes the photo's grain; read back by Pillow."""

import io
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from psd_tools import PSDImage

from cli.conftest import Run, Serving
from inlay import documents


@pytest.mark.slow
def test_a_cut_out_takes_the_photos_grain_and_keeps_its_alpha(inlay: Run, server: Serving, tmp_path: Path) -> None:
    noise = cv2.GaussianBlur(np.random.default_rng(1).normal(0, 1, (240, 260, 3)), (0, 0), 1.0)
    photo = np.rint(np.clip(120 + 8 * noise / noise.std(), 0, 255)).astype(np.uint8)
    y, x = np.mgrid[0:160, 0:170]
    alpha = np.rint(255 * np.clip((70 - np.hypot(x - 85, y - 80)) / 2, 0, 1)).astype(np.uint8)
    Image.fromarray(photo).save(tmp_path / "photo.png")
    Image.fromarray(np.dstack([np.full((160, 170, 3), 130, np.uint8), alpha])).save(tmp_path / "cut.png")
    arguments = ("match", tmp_path / "photo.png", tmp_path / "cut.png", "--at", "40,30", "--data", server.data)
    said = inlay(*arguments, "--out", tmp_path / "new.png", "--json")
    assert said.code == 0, said.err
    assert said.json["found"]["belongs"] is False
    new = np.asarray(Image.open(tmp_path / "new.png"))
    assert new.shape == (240, 260, 4)
    assert np.array_equal(new[30:190, 40:210, 3], alpha)
    assert 6 < new[60:160, 80:170, :3].std() < 11
    left = inlay(
        *arguments,
        "--out",
        tmp_path / "left.png",
        "--grain",
        0,
        "--sharpness",
        0,
        "--fringe",
        0,
        "--light",
        0,
        "--color",
        0,
    )
    assert left.code == 0, left.err
    assert (np.asarray(Image.open(tmp_path / "left.png"))[60:160, 80:170, :3] == 130).all()


def test_a_picture_without_alpha_is_no_cut_out(inlay: Run, photo: Path, tmp_path: Path) -> None:
    said = inlay("match", photo, photo, "--out", tmp_path / "new.png")
    assert said.code == 2
    assert "a pasted layer has alpha" in said.err


def pasted() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A grainy photo, 260 x 240, and a smooth disc, 170 x 160, that lies on it at 40, 30."""
    noise = cv2.GaussianBlur(np.random.default_rng(1).normal(0, 1, (240, 260, 3)), (0, 0), 1.0)
    photo = np.rint(np.clip(120 + 8 * noise / noise.std(), 0, 255)).astype(np.uint8)
    y, x = np.mgrid[0:160, 0:170]
    alpha = np.rint(255 * np.clip((70 - np.hypot(x - 85, y - 80)) / 2, 0, 1)).astype(np.uint8)
    return photo, np.dstack([np.full((160, 170, 3), 130, np.uint8), alpha])


def _psd(path: Path) -> None:
    photo, disc = pasted()
    made = PSDImage.new("RGB", (260, 240))
    made.create_pixel_layer(Image.fromarray(photo), name="Photo")
    made.create_pixel_layer(Image.fromarray(disc), name="Disc", left=40, top=30)
    made.create_pixel_layer(Image.fromarray(disc[:40, :40]), name="Above", left=5, top=5)
    made.save(path)


def _ora(path: Path) -> None:
    photo, disc = pasted()
    rows = (("Above", disc[:40, :40], 5, 5), ("Disc", disc, 40, 30), ("Photo", photo, 0, 0))
    told = "".join(f'<layer name="{name}" src="data/{name}.png" x="{x}" y="{y}"/>' for name, _, x, y in rows)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "image/openraster")
        archive.writestr("stack.xml", f'<image version="0.0.6" w="260" h="240"><stack>{told}</stack></image>')
        for name, pixels, _, _ in rows:
            with archive.open(f"data/{name}.png", "w") as file:
                Image.fromarray(pixels).save(file, "PNG")


class _Layer(NamedTuple):
    """pixels: on the canvas."""

    name: str
    visible: bool
    pixels: NDArray[np.uint8]


def _layers(path: Path) -> list[_Layer]:
    """The uppermost first; by psd-tools, or by Pillow."""

    def layer(name: str, visible: bool, x: int, y: int, picture: Image.Image) -> _Layer:
        canvas = Image.new("RGBA", (260, 240))
        canvas.paste(picture.convert("RGBA"), (x, y))
        return _Layer(name, visible, np.asarray(canvas))

    if path.suffix == ".psd":
        made = [layer(one.name, one.visible, one.left, one.top, one.topil()) for one in PSDImage.open(path)]
        return made[::-1]
    with zipfile.ZipFile(path) as archive:
        root = ElementTree.fromstring(archive.read("stack.xml"))
        return [
            layer(
                one.get("name", ""),
                one.get("visibility") != "hidden",
                int(one.get("x", 0)),
                int(one.get("y", 0)),
                Image.open(io.BytesIO(archive.read(one.get("src", "")))),
            )
            for one in root.iter("layer")
        ]


@pytest.mark.slow
@pytest.mark.parametrize(("suffix", "make"), [(".psd", _psd), (".ora", _ora)])
def test_a_layer_of_a_file_is_matched_above_the_hidden_original(
    inlay: Run, server: Serving, tmp_path: Path, suffix: str, make: Callable[[Path], None]
) -> None:
    source, new = tmp_path / f"layered{suffix}", tmp_path / f"new{suffix}"
    make(source)
    said = inlay("match", source, "--layer", "Disc", "--data", server.data, "--out", new)
    assert said.code == 0, said.err
    before, after = _layers(source), _layers(new)
    assert [(one.name, one.visible) for one in after if one.name != "Disc"] == [("Above", True), ("Photo", True)]
    above, hidden = after[1], after[2]
    assert (above.visible, hidden.visible) == (True, False)
    assert np.array_equal(hidden.pixels, before[1].pixels)
    assert np.array_equal(above.pixels[..., 3], hidden.pixels[..., 3])
    assert 6 < above.pixels[60:160, 80:170, :3].std() < 11
    assert np.array_equal(after[0].pixels, before[0].pixels)
    assert np.array_equal(after[3].pixels, before[2].pixels)
    shown = np.asarray(documents.read(new).samples)[..., :3]
    assert np.array_equal(shown[60:150, 80:150], above.pixels[60:150, 80:150, :3])
    assert np.array_equal(shown[200:], pasted()[0][200:])


def test_a_layer_that_is_not_there_is_named_with_those_that_are(inlay: Run, tmp_path: Path) -> None:
    _ora(tmp_path / "layered.ora")
    said = inlay("match", tmp_path / "layered.ora", "--layer", "Dish", "--out", tmp_path / "new.ora")
    assert said.code == 2
    assert "no such layer outside groups, but 'Above', 'Disc', 'Photo'" in " ".join(said.err.split())
