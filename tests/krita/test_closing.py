"""A picture may be closed at any moment: Krita does not fall over what its layer list was still to show of it."""

from pathlib import Path

import pytest

from krita.driver import Krita
from krita.photo import grainy, write

TIMES = 8
"""Krita falls about every second time, where it does: a busy machine is often slower than its layer list."""


@pytest.mark.parametrize("does", ["compare", "ask"])
def test_a_script_may_close_its_picture_right_after_inlay_was_done_with_it(
    real_krita: Krita, tmp_path: Path, does: str
):
    pixels = write(grainy(300, 220, "RGBA", "U8"), tmp_path / "pixels")
    for _ in range(TIMES):
        real_krita.script("closing/close_at_once", does=does, pixels=pixels)
        real_krita.until("over", 60)
    assert real_krita.run("result['open'] = len(app.documents())")["open"] == 0
