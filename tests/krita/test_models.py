"""A fill with a model of the user's, from the real Krita: typed, painted by a server with a tiny Stable Diffusion, placed.

The model is random: what it paints means nothing, but where it paints, what is kept and what is remembered do.
"""

import dataclasses
import json
import shutil
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from skimage import data

from inlay.engines.models.catalog import Catalog, TierOverrides, described
from inlay.recipe import Tier
from krita.conftest import Server
from krita.driver import Krita, Screen
from krita.photo import grainy, read, soft, write

pytest.importorskip("torch")
from support import tiny_models

STEPS = 6
PROMPT = "a red enamel kite"
UNWANTED = "text, logo"
COFFEE = Path(data.data_dir) / "coffee.png"


@pytest.fixture(scope="module")
def painting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that has a tiny Stable Diffusion 1.5 in its models.toml, called "tiny"."""
    folder = tmp_path_factory.mktemp("painting")
    entry = described(tiny_models.saved("sd15", folder / "weights"), "sd15", model_id="tiny")
    few = tuple((tier, TierOverrides(steps=STEPS)) for tier in Tier)
    data_folder = folder / "data"
    data_folder.mkdir()
    Catalog(data_folder / "models.toml").add(dataclasses.replace(entry, tiers=few))
    running = Server(data_folder)
    yield running
    running.kill()


def remembered(result: dict[str, Any]) -> list[dict[str, Any]]:
    return [json.loads(receipt) for receipt in result["receipts"]]


def test_a_prompt_typed_into_the_panel_is_painted_by_the_model_and_placed_under_the_selection(
    real_krita: Krita, painting: Server, screen: Screen, screenshots: Path, tmp_path: Path
) -> None:
    picture = data.coffee()
    given: dict[str, Any] = {
        "folder": str(tmp_path),
        "url": painting.url,
        "photo": str(shutil.copy(COFFEE, tmp_path)),
        "mask": write(soft(picture.shape[1], picture.shape[0], (300, 180), 40, 12), tmp_path / "mask"),
        "prompt": PROMPT,
        "unwanted": UNWANTED,
    }
    real_krita.script(
        "models/connect",
        "models/a_prompt_typed_into_the_panel_is_painted_by_the_model_and_placed_under_the_selection_1",
        **given,
    )
    screen.press("ctrl+Return")
    real_krita.until("shown_panel.session.edits")
    real_krita.until("not shown_panel.session.edits and shown_panel.variations.isVisible()")
    screen.screenshot(screenshots / "panel-with-a-models-result.png")
    result = real_krita.script(
        "models/a_prompt_typed_into_the_panel_is_painted_by_the_model_and_placed_under_the_selection_2"
    )

    assert result["trouble"] == ""
    assert not result["recolor asks what to leave out"]
    group, photograph = result["tree"]
    assert group[1] == PROMPT
    assert [layer[0] for layer in group[2]] == ["paintlayer", "paintlayer", "transparencymask"]
    assert photograph[0] == "paintlayer"
    mask = np.frombuffer((tmp_path / "selection").read_bytes(), np.uint8).reshape(picture.shape[:2])
    before, after = (
        np.frombuffer((tmp_path / name).read_bytes(), np.uint8).reshape(*picture.shape[:2], 4)
        for name in ("before", "after")
    )
    assert np.array_equal(after[mask == 0], before[mask == 0])
    assert (after[mask == 255] != before[mask == 255]).any(-1).mean() > 0.5, "nothing was painted"
    assert np.array_equal(np.frombuffer((tmp_path / "group mask").read_bytes(), np.uint8), mask.ravel())
    for receipt in remembered(result):
        assert receipt["engine"] == receipt["model"] == "tiny"
        assert receipt["prompt"] == PROMPT
        assert receipt["recipe"]["words"]["negative_prompt"] == UNWANTED
        assert receipt["recipe"]["sampling"]["strength"] == 0.5
        assert (int(receipt["steps"]), int(receipt["walked"])) == (STEPS, STEPS // 2)


def test_a_layer_remembers_the_model_and_paints_the_same_again_after_saving(
    real_krita: Krita, painting: Server, tmp_path: Path
) -> None:
    picture, mask = grainy(320, 240, "RGBA", "U16"), soft(320, 240, (150, 110), 26, 12)
    result = real_krita.script(
        "models/connect",
        "models/a_layer_remembers_the_model_and_paints_the_same_again_after_saving",
        folder=str(tmp_path),
        url=painting.url,
        pixels=write(picture, tmp_path / "pixels"),
        mask=write(mask, tmp_path / "drawn mask"),
        prompt=PROMPT,
        unwanted=UNWANTED,
    )

    before, after = read(tmp_path / "before", picture), read(tmp_path / "after", picture)
    assert np.array_equal(before[mask == 0], after[mask == 0])
    assert not np.array_equal(before[mask == 255], after[mask == 255])
    assert result["same pixels"] == [True, True]
    assert result["differ"], "two seeds gave the same pixels"
    assert result["uploaded"] == 0
    assert result["left out again"] == UNWANTED
    first, second = remembered(result)
    assert first["model"] == second["model"] == "tiny"
    assert first["model_sha256"] == second["model_sha256"] != ""
    assert (first["recipe"]["sampling"]["seed"], second["recipe"]["sampling"]["seed"]) == (7, 8)


def test_replace_background_keeps_the_selected_subject_and_paints_what_is_around_it(
    real_krita: Krita, painting: Server, tmp_path: Path
) -> None:
    picture, subject = grainy(320, 240, "RGBA", "U16"), soft(320, 240, (150, 110), 50, 16)
    result = real_krita.script(
        "models/connect",
        "models/replace_background_keeps_the_selected_subject_and_paints_what_is_around_it",
        folder=str(tmp_path),
        url=painting.url,
        pixels=write(picture, tmp_path / "pixels"),
        mask=write(subject, tmp_path / "drawn mask"),
        prompt=PROMPT,
    )
    before, after = read(tmp_path / "before", picture), read(tmp_path / "after", picture)
    assert np.array_equal(after[subject == 255], before[subject == 255]), "the subject changed"
    assert (after[subject == 0] != before[subject == 0]).any(-1).mean() > 0.9, "the background is still there"
    assert np.array_equal(read(tmp_path / "mask", subject), 255 - subject)
    assert [node[0] for node in result["tree"]] == ["grouplayer", "paintlayer"]


def test_a_prompt_decides_which_engine_is_planned_with_in_the_panel_and_for_the_edit(
    real_krita: Krita, painting: Server, tmp_path: Path
) -> None:
    result = real_krita.script(
        "models/connect",
        "models/a_prompt_decides_which_engine_is_planned_with_in_the_panel_and_for_the_edit",
        folder=str(tmp_path),
        url=painting.url,
        pixels=write(grainy(320, 240, "RGBA", "U8"), tmp_path / "pixels"),
        mask=write(soft(320, 240, (150, 110), 26, 12), tmp_path / "drawn mask"),
        prompt=PROMPT,
    )

    assert (result["without words"], result["with words"]) == ("classic", "tiny")
    assert result["said"].startswith("tiny")
    assert result["painted by"] == ["classic", "tiny"]
    assert [one for one, _ in groupby(sorted(result["planned with"]))] == [[False, "classic"], [True, "tiny"]]


def test_a_model_that_is_added_or_whose_folder_goes_away_shows_in_the_panel_without_a_new_connection(
    real_krita: Krita, tmp_path: Path
) -> None:
    folder, data_folder = tiny_models.saved("sd15", tmp_path / "weights"), tmp_path / "data"
    data_folder.mkdir()
    running = Server(data_folder)
    try:
        real_krita.script(
            "models/connect",
            "models/a_model_that_is_added_or_whose_folder_goes_away_shows_in_the_panel_without_a_new_connection",
            folder=str(tmp_path),
            url=running.url,
            pixels=write(grainy(320, 240, "RGBA", "U8"), tmp_path / "pixels"),
            mask=write(soft(320, 240, (150, 110), 26, 12), tmp_path / "drawn mask"),
            prompt=PROMPT,
        )
        real_krita.until("'does not read prompts' in shown_panel.hud.toolTip()", timeout_s=180)
        without = real_krita.run("result.update(said=shown_panel.hud.toolTip(), can_run=shown_panel.go.isEnabled())")
        assert without["said"].startswith("classic")
        assert "inlay models add" in without["said"]
        assert without["can_run"], "it may be what the retoucher wants"

        Catalog(data_folder / "models.toml").add(described(folder, "sd15", model_id="tiny"))
        real_krita.until("shown_panel.hud.text().startswith('tiny')", timeout_s=180)
        real_krita.until("field.negative_prompt is not None", timeout_s=60)

        folder.rename(tmp_path / "unmounted")
        real_krita.until("'is not there' in shown_panel.hud.toolTip()", timeout_s=180)
        away = real_krita.run("result['said'] = shown_panel.hud.toolTip()")["said"]
        assert away.startswith("classic")
        assert "tiny" in away
        assert str(folder) in away
        real_krita.run("form.verb.setCurrentText('Refine')")
        real_krita.until("shown_panel.hud.text() and not shown_panel.go.isEnabled()", timeout_s=180)
        refine = real_krita.run("result['said'] = shown_panel.hud.text()")["said"]
        assert "tiny" in refine
        assert str(folder) in refine

        (tmp_path / "unmounted").rename(folder)
        real_krita.until("shown_panel.hud.text().startswith('tiny')", timeout_s=180)
    finally:
        running.kill()
        real_krita.run("show_wish(Wish())")


def test_a_layer_that_comes_along_is_asked_about_and_a_palette_is_not(
    real_krita: Krita, painting: Server, tmp_path: Path
) -> None:
    result = real_krita.script(
        "models/connect",
        "models/a_layer_that_comes_along_is_asked_about",
        folder=str(tmp_path),
        url=painting.url,
        pixels=write(grainy(320, 240, "RGBA", "U8"), tmp_path / "pixels"),
        mask=write(soft(320, 240, (150, 110), 26, 12), tmp_path / "drawn mask"),
    )

    assert result["chosen"] == [[20, 20]], "what of it is on the canvas"
    assert result["palette"] == result["nothing"] == []
