"""What is said of a plan's files: counted from what lies on the disk, in a manifest that survives, on a sheet that shows all."""

import csv
import dataclasses
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from inlay import documents
from inlay.batch.cells import cells_of
from inlay.batch.framed import as_it_is
from inlay.batch.manifest import Manifest, Record, State, write_csv
from inlay.batch.outside import Compared, compared, digest, outside_of
from inlay.batch.plan import Plan, read_plan
from inlay.batch.proof import differences
from inlay.batch.sheet import TILE_PX, draw, page_text, pages_of, write_sheets
from inlay.batch.written import check_written
from inlay.client import Wish
from inlay.errors import InvalidInput

HOSTILE = '</td><script>document.title="owned"</script>'


def picture(seed: int = 1, dtype: str = "uint8") -> NDArray[np.generic]:
    return np.random.default_rng(seed).integers(0, np.iinfo(dtype).max, (24, 32, 3)).astype(dtype)


def middle() -> NDArray[np.uint8]:
    mask = np.zeros((24, 32), np.uint8)
    mask[8:16, 8:24] = 255
    mask[8, 8] = 1
    return mask


def saved(path: Path, pixels: NDArray[np.generic]) -> Path:
    Image.fromarray(pixels).save(path)
    return path


def test_a_sample_that_changed_outside_the_mask_in_the_written_file_is_counted(tmp_path: Path) -> None:
    master = documents.read(saved(tmp_path / "master.png", picture()))
    written = picture()
    written[10:14, 10:20] = 7  # inside
    framed, wish = as_it_is(master, middle()), Wish("erase", 0)
    untouched = check_written(saved(tmp_path / "good.png", written), master, framed, wish)
    written[0, 0, 1] ^= 1
    written[23, 31] ^= 255
    changed = check_written(saved(tmp_path / "bad.png", written), master, framed, wish)

    samples = 3 * (24 * 32 - 8 * 16)
    assert untouched == Compared(samples, 0)
    assert changed == Compared(samples, 4)


def test_a_faint_mask_is_a_mask_and_a_grown_one_reaches_further(tmp_path: Path) -> None:
    mask = middle()

    assert int((~outside_of(mask)).sum()) == 8 * 16
    assert int((~outside_of(mask, grow_px=2, feather_px=1)).sum()) == 14 * 22
    assert int((~outside_of(mask, grow_px=-3, feather_px=2)).sum()) == 8 * 16


def test_floats_are_compared_bit_by_bit_and_other_sizes_are_refused() -> None:
    zeros = np.zeros((4, 4, 3), np.float32)
    outside = np.ones((4, 4), bool)

    assert compared(zeros, -zeros, outside) == Compared(48, 48)
    assert digest(zeros, outside) != digest(-zeros, outside)
    with pytest.raises(InvalidInput):
        compared(zeros, zeros[:2], outside)


def test_two_recipes_differ_where_a_value_does() -> None:
    one = {"words": {"prompt": "a", "raw": False}, "inputs": [{"role": "reference", "weight": 1.0}], "seed": 1}
    other = {"words": {"prompt": "b", "raw": False}, "inputs": [{"role": "reference", "weight": 0.5}], "seed": 1}

    assert list(differences(one, other)) == ["inputs[0].weight", "words.prompt"]
    assert list(differences(one, one)) == []
    assert list(differences({"raw": True}, {"raw": 1})) == ["raw"]


def record(**said: object) -> Record:
    fixed = {"id": "a", "out": "a.png", "document": "a.png", "axes": {"document": "a"}, "fields": {}, "seed": 1}
    return Record(**({**fixed, "state": State.DONE} | said))  # pyright: ignore[reportArgumentType]


def test_the_manifest_survives_a_line_that_ends_early_and_its_last_word_counts(tmp_path: Path) -> None:
    path = tmp_path / "manifest.jsonl"
    first = Manifest(path)
    first.add(record(state=State.FAILED, error="no"))
    first.add(record(id="b", sha256="1" * 64))
    with path.open("a", encoding="utf-8") as file:
        file.write('{"id": "c", "out": "half')
    again = Manifest(path)
    again.add(record(sha256="2" * 64, notes=("ä",), safe=(1, 2, 3, 4)))
    last = Manifest(path)

    assert (again.get("c"), last.get("b")) == (None, record(id="b", sha256="1" * 64))
    assert last.get("a") == record(sha256="2" * 64, notes=("ä",), safe=(1, 2, 3, 4))
    assert len(path.read_text("utf-8").splitlines()) == 4


def test_a_spreadsheet_calculates_nothing_of_a_manifest(tmp_path: Path) -> None:
    write_csv(
        tmp_path / "m.csv",
        [record(axes={"document": "a", "line": "=HYPERLINK(1)"}, fields={"line.n": "-5", "line.x": "-a"})],
    )

    with (tmp_path / "m.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["line"], row["line.n"], row["line.x"]) == ("'=HYPERLINK(1)", "-5", "'-a")
    assert (tmp_path / "m.csv").read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """Two documents x three scenes, less one; every file is one colour."""
    for name in ("one", "two"):
        saved(tmp_path / f"{name}.png", picture())
    text = (
        'plan = 1\nout = "out/{document}_{scene}.png"\n[recipe]\nverb = "erase"\n[documents]\nfiles = ["*.png"]\nmask = "m.png"\n'
        '[axes]\nscene = ["red", "green", "blue"]\n[[skip]]\ndocument = "two"\nscene = "blue"\n'
    )
    (tmp_path / "sheet.toml").write_text(text, encoding="utf-8")
    (tmp_path / "out").mkdir()
    return read_plan(tmp_path / "sheet.toml")


COLORS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}


def made(plan: Plan, **said: object) -> list[Record]:
    """The records of all its cells with their files; the first one as `said`."""
    found: list[Record] = []
    for cell in cells_of(plan):
        Image.new("RGB", (60, 30), COLORS[cell.labels["scene"]]).save(cell.out)
        found.append(record(id=cell.out.name, out=cell.out.name, axes=cell.labels, sha256="1" * 64))
    return [dataclasses.replace(found[0], **said), *found[1:]]  # pyright: ignore[reportArgumentType]


def test_a_sheet_has_every_cell_in_its_row_and_column(plan: Plan) -> None:
    (page,) = pages_of(plan, cells_of(plan), made(plan))

    assert (page.rows, page.columns) == (("one", "two"), ("red", "green", "blue"))
    assert set(page.tiles) == {(row, column) for row in page.rows for column in page.columns} - {("two", "blue")}
    for (_, column), tile in page.tiles.items():
        assert tile.picture is not None
        assert tile.picture.getpixel((5, 5)) == COLORS[column]
    drawn = np.asarray(draw("sheet", page))
    area = 60 * 30
    for column, color in COLORS.items():
        tiles = 1 if column == "blue" else 2
        assert int((drawn == color).all(axis=-1).sum()) == tiles * area


def test_the_plan_says_what_are_rows_and_columns_and_the_rest_are_pages(plan: Plan) -> None:
    (page,) = pages_of(dataclasses.replace(plan, rows="scene", columns="document"), cells_of(plan), made(plan))
    pages = pages_of(dataclasses.replace(plan, rows="scene", columns="format"), cells_of(plan), made(plan))

    assert (page.rows, page.columns) == (("red", "green", "blue"), ("one", "two"))
    assert [(one.title, one.rows) for one in pages] == [
        ("document one", ("red", "green", "blue")),
        ("document two", ("red", "green")),
    ]


@pytest.mark.parametrize(
    ("said", "frame"),
    [
        ({"state": State.FAILED, "sha256": "", "error": "the engine fell over"}, (200, 40, 40)),
        ({"state": State.FLAGGED, "error": "3 samples outside the mask are not the master's"}, (222, 138, 0)),
        ({"delta_e": 0.9}, (222, 138, 0)),
        ({"delta_e": 0.2}, None),
    ],
)
def test_what_failed_and_what_a_person_must_look_at_is_framed(
    said: dict[str, object], frame: tuple[int, int, int] | None, plan: Plan
) -> None:
    (page,) = pages_of(plan, cells_of(plan), made(plan, **said))

    drawn = np.asarray(draw("sheet", page))
    text = page_text("sheet", [page], [])

    for color in ((200, 40, 40), (222, 138, 0)):
        framed = int((drawn == color).all(axis=-1).sum())
        assert (framed > 4 * 2 * 60) == (color == frame)
    assert len(re.findall(r'class="(failed|problem)"', text)) == (frame is not None)
    assert str(said.get("error", "")) in text.replace("&#x27;", "'")


def test_a_cell_that_was_not_made_is_on_the_sheet_too(plan: Plan) -> None:
    (page,) = pages_of(plan, cells_of(plan), made(plan)[:3])

    assert len(page.tiles) == 5
    assert sum(tile.problem == "not made" for tile in page.tiles.values()) == 2


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]
        assert all((value or "").startswith("data:image/jpeg;") for name, value in attrs if name == "src")


def test_whatever_a_plan_is_called_its_sheet_runs_nothing(plan: Plan) -> None:
    records = made(plan, state=State.FAILED, error=HOSTILE)
    hostile = dataclasses.replace(plan, name=HOSTILE)

    written = write_sheets(hostile, cells_of(plan), records, [HOSTILE])

    tags = Tags(written[-1].read_text("utf-8")).found
    assert "script" not in tags
    assert tags.count("img") == tags.count("figure") == 5


def test_a_long_error_stays_inside_its_tile(plan: Plan) -> None:
    (page,) = pages_of(
        plan, cells_of(plan), made(plan, state=State.FAILED, sha256="", error="w" * 400 + " and more" * 80)
    )
    drawn = np.asarray(draw("sheet", page)).astype(int)

    left = 20 + 110
    beyond = drawn[90:150, left + TILE_PX + 5 : left + TILE_PX + 13]
    assert (beyond == (250, 250, 248)).all()
