"""Marks: what is drawn on a layer becomes masks, each colour an edit of its own. Pillow draws, and says what is meant."""

import numpy as np
import pytest
from PIL import Image

from inlay.edit.marks import MOST_MARKS, read
from inlay.engines.eyes.lettering import Lettering
from inlay.errors import InvalidInput
from support.eyes import eyes
from support.scribbles import Sheet

RED, GREEN, BLUE = "#E02020", "#20C040", "#2050F0"


def reading(sheet: Sheet, reader: Lettering | None = None):
    return read(sheet.pixels, sheet.shows, reader)


def laid(mark, sheet: Sheet) -> np.ndarray:
    whole = np.zeros(sheet.shows.shape, np.float32)
    whole[mark.bounds.slices] = mark.mask
    return whole


def overlap(mark, sheet: Sheet, meant: np.ndarray) -> float:
    """Intersection over union with what was meant."""
    found = laid(mark, sheet) > 0.5
    return float((found & meant).sum() / (found | meant).sum())


@pytest.mark.parametrize("width", [2, 5, 12, 30])
@pytest.mark.parametrize("drawn", [1.0, 0.93, 0.88])
def test_a_circle_means_what_it_holds_even_where_it_is_not_quite_closed(width: int, drawn: float):
    sheet = Sheet(600, 400)
    inside = sheet.circle((280, 190), 130, 100, RED, width, drawn)
    (mark,) = reading(sheet).marks
    assert mark.kinds == ("closed",)
    assert overlap(mark, sheet, inside) > 0.93


def test_a_circle_that_a_tired_hand_drew_is_a_circle():
    sheet = Sheet(600, 400)
    inside = sheet.circle((280, 190), 130, 100, RED, 6, 1.04, wobble=5)
    (mark,) = reading(sheet).marks
    assert mark.kinds == ("closed",)
    assert overlap(mark, sheet, inside) > 0.9


@pytest.mark.parametrize("width", [3, 8, 24])
def test_a_stroke_means_itself_as_wide_again_as_its_brush(width: int):
    points = [(100, 120), (220, 160), (300, 130), (450, 240)]
    sheet, wide = Sheet(600, 400), Sheet(600, 400)
    sheet.line(points, GREEN, width)
    meant = wide.line(points, GREEN, 2 * width)
    (mark,) = reading(sheet).marks
    assert mark.kinds == ("stroke",)
    assert overlap(mark, sheet, meant) > 0.8


def test_an_open_arc_is_a_stroke_and_means_nothing_that_it_bends_around():
    sheet = Sheet(600, 400)
    sheet.circle((280, 190), 130, 100, RED, 8, 0.6)
    (mark,) = reading(sheet).marks
    assert mark.kinds == ("stroke",)
    assert laid(mark, sheet)[190, 280] == 0


@pytest.mark.parametrize("way", [0, 37, 90, 145, 200, 290])
@pytest.mark.parametrize("width", [4, 10])
@pytest.mark.parametrize("filled", [False, True])
def test_an_arrow_means_what_its_tip_points_at(way: int, width: int, filled: bool):
    sheet = Sheet(700, 700)
    tip = sheet.arrow((350, 350), way, 220, BLUE, width, filled)
    (mark,) = reading(sheet).marks
    assert mark.kinds == ("arrow",)
    whole = laid(mark, sheet)
    rows, columns = np.nonzero(whole > 0.5)
    assert np.hypot(columns.mean() - tip[0], rows.mean() - tip[1]) < 15 + 2 * width
    assert whole[350, 350] == 0, "nothing at its tail"


def test_an_arrow_at_a_circle_of_its_colour_adds_nothing_to_it():
    sheet = Sheet(700, 500)
    inside = sheet.circle((450, 250), 90, 90, BLUE, 6)
    sheet.line([(100, 250), (350, 250)], BLUE, 6)
    sheet.line([(350, 250), (310, 225)], BLUE, 6)
    sheet.line([(350, 250), (310, 275)], BLUE, 6)
    sheet.erase((352, 200, 356, 300))
    (mark,) = reading(sheet).marks
    assert sorted(mark.kinds) == ["arrow", "closed"]
    assert overlap(mark, sheet, inside) > 0.93


def test_each_colour_is_an_edit_of_its_own_and_all_shapes_of_a_colour_are_one():
    sheet = Sheet(900, 400)
    one = sheet.circle((150, 150), 80, 80, RED, 6)
    two = sheet.circle((400, 150), 80, 80, RED, 6)
    other = sheet.circle((700, 250), 90, 60, GREEN, 6)
    marks = {mark.color: mark for mark in reading(sheet).marks}
    assert set(marks) == {RED, GREEN}
    assert overlap(marks[RED], sheet, one | two) > 0.93
    assert overlap(marks[GREEN], sheet, other) > 0.93


def test_a_soft_brush_of_varying_pressure_is_still_one_colour():
    sheet = Sheet(600, 400)
    inside = sheet.circle((280, 190), 130, 100, RED, 12)
    pressure = np.linspace(0.4, 1, 600, dtype=np.float32)[None]
    sheet.shows[:] = sheet.shows * pressure
    (mark,) = reading(sheet).marks
    assert overlap(mark, sheet, inside) > 0.93


@pytest.mark.slow
def test_a_note_is_what_its_colour_asks_for_and_no_mark_itself():
    reader = Lettering(eyes("text").place("text"))
    sheet = Sheet(1000, 600)
    inside = sheet.circle((250, 200), 150, 110, RED, 8)
    other = sheet.circle((750, 350), 120, 110, GREEN, 8)
    sheet.write((420, 120), "a red balloon", RED)
    sheet.write((430, 500), "remove", GREEN)
    found = reading(sheet, reader)
    marks = {mark.color: mark for mark in found.marks}
    assert marks[RED].words == "a red balloon"
    assert marks[GREEN].words == "remove"
    assert overlap(marks[RED], sheet, inside) > 0.93, "the note itself is not painted over"
    assert overlap(marks[GREEN], sheet, other) > 0.93
    assert not found.astray


@pytest.mark.slow
def test_a_note_whose_colour_marks_nothing_is_said_to_be_astray():
    reader = Lettering(eyes("text").place("text"))
    sheet = Sheet(1000, 600)
    sheet.circle((250, 200), 150, 110, RED, 8)
    sheet.write((420, 420), "somewhat lighter", BLUE)
    found = reading(sheet, reader)
    assert [mark.color for mark in found.marks] == [RED]
    assert found.astray == ("somewhat lighter",)


def test_an_empty_layer_and_one_in_every_colour_are_refused_by_name():
    with pytest.raises(InvalidInput, match=r"inputs\.marks.*nothing is drawn"):
        reading(Sheet(100, 100))
    sheet = Sheet(900, 300)
    for number in range(MOST_MARKS + 3):
        hue = Image.new("HSV", (1, 1), (number * 17, 255, 255 - 90 * (number % 2))).convert("RGB").getpixel((0, 0))
        sheet.circle((40 + 55 * number, 150), 20, 60, "#" + bytes(hue).hex().upper(), 4)
    with pytest.raises(InvalidInput, match=f"at most {MOST_MARKS}"):
        reading(sheet)
