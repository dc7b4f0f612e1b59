"""The panel as a retoucher uses it: mouse and keys on the real docker, pictures of it kept for people to look at."""

import re
import shutil
from pathlib import Path

import pytest
from skimage import data

from krita.driver import Krita, Screen
from krita.photo import soft, write

OPEN = """
from inlay_bridge.inside import *
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication
from inlay_krita.host import place
shown_panel = panel()
form = shown_panel.form
made = app.openDocument(photo)
app.activeWindow().addView(made)
pump_until(lambda: app.activeDocument() == made)
"""

COFFEE = Path(data.data_dir) / "coffee.png"


@pytest.fixture
def given(tmp_path: Path) -> dict[str, str]:
    """A photograph, and the spoon's handle on it, selected softly."""
    photo = shutil.copy(COFFEE, tmp_path)  # Krita autosaves beside it, and asks about what an earlier run left there
    return {"photo": str(photo), "mask": write(soft(600, 400, (478, 122), 26, 6), tmp_path / "mask")}


def test_select_run_flip_keep(real_krita: Krita, screen: Screen, screenshots: Path, given: dict[str, str]):
    hint = real_krita.run(
        OPEN
        + """
pump_until(lambda: "Select what should change" in shown_panel.hud.text())
result["can run"] = shown_panel.go.isEnabled()
result["asks what to leave out"] = (field.negative_prompt is not None)
result["width"] = shown_panel.width()
""",
        **given,
    )
    assert hint["can run"] is False
    assert hint["asks what to leave out"] is False, "nothing on this server reads words"
    assert hint["width"] <= 260
    screen.screenshot(screenshots / "panel-before-selecting.png")
    result = real_krita.run(
        """
        made = app.activeDocument()
        select(made, mask)
        pump_until(lambda: shown_panel.go.isEnabled() and shown_panel.hud.text().startswith("classic"))
        result["hud"], result["window"] = shown_panel.hud.text(), shown_panel.hud.toolTip()
        QTest.keyClick(form.verb, Qt.Key_Down)
        result["verb by key"] = form.verb.currentText()
        form.verb.setCurrentText("Erase")
        field.count.selectAll()
        QTest.keyClicks(field.count, "3")
        QTest.mouseClick(field.seed.lock, Qt.LeftButton)
        field.seed.put(11)
        QTest.mouseClick(shown_panel.go, Qt.LeftButton)
        pump_until(lambda: shown_panel.session.edits)
        """,
        **given,
    )
    screen.screenshot(screenshots / "panel-while-painting.png")
    real_krita.until("not shown_panel.session.edits and shown_panel.variations.isVisible()")
    real_krita.until('shown_panel.variations.strip.count() == 3 and made.activeNode().name() == "Background"')
    flipped = real_krita.run(
        """
        result["active layer"] = made.activeNode().name()
        result["trouble"] = shown_panel.trouble.text()
        strip = shown_panel.variations.strip
        result["variations"] = [strip.count(), strip.currentRow(), place.shown(made, group_of(made))]
        strip.setFocus()
        QTest.keyClick(strip, Qt.Key_Right)
        result["after right"] = [strip.currentRow(), place.shown(made, group_of(made))]
        QTest.keyClick(strip, Qt.Key_Left)
        QTest.keyClick(strip, Qt.Key_Left)
        result["after left twice"] = [strip.currentRow(), place.shown(made, group_of(made))]
        result["seed stayed"] = field.seed.get()
        """
    )
    screen.screenshot(screenshots / "panel-with-result.png")
    assert result["hud"].startswith("classic")
    seen, painted = re.findall(r"(\d+ × \d+) px", result["window"])
    assert seen == painted, "a small window is painted at its own size"
    assert result["verb by key"] == "Fill"
    assert flipped == {
        "active layer": "Background",
        "trouble": "",
        "variations": [3, 0, 0],
        "after right": [1, 1],
        "after left twice": [2, 2],
        "seed stayed": 11,
    }
    real_krita.run("QTest.mouseClick(shown_panel.variations.keep, Qt.LeftButton)")
    real_krita.until(
        "shown_panel.variations.strip.count() == 1 and len(place.variations_of(made, group_of(made))) == 1"
    )
    kept = real_krita.run(
        """
        result["tree"] = tree(made)
        QTest.mouseClick(shown_panel.variations.more, Qt.LeftButton)
        """
    )
    real_krita.until("not shown_panel.session.edits and len(place.variations_of(made, group_of(made))) == 4")
    kept |= real_krita.run(
        """
        result["trouble"] = shown_panel.trouble.text()
        result["seeds"] = [layer.name().partition("seed")[2] for layer in place.variations_of(made, group_of(made))]
        result["groups"] = len(place.results_of(made))
        """
    )
    assert [child[1] for child in kept["tree"][0][2]] == ["Variation 3 (seed 13)", "Mask"]
    assert kept["trouble"] == ""
    assert len(set(kept["seeds"])) == 4, "more paints others, with new seeds, into the same result"
    assert kept["groups"] == 1


def test_the_seam_of_the_visible_variation_is_told_and_remembered(
    real_krita: Krita, screen: Screen, screenshots: Path, given: dict[str, str], tmp_path: Path
):
    real_krita.run(
        OPEN
        + """
select(made, mask)
form.verb.setCurrentText("Fill")
field.prompt.setPlainText("a wooden table")
field.count.setValue(2)
pump_until(lambda: shown_panel.go.isEnabled())
QTest.mouseClick(shown_panel.go, Qt.LeftButton)
pump_until(lambda: shown_panel.session.edits)
job = shown_panel.session.edits[0]
""",
        **given,
    )
    real_krita.until("not shown_panel.session.edits and shown_panel.variations.isVisible()")
    real_krita.until("shown_panel.variations.seam.text()")
    screen.screenshot(screenshots / "panel-with-seam.png")
    told = real_krita.run(
        """
        from inlay_krita.host import memories
        found = shown_panel.variations
        result["seam"], result["notes"] = found.seam.text(), found.notes.text()
        result["report"] = [one.memory.report.ring_delta_e_after for one in job.candidates]
        known = memories.recall(made, group_of(made)).layers.values()
        result["remembered"] = [kept.memory.report.ring_delta_e_after for kept in known]
        made = save_and_reopen(made, path)
        made.setActiveNode(group_of(made))
        pump_until(lambda: found.isVisible() and found.seam.text(), 10)
        result["after reopening"] = [found.seam.text(), found.notes.text()]
        show_wish(Wish())
        """,
        path=str(tmp_path / "saved.kra"),
    )
    assert told["seam"].startswith(f"Seam ΔE {told['report'][0]:.1f}")
    assert told["remembered"] == told["report"]
    assert "prompt" in told["notes"], "the classic engine cannot follow a prompt, and says so"
    assert told["after reopening"] == [told["seam"], told["notes"]]


def test_what_the_form_says_is_what_the_recipe_remembers(real_krita: Krita, given: dict[str, str]):
    real_krita.run(
        OPEN
        + """
from inlay_krita.host import memories
select(made, mask)
said = Wish("fill", prompt="wood", tier="draft", strength=0.35, count=2, seed=77, grow_px=3, feather_px=2)
show_wish(said)
assert form.wish() == said, [form.wish().values, said.values]
pump_until(lambda: shown_panel.go.isEnabled())
QTest.mouseClick(shown_panel.go, Qt.LeftButton)
pump_until(lambda: shown_panel.session.edits)
""",
        **given,
    )
    real_krita.until("not shown_panel.session.edits and shown_panel.variations.isVisible()")
    kept = real_krita.run(
        """
        (kept,) = [one for one in memories.recall(made, group_of(made)).layers.values() if not one.memory.variation]
        how, where = kept.memory.recipe.sampling, kept.memory.recipe.where
        result["stored"] = [kept.memory.recipe.words.prompt, how.tier, how.count, how.seed, where.grow_px, where.feather_px]
        result["strength"] = how.strength
        result["layers"] = [node.name() for node in place.variations_of(made, group_of(made))]
        show_wish(Wish())
        """
    )
    assert kept["strength"] == pytest.approx(0.35)
    assert kept["stored"] == ["wood", "draft", 2, 77, 3, 2]
    assert kept["layers"] == ["Variation 1 (seed 77)", "Variation 2 (seed 78)"]


def test_strength_nought_changes_nothing(real_krita: Krita, given: dict[str, str], tmp_path: Path):
    real_krita.run(
        OPEN
        + """
select(made, mask)
shown(made, at + "/before")
field.strength.setValue(0)
pump_until(lambda: shown_panel.go.isEnabled())
QTest.mouseClick(shown_panel.go, Qt.LeftButton)
pump_until(lambda: shown_panel.session.edits)
""",
        at=str(tmp_path),
        **given,
    )
    real_krita.until("not shown_panel.session.edits and shown_panel.variations.isVisible()")
    result = real_krita.run(
        """
        shown(made, at + "/after")
        result["placed"] = [node[1] for node in tree(made)]
        field.strength.setValue(100)
        """
    )
    assert len(result["placed"]) == 2
    assert (tmp_path / "before").read_bytes() == (tmp_path / "after").read_bytes()


def test_every_part_of_the_panel_has_an_action_for_shortcuts(real_krita: Krita):
    result = real_krita.run(
        """
        import re
        from pathlib import Path
        import inlay_krita
        folder = Path(inlay_krita.__file__).with_name("actions")
        listed = re.findall(r'Action name="(\\w+)"', (folder / "inlay_krita.action").read_text())
        from inlay_krita.entry import ACTIONS
        result["listed"], result["registered"] = listed, list(ACTIONS)
        result["missing"] = [name for name in listed if app.action(name) is None]
        """
    )
    assert result["missing"] == []
    assert set(result["listed"]) == set(result["registered"])


def test_recolor_takes_the_brush_colour(real_krita: Krita, screen: Screen, screenshots: Path, given: dict[str, str]):
    result = real_krita.run(
        OPEN
        + """
from krita import ManagedColor
select(made, mask)
color = ManagedColor("RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc")
color.setComponents([0.0, 0.2, 1.0, 1.0])  # blue, green, red
app.activeWindow().activeView().setForeGroundColor(color)
form.verb.setCurrentText("Recolor")
form.details.set_open(True)
field.target_color.take()
pump_until(lambda: shown_panel.probe.isVisible())
result["color"] = form.wish().get("words.target_color")
result["prompt"] = field.prompt is not None
""",
        **given,
    )
    screen.screenshot(screenshots / "panel-recolor.png")
    real_krita.run('form.verb.setCurrentText("Erase"); form.details.set_open(False)')
    assert result["color"] == "#FF3300"
    assert result["prompt"] is False


def test_the_panel_says_what_keeps_the_server_from_a_waiting_edit(real_krita: Krita):
    result = real_krita.run(
        """
        from inlay_bridge.inside import *
        from inlay_krita import api
        from inlay_krita.client.messages import job_pb2
        from inlay_krita.edit import Edit
        from inlay_krita.ui.progress import standing
        edit = Edit(api.session().connection, "Erase", True)
        said = result["said"] = []
        for why in ("the disk is full", ""):
            edit._heard(job_pb2.Event(queued=job_pb2.Queued(position=2, why=why)))
            said.append(standing(edit, None))
        """
    )
    assert result["said"] == ["waiting: the disk is full", "waiting, 2 before it"]
