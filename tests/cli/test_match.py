"""`inlay match` for real files: a cut-out takes the photo's grain; read back by Pillow."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from cli.conftest import Run, Serving


@pytest.mark.slow
def test_a_cut_out_takes_the_photos_grain_and_keeps_its_alpha(inlay: Run, server: Serving, tmp_path: Path) -> None:
    noise = cv2.GaussianBlur(np.random.default_rng(1).normal(0, 1, (240, 260, 3)), (0, 0), 1.0)
    photo = np.rint(np.clip(120 + 8 * noise / noise.std(), 0, 255)).astype(np.uint8)
    y, x = np.mgrid[0:160, 0:170]
    alpha = np.rint(255 * np.clip((70 - np.hypot(x - 85, y - 80)) / 2, 0, 1)).astype(np.uint8)
    Image.fromarray(photo).save(tmp_path / "photo.png")
    Image.fromarray(np.dstack([np.full((160, 170, 3), 130, np.uint8), alpha])).save(tmp_path / "cut.png")
    arguments = ("match", tmp_path / "photo.png", tmp_path / "cut.png", "--at", "40,30", "--data", server.data)
    said = inlay(*arguments, "--out", tmp_path / "new.png", "--json")
    assert said.code == 0, said.err
    assert said.json["found"]["belongs"] is False
    new = np.asarray(Image.open(tmp_path / "new.png"))
    assert new.shape == (240, 260, 4)
    assert np.array_equal(new[30:190, 40:210, 3], alpha)
    assert 6 < new[60:160, 80:170, :3].std() < 11
    left = inlay(
        *arguments,
        "--out",
        tmp_path / "left.png",
        "--grain",
        0,
        "--sharpness",
        0,
        "--fringe",
        0,
        "--light",
        0,
        "--color",
        0,
    )
    assert left.code == 0, left.err
    assert (np.asarray(Image.open(tmp_path / "left.png"))[60:160, 80:170, :3] == 130).all()


def test_a_picture_without_alpha_is_no_cut_out(inlay: Run, photo: Path, tmp_path: Path) -> None:
    said = inlay("match", photo, photo, "--out", tmp_path / "new.png")
    assert said.code == 2
    assert "a pasted layer has alpha" in said.err
