"""`inlay upscale` for real files: read back by Pillow and tifffile, brought back to their size by NumPy."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image
from skimage import data

from cli.conftest import Run, Serving


def test_a_16_bit_tiff_is_enlarged_and_says_the_same_of_itself(inlay: Run, server: Serving, tmp_path: Path) -> None:
    photo = (data.astronaut()[40:120, 160:280].astype(np.uint16) * 257) // 2
    tifffile.imwrite(tmp_path / "in.tif", photo, photometric="rgb", resolution=(240, 240), resolutionunit="INCH")
    said = inlay(
        "upscale", tmp_path / "in.tif", "--scale", "4x", "--out", tmp_path / "out.tif", "--json", "--data", server.data
    )
    assert said.code == 0, said.err
    assert (said.json["size"], said.json["model"]) == ([480, 320], "lanczos")
    with tifffile.TiffFile(tmp_path / "out.tif") as file:
        larger = file.asarray()
        assert file.pages[0].tags["XResolution"].value == (240, 1)
    assert (larger.shape, larger.dtype) == ((320, 480, 3), np.uint16)
    linear = np.where(larger <= 0.04045 * 65535, larger / 65535 / 12.92, ((larger / 65535 + 0.055) / 1.055) ** 2.4)
    means = linear.reshape(80, 4, 120, 4, 3).mean((1, 3))
    small = np.where(means <= 0.0031308, means * 12.92, 1.055 * means ** (1 / 2.4) - 0.055) * 65535
    assert np.quantile(np.abs(small - photo), 0.999) <= 0.6 * 257


@pytest.mark.slow
def test_a_part_of_a_png_is_enlarged_alone(
    inlay: Run, server: Serving, photo: Path, mask: Path, tmp_path: Path
) -> None:
    with Image.open(mask) as given:
        left, top, right, bottom = given.convert("L").getbbox()
    said = inlay("upscale", photo, "--mask", mask, "--out", tmp_path / "part.png", "--data", server.data)
    assert said.code == 0, said.err
    with Image.open(tmp_path / "part.png") as part:
        assert part.size == (2 * (right - left), 2 * (bottom - top))
