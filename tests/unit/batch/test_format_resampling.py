"""A format's file at the format's own size: resampled once, in linear light, and what takes in nothing of a mask stays the same."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inlay import color
from inlay.batch.framed import in_format
from inlay.batch.resampling import at_size, only_of, resampled
from inlay.documents import Document
from inlay.errors import InvalidInput
from inlay.formats import Format
from inlay.region import Size

SRGB, ADOBE = "sRGB IEC61966-2.1", "Adobe RGB (1998)"


def document(samples: NDArray[Any], order: str = "RGB", profile: str = SRGB) -> Document:
    plain = Document(samples, order, profile, b"", Path("picture.png"), "png")
    return Document(samples, order, profile, color.profile_bytes(plain.raster(plain.size, "")), plain.path, "png")


def checks(white: int, dtype: type[np.generic], side: int = 24) -> NDArray[Any]:
    """One black pixel, one white one, in turn."""
    turns = np.indices((side, side)).sum(axis=0) % 2 * white
    return np.repeat(turns[..., None], 3, axis=-1).astype(dtype)


def test_half_black_and_half_white_is_half_the_light_in_the_documents_own_curve_and_depth() -> None:
    half = Size(12, 12)
    eight = at_size(document(checks(255, np.uint8)), half)
    assert (eight.samples == round(255 * (1.055 * 0.5 ** (1 / 2.4) - 0.055))).all(), "188, where the codes' mean is 128"
    sixteen = at_size(document(checks(65_535, np.uint16), profile=ADOBE), half)
    assert sixteen.samples.dtype == np.uint16
    assert np.abs(sixteen.samples - 65_535 * 0.5 ** (256 / 563)).max() <= 1.5
    assert (sixteen.profile, sixteen.size) == (ADOBE, half)


@pytest.mark.parametrize("size", [Size(9, 7), Size(40, 31)])
@pytest.mark.parametrize("profile", [SRGB, ADOBE])
def test_an_even_colour_stays_as_it_is_larger_and_smaller(size: Size, profile: str) -> None:
    one = np.broadcast_to(np.array([65_535, 1234, 30_001], np.uint16), (21, 27, 3)).copy()
    made = at_size(document(one, profile=profile), size).samples
    assert np.abs(made.astype(int) - [65_535, 1234, 30_001]).max() <= 1


def test_what_is_transparent_lends_its_neighbours_no_colour() -> None:
    samples = np.zeros((8, 8, 4), np.uint8)
    samples[:, ::2] = [200, 40, 40, 255]
    samples[:, 1::2] = [0, 255, 0, 0]
    made = at_size(document(samples, "RGBA"), Size(4, 4)).samples
    assert (made[..., 3] == 128).all()
    assert (made[..., :3] == [200, 40, 40]).all()


@pytest.mark.parametrize("size", [Size(20, 25), Size(17, 22), Size(41, 51), Size(64, 80), Size(97, 121), Size(40, 50)])
def test_a_pixel_that_takes_in_nothing_of_a_mask_is_the_same_whatever_lies_under_it(size: Size) -> None:
    random = np.random.default_rng(5)
    whole = np.ones((50, 40), bool)
    whole[18:30, 12:25] = random.random((12, 13)) < 0.3
    one = random.integers(0, 65_536, (50, 40, 3)).astype(np.uint16)
    other = np.where(whole[..., None], one, random.integers(0, 65_536, one.shape)).astype(np.uint16)
    kept = only_of(whole, size)
    mine, theirs = (at_size(document(samples), size).samples for samples in (one, other))
    assert (mine[kept] == theirs[kept]).all()
    assert kept.shape == (size.height, size.width)
    assert 0.5 < kept.mean() < 1, "and not for want of pixels that were looked at"
    assert (mine[~kept] != theirs[~kept]).any()


def test_a_format_says_when_a_file_gets_its_size() -> None:
    story = Format.of("story", {"platform": "story", "resample": "down"})
    assert (story.size, story.safe.top, story.name) == (Size(1080, 1920), 0.14, "story")
    assert story.resampled_from(Size(2160, 3840)) == Size(1080, 1920)
    assert story.resampled_from(Size(540, 960)) is None
    assert story.resampled_from(Size(1080, 1920)) is None
    both = Format.of("own", {"size": [1080, 1920], "resample": "both"})
    assert both.resampled_from(Size(540, 960)) == Size(1080, 1920)
    assert Format.of("own", {"size": [1080, 1920]}).resampled_from(Size(2160, 3840)) is None, "unless it is asked for"
    assert Format.parse("story").resampled_from(Size(2160, 3840)) is None


@pytest.mark.parametrize(
    ("table", "field", "limit"),
    [
        ({"size": [10, 10], "resample": "up"}, "resample", "never, down, both"),
        ({"size": [10, 10], "resample": True}, "resample", "never, down, both"),
        ({"ratio": "4:5", "resample": "down"}, "resample", "size"),
        ({"platform": "storey"}, "platform", "story"),
        ({"platform": "story", "size": [1, 1]}, "size", "has its own"),
    ],
)
def test_a_format_that_makes_no_sense_is_refused_with_its_key(table: dict[str, Any], field: str, limit: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Format.of("mine", table)
    assert refused.value.field == f"formats.mine.{field}"
    assert limit in refused.value.limit


def test_the_safe_area_and_the_mask_lie_in_the_file_as_they_lay_in_the_picture_and_enlarging_is_told() -> None:
    picture = document(np.zeros((400, 300, 3), np.uint8))
    mask = np.zeros((400, 300), np.uint8)
    mask[100:300, 100:200] = 255
    small = in_format(
        picture, mask, Format.of("own", {"size": [75, 100], "safe": [0.1, 0, 0.1, 0], "resample": "down"})
    )
    assert (small.written, small.flags) == (Size(75, 100), ())
    assert small.safe == (0, 10, 75, 80)
    assert (small.mask_written() == resampled(mask[..., None], Size(75, 100), has_alpha=False)[..., 0]).all()
    assert small.outside(0, 0).sum() == 75 * 100 - 25 * 50
    large = in_format(picture, mask, Format.of("own", {"size": [600, 800], "resample": "both"}))
    assert large.written == Size(600, 800)
    assert "enlarged 2.00 times" in large.flags[-1]
    as_it_was = in_format(picture, mask, Format.of("own", {"size": [600, 800], "resample": "down"}))
    assert as_it_was.written == Size(300, 400)
    assert "has 300 x 400 px" in as_it_was.flags[-1]
