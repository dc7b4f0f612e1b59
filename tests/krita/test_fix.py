"""Fix in the real Krita's narrow panel, where no model paints: what is missing is said before the run, and once after."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from krita.conftest import Server
from krita.driver import Krita, Screen
from krita.photo import write
from support.drawn import hand
from support.eyes import lend

SIDE = 360
MISSING = "What is found is selected and not painted: no model here can mend it. inlay setup says which would run here."


@pytest.fixture(scope="module")
def finding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that finds hands, and has no model that paints any."""
    folder = tmp_path_factory.mktemp("finding")
    lend(("hands",), folder)
    running = Server(folder)
    yield running
    running.kill()


def test_the_panel_says_before_the_run_that_no_model_mends_and_once_beside_what_was_found(
    real_krita: Krita, finding: Server, screen: Screen, screenshots: Path, tmp_path: Path
) -> None:
    pixels = np.rint(hand(SIDE, 0.6)[..., ::-1] * 255).astype(np.uint8)
    everywhere = np.full((SIDE, SIDE), 255, np.uint8)
    real_krita.script(
        "fix/open",
        url=finding.url,
        width=230,
        side=SIDE,
        pixels=write(np.dstack([pixels, everywhere]), tmp_path / "pixels"),
        mask=write(everywhere, tmp_path / "mask"),
    )
    before = real_krita.script("fix/look")
    real_krita.run("shown_panel.run()")
    real_krita.until("shown_panel.session.edits")
    real_krita.until("not shown_panel.session.edits")
    after = real_krita.script("fix/look")
    screen.screenshot(screenshots / "fix-without-a-model-230.png")
    assert [one for one in before["words"] if MISSING in one] == ["\u26a0 " + MISSING]
    assert [one for one in after["words"] if "not painted" in one] == ["\u26a0 " + MISSING, MISSING]
    assert before["cut off"] == after["cut off"] == []
