"""A result never cuts a stroke short: real mouse events on the real canvas."""

import subprocess
from pathlib import Path

import numpy as np
import pytest

from krita.driver import Krita, Screen
from krita.photo import grainy, read, soft, write

WIDTH, HEIGHT = 800, 600
STEPS = 40


class Mouse:
    """The pointer of a virtual screen."""

    def __init__(self, screen: Screen, row: int, columns: tuple[int, int]):
        self._display, self._row, (self._left, right) = screen.display, row, columns
        self._stride = (right - self._left) / STEPS

    def _do(self, *command: object) -> None:
        subprocess.run(["xdotool", *map(str, command)], check=True, env={"DISPLAY": self._display, "PATH": "/usr/bin"})

    def stroke(self, first: int, last: int) -> None:
        """Moves over some of the steps from the left to the right."""
        for step in range(first, last + 1):
            self._do("mousemove", round(self._left + step * self._stride), self._row)

    def press(self) -> None:
        self._do("mousedown", 1)

    def release(self) -> None:
        self._do("mouseup", 1)


@pytest.fixture
def scene(tmp_path: Path) -> dict[str, object]:
    """Where a scenario finds its picture and its selection."""
    return {
        "folder": str(tmp_path),
        "pixels": write(grainy(WIDTH, HEIGHT, "RGBA", "U8") // 2 + 100, tmp_path / "pixels"),
        "mask": write(soft(WIDTH, HEIGHT, (400, 200), 40, 10), tmp_path / "mask"),
        "canvases": ("KisOpenGLCanvas2", "KisQPainterCanvas"),
    }


def painted(krita: Krita, folder: Path) -> set[int]:
    """The columns in which the layer below the result is black."""
    krita.until("made.tryBarrierLock() and (made.unlock() or True)")
    krita.run('(at / "layer").write_bytes(background.pixelData(0, 0, 800, 600).data())')
    layer = read(folder / "layer", np.zeros((HEIGHT, WIDTH, 4), np.uint8))
    return set(np.flatnonzero((layer[..., :3] == 0).all(axis=2).any(axis=0)).tolist())


def test_a_stroke_under_which_a_result_arrives_is_painted_to_its_end(
    real_krita: Krita, screen: Screen, scene, tmp_path: Path
):
    place = real_krita.script("strokes/begin", **scene)
    mouse = Mouse(screen, place["row"], tuple(place["columns"]))
    mouse.stroke(0, 0)
    mouse.press()
    mouse.stroke(0, STEPS)
    mouse.release()
    alone = painted(real_krita, tmp_path)
    assert len(alone) > 150, "the brush did not paint"
    real_krita.run("undo(made)")
    assert painted(real_krita, tmp_path) == set()

    real_krita.run("begin()")
    real_krita.until('job.phase in ("queued", "painting", "fetching", "placing")')
    mouse.stroke(0, 0)
    mouse.press()
    mouse.stroke(0, STEPS // 2)
    real_krita.until('job.phase == "placing" and "paints" in job.message or job.has_ended')
    mouse.stroke(STEPS // 2, STEPS // 2 + 5)
    during = real_krita.script("strokes/a_stroke_under_which_a_result_arrives_is_painted_to_its_end")
    mouse.stroke(STEPS // 2 + 5, STEPS)
    mouse.release()
    real_krita.until("job.has_ended")

    told = real_krita.run('result["phase"], result["message"] = job.phase, job.message')
    assert told["phase"] == "placed", told["message"]
    assert during == {"layers": 1, "phase": "placing", "said": "waiting until nobody paints in the picture"}
    assert painted(real_krita, tmp_path) == alone


def test_a_stroke_under_which_an_edit_begins_is_painted_to_its_end(
    real_krita: Krita, screen: Screen, scene, tmp_path: Path
):
    place = real_krita.script("strokes/begin", **scene)
    mouse = Mouse(screen, place["row"], tuple(place["columns"]))
    band = np.zeros((HEIGHT, WIDTH), np.uint8)
    band[380:500, 180:620] = 255
    real_krita.run("select(made, band)", band=write(band, tmp_path / "band"))
    mouse.stroke(0, 0)
    mouse.press()
    mouse.stroke(0, STEPS // 2)
    real_krita.run('job = api.session().run(Wish(verb="erase", seed=3))')
    real_krita.until('"paints" in job.message or job.has_ended')
    mouse.stroke(STEPS // 2, STEPS)
    mouse.release()
    real_krita.until("job.has_ended")
    columns = painted(real_krita, tmp_path)
    assert len(columns) > 150
    assert max(columns) - min(columns) + 1 == len(columns)
    told = real_krita.run('result["phase"], result["message"] = job.phase, job.message')
    assert told["phase"] == "placed", told["message"]
