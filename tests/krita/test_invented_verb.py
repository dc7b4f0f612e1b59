"""A verb that this plugin never heard of, with a field of every kind: shown, filled in, sent and placed as the server says."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from skimage import data

from krita.conftest import Server
from krita.driver import Krita, Screen
from krita.photo import read, write
from support import invented_verb

PROGRAM = (str(Path(invented_verb.__file__)),)
SKY = (30, 60, 200)
"""Red, green, blue of the layer that the rain takes its colour from."""


@pytest.fixture(scope="module")
def weather(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that can do the weather."""
    running = Server(tmp_path_factory.mktemp("weather"), program=PROGRAM)
    yield running
    running.kill()


def test_an_unknown_verb_is_shown_filled_in_sent_and_placed(
    real_krita: Krita, weather: Server, screen: Screen, screenshots: Path, tmp_path: Path
) -> None:
    photo = shutil.copy(Path(data.data_dir) / "coffee.png", tmp_path)
    mask = np.zeros((400, 600), np.uint8)
    mask[100:160, 200:290] = 255
    shown = real_krita.run(
        """
        from inlay_bridge.inside import *
        from inlay_krita import api
        from inlay_krita.host import memories, place
        from PyQt5.QtTest import QTest
        use_server(url)
        assert api.connect(60), str(api.session().connection.trouble)
        shown_panel = panel()
        form = shown_panel.form
        made = app.openDocument(photo)
        app.activeWindow().addView(made)
        pump_until(lambda: app.activeDocument() == made)
        sky = made.createNode("a blue sky", "paintlayer")
        sky.setPixelData(QByteArray(bytes([*reversed(color), 255]) * (600 * 400)), 0, 0, 600, 400)
        sky.setVisible(False)
        made.rootNode().addChildNode(sky, None)
        made.setActiveNode(made.rootNode().childNodes()[0])
        made.waitForDone()
        select(made, mask)
        shown(made, folder + "/before")
        form.verb.setCurrentText("Weather")
        form.details.set_open(True)
        asked = form.form.fields
        result["shown"] = sorted(path for path in form.fields if not path.startswith("panel."))
        result["described"] = sorted(one.path for one in asked)
        pump(0.3)
        result["out of sight"] = [path for path, made_ in form.fields.items() if not made_.isVisible()]
        result["begins with"] = {path: value.get() for path, value in form.fields.items() if path.startswith("options.")}
        """,
        url=weather.url,
        photo=str(photo),
        folder=str(tmp_path),
        color=SKY,
        mask=write(mask, tmp_path / "mask"),
    )
    screen.screenshot(screenshots / "panel-with-an-invented-verb.png")
    real_krita.run(
        """
        def put(path, value):
            form.fields[path].put(value)
        QTest.keyClicks(form.fields["words.prompt"], "a shower")
        form.fields["options.motto"].selectAll()
        QTest.keyClicks(form.fields["options.motto"], "Nimbus")
        put("options.kind", "rain")
        put("options.drops", 7)
        put("options.angle", 12.5)
        put("options.density", 0.5)
        put("options.thunder", True)
        put("options.tint", "#102030")
        put("inputs.sky", sky.uniqueId().toString())
        put("sampling.model", "satellite")
        put("sampling.count", 2)
        put("sampling.seed", 5)
        pump_until(lambda: shown_panel.go.isEnabled())
        result["planned"] = 0
        QTest.mouseClick(shown_panel.go, Qt.LeftButton)
        """
    )
    real_krita.until(
        "not shown_panel.session.edits and (shown_panel.variations.isVisible() or shown_panel.session.left_of(made))"
    )
    placed = real_krita.run(
        """
        result["left"] = [edit.message for edit in shown_panel.session.left_of(made)]
        group = group_of(made)
        recipe = next(iter(memories.recall(made, group).layers.values())).memory.recipe
        result["options"] = {
            name: getattr(value, value.WhichOneof("kind")) for name, value in recipe.options.items()
        }
        result["inputs"] = [[one.role, one.name] for one in recipe.inputs]
        result["rest"] = [recipe.verb, recipe.words.prompt, recipe.sampling.model, recipe.sampling.count, recipe.sampling.seed]
        result["name"] = group.name()
        result["variations"] = len(place.variations_of(made, group))
        shown(made, folder + "/after")
        """
    )

    assert shown["shown"] == shown["described"], "a field was left out"
    assert shown["out of sight"] == []
    assert shown["begins with"]["options.motto"] == "Cumulus"
    assert shown["begins with"]["options.density"] == 0.75
    assert placed["left"] == []
    assert placed["options"] == {
        "motto": "Nimbus",
        "kind": "rain",
        "drops": 7,
        "angle": 12.5,
        "density": 0.5,
        "thunder": True,
        "tint": "#102030",
    }
    assert placed["inputs"] == [["sky", "a blue sky"]]
    assert placed["rest"] == ["weather", "a shower", "satellite", 2, 5]
    assert placed["name"] == "a shower"
    assert placed["variations"] == 2
    like = np.zeros((400, 600, 4), np.uint8)
    before, after = read(tmp_path / "before", like), read(tmp_path / "after", like)
    assert np.array_equal(after[mask == 0], before[mask == 0])
    expected = 255 - (before[..., 2::-1] * 0.5 + 0.5 * np.array(SKY))  # Half of it hidden; thunder: its negative.
    away = np.abs(after[..., 2::-1].astype(float) - expected)[mask == 255]
    assert away.mean() < 2, "the options did not arrive; grain alone moves single pixels by a few codes"


def test_a_german_krita_has_a_german_panel(real_krita: Krita, weather: Server) -> None:
    said = real_krita.run(
        """
        import os
        from inlay_bridge.inside import *
        from inlay_krita import api
        connection = api.session().connection
        os.environ["LANGUAGE"] = "de_AT"
        use_server(url)
        try:
            assert api.connect(60), str(connection.trouble)
            fresh_panels()
            form = panel().form
            form.verb.put("weather")
            result["verbs"] = [form.verb.itemText(n) for n in range(form.verb.count())]
            result["run"] = panel().go.text()
            result["thunder"] = form.fields["options.thunder"].text()
        finally:
            os.environ["LANGUAGE"] = "en"
            use_server(url)
            assert api.connect(60)
            fresh_panels()
        """,
        url=weather.url,
    )
    assert "Wetter" in said["verbs"]
    assert said["thunder"] == "Donner"
    assert said["run"] != "Run"
