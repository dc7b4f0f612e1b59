"""Where a format lies on a master: the focus is safe, nothing is stretched, as little as possible is painted."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inlay.batch.formats import missing
from inlay.errors import InvalidInput
from inlay.formats import Format, framing, presets
from inlay.region import Rect, Size

NAMES = ("1:1", "4:5", "9:16", "16:9", "story", "reel", "link", "1000x1500", "1.91:1")


@st.composite
def _cases(draw: st.DrawFn) -> tuple[Size, Rect, Format]:
    master = Size(draw(st.integers(40, 900)), draw(st.integers(40, 900)))
    width, height = draw(st.integers(1, master.width)), draw(st.integers(1, master.height))
    focus = Rect(
        draw(st.integers(0, master.width - width)), draw(st.integers(0, master.height - height)), width, height
    )
    if draw(st.booleans()):
        return master, focus, Format.parse(draw(st.sampled_from(NAMES)))
    sides = [draw(st.integers(0, 30)) / 100 for _ in range(4)]
    size = [draw(st.integers(1, 50)), draw(st.integers(1, 50))]
    return master, focus, Format.of("own", {"size": size, "safe": sides})


def _safe(shape: Format, crop: Rect) -> tuple[float, float, float, float]:
    top, right, bottom, left = shape.safe
    return (
        crop.x + left * crop.width,
        crop.y + top * crop.height,
        crop.right - right * crop.width,
        crop.bottom - bottom * crop.height,
    )


def _holds(shape: Format, crop: Rect, focus: Rect) -> bool:
    left, top, right, bottom = _safe(shape, crop)
    near = 1e-6
    return (
        left <= focus.x + near
        and top <= focus.y + near
        and focus.right <= right + near
        and focus.bottom <= bottom + near
    )


def _outside(master: Size, crop: Rect) -> int:
    across = max(0, min(crop.right, master.width) - max(crop.x, 0))
    down = max(0, min(crop.bottom, master.height) - max(crop.y, 0))
    return crop.width * crop.height - across * down


@settings(max_examples=400, deadline=None)
@given(_cases())
def test_the_focus_is_safe_and_the_shape_is_the_formats(case: tuple[Size, Rect, Format]) -> None:
    master, focus, shape = case

    found = framing(master, focus, shape)

    assert _holds(shape, found.crop, focus)
    assert found.safe.contains(focus)
    width, height = found.crop.width, found.crop.height
    if max(shape.ratio.as_integer_ratio()) <= 64:
        assert Fraction(width, height) == shape.ratio
    else:
        assert abs(width - height * shape.ratio) <= Fraction(1, 2) * max(1, shape.ratio) + Fraction(1, 2)
    assert found.scale == 1
    assert found.size == found.crop.size
    assert found.margins.left + found.margins.top + found.margins.right + found.margins.bottom >= 0
    assert int((missing(found) > 0).sum()) == _outside(master, found.crop)


@settings(max_examples=150, deadline=None)
@given(_cases())
def test_no_other_place_of_that_size_needs_less_paint(case: tuple[Size, Rect, Format]) -> None:
    master, focus, shape = case

    found = framing(master, focus, shape).crop

    best = min(
        (
            max(0, -x) + max(0, x + found.width - master.width)
            for x in range(-found.width, master.width + 1)
            if _holds(shape, Rect(x, found.y, *found.size), focus)
        ),
    )
    assert max(0, -found.x) + max(0, found.right - master.width) == best
    best = min(
        (
            max(0, -y) + max(0, y + found.height - master.height)
            for y in range(-found.height, master.height + 1)
            if _holds(shape, Rect(found.x, y, *found.size), focus)
        ),
    )
    assert max(0, -found.y) + max(0, found.bottom - master.height) == best


@settings(max_examples=150, deadline=None)
@given(_cases())
def test_it_is_the_largest_that_the_master_holds_or_a_little_less_for_nothing_to_be_painted(
    case: tuple[Size, Rect, Format],
) -> None:
    master, focus, shape = case

    found = framing(master, focus, shape)

    sizes = [shape.sizes(number) for number in range(1, 2000)]
    held = [size for size in sizes if size.width <= master.width and size.height <= master.height]
    largest = held[-1] if held else sizes[0]
    size = found.crop.size
    if size.width > largest.width or size.height > largest.height:
        free = shape.safe.within(sizes[sizes.index(size) - 1])
        assert free.width < focus.width or free.height < focus.height
    elif size != largest:
        assert not found.grows
        assert sizes.index(size) + 1 >= 0.8 * len(held)
        larger = sizes[sizes.index(size) + 1]
        assert not any(
            _holds(shape, Rect(x, y, *larger), focus)
            for x in range(master.width - larger.width + 1)
            for y in (0, *range(master.height - larger.height + 1))
        )


def test_a_bottle_in_a_landscape_becomes_a_story() -> None:
    """By hand: 9:16 of 1080 px is 603 x 1072, the largest with that very ratio. Free of it are 37 .. 566 and 151 .. 857, so its
    middle lies at 301.5, 504, the bottle's at 1400, 500."""
    found = framing(Size(1920, 1080), Rect(1300, 200, 200, 600), Format.parse("story"))

    assert found.crop == Rect(1098, 0, 603, 1072)
    assert not found.grows
    assert not found.flags


def test_a_bottle_as_high_as_its_picture_makes_it_grow_above_and_below() -> None:
    """By hand: 1080 / (1 - .14 - .20) is 1636; the next 9:16 is 927 x 1648, free from 231 to 1318."""
    found = framing(Size(1920, 1080), Rect(1300, 0, 200, 1080), Format.parse("story"))

    assert found.crop.size == Size(927, 1648)
    assert found.margins == (0, 235, 0, 333)
    assert found.new_share == pytest.approx(568 / 1648)


def test_a_focus_a_little_too_near_the_edge_is_framed_tighter_and_nothing_is_painted() -> None:
    """By hand: of 144 px the platform covers 21 above, and there are 20; of 128 px it covers 18."""
    found = framing(Size(400, 148), Rect(200, 20, 40, 50), Format.parse("story"))
    assert found.crop == Rect(184, 0, 72, 128)

    # Where it would have to be more than a fifth tighter, the canvas grows instead.
    found = framing(Size(400, 148), Rect(200, 2, 40, 50), Format.parse("story"))
    assert (found.crop.size, found.margins) == (Size(81, 144), (0, 19, 0, 0))


def test_everything_as_the_focus_is_everything_kept() -> None:
    found = framing(Size(400, 300), Rect(0, 0, 400, 300), Format.parse("1:1"))

    assert found.crop == Rect(0, -50, 400, 400)
    assert found.safe == found.crop


def test_without_a_focus_it_is_the_middle_and_nothing_is_painted() -> None:
    for name in NAMES:
        found = framing(Size(1603, 901), None, Format.parse(name))
        assert not found.grows
        assert abs(found.crop.x - (1603 - found.crop.right)) <= 1
        assert abs(found.crop.y - (901 - found.crop.bottom)) <= 1


def test_a_size_is_delivered_only_where_that_is_asked_for() -> None:
    story = Format.parse("1080x1920")

    assert framing(Size(4000, 3000), None, story).scale == 1
    smaller = framing(Size(4000, 3000), None, story, scaled=True)
    assert (smaller.size, smaller.scale, smaller.flags) == (Size(1080, 1920), 1920 / 2992, ())
    larger = framing(Size(400, 300), None, story, scaled=True)
    assert larger.flags == ("it is enlarged 6.67 times: the master has no more pixels there",)


def test_what_is_mostly_painted_says_so() -> None:
    found = framing(Size(400, 100), Rect(0, 0, 400, 100), Format.parse("9:16"))

    assert found.flags == ("86 % of it has to be painted",)


@pytest.mark.parametrize(
    "text", ["", "4:0", "a:b", "1000:1", "-4:5", "4:5:6", "0x10", "10x", "70000x70000", "stroy", "1e400:1", "nan:1"]
)
def test_what_is_no_format_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Format.parse(text)
    assert refused.value.field in ("--to", f"formats.{text}.size")


@pytest.mark.parametrize(
    ("table", "field"),
    [
        ({}, "ratio"),
        ({"ratio": "tall"}, "ratio"),
        ({"size": [100]}, "size"),
        ({"size": [101, 1]}, "size"),
        ({"size": [100, "90"]}, "size"),
        ({"size": "100x90"}, "size"),
        ({"size": [100, 90], "safe": [0.5, 0, 0.5, 0]}, "safe"),
        ({"size": [100, 90], "safe": [0.1, 0.1, 0.1]}, "safe"),
        ({"size": [100, 90], "safe": [10, 10, 10, 10]}, "safe"),
        ({"size": [100, 90], "margin": 5}, "margin"),
    ],
)
def test_a_table_that_is_no_format_names_its_field(table: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Format.of("poster", table)
    assert refused.value.field == f"formats.poster.{field}"


@pytest.mark.parametrize("focus", [Rect(90, 0, 20, 10), Rect(-1, 0, 5, 5), Rect(0, 0, 0, 5)])
def test_a_focus_outside_the_master_is_refused(focus: Rect) -> None:
    with pytest.raises(InvalidInput) as refused:
        framing(Size(100, 100), focus, Format.parse("1:1"))
    assert refused.value.field == "--focus"


def test_a_canvas_that_no_document_may_have_is_refused() -> None:
    with pytest.raises(InvalidInput, match="300 megapixels"):
        framing(Size(30_000, 100), Rect(0, 0, 30_000, 100), Format.parse("1:1"))


def test_the_platforms_are_shapes_with_room_between_their_sides() -> None:
    assert {"story", "reel", "square", "portrait", "widescreen"} <= presets().keys()
    for name, shape in presets().items():
        assert shape.size
        assert shape.name == name
        free = shape.safe.within(shape.size)
        assert min(free.size) > 0
    assert presets()["story"].safe == (0.14, 0.06, 0.20, 0.06)


def test_names_become_parts_of_file_names() -> None:
    assert [Format.parse(name).file_name for name in ("4:5", "1.91:1", "story")] == ["4x5", "1.91x1", "story"]
