"""References in the real Krita: layers, files, the clipboard and what is seen go along, each with its role, whole and exact."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from skimage import data

from krita.conftest import Server
from krita.driver import Krita, Screen
from krita.photo import DTYPES, grainy, soft, write
from support import looking

WIDTH, HEIGHT = 300, 220
PROFILE = "sRGB-elle-V2-srgbtrc.icc"


@pytest.fixture(scope="module")
def looks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a model that tells what it was shown."""
    running = Server(tmp_path_factory.mktemp("looking"), program=(str(Path(looking.__file__)),))
    yield running
    running.kill()


def sha256(pixels: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(pixels).tobytes()).hexdigest()


@pytest.mark.parametrize("depth", ["U8", "U16"])
def test_each_picture_reaches_the_model_in_its_role_with_its_weight_and_a_repetition_sends_nothing(
    real_krita: Krita, looks: Server, tmp_path: Path, depth: str
):
    white = np.iinfo(DTYPES[depth]).max
    picture, can = grainy(WIDTH, HEIGHT, "RGBA", depth), np.zeros((15, 40, 4), DTYPES[depth])
    can[:] = np.array([0.1, 0.2, 0.8, 1.0]) * white  # Krita's integers are blue, green, red, alpha.
    style = np.zeros((20, 30, 3), np.uint8)
    style[..., 1] = 255
    file = tmp_path / "style.png"
    file.write_bytes(imagecodecs.png_encode(style))
    seen = real_krita.script(
        "references/by_script",
        url=looks.url,
        folder=str(tmp_path),
        depth=depth,
        profile=PROFILE,
        file=str(file),
        pixels=write(picture, tmp_path / "pixels"),
        can=write(can, tmp_path / "can"),
        mask=write(soft(WIDTH, HEIGHT, (150, 100), 40, 10), tmp_path / "mask"),
    )
    told, looked = seen["first"]["told"], seen["first"]["looked"]
    # What of the layer lies on the canvas, in the document's own samples, and no place: it is no part of the window.
    assert told[0] == ["product", sha256(can), 40, 15, 1.0, "can", False]
    assert told[1][0] == "style"
    assert told[1][2:] == [30, 20, 0.5, "style.png", False]
    assert [(one["role"], one["weight"], one["size"]) for one in looked] == [
        ("product", 1.0, [40, 15]),
        ("style", 0.5, [30, 20]),
    ]
    assert looked[0]["mean"] == pytest.approx([0.8, 0.2, 0.1], abs=0.01)
    assert looked[1]["mean"] == pytest.approx([0, 1, 0], abs=0.01)
    assert seen["first"]["uploaded"] > 0
    assert seen["again"]["looked"] == looked
    assert seen["again"]["uploaded"] == 0
    others = seen["others"]["looked"]
    assert others[0]["size"] == seen["others"]["told"][0][2:4]
    assert seen["others"]["told"][0][1] == sha256(picture[selected_rows(), selected_columns()])
    assert (others[1]["role"], others[1]["size"]) == ("texture", [8, 6])
    assert others[1]["mean"] == pytest.approx([10 / 255, 200 / 255, 30 / 255], abs=0.004)
    assert seen["none"]["looked"] == []


def selected_rows() -> slice:
    """Where something is selected: the soft circle's own bounds."""
    rows = np.flatnonzero(soft(WIDTH, HEIGHT, (150, 100), 40, 10).any(axis=1))
    return slice(int(rows[0]), int(rows[-1]) + 1)


def selected_columns() -> slice:
    columns = np.flatnonzero(soft(WIDTH, HEIGHT, (150, 100), 40, 10).any(axis=0))
    return slice(int(columns[0]), int(columns[-1]) + 1)


def test_in_the_panel_each_picture_is_a_row_with_its_role_and_weight_and_the_mouse_takes_it_out(
    real_krita: Krita, looks: Server, screen: Screen, screenshots: Path, tmp_path: Path
):
    photo = shutil.copy(Path(data.data_dir) / "coffee.png", tmp_path)
    seen = real_krita.script(
        "references/in_the_panel",
        url=looks.url,
        photo=str(photo),
        mask=write(soft(600, 400, (478, 122), 26, 6), tmp_path / "mask"),
    )
    screen.screenshot(screenshots / "panel-with-references.png")
    assert seen["says"] == [
        {"picture": True, "role": "reference", "weight": 1.0},
        {"picture": True, "role": "style", "weight": 0.5},
    ]
    assert {"Style", "Product", "Identity"} <= set(seen["roles"])
    right, width = seen["wide"]
    assert right < width, "a row is wider than the panel"
    screen.click(seen["remove"])
    real_krita.until("len(references.rows) == 1", timeout_s=20)
    left = real_krita.run("result['left'] = references.get()")["left"]
    assert [one["role"] for one in left] == ["style"]
    real_krita.run("references.put([]); form.details.set_open(False)")
