"""What kind of face a line is set in, from its letters: serifs, one width for all, weight, slant and width.

No font is recognised. An editor's own fonts have these classes under generic names (CSS Fonts 4, "Generic font families").
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.engines.eyes.squares import Floats, floats

Flags = NDArray[np.bool_]

ASCENT, X_HEIGHT = 0.73, 0.53
"""Of an em, as usual sans serifs have them (Arial 0.716, 0.519; DejaVu Sans 0.729, 0.547)."""
SERIF, MONOSPACE = "serif", "monospace"
LEAST_PX = 14
"""Of capitals in the picture: of smaller ones nothing is told."""
SOFT_PX = 1.3
"""How much softness widens a stem that is seen, in the picture: small lettering looks bolder than it is."""
LETTERS_PX = 96
"""As high capitals are looked at."""
SLANTS = tuple(float(step) for step in range(-30, 31))
STANDS = 3.0
"""Degrees below which letters stand upright."""
BOLD = 0.17
"""Of the height of capitals, a stem's width from which on a face is bold. Of DejaVu's 22 faces the others have at most 0.14, the
bold ones 0.2 and more."""
CONTRAST, BOLD_CONTRAST = 1.33, 2.0
"""Stems by bars, from which on a face is one with serifs. Of DejaVu: without at most 1.2, and bold 1.44; with at
least 1.47, and 2.5. A face whose serifs are as thick as its stems is taken for one without."""
ONE_WIDTH = 0.075
"""Of a letter's room: so far off its middle the letters of a face with one width may lie."""
PEAK = 3
"""Lengths so far from the commonest one are its own, seen a little longer or shorter."""
FEWEST = 5
"""Letters that tell whether they all have one width."""
USUAL_WIDTH = (0.8, 1.3)
"""Of what a plain sans serif takes (DejaVu's faces: 0.94 to 1.28): what is within is set in its natural width."""


class Face(NamedTuple):
    """family: a generic one, empty for a plain sans serif. slant: degrees by which stems lean to the right, from upright on the
    baseline. stretch: how wide it is, of its natural width; 0: that."""

    family: str = ""
    bold: bool = False
    slant: float = 0.0
    stretch: float = 0.0


PLAIN = Face()


def face_of(letters: Floats, words: str, size_px: float, slant: float, width: float) -> Face:
    """letters: height x width, 0..1, a line laid level, in which capitals are LETTERS_PX high. size_px: of its em, in the picture.
    slant: as `slant_of` says. width: of its words, of what a plain sans serif takes for them."""
    if size_px * ASCENT < LEAST_PX or not words.strip():
        return PLAIN
    upright = _sheared(letters, -slant) > 0.5
    stem, bar = _thickness(upright), _thickness(upright.T)
    if not stem or not bar:
        return PLAIN
    bold = bool(stem > np.hypot(BOLD, SOFT_PX / (size_px * ASCENT)) * LETTERS_PX)
    contrast = BOLD_CONTRAST if bold else CONTRAST
    family = MONOSPACE if _has_one_width(upright, words) else SERIF if stem > contrast * bar else ""
    is_usual = family == MONOSPACE or USUAL_WIDTH[0] < width < USUAL_WIDTH[1]
    return Face(family, bold, slant, 0.0 if is_usual else width)


def slant_of(letters: Floats, size_px: float) -> float:
    """Degrees by which stems lean to the right: upright, most ink begins and ends in few columns. Arguments as in `face_of`."""
    if size_px * ASCENT < LEAST_PX:
        return 0.0

    def evenness(degrees: float) -> float:
        return float(np.square(np.diff(_sheared(letters, -degrees).sum(0))).sum())

    slant = max(sorted(SLANTS, key=abs), key=evenness)
    return slant if abs(slant) > STANDS else 0.0


def _sheared(letters: Floats, degrees: float) -> Floats:
    """Leaning that much further to the right."""
    height, width = letters.shape
    lean = float(np.tan(np.radians(degrees)))
    onto = floats([[1, -lean, lean * height / 2], [0, 1, 0]])
    return floats(cv2.warpAffine(letters, onto, (width, height), flags=cv2.INTER_LINEAR))


def _thickness(letters: Flags) -> float:
    """The commonest length, along rows, of what is ink: of stems, where letters stand upright; 0 without any."""
    padded = np.pad(letters, ((0, 0), (1, 1))).astype(np.int8).ravel()
    steps = np.diff(padded)
    lengths = np.flatnonzero(steps < 0) - np.flatnonzero(steps > 0)
    lengths = lengths[(lengths > 2) & (lengths < LETTERS_PX * 0.45)]
    if not len(lengths):
        return 0.0
    count = cv2.GaussianBlur(np.bincount(lengths, minlength=LETTERS_PX).astype(np.float32)[None], (0, 0), 1.2)[0]
    near = np.arange(max(0, int(count.argmax()) - PEAK), min(len(count), int(count.argmax()) + PEAK + 1))
    return float(np.average(near, weights=count[near]))


def _has_one_width(letters: Flags, words: str) -> bool:
    """Whether letter after letter the next one stands as far on."""
    ink = np.concatenate([[False], letters.any(0), [False]])
    begins, ends = np.flatnonzero(ink[1:] & ~ink[:-1]), np.flatnonzero(ink[:-1] & ~ink[1:])
    at = np.array([number for number, letter in enumerate(words.strip()) if not letter.isspace()])
    if len(begins) != len(at) or len(at) < FEWEST:
        return False
    middles = (begins + ends) / 2
    room, first = np.polyfit(at, middles, 1)
    return bool(np.abs(middles - first - room * at).max() < 2 * ONE_WIDTH * room)
