"""A benchmark of pure functions, ours beside the plain ways in one run.

    python -m bench.beside upscale --out FOLDER [--seed 7] [--n 16]

`layers`, `match` and `upscale` are kept as they were measured with; what they score stands at the top of each. Writes results.json.
"""

import argparse
import importlib
import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
OURS = {"layers": "reconcile", "match": "match", "upscale": "faithful"}
"""By bench, what of `inlay.fidelity` is measured."""
PLAIN = {
    "layers": ("as_is", "strongest", "least_squares"),
    "match": ("raw", "mean_shift", "shades_of_gray", "seamless"),
    "upscale": ("as_is", "cubic", "low_pass_swap", "back_projection_once"),
}
SHOWN = {
    "layers": ("gain", "ghost", "step", "alpha", "s_per_mp_layer"),
    "match": ("g_luma", "g_chroma", "sharp", "black", "fringe", "soft", "block", "detail", "s_per_mp"),
    "upscale": ("lsb8", "dE", "tile", "grid", "ring", "grain", "psd", "cpu_s_per_mp"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", choices=sorted(OURS))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--n", type=int, default=16)
    options = parser.parse_args()
    sys.path.insert(0, str(HERE / options.bench))
    bench, baselines = (importlib.import_module(name) for name in (f"bench_{options.bench}", "baselines"))
    ours = getattr(importlib.import_module("inlay.fidelity"), OURS[options.bench])
    methods = {"inlay": ours, **{name: getattr(baselines, name) for name in PLAIN[options.bench]}}
    results = {}
    print(f"{'':24s} {'score':>6s} {'worst':>6s} " + " ".join(f"{name:>14s}" for name in SHOWN[options.bench]))
    for name, method in methods.items():
        found = bench.run(method, options.seed, options.n, timing=False, verbose=False)
        summary = found["summary"]
        summary["worst"] = min(summary.get("groups", {"": min(case["score"] for case in found["cases"])}).values())
        results[name] = summary
        figures = " ".join(f"{summary['mean'].get(key, float('nan')):14.3f}" for key in SHOWN[options.bench])
        print(f"{name:24s} {summary['score']:6.1f} {summary['worst']:6.1f} {figures}", flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "results.json").write_text(json.dumps(results, indent=1, default=float))


if __name__ == "__main__":
    main()
