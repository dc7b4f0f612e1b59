"""What is said beside a fifth try that looks like the four before, and the one box that turns it off."""

import re
from pathlib import Path

import numpy as np
import pytest

from krita.driver import Krita, Screen
from krita.photo import grainy, soft, write

WIDTH, HEIGHT = 300, 220


@pytest.fixture
def given(tmp_path: Path) -> dict[str, str]:
    picture, mask = grainy(WIDTH, HEIGHT, "RGBA", "U16"), soft(WIDTH, HEIGHT, (140, 100), 22, 10)
    picture[..., :3] = np.random.default_rng(4).normal(26_000, 900, (HEIGHT, WIDTH, 3))  # a plain wall with its grain
    return {
        "folder": str(tmp_path),
        "pixels": write(picture, tmp_path / "pixels"),
        "mask": write(mask, tmp_path / "selection"),
    }


def tries_told(said: list[str]) -> list[str]:
    return ["".join(re.findall(r"Try (\d+) here, and the last 5 differ by less than dE 2", one)) for one in said]


def test_every_fifth_try_alike_says_so_unless_one_box_turned_that_off(
    real_krita: Krita, screen: Screen, screenshots: Path, given: dict[str, str]
):
    silent = real_krita.script("results/begin", "hints/five_tries", turns=True, seed=10, **given)
    assert not silent["wanted"], "it is remembered"
    assert tries_told(silent["said"]) == ["", "", "", "", ""]
    told = real_krita.script("hints/five_tries", turns=True, seed=20)
    assert told["wanted"]
    assert tries_told(told["said"]) == ["", "", "", "", "10"]
    assert tries_told([told["panel"]]) == ["10"], f"it stands beside the variation that shows: {told['shown']}"
    screen.screenshot(screenshots / "tenth-try.png")
