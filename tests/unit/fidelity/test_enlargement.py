"""A picture that was enlarged by anything is, brought back to its own size, the picture. The means are NumPy's, in float64."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inlay.fidelity import faithful
from inlay.fidelity.block_rounding import rounded_by_blocks
from inlay.fidelity.softness import as_sharp
from inlay.fidelity.waves import spread

Picture = NDArray[Any]


def light(encoded: Picture) -> Picture:
    """sRGB to linear light by the words of IEC 61966-2-1, in float64."""
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def codes(linear: Picture, white: int) -> Picture:
    return white * np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def brought_back(result: Picture, scale: int) -> Picture:
    """Code values of the source's size, not rounded."""
    white = np.iinfo(result.dtype).max
    high, wide, channels = result.shape
    blocks = light(result / white).reshape(high // scale, scale, wide // scale, scale, channels)
    return codes(blocks.mean((1, 3)), white)


def scene(height: int, width: int, seed: int = 3) -> Picture:
    """A soft landscape with an edge, a line and a light that clips; HxWx3 float64, encoded."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    picture = np.stack([0.35 + 0.2 * np.sin(x / f) * np.cos(y / (f + 3)) for f in (17, 23, 31)], 2)
    picture[x > 0.55 * width] += 0.3
    picture[np.abs(x - y * width / height) < 1.5] = 0.05
    picture[(x - width // 4) ** 2 + (y - height // 4) ** 2 < (height // 9) ** 2] = 1.0
    return np.clip(picture + random.normal(0, 0.004, picture.shape), 0, 1)


def reduced(picture: Picture, scale: int, dtype: type[np.unsignedinteger[Any]]) -> Picture:
    high, wide, channels = picture.shape
    blocks = light(picture).reshape(high // scale, scale, wide // scale, scale, channels)
    return np.rint(codes(blocks.mean((1, 3)), np.iinfo(dtype).max)).astype(dtype)


def moved(picture: Picture, x: int, y: int) -> Picture:
    return np.roll(picture, (y, x), (0, 1))


LIES = {
    "tinted": lambda p: np.clip(p * [1.08, 0.95, 1.0] + 0.03, 0, 1),
    "in tiles of their own light": lambda p: np.clip(
        p + 0.04 * np.indices(p.shape[:2]).__floordiv__(64).sum(0)[..., None] % 2, 0, 1
    ),
    "without detail": lambda p: np.full_like(p, 0.5),
    "upside down": lambda p: p[::-1],
}


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("lie", LIES)
def test_whatever_an_upscaler_did_the_source_comes_back_within_a_code_of_8_bit(lie, scale, dtype):
    truth = scene(60 * scale, 84 * scale)
    source = reduced(truth, scale, dtype)
    result = faithful(source, LIES[lie](truth).astype(np.float32), scale)
    assert (result.shape, result.dtype) == (truth.shape, source.dtype)
    off = np.abs(brought_back(result, scale) - source) * 255 / np.iinfo(dtype).max
    assert np.quantile(off, 0.999) <= 0.75
    assert off.mean() < 0.25


def test_the_truth_stays_the_truth_and_a_tint_goes():
    truth = scene(240, 336)
    source = reduced(truth, 4, np.uint16)
    kept = faithful(source, truth.astype(np.float32), 4) / 65535
    assert np.abs(kept - truth).max() < 0.02
    cured = faithful(source, LIES["tinted"](truth).astype(np.float32), 4) / 65535
    assert np.abs(cured - truth).mean() < 0.1 * np.abs(LIES["tinted"](truth) - truth).mean()


def test_an_answer_that_lies_a_pixel_beside_is_moved_back():
    truth = scene(240, 336)
    source = reduced(truth, 2, np.uint16)
    beside = moved(truth, 1, -1).astype(np.float32)
    result = faithful(source, beside, 2) / 65535
    inside = np.s_[8:-8, 8:-8]
    assert np.abs(result - truth)[inside].mean() < 0.35 * np.abs(beside - truth)[inside].mean()


def test_a_plain_sky_keeps_no_lattice_of_the_pixels_it_came_from():
    sky = np.repeat(np.linspace(0.3, 0.42, 256)[:, None], 320, 1)[..., None].repeat(3, 2)
    result = faithful(reduced(sky, 4, np.uint8), LIES["tinted"](sky).astype(np.float32), 4).astype(np.int64)
    steps = np.abs(np.diff(result[..., 1], axis=0)).mean(1)
    on_the_border, between = steps[3::4].mean(), np.delete(steps, np.s_[3::4]).mean()
    assert on_the_border < 1.5 * between


def test_tiles_of_their_own_light_leave_no_step_and_a_step_of_the_picture_stays():
    y, x = np.mgrid[0:384, 0:384]
    truth = np.stack([0.4 + 0.1 * np.sin(x / f) * np.cos(y / (f + 5)) for f in (19, 26, 33)], 2)
    truth[:, 200:] += 0.1
    random = np.random.default_rng(6)
    light_of_tile = random.normal(0, 0.02, (3, 3, 3)).repeat(128, 0).repeat(128, 1)
    source = reduced(truth, 4, np.uint16)
    result = faithful(source, np.clip(truth + light_of_tile, 0, 1).astype(np.float32), 4) / 65535
    step_left = np.abs(np.diff(result - truth, axis=1)).mean((0, 2))
    assert np.abs(np.diff(light_of_tile, axis=1)).mean((0, 2))[127] > 0.01
    assert step_left[[127, 255]].max() < 0.001
    assert step_left[199] < 0.002


def test_a_border_of_tiles_is_found_in_texture_that_jumps_further_than_it():
    random = np.random.default_rng(12)
    truth = np.clip(0.45 + random.normal(0, 0.03, (384, 384, 3)), 0, 1)
    light_of_tile = np.where(np.arange(384) < 192, -0.02, 0.02)[None, :, None]
    source = reduced(truth, 2, np.uint16)
    result = faithful(source, (truth + light_of_tile).astype(np.float32), 2) / 65535
    step_left = np.diff(result - truth, axis=1).mean((0, 2))
    assert np.abs(step_left[188:196]).max() < 0.004


def textured(height: int, width: int) -> Picture:
    """Detail of all sizes, as photographs have it: amplitudes fall with the frequency. HxWx3 float64, encoded."""
    random = np.random.default_rng(17)
    y, x = np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None]
    wave = np.hypot(y, x)
    wave[0, 0] = 1
    one = np.fft.ifft2(np.fft.fft2(random.normal(0, 1, (height, width))) / wave).real
    one *= 0.1 / one.std()
    return np.clip(0.5 + one[..., None] * [1.0, 0.9, 0.8], 0, 1)


def blurred(picture: Picture, sigma: float) -> Picture:
    wave = np.hypot(np.fft.fftfreq(picture.shape[0])[:, None], np.fft.fftfreq(picture.shape[1])[None])[..., None]
    kept = np.exp(-2 * (np.pi * sigma * wave) ** 2)
    return np.fft.ifft2(np.fft.fft2(picture, axes=(0, 1)) * kept, axes=(0, 1)).real


@pytest.mark.parametrize(("scale", "most_left"), [(2, 0.7), (4, 0.93)])
def test_what_an_upscaler_blurred_is_as_sharp_as_the_source_shows(scale: int, most_left: float):
    truth = textured(240, 320)
    soft = blurred(truth, 0.35 * scale)
    result = faithful(reduced(truth, scale, np.uint16), soft.astype(np.float32), scale) / 65535
    fine = [picture - blurred(picture, 0.35 * scale) for picture in (truth, soft, result)]
    assert fine[2].std() < fine[0].std()
    assert np.abs(fine[2] - fine[0]).mean() < most_left * np.abs(fine[1] - fine[0]).mean()


def test_what_is_sharp_or_only_interpolated_is_not_sharpened():
    truth = textured(240, 320)
    source = (reduced(truth, 4, np.uint16) / 65535).astype(np.float32)
    for enlarged in (truth, cv2.resize(source, (320, 240), interpolation=cv2.INTER_LANCZOS4)):
        enlarged = enlarged.astype(np.float32)
        assert as_sharp(enlarged, source, 4) is enlarged


def test_limits_leave_no_lattice_of_the_pixels_that_they_are_taken_from():
    truth = np.where(blurred(textured(320, 320), 2) > 0.5, 0.8, 0.2)
    soft = blurred(truth, 3).astype(np.float32)
    result = faithful(reduced(truth, 4, np.uint16), soft, 4) / 65535
    steps = np.abs(np.diff(result, axis=1)).mean((0, 2))
    assert steps[3::4].mean() < 1.03 * np.delete(steps, np.s_[3::4]).mean()


def test_blocks_are_rounded_up_where_most_is_left_over():
    random = np.random.default_rng(1)
    for scale in (2, 3, 4):
        values = (random.random((6 * scale, 5 * scale, 3)) * 255).astype(np.float32)
        values[:scale, :scale] = 100.25
        rounded = rounded_by_blocks(values, scale)
        up = rounded > np.floor(values)
        for row in range(6):
            for column in range(5):
                block = np.s_[row * scale : (row + 1) * scale, column * scale : (column + 1) * scale]
                for channel in range(3):
                    one, flag = values[block][..., channel].astype(np.float64), up[block][..., channel]
                    left = one - np.floor(one)
                    assert abs(flag.sum() - left.sum()) < 0.51
                    assert not flag.any() or flag.all() or left[flag].min() >= left[~flag].max() - 1 / 256
        assert rounded[:scale, :scale, 0].sum() == pytest.approx(100.25 * scale * scale, abs=0.5)


def test_a_bright_mast_draws_no_stripes_into_the_sky_beside_it():
    picture = np.full((200, 280, 3), 0.3)
    picture[:, 138:146] = 0.95
    source = reduced(picture, 4, np.uint16)
    soft = np.stack(
        [np.interp(np.arange(280), np.arange(70) * 4 + 1.5, source[0, :, c] / 65535.0) for c in range(3)], 1
    )
    result = faithful(source, np.repeat(soft[None], 200, 0).astype(np.float32), 4) / 65535
    assert np.ptp(result[:, :125]) < 1.5 / 255


def test_codes_of_8_bit_are_rounded_together_so_that_each_source_pixel_keeps_its_mean():
    truth = 0.5 + np.random.default_rng(5).normal(0, 0.01, (160, 160, 3))
    source = reduced(truth, 4, np.uint8)
    off = np.abs(brought_back(faithful(source, truth.astype(np.float32), 4), 4) - source)
    assert np.quantile(off, 0.99) < 0.17


@pytest.mark.parametrize(("high", "wide"), [(18, 24), (17, 25), (1, 3)])
def test_a_correction_has_exactly_the_means_that_it_is_asked_for(high: int, wide: int):
    means = np.random.default_rng(8).normal(0, 1, (high, wide, 3)).astype(np.float32)
    assert np.allclose(spread(means, 4).reshape(high, 4, wide, 4, 3).mean((1, 3)), means, atol=1e-5)


def test_a_correction_is_smooth():
    means = np.random.default_rng(8).normal(0, 1, (18, 24, 3)).astype(np.float32)
    field = spread(means, 4)
    along = np.abs(np.diff(field, axis=1)).mean((0, 2))
    assert along[3::4].mean() < 1.1 * np.delete(along, np.s_[3::4]).mean()


def test_numbers_that_are_none_and_light_beyond_white_do_no_harm():
    truth = scene(120, 168)
    source = reduced(truth, 2, np.uint8)
    hostile = truth.astype(np.float32)
    hostile[10:20, 10:20] = np.nan
    hostile[40:50, 40:50] = np.inf
    hostile[60:70, 60:70] = -7
    off = np.abs(brought_back(faithful(source, hostile, 2), 2) - source)
    assert off.max() <= 1.5


def test_another_size_is_refused_with_both_sizes():
    with pytest.raises(ValueError, match=r"\(100, 100, 3\).*2.*\(60, 84, 3\)"):
        faithful(np.zeros((60, 84, 3), np.uint8), np.zeros((100, 100, 3), np.float32), 2)
