"""The graphs that Inlay brings paint in a real ComfyUI, where INLAY_COMFYUI names one.

Its weights have published names and shapes and nothing learnt in them: what they paint is noise, where they paint it is known.
"""

import cv2
import numpy as np
import pytest

from inlay.engines.interface import Scene
from inlay.recipe import Sampling, Words
from support import comfy_real
from support.comfy_rooms import room_for

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not comfy_real.FOLDER, reason="INLAY_COMFYUI names no ComfyUI"),
]
SIDE = 128
WEIGHTS = {"sdxl_inpaint": "sdxl", "flux_fill": "flux", "klein_edit": "klein", "qwen_edit": "qwen"}
"""Qwen's sees the window as a megapixel: a loaded CPU takes ten minutes for it."""
MASKED = ("sdxl_inpaint", "flux_fill")
"""Who are shown a mask, and leave the rest to their autoencoder. What that gives back is a shade off, all of it alike: its norms
look at the whole picture, with what was painted.
"""


def scene() -> Scene:
    rows, columns = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    waves = 0.5 + 0.4 * np.sin(rows / 30) * np.cos(columns / 25)
    mask = np.clip((60 - np.hypot(rows - SIDE / 2, columns - SIDE / 2)) / 20, 0, 1)
    return Scene(
        np.stack([rows / SIDE, columns / SIDE, waves], -1).astype(np.float32), mask.astype(np.float32), mask < 2
    )


@pytest.mark.parametrize("name", WEIGHTS)
def test_a_graph_that_inlay_brings_paints(name, tmp_path):
    server = comfy_real.RealComfy("--bf16-unet", "--bf16-text-enc")
    try:
        server.give_weights(WEIGHTS[name])
        room, shown = room_for(server.address, tmp_path, name, steps=2), scene()
        recipe = room.recipe(words=Words("a disc", "ugly"), sampling=Sampling(seed=7, model="away"))

        (made,) = room.registry.engine("away").paint(shown, recipe, room.progress("job"))
    finally:
        server.remove()

    assert made.pixels.shape == shown.pixels.shape
    assert made.pixels.std() > 0.05
    steps = [one.index for one in room.told if hasattr(one, "index") and hasattr(one, "total")]
    assert steps == [1, 2]
    if name in MASKED:
        small = cv2.resize(shown.pixels, (SIDE // 8, SIDE // 8), interpolation=cv2.INTER_AREA)
        means = cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)
        outside = cv2.dilate(shown.mask, np.ones((33, 33))) == 0
        for color in range(3):
            given = np.stack([means[outside][:, color], np.ones(outside.sum())], 1)
            back = made.pixels[outside][:, color]
            fitted = np.linalg.lstsq(given, back, rcond=None)[0]
            assert np.abs(given @ fitted - back).max() < 1e-4
            assert fitted == pytest.approx([1, 0], abs=0.02)
        assert np.abs(made.pixels - means).max(-1)[shown.mask == 1].mean() > 0.1
