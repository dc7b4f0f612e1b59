"""`inlay animate` with a tiny random LTX in a folder: from a file to numbered pictures, the first of which is the keyframe."""

import hashlib
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage import data, transform

from cli.conftest import Run
from inlay import documents
from support.kra_files import timeline
from support.signed_files import TERMS, term_of, validated

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("diffusers") is None, reason="needs inlay[diffusion]"),
]


def resized(photo: NDArray[Any], height: int, width: int) -> NDArray[np.uint8]:
    return np.rint(np.asarray(transform.resize(photo, (height, width), preserve_range=True))).astype(np.uint8)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from support import tiny_models

    return tiny_models.saved("ltx", tmp_path_factory.mktemp("models") / "tiny-ltx")


def test_a_picture_becomes_a_clip_whose_first_frame_is_what_inlay_keyframe_writes(
    inlay: Run, model: Path, tmp_path: Path
) -> None:
    photo = resized(data.coffee(), 500, 750)
    file, mask, out = tmp_path / "cup.png", tmp_path / "moves.png", tmp_path / "clip"
    Image.fromarray(photo).save(file)
    selected = np.zeros(photo.shape[:2], np.uint8)
    selected[150:350, 250:500] = 255
    Image.fromarray(selected).save(mask)
    shape = ("--to", "704x480")

    keyed = inlay("keyframe", file, "--for", "ltx", *shape, "--out", tmp_path, "--json")
    order = ("animate", file, "--model", model, *shape, "--mask", mask, "--frames", 9, "--tier", "draft", "--seed", 4)
    said = inlay(*order, "--out", out, "--kra", "--sign", "--json")

    assert said.code == 0, said.err
    told = said.json
    paths = [Path(path) for path in told["paths"]]
    assert [path.name for path in paths] == [f"cup_clip_{number:04d}.png" for number in range(1, 10)]
    assert sorted(paths) == sorted(out.glob("*.png"))
    assert [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths] == [one["sha256"] for one in told["files"]]
    assert (told["fps"], told["size"], told["crop"]) == (24, [704, 480], keyed.json["crop"])

    first, *later = (documents.read(path) for path in paths)
    assert first.samples.dtype == np.uint16
    eight = np.asarray(Image.open(keyed.json["paths"][0]))
    assert np.array_equal(np.rint(first.samples.astype(np.float64) / 257).astype(np.uint8), eight)
    left, top, width, height = told["crop"]
    across, down = 704 / width, 480 / height
    inside = np.s_[int((150 - top) * down) + 3 : int((350 - top) * down) - 3, int((250 - left) * across) + 3 :][0:2]
    still = np.ones(first.samples.shape[:2], bool)
    still[int((150 - top) * down) - 3 : int((350 - top) * down) + 3, int((250 - left) * across) - 3 :] = False
    assert still.any()
    for frame in later:
        assert np.array_equal(frame.samples[still], first.samples[still])
        assert not np.array_equal(frame.samples[inside], first.samples[inside])
    assert len({frame.samples.tobytes() for frame in later}) == 8
    assert b"DigitalSourceType" not in paths[0].read_bytes()
    assert {term_of(path) for path in paths[1:]} == {f"{TERMS}compositeWithTrainedAlgorithmicMedia"}
    assert validated(paths[-1]).get_validation_state() in ("Valid", "Trusted")

    kra = out / "cup_clip.kra"
    assert told["timeline"] == {"name": kra.name, "sha256": hashlib.sha256(kra.read_bytes()).hexdigest()}
    fps, played, pictures = timeline(kra)
    assert (fps, played, len(pictures)) == (24, (0, 8), 9)
    for picture, frame in zip(pictures, (first, *later), strict=True):
        assert np.array_equal(picture[..., 2::-1], frame.samples)
        assert (picture[..., 3] == 65535).all()
    assert np.array_equal(documents.read(kra).samples[..., :3], first.samples)
    verified = inlay("verify", kra)
    assert (verified.code, "compositeWithTrainedAlgorithmicMedia" in verified.out) == (0, True), verified.out
    sidecar = kra.with_name("cup_clip.kra.c2pa")
    assert sidecar.exists()
    sidecar.unlink()
    again = inlay("sign", kra)
    assert again.code == 0, again.err
    assert sidecar.exists()


def test_a_file_on_the_grid_is_the_first_frame_sample_for_sample(inlay: Run, model: Path, tmp_path: Path) -> None:
    photo = resized(data.astronaut(), 320, 416)
    Image.fromarray(photo).save(tmp_path / "key.png")

    said = inlay(
        "animate",
        tmp_path / "key.png",
        "--model",
        model,
        "--seconds",
        0.3,
        "--tier",
        "draft",
        "--out",
        tmp_path / "clip",
    )

    assert said.code == 0, said.err
    assert "9 pictures of 416 x 320 px, 24 a second" in said.out
    assert "taken back by 100%" in said.out
    first = documents.read(tmp_path / "clip" / "key_clip_0001.png")
    assert np.array_equal(first.samples, photo.astype(np.uint16) * 257)


def test_what_cannot_be_animated_is_refused_with_the_reason(inlay: Run, tmp_path: Path) -> None:
    Image.fromarray(data.astronaut()).save(tmp_path / "key.png")
    order = ("animate", tmp_path / "key.png", "--out", tmp_path / "clip")

    still = inlay(*order, "--model", "classic")
    assert still.code != 0
    assert "model 'classic' cannot animate" in still.err
    long = inlay(*order, "--seconds", 30)
    assert long.code == 2
    assert not (tmp_path / "clip").exists()
