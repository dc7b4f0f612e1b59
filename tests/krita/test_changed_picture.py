"""A picture that was cropped, converted, mirrored or painted on while an edit ran, or before its result is used again.

What comes then is in the right place to the pixel, or refused with the reason; a result that was there stays as it was.
"""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from krita.driver import Krita
from krita.photo import DTYPES, grainy, soft, write

WIDTH, HEIGHT = 300, 220

BEGIN = """
from inlay_bridge.inside import *
from inlay_krita import api
from inlay_krita.host import identity, place
from pathlib import Path
from PyQt5.QtCore import QByteArray
at = Path(folder)
made = document(300, 220, "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc", pixels)
select(made, mask)
result["seen"] = []

def look(name):
    made.waitForDone()
    (at / name).write_bytes(made.pixelData(0, 0, made.width(), made.height()).data())
    result["seen"].append([name, made.width(), made.height(), made.colorDepth()])

def change():
    CHANGE
    made.waitForDone()
    made.refreshProjection()
    made.waitForDone()
    pump()

def placed(job):
    job.place()
    pump_until(lambda: job.phase not in ("finished", "placing"))
    return [job.phase, job.message]
"""

WAYS = {
    "the job ends": """
job = api.edit(seed=4)
api.wait(job)
change()
look("before")
result["said"] = placed(job)
look("after")
""",
    "the result is offered": """
job = api.edit(seed=4)
api.wait(job)
change()
made = save_and_reopen(made, str(at / "closed.kra"))
look("before")
api.session().connection.check()
pump_until(lambda: api.session().offers_of(made))
(job,) = api.session().accept(made)
pump_until(lambda: job.has_ended)
result["said"] = [job.phase, job.message]
look("after")
""",
    "the result is run again": """
job = api.edit(seed=4)
api.wait(job)
api.place(job)
change()
made.setActiveNode(group_of(made))
pump()
look("before")
job = api.edit_again()
pump_until(lambda: job.has_ended)
result["said"] = placed(job) if job.phase == "finished" else [job.phase, job.message]
look("after")
""",
}
"""All ways by which a result comes into a picture that does not look as it did."""

CROP = "made.crop(40, 30, 240, 170)"
GROW = "made.resizeImage(-25, -15, 350, 260)"
CUT_INTO_THE_WINDOW = "made.crop(100, 60, 120, 90)"
REFUSED = {
    "to 8 bit": ('made.setColorSpace("RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc")', "converted since"),
    "to linear light": ('made.setColorSpace("RGBA", "U16", "sRGB-elle-V2-g10.icc")', "converted since"),
    "mirrored": ('app.action("mirrorImageHorizontal").trigger()', "mirrored since"),
    "turned by 180°": ("made.rotateImage(3.141592653589793)", "turned by 180° since"),
    "turned by 90°": ("made.rotateImage(1.5707963267948966)", "turned by 90° since"),
    "scaled": ('made.scaleImage(150, 110, 300, 300, "Bilinear")', "cropped or resized since"),
}


@pytest.fixture
def scene(tmp_path: Path) -> dict[str, str]:
    """Where a scenario finds its picture and its selection, and writes what it saw."""
    return {
        "folder": str(tmp_path),
        "pixels": write(grainy(WIDTH, HEIGHT, "RGBA", "U16"), tmp_path / "pixels"),
        "mask": write(soft(WIDTH, HEIGHT, (150, 100), 22, 10), tmp_path / "mask"),
    }


def run(krita: Krita, scene: dict[str, str], way: str, change: str) -> tuple[dict, dict[str, NDArray[np.generic]]]:
    """What was said, and the pictures that were seen, each height x width x 4."""
    krita.run("from inlay_krita import api\napi.session()._asked.clear()")
    result = krita.run(BEGIN.replace("CHANGE", change) + WAYS[way], **scene)
    folder = Path(scene["folder"])
    pictures = {
        name: np.frombuffer((folder / name).read_bytes(), DTYPES[depth]).reshape(height, width, 4)
        for name, width, height, depth in result["seen"]
    }
    return result, pictures


@pytest.fixture(scope="module")
def plain() -> dict[str, NDArray[np.generic]]:
    """The same edit with nothing changed in between, once it is known."""
    return {}


def erased(krita: Krita, scene: dict[str, str], plain: dict[str, NDArray[np.generic]]) -> NDArray[np.generic]:
    if not plain:
        plain |= run(krita, scene, "the job ends", "pass")[1]
        krita.run("from inlay_bridge.inside import *\nclose_all()")
    return plain["after"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("change", "rows", "columns"),
    [
        (CROP, slice(30, 200), slice(40, 280)),
        (CUT_INTO_THE_WINDOW, slice(60, 150), slice(100, 220)),
    ],
    ids=["cropped", "cropped into what was seen"],
)
def test_after_a_crop_the_result_lies_where_it_belongs(real_krita: Krita, scene, plain, way, change, rows, columns):
    expected = erased(real_krita, scene, plain)[rows, columns]
    result, pictures = run(real_krita, scene, way, change)
    assert result["said"][0] == "placed", result["said"]
    assert "moved with the picture" in result["said"][1]
    assert np.array_equal(pictures["after"], expected)


@pytest.mark.parametrize("way", WAYS)
def test_on_a_larger_canvas_the_result_lies_where_it_belongs(real_krita: Krita, scene, plain, way):
    expected = erased(real_krita, scene, plain)
    result, pictures = run(real_krita, scene, way, GROW)
    assert result["said"][0] == "placed", result["said"]
    assert np.array_equal(pictures["after"][15:235, 25:325], expected)
    frame = np.ones((260, 350), bool)
    frame[15:235, 25:325] = False
    assert np.array_equal(pictures["after"][frame], pictures["before"][frame])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", REFUSED)
def test_where_a_result_does_not_fit_any_more_nothing_moves_and_the_reason_is_told(
    real_krita: Krita, scene, way: str, kind: str
):
    change, reason = REFUSED[kind]
    result, pictures = run(real_krita, scene, way, change)
    assert result["said"][0] == "failed"
    assert reason in result["said"][1]
    assert np.array_equal(pictures["after"], pictures["before"])
