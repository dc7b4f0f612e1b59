"""The hidden picture in which results are put together: opened before painting, kept, never seen, gone when it should be."""

import pytest

from krita.driver import Krita
from krita.photo import grainy, soft, write

WIDTH, HEIGHT = 300, 220

BEGIN = """
from inlay_bridge.inside import *
from inlay_krita import api
from inlay_krita.host import scratch
made = document(300, 220, "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc", pixels)
select(made, mask)
views = len(app.views())
def edit(seed):
    job = api.edit(seed=seed)
    api.wait(job)
    api.place(job)
    pump(0.3)
    return job
"""


@pytest.fixture
def given(tmp_path):
    """A picture and a selection."""
    return {
        "pixels": write(grainy(WIDTH, HEIGHT, "RGBA", "U16"), tmp_path / "pixels"),
        "mask": write(soft(WIDTH, HEIGHT, (140, 100), 22, 10), tmp_path / "mask"),
    }


def test_it_is_opened_before_painting_and_kept_without_a_view(real_krita: Krita, given):
    result = real_krita.run(
        BEGIN
        + """
job = api.edit(seed=1)
pump_until(lambda: job.phase not in ("capturing", "uploading"))
result["before the result"] = len(app.documents())
api.wait(job)
api.place(job)
edit(2)
result["after two edits"] = len(app.documents())
result["views"] = len(app.views()) - views
result["modified"] = [other.modified() for other in app.documents() if other != made]
result["in front"] = app.activeDocument() == made
close(made)
pump_until(lambda: not app.documents(), 10)
""",
        **given,
    )
    assert result == {"before the result": 2, "after two edits": 2, "views": 0, "modified": [False], "in front": True}


def test_a_cancelled_edit_leaves_nothing_behind_once_its_picture_is_closed(real_krita: Krita, given):
    result = real_krita.run(
        BEGIN
        + """
job = api.edit(seed=1, count=8)
pump_until(lambda: job.phase in ("queued", "painting"))
job.cancel()
pump_until(lambda: job.has_ended)
result["phase"] = job.phase
result["tree"] = tree(made)
close(made)
pump_until(lambda: not app.documents(), 10)
""",
        **given,
    )
    assert result["phase"] == "cancelled"
    assert [node[1] for node in result["tree"]] == ["Background"]


def test_an_edit_survives_that_a_script_closed_every_other_picture(real_krita: Krita, given):
    result = real_krita.run(
        BEGIN
        + """
job = api.edit(seed=1)
api.wait(job)
for other in app.documents():
    if other != made:
        close(other)
result["left"] = len(app.documents())
api.place(job)
pump(0.3)
result["tree"] = tree(made)
""",
        **given,
    )
    assert result["left"] == 1
    assert [child[1] for child in result["tree"][0][2]] == ["Variation 1 (seed 1)", "Mask"]


def test_two_results_that_are_put_together_at_the_same_time_do_not_mix(real_krita: Krita, given):
    result = real_krita.run(
        BEGIN
        + """
first = api.edit(seed=1, count=3)
moved = made.selection().duplicate()
moved.move(40, 60)
made.setSelection(moved)
second = api.edit(seed=11, count=3)
api.wait(first)
api.wait(second)
first.place()
second.place()
pump_until(lambda: first.phase == second.phase == "placed", 60)
pump(0.5)
groups = [node for node in made.rootNode().childNodes() if node.type() == "grouplayer"]
for group in groups:
    job = first if group.uniqueId().toString() == first.group_id else second
    layers = [node for node in reversed(group.childNodes()) if node.type() == "paintlayer"]
    bounds = job.candidates[0].memory.patch.bounds
    at = (bounds.x, bounds.y, bounds.width, bounds.height)
    result[job.recipe.sampling.seed] = {
        "visible": group.visible(),
        "layers": [[node.name(), node.visible()] for node in layers],
        "same pixels": [node.pixelData(*at).data() == one.pixels for node, one in zip(layers, job.candidates)],
    }
""",
        **given,
    )
    for seed in (1, 11):
        assert result[str(seed)] == {
            "visible": True,
            "layers": [[f"Variation {n + 1} (seed {seed + n})", n == 0] for n in range(3)],
            "same pixels": [True] * 3,
        }


def test_it_is_replaced_after_much_was_built_in_it(real_krita: Krita, given):
    result = real_krita.run(
        BEGIN
        + """
edit(1)
(first,) = [other for other in app.documents() if other != made]
limit, scratch.MAX_BUILT_BYTES = scratch.MAX_BUILT_BYTES, 1
edit(2)
scratch.MAX_BUILT_BYTES = limit
result["documents"] = len(app.documents())
result["replaced"] = first not in app.documents()
result["tree"] = tree(made)
""",
        **given,
    )
    assert result["documents"] == 2
    assert result["replaced"]
    assert len(result["tree"]) == 2


def test_krita_quits_in_order_while_it_is_open(real_krita: Krita, given):
    result = real_krita.run(
        BEGIN
        + """
from PyQt5.QtCore import QTimer
edit(1)
result["documents"] = len(app.documents())
made.setModified(False)
QTimer.singleShot(300, app.action("file_quit").trigger)
""",
        **given,
    )
    assert result["documents"] == 2
    assert real_krita.process.wait(timeout=60) == 0
