"""`inlay style`, `inlay brand` and `inlay edit --verb structure` as a studio uses them, and what is refused."""

import zipfile
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation
from skimage import feature
from skimage.color import rgb2gray

from cli.conftest import Run, Serving
from support.lab import lab_d50, share_within

pytestmark = pytest.mark.slow

GPL = """GIMP Palette
Name: House
#
 27 94 32\tLeaf
224 98 27\tOrange
"""


def test_a_palette_becomes_a_style_and_a_photo_is_held_against_it_by_its_name(
    inlay: Run, server: Serving, pixels: NDArray[np.uint8], tmp_path: Path
) -> None:
    palette = tmp_path / "house.gpl"
    palette.write_text(GPL)
    at = ("--data", server.data)
    brought = inlay("style", "import", palette, *at)
    assert brought.code == 0, brought.err
    assert "imported house" in brought.out
    (style,) = [one for one in inlay("style", "list", "--json", *at).json if one["id"] == "house"]
    assert [(one["name"], one["color"].upper()) for one in style["colors"]] == [
        ("Leaf", "#1B5E20"),
        ("Orange", "#E0621B"),
    ]

    patched = pixels.copy()
    patched[:40, :96] = (224, 98, 27)
    file = tmp_path / "ad.png"
    file.write_bytes(imagecodecs.png_encode(patched))
    targets = [lab_d50(np.array([[rgb]], np.uint8))[0, 0] for rgb in ((27, 94, 32), (224, 98, 27))]
    share, each = share_within(patched, targets)
    held = inlay("brand", file, "--style", "house", "--least", "0.9", "--json", *at)
    assert held.code == 1, "it is less: for a check in a pipeline"
    assert held.json["share"] == pytest.approx(share, abs=5e-4)
    assert held.json["shares"] == pytest.approx(each, abs=5e-4)
    assert share > 0.1

    (server.data / "styles.toml").write_text("[styles.x]\nstrength = 7\n")
    wrong = inlay("style", "check", *at)
    (server.data / "styles.toml").unlink()
    assert wrong.code != 0
    assert "line 2" in wrong.err + wrong.out


def test_what_is_kept_comes_as_a_layer_and_a_file_that_holds_none_is_refused(
    inlay: Run, server: Serving, photo: Path, pixels: NDArray[np.uint8], tmp_path: Path
) -> None:
    out = tmp_path / "edges.ora"
    asked = ("edit", photo, "--verb", "structure", "--structure", "edges", "--data", server.data)
    said = inlay(*asked, "--out", out, "--json")
    assert said.code == 0, said.err
    assert len(said.json["layers"]) == 1
    with zipfile.ZipFile(out) as packed:
        layers = [imagecodecs.png_decode(packed.read(name)) for name in packed.namelist() if name.startswith("data/")]
    assert any(np.array_equal(one[..., :3], pixels) for one in layers), "the photo lies below it, untouched"
    (drawn,) = [one for one in layers if not np.array_equal(one[..., :3], pixels)]
    lines = (drawn[..., :3].min(axis=-1) > 128) & (drawn[..., -1] > 128)
    edges = binary_dilation(feature.canny(rgb2gray(pixels), sigma=1.4), iterations=2)
    assert lines.mean() > 0.01
    assert edges[lines].mean() > 0.8, "light where another implementation finds edges"
    flat = inlay(*asked, "--out", tmp_path / "edges.png")
    assert flat.code != 0
    assert ".ora or .psd" in flat.err
