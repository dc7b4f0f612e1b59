"""The match benchmark: ours beside the plain methods in one run.

    python bench/match/run.py [--seed 7] [--n 48] [--photos FOLDER] [--out FOLDER] [--all]

Needs the test extras (scipy, scikit-image). `--out` writes results.json and, per case, pasted | ours | truth as PNG; `--all` runs
every baseline, else the paste as it is and OpenCV's seamlessClone.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "server")]

import baselines  # noqa: E402
import bench_match  # noqa: E402

from inlay.fidelity import match  # noqa: E402

METHODS: dict[str, Any] = {"inlay": match, "raw": baselines.raw, "seamlessClone": baselines.seamless}
OTHERS = {
    "reinhard": baselines.reinhard,
    "mean shift": baselines.mean_shift,
    "histogram": baselines.histogram,
    "gray world": baselines.gray_world,
    "shades of gray": baselines.shades_of_gray,
}
COLUMNS = ("g_luma", "g_chroma", "sharp", "black", "fringe", "soft", "block", "detail")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seed", type=int, default=7)
    arguments.add_argument("--n", type=int, default=48)
    arguments.add_argument("--photos")
    arguments.add_argument("--out", type=Path)
    arguments.add_argument("--all", action="store_true")
    options = arguments.parse_args()
    cases = bench_match.build_cases(options.seed, options.n, options.photos)
    found: dict[str, Any] = {}
    print(
        f"{'method':<16}{'score':>6} | {' '.join(f'{group[:7]:>7}' for group in bench_match.GROUPS)} | {' '.join(COLUMNS)} | harm"
    )
    for name, method in (METHODS | (OTHERS if options.all else {})).items():
        png = str(options.out / "png") if options.out and method is match else None
        summary = bench_match.run(method, png=png, timing=method is match, verbose=False, cases=cases)["summary"]
        found[name] = summary
        groups = " ".join(f"{summary['groups'][group]:7.1f}" for group in bench_match.GROUPS)
        columns = " ".join(f"{summary['mean'].get(column, 0):{len(column)}.2f}" for column in COLUMNS)
        print(f"{name:<16}{summary['score']:6.1f} | {groups} | {columns} | {summary['harm']}", flush=True)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "results.json").write_text(json.dumps({"methods": found}, indent=1, default=float), "utf-8")


if __name__ == "__main__":
    main()
