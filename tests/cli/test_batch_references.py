"""References of a plan, `inputs`, reach the engine that looks at them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cli.conftest import Run, Serving
from cli.test_batch_results import disc
from support import looking

pytestmark = pytest.mark.slow

SHOWN = """\
plan = 1
out = "out/{scene}.png"
seed = 4711
[recipe]
verb = "fill"
prompt = "half"
inputs = [
    { role = "reference", file = "{scene.file}", weight = 0.25, name = "{scene}" },
    { role = "texture", file = "scenes/cloth.png" },
]
[documents]
files = ["master.png"]
mask = "mask.png"
[axes]
scene = { dusk = { file = "scenes/dusk.png" }, noon = { file = "scenes/noon.png" } }
"""


def test_references_of_a_plan_reach_the_engine_as_they_are_each_with_its_cell(
    inlay: Run, serve: Callable[..., Serving], tmp_path: Path
) -> None:
    (tmp_path / "scenes").mkdir()
    colors = {"dusk": (51, 102, 204), "noon": (255, 204, 0), "cloth": (153, 0, 51)}
    sizes = {"dusk": (90, 60), "noon": (40, 80), "cloth": (32, 32)}
    for name, color in colors.items():
        Image.new("RGB", sizes[name], color).save(tmp_path / "scenes" / f"{name}.png")
    master = np.random.default_rng(8).integers(0, 256, (160, 220, 3)).astype(np.uint8)
    Image.fromarray(master).save(tmp_path / "master.png")
    Image.fromarray(disc(160, 220)).save(tmp_path / "mask.png")
    plan = tmp_path / "shown.toml"
    plan.write_text(SHOWN, encoding="utf-8")
    serving = serve(tmp_path / "data", looking)

    first = inlay("batch", plan, "--data", serving.data, "--json")
    Image.new("RGB", sizes["noon"], (0, 204, 255)).save(tmp_path / "scenes" / "noon.png")
    again = inlay("batch", plan, "--data", serving.data, "--json")

    def seen(name: str, role: str, weight: float, color: tuple[int, ...], called: str = "") -> dict[str, Any]:
        mean = [round(value / 255, 3) for value in color]
        return {"role": role, "weight": weight, "name": called, "size": list(sizes[name]), "mean": mean}

    def shown(record: dict[str, Any]) -> Any:
        return json.loads(record["receipt"]["looked"])

    assert (first.code, first.json["painted"]) == (0, 2), first.err
    cloth = seen("cloth", "texture", 1.0, colors["cloth"])
    for record in first.json["records"]:
        scene = record["axes"]["scene"]
        assert shown(record) == [seen(scene, "reference", 0.25, colors[scene], scene), cloth]
        file = np.asarray(Image.open(tmp_path / "out" / f"{scene}.png"))
        assert np.array_equal(file[disc(160, 220) == 0], master[disc(160, 220) == 0])
    assert (again.code, again.json["painted"]) == (0, 1), "a reference that changed makes its own cell anew"
    (anew,) = (record for record in again.json["records"] if record["axes"]["scene"] == "noon")
    assert shown(anew)[0] == seen("noon", "reference", 0.25, (0, 204, 255), "noon")
