"""`inlay batch` on real files through a real server: every cell once, whatever breaks off; counted in journal and folder."""

import csv
import json
import signal
import sqlite3
import subprocess
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data

from cli.conftest import INLAY, Run, Serving, wait_for

pytestmark = pytest.mark.slow

PLAN = """\
plan = 1
name = "{name}"
out = "out/{{document}}_{{colour}}_{{lang}}.{suffix}"
seed = {seed}
[recipe]
verb = "recolor"
target_color = "{{colour.hex}}"
[documents]
files = ["masters/*.png"]
mask = "masks/{{document}}.png"
[axes]
colour = {{ navy = {{ hex = "#1f4e79" }}, rust = {{ hex = "#a3461f" }}, moss = {{ hex = "#5d6b2f" }} }}
lang = {{ csv = "copy.csv", key = "lang", fields = ["headline"] }}
[[skip]]
colour = "moss"
lang = "de"
"""
CELLS = 10


def masters(folder: Path) -> None:
    """Two photographs of other sizes, each with a soft disc as its mask, and the copy's table."""
    (folder / "masters").mkdir()
    (folder / "masks").mkdir()
    pictures = {"astro": data.astronaut()[20:180, 120:280], "cat": cv2.resize(data.chelsea(), (200, 150))}
    for name, picture in pictures.items():
        height, width = picture.shape[:2]
        rows, columns = np.mgrid[:height, :width]
        disc = np.clip((40 - np.hypot(rows - height / 2, columns - width / 2)) * 25 + 128, 0, 255).astype(np.uint8)
        Image.fromarray(picture).save(folder / "masters" / f"{name}.png")
        Image.fromarray(disc).save(folder / "masks" / f"{name}.png")
    (folder / "copy.csv").write_text(
        "lang;headline\r\nen;Made to last\r\nde;Zum Bleiben, gemacht\r\n", "utf-8-sig", newline=""
    )


def plan_in(folder: Path, name: str, suffix: str = "png", *changes: tuple[str, str]) -> Path:
    text = PLAN.format(name=name, suffix=suffix, seed=zlib.crc32(name.encode()))
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def lines_of(folder: Path, name: str) -> list[dict[str, Any]]:
    path = folder / "out" / f"{name}-manifest.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


class Journal(NamedTuple):
    """What a server's journal has of a batch, read by SQLite alone."""

    jobs: int
    painted: int
    states: Counter[str]


def journal(serving: Serving, batch: str) -> Journal:
    connection = sqlite3.connect(f"file:{serving.data / 'journal.sqlite'}?mode=ro", uri=True)
    try:
        states = Counter(state for (state,) in connection.execute("SELECT state FROM jobs WHERE batch = ?", (batch,)))
        (painted,) = connection.execute(
            "SELECT COUNT(*) FROM events JOIN jobs USING (number) WHERE batch = ? AND kind = 'variation'", (batch,)
        ).fetchone()
    finally:
        connection.close()
    return Journal(states.total(), painted, states)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    masters(tmp_path)
    return tmp_path


@pytest.fixture
def begin(environment: dict[str, str]) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a plan and do not wait for it."""
    started: list[subprocess.Popen[str]] = []

    def start(plan: Path, *arguments: object) -> subprocess.Popen[str]:
        command = [*INLAY, "batch", plan, *arguments]
        process = subprocess.Popen(
            [str(part) for part in command], env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_every_cell_becomes_a_file_and_the_second_run_touches_nothing(
    inlay: Run, server: Serving, folder: Path
) -> None:
    plan = plan_in(folder, "twice", "psd")

    first = inlay("batch", plan, "--data", server.data, "--json")
    before = {path.name: path.stat() for path in (folder / "out").glob("*.psd")}
    second = inlay("batch", plan, "--data", server.data, "--json")
    after = {path.name: path.stat() for path in (folder / "out").glob("*.psd")}

    assert (first.code, first.json["painted"], first.json["done"]) == (0, CELLS, CELLS), first.err
    assert (second.code, second.json["painted"], second.json["done"]) == (0, 0, CELLS)
    assert len(before) == CELLS
    assert {name: (one.st_ino, one.st_mtime_ns) for name, one in before.items()} == {
        name: (one.st_ino, one.st_mtime_ns) for name, one in after.items()
    }
    assert journal(server, "twice") == (CELLS, CELLS, {"done": CELLS})
    assert len(lines_of(folder, "twice")) == CELLS
    with (folder / "out" / "twice-manifest.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(row["document"], row["colour"], row["lang"], row["lang.headline"]) for row in rows} == {
        (f"{document}.png", colour, lang, headline)
        for document in ("astro", "cat")
        for colour in ("navy", "rust", "moss")
        for lang, headline in (("en", "Made to last"), ("de", "Zum Bleiben, gemacht"))
        if (colour, lang) != ("moss", "de")
    }
    assert {row["state"] for row in rows} == {"done"}
    assert all(json.loads(row["receipt"])["engine"] == "classic" for row in rows)
    assert all(json.loads(row["recipe"])["words"]["target_color"] == row["colour.hex"] for row in rows)


def test_only_what_changed_is_painted_again(inlay: Run, server: Serving, folder: Path) -> None:
    inlay("batch", plan_in(folder, "changed"), "--data", server.data)
    (folder / "out" / "cat_navy_en.png").write_bytes(b"somebody's")
    changed = plan_in(folder, "changed", "png", ("#a3461f", "#a34620"))

    again = inlay("batch", changed, "--data", server.data, "--json")

    assert again.code == 0, again.err
    assert again.json["painted"] == 4 + 1  # rust in two pictures and languages, and the file that was another
    assert journal(server, "changed") == (CELLS + 4, CELLS + 4, {"done": CELLS + 4})
    Image.open(folder / "out" / "cat_navy_en.png").verify()


def test_a_master_that_changed_makes_its_own_cells_anew_and_no_others(
    inlay: Run, server: Serving, folder: Path
) -> None:
    plan = plan_in(folder, "retouched")
    inlay("batch", plan, "--data", server.data)
    before = {path.name: path.stat().st_ino for path in folder.glob("out/astro*.png")}
    picture = np.array(Image.open(folder / "masters" / "cat.png"))
    picture[0, 0] ^= 1
    Image.fromarray(picture).save(folder / "masters" / "cat.png")

    again = inlay("batch", plan, "--data", server.data, "--json")

    assert (again.code, again.json["painted"], again.json["done"]) == (0, 5, CELLS)
    assert before == {path.name: path.stat().st_ino for path in folder.glob("out/astro*.png")}
    assert (np.asarray(Image.open(folder / "out" / "cat_navy_en.png"))[0, 0] == picture[0, 0]).all()
    mask = np.array(Image.open(folder / "masks" / "cat.png"))
    Image.fromarray(np.where(mask == 255, 254, mask).astype(np.uint8)).save(folder / "masks" / "cat.png")
    masked = inlay("batch", plan, "--data", server.data, "--json")
    assert (masked.code, masked.json["painted"], masked.json["done"]) == (0, 5, CELLS)


def test_results_that_the_server_cleared_away_are_painted_again_where_their_file_is_gone(
    inlay: Run, server: Serving, folder: Path
) -> None:
    plan = plan_in(folder, "cleared", "png", ('files = ["masters/*.png"]', 'files = ["masters/cat.png"]'))
    first = inlay("batch", plan, "--data", server.data, "--json")
    gone = first.json["records"][0]
    before = np.asarray(Image.open(folder / "out" / gone["out"]))
    (folder / "out" / gone["out"]).unlink()
    connection = sqlite3.connect(f"file:{server.data / 'journal.sqlite'}?mode=ro", uri=True)
    results = connection.execute(
        "SELECT results.sha256 FROM results JOIN jobs USING (number) WHERE job_id = ?", (gone["job_id"],)
    ).fetchall()
    connection.close()
    for (sha256,) in results:
        for path in server.data.rglob(f"*{sha256[2:]}*"):
            path.unlink()

    again = inlay("batch", plan, "--data", server.data, "--json")

    assert (again.code, again.json["painted"], again.json["done"]) == (0, 1, 5), again.err
    anew = again.json["records"][0]
    assert (anew["attempts"], anew["id"]) == (2, gone["id"])
    assert anew["job_id"] != gone["job_id"]
    assert (np.asarray(Image.open(folder / "out" / gone["out"])) == before).all()


def test_two_runs_of_one_plan_do_not_write_into_each_other(
    inlay: Run, server: Serving, folder: Path, begin: Callable[..., subprocess.Popen[str]]
) -> None:
    plan = plan_in(folder, "both")
    first = begin(plan, "--data", server.data)
    wait_for(lambda: lines_of(folder, "both"))
    first.send_signal(signal.SIGSTOP)
    second = inlay("batch", plan, "--data", server.data)
    first.send_signal(signal.SIGCONT)
    first.communicate(timeout=60)

    assert second.code == 2
    assert "another run of it is at work" in second.err
    assert first.returncode == 0


def test_a_plan_that_is_wrong_ends_with_its_key_and_no_server(inlay: Run, folder: Path) -> None:
    said = inlay("batch", plan_in(folder, "wrong", "png", ("verb =", "vreb =")))

    assert (said.code, said.out) == (2, "")
    assert said.err == "inlay: wrong.toml: recipe.vreb is not known; did you mean verb?\n"


def test_a_plan_that_is_killed_goes_on_and_paints_and_writes_every_cell_once(
    inlay: Run, server: Serving, folder: Path, begin: Callable[..., subprocess.Popen[str]]
) -> None:
    plan = plan_in(folder, "killed")
    process = begin(plan, "--data", server.data)
    wait_for(lambda: len(lines_of(folder, "killed")) >= 2)
    process.kill()
    process.wait()
    written = {line["out"]: (folder / "out" / line["out"]).stat() for line in lines_of(folder, "killed")}
    with (folder / "out" / "killed-manifest.jsonl").open("a") as file:
        file.write('{"id": "a line that ends ea')

    said = inlay("batch", plan, "--data", server.data, "--json")

    assert 2 <= len(written) < CELLS
    assert (said.code, said.json["done"], said.json["painted"]) == (0, CELLS, CELLS - len(written)), said.err
    assert journal(server, "killed") == (CELLS, CELLS, {"done": CELLS})
    ends = Counter(record["out"] for record in said.json["records"])
    assert set(ends.values()) == {1}
    assert all((folder / "out" / name).stat().st_ino == one.st_ino for name, one in written.items())
    assert not list((folder / "out").glob("*.part*"))


def test_a_server_that_is_killed_comes_back_and_the_plan_goes_on(
    folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
    start_serving: Callable[..., Serving],
    begin: Callable[..., subprocess.Popen[str]],
) -> None:
    home = tmp_path_factory.mktemp("mortal") / "data"
    serving = start_serving(home)
    port = serving.card.grpc_port
    process = begin(plan_in(folder, "outlived"), "--data", home, "--json")
    wait_for(lambda: lines_of(folder, "outlived"))
    serving.process.kill()
    serving.process.wait()
    serving = start_serving(home, "--grpc-port", port)

    out, err = process.communicate(timeout=120)

    assert process.returncode == 0, err
    assert json.loads(out)["done"] == CELLS
    assert journal(serving, "outlived") == (CELLS, CELLS, {"done": CELLS})
    assert len(lines_of(folder, "outlived")) == CELLS
    assert len(list((folder / "out").glob("*_*.png"))) == CELLS
    serving.process.send_signal(signal.SIGTERM)


def test_ctrl_c_leaves_what_the_next_run_goes_on_from(
    inlay: Run, server: Serving, folder: Path, begin: Callable[..., subprocess.Popen[str]]
) -> None:
    plan = plan_in(folder, "interrupted")
    process = begin(plan, "--data", server.data)
    wait_for(lambda: lines_of(folder, "interrupted"))
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    there = len(lines_of(folder, "interrupted"))
    left = journal(server, "interrupted").states

    said = inlay("batch", plan, "--data", server.data, "--json")

    assert process.returncode == 130
    assert "goes on from here" in err
    assert not left["queued"]
    assert not left["running"]
    assert there < CELLS
    assert (said.code, said.json["done"], said.json["painted"]) == (0, CELLS, CELLS - there)
    known = journal(server, "interrupted")
    assert known.states["done"] == CELLS
    assert CELLS <= known.painted <= CELLS + known.states["cancelled"]


def test_what_a_plan_warns_of_stands_in_its_records_once(inlay: Run, server: Serving, folder: Path) -> None:
    worded = ('target_color = "{colour.hex}"', 'target_color = "{colour.hex}"\nprompt = "brushed steel"')

    said = inlay("batch", plan_in(folder, "worded", "png", worded), "--data", server.data, "--json")

    told = [[note for note in record["notes"] if "does not read prompts" in note] for record in said.json["records"]]
    assert [len(notes) for notes in told] == [1] * CELLS


def test_a_failed_cell_never_stops_the_rest_and_is_tried_again_once_it_can_be(
    inlay: Run, server: Serving, folder: Path
) -> None:
    wrong = ('hex = "#1f4e79"', 'hex = "navy blue"')

    said = inlay("batch", plan_in(folder, "failing", "png", wrong), "--data", server.data, "--json")
    again = inlay("batch", plan_in(folder, "failing"), "--data", server.data, "--json")

    assert (said.code, said.json["done"], said.json["failed"]) == (4, CELLS - 4, 4)
    failed = [record for record in said.json["records"] if record["state"] == "failed"]
    assert {record["axes"]["colour"] for record in failed} == {"navy"}
    assert all("navy blue" in record["error"] for record in failed)
    assert (again.code, again.json["done"], again.json["painted"]) == (0, CELLS, 4)


def test_failures_in_a_row_stop_a_plan_that_says_so(inlay: Run, server: Serving, folder: Path) -> None:
    Image.fromarray(np.zeros((160, 160), np.uint8)).save(folder / "masks" / "astro.png")

    said = inlay("batch", plan_in(folder, "stopping"), "--stop-after", 3, "--data", server.data, "--json")

    assert said.code == 4
    assert said.json["stopped"]
    assert [record["state"] for record in said.json["records"]] == ["failed"] * 3
    assert journal(server, "stopping").jobs == 0


def test_a_dry_run_tells_seconds_and_bytes_and_sends_nothing(inlay: Run, server: Serving, folder: Path) -> None:
    for path in (*folder.glob("masters/*"), *folder.glob("masks/*")):  # what no other test has sent
        Image.fromarray(np.asarray(Image.open(path)) // 2).save(path)
    plan = plan_in(folder, "dry")

    dry = inlay("batch", plan, "--dry-run", "--data", server.data, "--json")
    jobs = journal(server, "dry").jobs
    files = list(folder.glob("out/*.png"))
    again = inlay("batch", plan, "--dry-run", "--data", server.data, "--json")
    table = inlay("batch", plan, "--dry-run", "--data", server.data)
    ran = inlay("batch", plan, "--data", server.data, "--json")
    after = inlay("batch", plan, "--dry-run", "--data", server.data, "--json")

    assert (dry.code, jobs, len(dry.json["cells"])) == (0, 0, CELLS)
    assert not files
    assert again.json == dry.json  # what was to be uploaded still is
    recipes = [record["recipe"] for record in ran.json["records"]]
    blobs = {recipe["canvas"]["source"]["blob"]: 3 * area(recipe["canvas"]["window"]) for recipe in recipes}
    blobs |= {recipe["where"]["mask"]["blob"]: area(recipe["where"]["region"]) for recipe in recipes}
    assert sum(cell["upload_bytes"] for cell in dry.json["cells"]) == sum(blobs.values()) > 150_000
    assert all(cell["seconds"] is None or cell["seconds"] > 0 for cell in dry.json["cells"])
    assert "out/astro_navy_en.png" in table.out
    assert "nothing leaves the server's machine" in table.out
    assert [cell["there"] for cell in after.json["cells"]] == [True] * CELLS
    assert sum(cell["upload_bytes"] for cell in after.json["cells"]) == 0


def area(rectangle: list[int]) -> int:
    return rectangle[2] * rectangle[3]
