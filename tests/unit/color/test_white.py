"""The white of a raster: what means 1.0, and how little it may be."""

import warnings

import numpy as np
import pytest

from inlay import color
from inlay.color.raster import Raster, SampleType
from inlay.errors import InvalidInput

LEAST = {SampleType.U8: 1.0, SampleType.U16: 1.0, SampleType.F16: 2.0**-14, SampleType.F32: 2.0**-14}


def raster(sample_type: SampleType, white: float) -> Raster:
    return Raster(4, 4, "RGB", sample_type, white, "sRGB IEC61966-2.1", "0" * 64)


@pytest.mark.parametrize("sample_type", LEAST)
def test_the_least_white_divides_every_sample_to_a_number(sample_type: SampleType) -> None:
    dtype = sample_type.dtype
    most = 1e15 if sample_type is SampleType.F32 else np.finfo(dtype).max if dtype.kind == "f" else np.iinfo(dtype).max
    least = raster(sample_type, LEAST[sample_type])
    least.check("source")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        decoded = color.decode(np.full((4, 4, 3), most, dtype), least)
    assert np.isfinite(decoded.pixels).all()


@pytest.mark.parametrize("sample_type", LEAST)
@pytest.mark.parametrize("share", [0.99, 1e-30, 0.0, -1.0, float("nan")])
def test_a_smaller_white_is_refused_with_the_limit(sample_type: SampleType, share: float) -> None:
    with pytest.raises(InvalidInput, match=f"source.white_level.*at least {LEAST[sample_type]:g}"):
        raster(sample_type, share * LEAST[sample_type]).check("source")
