"""An edit in the real Krita: nothing outside the selection moves, at any depth and in any profile."""

import json
from pathlib import Path

import numpy as np
import pytest

from krita.driver import Krita
from krita.photo import grainy, read, soft, write

WIDTH, HEIGHT = 320, 240
PROFILES = {
    "sRGB": "sRGB-elle-V2-srgbtrc.icc",
    "linear": "sRGB-elle-V2-g10.icc",
    "wide gamut": "LargeRGB-elle-V2-g22.icc",
}
DOCUMENTS = [("RGBA", depth, profile) for depth in ("U8", "U16", "F16", "F32") for profile in PROFILES.values()] + [
    ("GRAYA", "U8", "Gray-D50-elle-V2-srgbtrc.icc"),
    ("GRAYA", "U16", "Gray-D50-elle-V2-g10.icc"),
    ("GRAYA", "F32", "Gray-D50-elle-V2-g10.icc"),
    ("LABA", "U8", "Lab identity built-in"),
    ("LABA", "U16", "Lab identity built-in"),
]


@pytest.fixture(scope="module")
def edits() -> dict[tuple[str, str, str], tuple[Path, dict]]:
    """One edit a document; all tests below look at the same one."""
    return {}


@pytest.fixture(params=DOCUMENTS, ids=lambda document: "-".join(document))
def edited(request: pytest.FixtureRequest, real_krita: Krita, edits: dict, tmp_path_factory: pytest.TempPathFactory):
    model, depth, profile = request.param
    if request.param not in edits:
        folder = tmp_path_factory.mktemp("edit")
        picture = grainy(WIDTH, HEIGHT, model, depth)
        mask = soft(WIDTH, HEIGHT, (150, 110), 26, 12)
        result = real_krita.script(
            "edit",
            folder=str(folder),
            width=WIDTH,
            height=HEIGHT,
            model=model,
            depth=depth,
            profile=profile,
            pixels=write(picture, folder / "pixels"),
            mask=write(mask, folder / "drawn mask"),
        )
        edits[request.param] = (folder, picture, mask, result)
    return edits[request.param]


def test_pixels_outside_the_selection_are_bit_identical(edited):
    folder, picture, mask, _ = edited
    before, after = read(folder / "before", picture), read(folder / "after", picture)
    assert np.array_equal(before.view(np.uint8)[mask == 0], after.view(np.uint8)[mask == 0])
    assert not np.array_equal(before[mask == 255], after[mask == 255]), "nothing was erased"
    assert np.array_equal(after.view(np.uint8), read(folder / "refreshed", picture).view(np.uint8)), (
        "the screen was stale"
    )


def test_the_mask_on_the_group_equals_the_selection_byte_for_byte(edited):
    folder, _, mask, result = edited
    assert np.array_equal(read(folder / "selection", mask), mask)
    assert np.array_equal(read(folder / "mask", mask), mask)
    assert np.count_nonzero((mask > 0) & (mask < 255)) > 0, "the selection was not soft"
    assert np.array_equal(read(folder / "selection after", mask), mask), "the selection did not stay"
    assert result["active"][0] == result["active"][1], "another layer became the active one"


def test_one_undo_step_takes_the_result_away_and_redo_brings_it_back(edited):
    folder, _, _, result = edited
    layers = [["paintlayer", "Background", []]]
    group = [
        "grouplayer",
        "Erase",
        [
            ["paintlayer", "Variation 1 (seed 7)", True],
            ["paintlayer", "Variation 2 (seed 8)", False],
            ["transparencymask", "Mask", True],
        ],
    ]
    assert result["tree"] == [group, *layers]
    assert result["tree undone"] == layers
    assert result["tree redone"] == [group, *layers]
    assert (folder / "undone").read_bytes() == (folder / "before").read_bytes()
    assert (folder / "redone").read_bytes() == (folder / "after").read_bytes()


def test_the_recipe_survives_saving_and_gives_the_same_pixels_again(edited):
    folder, _, _, result = edited
    assert (folder / "reopened").read_bytes() == (folder / "after").read_bytes()
    assert result["same pixels"] == [True, True], json.dumps(result)
    assert result["bytes of the re-run"] == 0
