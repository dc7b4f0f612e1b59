"""`inlay select` for real files: masks, read by Pillow and NumPy, of what a box, a click, a rough mask and a word mean."""

from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from cli.conftest import Run, Serving

HEIGHT, WIDTH = 180, 240
ROWS, COLUMNS = np.mgrid[:HEIGHT, :WIDTH]
FAR = np.hypot(COLUMNS - 90, ROWS - 80)
DISC = FAR < 40
OTHER = np.hypot(COLUMNS - 195, ROWS - 125) < 24


def photo_of(dtype: type[np.unsignedinteger], place: Path) -> Path:
    """A red disc, its rim a pixel wide, and a blue one on textured green."""
    random = np.random.default_rng(8)
    ground = (
        np.float64([0.25, 0.5, 0.3])
        + 0.06 * np.sin(COLUMNS / 5)[..., None]
        + random.normal(0, 0.03, (HEIGHT, WIDTH, 1))
    )
    share = np.clip(40.5 - FAR, 0, 1)[..., None]
    ground[OTHER] = [0.2, 0.3, 0.8]
    shown = ground * (1 - share) + np.float64([0.75, 0.2, 0.15]) * share + random.normal(0, 0.01, ground.shape)
    place.write_bytes(imagecodecs.png_encode(np.rint(shown.clip(0, 1) * np.iinfo(dtype).max).astype(dtype)))
    return place


def shares(file: Path) -> NDArray[np.floating[Any]]:
    """0..1, as Pillow reads them."""
    with Image.open(file) as image:
        samples = np.asarray(image)
    assert samples.ndim == 2
    return samples / (65535 if image.mode.startswith("I") else 255)


def overlap(found: NDArray[Any], wanted: NDArray[np.bool_]) -> float:
    return float(((found > 0.5) & wanted).sum() / ((found > 0.5) | wanted).sum())


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return photo_of(np.uint8, tmp_path / "photo.png")


def test_a_box_around_it_selects_a_disc(inlay: Run, server: Serving, photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    said = inlay("select", photo, "--box", "40,28,104,106", "--out", out, "--json", "--data", server.data)
    assert said.code == 0, said.err
    found = shares(out)
    assert found.shape == (HEIGHT, WIDTH)
    assert overlap(found, DISC) > 0.95
    assert said.json["model"] == "outline"
    assert said.json["selected_px"] == (found > 0).sum()


def test_a_16_bit_photo_gets_a_16_bit_mask_from_an_8_bit_one(inlay: Run, server: Serving, tmp_path: Path) -> None:
    photo, rough, out = photo_of(np.uint16, tmp_path / "photo.png"), tmp_path / "rough.png", tmp_path / "out.png"
    Image.fromarray(np.where(FAR < 47, np.uint8(255), np.uint8(0))).save(rough)
    said = inlay("select", photo, "--mask", rough, "--out", out, "--data", server.data)
    assert said.code == 0, said.err
    samples = imagecodecs.png_decode(out.read_bytes())
    assert samples.dtype == np.uint16
    assert samples.max() == 65535
    assert (samples % 257 != 0).any(), "8 bits in 16"
    assert overlap(shares(out), DISC) > 0.95


@pytest.mark.slow
def test_clicks_say_what_belongs_to_it_and_what_does_not(
    inlay: Run, server: Serving, photo: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.tif"
    said = inlay("select", photo, "--click", "90,80", "--click", "-195,125", "--out", out, "--data", server.data)
    assert said.code == 0, said.err
    found = shares(out)
    assert overlap(found, DISC) > 0.95
    assert not found[OTHER].any()


@pytest.mark.slow
def test_a_finished_mask_keeps_what_is_sure_and_gets_a_softer_edge(
    inlay: Run, server: Serving, photo: Path, tmp_path: Path
) -> None:
    finished, out = tmp_path / "finished.png", tmp_path / "out.png"
    selected = DISC | ((COLUMNS > 150) & (ROWS < 60))  # and a part of the ground, which is no object
    Image.fromarray(np.where(selected, np.uint8(255), np.uint8(0))).save(finished)
    said = inlay("select", photo, "--mask", finished, "--refine", "--edge", "hair", "--out", out, "--data", server.data)
    assert said.code == 0, said.err
    found = shares(out)
    assert (found[(FAR < 25) | ((COLUMNS > 172) & (ROWS < 38))] == 1).all()
    assert (found[(FAR > 63) & ~((COLUMNS > 127) & (ROWS < 83))] == 0).all()
    assert overlap(found[:, :125], DISC[:, :125]) > 0.97
    assert ((found > 0) & (found < 1)).any(), "no pixel of the edge is shared"


@pytest.mark.slow
def test_the_background_goes_on_where_no_box_was_looked_around(inlay: Run, server: Serving, tmp_path: Path) -> None:
    picture = imagecodecs.png_decode(photo_of(np.uint8, tmp_path / "photo.png").read_bytes())
    wide = np.concatenate([picture, np.tile(picture[:, 150:], (1, 6, 1))], axis=1)
    (tmp_path / "photo.png").write_bytes(imagecodecs.png_encode(np.ascontiguousarray(wide)))
    out = tmp_path / "out.png"
    asked = ("--words", "background", "--box", "40,28,104,106")
    said = inlay("select", tmp_path / "photo.png", *asked, "--out", out, "--data", server.data)
    assert said.code == 0, said.err
    found = shares(out)
    assert wide.shape[1] > 144 + 512 + 50, "wider than what is looked at"
    assert overlap(1 - found[:, :WIDTH], DISC) > 0.9
    assert (found[:, WIDTH:] == 1).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ((), "say what is meant"),
        (("--box", "1,2,3"), "X,Y,WIDTH,HEIGHT"),
        (("--box", "900,0,20,20"), "lie on the picture"),
        (("--click", "there"), "must be X,Y"),
        (("--refine", "--click", "1,1"), "without a finished --mask"),
    ],
)
def test_what_means_nothing_is_refused(inlay: Run, photo: Path, tmp_path: Path, asked: tuple[str, ...], told: str):
    said = inlay("select", photo, *asked, "--out", tmp_path / "out.png")
    assert said.code == 2
    assert told in said.err
    assert not (tmp_path / "out.png").exists()


@pytest.mark.slow
def test_a_word_without_its_network_says_what_to_type(inlay: Run, server: Serving, photo: Path, tmp_path: Path) -> None:
    said = inlay("select", photo, "--words", "hands", "--out", tmp_path / "out.png", "--data", server.data)
    assert said.code != 0
    assert "inlay models pull hands" in said.err
