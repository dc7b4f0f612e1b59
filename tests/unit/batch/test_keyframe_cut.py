"""Which part of a picture becomes a keyframe: the shape exactly, the grid exactly, nothing stretched and nothing enlarged."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inlay.batch.keyframe_cut import Cut, cut, targets
from inlay.errors import InvalidInput
from inlay.formats import Format
from inlay.region import Rect, Size

NAMES = ("wan", "ltx", "kling", "veo", "after-effects", "resolve")


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(NAMES),
    st.tuples(st.integers(80, 6000), st.integers(80, 6000)),
    st.sampled_from([None, "16:9", "9:16", "1:1", "2.39:1", "4:3"]),
)
def test_a_keyframe_lies_in_the_picture_on_the_grid_and_keeps_its_proportions(
    name: str, sides: tuple[int, int], shape: str | None
) -> None:
    target, picture = targets()[name], Size(*sides)
    wanted = Format.parse(shape) if shape else None
    if shape and not target.free and shape not in ("16:9", "9:16"):
        with pytest.raises(InvalidInput, match="takes"):
            cut(picture, target, wanted)
        return

    found = cut(picture, target, wanted)

    assert picture.bounds.contains(found.crop)
    assert found.size.width % target.grid == found.size.height % target.grid == 0
    assert found.scale <= 1
    # Half a pixel of the picture is what a ratio like 2.39:1 may be off by.
    assert abs(found.crop.width * found.size.height - found.crop.height * found.size.width) <= max(found.size)
    if target.sizes and not target.free:
        assert any(Fraction(*found.size) == Fraction(*size) for size in target.sizes)
    if target.most_px:
        assert found.size.area <= target.most_px
    if wanted:
        long, short = max(found.size), min(found.size)
        assert abs(long - short * max(wanted.ratio, 1 / wanted.ratio)) <= (target.grid if target.free else 0)


def test_each_model_by_hand() -> None:
    photo = Size(6000, 4000)

    assert cut(photo, targets()["wan"]) == Cut(Rect(0, 312, 6000, 3375), Size(1280, 720), 832)
    assert cut(photo, targets()["ltx"]) == Cut(Rect(0, 350, 6000, 3300), Size(1280, 704), 768)
    assert cut(photo, targets()["kling"]) == Cut(Rect(0, 312, 6000, 3375), Size(1920, 1080), 1280)
    assert cut(photo, targets()["veo"]) == Cut(Rect(0, 312, 6000, 3375), Size(3840, 2160), 1280)
    assert cut(Size(4000, 6000), targets()["veo"]).size == Size(2160, 3840)
    assert cut(Size(3000, 2000), targets()["veo"]).size == Size(1920, 1080)
    assert cut(photo, targets()["resolve"], Format.parse("1.85:1")).size == Size(6000, 3244)
    assert cut(Size(1001, 1001), targets()["resolve"]).crop == Rect(0, 0, 1000, 1000)  # not resampled by a thousandth
    assert cut(Size(6001, 4001), targets()["resolve"]) == Cut(Rect(0, 0, 6000, 4000), Size(6000, 4000), 1920)


def test_a_size_of_ones_own_lies_on_the_grid_or_is_refused_with_what_is_taken() -> None:
    photo = Size(6000, 4000)
    assert cut(photo, targets()["wan"], Format.parse("832x480")) == Cut(Rect(10, 275, 5980, 3450), Size(832, 480), 832)

    for name, text in (
        ("wan", "830x480"),
        ("wan", "1920x1088"),
        ("veo", "832x480"),
        ("kling", "4:3"),
        ("ltx", "832x480"),
    ):
        if name == "ltx":
            assert cut(photo, targets()[name], Format.parse(text)).size == Size(832, 480)
            continue
        with pytest.raises(InvalidInput, match="takes") as refused:
            cut(photo, targets()[name], Format.parse(text))
        assert refused.value.field == "--to"


def test_a_picture_that_is_too_small_gets_the_largest_step_of_the_grid() -> None:
    assert cut(Size(1000, 700), targets()["wan"]) == Cut(Rect(4, 70, 992, 560), Size(992, 560), 832)
    assert cut(Size(1000, 700), targets()["veo"]) == Cut(Rect(4, 71, 992, 558), Size(992, 558), 1280)
    with pytest.raises(InvalidInput, match="steps of 16 x 16 px"):
        cut(Size(200, 15), targets()["wan"])
    with pytest.raises(InvalidInput):
        cut(Size(1, 200), targets()["resolve"])


def test_the_focus_is_in_it_or_it_is_refused() -> None:
    found = cut(Size(4000, 3000), targets()["veo"], None, Rect(100, 10, 200, 200))
    assert found.crop == Rect(0, 0, 4000, 2250)

    with pytest.raises(InvalidInput, match="expand that first") as refused:
        cut(Size(4000, 3000), targets()["veo"], None, Rect(100, 10, 200, 2900))
    assert refused.value.field == "--focus"
