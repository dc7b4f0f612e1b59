"""`inlay formats` for real files and a real server: layered files linked to their master, read back by other programs' readers."""

import hashlib
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import Resource
from skimage import data

from cli.conftest import Run, Serving
from inlay.client import Client

NOBODY = ("--server", "127.0.0.1:1", "--token", "none")
"""No server is there: whoever asks it for anything ends with exit code 3."""
FOCUS = "100,20,60,80"


@pytest.fixture
def master(tmp_path: Path) -> Path:
    """A photograph and a logo, in layers."""
    return _painted(tmp_path / "hero.psd", "logo")


def _painted(path: Path, logo: str) -> Path:
    psd = PSDImage.new("RGB", (256, 144), color=(20, 30, 40))
    psd.create_pixel_layer(Image.fromarray(data.astronaut()[100:244, 100:356]), name="photo")
    psd.create_pixel_layer(Image.fromarray(data.astronaut()[:40, :60]), name=logo, top=30, left=110, opacity=128)
    psd.save(path)
    return path


def _known(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in sorted(folder.iterdir())}


def test_each_format_has_the_masters_layers_and_what_was_painted_under_a_mask(
    inlay: Run, server: Serving, master: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    said = inlay(
        "formats", master, "--to", "1:1,story,16:9", "--focus", FOCUS, "--out", out, "--data", server.data, "--json"
    )

    assert said.code == 0, said.err
    assert [row["state"] for row in said.json] == ["made"] * 3
    assert {path.name for path in out.iterdir()} == {
        f"hero_{name}.psd{suffix}" for name in ("1x1", "story", "16x9") for suffix in ("", ".json")
    }
    merged = np.asarray(PSDImage.open(master).topil().convert("RGB"))
    for row in said.json:
        x, y, width, height = row["crop"]
        left, top, right, bottom = row["margins"]
        made = PSDImage.open(row["file"])
        assert made.size == (width, height)
        shown = np.asarray(made.topil().convert("RGB"))
        inside = merged[max(0, y) : y + height, max(0, x) : x + width]
        assert np.array_equal(shown[top : height - bottom, left : width - right], inside)
        by_name = {layer.name: layer for layer in made}
        assert (by_name["logo"].left, by_name["logo"].top, by_name["logo"].opacity) == (110 - x, 30 - y, 128)
        assert ("Expand" in by_name) == any(row["margins"]) == bool(row["job_id"])
        link = json.loads(Path(f"{row['file']}.json").read_text("utf-8"))
        assert link["master"] == {"path": "../hero.psd", "sha256": hashlib.sha256(master.read_bytes()).hexdigest()}
        assert link["file"]["sha256"] == hashlib.sha256(Path(row["file"]).read_bytes()).hexdigest()
        assert (link["framing"]["crop"], link["job"].get("id", "")) == (row["crop"], row["job_id"])
    square, story, wide = said.json
    assert (square["crop"], wide["crop"]) == ([58, 0, 144, 144], [0, 0, 256, 144])
    assert story["crop"][2:] == [72, 128]


def test_what_is_missing_is_painted_and_only_there(
    inlay: Run, server: Serving, client: Client, master: Path, tmp_path: Path
) -> None:
    said = inlay(
        "formats", master, "--to", "9:16", "--focus", "60,0,140,144", "--out", tmp_path, "--data", server.data, "--json"
    )

    (row,) = said.json
    assert row["margins"][0] == row["margins"][2] == 0
    assert min(row["margins"][1], row["margins"][3]) > 0
    made = PSDImage.open(row["file"])
    said = made.image_resources.get_data(Resource.XMP_METADATA)
    assert b"digitalsourcetype/humanEdits" in said, "a person chose an engine that is not trained"
    group = next(layer for layer in made if layer.name == "Expand")
    assert group.is_group()
    mask = np.zeros((made.height, made.width), np.uint8)
    mask[group.mask.top : group.mask.bottom, group.mask.left : group.mask.right] = np.asarray(group.mask.topil())
    new = np.full_like(mask, 255)
    new[row["margins"][1] : made.height - row["margins"][3]] = 0
    assert np.array_equal(mask, new)
    assert (np.asarray(made.topil())[..., -1] == 255).all()
    assert row["job_id"] in [job.job_id for job in client.jobs()]


def test_again_nothing_is_written_and_nobody_is_asked(
    inlay: Run, server: Serving, master: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    order = ("formats", master, "--to", "1:1,9:16", "--focus", "60,0,140,144", "--out", out, "--json")
    assert inlay(*order, "--data", server.data).code == 0
    before = _known(out)

    again = inlay(*order, *NOBODY)

    assert again.code == 0, again.err
    assert [row["state"] for row in again.json] == ["unchanged"] * 2
    assert _known(out) == before


def test_a_changed_master_makes_its_formats_anew_and_another_focus_those_that_it_moves(
    inlay: Run, server: Serving, master: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    order = ("formats", master, "--out", out, "--to", "1:1,16:9", "--json", *NOBODY)
    assert inlay(*order, "--focus", FOCUS).code == 0
    before = _known(out)

    moved = inlay(*order, "--focus", "200,20,40,80")
    assert [row["state"] for row in moved.json] == ["made", "unchanged"]
    assert {name for name, known in _known(out).items() if before[name] != known} == {
        "hero_1x1.psd",
        "hero_1x1.psd.json",
    }

    _painted(master, "another logo")
    anew = inlay(*order, "--focus", FOCUS)
    assert [row["state"] for row in anew.json] == ["made", "made"]
    assert "another logo" in [layer.name for layer in PSDImage.open(out / "hero_16x9.psd")]


def test_what_somebody_painted_on_is_left_alone_until_they_say_so(inlay: Run, master: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    order = ("formats", master, "--out", out, "--to", "1:1", *NOBODY)
    assert inlay(*order).code == 0
    psd = PSDImage.open(out / "hero_1x1.psd")
    psd.create_pixel_layer(Image.fromarray(data.astronaut()[:9, :9]), name="by hand")
    psd.save(out / "hero_1x1.psd")

    assert inlay(*order, "--json").json[0]["state"] == "unchanged"
    _painted(master, "another logo")
    kept = inlay(*order)
    assert kept.code == 5
    assert "left alone" in kept.out
    assert "by hand" in [layer.name for layer in PSDImage.open(out / "hero_1x1.psd")]

    assert inlay(*order, "--replace").code == 0
    assert "by hand" not in [layer.name for layer in PSDImage.open(out / "hero_1x1.psd")]


def test_a_file_of_another_master_is_not_written_over(inlay: Run, master: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (tmp_path / "other").mkdir()
    other = _painted(tmp_path / "other" / "hero.psd", "other")
    assert inlay("formats", other, "--out", out, "--to", "1:1", *NOBODY).code == 0
    before = _known(out)

    assert inlay("formats", master, "--out", out, "--to", "1:1", *NOBODY).code == 5
    assert _known(out) == before


def test_a_flat_master_becomes_layered_and_scale_delivers_the_platforms_size(inlay: Run, tmp_path: Path) -> None:
    picture = data.astronaut()[:360, :480]
    Image.fromarray(picture).save(tmp_path / "flat.png")
    out = tmp_path / "out"
    order = ("formats", tmp_path / "flat.png", "--out", out, "--to", "160x90,1:1", "--json", *NOBODY)
    assert inlay(*order).code == 0
    assert not (out / "flat_160x90.png").exists()
    before = _known(out)

    scaled = inlay(*order, "--scale")

    assert [(row["state"], row["delivery"]) for row in scaled.json] == [("unchanged", "made"), ("unchanged", "")]
    with zipfile.ZipFile(out / "flat_160x90.ora") as ora:
        crop = np.asarray(Image.open(ora.open("data/background.png")))
        assert np.array_equal(crop, picture[45:315, :480])
    delivered = Image.open(out / "flat_160x90.png")
    assert (delivered.mode, delivered.size) == ("RGB", (160, 90))
    values = crop / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    mean = linear.reshape(90, 3, 160, 3, 3).mean(axis=(1, 3))
    exact = 255 * np.where(mean <= 0.0031308, 12.92 * mean, 1.055 * mean ** (1 / 2.4) - 0.055)
    assert np.abs(np.asarray(delivered) - exact).max() <= 0.51, "the mean of the light, not of the codes"
    assert _known(out)["flat_160x90.ora"] == before["flat_160x90.ora"]
    assert [row["delivery"] for row in inlay(*order, "--scale").json] == ["unchanged", ""]


def test_a_delivery_is_opaque_where_its_layers_are(inlay: Run, master: Path, tmp_path: Path) -> None:
    assert inlay("formats", master, "--out", tmp_path, "--to", "64x64", "--scale", *NOBODY).code == 0

    assert PSDImage.open(tmp_path / "hero_64x64.psd").topil().mode == "RGBA"
    assert Image.open(tmp_path / "hero_64x64.png").mode == "RGB"


def test_the_delivery_follows_what_was_painted_on_the_layers(inlay: Run, tmp_path: Path) -> None:
    Image.fromarray(data.astronaut()[:360, :480]).save(tmp_path / "flat.png")
    out = tmp_path / "out"
    order = ("formats", tmp_path / "flat.png", "--out", out, "--to", "160x90", "--as", "psd", "--scale", *NOBODY)
    assert inlay(*order).code == 0
    white = Image.new("RGB", (480, 270), "white")
    psd = PSDImage.new("RGB", white.size)
    psd.create_pixel_layer(white, name="by hand")
    psd.save(out / "flat_160x90.psd")

    assert inlay(*order).code == 0
    assert np.asarray(Image.open(out / "flat_160x90.png")).min() == 255


def test_sixteen_bits_and_a_mask_for_the_focus(inlay: Run, tmp_path: Path) -> None:
    import tifffile

    picture = np.random.default_rng(5).integers(0, 65_536, (120, 300, 3), np.uint16)
    tifffile.imwrite(tmp_path / "deep.tif", picture, photometric="rgb")
    mask = np.zeros((120, 300), np.uint8)
    mask[40:80, 210:240] = 200
    Image.fromarray(mask).save(tmp_path / "focus.png")

    said = inlay(
        "formats",
        tmp_path / "deep.tif",
        "--to",
        "1:1",
        "--focus-mask",
        tmp_path / "focus.png",
        "--out",
        tmp_path,
        "--json",
    )

    assert said.json[0]["crop"] == [165, 0, 120, 120]
    with zipfile.ZipFile(tmp_path / "deep_1x1.ora") as ora:
        (tmp_path / "read.png").write_bytes(ora.read("mergedimage.png"))
    import imagecodecs

    assert np.array_equal(imagecodecs.png_decode((tmp_path / "read.png").read_bytes()), picture[:, 165:285])


@pytest.mark.parametrize(
    ("options", "field"),
    [
        (("--to", "stroy"), "--to"),
        (("--to", "1:1,1:1"), "--to"),
        (("--to", "1:1", "--focus", "1,2,3"), "--focus"),
        (("--to", "1:1", "--focus", "0,0,400,10"), "--focus"),
        (("--to", "1:1", "--focus", "0,0,4,10", "--focus-mask", "hero.psd"), "--focus"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_written(
    inlay: Run, master: Path, tmp_path: Path, options: tuple[str, ...], field: str
) -> None:
    said = inlay("formats", master, *options, "--out", tmp_path / "out", cwd=tmp_path)

    assert said.code == 2
    assert said.err.startswith(f"inlay: {field} is ")
    assert not (tmp_path / "out").exists()


def test_a_float_master_is_refused_before_anything_is_painted(inlay: Run, tmp_path: Path) -> None:
    import tifffile

    tifffile.imwrite(tmp_path / "hdr.tif", np.ones((40, 60, 3), np.float32), photometric="rgb")
    said = inlay("formats", tmp_path / "hdr.tif", "--to", "9:16", "--focus", "0,0,60,40", "--out", tmp_path, *NOBODY)

    assert said.code == 2
    assert "8 or 16 bit" in said.err
