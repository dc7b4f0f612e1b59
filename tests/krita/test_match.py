"""Match, in the real Krita: the layer in hand is hidden, and a new one above it belongs; undo takes that back, in one step."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from krita.conftest import Server
from krita.driver import Krita
from krita.photo import DTYPES, read, write

WIDTH, HEIGHT = 300, 220
NOTHING = {"light": 0.0, "color": 0.0, "sharpness": 0.0, "grain": 0.0, "fringe": 0.0}

HALF_A_STOP = 0.5
"""How far the grain may be from the picture's; tests/unit/fidelity/test_matching.py measures it closer, over more."""


def samples(rgb: NDArray[Any], alpha: NDArray[Any], depth: str) -> NDArray[Any]:
    white = np.iinfo(DTYPES[depth]).max
    return np.rint(np.clip(np.dstack([rgb, alpha]), 0, 1) * white).astype(DTYPES[depth])


def scene(depth: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """A grainy picture, and a smooth disc cut out."""
    noise = cv2.GaussianBlur(np.random.default_rng(1).normal(0, 1, (HEIGHT, WIDTH, 3)), (0, 0), 1.0)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    alpha = np.clip((85 - np.hypot(x - 150, y - 110)) / 3, 0, 1)
    below = samples(0.5 + 0.035 * noise / noise.std(), np.ones((HEIGHT, WIDTH)), depth)
    return below, samples(np.full((HEIGHT, WIDTH, 3), 0.55) * (alpha > 0)[..., None], alpha, depth)


def fine(picture: NDArray[Any]) -> float:
    """Standard deviation of luma's detail below 3 px, inside the disc."""
    luma = picture[..., :3].astype(float) @ [0.114, 0.587, 0.299]
    return float((luma - cv2.GaussianBlur(luma, (0, 0), 3))[70:150, 110:190].std())


def matched(krita: Krita, server: Server, folder: Path, depth: str, **amounts: float) -> tuple[Any, ...]:
    below, layer = scene(depth)
    paths = {"pixels": write(below, folder / "pixels"), "layer": write(layer, folder / "layer")}
    krita.script("match/open", depth=depth, **paths)
    krita.run("made.setActiveNode(cut)")
    krita.until("made.activeNode() == cut", 20)
    seen = krita.script("match/run", folder=str(folder), amounts=amounts)
    assert (folder / "below").read_bytes() == below.tobytes()
    assert (folder / "original").read_bytes() == layer.tobytes()
    return seen, below, layer, read(folder / "matched", layer)


@pytest.mark.parametrize("depth", ["U8", "U16"])
def test_the_layer_in_hand_is_hidden_for_one_that_belongs_and_undo_brings_it_back(
    real_krita: Krita, server: Server, tmp_path: Path, depth: str
):
    seen, below, layer, new = matched(real_krita, server, tmp_path, depth)
    top, original, _ = seen["placed"]
    assert top == ["paintlayer", "Cut-out", True]
    assert original == ["paintlayer", "Cut-out", False]
    assert np.array_equal(new[..., 3], layer[..., 3])
    assert fine(layer) == 0
    assert abs(np.log2(fine(new) / fine(below))) < HALF_A_STOP
    assert [one[2] for one in seen["undone"]] == [True, True]


def test_with_every_slider_at_0_the_new_layer_is_the_old_one_to_the_bit(
    real_krita: Krita, server: Server, tmp_path: Path
):
    _, _, layer, new = matched(real_krita, server, tmp_path, "U16", **NOTHING)
    shown = layer[..., 3] > 0
    assert np.array_equal(new[shown], layer[shown])


def test_undo_of_a_second_match_leaves_the_first_one_in_its_place(real_krita: Krita, server: Server, tmp_path: Path):
    below, layer = scene("U8")
    paths = {"pixels": write(below, tmp_path / "pixels"), "layer": write(layer, tmp_path / "layer")}
    real_krita.script("match/open", depth="U8", **paths)
    real_krita.run(
        "from inlay_krita import api\n"
        "def shown(): return [node.visible() for node in reversed(made.rootNode().childNodes())]"
    )
    for _ in range(2):
        real_krita.run("made.setActiveNode(cut)")
        real_krita.until("made.activeNode() == cut", 20)
        real_krita.run("job = api.edit(verb='match')")
        real_krita.until("job.phase in ('finished', 'placed')", 60)
        real_krita.run("job.place()")
        real_krita.until("job.phase == 'placed' and made.activeNode() != cut", 60)
    twice = real_krita.run("result['shown'] = shown()")["shown"]
    assert twice == [True, True, False, True], "two that belong, the cut-out hidden, and the picture"
    real_krita.run("from krita import Krita\nKrita.instance().action('edit_undo').trigger()")
    real_krita.until("len(shown()) == 3 and made.activeNode() == cut", 20)
    looked = "from inlay_krita.host import results\nresults.keep_standing()\nresult['shown'] = shown()"
    after = real_krita.run(looked)["shown"]
    assert after == [True, False, True], "the first one still stands for the cut-out"
