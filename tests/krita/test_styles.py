"""Styles in the real Krita: one menu, values in what the layer remembers, Save as style, and a result against a kit's colours."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from krita.conftest import Server
from krita.driver import Krita, Screen
from krita.photo import grainy, read, soft, write
from support.lab import lab_d50, share_within

COLORS = [{"name": "Brand green", "color": "#00A651"}, {"name": "Wood", "color": "#8C5A2E"}]
KIT = """# ours
[styles.kit]
title = "House kit"
colors = [{ name = "Brand green", color = "#00A651" }, { name = "Wood", color = "#8C5A2E" }]
[styles.plain]
title = "Words alone"
prompt_after = "soft light"
"""


@pytest.fixture
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("studio") / "data"
    data.mkdir()
    (data / "styles.toml").write_text(KIT)
    running = Server(data)
    yield running
    running.kill()


def share(shown: np.ndarray, mask: np.ndarray) -> tuple[float, list[float]]:
    """Of what is seen where a mask is open by half: within 2 of a colour of the kit, in percent, by scikit-image alone."""
    inside = shown[mask >= 128][None, :, 2::-1]
    targets = [
        lab_d50(np.array([[[0, 166, 81]]], np.uint8))[0, 0],
        lab_d50(np.array([[[140, 90, 46]]], np.uint8))[0, 0],
    ]
    whole, each = share_within(inside, targets)
    return 100 * whole, [100 * one for one in each]


def percent(line: str) -> float:
    found = re.search(r"([\d.]+) %", line)
    assert found, line
    return float(found[1])


def test_a_style_is_picked_painted_with_and_saved_and_the_result_is_held_against_its_colours(
    real_krita: Krita, screen: Screen, screenshots: Path, studio: Server, tmp_path: Path
) -> None:
    picture, mask = grainy(300, 220, "RGBA", "U16"), soft(300, 220, (140, 100), 22, 10)
    other = soft(300, 220, (170, 100), 22, 2)
    given = {"pixels": write(picture, tmp_path / "pixels"), "mask": write(mask, tmp_path / "selection")}
    began = real_krita.script("styles/a_style_is_picked_painted_with_and_saved_1", url=studio.url, **given)
    assert began["menu"] == [["", "No style"], ["kit", "House kit"], ["plain", "Words alone"]]
    assert began["in sight"]
    real_krita.until("not shown_panel.session.edits and shown_panel.variations.isVisible()")

    seen = real_krita.script(
        "styles/the_result_is_held_against_the_colours_of_the_kit_1",
        folder=str(tmp_path),
        other=write(other, tmp_path / "other"),
    )
    screen.screenshot(screenshots / "panel-brand-check.png")
    opened = np.frombuffer((tmp_path / "open").read_bytes(), np.uint8).reshape(mask.shape)
    expected, each = share(read(tmp_path / "result", picture), opened)
    assert 1 < expected < 99, "there is something to measure"
    line, nearest = seen["result"]
    assert percent(line) == pytest.approx(expected, abs=0.06)
    assert "nearest is Brand green" in nearest
    assert f"Brand green: {each[0]:.1f} %" in seen["rest"], "the tip has each colour"

    covered, each = share(read(tmp_path / "covered", picture), opened)
    assert each[1] > 20
    assert percent(seen["covered"][0]) == pytest.approx(covered, abs=0.06), "what was painted above counts too"
    assert "nearest is Wood" in " ".join(seen["covered"] + seen["covered rest"])
    selected, _ = share(read(tmp_path / "covered", picture), other)
    assert percent(seen["selected"][0]) == pytest.approx(selected, abs=0.06)
    assert abs(selected - covered) > 0.2, "it is another share"
    assert "no colours" in seen["plain"][0]
    assert seen["plain reading"], "the mean is told all the same"
    assert seen["none"] == [], "without a style nothing is said of a brand"
    assert seen["unchanged"]

    done = real_krita.script("styles/a_style_is_picked_painted_with_and_saved_2")
    assert done["target"] == "#00A651"
    assert done["styled"] == ["kit", 64, "Brand green"]
    assert done["menu"][:3] == ["No style", "House kit", "Words alone"]
    assert done["menu"][3] == done["group"], "the new one is there at once, named as the result"
    assert done["chosen"] == "kit", "and the choice stays as it was"
    text = (studio.data / "styles.toml").read_text()
    assert text.startswith(KIT.rstrip())
    saved = list(tomllib.loads(text)["styles"].values())[-1]
    assert saved["colors"] == COLORS
