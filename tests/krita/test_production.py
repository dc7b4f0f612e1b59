"""One result, many deliverables, in the real Krita: its edit in other documents, and tables of its variations in formats."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from google.protobuf import json_format
from numpy.typing import NDArray
from skimage import data

from inlay.v1 import recipe_pb2
from krita.driver import Krita, Screen
from krita.photo import grainy, read, soft, write

U8 = NDArray[np.uint8]
CENTER = (169, 383)
"""Of the badge on the astronaut's suit."""
TURNED = np.vstack([cv2.getRotationMatrix2D((256, 256), 7, 0.9) + np.array([[0, 0, -20], [0, 0, -60]]), (0, 0, 1)])
SIBLING = (480, 400)


def bgra(picture: U8) -> U8:
    return np.dstack([picture[..., ::-1], np.full(picture.shape[:2], 255, np.uint8)])


def turned(picture: U8, border: int = cv2.BORDER_CONSTANT) -> U8:
    return cv2.warpPerspective(picture, TURNED, SIBLING, flags=cv2.INTER_CUBIC, borderMode=border).astype(np.uint8)


def overlap(one: NDArray[Any], other: NDArray[Any]) -> float:
    return float(((one > 127) & (other > 127)).sum() / ((one > 127) | (other > 127)).sum())


def test_an_edit_is_done_where_the_same_thing_lies_in_other_documents_and_left_to_a_person_where_that_is_not_sure(
    real_krita: Krita, tmp_path: Path
) -> None:
    photo = data.astronaut()
    mask = soft(512, 512, CENTER, 40, 6)
    disc = (soft(512, 512, CENTER, 46, 1) > 127).astype(np.uint8)
    without = cv2.inpaint(photo, disc, 5, cv2.INPAINT_TELEA).astype(np.uint8)
    sibling = bgra(turned(photo)).astype(np.uint16) * 250
    sibling[..., 3] = 65_535
    pictures = {"sibling": sibling, "painted over": bgra(turned(without)), "another": bgra(data.coffee())}
    others = {
        name: (one.shape[1], one.shape[0], "U16" if one.dtype == np.uint16 else "U8", write(one, tmp_path / name))
        for name, one in pictures.items()
    }
    seen = real_krita.script(
        "production/the_edit_is_applied_to_other_documents",
        master=write(bgra(photo), tmp_path / "master"),
        mask=write(mask, tmp_path / "asked"),
        others=others,
        folder=str(tmp_path),
    )
    assert [(one["row"], one["state"]) for one in seen["told"]] == [
        ("sibling", "done"),
        ("painted over", "flagged"),
        ("another", "flagged"),
    ], seen["told"]
    assert all("run the edit yourself" in one["said"] for one in seen["told"][1:])
    assert seen["touched"] == {"sibling": True, "painted over": False, "another": False}
    assert seen["visible before"] == seen["visible after"], "what was hidden for a look is seen again"

    truth, carried = turned(mask), read(tmp_path / "sibling mask", np.zeros(SIBLING[::-1], np.uint8))
    assert overlap(carried, truth) > 0.95
    before, after = (read(tmp_path / f"sibling {when}", sibling) for when in ("before", "after"))
    assert np.array_equal(before[carried == 0], after[carried == 0])
    assert np.abs(before.astype(float) - after)[carried == 255].mean() > 500, "the badge is gone"
    assert seen["undone"], "by one step"
    assert np.array_equal(read(tmp_path / "sibling undone", sibling), before)
    assert seen["redone"]
    assert seen["master keeps its result"]

    for name in ("painted over", "another"):
        flagged = pictures[name]
        assert np.array_equal(read(tmp_path / f"{name} before", flagged), read(tmp_path / f"{name} after", flagged))
    doubtful = read(tmp_path / "painted over selected", np.zeros(SIBLING[::-1], np.uint8))
    assert doubtful.any(), "what is like it is selected, to be looked at"

    recipes = seen["recipes"]
    assert recipes["master"].pop("job") != recipes["sibling"].pop("job")
    assert recipes["master"] == recipes["sibling"]
    assert recipes["master"]["seed"] == 77
    assert seen["left"] == []


def said(recipe: str) -> dict[str, Any]:
    return json_format.MessageToDict(recipe_pb2.Recipe.FromString(bytes.fromhex(recipe)))


def differing(one: dict[str, Any], other: dict[str, Any], path: str = "") -> set[str]:
    """The paths at which two recipes are not alike."""
    found: set[str] = set()
    for key in one.keys() | other.keys():
        mine, theirs = one.get(key), other.get(key)
        if isinstance(mine, dict) and isinstance(theirs, dict):
            found |= differing(mine, theirs, f"{path}{key}.")
        elif mine != theirs:
            found.add(f"{path}{key}")
    return found


def test_cells_of_a_table_differ_in_their_rows_words_alone_in_this_picture_and_in_formats(
    real_krita: Krita, screen: Screen, screenshots: Path, tmp_path: Path
) -> None:
    picture, mask = grainy(300, 220, "RGBA", "U16"), soft(300, 220, (140, 100), 72, 10)
    began = real_krita.script(
        "production/a_table_of_colours_1",
        folder=str(tmp_path),
        columns=["Square 1:1", "Story 9:16"],
        pixels=write(picture, tmp_path / "pixels"),
        mask=write(mask, tmp_path / "asked"),
    )
    assert began["marks"] == ["Apply to other documents…", "Variations table…"]
    assert began["in sight"]
    assert began["formats"][:2] == ["This picture", "Square 1:1"]
    assert began["rows are"] == "Target colour"
    assert not began["ready"], "without rows there is nothing to run"
    real_krita.until("dialog.work.is_over")
    screen.screenshot(screenshots / "variations-table.png")
    seen = real_krita.script("production/a_table_of_colours_2", folder=str(tmp_path))
    assert seen["cells"] == [["✓ done"] * 3, ["! failed"] * 3, ["✓ done"] * 3]
    assert seen["told"].count("no colour, ") == 3, "each that failed is named"
    assert seen["told"].count("words.target_color is 'no colour'") == 1, "and what they have in common is said once"
    assert (seen["close"], seen["left"], seen["undone"]) == ("Close", [], 1)

    assert set(seen["documents"]) == {"master", "master Square 1:1", "master Story 9:16"}
    master = seen["documents"]["master"]
    assert len(master["rows"]) == 3, "the result itself and two rows"
    for name, made in seen["documents"].items():
        width, height = made["size"]
        recipes = {row: said(recipe) for row, recipe in made["rows"].items()}
        rows = {row: recipe for row, recipe in recipes.items() if row in ("#1F4E79", "#00A651")}
        blue, green = rows["#1F4E79"], rows["#00A651"]
        assert differing(blue, green) == {"words.targetColor"}, name
        assert blue["sampling"]["seed"] == green["sampling"]["seed"] == 5
        like = np.zeros((height, width, 4), np.uint16)
        shows = {row: read(tmp_path / f"{made['number']} {row}", like) for row in rows}
        below = read(tmp_path / f"{made['number']} below", like)
        if name == "master":
            x, y = 0, 0
            assert differing(recipes["Variation 1 (seed 5)"], blue) == {"words.targetColor", "sampling.model"}
        elif name == "master Square 1:1":
            assert (width, height) == (220, 220)
            x = next(at for at in range(80) if np.array_equal(picture[:, at : at + 220], below))
            y = 0
            assert x <= 140 - 82, "the region is inside"
        else:
            assert abs(width / height - 9 / 16) < 0.01
            assert height > 220, "it grew"
            at = cv2.matchTemplate(
                below[..., 1].astype(np.float32), picture[:, 70:210, 1].astype(np.float32), cv2.TM_SQDIFF
            )
            x, y = 70 - cv2.minMaxLoc(at)[2][0], -cv2.minMaxLoc(at)[2][1]
            own = below[-y : -y + 220]
            assert np.array_equal(picture[:, x : x + width], own), "nothing is stretched, and the master's stays"
            fresh = np.concatenate([below[:-y], below[-y + 220 :]])
            assert below[..., 3].min() == 65_535
            assert fresh[..., :3].std() > 0, "what it lacked is painted, and no blank canvas"
        here = np.zeros((height, width), np.uint8)
        top, left = max(0, -y), max(0, -x)
        part = mask[max(0, y) : max(0, y) + height, max(0, x) : max(0, x) + width]
        here[top : top + part.shape[0], left : left + part.shape[1]] = part
        outside = here == 0
        assert np.array_equal(shows["#1F4E79"][outside], shows["#00A651"][outside]), name
        assert np.array_equal(shows["#1F4E79"][outside], below[outside]), name
        for row, image in shows.items():
            wanted = np.array([int(row[at : at + 2], 16) for at in (5, 3, 1)]) / 255
            mean = image[here == 255][:, :3].astype(float).mean(axis=0) / 65_535
            assert np.abs(mean - wanted).max() < 0.06, (name, row)


def test_a_format_shows_what_the_picture_does_where_a_later_result_lies_above_and_an_older_one_below(
    real_krita: Krita, tmp_path: Path
) -> None:
    picture = grainy(300, 220, "RGBA", "U16")
    seen = real_krita.script(
        "production/a_table_of_a_result_between_others",
        folder=str(tmp_path),
        pixels=write(picture, tmp_path / "pixels"),
        mask=write(soft(300, 220, (150, 110), 24, 8), tmp_path / "asked"),
        later=write(soft(300, 220, (172, 110), 16, 6), tmp_path / "later"),
    )
    assert seen["order"]
    assert [cell["state"] for cell in seen["cells"]] == ["done"] * 4
    assert [name for name, *_ in seen["copy"][:4]] == [
        "Background",
        "Recolor #AA2222",
        "Recolor #1F4E79",
        "Recolor #2222AA",
    ]
    master = read(tmp_path / "master", picture)
    copy = read(tmp_path / "copy", np.zeros((*seen["size"][::-1], 4), np.uint16))
    x = next(at for at in range(80) if np.array_equal(master[0, at : at + 220], copy[0]))
    np.testing.assert_array_equal(copy, master[:, x : x + 220])


def test_what_is_taken_back_is_not_made_and_what_was_made_stays(real_krita: Krita, tmp_path: Path) -> None:
    picture, mask = grainy(300, 220, "RGBA", "U8"), soft(300, 220, (140, 100), 30, 6)
    seen = real_krita.script(
        "production/a_table_is_taken_back",
        pixels=write(picture, tmp_path / "pixels"),
        mask=write(mask, tmp_path / "asked"),
    )
    assert seen["states"] == ["done", "cancelled", "cancelled"]
    assert seen["names"] == ["#112233", "Variation 1 (seed 5)"]
    assert seen["documents"] == 1, "no format was begun"
    assert seen["on their way"] == 0
    assert seen["at the server"] == [], "nothing is painted for nobody"


def test_what_another_server_made_is_not_done_again_by_one_that_does_not_offer_it(real_krita: Krita, tmp_path: Path):
    told = real_krita.script(
        "production/of_another_server",
        pixels=write(grainy(300, 220, "RGBA", "U8"), tmp_path / "pixels"),
        mask=write(soft(300, 220, (140, 100), 30, 6), tmp_path / "asked"),
    )
    expected = "This server does not offer what made “Recolor #AA2222”. Choose the server that did in the settings."
    assert told == {"table": expected, "apply": expected}


@pytest.mark.parametrize(("locale", "titles"), [("en-GB", ["Run", "Close"]), ("de-DE", ["Ausführen", "Schließen"])])
def test_both_dialogs_open_from_a_narrow_panel_in_the_editors_language(
    real_krita: Krita, screen: Screen, screenshots: Path, tmp_path: Path, locale: str, titles: list[str]
) -> None:
    picture, mask = grainy(300, 220, "RGBA", "U8"), soft(300, 220, (140, 100), 30, 6)
    seen = real_krita.script(
        "production/both_dialogs_open",
        locale=locale,
        pixels=write(picture, tmp_path / "pixels"),
        mask=write(mask, tmp_path / "asked"),
    )
    real_krita.until("len(shown_panel.findChildren(type(shown_panel))) == 0 and apply_dialog.isVisible()")
    screen.screenshot(screenshots / f"apply-{locale}.png")
    after = real_krita.script("production/both_dialogs_close", locale=locale)
    screen.screenshot(screenshots / f"panel-many-{locale}.png")
    assert seen["least width"] <= 230 - 12, "it makes no panel wider"
    assert seen["right edges"] == sorted(seen["right edges"])
    assert seen["right edges"][-1] <= seen["width"], "all marks are in sight"
    assert seen["buttons"] == [titles, titles]
    assert seen["others"] == ["another", "double 1", "double 2"]
    assert seen["can run"]
    assert seen["states"] == ["!", "!"], "what is no colour is refused"
    assert seen["states seen"] >= 150, "however long the rows are, how they stand is in sight"
    assert after["without others"], "nothing is ticked, nothing can be run"
