"""Marks in the real Krita: what is drawn on a layer is painted, each colour on a layer with its mask, and is in nothing itself."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from krita.conftest import Server
from krita.driver import Krita
from krita.photo import DTYPES, grainy, read, write
from support.scribbles import Sheet

WIDTH, HEIGHT = 300, 220
PROFILE = "sRGB-elle-V2-srgbtrc.icc"
MAGENTA, GREEN = "#FF00FF", "#00FF00"
CIRCLE = f"""<svg xmlns="http://www.w3.org/2000/svg" width="300px" height="220px" viewBox="0 0 300 220">
<circle cx="150" cy="110" r="45" fill="none" stroke="{MAGENTA}" stroke-width="5"/></svg>"""


def grey(depth: str) -> NDArray[np.generic]:
    """A picture without strong colours: what has one in a result was drawn."""
    picture = grainy(WIDTH, HEIGHT, "RGBA", depth)
    picture[..., :3] = picture[..., 1:2]
    return picture


def marked(
    krita: Krita, server: Server, folder: Path, sheet: Sheet, depth: str = "U8", what: str = "paint", shapes: str = ""
) -> tuple[dict, NDArray[np.generic]]:
    """What there was then, and the picture."""
    picture = grey(depth)
    drawn = np.rint(sheet.rgba * np.iinfo(DTYPES[depth]).max).astype(DTYPES[depth])
    drawn = np.ascontiguousarray(drawn[..., [2, 1, 0, 3]])
    result = krita.script(
        "marked",
        url=server.url,
        depth=depth,
        profile=PROFILE,
        folder=str(folder),
        what=what,
        shapes=shapes,
        pixels=write(picture, folder / "pixels"),
        marks=write(drawn, folder / "marks"),
    )
    return result, picture


def two_circles() -> Sheet:
    sheet = Sheet(WIDTH, HEIGHT)
    sheet.circle((80, 80), 40, 35, MAGENTA, 5)
    sheet.circle((215, 140), 45, 40, GREEN, 5)
    return sheet


def colorful(pixels: NDArray[np.generic]) -> int:
    """How many pixels have a strong colour."""
    shown = pixels[..., :3].astype(np.float64) / np.iinfo(pixels.dtype).max
    return int((np.ptp(shown, axis=-1) > 0.1).sum())


@pytest.mark.parametrize("depth", ["U8", "U16"])
def test_each_colour_is_a_layer_with_a_mask_and_nothing_else_of_the_picture_changes(
    real_krita: Krita, server: Server, tmp_path: Path, depth: str
):
    result, picture = marked(real_krita, server, tmp_path, two_circles(), depth)
    group, marks, background = result["tree"]
    assert group[:2] == ["grouplayer", "Marks and regions"]
    assert [[kind, name] for kind, name, *_ in group[2]] == [["grouplayer", "Mark 2"], ["grouplayer", "Mark 1"]]
    assert marks[:2] == ["paintlayer", "Inlay marks"]
    assert result["undone"] == [marks, background], "one undo takes all of it out"
    masks = [np.frombuffer((tmp_path / f"mask{number}").read_bytes(), np.uint8) for number in (0, 1)]
    assert all(mask.max() == 255 for mask in masks)
    open_to = np.maximum(*masks).reshape(HEIGHT, WIDTH) > 0
    after = read(tmp_path / "shown", picture)
    changed = (after != picture).any(axis=-1)
    assert changed.sum() > 2000
    assert not changed[~open_to].any()


def test_nothing_that_was_drawn_is_read_or_comes_back_and_it_stays_where_it_is(
    real_krita: Krita, server: Server, tmp_path: Path
):
    result, picture = marked(real_krita, server, tmp_path, two_circles())
    x, y, width, height = result["window"]
    clean = np.ascontiguousarray(picture[y : y + height, x : x + width])
    assert result["source"] == hashlib.sha256(clean.tobytes()).hexdigest(), "what was sent is not the picture alone"
    assert result["roles"] == ["marks"]
    assert result["visible"]
    assert colorful(read(tmp_path / "with_marks", picture)) > 500
    assert colorful(read(tmp_path / "shown", picture)) == 0
    assert (tmp_path / "afterwards").read_bytes() == (tmp_path / "with_marks").read_bytes()


def test_shapes_of_a_vector_layer_are_marks_too(real_krita: Krita, server: Server, tmp_path: Path):
    marked(real_krita, server, tmp_path, Sheet(WIDTH, HEIGHT), shapes=CIRCLE)
    mask = np.frombuffer((tmp_path / "mask0").read_bytes(), np.uint8).reshape(HEIGHT, WIDTH)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    meant = np.hypot(columns + 0.5 - 150, rows + 0.5 - 110) < 47.5
    assert ((mask > 127) & meant).sum() / ((mask > 127) | meant).sum() > 0.95


def test_the_marks_can_be_looked_at_as_a_selection_first(real_krita: Krita, server: Server, tmp_path: Path):
    marked(real_krita, server, tmp_path, two_circles(), what="select")
    selected = np.frombuffer((tmp_path / "selected").read_bytes(), np.uint8).reshape(HEIGHT, WIDTH)
    assert selected[80, 80] == selected[140, 215] == 255
    assert selected[20, 280] == selected[200, 20] == 0
    assert (tmp_path / "afterwards").read_bytes() == (tmp_path / "with_marks").read_bytes()
