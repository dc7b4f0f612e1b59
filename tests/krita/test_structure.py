"""Structure in the real Krita: a hand comes as shapes that can be moved, and a model is held to where they are then."""

import base64
import colorsys
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from krita.conftest import Server
from krita.driver import Krita
from krita.photo import grainy, soft, write
from support import posing

WIDTH, HEIGHT = 300, 220
MOVED = np.array([30.0, 25.0])


@pytest.fixture(scope="module")
def poses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that shows a hand, and has a model that tells to which map it was held."""
    running = Server(tmp_path_factory.mktemp("posing"), program=(str(Path(posing.__file__)),))
    yield running
    running.kill()


def hue(bone: int) -> np.ndarray:
    """OpenPose's colour of a hand's bone."""
    return np.round(np.array(colorsys.hsv_to_rgb(bone / 20, 1, 1)) * 255)


def map_in(told: dict) -> np.ndarray:
    width, height = map(int, told["size"].split())
    return np.frombuffer(zlib.decompress(base64.b64decode(told["map"])), np.uint8).reshape(height, width, 3)


def test_a_joint_that_was_moved_takes_its_bone_along_in_the_right_colour(
    real_krita: Krita, poses: Server, tmp_path: Path
):
    """In a 16-bit document with wide primaries: what Krita shows of a layer there is in other numbers than OpenPose's."""
    picture, mask = grainy(WIDTH, HEIGHT, "RGBA", "U16"), soft(WIDTH, HEIGHT, (150, 110), 60, 10)
    seen = real_krita.script(
        "structure/a_joint_is_moved",
        url=poses.url,
        depth="U16",
        profile="ClayRGB-elle-V2-g22.icc",
        dpi=300.0,
        pixels=write(picture, tmp_path / "pixels"),
        mask=write(mask, tmp_path / "mask"),
        dx=float(MOVED[0]),
        dy=float(MOVED[1]),
    )
    print(seen["tree"])
    layer, background = seen["tree"]
    assert layer[:2] == ["vectorlayer", "Pose"]
    names = list(seen["before"])
    assert sum(name.startswith("inlay-joint") for name in names) == 21
    assert sum(name.startswith("inlay-bone") for name in names) == 20

    first, moved = map_in(seen["held"]), map_in(seen["moved"])
    hand = posing.HAND  # in the window's pixels, and the same window is seen again
    tip, knuckle = hand[4], hand[3]
    for number, (one, other) in enumerate(zip([*hand[:4]], [*hand[1:5]], strict=True)):
        x, y = np.rint((one + other) / 2).astype(int)
        np.testing.assert_array_equal(first[y, x], hue(number), f"bone {number} of the thumb")
    for number in range(21):
        x, y = np.rint(hand[number]).astype(int)
        np.testing.assert_array_equal(first[y, x], (0, 0, 255), f"joint {number}")

    new_tip = tip + MOVED
    x, y = np.rint((new_tip + knuckle) / 2).astype(int)
    np.testing.assert_array_equal(moved[y, x], hue(3), "the bone follows its joint")
    x, y = np.rint(new_tip).astype(int)
    np.testing.assert_array_equal(moved[y, x], (0, 0, 255))
    x, y = np.rint(tip).astype(int)
    assert not moved[y - 2 : y + 3, x - 2 : x + 3].any(), "nothing stays where it was"
    others = np.abs(moved.astype(int) - first).max(axis=2) > 0
    rows, columns = np.nonzero(others)
    reach = np.stack([tip, knuckle, new_tip])
    assert (rows >= reach[:, 1].min() - 5).all()
    assert (columns >= reach[:, 0].min() - 5).all()
    assert (rows <= reach[:, 1].max() + 5).all()
    assert (columns <= reach[:, 0].max() + 5).all()

    left, top = seen["moved"]["window"][:2]
    (bone,) = [box for name, box in seen["after"].items() if name.startswith("inlay-bone_3_4_")]
    assert bone[1] + bone[3] == pytest.approx(left + new_tip[0], abs=6), (
        "the layer shows it, too; a line's box is a little wider"
    )
    assert bone[2] + bone[4] == pytest.approx(top + max(new_tip[1], knuckle[1]), abs=6)
    assert len(seen["after"]) == 41
    assert seen["again"]["blob"] == seen["moved"]["blob"]
    assert seen["again"]["uploaded"] == 0, "the same again costs nothing"
    assert seen["undone"][-1] == background
