"""The page and the CSV, whatever documents are called: read by a parser that is not ours, and by a browser."""

import csv
import datetime
import io
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from inlay.forms.catalogue import catalogues
from inlay.job import JobState
from inlay.recipe import Verb
from inlay.region import Rect, Size
from inlay.report import Rates, Summary, place, summarise
from inlay.report.page import page_of
from inlay.report.regions import Placed
from inlay.report.told import COLUMNS, csv_of, table_of
from inlay.report.work import Judged, Work, name_of

HOSTILE = (
    "</td><script>document.title='owned'</script>",
    '"><img src=https://example.org/x onerror=alert(1)>',
    "</svg></title></style><script>document.title='owned'</script>",
    "&amp;<b>bold</b>",
    "=HYPERLINK(\"https://example.org\")",
    "line\nbreak, comma; \"quote\" 'and' ümläut 画像",
)  # fmt: skip
WORDS = "</td><script>document.title='owned'</script> the unreleased bottle"
MADE = datetime.datetime(2026, 11, 30, 12, tzinfo=datetime.UTC)
ENGLISH, GERMAN = (catalogues().speaking(language) for language in ("en", "de"))
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


def work(number: int, label: str, **said: object) -> Work:
    minute = number * 60_000
    fixed = {
        "model": f"model {label}",
        "style": f"style {label}",
        "batch": f"batch {label}",
        "person": f"person {label}",
        "prompt": WORDS,
        "device": "cuda:0",
        "device_s": 3.5,
        "variations": 1,
    }
    where = Rect(0, 0, 40, 40), Size(100, 100), "f" * 64
    return Work(number, f"id {number}", JobState.DONE, minute, Verb.FILL, *where, label, **(fixed | said))


def placed() -> tuple[Placed, ...]:
    works: list[Work] = []
    for number, label in enumerate(HOSTILE, start=1):
        works += [
            work(number * 10, label),
            work(number * 10 + 1, label, judged=(Judged(0, True, number * 700_000),)),
        ]
    return place(works)


@pytest.fixture(params=["document", "person", "style", "model", "batch"])
def summary(request: pytest.FixtureRequest) -> Summary:
    return summarise(placed(), Rates("€<b>", {"cuda": 2.0}), request.param)


class Seen(HTMLParser):
    """What is on a page: its tags, its attributes, and the text of its cells."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.cells: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells:
            self.cells[-1] += data


def test_a_page_has_no_script_and_nothing_from_elsewhere(summary: Summary) -> None:
    seen = Seen(page_of(summary, MADE, ENGLISH, prompts=True))
    assert not {"script", "img", "link", "iframe", "b", "object", "a", "foreignobject"} & set(seen.tags)
    assert not [name for name, _ in seen.attributes if name.startswith("on") or name in ("src", "href", "style")]
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in seen.attributes


def test_every_name_stands_on_the_page_as_it_is(summary: Summary) -> None:
    cells = [" ".join(cell.split()) for cell in Seen(page_of(summary, MADE, ENGLISH)).cells]
    for row in table_of(summary)[1:]:
        assert " ".join(row[0].split()) in cells


def test_the_words_stand_there_when_they_are_asked_for(summary: Summary) -> None:
    assert "unreleased" not in page_of(summary, MADE, ENGLISH)
    assert any(WORDS in cell for cell in Seen(page_of(summary, MADE, ENGLISH, prompts=True)).cells)


def test_plots_say_in_words_what_they_show() -> None:
    page = page_of(summarise(placed(), Rates()), MADE, ENGLISH)
    told = dict(re.findall(r'aria-label="([^".]+)\. ([^"]*)"', page))
    assert told["Regions by the passes they took"] == "1: 0 regions, 0 approved; 2: 6 regions, 6 approved"
    # approved after 1.67, 3.33, 5, 6.67, 8.33 and 10 minutes
    assert told["Regions by minutes to approval"].startswith(
        "&lt; 1: 0 regions; &lt; 2: 1 regions; &lt; 5: 1 regions; &lt; 10: 3 regions; &lt; 20: 1 regions"
    )


def test_in_german_every_word_but_the_names_is_german(summary: Summary) -> None:
    page = page_of(summary, MADE, GERMAN, prompts=True)
    seen = Seen(page)
    assert ("lang", "de") in seen.attributes
    row = {"document": "Dokument", "person": "Person", "style": "Stil", "model": "Modell", "batch": "Stapel"}[
        summary.by
    ]
    figures = ["Versuche", "gescheitert", "abgebrochen", "Bereiche", "freigegeben", "im ersten Durchgang"]
    assert seen.cells[:7] == [row, *figures]
    last = len(COLUMNS) + 1
    foot = seen.cells[last * (len(summary.rows) + 1) :][:last]
    assert (foot[0], foot[6], foot[12]) == ("alle", "0 %", "42,0")
    assert f"<h2>Sekunden der Geräte nach {row}</h2>" in page
    assert "<p>Alles, was das Journal hat. Erstellt 2026-11-30 12:00 UTC.</p>" in page
    assert "2: Bereiche: 6, freigegeben: 6" in page
    assert "Füllen" in seen.cells
    assert "40 x 40 bei 0, 0" in seen.cells
    spoken = {text for key, text in ENGLISH.words.items() if key.startswith("server.report.") and " " in text}
    whole = [text for text in spoken if "{" not in text and text in page]
    assert whole == []


def test_the_page_calls_the_figures_what_the_table_calls_them() -> None:
    head = Seen(page_of(summarise(placed(), Rates()), MADE, ENGLISH)).cells[: len(COLUMNS) + 1]
    assert head == table_of(summarise(placed(), Rates()))[0]


def test_nobody_and_a_period_are_told_in_the_pages_language() -> None:
    works = place([work(10, HOSTILE[0], style="")])
    day = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    english, german = (page_of(summarise(works, Rates(), "style", day), MADE, words) for words in (ENGLISH, GERMAN))
    assert "<td>(none)</td>" in english
    assert "Submitted since 1970-01-01" in english
    assert "<td>(keiner)</td>" in german
    assert "Aufgegeben ab 1970-01-01" in german


def test_a_page_of_nothing_is_a_page() -> None:
    seen = Seen(page_of(summarise((), Rates()), MADE, ENGLISH))
    assert seen.tags.count("svg") == 4
    assert [cell.strip() for cell in seen.cells[-13:]] == [
        "0",
        "0",
        "0",
        "0",
        "0",
        "",
        "",
        "",
        "0",
        "0",
        "0",
        "0.0",
        "",
    ]


def test_a_spreadsheet_calculates_no_name() -> None:
    rows = list(csv.reader(io.StringIO(csv_of(summarise(placed(), Rates())))))
    assert not [row[0] for row in rows if row[0].startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert {row[0] for row in rows[1:]} == {f"'{name}" if name.startswith("=") else name for name in HOSTILE}


@pytest.mark.skipif(CHROMIUM is None, reason="needs a browser")
@pytest.mark.slow
def test_a_browser_runs_nothing_of_it(tmp_path: Path) -> None:
    assert CHROMIUM
    page = tmp_path / "report.html"
    page.write_text(page_of(summarise(placed(), Rates()), MADE, ENGLISH, prompts=True), encoding="utf-8")
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile"]
    said = subprocess.run(
        [*command, "--dump-dom", page.as_uri()], capture_output=True, text=True, check=True, timeout=60
    )
    assert "<title>Inlay: What it cost</title>" in said.stdout
    assert "<script" not in said.stdout


@pytest.mark.parametrize(
    ("document", "name"),
    [
        ("hero.kra " + "0a" * 16, "hero.kra"),
        ("two words.psd " + "0a" * 16, "two words.psd"),
        ("hero.kra", "hero.kra"),
        ("0f3a5b1c-0000-4000-8000-000000000000", "document 0f3a5b1c"),
        ("pixels " + "ab" * 32, "unnamed abababab"),
    ],
)
def test_a_document_is_called_by_its_file_and_not_by_where_it_lies(document: str, name: str) -> None:
    assert name_of(document) == name
