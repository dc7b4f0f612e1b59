"""What happens to results: flipping, keeping, running again, moving on, closing, crashing."""

import json

import numpy as np
import pytest

from krita.driver import Krita
from krita.photo import grainy, read, soft, write

WIDTH, HEIGHT = 300, 220

BEGIN = """
from krita import InfoObject
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


def test_keeping_one_of_three_is_one_undo_step_and_keeps_its_pixels(real_krita: Krita, files):
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
result["visible"] = place.shown(made, group)
api.session().keep(made, group)
pump_until(lambda: len(place.variations_of(made, group)) == 1)
pump(0.3)
shown(made, at / "kept")
result["kept"] = tree(made)
undo(made)
result["undone"] = len(place.variations_of(made, group_of(made)))
shown(made, at / "undone")
""",
        **given,
    )
    assert result["visible"] == 1
    assert [child[1] for child in result["kept"][0][2]] == ["Variation 2 (seed 2)", "Mask"]
    assert (folder / "kept").read_bytes() == (folder / "second").read_bytes()
    assert (folder / "undone").read_bytes() == (folder / "second").read_bytes()
    assert result["undone"] == 3


def test_the_same_edit_of_the_same_selection_is_another_roll_unless_it_shall_build_on(real_krita: Krita, files):
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
    assert len(groups) == 2, "another roll goes into the group of the first; the one that builds on it does not"
    assert [child[1] for child in groups[1][2]] == ["Variation 1 (seed 5)", "Mask"], (
        "what is there already is not added"
    )


@pytest.mark.parametrize("count", [1, 3])
def test_another_roll_is_one_undo_step_back_to_what_was_seen_before(real_krita: Krita, files, count: int):
    folder, _, _, given = files
    result = real_krita.run(
        BEGIN
        + """
seen = [tree(made)]
for seed in (5, 60):
    job = api.edit(seed=seed, count=count)
    api.wait(job)
    api.place(job)
    pump(0.3)
    if seed == 5 and count > 1:
        place.show(made, group_of(made), 1)
        pump(0.3)
    shown(made, at / f"seed {seed}")
    seen.append(tree(made))
undo(made)
seen.append(tree(made))
shown(made, at / "undone")
redo(made)
shown(made, at / "redone")
undo(made)
undo(made)
seen.append(tree(made))
result["seen"] = seen
""",
        count=count,
        **given,
    )
    nothing, first, second, undone, all_undone = result["seen"]
    assert second != first
    assert (undone, all_undone) == (first, nothing)
    assert (folder / "undone").read_bytes() == (folder / "seed 5").read_bytes()
    assert (folder / "redone").read_bytes() == (folder / "seed 60").read_bytes()
    assert (folder / "seed 5").read_bytes() != (folder / "seed 60").read_bytes()


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


REOPEN = """
def offered(path):
    opened = app.openDocument(path)
    app.activeWindow().addView(opened)
    pump_until(lambda: api.session().offers_of(opened), 60)
    (edit,) = api.session().accept(opened)
    pump_until(lambda: edit.has_ended)
    assert edit.phase == "placed", edit.message
    return opened
"""


@pytest.mark.parametrize("kind", ["png", "tif"])
def test_a_picture_that_keeps_no_id_gets_its_result_after_it_was_closed(real_krita: Krita, files, kind: str):
    folder, _, _, given = files
    result = real_krita.run(
        BEGIN
        + REOPEN
        + """
path = str(at / ("plain." + kind))
made.setBatchmode(True)
assert made.exportImage(path, InfoObject())
close(made)
made = app.openDocument(path)
app.activeWindow().addView(made)
select(made, mask)
shown(made, at / "before")
job = api.edit(seed=6)
pump_until(lambda: job.phase not in ("capturing", "uploading"))
close(made)
pump_until(lambda: job.has_ended)
made = offered(path)
shown(made, at / "after")
close(made)
made = offered(path)
result["tree"] = tree(made)
""",
        kind=kind,
        **given,
    )
    before, after = ((folder / name).read_bytes() for name in ("before", "after"))
    assert before != after
    assert len(result["tree"]) == 2, "closed without saving, and offered once more"


def test_a_picture_that_was_saved_before_its_first_edit_gets_the_result_of_a_crash(real_krita: Krita, files, started):
    _, _, _, given = files
    real_krita.run(
        BEGIN
        + """
path = str(at / "saved.kra")
made.setBatchmode(True)
made.saveAs(path)
made.waitForDone()
job = api.edit(seed=6)
pump_until(lambda: job.position is not None or job.phase == "painting")
""",
        **given,
    )
    real_krita.kill()
    result = started.get().run(
        "from inlay_bridge.inside import *\nfrom inlay_krita import api\n"
        + REOPEN
        + 'result["tree"] = tree(offered(path))',
        path=str(files[0] / "saved.kra"),
    )
    assert len(result["tree"]) == 2
