"""How well a mask is carried to sibling pictures, beside the plain ways, and how often it is wrong without saying so.

    python -m bench.propagate.run --out FOLDER [--seed 7] [--n 70]

The benchmark is kept as it was measured with; what it scores stands at its top. Writes results.json.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

import baselines
import bench_propagate as bench

from inlay.batch import propagate

METHODS = {"inlay": propagate, "scene homography": baselines.scene_homography, "copied": baselines.copied}


def measure(method, seed: int, n: int) -> dict[str, float]:
    verdicts, gains, overlaps, seconds = [], [], [], []
    for number in range(n):
        kind, _, master, mask, sibling, truth = bench.case(seed, number, bench.KINDS)
        cv2.setRNGSeed(number)
        began = time.process_time()
        found, sure = method(master, mask, sibling)
        seconds.append(time.process_time() - began)
        verdict, overlap, gain = bench.judge(kind, found, sure, truth)
        verdicts.append(verdict)
        gains.append(gain)
        if verdict in ("good", "fair"):
            overlaps.append(overlap)
    shares = {name: verdicts.count(name) / n for name in ("good", "fair", "flagged", "wrong")}
    return {
        "score": float(np.mean(gains)),
        **shares,
        "iou": float(np.median(overlaps)),
        "cpu_s": float(np.median(seconds)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--n", type=int, default=70)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    results = {name: measure(method, options.seed, options.n) for name, method in METHODS.items()}
    columns = list(results["inlay"])
    print(f"{'':20s}" + "".join(f"{column:>9s}" for column in columns))
    for name, row in results.items():
        print(f"{name:20s}" + "".join(f"{row[column]:9.3f}" for column in columns))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "results.json").write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
