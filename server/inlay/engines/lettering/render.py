"""Words as pixels, for hosts and files that have no live type: a sans serif, laid along a line's baseline."""

from functools import cache
from typing import Any

import cv2
import numpy as np

from inlay.engines.eyes.squares import Floats, floats
from inlay.engines.lettering.face import ASCENT, PLAIN, Face

_TRIED_PX = 100
WEIGHTS = (400, 700)
"""Of OpenCV's sans serif, which is a variable one: regular and bold."""


def shown(
    words: str,
    size_px: float,
    origin: tuple[float, float],
    angle: float,
    height: int,
    width: int,
    face: Face = PLAIN,
) -> Floats:
    """How much of each pixel the words cover: height x width, 0..1.

    size_px: of an em. origin: where the baseline begins. angle: degrees, clockwise as seen. face: its weight, slant and width.
    """
    drawn_px = max(4, round(size_px))
    strip, baseline, left = _strip(words, drawn_px, face.bold)
    scale = size_px / drawn_px
    cos, sin = scale * np.cos(np.radians(angle)), scale * np.sin(np.radians(angle))
    wide, lean = face.stretch or 1.0, -float(np.tan(np.radians(face.slant)))
    upright = np.array([[cos * wide, cos * lean - sin], [sin * wide, sin * lean + cos]])
    onto = floats(np.column_stack([upright, np.asarray(origin) - upright @ np.array([left, baseline])]))
    return floats(cv2.warpAffine(strip, onto, (width, height), flags=cv2.INTER_LINEAR)) / floats(255)


def width_of(words: str, size_px: float, face: Face = PLAIN) -> float:
    """How long the words are at that size, in pixels."""
    strip, _, _ = _strip(words, _TRIED_PX, face.bold)
    columns = np.flatnonzero(strip.any(axis=0))
    wide = face.stretch or 1.0
    return float(columns[-1] - columns[0] + 1) * wide * size_px / _TRIED_PX if len(columns) else 0.0


def _strip(words: str, size_px: int, bold: bool) -> tuple[Floats, int, int]:
    """Words in white on black, the row of their baseline, and their first column."""
    high, long = 2 * size_px + 8, size_px * (len(words) + 2) + 8
    canvas = np.zeros((high, long, 3), np.uint8)
    baseline, left = round(1.3 * size_px), size_px // 2
    face = _face()
    if face is not None:
        wanted = max(1, round(size_px * _cap_share()))
        cv2.putText(canvas, words, (left, baseline), (255, 255, 255), face, wanted, WEIGHTS[bold])
    else:
        plain: Any = cv2.FONT_HERSHEY_SIMPLEX
        scale = cv2.getFontScaleFromHeight(plain, max(1, round(ASCENT * size_px)))
        thick = max(1, size_px // (6 if bold else 12))
        cv2.putText(canvas, words, (left, baseline), plain, scale, (255, 255, 255), thick, cv2.LINE_AA)
    strip = floats(canvas[..., 0])
    columns = np.flatnonzero(strip.any(axis=0))
    return strip, baseline, int(columns[0]) if len(columns) else left


@cache
def _face() -> Any:
    """OpenCV 5's own sans serif; None before it."""
    made = getattr(cv2, "FontFace", None)
    return made("sans") if made else None


@cache
def _cap_share() -> float:
    """What OpenCV calls a size, by the em whose capitals are as high."""
    canvas = np.zeros((3 * _TRIED_PX, 3 * _TRIED_PX, 3), np.uint8)
    cv2.putText(canvas, "H", (_TRIED_PX, 2 * _TRIED_PX), (255, 255, 255), _face(), _TRIED_PX)
    high = len(np.flatnonzero(canvas.any(axis=(1, 2))))
    return ASCENT * _TRIED_PX / max(1, high)
