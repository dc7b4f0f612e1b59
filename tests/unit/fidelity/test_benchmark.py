"""A small part of bench/seam, with thresholds that a real loss would fall under."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from inlay.fidelity import harmonize

BENCH = Path(__file__).resolve().parents[3] / "bench" / "seam"
LEAST = {"match": 86, "inner": 82, "drift": 88, "intent_obj": 84, "intent_full": 84, "rot": 76}
"""A few points under what seeds 11 and 12 gave when this was written; six cases scatter by about two."""


@pytest.mark.slow
def test_new_pixels_belong():
    pytest.importorskip("skimage")
    sys.path.insert(0, str(BENCH))
    bench = pytest.importorskip("bench_seam")
    scores: dict[str, list[float]] = {}
    for seed in (11, 12):
        summary = bench.run(harmonize, seed=seed, n=12, timing=False, verbose=False)["summary"]
        assert not summary["errors"]
        assert summary["mean"]["outside"] == 0
        for group, score in summary["groups"].items():
            scores.setdefault(group, []).append(score)
    means = {group: float(np.mean(values)) for group, values in scores.items()}
    assert all(means[group] >= least for group, least in LEAST.items()), means
