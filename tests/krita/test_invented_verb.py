"""A verb that this plugin never heard of, with a field of every kind: shown, filled in, sent and placed as the server says."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from skimage import data

from krita.conftest import Server
from krita.driver import Krita, Screen
from krita.photo import read, write
from support import invented_verb

PROGRAM = (str(Path(invented_verb.__file__)),)
SKY = (30, 60, 200)
"""Red, green, blue of the layer that the rain takes its colour from."""


@pytest.fixture(scope="module")
def weather(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that can do the weather."""
    running = Server(tmp_path_factory.mktemp("weather"), program=PROGRAM)
    yield running
    running.kill()


def test_an_unknown_verb_is_shown_filled_in_sent_and_placed(
    real_krita: Krita, weather: Server, screen: Screen, screenshots: Path, tmp_path: Path
) -> None:
    photo = shutil.copy(Path(data.data_dir) / "coffee.png", tmp_path)
    mask = np.zeros((400, 600), np.uint8)
    mask[100:160, 200:290] = 255
    shown = real_krita.script(
        "invented_verb/an_unknown_verb_is_shown_filled_in_sent_and_placed_1",
        url=weather.url,
        photo=str(photo),
        folder=str(tmp_path),
        color=SKY,
        mask=write(mask, tmp_path / "mask"),
    )
    screen.screenshot(screenshots / "panel-with-an-invented-verb.png")
    real_krita.script("invented_verb/an_unknown_verb_is_shown_filled_in_sent_and_placed_2")
    real_krita.until(
        "not shown_panel.session.edits and (shown_panel.variations.isVisible() or shown_panel.session.left_of(made))"
    )
    placed = real_krita.script("invented_verb/an_unknown_verb_is_shown_filled_in_sent_and_placed_3")

    assert shown["shown"] == shown["described"], "a field was left out"
    assert shown["out of sight"] == []
    assert shown["begins with"]["options.motto"] == "Cumulus"
    assert shown["begins with"]["options.density"] == 0.75
    assert placed["left"] == []
    assert placed["options"] == {
        "motto": "Nimbus",
        "kind": "rain",
        "drops": 7,
        "angle": 12.5,
        "density": 0.5,
        "thunder": True,
        "tint": "#102030",
    }
    assert placed["inputs"] == [["sky", "a blue sky"]]
    assert placed["rest"] == ["weather", "a shower", "satellite", 2, 5]
    assert placed["name"] == "a shower"
    assert placed["variations"] == 2
    like = np.zeros((400, 600, 4), np.uint8)
    before, after = read(tmp_path / "before", like), read(tmp_path / "after", like)
    assert np.array_equal(after[mask == 0], before[mask == 0])
    expected = 255 - (before[..., 2::-1] * 0.5 + 0.5 * np.array(SKY))  # Half of it hidden; thunder: its negative.
    away = np.abs(after[..., 2::-1].astype(float) - expected)[mask == 255]
    assert away.mean() < 2, "the options did not arrive; grain alone moves single pixels by a few codes"


def test_a_german_krita_has_a_german_panel(real_krita: Krita, weather: Server) -> None:
    said = real_krita.script(
        "invented_verb/a_german_krita_has_a_german_panel",
        url=weather.url,
    )
    assert "Wetter" in said["verbs"]
    assert said["thunder"] == "Donner"
    assert said["run"] != "Run"
