"""The colour probe in the real Krita: what it reads at each depth, against a target, over a result, and where it cannot."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from skimage import data

from inlay.color.raster import Raster, SampleType
from inlay.edit.probe import probe_samples
from krita.driver import Krita, Screen
from krita.photo import grainy, soft, write

WIDTH, HEIGHT = 300, 220
KINDS = [
    ("RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", "BGRA"),
    ("RGBA", "U16", "ClayRGB-elle-V2-g22.icc", "BGRA"),
    ("RGBA", "F32", "sRGB-elle-V2-g10.icc", "RGBA"),
    ("GRAYA", "U16", "Gray-D50-elle-V2-g10.icc", "YA"),
    ("LABA", "U16", "Lab identity built-in", "LABA"),
]
NAMES = {
    "BGRA": {"R": 2, "G": 1, "B": 0},
    "RGBA": {"R": 0, "G": 1, "B": 2},
    "YA": {"Gray": 0},
    "LABA": {"L": 0, "a": 1, "b": 2},
}


@pytest.mark.parametrize(("model", "depth", "profile", "order"), KINDS, ids=["-".join(kind[:2]) for kind in KINDS])
def test_a_script_reads_mean_and_spread_in_document_values_and_lab(
    real_krita: Krita, tmp_path: Path, model: str, depth: str, profile: str, order: str
):
    picture, mask = grainy(WIDTH, HEIGHT, model, depth), soft(WIDTH, HEIGHT, (140, 100), 40, 10)
    seen = real_krita.script(
        "probe/a_script_reads_mean_and_spread_in_document_values_and_lab",
        model=model,
        depth=depth,
        profile=profile,
        pixels=write(picture, tmp_path / "pixels"),
        mask=write(mask, tmp_path / "mask"),
    )
    white = {"U8": 255, "U16": 65535, "F32": 1.0}[depth]
    raster = Raster(WIDTH, HEIGHT, order, SampleType[depth], white, profile, "")
    truth = probe_samples(picture, raster, mask.astype(np.float32) / 255, "#3050A0")
    assert seen["mean"] == pytest.approx(truth.document_mean, rel=1e-4)
    assert seen["spread"] == pytest.approx(truth.document_spread, rel=1e-4)
    digits = 3 if depth == "F32" else 0
    assert seen["values"].replace("\u00a0", " ") == "  ".join(
        f"{name} {truth.document_mean[at]:.{digits}f} ±{truth.document_spread[at]:.{digits}f}"
        for name, at in NAMES[order].items()
    )
    assert seen["lab"] == pytest.approx(truth.reading.mean_lab, abs=1e-2)
    assert seen["delta_e"] == pytest.approx(truth.reading.delta_e, abs=1e-2)
    assert seen["pixels"] == truth.reading.pixels
    assert seen["untouched"], "measuring changed the document"


@pytest.fixture
def given(tmp_path: Path) -> dict[str, str]:
    """A photograph, and the spoon's handle on it, selected softly."""
    photo = shutil.copy(Path(data.data_dir) / "coffee.png", tmp_path)
    return {"photo": str(photo), "mask": write(soft(600, 400, (478, 122), 26, 6), tmp_path / "mask")}


@pytest.fixture
def panel_put_back(real_krita: Krita):
    """The panel is one for all tests; this one leaves it as it was."""
    yield
    real_krita.run("show_wish(Wish()); probe.section.set_open(False)")


def test_recolor_opens_the_probe_and_its_result_is_measured_on_its_own(
    real_krita: Krita, screen: Screen, screenshots: Path, given: dict[str, str], panel_put_back
):
    before = real_krita.script(
        "probe/open",
        "probe/recolor_opens_the_probe_and_its_result_is_measured_on_its_own_1",
        **given,
    )
    screen.screenshot(screenshots / "panel-probe-before.png")
    real_krita.run("QTest.mouseClick(shown_panel.go, Qt.LeftButton); pump_until(lambda: shown_panel.session.edits)")
    real_krita.until("not shown_panel.session.edits and shown_panel.variations.isVisible()")
    real_krita.until("probe.reading is not None and probe.reading.delta_e < 5")
    after = real_krita.script("probe/recolor_opens_the_probe_and_its_result_is_measured_on_its_own_2")
    screen.screenshot(screenshots / "panel-probe-after.png")
    unselected = real_krita.script("probe/recolor_opens_the_probe_and_its_result_is_measured_on_its_own_3")
    assert before["closed"]
    assert before["nothing selected"] == "Select what to measure."
    assert before["opened by Recolor"]
    assert before["delta_e"] > 10
    assert f"ΔE {before['delta_e']:.1f} from #C0392B" in before["words"]
    assert after["delta_e"] <= 0.5
    assert f"ΔE {after['delta_e']:.1f} from #C0392B" in after["words"]
    assert unselected["delta_e"] == pytest.approx(after["delta_e"], abs=0.3)
    assert unselected["with the result active"] == pytest.approx(after["delta_e"], abs=0.3)


def test_the_measured_colour_becomes_the_target(real_krita: Krita, given: dict[str, str], panel_put_back):
    result = real_krita.script(
        "probe/open",
        "probe/the_measured_colour_becomes_the_target",
        **given,
    )
    assert result["compared"] is False, "there is no target yet"
    assert result["target"] == result["hex"].upper()
    assert result["delta_e"] <= 0.5
    assert result["half typed"] == result["hex"], "a colour that is not written to its end is no target yet"


def test_a_colour_outside_srgb_is_picked_as_lab(real_krita: Krita, tmp_path: Path, panel_put_back):
    """The green of a wide gamut has no `#RRGGBB`."""
    picture = np.full((HEIGHT, WIDTH, 4), 65535, np.uint16)
    picture[..., [0, 2]] = 24000
    result = real_krita.script(
        "probe/a_colour_outside_srgb_is_picked_as_lab",
        pixels=write(picture, tmp_path / "pixels"),
        mask=write(soft(WIDTH, HEIGHT, (140, 100), 40, 10), tmp_path / "mask"),
    )
    assert result["target"].startswith("lab(")
    assert result["delta_e"] < 0.1


def test_the_probe_says_that_the_server_is_gone_and_measures_when_it_is_back(
    real_krita: Krita, server, given: dict[str, str], panel_put_back
):
    result = real_krita.script(
        "probe/open",
        "probe/the_probe_says_that_the_server_is_gone_and_measures_when_it_is_back",
        url=server.url,
        **given,
    )
    assert result["gone"][:2] == [True, False]
    assert "inlay serve" in result["gone"][2]
    assert result["back"] == [True, False]


def test_a_picture_that_cannot_be_edited_cannot_be_measured_and_says_why(real_krita: Krita, panel_put_back):
    result = real_krita.script("probe/a_picture_that_cannot_be_edited_cannot_be_measured_and_says_why")
    assert "Convert a copy" in result["said"]


def test_a_large_region_is_read_in_rows_with_the_same_mean(real_krita: Krita, tmp_path: Path):
    picture, mask = grainy(WIDTH, HEIGHT, "RGBA", "U8"), soft(WIDTH, HEIGHT, (140, 100), 60, 10)
    result = real_krita.script(
        "probe/a_large_region_is_read_in_rows_with_the_same_mean",
        pixels=write(picture, tmp_path / "pixels"),
        mask=write(mask, tmp_path / "mask"),
    )
    whole, rows = result["means"]
    assert rows == pytest.approx(whole, abs=1.5)
    assert rows != whole
    assert result["pixels"][1] == pytest.approx(result["pixels"][0], rel=0.1)
