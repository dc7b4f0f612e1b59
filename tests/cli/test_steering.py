"""What steers an edit, as the command line spells it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inlay.cli.steering import references, structure
from inlay.errors import InvalidInput


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    file = tmp_path / "a style: of hats.png"
    Image.fromarray(np.full((8, 12, 3), 90, np.uint8)).save(file)
    return file


@pytest.mark.parametrize(
    ("ending", "role", "weight"),
    [
        ("", "reference", 1.0),
        (":style", "style", 1.0),
        (":palette:0.5", "palette", 0.5),
        (":identity:0", "identity", 0.0),
    ],
)
def test_a_picture_is_named_with_its_role_and_weight_whatever_its_file_is_called(
    picture: Path, ending: str, role: str, weight: float
) -> None:
    (one,) = references([f"{picture}{ending}"])
    assert (one.role, one.weight, one.name, one.place) == (role, weight, picture.name, None)
    assert one.document.size == (12, 8)


@pytest.mark.parametrize(
    ("ending", "why"),
    [(":mood", "the role must be one of reference, identity"), (":style:2", "0 .. 1"), (".gone", "a picture's file")],
)
def test_what_is_misspelt_is_said(picture: Path, ending: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why) as refused:
        references([f"{picture}{ending}"])
    assert refused.value.field == "--reference"


@pytest.mark.parametrize(
    ("given", "options"),
    [
        ("", {}),
        ("pose", {"structure": "pose", "structure_strength": 1.0}),
        ("depth:0.4", {"structure": "depth", "structure_strength": 0.4}),
    ],
)
def test_what_is_kept_is_named_with_how_much(given: str, options: dict[str, object]) -> None:
    assert structure(given) == options


@pytest.mark.parametrize(
    ("given", "why"), [("mood", "must be one of pose, edges"), ("pose:2", "0 .. 1"), ("pose:x", "0 .. 1")]
)
def test_what_cannot_be_kept_is_said(given: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why) as refused:
        structure(given)
    assert refused.value.field == "--structure"
