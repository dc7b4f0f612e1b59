"""Print and write the erase benchmark: `python -m bench.erase [--photos FOLDER] [--seed N] [--n N] [--out FOLDER] [GROUP ...]`.

Cases are drawn with the seed over scikit-image's photographs or over those in the folder; see `scenes` for the groups and
`scores` for what is scored. "cost" is CPU time as a ratio to Telea's in the same run.
"""

import argparse
import json
import statistics
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.erase.methods import METHODS, Erased, erased
from bench.erase.photos import photos_of
from bench.erase.scenes import GROUPS, Case, cases_of
from bench.erase.scores import changed_outside, score_of

CASES = 6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, help="a folder of pictures, each at least 340 x 260 px")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--n", type=int, default=CASES, help="cases a group")
    parser.add_argument("--methods", nargs="*", choices=list(METHODS), default=list(METHODS))
    parser.add_argument("--out", type=Path, help="write results.json and before | after | truth of every case here")
    parser.add_argument("groups", nargs="*", help=f"of {', '.join(GROUPS)}; all if none is given")
    options = parser.parse_args()
    cases = cases_of(photos_of(options.photos), options.seed, options.n, tuple(options.groups))
    groups = list(dict.fromkeys(case.group for case in cases))
    print(f"seed {options.seed}, {options.n} cases a group; scores 0 to 100, 100 is best")
    print(f"{'':15}" + "".join(f"{group:>10}" for group in groups) + f"{'mean':>10}{'cost':>8}{'outside':>9}")
    results: dict[str, object] = {}
    telea = METHODS["Telea"]
    telea(cases[0])
    base = sum(erased(telea, case).seconds for case in cases)
    for name in options.methods:
        method = METHODS[name]
        scores: dict[str, list[float]] = defaultdict(list)
        seconds, outside, rows = 0.0, 0, []
        if name in ("inlay edit", "classic engine"):
            method(cases[0])  # loads and compiles
        for number, case in enumerate(cases):
            try:
                found = erased(method, case)
            except ValueError:
                continue
            seconds += found.seconds
            outside += changed_outside(case, found)
            scores[case.group].append(score_of(case, found))
            rows.append(
                {"group": case.group, "case": case.name, "score": scores[case.group][-1], "seconds": found.seconds}
            )
            if options.out:
                _write(options.out / "pictures", f"{case.group}-{number:03d} {name}.png", case, found)
        means = {group: statistics.mean(scores[group]) for group in groups if scores[group]}
        mean = statistics.mean(means.values())
        complete = len(rows) == len(cases)
        cost = f"{seconds / max(base, 1e-9):8.1f}" if complete else f"{'-':>8}"
        print(
            f"{name:15}"
            + "".join(f"{means[group]:10.1f}" if group in means else f"{'-':>10}" for group in groups)
            + f"{mean:10.1f}{cost}{outside:9d}",
            flush=True,
        )
        results[name] = {"groups": means, "mean": mean, "seconds": seconds, "outside": outside, "cases": rows}
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "results.json").write_text(json.dumps({"seed": options.seed, "methods": results}, indent=1))


def _write(folder: Path, name: str, case: Case, found: Erased) -> None:
    """before | after | truth, enlarged twice."""
    folder.mkdir(parents=True, exist_ok=True)
    strip = np.hstack(
        [_shown(case.pixels, case.alpha), _shown(found.pixels, found.alpha), _shown(case.truth, case.alpha)]
    )
    cv2.imwrite(str(folder / name), cv2.resize(strip, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST))


def _shown(pixels: NDArray[np.generic], alpha: NDArray[np.generic] | None) -> NDArray[np.uint8]:
    """8-bit BGR over mid gray."""
    white = np.iinfo(pixels.dtype).max
    share = 1.0 if alpha is None else (alpha / white)[..., None]
    return np.round((pixels / white * share + 0.5 * (1 - share)) * 255).astype(np.uint8)[..., ::-1]


if __name__ == "__main__":
    main()
