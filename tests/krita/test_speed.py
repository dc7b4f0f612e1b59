"""How long the plugin holds Krita's UI thread: measured and printed for a 1024 px window in a 24 megapixel picture."""

import json
from pathlib import Path

import numpy as np
import pytest

from krita.driver import Krita
from krita.photo import grainy, soft, write

WIDTH, HEIGHT = 6000, 4000


@pytest.mark.slow
def test_a_1024_px_window_in_24_megapixels_is_edited_and_its_holds_are_told(
    real_krita: Krita, tmp_path, screenshots: Path
):
    tile = grainy(1000, 1000, "RGBA", "U16")
    picture = np.tile(tile, (HEIGHT // 1000, WIDTH // 1000, 1))
    mask = soft(WIDTH, HEIGHT, (2000, 1500), 180, 24)
    real_krita.script(
        "speed/begin",
        timeout_s=240,
        width=WIDTH,
        height=HEIGHT,
        pixels=write(picture, tmp_path / "pixels"),
        mask=write(mask, tmp_path / "mask"),
    )
    held = {}
    for name, then in (("first result in the picture", ["speed/another"]), ("second result in the picture", [])):
        real_krita.until("job.has_ended")
        held[name] = real_krita.script("speed/tell", *then)
        assert held[name]["phase"] == "placed", held[name]["message"]
    real_krita.script("speed/end")
    (screenshots.parent / "ui_holds.json").write_text(json.dumps(held, indent=2))  # For bench/ui_holds.py.
