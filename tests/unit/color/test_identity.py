"""An engine that paints nothing changes nothing: decode then encode, for every depth, profile and channel order."""

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000, rgb2lab

from inlay import color
from inlay.color.raster import Raster, SampleType

DEPTHS = [
    (SampleType.U8, 255.0),
    (SampleType.U16, 65_535.0),
    (SampleType.U16, 32_768.0),
    (SampleType.F16, 1.0),
    (SampleType.F32, 1.0),
]
INTEGERS = DEPTHS[:3]
IS_SRGB = ("sRGB-elle-V2-srgbtrc.icc", "sRGB-elle-V4-srgbtrc.icc", "sRGB built-in", "sRGB IEC61966-2.1")
RGB = tuple(name for name in color.known_profiles() if not name.startswith(("Gray", "gray", "sGray", "Lab")))
GRAY = tuple(name for name in color.known_profiles() if name.startswith(("Gray", "gray", "sGray")))


def random_samples(raster: Raster) -> NDArray[np.generic]:
    """Every code of 8 bit, and a fair share of all others, the whole gamut with its corners."""
    rng = np.random.default_rng(5)
    shape = (raster.height, raster.width, raster.channels)
    if raster.sample_type.is_float:
        samples = rng.uniform(0, 1, shape)
        if raster.order.startswith("LAB"):
            samples[..., :3] = samples[..., :3] * [100, 200, 200] - [0, 100, 100]
        return (samples * raster.white_level).astype(raster.sample_type.dtype)
    samples = rng.integers(0, int(raster.white_level) + 1, shape)
    samples[:8] = rng.choice([0, int(raster.white_level)], (8, *shape[1:]))
    return samples.astype(raster.sample_type.dtype)


def there_and_back(samples: NDArray[np.generic], raster: Raster) -> NDArray[np.generic]:
    decoded = color.decode(samples, raster)
    assert decoded.pixels.dtype == np.float32
    assert decoded.pixels.shape == (raster.height, raster.width, 3)
    assert (decoded.alpha is not None) == raster.has_alpha
    return color.encode(decoded.pixels, decoded.alpha, raster)


@pytest.mark.parametrize("order", ["RGB", "RGBA", "BGR", "BGRA"])
@pytest.mark.parametrize(("sample_type", "white"), DEPTHS)
@pytest.mark.parametrize("profile", IS_SRGB)
def test_srgb_documents_come_back_bit_identical_at_every_depth(profile, sample_type, white, order) -> None:
    raster = Raster(128, 96, order, sample_type, white, profile, "")
    samples = random_samples(raster)
    assert np.array_equal(there_and_back(samples, raster), samples)


@pytest.mark.parametrize("profile", RGB)
def test_eight_bit_documents_come_back_bit_identical_in_every_rgb_profile(profile) -> None:
    raster = Raster(256, 128, "BGRA", SampleType.U8, 255, profile, "")
    samples = random_samples(raster)
    assert np.array_equal(there_and_back(samples, raster), samples)


@pytest.mark.parametrize("white", [65_535.0, 32_768.0])
@pytest.mark.parametrize("profile", [name for name in RGB if "g10" in name or "linear" in name.lower() or "P3" in name])
def test_sixteen_bit_documents_come_back_bit_identical_in_profiles_that_are_linear_near_black(profile, white) -> None:
    raster = Raster(256, 128, "RGBA", SampleType.U16, white, profile, "")
    samples = random_samples(raster)
    assert np.array_equal(there_and_back(samples, raster), samples)


@pytest.mark.parametrize("profile", RGB)
def test_sixteen_bit_samples_move_invisibly_and_rarely_in_pure_gamma_profiles(profile) -> None:
    """float32 cannot hold a channel near black beside a bright one exactly where a pure power curve is infinitely steep."""
    raster = Raster(256, 128, "RGB", SampleType.U16, 65_535, profile, "")
    samples = random_samples(raster)
    returned = there_and_back(samples, raster)
    moved = np.abs(returned.astype(int) - samples.astype(int))
    assert moved.max() <= 64
    assert np.count_nonzero(moved) <= 0.002 * moved.size
    before, after = (color.decode(values, raster).pixels.clip(0, 1) for values in (samples, returned))
    assert deltaE_ciede2000(rgb2lab(before), rgb2lab(after)).max() < 0.005


@pytest.mark.parametrize("order", ["Y", "YA"])
@pytest.mark.parametrize(("sample_type", "white"), INTEGERS)
@pytest.mark.parametrize("profile", GRAY)
def test_gray_documents_come_back_bit_identical(profile, sample_type, white, order) -> None:
    raster = Raster(256, 257, order, sample_type, white, profile, "")
    samples = np.zeros((257, 256, raster.channels), sample_type.dtype)
    codes = np.arange(257 * 256).reshape(257, 256) % (int(white) + 1)
    samples[..., 0] = codes
    samples[..., -1] = codes[::-1]
    assert np.array_equal(there_and_back(samples, raster), samples)


@pytest.mark.parametrize("order", ["LAB", "LABA"])
@pytest.mark.parametrize(("sample_type", "white"), INTEGERS)
def test_lab_documents_come_back_bit_identical(sample_type, white, order) -> None:
    raster = Raster(256, 128, order, sample_type, white, "Lab identity built-in", "")
    samples = random_samples(raster)
    assert np.array_equal(there_and_back(samples, raster), samples)


@pytest.mark.parametrize("profile", RGB)
def test_half_float_documents_come_back_within_one_part_in_two_thousand(profile) -> None:
    raster = Raster(256, 128, "RGBA", SampleType.F16, 1, profile, "")
    samples = random_samples(raster)
    difference = np.abs(there_and_back(samples, raster).astype(np.float64) - samples)
    assert difference.max() <= 1e-3
    assert np.count_nonzero(difference) <= 0.005 * difference.size


@pytest.mark.parametrize("profile", RGB)
def test_float_documents_keep_values_far_outside_zero_to_one(profile) -> None:
    """HDR highlights and negative, out-of-gamut values; the relative error is what float32 allows."""
    raster = Raster(64, 64, "RGBA", SampleType.F32, 1, profile, "")
    samples = np.random.default_rng(2).uniform(-2, 8, (64, 64, 4)).astype(np.float32)
    samples[..., 3] = 1
    returned = there_and_back(samples, raster)
    bright = np.abs(samples) > 0.5
    assert np.max(np.abs(returned - samples)[bright] / np.abs(samples)[bright]) < 1e-4
    assert np.abs(returned - samples).max() < 5e-3


def test_alpha_is_full_where_the_document_has_it_and_none_is_given() -> None:
    raster = Raster(4, 3, "BGRA", SampleType.U16, 32_768, "Adobe RGB (1998)", "")
    samples = color.encode(np.full((3, 4, 3), 0.5, np.float32), None, raster)
    assert samples.dtype == np.uint16
    assert np.all(samples[..., 3] == 32_768)


def test_integers_are_rounded_to_nearest_and_clipped_to_the_documents_range() -> None:
    raster = Raster(4, 1, "Y", SampleType.U8, 255, "sGray", "")
    unrounded = np.array([[[-3.0], [0.6], [254.4], [300.0]]], np.float32)
    assert color.rounded(unrounded, raster).ravel().tolist() == [0, 1, 254, 255]


def test_blue_comes_first_in_kritas_integer_documents() -> None:
    red_in_bgra = np.array([[[0, 0, 255, 255]]], np.uint8)
    decoded = color.decode(red_in_bgra, Raster(1, 1, "BGRA", SampleType.U8, 255, IS_SRGB[0], ""))
    assert decoded.pixels.ravel().tolist() == [1, 0, 0]
