"""Where one word ends and the next begins, in lines painted in DejaVu's faces, close and wide, small and large."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from skimage import data

from inlay.engines.eyes.lettering import Lettering, Line
from support.eyes import eyes

FONTS = sorted(Path("/usr/share/fonts").rglob("DejaVuS*.ttf"))
WORDS = ["OPEN DAILY", "MAIN STREET", "Corner Bakery", "LAUNCH PAD", "illumination", "AVIATION"]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FONTS, reason="DejaVu's fonts are not installed (apt install fonts-dejavu-extra)"),
]


def read(lettering: Lettering, words: str, font: Path, em_px: int, spacing: float) -> Line:
    """What is read where the words are painted into a photograph. spacing: of an em, beside what the face has."""
    face = ImageFont.truetype(str(font), em_px)
    picture = Image.fromarray(data.rocket()).resize((820, 540))
    draw, x = ImageDraw.Draw(picture), 40.0
    for letter in words:
        draw.text((x, 140), letter, (245, 240, 225), face, anchor="ls")
        x += face.getlength(letter) + spacing * em_px
    left, right, top, bottom = 40 - 0.3 * em_px, x + 0.2 * em_px, 140 - 0.95 * em_px, 140 + 0.4 * em_px
    return lettering.line(np.asarray(picture), np.float32([[left, top], [right, top], [right, bottom], [left, bottom]]))


def test_words_are_read_with_the_spaces_that_are_between_them_and_none_within() -> None:
    lettering = Lettering(eyes("text").place("text"))
    lines = left_out = too_many = 0
    for number, ((at, font), words) in enumerate(product(enumerate(FONTS), WORDS)):
        em_px, spacing = (20, 33, 58)[number % 3], (-0.02, 0.0, 0.09, 0.2)[(number + at) % 4]
        line = read(lettering, words, font, em_px, spacing)
        if line.words.replace(" ", "") == words.replace(" ", ""):
            lines += 1
            left_out += max(0, words.count(" ") - line.words.count(" "))
            too_many += max(0, line.words.count(" ") - words.count(" "))
    assert lines > 115, "so many are read right but for spaces"
    assert left_out <= 5, f"of {lines} lines; by the reader alone it were 9"
    assert too_many == 0, f"of {lines} lines"
