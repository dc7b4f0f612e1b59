"""The seam benchmark: ours beside the plain methods in one run, with time per megapixel and per stage.

    python bench/seam/run.py [--seed 7] [--n 36] [--quick] [--out FOLDER]

Needs the test extras (scipy, scikit-image). `--out` writes results.json and, per case, original | generated | ours | truth as PNG.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "server")]

import baselines  # noqa: E402
import bench_seam  # noqa: E402

from inlay.fidelity import Belonging, Intent, belong  # noqa: E402


def fitted(original: np.ndarray, generated: np.ndarray, mask: np.ndarray, op: str = "fill") -> Belonging:
    """What the product does with the same window."""
    intent = Intent.EDIT if op == "edit" else Intent.FILL
    return belong(bench_seam.tofloat(original), generated, mask / np.float32(255), intent=intent)


def inlay(original: np.ndarray, generated: np.ndarray, mask: np.ndarray, op: str = "fill") -> np.ndarray:
    """What a host shows of it: the layer in the document's samples, blended through the mask."""
    white = np.iinfo(original.dtype).max
    share = mask[..., None] / 255
    layer = np.rint(np.clip(fitted(original, generated, mask, op).layer.astype(np.float64), 0, 1) * white)
    return np.where(share > 0, np.rint(original * (1 - share) + layer * share), original).astype(original.dtype)


METHODS: dict[str, Callable[..., Any]] = {
    "inlay": inlay,
    "hard paste": baselines.hard,
    "feather": baselines.feather,
    "mean/std": baselines.meanstd,
    "seamlessClone": baselines.seamless,
}
GROUPS = ("match", "inner", "drift", "intent_obj", "intent_full", "rot")
GOALS = {"match": 92, "inner": 87, "drift": 93, "intent_obj": 93, "intent_full": 88, "rot": 78}
QUICK_CASES = 12
TIMED_SIDES = (1024, 2048)
REPEATS = 5


def poisson(original: np.ndarray, generated: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Poisson blending in float: the generated picture plus the harmonic membrane of the ring's difference
    (multigrid relaxation).
    """
    difference = bench_seam.tofloat(original) - generated
    known = mask == 0
    membrane = _harmonic(difference, known)
    return baselines.hard(original, np.clip(generated + membrane, 0, 1).astype(np.float32), mask)


METHODS["Poisson (float)"] = poisson


def _harmonic(values: np.ndarray, known: np.ndarray, sweeps: int = 60) -> np.ndarray:
    height, width = known.shape
    if min(height, width) > 8 and not known.all():
        h, w = height // 2, width // 2
        weight = cv2.resize(known.astype(np.float32), (w, h), interpolation=cv2.INTER_AREA)
        small = (
            cv2.resize(values * known[..., None], (w, h), interpolation=cv2.INTER_AREA)
            / np.maximum(weight, 1e-6)[..., None]
        )
        guess = cv2.resize(
            _harmonic(small.astype(np.float32), weight > 0, sweeps), (width, height), interpolation=cv2.INTER_LINEAR
        )
    else:
        guess = np.zeros_like(values)
    kernel = np.float32([[0, 0.25, 0], [0.25, 0, 0.25], [0, 0.25, 0]])
    fixed = known[..., None]
    out = np.where(fixed, values, guess).astype(np.float32)
    for _ in range(sweeps):
        out = np.where(fixed, values, cv2.filter2D(out, -1, kernel, borderType=cv2.BORDER_REFLECT))
    return out


def seconds_per_megapixel(case: dict[str, Any]) -> dict[str, Any]:
    """Best of several runs at 1 and 4 megapixels, and where the time goes in the best of them."""
    out: dict[str, Any] = {}
    for side in TIMED_SIDES:
        original, generated, mask = (
            cv2.resize(case[k], (side, side), interpolation=cv2.INTER_LINEAR) for k in ("O", "gen", "mask")
        )
        best: tuple[float, dict[str, float]] = (np.inf, {})
        for _ in range(REPEATS):
            start = time.perf_counter()
            result = fitted(original, generated, mask)
            best = min(best, (time.perf_counter() - start, result.report.seconds), key=lambda t: t[0])
        megapixels = side * side / 1e6
        stages = {k: round(v / megapixels, 4) for k, v in best[1].items()}
        out[f"{megapixels:.1f} MP"] = {"seconds_per_mp": round(best[0] / megapixels, 4), "stages_per_mp": stages}
    return out


def row(name: str, summary: dict[str, Any]) -> str:
    """One line of the table."""
    scores = " ".join(f"{summary['groups'].get(g, float('nan')):11.1f}" for g in GROUPS)
    mean = summary["mean"]
    tail = f"{mean.get('dE_in', 0):7.2f} {mean.get('seam', 0):6.2f} {mean.get('outside', 0):8.1f}"
    return f"{name:16s} {summary['score']:6.1f} {scores} {tail}"


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--n", type=int, default=36)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    n = QUICK_CASES if arguments.quick else arguments.n
    cases = bench_seam.build_cases(arguments.seed, n)
    print(f"seed {arguments.seed}, {n} cases; scores 0..100, higher is better; dE and seam lower; outside must be 0")
    print(
        f"{'':16s} {'score':>6s} " + " ".join(f"{g:>11s}" for g in GROUPS) + f" {'dE':>7s} {'seam':>6s} {'outside':>8s}"
    )
    results: dict[str, Any] = {"seed": arguments.seed, "n": n, "goals": GOALS, "methods": {}}
    for name, method in METHODS.items():
        pictures = str(arguments.out / "pictures") if arguments.out and name == "inlay" else None
        found = bench_seam.run(method, cases=cases, timing=False, verbose=False, png=pictures)
        results["methods"][name] = found["summary"]
        print(row(name, found["summary"]), flush=True)
    print(f"{'goal':16s} {'':6s} " + " ".join(f"{GOALS[g]:11d}" for g in GROUPS))
    results["time"] = seconds_per_megapixel(cases[0])
    for size, timing in results["time"].items():
        stages = ", ".join(f"{k} {v:.3f}" for k, v in timing["stages_per_mp"].items())
        print(f"{size}: {timing['seconds_per_mp']:.3f} s/MP ({stages})")
    if arguments.out:
        arguments.out.mkdir(parents=True, exist_ok=True)
        (arguments.out / "results.json").write_text(json.dumps(results, indent=1, default=float))


if __name__ == "__main__":
    main()
