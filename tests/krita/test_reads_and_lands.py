"""What of the picture an edit reads, and where in it the result lands."""

from pathlib import Path

import numpy as np
import pytest

from krita.driver import Krita
from krita.photo import grainy, read, soft, write

WIDTH, HEIGHT = 300, 220
PICTURE, MASK = grainy(WIDTH, HEIGHT, "RGBA", "U16"), soft(WIDTH, HEIGHT, (150, 100), 40, 10)


@pytest.fixture
def scene(tmp_path: Path) -> dict[str, str]:
    """Where a scenario finds its picture and its selection, and writes what it saw."""
    return {
        "folder": str(tmp_path),
        "pixels": write(PICTURE, tmp_path / "pixels"),
        "mask": write(MASK, tmp_path / "mask"),
    }


def edited(krita: Krita, scene: dict[str, str], adjusted: bool, reads: str, reopened: bool = False) -> dict:
    """What was seen of an edit of a picture that lies under a layer which inverts it, or under none."""
    krita.script(
        "reads_and_lands/edited",
        adjusted=adjusted,
        **scene,
    )
    activate(krita, "made.rootNode().childNodes()[0]", "inverted" if adjusted else "Background")
    return krita.script("adjusted", reads=reads, reopened=reopened, **scene)


def activate(krita: Krita, node: str, after: str) -> None:
    """Makes a layer the active one, once Krita made the one active that came last."""
    krita.until(f"made.activeNode().name() == {after!r}", 20)
    krita.run(f"wanted = {node}\nmade.setActiveNode(wanted)")
    krita.until("made.activeNode().name() == wanted.name()", 20)


@pytest.mark.parametrize("reopened", [False, True], ids=["", "offered after the picture was closed"])
def test_an_adjustment_above_is_not_baked_into_what_reads_the_layer_and_below(
    real_krita: Krita, scene: dict[str, str], reopened: bool
):
    folder = Path(scene["folder"])
    plain = edited(real_krita, scene, adjusted=False, reads="picture")
    layer_of_plain = (folder / "layer").read_bytes()
    result = edited(real_krita, scene, adjusted=True, reads="below", reopened=reopened)
    assert plain["read"] == result["read"] == "Background"
    assert result["said"][0] == "placed", result["said"]
    assert "painted on" not in result["said"][1]
    assert [node[1] for node in result["tree"]] == ["inverted", "Erase", "Background"]
    assert (folder / "layer").read_bytes() == layer_of_plain, "the adjustment is in the result's pixels"
    before, after, undone = (read(folder / name, PICTURE) for name in ("before", "after", "undone"))
    assert np.array_equal(after[MASK == 0], before[MASK == 0])
    assert np.abs(before[..., :3].astype(int) + PICTURE[..., :3] - 65535).max() <= 1, "the picture is seen inverted"
    assert (after[MASK == 255] != before[MASK == 255]).any()
    assert result["again"][0] == "placed"
    assert "in this result already" in result["again"][1]
    assert result["same source"], "the result above the layer was read with it"
    assert np.array_equal(undone, before)


def test_an_edit_of_the_picture_reads_what_is_seen_adjustments_and_all(real_krita: Krita, scene: dict[str, str]):
    result = edited(real_krita, scene, adjusted=True, reads="picture")
    assert result["read"] == "test"
    assert [node[1] for node in result["tree"]] == ["Erase", "inverted", "Background"]


@pytest.mark.parametrize(
    ("lands", "active", "root", "inside"),
    [
        ("top", "dust", ["Erase", "curves", "retouch", "Background"], ["skin", "dust"]),
        ("above", "Background", ["curves", "retouch", "Erase", "Background"], ["skin", "dust"]),
        ("above", "dust", ["curves", "retouch", "Background"], ["skin", "Erase", "dust"]),
        ("above", "retouch", ["curves", "Erase", "retouch", "Background"], ["skin", "dust"]),
        ("group", "retouch", ["curves", "retouch", "Background"], ["Erase", "skin", "dust"]),
        ("group", "dust", ["curves", "retouch", "Background"], ["skin", "Erase", "dust"]),
        ("group", "curves", ["Erase", "curves", "retouch", "Background"], ["skin", "dust"]),
    ],
)
def test_a_result_lands_where_it_is_wished_and_one_undo_takes_it_out(
    real_krita: Krita, scene: dict[str, str], lands: str, active: str, root: list[str], inside: list[str]
):
    real_krita.script("reads_and_lands/nested", active=active, **scene)
    activate(real_krita, "named(active)", "curves")
    real_krita.run("shown(made, folder + '/before'); job = api.edit(seed=3, lands=lands); api.wait(job)", lands=lands)
    real_krita.run("job.place()")
    real_krita.until("job.phase == 'placed' and made.activeNode().name() == active", 20)
    result = real_krita.script("reads_and_lands/a_result_lands_where_it_is_wished_and_one_undo_takes_it_out")
    assert (result["root"], result["inside"]) == (root, inside)
    assert result["undone"] == [["curves", "retouch", "Background"], ["skin", "dust"]]
    before, after = (read(Path(scene["folder"]) / name, PICTURE) for name in ("before", "after"))
    assert np.array_equal(after[MASK == 0], before[MASK == 0])
    assert not np.array_equal(after[MASK == 255], before[MASK == 255])
