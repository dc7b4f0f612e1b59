"""How much of an object a rough box, a click and three clicks select: overlap with its outline (IoU), beside GrabCut alone.

    python -m bench.select.run --out FOLDER [--models FILE]

Further clicks go where a retoucher's would: into the middle of the largest part that is wrong. models: a catalog with the small
network for subjects; without it that method is left out. Writes results.json.

Rother, Kolmogorov, Blake, "GrabCut", 2004, begun with the box, or with discs of 4 px around the clicks and the rim as background.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from bench.select.scenes import Flags, Scene, scenes
from numpy.typing import NDArray

from inlay.color.raster import Raster, SampleType
from inlay.edit.edges import with_edge
from inlay.engines import interface
from inlay.engines.eyes import Eyes
from inlay.engines.models.catalog import Catalog
from inlay.engines.selecting.engine import Selecting
from inlay.recipe import Canvas, Recipe, Where
from inlay.region import Rect, Size

Clicks = list[tuple[bool, int, int]]
Method = Callable[[Scene, Flags | None, Clicks], Flags]
"""From a scene, a box or None, and clicks: whether on it, x, y."""

MODELS = Path(__file__).parents[2] / ".venv" / "eyes" / "models.toml"
"""Of `make eyes`."""
WIDER = 0.06
MOVED = 0.03
"""Of the object's sides: how much wider the box is on each side, and how far off."""
CLICKS = 3
DISC_PX = 4
ROUNDS = 5


class _Unwatched:
    def step(self, index: int, total: int, phase: str) -> None: ...

    def preview(self, variation: int, pixels: NDArray[np.float32]) -> None: ...

    def check(self) -> None: ...


def ours(eyes: Eyes) -> Method:
    """The product's engine and its sharp edge, at the picture's own size."""
    engine = Selecting(eyes)

    def select(scene: Scene, box: Flags | None, clicks: Clicks) -> Flags:
        height, width = scene.wanted.shape
        points = " ".join(f"{'+' if on else '-'}{x},{y}" for on, x, y in clicks)
        options = {"edge": "sharp", **({"points": points} if clicks else {})}
        raster = Raster(width, height, "RGB", SampleType.U8, 255, "", f"{scene.name:>64}")
        all_of_it = Rect(0, 0, width, height)
        recipe = Recipe(
            "select", Canvas(Size(width, height), all_of_it, raster), Where(all_of_it, raster), options=options
        )
        pixels = scene.picture.astype(np.float32) / np.float32(255)
        selected = np.ones((height, width), np.bool_) if box is None else box
        seen = interface.Scene(pixels, selected.astype(np.float32), np.ones_like(selected))
        (mask,) = engine.paint(seen, recipe, _Unwatched())
        return with_edge(recipe, pixels, mask.share, float(mask.receipt["reduction"])) > 0.5

    return select


def grabcut(scene: Scene, box: Flags | None, clicks: Clicks) -> Flags:
    labels = np.full(scene.wanted.shape, cv2.GC_PR_BGD, np.uint8)
    if box is None:
        labels[0] = labels[-1] = labels[:, 0] = labels[:, -1] = cv2.GC_BGD
    else:
        labels[:] = np.where(box, cv2.GC_PR_FGD, cv2.GC_BGD)
    for on, x, y in clicks:
        cv2.circle(labels, (x, y), DISC_PX, cv2.GC_FGD if on else cv2.GC_BGD, -1)
    cv2.setRNGSeed(1)
    cv2.grabCut(
        scene.picture, labels, (0, 0, 0, 0), np.zeros((1, 65)), np.zeros((1, 65)), ROUNDS, cv2.GC_INIT_WITH_MASK
    )
    return (labels & 1) > 0


def box_of(wanted: Flags) -> Flags:
    """A rough box around it: wider than the object, and off to one side."""
    x, y, width, height = cv2.boundingRect(wanted.astype(np.uint8))
    top, bottom = round(y - (WIDER - MOVED) * height), round(y + (1 + WIDER + MOVED) * height)
    left, right = round(x - (WIDER - MOVED) * width), round(x + (1 + WIDER + MOVED) * width)
    box = np.zeros_like(wanted)
    box[max(0, top) : bottom, max(0, left) : right] = True
    return box


def next_click(found: Flags, wanted: Flags) -> tuple[bool, int, int]:
    """The middle of the largest part that is wrong, and whether it belongs to the object."""
    deepest = []
    for wrong in (wanted & ~found, found & ~wanted):
        padded = np.pad(wrong.astype(np.uint8), 1)
        depth = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1]
        y, x = np.unravel_index(int(depth.argmax()), depth.shape)
        deepest.append((float(depth[y, x]), int(x), int(y)))
    on = deepest[0][0] >= deepest[1][0]
    return on, *deepest[0 if on else 1][1:]


def overlap(found: Flags, wanted: Flags) -> float:
    return float((found & wanted).sum() / (found | wanted).sum())


def asked(method: Method, scene: Scene) -> dict[str, float]:
    """IoU by what was said, and the processor seconds of the first click and, of the others, of the slowest."""
    row = {"box": overlap(method(scene, box_of(scene.wanted), []), scene.wanted)}
    found, clicks = np.zeros_like(scene.wanted), []
    for number in range(CLICKS):
        clicks.append(next_click(found, scene.wanted))
        began = time.process_time()
        found = method(scene, None, clicks)
        seconds = time.process_time() - began
        row["further_click_s" if number else "first_click_s"] = max(seconds, row.get("further_click_s", 0.0))
        if number in (0, CLICKS - 1):
            row[f"{number + 1} click{'s' * (number > 0)}"] = overlap(found, scene.wanted)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--models", type=Path, default=MODELS)
    options = parser.parse_args()
    eyes = Eyes(Catalog(options.models))
    methods = {"inlay": ours(Eyes(None)), "grabcut": grabcut}
    if eyes.has("subject"):
        methods["inlay, network"] = ours(eyes)
    columns = ("box", "1 click", f"{CLICKS} clicks")
    rows: dict[str, dict[str, dict[str, float]]] = {}
    for scene in scenes():
        rows[scene.name] = {name: asked(method, scene) for name, method in methods.items()}
        told = "   ".join(
            f"{name}: " + " ".join(f"{row[c]:.3f}" for c in columns) for name, row in rows[scene.name].items()
        )
        print(f"{scene.name:18s} {told}", flush=True)
    summary = {
        name: {
            **{column: float(np.mean([row[name][column] for row in rows.values()])) for column in columns},
            "worst box": min(row[name]["box"] for row in rows.values()),
            **{
                f"{k} s": float(np.median([row[name][f"{k}_click_s"] for row in rows.values()]))
                for k in ("first", "further")
            },
        }
        for name in methods
    }
    for name, figures in summary.items():
        print(f"{name:18s} " + "  ".join(f"{key} {value:.3f}" for key, value in figures.items()))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "results.json").write_text(json.dumps({"methods": summary, "scenes": rows}, indent=1))


if __name__ == "__main__":
    main()
