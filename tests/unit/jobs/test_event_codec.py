"""What happened comes back from the journal as it was."""

import dataclasses
import json
import math

import hypothesis.strategies as st
import pytest
from hypothesis import given

from inlay.color.raster import CHANNELS_OF_ORDER, Raster, SampleType
from inlay.events import (
    Done,
    Failed,
    Happening,
    JobCancelled,
    Loading,
    Preview,
    Queued,
    Step,
    VariationDone,
)
from inlay.jobs.event_codec import decode, encode
from inlay.region import Rect, Size
from inlay.variation import Patch, Report, Variation

number = st.integers(-(2**31), 2**31)
seconds = st.none() | st.floats(0, 1e9)
text = st.text(max_size=40)
rect = st.builds(Rect, number, number, number, number)
json_value = st.recursive(
    st.none() | st.booleans() | number | st.floats(allow_nan=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)
facts = st.dictionaries(text, json_value, max_size=3)
raster = st.builds(
    Raster,
    number,
    number,
    st.sampled_from(sorted(CHANNELS_OF_ORDER)),
    st.sampled_from(SampleType),
    st.floats(0, 65535),
    text,
    st.text("0123456789abcdef", min_size=64, max_size=64),
    st.binary(max_size=30),
)
report = st.builds(Report, seconds, seconds, st.lists(text, max_size=3).map(tuple), facts)
variation = st.builds(Variation, number, number, st.builds(Patch, rect, raster, raster), report, facts)
happening = st.one_of(
    st.builds(Queued, number, seconds),
    st.builds(Loading, text),
    st.builds(Step, number, number, text, seconds),
    st.builds(Preview, number, st.builds(Size, number, number), rect, st.binary(max_size=100)),
    st.builds(VariationDone, variation),
    st.builds(Done, st.floats(0, 1e9)),
    st.builds(Failed, text, text, text),
    st.builds(JobCancelled),
)


@pytest.mark.slow
@given(happening)
def test_everything_that_can_happen_comes_back_equal(happened: Happening) -> None:
    back = decode(encode(happened))
    assert back == happened
    assert type(back) is type(happened)


@given(variation)
def test_a_variation_keeps_its_types(wanted: Variation) -> None:
    back = decode(encode(VariationDone(wanted)))
    assert isinstance(back, VariationDone)
    patch = back.variation.patch
    assert isinstance(patch.bounds, Rect)
    assert isinstance(patch.pixels.sample_type, SampleType)
    assert patch.pixels.sample_type.dtype == wanted.patch.pixels.sample_type.dtype


def test_pixels_of_a_preview_do_not_travel_as_text() -> None:
    encoded = encode(Preview(0, Size(2, 2), Rect(0, 0, 8, 8), bytes(12)))
    assert encoded.picture == bytes(12)
    assert json.loads(encoded.facts) == {"variation": 0, "size": [2, 2], "bounds": [0, 0, 8, 8], "rgb": ""}


def test_a_report_that_is_not_json_is_refused_where_it_is_made() -> None:
    here = Raster(1, 1, "RGB", SampleType.U8, 255, "", "0" * 64)
    wrong = Variation(0, 0, Patch(Rect(0, 0, 1, 1), here, here), Report(None, None, (), {"x": {1, 2}}), {})
    with pytest.raises(TypeError, match="set"):
        encode(VariationDone(wrong))


def test_a_delta_e_that_could_not_be_measured_survives() -> None:
    here = Raster(1, 1, "RGB", SampleType.U8, 255, "", "0" * 64)
    odd = Variation(0, 0, Patch(Rect(0, 0, 1, 1), here, here), Report(math.inf, None, (), {}), {})
    assert decode(encode(VariationDone(odd))) == VariationDone(odd)
    assert dataclasses.asdict(odd)["report"]["ring_delta_e_before"] == math.inf
