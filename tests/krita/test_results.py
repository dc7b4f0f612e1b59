"""What happens to results: flipping, keeping, running again, moving on, closing, crashing."""

import json

import numpy as np
import pytest

from krita.driver import Krita
from krita.photo import grainy, read, soft, write

WIDTH, HEIGHT = 300, 220

BEGIN = """
from inlay_bridge.inside import *
from inlay_krita import api
from inlay_krita.host import place, identity
from pathlib import Path
at = Path(folder)
made = document(300, 220, "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc", pixels)
select(made, mask)
"""


@pytest.fixture
def files(tmp_path):
    """Where a scenario finds its picture and its selection, and writes what it saw."""
    picture, mask = grainy(WIDTH, HEIGHT, "RGBA", "U16"), soft(WIDTH, HEIGHT, (140, 100), 22, 10)
    given = {
        "folder": str(tmp_path),
        "pixels": write(picture, tmp_path / "pixels"),
        "mask": write(mask, tmp_path / "selection"),
    }
    return tmp_path, picture, mask, given


def test_keeping_one_of_three_takes_two_undo_steps_and_keeps_its_pixels(real_krita: Krita, files):
    folder, _, _, given = files
    result = real_krita.run(
        BEGIN
        + """
job = api.edit(count=3, seed=1)
api.wait(job)
api.place(job)
group = group_of(made)
place.show(made, group, 1)
pump(0.5)
shown(made, at / "second")
result["visible"] = place.shown(group)
api.session().keep(made, group)
pump(1.0)
shown(made, at / "kept")
result["kept"] = tree(made)
undo(made)
undo(made)
result["undone"] = len(place.variations_of(group_of(made)))
shown(made, at / "undone")
""",
        **given,
    )
    assert result["visible"] == 1
    assert [child[1] for child in result["kept"][0][2]] == ["Variation 2 (seed 2)", "Mask"]
    assert (folder / "kept").read_bytes() == (folder / "second").read_bytes()
    assert (folder / "undone").read_bytes() == (folder / "second").read_bytes()
    assert result["undone"] == 3


def test_a_second_edit_of_the_same_region_sees_what_lies_below_the_first(real_krita: Krita, files):
    _, _, _, given = files
    result = real_krita.run(
        BEGIN
        + """
jobs = []
for build_on in (False, False, True):
    job = api.edit(seed=5, build_on=build_on)
    api.wait(job)
    api.place(job)
    pump(0.3)
    jobs.append(job)
result["same"] = [jobs[0].candidates[0].pixels == job.candidates[0].pixels for job in jobs]
result["sent"] = [job.uploaded_bytes for job in jobs]
result["tree"] = tree(made)
""",
        **given,
    )
    assert result["same"] == [True, True, False], "only the one that builds on the result may differ"
    assert result["sent"][1] == 0, "the same pixels were sent twice"
    groups = [node for node in result["tree"] if node[0] == "grouplayer"]
    assert len(groups) == 2, "the second result takes the first one's place; the one that builds on it does not"
    assert [child[1] for child in groups[1][2]] == ["Variation 1 (seed 5)", "Variation 1 (seed 5)", "Mask"]


def test_a_result_that_replaces_an_earlier_one_takes_two_undo_steps(real_krita: Krita, files):
    folder, _, _, given = files
    result = real_krita.run(
        BEGIN
        + """
seen = [tree(made)]
for seed in (5, 6):
    job = api.edit(seed=seed)
    api.wait(job)
    api.place(job)
    pump(0.5)
    shown(made, at / f"seed {seed}")
    seen.append(tree(made))
steps = []
while len(tree(made)) > 1 and len(steps) < 5:
    undo(made)
    steps.append(tree(made))
    shown(made, at / f"{len(steps)} undone")
result["seen"], result["steps"] = seen, steps
""",
        **given,
    )
    nothing, first, second = result["seen"]
    names = [child[1] for child in second[0][2]]
    assert names == ["Variation 1 (seed 6)", "Variation 1 (seed 5)", "Mask"], "the earlier variation is kept below"
    assert len(result["steps"]) == 3
    assert result["steps"][1:] == [first, nothing], "two steps back to the earlier result, a third to none"
    assert (folder / "2 undone").read_bytes() == (folder / "seed 5").read_bytes()
    assert (folder / "seed 5").read_bytes() != (folder / "seed 6").read_bytes()


def test_running_again_without_the_servers_copy_sends_the_same_pixels(real_krita: Krita, files, tmp_path_factory):
    from krita.conftest import Server

    _, _, _, given = files
    other = Server(tmp_path_factory.mktemp("other server"))
    try:
        result = real_krita.run(
            BEGIN
            + """
job = api.edit(seed=3)
api.wait(job)
api.place(job)
pump(1.0)
use_server(other)
assert api.connect()
made.setActiveNode(group_of(made))
pump(0.3)
again = api.edit_again()
api.wait(again)
result["same"] = again.candidates[0].pixels == job.candidates[0].pixels
result["sent"] = [job.uploaded_bytes, again.uploaded_bytes]
result["notes"] = again.notes
""",
            other=other.url,
            **given,
        )
    finally:
        other.kill()
    assert result["same"], json.dumps(result["notes"])
    assert result["sent"][1] > 0


def test_a_result_lands_in_its_own_document_when_the_user_moved_on(real_krita: Krita, files):
    _, _, _, given = files
    result = real_krita.run(
        BEGIN
        + """
from inlay_krita.wish import Wish
edit = api.session().run(Wish(seed=4))
other = document(300, 220, "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc", pixels)
app.setActiveDocument(other)
pump_until(lambda: edit.has_ended)
pump(0.3)
result["phase"] = edit.phase
result["trees"] = [tree(made), tree(other)]
""",
        **given,
    )
    assert result["phase"] == "placed"
    assert [len(one) for one in result["trees"]] == [2, 1]


CLOSE_AND_REOPEN = (
    BEGIN
    + """
from inlay_krita.wish import Wish
path = str(at / "closed.kra")
made.setBatchmode(True)
made.saveAs(path)
made.waitForDone()
edit = api.session().run(Wish(seed=6, count=2))
pump_until(lambda: edit.phase not in ("capturing", "uploading"))
made.save()
made.waitForDone()
"""
)


def test_a_result_is_offered_again_when_its_document_was_closed(real_krita: Krita, files):
    _, _, mask, given = files
    result = real_krita.run(
        CLOSE_AND_REOPEN
        + """
close(made)
pump_until(lambda: edit.has_ended)
result["phase"] = edit.phase
made = app.openDocument(path)
app.activeWindow().addView(made)
pump_until(lambda: api.session().offers_of(made))
result["offers"] = len(api.session().offers_of(made))
edits = api.session().accept(made)
pump_until(lambda: all(edit.has_ended for edit in edits))
result["accepted"] = [[edit.phase, edit.message] for edit in edits]
result["tree"] = tree(made)
masked(made, group_of(made), at / "mask")
result["offers after"] = len(api.session().offers_of(made))
""",
        **given,
    )
    assert result["phase"] in ("waiting", "failed")
    assert result["offers"] == 1
    assert [phase for phase, _ in result["accepted"]] == ["placed"], result["accepted"]
    assert len(result["tree"][0][2]) == 3
    assert result["offers after"] == 0
    assert np.array_equal(read(files[0] / "mask", mask), mask)


def test_a_crash_of_krita_loses_no_finished_result(real_krita: Krita, started, files, server):
    _, _, _, given = files
    real_krita.run(CLOSE_AND_REOPEN, **given)
    real_krita.kill()
    krita = started.get()
    result = krita.run(
        """
        from inlay_bridge.inside import *
        from inlay_krita import api
        made = app.openDocument(path)
        app.activeWindow().addView(made)
        pump_until(lambda: api.session().offers_of(made))
        edits = api.session().accept(made)
        pump_until(lambda: all(edit.has_ended for edit in edits))
        result["accepted"] = [[edit.phase, edit.message] for edit in edits]
        result["tree"] = tree(made)
        """,
        path=str(files[0] / "closed.kra"),
    )
    assert [phase for phase, _ in result["accepted"]] == ["placed"], result["accepted"]
    assert len(result["tree"][0][2]) == 3
