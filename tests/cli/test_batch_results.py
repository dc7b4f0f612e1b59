"""What `inlay batch` leaves on the disk, measured by readers that are not Inlay's: psd-tools, tifffile, Pillow, scikit-image."""

import csv
import io
import itertools
import json
import math
import shutil
import struct
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image
from skimage import color, data

from cli.conftest import Run, Said, Serving
from cli.test_batch import journal
from inlay.batch.cells import cells_of
from inlay.batch.manifest import Record, State
from inlay.batch.plan import read_plan
from inlay.batch.proof import prove
from inlay.client import Client
from inlay.documents.png import encode_png
from support.kra_files import kra, layer, tiles

pytestmark = pytest.mark.slow
psd_tools = pytest.importorskip("psd_tools")

COLOURS = {"navy": "#1f4e79", "rust": "#a3461f"}
SET = """\
plan = 1
out = "out/{document}_{colour}_{lang}.psd"
seed = 4711
[recipe]
verb = "recolor"
target_color = "{colour.hex}"
[documents]
files = ["*.png", "*.tif"]
mask = "masks/{document}.png"
[axes]
colour = { navy = { hex = "#1f4e79" }, rust = { hex = "#a3461f" } }
lang = ["en", "de"]
"""


class Set(NamedTuple):
    """A plan that was run, and what it was run on: samples by document, masks likewise, height x width."""

    folder: Path
    said: Said
    samples: dict[str, NDArray[Any]]
    masks: dict[str, NDArray[np.uint8]]


def disc(height: int, width: int, radius: float = 40.0, at: tuple[float, float] | None = None) -> NDArray[np.uint8]:
    rows, columns = np.mgrid[:height, :width]
    down, across = at or (height / 2, width / 2)
    return np.clip((radius - np.hypot(rows - down, columns - across)) * 25 + 128, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def run_set(inlay: Run, server: Serving, tmp_path_factory: pytest.TempPathFactory) -> Set:
    folder = tmp_path_factory.mktemp("set")
    (folder / "masks").mkdir()
    cat = cv2.resize(data.chelsea(), (180, 140)).astype(np.uint16) * 257 + 13
    samples: dict[str, NDArray[Any]] = {"astro": data.astronaut()[20:180, 120:280], "cat": cat}
    Image.fromarray(samples["astro"]).save(folder / "astro.png")
    tifffile.imwrite(folder / "cat.tif", cat, photometric="rgb")
    masks = {name: disc(*picture.shape[:2]) for name, picture in samples.items()}
    for name, mask in masks.items():
        Image.fromarray(mask).save(folder / "masks" / f"{name}.png")
    (folder / "set.toml").write_text(SET, encoding="utf-8")
    said = inlay("batch", folder / "set.toml", "--data", server.data, "--json")
    assert said.code == 0, said.err
    return Set(folder, said, samples, masks)


def merged(path: Path, white: int) -> NDArray[Any]:
    """A PSD's merged picture as psd-tools reads it, in the file's own numbers."""
    return np.rint(psd_tools.PSDImage.open(path).numpy("color").astype(np.float64) * white).astype(np.int64)


def test_pairs_that_differ_in_one_variable_are_equal_outside_the_mask_and_the_report_counts_them(run_set: Set) -> None:
    whites = {"astro": 255, "cat": 65_535}
    names = list(itertools.product(("astro", "cat"), ("navy", "rust"), ("en", "de")))
    files = {name: merged(run_set.folder / "out" / f"{'_'.join(name)}.psd", whites[name[0]]) for name in names}
    counted = {"colour": [0, 0, 0], "lang": [0, 0, 0]}
    for one, other in itertools.combinations(names, 2):
        varies = [
            axis
            for axis, mine, theirs in zip(("document", "colour", "lang"), one, other, strict=True)
            if mine != theirs
        ]
        if varies in (["colour"], ["lang"]):
            outside = run_set.masks[one[0]] == 0
            differ = files[one][outside] != files[other][outside]
            found = counted[varies[0]]
            counted[varies[0]] = [found[0] + 1, found[1] + differ.size, found[2] + int(differ.sum())]
    for name, written in files.items():
        outside = run_set.masks[name[0]] == 0
        assert (written[outside] == run_set.samples[name[0]][outside]).all()
        assert (written[~outside] != run_set.samples[name[0]][~outside]).any()

    told = {one["axis"]: [one["pairs"], one["samples"], one["differing"]] for one in run_set.said.json["controlled"]}
    differ = {one["axis"]: one["differ"] for one in run_set.said.json["controlled"]}

    assert told == counted
    assert [counted["colour"][0], counted["colour"][2]] == [4, 0]
    assert counted["colour"][1] > 200_000
    assert differ == {"colour": ["words.target_color"], "lang": []}
    assert all(one["holds"] == one["pairs"] == 4 for one in run_set.said.json["controlled"])
    assert json.loads((run_set.folder / "out" / "set-proof.json").read_text("utf-8")) == run_set.said.json["controlled"]


def test_a_file_that_somebody_changed_by_one_sample_is_found_by_the_comparison(
    run_set: Set, client: Client, tmp_path: Path
) -> None:
    shutil.copytree(run_set.folder, tmp_path / "copy")
    path = tmp_path / "copy" / "out" / "astro_rust_de.psd"
    mask = run_set.masks["astro"]
    assert mask[0, 0] == 0
    changed = bytearray(path.read_bytes())
    before = merged(path, 255)
    last = len(changed) - 1  # of the blue plane's last row: a literal or a repeated byte of PackBits
    while True:
        changed[last] ^= 1
        path.write_bytes(changed)
        after = merged(path, 255)
        if int((after != before).sum()) == 1 and (after != before)[mask == 0].any():
            break
        changed[last] ^= 1
        last -= 1
    plan = read_plan(tmp_path / "copy" / "set.toml")
    records = [Record(**one | {"state": State(one["state"])}) for one in run_set.said.json["records"]]

    found = {one.axis: one for one in prove(plan, cells_of(plan), records, client)}

    assert (found["colour"].pairs, found["colour"].holds, found["colour"].differing) == (4, 3, 1)
    assert (found["lang"].pairs, found["lang"].holds, found["lang"].differing) == (4, 3, 1)
    assert "astro_navy_de.psd and astro_rust_de.psd" in found["colour"].problems[0]


def test_variables_that_are_not_controlled_are_told(inlay: Run, server: Serving, run_set: Set, tmp_path: Path) -> None:
    """Each cell its own seed: then a pair differs in two things."""
    folder = tmp_path / "loose"
    folder.mkdir()
    shutil.copytree(run_set.folder / "masks", folder / "masks")
    shutil.copy(run_set.folder / "astro.png", folder / "astro.png")
    loose = SET.replace("seed = 4711", 'seed = "cell"').replace(', "*.tif"', "").replace('["en", "de"]', '["en"]')
    (folder / "loose.toml").write_text(loose, encoding="utf-8")

    said = inlay("batch", folder / "loose.toml", "--data", server.data)

    assert said.code == 0, said.err
    assert "recipes differ in sampling.seed, words.target_color; 0 of 1 hold" in said.out
    assert "have the seeds" in said.out


def test_the_manifest_names_what_is_in_the_folder(run_set: Set) -> None:
    import hashlib

    with (run_set.folder / "out" / "set-manifest.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))

    assert len(rows) == 8
    for row in rows:
        written = (run_set.folder / "out" / row["out"]).read_bytes()
        assert row["sha256"] == hashlib.sha256(written).hexdigest()
        assert int(row["bytes"]) == len(written)
        assert (row["outside_identical"], row["outside_differing"], row["seed"]) == ("yes", "0", "4711")
        mask = run_set.masks[Path(row["document"]).stem]
        assert int(row["outside_samples"]) == 3 * int((mask == 0).sum())
        master = (run_set.folder / row["document"]).read_bytes()
        assert row["source_sha256"] == hashlib.sha256(master).hexdigest()


def test_the_brands_colour_is_reached_within_half_a_delta_e_across_the_set(run_set: Set) -> None:
    """By scikit-image: the mean in linear light of what is wholly selected."""
    for record in run_set.said.json["records"]:
        stem, colour = record["document"].partition(".")[0], record["axes"]["colour"]
        white = {"astro": 255, "cat": 65_535}[stem]
        encoded = merged(run_set.folder / "out" / record["out"], white)[run_set.masks[stem] == 255] / white
        linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4).mean(axis=0)
        mean = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
        target = np.array(list(bytes.fromhex(COLOURS[colour][1:]))) / 255
        measured = float(color.deltaE_ciede2000(color.rgb2lab(mean), color.rgb2lab(target)))
        assert measured < 0.5
        assert record["delta_e"] < 0.5
        assert abs(measured - record["delta_e"]) < 0.2


def test_a_layered_file_has_the_master_and_the_result_as_a_group_under_its_mask(run_set: Set) -> None:
    opened = psd_tools.PSDImage.open(run_set.folder / "out" / "astro_rust_de.psd")
    said = opened.image_resources.get_data(psd_tools.constants.Resource.XMP_METADATA)
    assert b"digitalsourcetype/algorithmicallyEnhanced" in said
    group = opened[-1]

    assert [layer.name for layer in opened] == ["Background", "Recolor #a3461f"]
    assert group.kind == "group"
    assert group.has_mask()
    box = group.mask.bbox
    mask = run_set.masks["astro"]
    assert (np.asarray(group.mask.topil()) == mask[box[1] : box[3], box[0] : box[2]]).all()
    assert (np.asarray(opened[0].topil().convert("RGB")) == run_set.samples["astro"]).all()


def test_the_contact_sheet_has_a_tile_for_every_cell_and_needs_nothing_else(run_set: Set) -> None:
    text = (run_set.folder / "out" / "set-sheet.html").read_text("utf-8")
    pages = sorted((run_set.folder / "out").glob("set-sheet-*.png"))

    assert [path.name for path in pages] == ["set-sheet-1.png", "set-sheet-2.png"]  # a page for each language
    assert text.count("<img ") == 8
    for record in run_set.said.json["records"]:
        assert record["out"] in text
    assert 'src="http' not in text
    assert "<script" not in text
    assert "colour: 4 pairs" in text
    sheet = np.asarray(Image.open(pages[0]).convert("RGB"))
    small = Image.fromarray(merged(run_set.folder / "out" / "astro_navy_en.psd", 255).astype(np.uint8))
    assert similar(sheet, np.asarray(small))
    assert not similar(np.asarray(Image.open(pages[0]).convert("RGB"))[: sheet.shape[0] // 3], np.asarray(small)[::-1])


def similar(sheet: NDArray[np.uint8], tile: NDArray[np.uint8]) -> bool:
    """Whether a picture lies somewhere on a sheet."""
    if tile.shape[0] > sheet.shape[0]:
        return False
    return float(cv2.matchTemplate(sheet, tile, cv2.TM_CCOEFF_NORMED).max()) > 0.98


FORMATS = """\
plan = 1
out = "made/{document}_{format}_{colour}.ora"
[recipe]
verb = "recolor"
target_color = "{colour.hex}"
[documents]
files = ["wide.png"]
mask = "mask.png"
[axes]
colour = { navy = { hex = "#1f4e79" }, rust = { hex = "#a3461f" } }
[formats]
square = "1:1"
story = { size = [1080, 1920], safe = [0.14, 0.06, 0.20, 0.06] }
"""


def test_formats_crop_and_grow_the_master_and_what_it_shows_stays_bit_identical(
    inlay: Run, server: Serving, tmp_path: Path
) -> None:
    wide = cv2.resize(data.coffee(), (220, 130))
    mask = disc(130, 220, 50, (64, 120))
    Image.fromarray(wide).save(tmp_path / "wide.png")
    Image.fromarray(mask).save(tmp_path / "mask.png")
    (tmp_path / "formats.toml").write_text(FORMATS, encoding="utf-8")

    said = inlay("batch", tmp_path / "formats.toml", "--data", server.data, "--json")
    again = inlay("batch", tmp_path / "formats.toml", "--data", server.data, "--json")

    assert (said.code, said.json["done"], again.json["painted"]) == (0, 4, 0), said.err
    assert journal(server, "formats").painted == 4 + 1  # what the story shows beyond the master, once for both colours
    for name, ratio in (("square", 1.0), ("story", 9 / 16)):
        navy, rust = (flat(tmp_path / "made" / f"wide_{name}_{colour}.ora") for colour in ("navy", "rust"))
        assert navy.shape[1] / navy.shape[0] == pytest.approx(ratio, rel=0.01)
        down, across = placed_at(navy, wide, mask)
        height, width = navy.shape[:2]
        inside = np.zeros((height, width), bool)
        for y, x in zip(*np.nonzero(mask), strict=True):
            if 0 <= y - down < height and 0 <= x - across < width:
                inside[y - down, x - across] = True
        assert inside.sum() == (mask > 0).sum()  # the region is in every format
        assert (navy[~inside] == rust[~inside]).all()  # what was painted around the master too
        assert (navy[inside] != rust[inside]).any()
        assert (navy[..., 3] == 255).all() if navy.shape[2] == 4 else True
    tall = flat(tmp_path / "made" / "wide_story_navy.ora")
    assert tall.shape[0] > 130
    assert [one["pairs"] for one in said.json["controlled"]] == [2]
    assert [one["differing"] for one in said.json["controlled"]] == [0]


def flat(path: Path) -> NDArray[np.uint8]:
    """An OpenRaster's merged picture, by zipfile and Pillow."""
    with zipfile.ZipFile(path) as archive:
        return np.asarray(Image.open(io.BytesIO(archive.read("mergedimage.png"))))


def placed_at(written: NDArray[np.uint8], master: NDArray[np.uint8], mask: NDArray[np.uint8]) -> tuple[int, int]:
    """Where in the master the written picture's corner lies (down, across): the one place at which no sample outside differs."""
    found: list[tuple[int, int]] = []
    height, width = written.shape[:2]
    for down in range(min(0, 130 - height), max(0, 130 - height) + 1):
        for across in range(min(0, 220 - width), max(0, 220 - width) + 1):
            top, left = max(0, down), max(0, across)
            bottom, right = min(130, down + height), min(220, across + width)
            here = written[top - down : bottom - down, left - across : right - across, :3]
            outside = mask[top:bottom, left:right] == 0
            if (here[outside] == master[top:bottom, left:right][outside]).all():
                found.append((down, across))
    assert len(found) == 1, found
    return found[0]


REGIONS = """\
plan = 1
out = "out/{document}_{where}.png"
[recipe]
verb = "erase"
[documents]
files = ["masters/*"]
mask = "{where.mask}"
[axes]
where = { layer = { mask = "layer:Jacket" }, channel = { mask = "channel:Bag" }, gone = { mask = "layer:Hat" } }
"""


def psd_with_a_layer_and_a_channel(
    path: Path, picture: NDArray[np.uint8], layer: NDArray[np.uint8], saved: NDArray[np.uint8]
) -> None:
    """8-bit RGB, one layer "Jacket" whose alpha is `layer`, and a saved selection "Bag"; by struct alone."""
    height, width = layer.shape
    name = b"\x06Jacket\x00"
    planes = [layer, *np.moveaxis(picture, -1, 0)]
    packed = [struct.pack(">H", 0) + plane.tobytes() for plane in planes]
    channels = b"".join(struct.pack(">hI", number, len(one)) for number, one in zip((-1, 0, 1, 2), packed, strict=True))
    extra = struct.pack(">II", 0, 0) + name
    record = struct.pack(">iiiiH", 0, 0, height, width, 4) + channels
    record += b"8BIMnorm" + struct.pack(">BBBBI", 255, 0, 0, 0, len(extra)) + extra
    info = struct.pack(">h", 1) + record + b"".join(packed)
    info += b"\0" * (len(info) % 2)
    layers = struct.pack(">I", len(info)) + info + struct.pack(">I", 0)
    names = b"\x03Bag"
    resources = b"8BIM" + struct.pack(">HHI", 1006, 0, len(names)) + names
    merged_picture = struct.pack(">H", 0) + np.concatenate([np.moveaxis(picture, -1, 0), saved[None]]).tobytes()
    header = b"8BPS" + struct.pack(">H6xHIIHH", 1, 4, height, width, 8, 3)
    parts = (b"", resources, layers)
    path.write_bytes(header + b"".join(struct.pack(">I", len(part)) + part for part in parts) + merged_picture)


def test_regions_are_layers_and_saved_selections_and_one_that_is_not_there_fails_alone(
    inlay: Run, server: Serving, tmp_path: Path
) -> None:
    (tmp_path / "masters").mkdir()
    picture = np.ascontiguousarray(data.astronaut()[20:180, 120:280])
    jacket, bag = disc(160, 160, 20, (60, 50)), disc(160, 160, 20, (100, 110))
    psd_with_a_layer_and_a_channel(tmp_path / "masters" / "hero.psd", picture, jacket, bag)
    assert [layer.name for layer in psd_tools.PSDImage.open(tmp_path / "masters" / "hero.psd")] == ["Jacket"]
    shown = {"base": tiles(np.dstack([picture[..., ::-1], np.full_like(jacket, 255)]))}
    shown["jacket"] = tiles(np.dstack([picture[..., ::-1], jacket]))
    merged = {"mergedimage.png": encode_png(picture)}
    layers = layer("Jacket", "jacket") + layer("Base", "base")
    kra(tmp_path / "masters" / "krita.kra", (160, 160), layers, shown | merged, "RGBA")
    (tmp_path / "regions.toml").write_text(REGIONS, encoding="utf-8")

    said = inlay("batch", tmp_path / "regions.toml", "--data", server.data, "--json")

    told = [record["error"] for record in said.json["records"] if record["state"] == "failed"]
    assert (said.code, said.json["done"], len(told)) == (4, 3, 3), told
    assert sum("regions.toml: documents.mask is 'layer:Hat'" in error for error in told) == 2
    assert sum("documents.mask is 'channel:Bag'" in error for error in told) == 1
    for name, mask in (("hero_layer", jacket), ("hero_channel", bag), ("krita_layer", jacket)):
        written = np.asarray(Image.open(tmp_path / "out" / f"{name}.png").convert("RGB"))
        assert (written[mask == 0] == picture[mask == 0]).all()
        assert (written[mask == 255] != picture[mask == 255]).any(axis=-1).mean() > 0.5
    text = (tmp_path / "out" / "regions-sheet.html").read_text("utf-8")
    assert text.count("<img ") == 3
    assert text.count('<figure class="failed">') == 3


CARRIED = """\
plan = 1
out = "out/{document}.tif"
[recipe]
verb = "recolor"
target_color = "#1f4e79"
[documents]
files = ["siblings/*.png"]
mask = "propagate:hero.png"
master_mask = "mask.png"
"""


def test_a_carried_region_is_edited_and_one_that_cannot_be_found_is_left_to_a_person(
    inlay: Run, server: Serving, tmp_path: Path
) -> None:
    (tmp_path / "siblings").mkdir()
    picture = cv2.resize(data.coffee(), (480, 320), interpolation=cv2.INTER_AREA)
    mask = np.zeros((320, 480), np.uint8)
    cv2.ellipse(mask, (223, 170), (161, 140), 0, 0, 360, 255, -1)
    Image.fromarray(picture).save(tmp_path / "hero.png")
    Image.fromarray(mask).save(tmp_path / "mask.png")
    Image.fromarray(picture[20:300, 30:470]).save(tmp_path / "siblings" / "crop.png")
    Image.fromarray(data.chelsea()).save(tmp_path / "siblings" / "cat.png")
    (tmp_path / "carried.toml").write_text(CARRIED, encoding="utf-8")

    said = inlay("batch", tmp_path / "carried.toml", "--data", server.data, "--json")

    assert (said.code, said.json["done"], said.json["flagged"]) == (5, 1, 1), said.err
    assert [path.name for path in (tmp_path / "out").glob("*.tif")] == ["crop.tif"]
    written = tifffile.imread(tmp_path / "out" / "crop.tif")
    changed = (written != picture[20:300, 30:470]).any(axis=-1)
    truth = mask[20:300, 30:470] > 0
    assert (changed & truth).sum() > 0.95 * (changed | truth).sum()
    flagged = next(record for record in said.json["records"] if record["state"] == "flagged")
    assert "could not be found in cat.png" in flagged["error"]


def test_what_leaves_the_machine_is_told_before_it_does_with_whom_and_the_price(
    inlay: Run, start_serving: Any, tmp_path: Path
) -> None:
    home = tmp_path / "data"
    added = inlay(
        *("models", "add", "gemini", "--set", "model=gemini-nano-banana-2.1", "--set", "price.amount=0.04"),
        *("--set", "price.as_of=2026-11", "--data", home),
    )
    assert added.code == 0, added.err
    serving = start_serving(home)
    Image.fromarray(data.astronaut()[:200, :200]).save(tmp_path / "a.png")
    Image.fromarray(disc(200, 200)).save(tmp_path / "mask.png")
    plan = 'plan = 1\nout = "out/{scene}.png"\n[recipe]\nverb = "fill"\nprompt = "{scene}"\nmodel = "gemini-nano-banana-2.1"\n'
    plan += '[documents]\nfiles = ["a.png"]\nmask = "mask.png"\n[axes]\nscene = ["a wood", "a street", "a beach"]\n'
    (tmp_path / "leaving.toml").write_text(plan, encoding="utf-8")

    told = inlay("batch", tmp_path / "leaving.toml", "--dry-run", "--data", home)
    facts = inlay("batch", tmp_path / "leaving.toml", "--dry-run", "--data", home, "--json")

    assert told.code == 0, told.out + told.err
    (leaving,) = facts.json["cells"][0]["leaving"]
    size = 3 * leaving["bytes"] / 2**20
    assert leaving["to"]
    assert math.isfinite(size)
    assert f"to {leaving['to']}: 3 times, at most {size:.1f} MiB in all, 3 times {leaving['price']}" in told.out
    assert "0.04" in leaving["price"]
    assert journal(serving, "leaving").jobs == 0
