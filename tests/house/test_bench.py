"""`make bench` says of each figure whether it is worse than the one kept from before, and ends as a failure where one is."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SCORE = {
    "name": "score",
    "file": "a/found.json",
    "at": ["ours", "score"],
    "better": "higher",
    "value": 90.0,
    "room": 0.5,
}
COST = {
    "name": "cost",
    "file": "cost.json",
    "at": ["rows", {"by": "ours"}, "cost"],
    "better": "lower",
    "value": 2.0,
    "room": 0.1,
}


@pytest.fixture
def compared(tmp_path: Path):
    """Exit status, and the verdicts or what went wrong, for figures of a run; `kept` are the rows they are compared with."""
    (tmp_path / "a").mkdir()

    def run(score: float | None, costs: dict[str, float], *options: str, kept: tuple[dict, ...] = (SCORE, COST)):
        (tmp_path / "kept.json").write_text(json.dumps(kept))
        if score is not None:
            (tmp_path / "a/found.json").write_text(json.dumps({"ours": {"score": score}}))
        rows = [{"by": who.split()[0], "cost": cost} for who, cost in costs.items()]
        (tmp_path / "cost.json").write_text(json.dumps({"rows": rows}))
        command = [sys.executable, "-m", "bench.compare", tmp_path, "--kept", tmp_path / "kept.json", *options]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        return ended.returncode, [line.split("  ")[-1] for line in ended.stdout.splitlines()[1:]] or ended.stderr

    return run


def test_a_figure_within_its_room_is_as_it_was_and_a_gain_is_told(compared) -> None:
    assert compared(89.6, {"ours": 1.5, "theirs": 9.0}) == (0, ["as it was", "better"])


@pytest.mark.parametrize(
    ("score", "cost", "verdicts"), [(89, 2, ["WORSE", "as it was"]), (95, 2.2, ["better", "WORSE"])]
)
def test_a_worse_figure_fails_the_bench_whichever_way_it_points(compared, score, cost, verdicts) -> None:
    assert compared(score, {"ours": cost}) == (1, verdicts)


def test_of_several_rows_the_worst_counts(compared) -> None:
    assert compared(90, {"ours 1": 1.0, "ours 2": 3.0}) == (1, ["as it was", "WORSE"])


def test_what_was_not_measured_or_never_kept_fails_nothing(compared) -> None:
    assert compared(None, {"ours": 5.0}, kept=(SCORE, {**COST, "value": None})) == (0, ["not measured", "new"])


def test_a_figure_that_its_bench_no_longer_gives_is_an_error(compared) -> None:
    code, said = compared(90, {"theirs": 1.0})
    assert code == 1
    assert "cost: nothing at" in said


def test_keeping_a_run_makes_it_the_one_to_compare_with(compared, tmp_path: Path) -> None:
    compared(80, {"ours": 5.0}, "--keep")
    assert [row["value"] for row in json.loads((tmp_path / "kept.json").read_text())] == [80, 5.0]


def test_every_kept_figure_is_of_a_file_that_a_bench_writes() -> None:
    written = (ROOT / "bench/__main__.py").read_text("utf-8")
    figures = json.loads((ROOT / "bench/kept.json").read_text("utf-8"))
    assert len(figures) > 20
    for figure in figures:
        assert f'"{{out}}/{figure["file"].removesuffix("/results.json")}"' in written, figure["name"]
