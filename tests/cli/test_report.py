"""`inlay report`: every figure of a journal that a real server wrote is what its raw events say, counted by hand.

The counting here is the plainest there is: SQL for the rows, loops for the rest, and nothing of `inlay.report`.
"""

import csv
import io
import json
import re
import shutil
import sqlite3
import statistics
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cli.conftest import Run, Said, Serving, wait_for
from inlay import documents
from inlay.client import Client
from inlay.client.edit import Wish, edit_document
from inlay.documents import Document
from inlay.errors import InlayError
from inlay.job import Rating, Ticket
from inlay.recipe import Tier

pytestmark = pytest.mark.slow

HOUR_EUR, VARIATION_EUR = 36.0, 0.25
RATES = f"""
currency = "EUR"
[hour]
cpu = {HOUR_EUR}
[variation]
classic = {VARIATION_EUR}
"""
SECRET = "the unreleased bottle"


def disc(row: int, column: int, radius: int) -> NDArray[np.uint8]:
    rows, columns = np.mgrid[:192, :192]
    return np.where(np.hypot(rows - row, columns - column) < radius, 255, 0).astype(np.uint8)


@pytest.fixture(scope="module")
def studio(start_serving: Callable[..., Serving], photo: Path, tmp_path_factory: pytest.TempPathFactory) -> Serving:
    """A server at which a morning's work was done."""
    serving = start_serving(tmp_path_factory.mktemp("studio") / "data")
    document = documents.read(photo)
    with Client(serving.address, token=serving.card.token) as client:
        work(client, document)
    return serving


def work(client: Client, document: Document) -> None:
    left, right = disc(90, 50, 18), disc(90, 140, 18)

    def edit(label: str, mask: NDArray[np.uint8], seed: int, *, batch: str = "", **wish: Any) -> str:
        given: dict[str, Any] = {"verb": "erase", "prompt": SECRET} | wish
        asked = Wish(**given, seed=seed)
        return edit_document(client, document, mask, asked, ticket=Ticket(label, batch=batch)).job_id

    first = edit("hero.kra", left, 1)
    client.rate(first, 0, Rating.REJECTED)
    edit("hero.kra", disc(92, 51, 18), 2)
    third = edit("hero.kra", left, 3, count=2)
    client.rate(third, 0, Rating.REJECTED)
    client.rate(third, 1, Rating.KEPT)
    edit("hero.kra", left, 4)
    once = edit("hero.kra", right, 5, tier=Tier.DRAFT)
    client.rate(once, 0, Rating.KEPT)
    coloured = edit("pack.psd", left, 6, verb="recolor", target_color="#1f4e79", batch="colourways")
    client.rate(coloured, 0, Rating.KEPT)
    edit("pack.psd", right, 7, verb="recolor", target_color="#a3461f", batch="colourways")
    with pytest.raises(InlayError):
        edit("pack.psd", right, 8, target_color="#nonsense", verb="recolor")
    taken_back = str(uuid.uuid4())
    recipe = next(job for job in client.jobs() if job.job_id == once).recipe
    client.submit(taken_back, recipe.altered(seed=99, count=16), Ticket("hero.kra"))
    client.cancel(taken_back)


@pytest.fixture(scope="module")
def rates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rates") / "rates.toml"
    path.write_text(RATES)
    return path


@pytest.fixture(scope="module")
def copy(inlay: Run, studio: Serving, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("backup") / "copy.sqlite"
    assert inlay("backup", path.parent / "whole", "--data", studio.data).code == 0
    (journal,) = (path.parent / "whole").glob("journal-*.sqlite")
    shutil.copy(journal, path)
    shutil.rmtree(path.parent / "whole")
    return path


def counted(journal: Path, by: str) -> dict[str, dict[str, Any]]:
    """All rows by their key, and all together as `all`."""
    with closing(sqlite3.connect(journal)) as connection:
        connection.row_factory = sqlite3.Row
        jobs = [dict(row) for row in connection.execute("SELECT * FROM jobs ORDER BY number")]
        for job in jobs:
            job["recipe"] = json.loads(job["recipe"])
            job["events"] = [
                (row["kind"], row["time_unix_ms"], json.loads(row["facts"]))
                for row in connection.execute("SELECT * FROM events WHERE number = ? ORDER BY seq", (job["number"],))
            ]
            job["ratings"] = [
                (row["rating"], row["time_unix_ms"])
                for row in connection.execute("SELECT * FROM ratings WHERE number = ?", (job["number"],))
            ]
    where: list[tuple[str, list[int]]] = []  # one a region: its document and where it was seen last
    for job in jobs:
        x, y, width, height = job["recipe"]["where"]["region"]
        for at, (label, (ox, oy, owidth, oheight)) in enumerate(where):
            wide = min(x + width, ox + owidth) - max(x, ox)
            high = min(y + height, oy + oheight) - max(y, oy)
            common = wide * high if wide > 0 and high > 0 else 0
            if label == job["label"] and common * 2 >= width * height + owidth * oheight - common:
                job["at"] = at
                where[at] = (label, job["recipe"]["where"]["region"])
                break
        else:
            job["at"] = len(where)
            where.append((job["label"], job["recipe"]["where"]["region"]))
    keys: dict[str, Callable[[dict[str, Any]], str]] = {
        "document": lambda job: job["label"],
        "batch": lambda job: job["batch"],
        "style": lambda job: job["recipe"]["sampling"]["style"],
        "person": lambda job: "owner",
        "model": lambda job: job["recipe"]["sampling"]["resolved"]["model"],
    }
    groups: dict[str, list[dict[str, Any]]] = {"all": jobs}
    for job in jobs:
        groups.setdefault(keys[by](job), []).append(job)
    return {key: added_up(group) for key, group in groups.items()}


def added_up(jobs: list[dict[str, Any]]) -> dict[str, Any]:
    seconds = 0.0
    variations = 0
    for job in jobs:
        ends = [facts["seconds"] for kind, _, facts in job["events"] if kind == "done"]
        if ends:
            seconds += ends[0]
        else:
            begun = [at for kind, at, _ in job["events"] if kind != "queued"]
            seconds += (begun[-1] - begun[0]) / 1000
        variations += sum(kind == "variation" for kind, _, _ in job["events"])
    passes, approved, at_first, minutes = 0, 0, 0, []
    seen = {job["at"] for job in jobs if any(kind == "variation" for kind, _, _ in job["events"])}
    for at in seen:
        there = [job for job in jobs if job["at"] == at]
        shown = [job for job in there if any(kind == "variation" for kind, _, _ in job["events"])]
        passes += len(shown)
        kept = sorted(when for job in there for rating, when in job["ratings"] if rating == "kept")
        if kept:
            approved += 1
            minutes.append((kept[0] - there[0]["submitted_unix_ms"]) / 60_000)
            if [when for rating, when in shown[0]["ratings"] if rating == "kept"]:
                at_first += 1
    ratings = [rating for job in jobs for rating, _ in job["ratings"]]
    return {
        "tries": len(jobs),
        "failed": sum(job["state"] == "failed" for job in jobs),
        "cancelled": sum(job["state"] == "cancelled" for job in jobs),
        "passes": passes,
        "finals": 0,
        "regions": len(seen),
        "approved": approved,
        "approved_at_first": at_first,
        "first_pass_yield": pytest.approx(at_first / len(seen), abs=1e-4) if seen else None,
        "passes_per_region": pytest.approx(passes / len(seen), abs=1e-4) if seen else None,
        "minutes_to_approval": pytest.approx(statistics.median(minutes), abs=1e-4) if minutes else None,
        "variations": variations,
        "kept": ratings.count("kept"),
        "rejected": ratings.count("rejected"),
        "device_s": pytest.approx(seconds, abs=2e-3),
        "money": pytest.approx({"EUR": seconds / 3600 * HOUR_EUR + variations * VARIATION_EUR}, abs=1e-4),
    }


def figures(row: dict[str, Any], by: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in (by, "name")}


@pytest.mark.parametrize("by", ["document", "batch", "style", "model", "person"])
def test_every_figure_is_what_the_raw_events_say(inlay: Run, studio: Serving, copy: Path, rates: Path, by: str) -> None:
    expected = counted(copy, by)

    told = inlay("report", "--data", studio.data, "--by", by, "--rates", rates, "--json").json

    assert {row[by]: figures(row, by) for row in told["rows"]} == {
        key: row for key, row in expected.items() if key != "all"
    }
    assert told["total"] == expected["all"]


def test_a_backup_tells_the_same(inlay: Run, studio: Serving, copy: Path) -> None:
    assert inlay("report", copy, "--json").json == inlay("report", "--data", studio.data, "--json").json


def test_the_morning_is_told_as_it_was(inlay: Run, studio: Serving) -> None:
    told = inlay("report", "--data", studio.data, "--json").json

    hero, pack = told["rows"]
    assert (hero["document"], hero["tries"], hero["regions"], hero["passes"]) == ("hero.kra", 6, 2, 5)
    assert (hero["approved"], hero["approved_at_first"], hero["kept"], hero["rejected"]) == (2, 1, 2, 2)
    assert (pack["document"], pack["regions"], pack["approved"], pack["approved_at_first"]) == ("pack.psd", 2, 1, 1)
    assert hero["cancelled"] == 1
    assert told["most_passes"][0]["passes"] == 4


def test_no_words_leave_unless_they_are_asked_for(inlay: Run, studio: Serving, tmp_path: Path) -> None:
    page, table = tmp_path / "report.html", tmp_path / "report.csv"
    said = inlay("report", "--data", studio.data, "--html", page, "--csv", table)
    assert said.code == 0
    plain = inlay("report", "--data", studio.data, "--json").out
    shown = inlay("report", "--data", studio.data).out
    assert not [text for text in (page.read_text(), table.read_text(), plain, shown) if SECRET in text]

    inlay("report", "--data", studio.data, "--html", page, "--prompts")
    assert SECRET in page.read_text()
    assert SECRET in inlay("report", "--data", studio.data, "--json", "--prompts").out


def test_the_page_speaks_the_language_of_the_machine_unless_another_is_asked_for(
    inlay: Run, studio: Serving, tmp_path: Path
) -> None:
    page, asked = tmp_path / "report.html", ("report", "--data", studio.data, "--html", tmp_path / "report.html")

    def spoken(*more: str, **variables: str) -> tuple[str, str, bool]:
        assert inlay(*asked, *more, **variables).code == 0
        text = page.read_text("utf-8")
        titles = re.findall(r"<html lang=\"(\w+)\">.*<h1>(.*?)</h1>", text, re.DOTALL)
        return (*titles[0], bool(re.search(r"<dd>\d+,\d</dd>", text)))

    german, english = ("de", "Was es gekostet hat", True), ("en", "What it cost", False)
    assert spoken() == english
    assert spoken(LC_ALL="de_AT.UTF-8") == german
    assert spoken(LC_ALL="", LC_MESSAGES="", LANG="de_DE") == german
    assert spoken(LC_ALL="", LC_MESSAGES="en_GB.UTF-8", LANG="de_DE") == english
    assert spoken(LC_ALL="fr_FR.UTF-8") == english
    assert spoken("--language", "de") == german
    assert spoken("--language", "en", LC_ALL="de_AT.UTF-8") == english


def test_a_table_and_a_csv_say_what_json_says(inlay: Run, studio: Serving, rates: Path, tmp_path: Path) -> None:
    asked = ("report", "--data", studio.data, "--rates", rates)
    told = inlay(*asked, "--json").json
    file = tmp_path / "report.csv"
    inlay(*asked, "--csv", file)

    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
    for row, expected in zip(rows, told["rows"], strict=True):
        assert row["document"] == expected["name"]
        assert float(row["money_EUR"]) == expected["money"]["EUR"]
        numbers = [name for name in expected if name not in ("document", "name", "money")]
        assert {name: float(row[name] or "nan") for name in numbers} == {
            name: pytest.approx(expected[name], nan_ok=True) for name in numbers
        }
    heading, *lines, last = inlay(*asked).out.splitlines()
    assert heading.split()[:2] == ["document", "tries"]
    assert [line.split()[:2] for line in lines] == [[row["name"], str(row["tries"])] for row in told["rows"]]
    assert last.split()[:2] == ["all", str(told["total"]["tries"])]


def test_only_the_days_that_were_asked_for_count(inlay: Run, studio: Serving) -> None:
    today = time.strftime("%Y-%m-%d")
    everything = inlay("report", "--data", studio.data, "--json").json["total"]
    asked = ("report", "--data", studio.data, "--json")
    assert inlay(*asked, "--since", today, "--until", today).json["total"] == everything
    assert inlay(*asked, "--until", "2020-01-01").json["total"]["tries"] == 0
    assert inlay(*asked, "--since", "2100-01-01").json["rows"] == []


def test_it_reads_and_never_writes(inlay: Run, copy: Path) -> None:
    before = copy.read_bytes()
    assert inlay("report", copy).code == 0
    assert copy.read_bytes() == before
    assert [path.name for path in copy.parent.iterdir()] == ["copy.sqlite"]


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (("--since", "yesterday"), 2, "--since"),
        (("--by", "colour"), 2, "--by"),
    ],
)
def test_what_cannot_be_meant_is_named(
    inlay: Run, studio: Serving, arguments: tuple[str, ...], code: int, named: str
) -> None:
    said: Said = inlay("report", "--data", studio.data, *arguments)
    assert said.code == code
    assert named in said.err


def test_a_folder_without_a_journal_and_a_file_that_is_none_are_named(inlay: Run, tmp_path: Path) -> None:
    said = inlay("report", "--data", tmp_path / "nothing")
    assert said.code == 5
    assert "nothing" in said.err
    for content, code in ((b"no database at all, but long enough to look like one" * 20, 3), (b"", 2)):
        file = tmp_path / "other.sqlite"
        file.write_bytes(content)
        said = inlay("report", file)
        assert said.code == code
        assert "other.sqlite" in said.err


def test_a_journal_whose_server_is_gone_is_read_where_it_lies(inlay: Run, studio: Serving, tmp_path: Path) -> None:
    """Killed, so that what was written last is in the log beside it."""
    expected = inlay("report", "--data", studio.data, "--json").json
    studio.process.kill()
    studio.process.wait()
    wait_for(lambda: studio.process.poll() is not None)
    for path in studio.data.glob("journal.sqlite*"):
        shutil.copy(path, tmp_path)
    assert inlay("report", "--data", tmp_path, "--json").json == expected
