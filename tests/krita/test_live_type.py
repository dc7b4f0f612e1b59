"""Live type in the real Krita: a line of it becomes a text shape on a vector layer, where and as large as its pixels would be."""

from pathlib import Path

import numpy as np
import pytest

from krita.conftest import Server
from krita.driver import Krita
from krita.photo import DTYPES, grainy, read, soft, write

WIDTH, HEIGHT = 300, 220

KINDS = [
    ("U8", "sRGB-elle-V2-srgbtrc.icc", 72.0, [0.102, 0.102, 0.6]),
    ("U16", "ClayRGB-elle-V2-g22.icc", 300.0, [0.125, 0.125, 0.513]),
]
"""Depth, profile, px per inch, and the line's #991A1A there, blue first: by the primaries of sRGB and of Adobe RGB (1998)."""


@pytest.mark.parametrize(("depth", "profile", "dpi", "ink"), KINDS)
def test_type_comes_as_a_shape_whose_words_can_be_edited_where_its_pixels_would_be(
    real_krita: Krita, answering: Server, tmp_path: Path, depth: str, profile: str, dpi: float, ink: list[float]
):
    """The line (tests/support/answers.py) is 40 px high, begins at (20, 120) of the window and rises to the right."""
    picture, mask = grainy(WIDTH, HEIGHT, "RGBA", depth), soft(WIDTH, HEIGHT, (150, 100), 40, 10)
    pixels, mask = write(picture, tmp_path / "pixels"), write(mask, tmp_path / "mask")
    given = {"depth": depth, "profile": profile, "dpi": dpi, "pixels": pixels, "mask": mask}
    placed = real_krita.script("live_type/set", url=answering.url, **given)
    group, background = placed["tree"]
    assert group == ["grouplayer", "Set type", [["vectorlayer", "Hello & hi", True], ["paintlayer", "paper", True]]]
    real_krita.until("vector.bounds().width()", 20)
    seen = real_krita.script("live_type/look", folder=str(tmp_path))
    ((kind, shape),) = seen["svg"]
    assert kind == "KoSvgTextShapeID", "what Krita's text tool edits"
    assert "<text" in shape
    assert "Hello &amp; hi" in shape
    x, y, _, _ = placed["window"]
    drawn, shown = read(tmp_path / "type", picture), read(tmp_path / "shown", picture)
    white = np.iinfo(DTYPES[depth]).max
    rows, columns = np.nonzero(drawn[..., 3] > white / 2)
    assert abs(columns.min() - (x + 20)) < 6, "it begins where its baseline begins"
    first = rows[columns < x + 45]
    assert abs(first.max() - (y + 120)) < 6, "and stands on it"
    assert 22 < np.ptp(first) < 40, "in its size, about .72 of 40 px for a capital"
    last = rows[columns > columns.max() - 12]
    assert last.max() < first.max() - 10, "turned upwards to the right"
    solid = drawn[..., 3] == white
    np.testing.assert_allclose(np.median(drawn[solid][:, :3], axis=0) / white, ink, atol=0.01)
    assert np.abs(shown[solid].astype(float) - drawn[solid]).max() <= 1, "and so it is seen"
    assert seen["undone"] == [background], "one undo takes it out"
    assert (tmp_path / "undone").read_bytes() == picture.tobytes()


PLAIN = {
    "words": "HillH",
    "font": "",
    "size_px": 60.0,
    "angle": 0.0,
    "color": "#FFFFFF",
    "bold": False,
    "slant": 0.0,
    "stretch": 0.0,
}
FACES: dict[str, dict[str, object]] = {
    "plain": {},
    "bold": {"bold": True},
    "leaning": {"slant": 20.0},
    "narrow": {"stretch": 0.5},
    "serif": {"font": "serif"},
    "monospace": {"font": "monospace"},
    "on a wall": {"angle": 20.0, "slant": -20.0},
}


def test_type_is_set_in_the_weight_slant_width_and_kind_of_face_that_it_says(real_krita: Krita, tmp_path: Path):
    picture = grainy(400, 200, "RGBA", "U8")
    pixels = write(picture, tmp_path / "pixels")
    real_krita.script("live_type/faces", pixels=pixels, plain=PLAIN, faces=FACES, folder=str(tmp_path))
    ink = {name: read(tmp_path / name, picture)[..., 3] > 127 for name in FACES}
    wide = {name: int(np.ptp(np.nonzero(seen.any(0))[0])) for name, seen in ink.items()}
    high = {name: int(np.ptp(np.nonzero(seen.any(1))[0])) for name, seen in ink.items()}
    assert ink["bold"].sum() > 1.2 * ink["plain"].sum()
    assert wide["narrow"] == pytest.approx(wide["plain"] / 2, abs=3)
    assert high["narrow"] == pytest.approx(high["plain"], abs=2)
    assert wide["leaning"] - wide["plain"] == pytest.approx(np.tan(np.radians(20)) * high["plain"], abs=4)
    rows = np.flatnonzero(ink["leaning"].any(1))
    top, bottom = (np.flatnonzero(ink["leaning"][row]).min() for row in (rows[2], rows[-3]))
    assert top > bottom + 8, "to the right"
    stem = ink["on a wall"][:, np.flatnonzero(ink["on a wall"].any(0))[0] + 2]
    assert stem.sum() > 0.85 * high["plain"], "its first stem is upright in the picture, while the line falls"
    narrowest, widest = (
        np.diff(np.flatnonzero(np.diff(ink[name].any(0).astype(int)) == 1)) for name in ("plain", "monospace")
    )
    assert np.ptp(widest[1:3]) < np.ptp(narrowest) + 6
    assert wide["monospace"] > 1.2 * wide["plain"], "an i has an H's room"
    feet = {name: ink[name][np.flatnonzero(ink[name].any(1))[-2]].sum() for name in ("plain", "serif")}
    assert feet["serif"] > 1.4 * feet["plain"], "it stands on serifs"
