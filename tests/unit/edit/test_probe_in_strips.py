"""A region is read in strips: what it says is what the whole says, and it takes little more memory than its samples."""

import numpy as np
import pytest
from numpy.typing import NDArray

from inlay.color.raster import Raster, SampleType
from inlay.edit import probe as probe_module
from inlay.edit.probe import RegionProbe, probe_samples
from inlay.errors import InvalidInput

PROFILE = "sRGB-elle-V2-srgbtrc.icc"


def picture(height: int, width: int) -> NDArray[np.uint16]:
    """An opaque gradient with grain, BGRA, far from black: where running sums lose their last digits."""
    grain = np.random.default_rng(2).normal(0, 40, (height, width, 4))
    rows = np.linspace(40_000, 60_000, height)[:, None, None]
    samples = np.clip(rows + grain, 0, 65_535).astype(np.uint16)
    samples[..., 3] = 65_535
    return samples


def soft_circle(height: int, width: int) -> NDArray[np.float32]:
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return np.clip((1 - np.hypot(rows, columns)) * 3, 0, 1).astype(np.float32)


def mean_and_spread(samples: NDArray[np.uint16], open_: NDArray[np.bool_]) -> tuple[list[float], list[float]]:
    """As the textbook has it, over the whole at once."""
    values = samples[open_].astype(np.longdouble)
    return values.mean(axis=0).tolist(), values.std(axis=0).tolist()


@pytest.mark.parametrize("strip_px", [1, 700, 10**9])
def test_strips_of_any_height_read_what_the_whole_says(monkeypatch: pytest.MonkeyPatch, strip_px: int) -> None:
    samples, share = picture(90, 70), soft_circle(90, 70)
    monkeypatch.setattr(probe_module, "STRIP_PX", strip_px)
    found = probe_samples(samples, Raster(70, 90, "BGRA", SampleType.U16, 65_535, PROFILE, ""), share, "#808080")
    mean, spread = mean_and_spread(samples, share >= 0.98)
    assert found.document_mean == pytest.approx(mean, rel=1e-9)
    assert found.document_spread == pytest.approx(spread, rel=1e-6, abs=1e-6)
    assert found.reading.pixels == np.count_nonzero(share >= 0.98)


def test_of_a_large_region_every_so_many_pixels_are_read_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    samples, share = picture(900, 700), soft_circle(900, 700)
    raster = Raster(700, 900, "BGRA", SampleType.U16, 65_535, PROFILE, "")

    def probed() -> RegionProbe:
        return probe_samples(samples, raster, share)

    whole = probed()
    monkeypatch.setattr(probe_module, "MOST_READ_PX", 20_000)
    some = probed()
    assert 3_000 < some.reading.pixels <= 20_000
    assert some.document_mean == pytest.approx(whole.document_mean, rel=1e-3)
    assert some.document_spread == pytest.approx(whole.document_spread, rel=0.03)
    assert some.reading.mean_lab == pytest.approx(whole.reading.mean_lab, abs=0.1)


def test_a_thin_selection_in_a_large_region_is_read_to_its_last_pixel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_module, "MOST_READ_PX", 100)
    samples, share = picture(300, 200), np.zeros((300, 200), np.float32)
    share[151, 7:57] = 1
    found = probe_samples(samples, Raster(200, 300, "BGRA", SampleType.U16, 65_535, PROFILE, ""), share)
    assert found.reading.pixels == 50


def test_an_empty_selection_is_refused() -> None:
    raster = Raster(20, 10, "RGB", SampleType.U8, 255, PROFILE, "")
    with pytest.raises(InvalidInput, match="mask is empty"):
        probe_samples(np.zeros((10, 20, 3), np.uint8), raster, np.zeros((10, 20), np.float32))
