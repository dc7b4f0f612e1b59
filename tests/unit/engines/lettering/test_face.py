"""The class of a face is that of the font a sign was painted in; the fonts are DejaVu's, whose names say what they are."""

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inlay.engines.eyes.lettering import Line
from inlay.engines.lettering.face import PLAIN, Face
from inlay.engines.lettering.measure import measured
from inlay.engines.lettering.render import shown

FONTS = sorted(Path("/usr/share/fonts").rglob("DejaVuS*.ttf"))
FACES = {path.stem: cv2.FontFace(str(path)) for path in FONTS}
"""All are kept: OpenCV mistakes one for another that was let go of."""
WORDS = ["Corner Bakery", "OPEN DAILY", "filling station"]
HEIGHT, WIDTH = 200, 900
pytestmark = pytest.mark.skipif(not FACES, reason="DejaVu's fonts are not installed (apt install fonts-dejavu-extra)")


class Sign(NamedTuple):
    """pixels: height x width x 3, float32. line: as the finder has it, its box a few pixels wider than the letters."""

    pixels: NDArray[np.float32]
    line: Line


def sign(font: str, words: str, onto: NDArray[np.float32] | None = None, cap_px: int = 34) -> Sign:
    """onto: 2 x 2, by which the letters are turned, leant and narrowed about their middle."""
    face = FACES[font]
    canvas = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    cv2.putText(canvas, "H", (60, 120), (255, 255, 255), face, 100)
    high = int(np.ptp(np.nonzero(canvas[..., 0] > 128)[0])) + 1
    canvas[:] = 0
    cv2.putText(canvas, words, (60, 120), (255, 255, 255), face, round(100 * cap_px / high))
    rows, columns = np.nonzero(canvas[..., 0] > 64)
    box = np.array([[columns.min(), rows.min()], [columns.max(), rows.min()], [columns.max(), rows.max()]], np.float32)
    box = np.concatenate([box, [[columns.min(), rows.max()]]]) + np.float32([[-5, -5], [5, -5], [5, 5], [-5, 5]])
    middle, turn = np.float32([WIDTH / 2, HEIGHT / 2]), np.eye(2, dtype=np.float32) if onto is None else onto
    matrix = np.column_stack([turn, middle - turn @ middle])
    share = cv2.warpAffine(canvas[..., :1], matrix, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC)[..., None] / np.float32(255)
    ground = np.random.default_rng(2).normal(0.35, 0.02, (HEIGHT, WIDTH, 3)).astype(np.float32)
    pixels = ground * (1 - share) + np.float32([0.95, 0.9, 0.8]) * share
    corners = cv2.minAreaRect((box @ turn.T + matrix[:, 2]).astype(np.float32))
    quad = cv2.boxPoints(corners)
    by_x = quad[np.argsort(quad[:, 0])]
    left, right = by_x[:2][np.argsort(by_x[:2, 1])], by_x[2:][np.argsort(by_x[2:, 1])]
    return Sign(pixels, Line(np.float32([left[0], right[0], right[1], left[1]]), words, 1.0))


def face_of(shown: Sign) -> Face:
    return measured(shown.pixels, shown.line).face


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("font", list(FACES))
def test_lettering_is_set_in_the_class_of_face_that_it_was_painted_in(font: str, words: str) -> None:
    setting = measured(*sign(font, words))
    face = setting.face
    assert setting.angle == pytest.approx(0, abs=1)
    family = "monospace" if "Mono" in font else "serif" if "Serif" in font else ""
    assert (face.family, face.bold) == (family, "Bold" in font)
    leans = "Italic" in font or "Oblique" in font
    assert face.slant == pytest.approx(11 if leans else 0, abs=3)
    assert face.stretch == 0, "no face of DejaVu is narrow: its condensed ones are as wide as others are usually"


@pytest.mark.parametrize("wide", [0.6, 1.6])
@pytest.mark.parametrize("words", WORDS)
def test_narrow_lettering_stays_narrow(words: str, wide: float) -> None:
    own = face_of(sign("DejaVuSans", words, np.float32([[1, 0], [0, 1]])))
    face = face_of(sign("DejaVuSans", words, np.float32([[min(wide, 1), 0], [0, min(1, 1 / wide)]])))
    assert own.stretch == 0
    assert face.stretch == pytest.approx(1.07 * wide, rel=0.1), "DejaVu is 1.07 times as wide as the plain sans serif"


@pytest.mark.parametrize("degrees", [-14, 12])
def test_on_a_wall_seen_from_the_side_stems_stay_upright_while_the_line_falls(degrees: int) -> None:
    fall = np.tan(np.radians(degrees))
    setting = measured(*sign("DejaVuSans", "OPEN DAILY", np.float32([[0.9, 0], [0.9 * fall, 1]])))
    assert setting.angle == pytest.approx(degrees, abs=1.5)
    assert setting.face.slant == pytest.approx(-degrees, abs=3.5)
    begins = np.array([WIDTH / 2, HEIGHT / 2]) + np.array([[0.9, 0], [0.9 * fall, 1]]) @ [
        63 - WIDTH / 2,
        120 - HEIGHT / 2,
    ]
    assert setting.origin == pytest.approx(begins, abs=3.5), "where its baseline begins, however it leans"


@pytest.mark.parametrize("cap_px", [16, 20])
@pytest.mark.parametrize("font", list(FACES))
def test_small_lettering_keeps_its_weight(font: str, cap_px: int) -> None:
    """In a picture as soft as a lens draws it."""
    sharp = sign(font, "LAUNCH PAD", cap_px=cap_px)
    soft = np.float32(cv2.GaussianBlur(sharp.pixels, (0, 0), 0.6))
    assert face_of(Sign(soft, sharp.line)).bold == ("Bold" in font)


def test_of_what_is_tiny_nothing_is_told() -> None:
    assert face_of(sign("DejaVuSerif-BoldItalic", "OPEN DAILY", cap_px=12)) == PLAIN


@pytest.mark.parametrize("angle", [0.0, -20.0])
def test_its_pixels_lean_and_are_as_wide_as_the_old_ones(angle: float) -> None:
    drawn = {
        face: shown("HHHH", 60, (120, 140), angle, 260, 500, face)
        for face in (PLAIN, Face(slant=20), Face(stretch=0.5), Face(bold=True))
    }
    plain, leaning, narrow, bold = (np.argwhere(one > 0.5) for one in drawn.values())
    back = np.radians(angle)
    along = np.array([np.sin(back), np.cos(back)])
    across = np.array([np.cos(back), -np.sin(back)])

    def extent(points: NDArray[np.intp], way: NDArray[np.float64]) -> float:
        return float(np.ptp(points @ way))

    assert extent(narrow, along) == pytest.approx(extent(plain, along) / 2, abs=3)
    assert extent(leaning, along) - extent(plain, along) == pytest.approx(np.tan(np.radians(20)) * 0.73 * 60, abs=4)
    assert extent(leaning, across) == pytest.approx(extent(plain, across), abs=3)
    assert len(bold) > 1.3 * len(plain)
    top = (leaning @ across) < np.quantile(leaning @ across, 0.1)
    assert (leaning[top] @ along).min() > (leaning[~top] @ along).min() + 8, "its tops lie further to the right"
