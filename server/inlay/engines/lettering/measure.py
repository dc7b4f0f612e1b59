"""How a line of lettering is set: its colour, the size of its type and where its baseline begins, from its pixels."""

from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.engines.eyes.lettering import Line
from inlay.engines.eyes.squares import Floats, floats
from inlay.engines.lettering.face import ASCENT, LETTERS_PX, PLAIN, X_HEIGHT, Face, face_of, slant_of
from inlay.engines.lettering.render import width_of

_TALL = frozenset("bdfhklt()[]{}|/\\!?&%$#@\"'")
_TILTS = tuple(float(step) / 4 for step in range(-12, 13))
"""Degrees by which a box may be off."""

_SOME = 0.1
"""Of the row with the most ink: a row with less is a tip, or a speck."""

_UPPER = 0.5
"""Of a line's height: no baseline is above."""

_INK, _SURE_INK = 0.5, 0.75
"""Of the way from the ground to the strongest ink: from here on it is a letter; from here on its colour is the ink's own."""

_LEAST_STRIP_PX = 24


class Setting(NamedTuple):
    """How a line is set.

    size_px: the em. angle: degrees, clockwise as seen. color: sRGB, 0..1. origin: x, y where the baseline begins. width_px: from
    the first letter to the last. ink: the picture's size, 0..1: where letters are. face: what kind it is set in.
    """

    size_px: float
    angle: float
    color: tuple[float, float, float]
    origin: tuple[float, float]
    width_px: float
    ink: Floats
    face: Face = PLAIN


def measured(pixels: Floats, line: Line) -> Setting:
    """How `line` is set in a picture, height x width x 3, float32, sRGB."""
    high = max(_LEAST_STRIP_PX, round(line.height_px))
    line = _levelled(pixels, line, high)
    strip = line.straight(pixels, high)
    ground = np.median(np.concatenate([strip[:2].reshape(-1, 3), strip[-2:].reshape(-1, 3)]), axis=0)
    away = np.linalg.norm(strip - ground, axis=2)
    strongest = max(float(np.percentile(away, 98)), 1e-3)
    letters = away > _INK * strongest
    ink = letters.sum(axis=1)
    rows = np.flatnonzero(ink > _SOME * ink.max())
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    base = _baseline(letters, top, bottom)
    em = (base - top) / _above(line.words)
    scale = line.height_px / high
    size_px = float(em * scale)
    large = _letters(pixels, line, size_px, ground, strongest)
    slant = slant_of(large, size_px)
    down, across = np.nonzero(letters)
    upright = across - np.tan(np.radians(slant)) * (base - down)
    left, right = float(upright.min()), float(upright.max()) + 1
    width_px = (right - left) * scale
    natural_px = width_of(line.words, size_px)
    sure = strip[away > _SURE_INK * strongest]
    color = np.clip(np.median(sure if len(sure) else strip[letters], axis=0), 0, 1)
    along = (line.quad[1] - line.quad[0]) / max(line.width_px, 1e-6)
    below = (line.quad[3] - line.quad[0]) / max(line.height_px, 1e-6)
    origin = line.quad[0] + along * left * scale + below * base * scale
    return Setting(
        size_px,
        line.angle,
        (float(color[0]), float(color[1]), float(color[2])),
        (float(origin[0]), float(origin[1])),
        width_px,
        _ink(pixels, line, ground, strongest),
        face_of(large, line.words, size_px, slant, width_px / natural_px if natural_px else 1.0),
    )


def _letters(pixels: Floats, line: Line, size_px: float, ground: Floats, strongest: float) -> Floats:
    """0..1, the line laid level, in which capitals are LETTERS_PX high."""
    strip = line.straight(pixels, round(line.height_px * LETTERS_PX / (ASCENT * size_px)))
    return floats(np.clip(np.linalg.norm(strip - floats(ground), axis=2) / strongest, 0, 1))


def hex_of(color: tuple[float, float, float]) -> str:
    """`#RRGGBB` of sRGB 0..1."""
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, part))):02X}" for part in color)


def _levelled(pixels: Floats, line: Line, high: int) -> Line:
    """The line turned about its middle so that its letters stand on one row, where it was a few degrees off."""
    strip = line.straight(pixels, high)
    ground = np.median(np.concatenate([strip[:2].reshape(-1, 3), strip[-2:].reshape(-1, 3)]), axis=0)
    away = np.linalg.norm(strip - ground, axis=2)
    down, across = np.nonzero(away > _INK * max(float(np.percentile(away, 98)), 1e-3))
    offset = across - strip.shape[1] / 2
    beyond = 2 + int(np.tan(np.radians(_TILTS[-1])) * strip.shape[1] / 2)

    def evenness(degrees: float) -> float:
        rows = np.round(down - np.tan(np.radians(degrees)) * offset).astype(np.int64)
        ink = np.bincount(rows + beyond, minlength=high + 2 * beyond).astype(np.float64)
        return float(np.square(np.diff(ink)).sum())

    tilt = max(sorted(_TILTS, key=abs), key=evenness)
    cos, sin = np.cos(np.radians(tilt)), np.sin(np.radians(tilt))
    middle = line.quad.mean(axis=0)
    return replace(line, quad=floats((line.quad - middle) @ floats([[cos, sin], [-sin, cos]]) + middle))


def _above(words: str) -> float:
    """How far the letters of these words reach above the baseline, in em."""
    tall = any(letter.isupper() or letter.isdigit() or letter in _TALL or ord(letter) > 0x2E80 for letter in words)
    return ASCENT if tall else X_HEIGHT


def _baseline(letters: NDArray[np.bool_], top: int, bottom: int) -> int:
    """The row below which the most ink ends: few letters reach further down."""
    ink = np.concatenate([letters.sum(axis=1), [0, 0, 0]]).astype(np.int64)
    first = top + round(_UPPER * (bottom - top))
    return first + int(np.argmax(ink[first - 1 : bottom] - ink[first + 1 : bottom + 2]))


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
