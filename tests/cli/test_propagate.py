"""`inlay propagate` for real files: a mask for each sibling, and none where a person must look; read back by Pillow."""

from pathlib import Path

import cv2
import imagecodecs
import numpy as np
from PIL import Image
from skimage import data

from cli.conftest import Run


def test_siblings_of_any_depth_get_a_mask_and_one_without_the_object_gets_none(inlay: Run, tmp_path: Path) -> None:
    picture = cv2.resize(data.coffee(), (480, 320), interpolation=cv2.INTER_AREA)
    mask = np.zeros((320, 480), np.uint8)
    cv2.ellipse(mask, (223, 170), (161, 140), 0, 0, 360, 255, -1)
    Image.fromarray(picture).save(tmp_path / "master.png")
    Image.fromarray(mask).save(tmp_path / "mask.png")
    flipped = np.rint(65_535 * (picture[20:300, 30:470] / 255) ** 1.3).astype(np.uint16)
    (tmp_path / "deep.tif").write_bytes(imagecodecs.tiff_encode(flipped, photometric="rgb"))
    Image.fromarray(data.chelsea()).save(tmp_path / "cat.png")
    siblings = tmp_path / "deep.tif", tmp_path / "cat.png"
    said = inlay(
        "propagate",
        tmp_path / "master.png",
        *siblings,
        "--mask",
        tmp_path / "mask.png",
        "--out",
        tmp_path / "masks",
        "--json",
    )
    assert said.code == 5, said.err
    assert [bool(row["mask"]) for row in said.json] == [True, False]
    assert [path.name for path in (tmp_path / "masks").iterdir()] == ["deep.png"]
    found = np.asarray(Image.open(tmp_path / "masks" / "deep.png"))
    truth = mask[20:300, 30:470]
    assert found.shape == truth.shape
    assert ((found > 127) & (truth > 127)).sum() > 0.98 * ((found > 127) | (truth > 127)).sum()


def test_an_empty_mask_is_refused(inlay: Run, tmp_path: Path) -> None:
    Image.fromarray(data.chelsea()).save(tmp_path / "cat.png")
    Image.fromarray(np.zeros(data.chelsea().shape[:2], np.uint8)).save(tmp_path / "mask.png")
    said = inlay(
        "propagate", tmp_path / "cat.png", tmp_path / "cat.png", "--mask", tmp_path / "mask.png", "--out", tmp_path
    )
    assert said.code == 2
    assert "mask is 0 px large" in said.err
