"""A model of vision and language says in the real Krita's panel what lies around the selection.

The model is random: its words mean nothing, but where they go does.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from inlay.cli.adding import added
from inlay.engines.models.catalog import Catalog, described
from krita.conftest import Server
from krita.driver import Krita
from krita.photo import grainy, soft, write

pytest.importorskip("torch")
from support import tiny_models
from support.tiny_words import saved_speaker


@pytest.fixture(scope="module")
def speaking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a tiny Qwen2.5-VL, and a model that reads prompts."""
    folder = tmp_path_factory.mktemp("speaking")
    (folder / "data").mkdir()
    catalog = Catalog(folder / "data" / "models.toml")
    added(catalog, saved_speaker(folder / "speaker"))
    catalog.add(described(tiny_models.saved("sd15", folder / "weights"), "sd15", model_id="tiny"))
    running = Server(folder / "data")
    yield running
    running.kill()


def test_what_lies_around_the_selection_is_filled_in_and_said_and_the_picture_stays(
    real_krita: Krita, speaking: Server, tmp_path: Path
) -> None:
    real_krita.script(
        "models/connect",
        "models/what_lies_around_is_filled_in_1",
        folder=str(tmp_path),
        url=speaking.url,
        pixels=write(grainy(320, 240, "RGBA", "U8"), tmp_path / "pixels"),
        mask=write(soft(320, 240, (150, 110), 26, 12), tmp_path / "drawn mask"),
        prompt="a red enamel kite",
    )
    real_krita.until("shown_panel.session.edits or shown_panel.trouble.text()")
    real_krita.until("not shown_panel.session.edits and shown_panel.trouble.text()")
    result = real_krita.script("models/what_lies_around_is_filled_in_2")

    assert result["surroundings"] not in ("", "an empty room")
    assert result["said"] == f"Around the selection: {result['surroundings']}"
    assert result["said in another window"] == result["said"]
    assert result["said while something else is selected"] == result["said"]
    assert result["prompt"] == "a red enamel kite"
    assert len(result["tree"]) == 1, "a layer was made of words"
    x, y, width, height = result["selected"]
    assert (x + width / 2, y + height / 2) == (150.5, 110.5)
