"""How a line of lettering is set: its colour, the size of its type and where its baseline begins, from its pixels."""

from typing import NamedTuple

import cv2
import numpy as np

from inlay.engines.eyes.lettering import Line
from inlay.engines.eyes.squares import Floats, floats

ASCENT, X_HEIGHT, DESCENT = 0.73, 0.53, 0.21
"""Of an em, as usual sans serifs have them (Arial 0.716, 0.519, 0.210; DejaVu Sans 0.729, 0.547, 0.236)."""

_TALL = frozenset("bdfhklt()[]{}|/\\!?&%$#@\"'")
_DEEP = frozenset("gjpqy,;()[]{}|@Q$")
_INK, _SURE_INK = 0.5, 0.75
"""Of the way from the ground to the strongest ink: from here on it is a letter; from here on its colour is the ink's own."""

_LEAST_STRIP_PX = 24


class Setting(NamedTuple):
    """How a line is set.

    size_px: the em. color: sRGB, 0..1. origin: x, y where the baseline begins. width_px: from the first letter to the last. ink:
    the picture's size, 0..1: where letters are.
    """

    size_px: float
    color: tuple[float, float, float]
    origin: tuple[float, float]
    width_px: float
    ink: Floats


def measured(pixels: Floats, line: Line) -> Setting:
    """How `line` is set in a picture, height x width x 3, float32, sRGB."""
    high = max(_LEAST_STRIP_PX, round(line.height_px))
    strip = line.straight(pixels, high)
    ground = np.median(np.concatenate([strip[:2].reshape(-1, 3), strip[-2:].reshape(-1, 3)]), axis=0)
    away = np.linalg.norm(strip - ground, axis=2)
    strongest = max(float(np.percentile(away, 98)), 1e-3)
    letters = away > _INK * strongest
    rows, columns = np.flatnonzero(letters.any(axis=1)), np.flatnonzero(letters.any(axis=0))
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    above, below = _reach(line.words)
    em = (bottom - top) / (above + below)
    scale = line.height_px / high
    sure = strip[away > _SURE_INK * strongest]
    color = np.clip(np.median(sure if len(sure) else strip[letters], axis=0), 0, 1)
    along = (line.quad[1] - line.quad[0]) / max(line.width_px, 1e-6)
    down = (line.quad[3] - line.quad[0]) / max(line.height_px, 1e-6)
    origin = line.quad[0] + along * left * scale + down * (bottom - below * em) * scale
    return Setting(
        float(em * scale),
        (float(color[0]), float(color[1]), float(color[2])),
        (float(origin[0]), float(origin[1])),
        (right - left) * scale,
        _ink(pixels, line, ground, strongest),
    )


def hex_of(color: tuple[float, float, float]) -> str:
    """`#RRGGBB` of sRGB 0..1."""
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, part))):02X}" for part in color)


def _reach(words: str) -> tuple[float, float]:
    """How far the letters of these words reach above and below the baseline, in em."""
    tall = any(letter.isupper() or letter.isdigit() or letter in _TALL or ord(letter) > 0x2E80 for letter in words)
    return ASCENT if tall else X_HEIGHT, DESCENT if any(letter in _DEEP for letter in words) else 0.0


def _ink(pixels: Floats, line: Line, ground: Floats, strongest: float) -> Floats:
    """Where the line's letters and their soft edges are in the picture, and a little around them."""
    height, width = pixels.shape[:2]
    inside = np.zeros((height, width), np.uint8)
    middle = line.quad.mean(axis=0)
    grown = (line.quad - middle) * floats([1.0 + 0.3 * line.height_px / line.width_px, 1.15]) + middle
    if line.height_px > line.width_px or abs(line.angle) > 10:
        grown = (line.quad - middle) * 1.1 + middle
    cv2.fillPoly(inside, [np.round(grown * 8).astype(np.int32)], 1, cv2.LINE_8, 3)
    away = np.linalg.norm(pixels - floats(ground), axis=2)
    letters = ((away > 0.2 * strongest) & (inside > 0)).astype(np.uint8)
    reach = max(2, round(0.06 * line.height_px))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    spread = cv2.GaussianBlur(floats(cv2.dilate(letters, disc)), (0, 0), 0.8)
    return floats(np.clip(spread * 1.5, 0, 1))
