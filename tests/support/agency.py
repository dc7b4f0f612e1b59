"""A day in an agency: the master that came from elsewhere, the copy, the plan; and what must be true in the evening.

    python tests/support/agency.py prepare FOLDER     # master.psd, copy.csv, plan.toml, and data/ with a tiny random model
    python tests/support/agency.py check FOLDER       # what was delivered, by psd-tools, SQLite and the mark's own bytes, as JSON

The model is random: what it paints means nothing, but where, how often, and what became of it does.
"""

import csv
import dataclasses
import hashlib
import json
import re
import sqlite3
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.append(str(Path(__file__).parents[1]))  # where this is run as a program

SCENES = {
    "made": "a forest at dawn",
    "kept": "a wooden shelf",
    "gone": "the sea in winter",
    "near": "a street at night",
    "far": "dunes",
}
FORMATS = ("square", "post", "wide")
WIDTH, HEIGHT = 256, 192
PLAN = """\
plan = 1
name = "agency day"
out = "out/{document}_{format}_{headline}.psd"
[recipe]
verb = "fill"
prompt = "{headline.scene}"
tier = "draft"
model = "tiny"
[documents]
files = ["master.psd"]
mask = "layer:Backdrop"
[axes]
headline = { csv = "copy.csv", key = "headline", fields = ["words", "scene"] }
[formats]
square = "1:1"
post = "4:5"
wide = "16:9"
"""


def prepare(folder: Path) -> None:
    from PIL import Image
    from psd_tools import PSDImage
    from skimage import data
    from skimage.transform import resize

    from inlay.engines.models.catalog import Catalog, TierOverrides, described
    from inlay.recipe import Tier
    from support import tiny_models

    photo = np.round(resize(data.coffee(), (HEIGHT, WIDTH), anti_aliasing=True) * 255).astype(np.uint8)
    made = PSDImage.new("RGB", (WIDTH, HEIGHT))
    made.create_pixel_layer(Image.fromarray(photo), name="Photograph", top=0, left=0)
    backdrop = np.dstack([photo[20:120, 70:190], np.full((100, 120), 255, np.uint8)])
    made.create_pixel_layer(Image.fromarray(backdrop), name="Backdrop", top=20, left=70)
    made.save(folder / "master.psd")
    with (folder / "copy.csv").open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["headline", "words", "scene"])
        rows.writerows([name, f"{name.title()} to last", scene] for name, scene in SCENES.items())
    (folder / "plan.toml").write_text(PLAN, encoding="utf-8")
    (folder / "data").mkdir()
    few = tuple((tier, TierOverrides(steps=3 if tier is Tier.FINAL else 1)) for tier in Tier)
    entry = described(tiny_models.saved("sd15", folder / "weights"), "sd15", model_id="tiny")
    Catalog(folder / "data" / "models.toml").add(dataclasses.replace(entry, tiers=few))


def check(folder: Path) -> dict[str, Any]:
    from psd_tools import PSDImage

    files = {path.stem: path for path in sorted((folder / "out").glob("*.psd"))}
    master = _flat(folder / "master.psd")
    journal = sqlite3.connect(f"file:{folder / 'data' / 'journal.sqlite'}?mode=ro", uri=True)
    tiers = [json.loads(recipe)["sampling"]["tier"] for (recipe,) in journal.execute("SELECT recipe FROM jobs")]
    painted = journal.execute("SELECT count(*) FROM events WHERE kind = 'variation'").fetchone()[0]
    return {
        "files": {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()},
        "groups": {
            name: [layer.name for layer in PSDImage.open(path) if layer.is_group()] for name, path in files.items()
        },
        "sizes": {name: list(PSDImage.open(path).size) for name, path in files.items()},
        "outside": {name: _outside(_flat(path), master) for name, path in files.items()},
        "terms": {name: _term(path) for name, path in files.items()},
        "marks": sorted(path.name.removesuffix(".psd.c2pa") for path in (folder / "out").glob("*.c2pa")),
        "jobs": {tier: tiers.count(tier) for tier in sorted(set(tiers))},
        "painted": painted,
    }


def _term(path: Path) -> str:
    """What the document's XMP says of how it was made."""
    from psd_tools import PSDImage
    from psd_tools.constants import Resource

    packet = PSDImage.open(path).image_resources.get_data(Resource.XMP_METADATA, b"")
    found = re.search(rb"digitalsourcetype/(\w+)", packet)
    return found[1].decode() if found else ""


def _flat(path: Path) -> NDArray[np.uint8]:
    from psd_tools import PSDImage

    return np.asarray(PSDImage.open(path).composite(force=True).convert("RGB"))


def _outside(made: NDArray[np.uint8], master: NDArray[np.uint8]) -> int:
    """How many of the master's pixels that a file shows, and that nobody may change, are others, where the crop fits best."""
    may = np.ones((HEIGHT, WIDTH), bool)
    may[20:120, 70:190] = False
    height, width = min(made.shape[0], HEIGHT), min(made.shape[1], WIDTH)
    found = []
    for y in range(HEIGHT - height + 1):
        for x in range(WIDTH - width + 1):
            there = made[:height, :width] != master[y : y + height, x : x + width]
            found.append(int((there.any(axis=2) & may[y : y + height, x : x + width]).sum()))
    return min(found)


if __name__ == "__main__":
    what, folder = sys.argv[1], Path(sys.argv[2])
    if what == "prepare":
        prepare(folder)
    else:
        print(json.dumps(check(folder)))
