"""Judging a result: pictures of the region that grow with the panel and are sharp on a screen of twice the density."""

from pathlib import Path

import numpy as np
import pytest

from krita.conftest import Server
from krita.driver import Krita, Screen
from krita.photo import grainy, read, soft, write

WIDTH, HEIGHT = 1200, 900
MASK = soft(WIDTH, HEIGHT, (700, 420), 150, 6)


@pytest.fixture
def scene(tmp_path: Path, server: Server) -> dict[str, object]:
    """A picture, a selection in it, and where the server is."""
    return {
        "folder": str(tmp_path),
        "url": server.url,
        "pixels": write(grainy(WIDTH, HEIGHT, "RGBA", "U8"), tmp_path / "pixels"),
        "mask": write(MASK, tmp_path / "mask"),
    }


def look(krita: Krita, scene: dict[str, object], width: int) -> dict:
    krita.script("comparing/place", width=width, **scene)
    krita.until("strip.count() == 1 and shown_panel.variations.isVisible()", 60)
    return krita.script("comparing/look")


def assert_shows_the_region(folder: Path, bounds: list[int]) -> None:
    """Oracle: what the document shows where the mask is, box-filtered to the thumbnail's size."""
    from PIL import Image

    thumbnail = Image.open(folder / "thumbnail.png").convert("RGB")
    after = read(folder / "after", np.zeros((HEIGHT, WIDTH, 4), np.uint8))
    x, y, width, height = bounds
    region = after[y : y + height, x : x + width, 2::-1]
    expected = np.asarray(Image.fromarray(region).resize(thumbnail.size, Image.Resampling.BOX), float)
    apart = np.abs(np.asarray(thumbnail, float) - expected)
    side = thumbnail.size[0]
    y, x = np.mgrid[0:side, 0:side]
    inside = np.hypot(x - side / 2, y - side / 2) < 0.4 * side
    assert apart[inside].mean() < 12, "the thumbnail does not show the region"


def test_pictures_of_the_region_grow_with_the_panel(
    real_krita: Krita, screen: Screen, screenshots: Path, scene: dict[str, object]
):
    narrow = look(real_krita, scene, 250)
    assert_shows_the_region(Path(str(scene["folder"])), narrow["bounds"])
    real_krita.run("close_all()")
    wide = look(real_krita, scene, 560)
    assert_shows_the_region(Path(str(scene["folder"])), wide["bounds"])
    screen.screenshot(screenshots / "panel-wide.png")
    assert narrow["picture"] == [narrow["side"]] * 2
    assert wide["picture"] == [wide["side"]] * 2
    assert wide["side"] >= 2 * narrow["side"]
    assert wide["high"] >= wide["side"]


def test_a_screen_of_twice_the_density_gets_twice_the_pixels(
    tmp_path_factory: pytest.TempPathFactory, screen: Screen, plugin: Path, scene: dict[str, object], real_krita: Krita
):
    dense = Krita(tmp_path_factory.mktemp("dense"), screen, plugin, scale=2)
    try:
        dense.script("comparing/a_screen_of_twice_the_density_gets_twice_the_pixels")
        seen = look(dense, scene, 250)
    finally:
        dense.kill()
    assert seen["ratio"] == 2
    assert seen["picture"] == [2 * seen["side"]] * 2
    assert_shows_the_region(Path(str(scene["folder"])), seen["bounds"])
