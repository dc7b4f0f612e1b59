"""Several regions in the real Krita: each with its own words, painted in one run, one after the other, and one undo step."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion

from krita.conftest import Server
from krita.driver import Krita, Screen
from krita.photo import grainy, read, soft, write
from support import looking

WIDTH, HEIGHT, WHITE = 300, 220, 65535


@pytest.fixture(scope="module")
def says(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a model that paints in the grey that its words say."""
    running = Server(tmp_path_factory.mktemp("saying"), program=(str(Path(looking.__file__)),))
    yield running
    running.kill()


def box(x: int, y: int, width: int, height: int) -> NDArray[np.uint8]:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[y : y + height, x : x + width] = 255
    return mask


def within(mask: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where a mask is wholly open, 6 px from where it is not: the edge is made to match its surroundings."""
    return np.asarray(binary_erosion(mask == 255, iterations=6))


def test_regions_with_their_own_words_are_painted_in_turn_in_one_run_and_nothing_else_changes(
    real_krita: Krita, says: Server, screen: Screen, screenshots: Path, tmp_path: Path
):
    picture = grainy(WIDTH, HEIGHT, "RGBA", "U16")
    first, second, elsewhere = soft(WIDTH, HEIGHT, (80, 100), 30, 8), box(90, 80, 60, 40), box(250, 10, 20, 20)
    layer = np.zeros((30, 40, 4), np.uint16)
    layer[..., 3], layer[:10, :, 3] = WHITE, WHITE // 2
    seen = real_krita.script(
        "regions/in_the_panel_1",
        url=says.url,
        folder=str(tmp_path),
        pixels=write(picture, tmp_path / "pixels"),
        first=write(first, tmp_path / "first"),
        second=write(second, tmp_path / "second"),
        elsewhere=write(elsewhere, tmp_path / "elsewhere"),
        layer=write(layer, tmp_path / "layer"),
    )
    assert seen["before"] == "Draw what shall change on a new layer, and choose it.", (
        "without a region it asks for marks"
    )
    assert seen["keyboard"] == [True, True, True], "what shall be there can be typed at once"
    assert seen["in turn"] == [False, True, True]
    assert "one after the other" in seen["in turn says"]
    assert all(right <= width for right, width in seen["wide"]), seen["wide"]
    real_krita.until("shown_panel.go.isEnabled()", timeout_s=30)
    screen.screenshot(screenshots / "panel-with-regions.png")
    real_krita.run("shown_panel.run(); pump_until(lambda: shown_panel.session.edits)")
    real_krita.until("not shown_panel.session.edits")
    done = real_krita.script("regions/in_the_panel_2")

    rows, columns = (np.flatnonzero(first.any(axis=axis)) for axis in (1, 0))
    taken = np.ascontiguousarray(first[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    assert done["told"][0] == ["region", "0.9", hashlib.sha256(taken.tobytes()).hexdigest()]
    assert done["told"][1] == ["region", "half", hashlib.sha256(second[80:120, 90:150].tobytes()).hexdigest()]
    assert done["told"][2] == ["region", "0.1", hashlib.sha256(layer.tobytes()).hexdigest()]
    assert len(done["told"]) == 3, "the layer of marks, which is not there, is not asked for"
    assert [name for _, name, _ in done["group"]] == ["0.1", "half", "0.9"]
    shown = read(tmp_path / "shown", picture).astype(np.float64)
    covered = np.zeros((HEIGHT, WIDTH), np.bool_)
    covered[150:180, 200:240] = True
    union = (first > 0) | (second > 0) | covered
    assert np.array_equal(shown[~union], picture[~union].astype(np.float64)), "pixels outside of all regions changed"
    grey = shown[..., :3].mean(axis=-1) / WHITE
    was = picture[..., :3].mean(axis=-1) / WHITE
    inner, beside = within(first), within(second)
    assert grey[inner & (second == 0)].mean() == pytest.approx(0.9, abs=0.02), "its own words"
    assert grey[inner & beside].mean() == pytest.approx(0.45, abs=0.02), "half of what the first one became"
    alone = beside & (first == 0)
    assert grey[alone].mean() == pytest.approx(was[alone].mean() / 2, abs=0.02), "and of the picture"
    assert grey[164:176, 206:234].mean() == pytest.approx(0.1, abs=0.02)
    half = slice(152, 158), slice(206, 234)
    assert grey[half].mean() == pytest.approx((was[half].mean() + 0.1) / 2, abs=0.03), "as opaque as the layer is"
    assert done["undone"] == seen["tree"], "one undo takes all of it out"
    assert (tmp_path / "afterwards").read_bytes() == picture.tobytes()

    kept = real_krita.script("regions/in_the_panel_3")
    assert kept["left"] == ["half", "0.1"]
    assert kept["focus"] == ["next row", "add"], "after a removal by keyboard it goes on"
    assert kept["another canvas"] == [], "a region belongs to its canvas"
