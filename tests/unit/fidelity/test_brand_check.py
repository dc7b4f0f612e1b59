"""How a picture keeps to a brand, held against CIEDE2000 and CIELab as scikit-image has them."""

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import color as skimage_color
from skimage import data

from inlay.color.raster import Raster, SampleType
from inlay.edit.brand_check import check_samples
from inlay.errors import InvalidInput
from inlay.recipe import NamedColor
from support.lab import lab_d50, share_within

KIT = (
    NamedColor("Orange", "#E0621B"),
    NamedColor("Night", "#101828"),
    NamedColor("Skin", "rgb(203, 158, 132)"),
    NamedColor("Blue", "lab(32, 40, -75)"),
    NamedColor("Grey", "#808080"),
    NamedColor("Own", "document(0.9, 0.88, 0.86)"),
)


def raster(samples: NDArray[np.generic], order: str = "RGB") -> Raster:
    height, width = samples.shape[:2]
    return Raster(width, height, order, SampleType.U8, 255, "sRGB-elle-V2-srgbtrc.icc", "0" * 64)


def told(codes: NDArray[np.uint8], kit: tuple[NamedColor, ...]) -> tuple[float, list[float]]:
    """By scikit-image alone: the share within 2 of any, and of those nearest to each."""
    spelled = {
        "Orange": (224, 98, 27),
        "Night": (16, 24, 40),
        "Skin": (203, 158, 132),
        "Grey": (128, 128, 128),
    }
    targets = []
    for one in kit:
        if one.name in spelled:
            targets.append(lab_d50(np.array([[spelled[one.name]]], np.uint8))[0, 0])
        elif one.name == "Blue":
            targets.append(np.array([32.0, 40.0, -75.0]))
        else:
            targets.append(lab_d50(np.array([[(0.9, 0.88, 0.86)]]))[0, 0])
    return share_within(codes, targets)


@pytest.mark.parametrize("picture", ["astronaut", "coffee", "cat"])
def test_the_shares_are_those_of_another_implementation(picture: str) -> None:
    codes = getattr(data, picture)()
    share, shares = told(codes, KIT)
    found = check_samples(codes, raster(codes), KIT)
    assert found.pixels == codes.shape[0] * codes.shape[1]
    assert found.share == pytest.approx(share, abs=5e-4)
    assert found.shares == pytest.approx(shares, abs=5e-4)
    assert share > 0, "there is something to find"


@pytest.mark.parametrize("blue", [(0, 0, 255), (30, 20, 200), (255, 255, 0), (255, 0, 255), (0, 255, 0)])
def test_no_colour_within_two_is_missed_where_the_difference_is_most_crooked(blue: tuple[int, int, int]) -> None:
    steps = np.stack(np.meshgrid(*(np.arange(-24, 25, 3),) * 3), -1).reshape(1, -1, 3)
    codes = np.clip(np.array(blue) + steps, 0, 255).astype(np.uint8)
    target = lab_d50(np.array([[blue]], np.uint8))[0, 0]
    expected = (skimage_color.deltaE_ciede2000(lab_d50(codes), target[None, None]) <= 2).mean()
    found = check_samples(codes, raster(codes), [NamedColor("it", "#{:02X}{:02X}{:02X}".format(*blue))])
    assert found.share == pytest.approx(float(expected), abs=1e-3)


def flag() -> NDArray[np.uint8]:
    """Three fields of 50, 30 and 20 % with a little noise."""
    codes = np.empty((100, 200, 3), np.uint8)
    codes[:50], codes[50:80], codes[80:] = (224, 98, 27), (16, 24, 40), (250, 250, 250)
    noise = np.random.default_rng(4).integers(-2, 3, codes.shape)
    return np.clip(codes.astype(int) + noise, 0, 255).astype(np.uint8)


def test_the_main_colours_are_those_of_the_fields_with_the_nearest_by_name() -> None:
    codes = flag()
    found = check_samples(codes, raster(codes), KIT)
    assert [round(one.share, 2) for one in found.clusters] == [0.5, 0.3, 0.2]
    for one, wanted, name in zip(
        found.clusters, [(224, 98, 27), (16, 24, 40), (250, 250, 250)], ("Orange", "Night", "Own"), strict=True
    ):
        mean = np.array([int(one.hex[at : at + 2], 16) for at in (1, 3, 5)])
        assert np.abs(mean - wanted).max() <= 2
        assert KIT[one.nearest].name == name
        target = lab_d50(np.array([[wanted]], np.uint8))[0, 0]
        assert skimage_color.deltaE_ciede2000(np.array(one.lab), target) < 1
    assert found.clusters[0].delta_e < 0.5
    assert check_samples(codes, raster(codes), KIT) == found, "the same picture has the same colours"


def test_only_what_is_selected_and_opaque_is_looked_at() -> None:
    codes = flag()
    alpha = np.full((*codes.shape[:2], 1), 255, np.uint8)
    alpha[80:] = 0
    opening = np.zeros(codes.shape[:2], np.bool_)
    opening[50:] = True
    found = check_samples(np.dstack([codes, alpha]), raster(codes, "RGBA"), KIT, opening)
    assert found.pixels == 30 * 200
    assert [KIT[one.nearest].name for one in found.clusters] == ["Night"]
    nothing = check_samples(codes, raster(codes), KIT, np.zeros(codes.shape[:2], np.bool_))
    assert (nothing.pixels, nothing.share, nothing.clusters) == (0, 0.0, ())


def test_a_kit_without_colours_and_a_colour_that_is_none_are_refused_by_name() -> None:
    codes = flag()
    with pytest.raises(InvalidInput, match="colors"):
        check_samples(codes, raster(codes), ())
    with pytest.raises(InvalidInput, match=r"colors\[1\]\.color"):
        check_samples(codes, raster(codes), (KIT[0], NamedColor("x", "greenish")))
