"""Every picture that a package brings is edited without a pixel changed outside the mask, or refused in a sentence."""

import re
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from cli.conftest import Run, Serving
from support.edits import soft_mask

pytestmark = pytest.mark.slow

LINES = Path(__file__).with_name("packaged_pictures.txt").read_text().splitlines()
MANIFEST = dict(line.split(" ") for line in LINES if line and not line.startswith("#"))
SUFFIXES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".psd", ".gif", ".bmp", ".webp"}
HOLE_PX = 40
PYTHON = re.compile(
    r"Traceback|Error\b|\bNone\b|\b[iu]?int\d+\b|\bfloat\d+\b|dtype|ndarray|<class|object at 0x|\bbool\b|\btuple\b"
)
"""Words of the language and its libraries that mean nothing to a retoucher."""


def path_of(name: str) -> Path:
    package, _, rest = name.partition("/")
    found = find_spec(package)
    if found is None or not found.origin:
        pytest.fail(f"{package} is not installed")
    path = Path(found.origin).parent / rest
    if not path.exists():
        pytest.fail(f"this version of {package} has no {rest}")
    return path


def size_of(path: Path) -> tuple[int, int]:
    """Height and width, by OpenCV where Pillow cannot open the file."""
    try:
        with Image.open(path) as picture:
            return picture.height, picture.width
    except UnidentifiedImageError:
        height, width = cv2.imread(str(path), cv2.IMREAD_UNCHANGED).shape[:2]
        return height, width


def independently_read(path: Path) -> NDArray[np.generic]:
    """As Pillow reads it: height x width, or height x width x 4 with 8 bit."""
    with Image.open(path) as picture:
        return np.asarray(picture if picture.mode.startswith("I") else picture.convert("RGBA"))


def hole(height: int, width: int) -> NDArray[np.uint8]:
    """A soft ellipse in the middle."""
    mask = np.zeros((height, width), np.uint8)
    down, across = min(HOLE_PX, height // 2), min(HOLE_PX, width // 2)
    top, left = (height - down) // 2, (width - across) // 2
    mask[top : top + down, left : left + across] = soft_mask(across, down)
    return mask


@pytest.mark.parametrize("name", MANIFEST)
def test_a_packaged_picture_is_edited_exactly_or_refused_in_a_sentence(
    name: str, inlay: Run, server: Serving, tmp_path: Path
) -> None:
    path = path_of(name)
    mask = hole(*size_of(path))
    Image.fromarray(mask).save(tmp_path / "mask.png")
    edit = ("edit", path, "--mask", tmp_path / "mask.png", "--verb", "erase", "--out", tmp_path / "out.png")

    said = inlay(*edit, "--data", server.data, "--json")

    if MANIFEST[name] == "refused":
        assert said.code != 0
        assert not (tmp_path / "out.png").exists()
        assert not PYTHON.search(said.err), said.err
        assert len(said.err.split()) > 5, said.err
        return
    assert (said.code, said.err) == (0, "")
    assert not any(PYTHON.search(note) for note in said.json["notes"]), said.json["notes"]
    before, after = independently_read(path), independently_read(tmp_path / "out.png")
    assert after.shape == before.shape
    assert np.array_equal(after[mask == 0], before[mask == 0])


def test_the_manifest_has_every_picture_of_the_photographs_package() -> None:
    root = path_of("skimage/__init__.py").parent
    there = {f"skimage/{path.relative_to(root)}" for path in root.rglob("*") if path.suffix.lower() in SUFFIXES}
    assert there == {name for name in MANIFEST if name.startswith("skimage/")}
