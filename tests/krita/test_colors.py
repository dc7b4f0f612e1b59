"""Colours as people write them, and as Krita has them: what the recipe gets is the colour that was meant."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms
from skimage.color import deltaE_ciede2000

from krita.driver import Krita
from krita.photo import grainy, soft, write

BLACK_POINT = 0x2000
"""Little CMS's flag: Krita maps black to black."""

INKS = [(0, 80, 95, 0), (100, 60, 0, 10), (20, 0, 40, 30)]


@pytest.mark.parametrize("inks", INKS, ids=str)
def test_inks_become_the_colour_that_kritas_profile_for_print_gives_them(real_krita: Krita, inks: tuple[int, ...]):
    seen = real_krita.script(
        "colors/inks_become_the_colour_that_kritas_profile_for_print_gives_them",
        inks=inks,
    )
    files = [
        file
        for folder in ("/usr/share/color/icc/krita", "/usr/share/color/icc")
        for file in Path(folder).rglob("*.ic[cm]")
        if ImageCms.getProfileDescription(ImageCms.getOpenProfile(str(file))).strip() == seen["profile"]
    ]
    if not files:
        pytest.skip(f"the file of the profile {seen['profile']} was not found")
    pixel = Image.new("CMYK", (1, 1), tuple(round(255 * ink / 100) for ink in inks))
    profile = ImageCms.ImageCmsProfile(io.BytesIO(files[0].read_bytes()))
    lab = ImageCms.profileToProfile(
        pixel, profile, ImageCms.createProfile("LAB"), outputMode="LAB", renderingIntent=1, flags=BLACK_POINT
    )
    raw = np.asarray(lab, np.uint8)[0, 0].astype(float)
    expected = [raw[0] * 100 / 255, *(np.asarray(lab, np.int8)[0, 0, 1:].astype(float))]
    found = [float(part) for part in seen["read"].removeprefix("lab(").removesuffix(")").split(",")]
    assert deltaE_ciede2000(found, expected) < 1, (found, expected)


WRITTEN = {
    "#1F7A4E": "#1F7A4E",
    "1f7a4e": "#1F7A4E",
    "rgb(31, 122, 78)": "#1F7A4E",
    "lab(45.18, -36.55, 17.39)": "#1F7A4E",
}


@pytest.mark.parametrize("written", WRITTEN)
def test_a_result_has_the_colour_however_it_was_written(real_krita: Krita, tmp_path: Path, written: str):
    seen = real_krita.script(
        "colors/a_result_has_the_colour_however_it_was_written",
        written=written,
        pixels=write(grainy(300, 220, "RGBA", "U16"), tmp_path / "pixels"),
        mask=write(soft(300, 220, (150, 100), 40, 1), tmp_path / "mask"),
    )
    assert seen["delta_e"] < 1, seen


def test_a_colour_is_taken_from_the_brush_and_from_a_palette(real_krita: Krita, tmp_path: Path):
    seen = real_krita.script(
        "colors/a_colour_is_taken_from_the_brush_and_from_a_palette",
        pixels=write(grainy(300, 220, "RGBA", "U8"), tmp_path / "pixels"),
    )
    assert seen["brush"] == "#1F7A4E"
    assert seen["palettes"] > 0
    assert seen["taken"] == seen["shown"]
