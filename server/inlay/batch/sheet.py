"""The contact sheet of a plan: its files small and labelled, rows one axis, columns another, a page for each value of the rest."""

import base64
import html
import io
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from inlay import documents
from inlay.batch.axes import DOCUMENT
from inlay.batch.cells import Cell
from inlay.batch.manifest import Record, State, stored
from inlay.batch.plan import Plan
from inlay.batch.siblings import shown
from inlay.errors import InlayError

TILE_PX = 224
_GAP, _LABEL, _HEAD, _MARGIN, _FRAME = 14, 34, 40, 20, 4
_PAPER, _INK, _FAINT, _EMPTY = (250, 250, 248), (30, 30, 30), (110, 110, 110), (228, 228, 226)
_RED, _ORANGE, _SAFE = (200, 40, 40), (222, 138, 0), (255, 255, 255)
_QUALITY = 82


class Tile(NamedTuple):
    """One cell as it is shown. picture: None where there is no file. problem: why it is framed; empty: it is not."""

    record: Record | None
    picture: Image.Image | None
    label: str
    problem: str

    @property
    def frame(self) -> tuple[int, int, int] | None:
        if not self.problem:
            return None
        return _RED if self.record is None or self.record.state is State.FAILED else _ORANGE


class Page(NamedTuple):
    """title: of what is the same on it. rows, columns: labels. tiles: by row and column; None where the plan has no cell."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    tiles: Mapping[tuple[str, str], Tile]


def write_sheets(plan: Plan, cells: Sequence[Cell], records: Sequence[Record], sentences: Sequence[str]) -> list[Path]:
    """NAME-sheet-1.png and so on, and NAME-sheet.html with all of it; what was written. Raises InvalidInput where it cannot be."""
    pages = pages_of(plan, cells, records)
    written: list[Path] = []
    for number, page in enumerate(pages, start=1):
        drawn = io.BytesIO()
        draw(plan.name, page).save(drawn, "PNG")
        written.append(plan.beside(f"sheet-{number}.png"))
        stored(written[-1], drawn.getvalue())
    written.append(plan.beside("sheet.html"))
    stored(written[-1], page_text(plan.name, pages, sentences).encode())
    return written


def pages_of(plan: Plan, cells: Sequence[Cell], records: Sequence[Record]) -> list[Page]:
    """Every cell once."""
    by_out = {plan.folder / record.out: record for record in records}
    labels = {name: tuple(dict.fromkeys(cell.labels[name] for cell in cells)) for name in cells[0].labels}
    rows, columns = _sides(plan, labels)
    rest = [name for name in labels if name not in (rows, columns)]
    pages: list[Page] = []
    for key, group in itertools.groupby(
        sorted(cells, key=lambda cell: [labels[name].index(cell.labels[name]) for name in rest]),
        key=lambda cell: tuple(cell.labels[name] for name in rest),
    ):
        mine = list(group)
        told = [
            f"{name} {label}"
            for name, label in zip(rest, key, strict=True)
            if len(labels[name]) > 1 or name == DOCUMENT
        ]
        own = {_place(cell, rows, columns): _tile(cell, by_out.get(cell.out)) for cell in mine}
        pages.append(
            Page(
                ", ".join(told),
                tuple(label for label in labels.get(rows, ("",)) if any(row == label for row, _ in own)),
                tuple(label for label in labels.get(columns, ("",)) if any(column == label for _, column in own)),
                own,
            )
        )
    return pages


def draw(name: str, page: Page) -> Image.Image:
    """A page as a picture."""
    left = _MARGIN + (110 if any(page.rows) else 0)
    top = _MARGIN + _HEAD + (22 if any(page.columns) else 0)
    width = left + len(page.columns) * (TILE_PX + _GAP) - _GAP + _MARGIN
    height = top + len(page.rows) * (TILE_PX + _LABEL + _GAP) - _GAP + _MARGIN
    sheet = Image.new("RGB", (max(width, 420), height), _PAPER)
    pen = ImageDraw.Draw(sheet)
    pen.text(
        (_MARGIN, _MARGIN), _cut(pen, f"{name}  {page.title}".strip(), 20, sheet.width - 2 * _MARGIN), _INK, _font(20)
    )
    for across, column in enumerate(page.columns):
        pen.text((left + across * (TILE_PX + _GAP), top - 22), _cut(pen, column, 15, TILE_PX), _INK, _font(15))
    for down, row in enumerate(page.rows):
        y = top + down * (TILE_PX + _LABEL + _GAP)
        pen.text((_MARGIN, y), _cut(pen, row, 15, left - _MARGIN - 8), _INK, _font(15))
        for across, column in enumerate(page.columns):
            tile = page.tiles.get((row, column))
            if tile:
                _draw_tile(sheet, pen, tile, left + across * (TILE_PX + _GAP), y)
    return sheet


def page_text(name: str, pages: Sequence[Page], sentences: Sequence[str]) -> str:
    """All pages as one HTML file that needs nothing else."""
    said = html.escape
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">",
        f"<title>{said(name)}</title><style>{_STYLE}</style></head><body><main><h1>{said(name)}</h1>",
    ]
    if sentences:
        parts.append("<ul>" + "".join(f"<li>{said(one)}</li>" for one in sentences) + "</ul>")
    for page in pages:
        parts.append(f"<h2>{said(page.title)}</h2>" if page.title else "")
        parts.append("<div class=scroll><table>")
        if any(page.columns):
            heads = "".join(f'<th scope="col">{said(column)}</th>' for column in page.columns)
            parts.append(f"<thead><tr><td></td>{heads}</tr></thead>")
        parts.append("<tbody>")
        for row in page.rows:
            tiles = "".join(_tile_text(page.tiles.get((row, column))) for column in page.columns)
            parts.append(f'<tr><th scope="row">{said(row)}</th>{tiles}</tr>')
        parts.append("</tbody></table></div>")
    return "".join([*parts, "</main></body></html>\n"])


_STYLE = """
:root{color-scheme:light dark}body{font:14px/1.4 system-ui,sans-serif;margin:24px}
h1{font-size:22px}h2{font-size:17px;margin-top:28px}.scroll{overflow-x:auto}
table{border-spacing:12px;margin-left:-12px}th{text-align:left;vertical-align:top;font-weight:600}td{vertical-align:top}
figure{margin:0;width:240px}img{max-width:100%;display:block}figcaption{overflow-wrap:anywhere;margin-top:4px}
.problem img,.problem .none{outline:4px solid #de8a00}.failed img,.failed .none{outline:4px solid #c82828}
.none{height:120px;background:#8883;display:grid;place-items:center}.why{font-weight:600}
"""


def _sides(plan: Plan, labels: Mapping[str, tuple[str, ...]]) -> tuple[str, str]:
    """Which axes are rows and columns: what the plan says, or else the first two that have several values."""
    several = [name for name, found in labels.items() if len(found) > 1] or list(labels)
    rows = plan.rows or next((name for name in several if name != plan.columns), "")
    columns = plan.columns or next((name for name in several if name != rows), "")
    return rows, columns


def _place(cell: Cell, rows: str, columns: str) -> tuple[str, str]:
    return cell.labels.get(rows, ""), cell.labels.get(columns, "")


def _tile(cell: Cell, record: Record | None) -> Tile:
    label = cell.out.name
    if record is None:
        return Tile(None, None, label, "not made")
    picture = _picture(cell.out, record) if record.has_file else None
    if record.delta_e is not None:
        label += f"  dE {record.delta_e:.2f}"
    problem = record.error if record.state is not State.DONE else ""
    if not problem and record.has_file and picture is None:
        problem = "its file cannot be read"
    if not problem and record.is_off:
        problem = f"the colour is dE {record.delta_e:.2f} off"
    return Tile(record, picture, label, problem)


def _picture(path: Path, record: Record) -> Image.Image | None:
    """A file as a screen shows it, at most TILE_PX a side, with the safe area of its format."""
    try:
        document = documents.read(path)
        whole = Image.fromarray(shown(document))
    except InlayError:
        return None
    small = whole.copy()
    small.thumbnail((TILE_PX, TILE_PX), Image.Resampling.LANCZOS)
    if record.safe and tuple(record.safe) != (0, 0, *whole.size):
        x, y, width, height = (side * small.width / whole.width for side in record.safe)
        pen = ImageDraw.Draw(small)
        pen.rectangle((x, y, x + width - 1, y + height - 1), outline=(0, 0, 0), width=2)
        pen.rectangle((x, y, x + width - 1, y + height - 1), outline=_SAFE, width=1)
    return small


def _draw_tile(sheet: Image.Image, pen: ImageDraw.ImageDraw, tile: Tile, x: int, y: int) -> None:
    if tile.picture is None:
        pen.rectangle((x, y, x + TILE_PX - 1, y + TILE_PX - 1), fill=_EMPTY)
        for number, line in enumerate(_lines(pen, tile.problem, 13, TILE_PX - 20)[:9]):
            pen.text((x + 10, y + 10 + 17 * number), line, _INK, _font(13))
    else:
        sheet.paste(tile.picture, (x, y))
    if tile.frame:
        size = tile.picture.size if tile.picture else (TILE_PX, TILE_PX)
        box = (x - _FRAME, y - _FRAME, x + size[0] + _FRAME - 1, y + size[1] + _FRAME - 1)
        pen.rectangle(box, outline=tile.frame, width=_FRAME)
    below = y + (tile.picture.height if tile.picture else TILE_PX) + _FRAME
    pen.text((x, below), _cut(pen, tile.label, 12, TILE_PX), _FAINT, _font(12))
    if tile.problem and tile.picture is not None:
        pen.text((x, below + 15), _cut(pen, tile.problem, 12, TILE_PX), tile.frame or _INK, _font(12))


def _tile_text(tile: Tile | None) -> str:
    if tile is None:
        return "<td></td>"
    name = html.escape(tile.label)
    why = f' <span class="why">{html.escape(tile.problem)}</span>' if tile.problem else ""
    kind = "" if not tile.problem else ' class="failed"' if tile.frame == _RED else ' class="problem"'
    if tile.picture is None:
        shown_as = '<div class="none">no file</div>'
    else:
        packed = io.BytesIO()
        tile.picture.save(packed, "JPEG", quality=_QUALITY)
        shown_as = f'<img alt="{name}" src="data:image/jpeg;base64,{base64.b64encode(packed.getvalue()).decode()}">'
    return f"<td><figure{kind}>{shown_as}<figcaption>{name}{why}</figcaption></figure></td>"


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _cut(pen: ImageDraw.ImageDraw, text: str, size: int, width: int) -> str:
    """As much of a text's beginning as fits."""
    if pen.textlength(text, _font(size)) <= width:
        return text
    while text and pen.textlength(text + "…", _font(size)) > width:
        text = text[:-1]
    return text + "…"


def _lines(pen: ImageDraw.ImageDraw, text: str, size: int, width: int) -> list[str]:
    lines: list[str] = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if pen.textlength(longer, _font(size)) <= width:
            lines[-1] = longer
        else:
            lines.append(_cut(pen, word, size, width))
    return [line for line in lines if line]
