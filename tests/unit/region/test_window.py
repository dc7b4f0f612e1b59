"""Where a model looks: the window follows the region, never the document."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inlay.errors import InvalidInput
from inlay.region import Rect, Size, window_for
from inlay.region.window import CONTEXT_MAX_PX, CONTEXT_MIN_PX, working_size

sides = st.integers(1, 12_000)


@st.composite
def regions_in_documents(draw: st.DrawFn) -> tuple[Rect, Size]:
    document = Size(draw(sides), draw(sides))
    x, y = draw(st.integers(0, document.width - 1)), draw(st.integers(0, document.height - 1))
    return Rect(x, y, draw(st.integers(1, document.width - x)), draw(st.integers(1, document.height - y))), document


@given(regions_in_documents(), st.integers(0, 512), st.sampled_from([1, 8, 16, 64]))
def test_a_window_holds_its_region_and_stays_inside_the_canvas(
    case: tuple[Rect, Size], reach: int, multiple: int
) -> None:
    region, document = case

    window = window_for(region, document, reach_px=reach, multiple=multiple, max_px=4_000_000)

    assert window.bounds.contains(region)
    assert document.bounds.contains(window.bounds)
    assert window.working.width % multiple == 0
    assert window.working.height % multiple == 0
    assert min(window.working) >= 1


@pytest.mark.parametrize("document", [Size(1_000, 1_000), Size(6_000, 4_000), Size(10_000, 10_000)])
def test_the_cost_of_an_edit_does_not_grow_with_the_document(document: Size) -> None:
    region = Rect(400, 400, 100, 100)

    window = window_for(region, document, max_px=4_000_000)

    assert window.bounds == Rect(300, 300, 300, 300)
    assert window.working == Size(300, 300)
    assert window.scale == 1


@pytest.mark.parametrize(
    ("side", "context"), [(1, CONTEXT_MIN_PX), (64, 64), (200, 200), (384, 384), (2_000, CONTEXT_MAX_PX)]
)
def test_small_regions_get_enough_surroundings_and_large_ones_not_too_much(side: int, context: int) -> None:
    window = window_for(Rect(4_000, 4_000, side, side), Size(9_000, 9_000), max_px=100_000_000)

    assert window.bounds.width == side + 2 * context


def test_a_window_above_the_engines_limit_is_painted_smaller_and_says_by_how_much() -> None:
    window = window_for(Rect(1_000, 1_000, 3_232, 3_232), Size(9_000, 9_000), multiple=8, max_px=1_000_000)

    assert window.working == Size(1_000, 1_000)
    assert window.scale == pytest.approx(0.25)


def test_a_window_below_what_the_engine_paints_well_is_painted_larger() -> None:
    window = window_for(Rect(500, 500, 64, 64), Size(9_000, 9_000), multiple=8, least_px=1024 * 1024, max_px=2_000_000)

    assert window.working == Size(1024, 1024)
    assert window.scale > 5


@given(st.integers(1, 4_000), st.integers(1, 4_000))
def test_between_least_and_largest_a_window_is_painted_at_its_own_size(width: int, height: int) -> None:
    working = working_size(Rect(0, 0, width, height), multiple=8, least_px=512 * 512, max_px=4_000_000)

    if 512 * 512 <= width * height <= 4_000_000:
        assert abs(working.width - width) <= 4
        assert abs(working.height - height) <= 4
    else:
        assert working.area == pytest.approx(
            min(max(width * height, 512 * 512), 4_000_000), rel=0.02, abs=8 * sum(working)
        )


@pytest.mark.parametrize(
    ("region", "complaint"),
    [
        (Rect(0, 0, 0, 5), "region is 0 x 5; it must hold at least one pixel"),
        (Rect(90, 0, 20, 5), "it must lie inside the 100 x 100 canvas"),
        (Rect(-1, 0, 20, 5), "it must lie inside the 100 x 100 canvas"),
    ],
)
def test_a_region_outside_the_canvas_is_refused_by_name(region: Rect, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint) as caught:
        window_for(region, Size(100, 100), max_px=1_000_000)

    assert caught.value.field == "region"
