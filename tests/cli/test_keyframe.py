"""`inlay keyframe` for real files: an expanded PSD, a masked pair, and what is refused."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage
from skimage import data, transform

from cli.conftest import Run
from support.eyes import lend


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return np.rint(transform.resize(data.coffee(), (960, 1440), preserve_range=True)).astype(np.uint8)


def test_a_pair_is_cut_alike_and_checked_against_its_mask(inlay: Run, picture: np.ndarray, tmp_path: Path) -> None:
    psd = PSDImage.new("RGB", (1440, 960))
    psd.create_pixel_layer(Image.fromarray(picture), name="photo")
    psd.save(tmp_path / "first.psd")
    last, mask = picture.copy(), np.zeros((960, 1440), np.uint8)
    mask[300:500, 500:800] = 255
    last[300:500, 500:800] //= 2
    Image.fromarray(last).save(tmp_path / "last.png")
    Image.fromarray(mask).save(tmp_path / "mask.png")
    order = (
        "keyframe",
        tmp_path / "first.psd",
        "--for",
        "veo",
        "--last",
        tmp_path / "last.png",
        "--out",
        tmp_path / "out",
    )

    said = inlay(*order, "--mask", tmp_path / "mask.png", "--json")

    told = said.json
    assert [Image.open(path).size for path in told["paths"]] == [(1280, 720)] * 2
    assert {check["name"]: check["passed"] for check in told["checks"]} == {
        "size": True,
        "clipping": True,
        "banding": True,
        "seam": False,  # half as bright from one pixel to the next
        "pair": True,
    }
    assert said.code == 5
    assert json.loads((tmp_path / "out" / "first_veo_srgb.json").read_text("utf-8"))["crop"] == told["crop"]

    unmasked = inlay(*order)
    assert unmasked.code == 0, unmasked.err
    assert "look at it: first and last differ in" in unmasked.out
    assert "wrote" in unmasked.out


def test_it_lies_beside_its_picture_and_keeps_to_the_focus(inlay: Run, picture: np.ndarray, tmp_path: Path) -> None:
    Image.fromarray(picture).save(tmp_path / "hero.png")

    said = inlay("keyframe", tmp_path / "hero.png", "--for", "wan", "--to", "480x832", "--focus", "1300,400,100,100")

    assert said.code == 0, said.err
    assert "480 x 832 px of 540 x 936 at 900, 0" in said.out
    assert (tmp_path / "hero_wan_srgb_first.png").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--for", "wan", "--as", "exr"), "--as is exr; Wan 2.2 takes png8"),
        (("--for", "veo", "--to", "4:3"), "--to is 4:3; Veo 3.1 takes 3840x2160"),
        (("--for", "veo", "--focus", "0,0,1440,960"), "--focus is 0,0,1440,960; 16:9 does not hold it"),
        (("--for", "veo", "--focus", "0,0,9"), "--focus is '0,0,9'; it must be X,Y,W,H"),
        (("--for", "veo", "--last", "small.png"), "--last is 100 x 100 px; it must be as large as FILE"),
        (("--for", "veo", "--mask", "small.png"), "mask is 100 x 100 px"),
    ],
)
def test_what_makes_no_sense_is_refused(
    inlay: Run, picture: np.ndarray, tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    Image.fromarray(picture).save(tmp_path / "hero.png")
    Image.fromarray(picture[:100, :100, 0]).save(tmp_path / "small.png")

    said = inlay("keyframe", "hero.png", *options, cwd=tmp_path)

    assert said.code == 2
    assert words in said.err
    assert {path.name for path in tmp_path.iterdir()} == {"hero.png", "small.png"}


def test_a_program_that_nobody_knows_is_wrong_usage(inlay: Run, tmp_path: Path) -> None:
    Image.new("RGB", (9, 9)).save(tmp_path / "hero.png")
    assert inlay("keyframe", tmp_path / "hero.png", "--for", "sora").code == 2


def _poster() -> np.ndarray:
    """A printed page beside a portrait, 1024 x 576."""
    poster = np.full((576, 1024, 3), 255, np.uint8)
    poster[32:544, 512:] = data.astronaut()
    page = data.page()
    poster[200 : 200 + page.shape[0], 60 : 60 + page.shape[1]] = page[..., None]
    return poster


@pytest.mark.slow
def test_words_that_the_cut_garbles_fail_and_faces_are_listed_for_a_person(inlay: Run, tmp_path: Path) -> None:
    lend(("text", "hands", "faces"), tmp_path / "data")
    Image.fromarray(_poster()).save(tmp_path / "poster.png")
    order = ("keyframe", tmp_path / "poster.png", "--for", "wan", "--look", "--data", tmp_path / "data", "--json")

    whole = {check["name"]: check for check in inlay(*order).json["checks"]}
    assert whole["words"]["passed"]
    assert "Region-based segmentation" in whole["words"]["lines"]
    assert whole["people"]["passed"] is None
    ((x, y, width, height),) = whole["people"]["faces"]
    assert 512 + 170 < x + width / 2 < 512 + 280
    assert 32 + 60 < y + height / 2 < 32 + 200

    small = inlay(*order, "--to", "512x288")
    assert small.code == 5
    words = next(check for check in small.json["checks"] if check["name"] == "words")
    assert words["passed"] is False
    assert "unambiguously as either object or background. Here," in words["lost"]


@pytest.mark.slow
def test_without_the_networks_a_person_is_told_what_to_pull(inlay: Run, picture: np.ndarray, tmp_path: Path) -> None:
    Image.fromarray(picture).save(tmp_path / "hero.png")

    said = inlay("keyframe", tmp_path / "hero.png", "--for", "wan", "--look", "--data", tmp_path / "data")

    assert said.code == 0, said.err
    assert "look at it: hero_wan_srgb_first.png: nobody read it: the small network 'text' is not here" in said.out
    assert "inlay models pull faces" in said.out
