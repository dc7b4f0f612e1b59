"""What happens to results: flipping, keeping, running again, moving on, closing, crashing."""

import json

import numpy as np
import pytest

from inlay.provenance import acts_in, memories_in, sign
from inlay.provenance.reading import look
from krita.driver import Krita
from krita.photo import grainy, read, soft, write

WIDTH, HEIGHT = 300, 220


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
    result = real_krita.script(
        "results/begin",
        "results/keeping_one_of_three_is_one_undo_step_and_keeps_its_pixels",
        **given,
    )
    assert result["visible"] == 1
    assert [child[1] for child in result["kept"][0][2]] == ["Variation 2 (seed 2)", "Mask"]
    assert (folder / "kept").read_bytes() == (folder / "second").read_bytes()
    assert (folder / "undone").read_bytes() == (folder / "second").read_bytes()
    assert result["undone"] == 3


def test_the_same_edit_of_the_same_selection_is_another_roll_unless_it_shall_build_on(real_krita: Krita, files):
    _, _, _, given = files
    result = real_krita.script(
        "results/begin",
        "results/the_same_edit_of_the_same_selection_is_another_roll_unless_it_shall_build_on",
        **given,
    )
    assert result["same"] == [True, True, False], "only the one that builds on the result may differ"
    assert result["sent"][1] == 0, "the same pixels were sent twice"
    groups = [node for node in result["tree"] if node[0] == "grouplayer"]
    assert len(groups) == 2, "another roll goes into the group of the first; the one that builds on it does not"
    assert [child[1] for child in groups[1][2]] == ["Variation 1 (seed 5)", "Mask"], (
        "what is there already is not added"
    )


def test_that_a_result_lies_in_a_hidden_group_stands_in_the_panel(real_krita: Krita, files):
    _, _, _, given = files
    real_krita.script("results/begin", "results/said_of_a_result_in_a_hidden_group", **given)
    real_krita.until("len(around.childNodes()) == 2 and not shown_panel.session.edits", 60)
    told = real_krita.run("result.update(said=shown_panel.trouble.text(), seen=shown_panel.trouble.isVisible())")
    assert told["seen"], told
    assert "group that is hidden" in told["said"], told
    real_krita.run("around.setVisible(True)\nmade.refreshProjection()\nshown_panel.do('more')")
    real_krita.until("len(around.childNodes()[1].childNodes()) == 3 and not shown_panel.session.edits", 60)
    assert real_krita.run("result['said'] = shown_panel.trouble.text()")["said"] == ""


def test_what_is_found_is_said_beside_its_own_picture_whichever_is_in_front(real_krita: Krita, files):
    _, _, _, given = files
    real_krita.script("results/begin", "results/said_in_another_picture_1", **given)
    real_krita.until("again.has_ended", 60)
    told = real_krita.script("results/said_in_another_picture_2", **given)
    assert told["phase"] == "placed"
    assert "in this result already" in told["said"]
    assert told["beside"] == ["", told["said"], "", told["said"]]
    assert told["closed"] == ["", ""]
    assert told["floated"] == [f"the portrait: {told['said']}"]


def test_a_copy_of_a_picture_gets_nothing_of_what_is_painted_for_its_original(real_krita: Krita, files):
    _, _, _, given = files
    result = real_krita.script("results/begin", "results/a_copy_gets_nothing_of_its_original_1", **given)
    assert result["phases"] == ["placed", "placed"]
    assert result["on their way"] == [1, 0], "in the original, in the copy"
    assert result["results"] == [2, 0], "in the original, in the copy"
    real_krita.until("session.connection.is_ready and all(one in session.offers for one in openings)")
    offered = real_krita.run("result['jobs'] = [len(session.offers_of(one)) for one in both]")
    assert offered["jobs"] == [0, 0]
    assert real_krita.script("results/a_copy_gets_nothing_of_its_original_2")["results"] == [2, 1]


@pytest.mark.parametrize("count", [1, 3])
def test_another_roll_is_one_undo_step_back_to_what_was_seen_before(real_krita: Krita, files, count: int):
    folder, _, _, given = files
    result = real_krita.script(
        "results/begin",
        "results/another_roll_is_one_undo_step_back_to_what_was_seen_before",
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
        result = real_krita.script(
            "results/begin",
            "results/running_again_without_the_servers_copy_sends_the_same_pixels",
            other=other.url,
            **given,
        )
    finally:
        other.kill()
    assert result["same"], json.dumps(result["notes"])
    assert result["sent"][1] > 0


def test_a_result_lands_in_its_own_document_when_the_user_moved_on(real_krita: Krita, files):
    _, _, _, given = files
    result = real_krita.script(
        "results/begin",
        "results/a_result_lands_in_its_own_document_when_the_user_moved_on",
        **given,
    )
    assert result["phase"] == "placed"
    assert [len(one) for one in result["trees"]] == [2, 1]


def test_a_result_is_offered_again_when_its_document_was_closed(real_krita: Krita, files):
    _, _, mask, given = files
    result = real_krita.script(
        "results/begin",
        "results/work",
        "results/a_result_is_offered_again_when_its_document_was_closed",
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
    real_krita.script("results/begin", "results/work", **given)
    real_krita.kill()
    krita = started.get()
    result = krita.script(
        "results/a_crash_of_krita_loses_no_finished_result",
        path=str(files[0] / "closed.kra"),
    )
    assert [phase for phase, _ in result["accepted"]] == ["placed"], result["accepted"]
    assert len(result["tree"][0][2]) == 3


@pytest.mark.parametrize("kind", ["png", "tif"])
def test_a_picture_that_keeps_no_id_gets_its_result_after_it_was_closed(real_krita: Krita, files, kind: str):
    folder, _, _, given = files
    result = real_krita.script(
        "results/begin",
        "results/reopen",
        "results/a_picture_that_keeps_no_id_gets_its_result_after_it_was_closed",
        kind=kind,
        **given,
    )
    before, after = ((folder / name).read_bytes() for name in ("before", "after"))
    assert before != after
    assert len(result["tree"]) == 2, "closed without saving, and offered once more"


def test_a_picture_that_was_saved_before_its_first_edit_gets_the_result_of_a_crash(real_krita: Krita, files, started):
    _, _, _, given = files
    real_krita.script(
        "results/begin",
        "results/a_picture_that_was_saved_before_its_first_edit_gets_the_result_of_a_crash_1",
        **given,
    )
    real_krita.kill()
    result = started.get().script(
        "results/a_picture_that_was_saved_before_its_first_edit_gets_the_result_of_a_crash_2",
        "results/reopen",
        "results/a_picture_that_was_saved_before_its_first_edit_gets_the_result_of_a_crash_3",
        path=str(files[0] / "saved.kra"),
    )
    assert len(result["tree"]) == 2


def test_what_was_done_is_kept_for_its_signature(real_krita: Krita, files):
    """The file is signed by the server's own code: of two variations the one that shows counts, of a hidden group none."""
    folder, _, mask, given = files
    result = real_krita.script("results/begin", "results/what_was_done_is_kept_for_its_signature", **given)
    kept = json.loads(result["kept"])
    variations = [uid for name, uid in result["layers"].items() if name.startswith("Variation")]
    assert sorted(kept) == sorted(variations)
    assert len(kept) == 2
    rows, columns = np.nonzero(mask)
    across, down = int(columns.min()), int(rows.min())
    region = [across, down, int(columns.max()) + 1 - across, int(rows.max()) + 1 - down]
    first = kept[result["layers"]["Variation 1 (seed 5)"]]
    assert (first["verb"], first["engine"], first["region"]) == ("erase", "classic", region)

    (act,) = acts_in(memories_in(folder / "signed.kra"))
    assert (act.term, list(act.region or ()), act.recipe_sha256) == ("humanEdits", region, first["recipe_sha256"])
    assert memories_in(folder / "hidden.kra") == ()
    sign(folder / "signed.kra", [act], folder / "studio")
    found = look(folder / "signed.kra").verdict
    assert found
    assert found.state == "Valid"
    assert found.mark.terms == ("humanEdits", "humanEdits")
