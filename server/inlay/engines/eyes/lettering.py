"""Lettering: lines of it, their words, and how sure the reader is of them, which falls as letters bend.

PP-OCRv5 mobile (arXiv 2507.05595): DBNet finds (arXiv 1911.08947), a CTC network reads one line at a time. Needs OpenCV 5.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.engines.eyes.squares import Floats, batch, floats, rgb_of
from inlay.errors import Unsupported

NAME = "text"
OPENCV = 5
LONGEST_PX, SHORTEST_PX, MOST_ENLARGED = 1600, 736, 2.0
"""The finder sees a picture with its longer side at most, and its shorter one at least so long, if it takes no more than that."""

_MULTIPLE = 32
_MEAN, _SPREAD = floats([0.485, 0.456, 0.406]), floats([0.229, 0.224, 0.225])
_LETTER, _LINE = 0.3, 0.6
"""Likelihoods from which a pixel is lettering, and from which a spot of such pixels is a line (PP-OCRv5's own settings)."""

_UNCLIP = 1.5
"""The finder sees lines shrunk; they are grown by this share of area by perimeter."""

LINE_PX = 48
_LEAST_WIDTH, _MOST_WIDTH = 320, 3200
GARBLED = 0.8
"""A line that is read less surely is taken to be garbled (tests/unit/engines/eyes/test_eyes.py bends letters)."""

_SPACE, _TILT = 0.7, 12.0
"""Between the words of a line, of its height, which is the letters' and some more; and degrees between them."""

_HALF_HEARD, _CLEARLY_WIDER = 0.05, 0.18
"""How likely a space has to be, and by how much of the line's height a gap has to be wider than its usual one, to be a space that
the reader left out."""

_INK = 0.5
"""Of the way from the ground to the strongest ink."""

_STEP_PX = 8
"""Of a strip's columns, from one answer of the reader to the next."""

_SPECK_PX = 4
"""What the finder sees lower than this is no lettering."""

_UPRIGHT = 1.5
"""A line that is so many times as high as wide is read turned."""


@dataclass(frozen=True)
class Line:
    """One line of lettering.

    quad: 4 x 2, the picture's pixels: from where the reading begins, at the top, clockwise. words: as read. confidence:
    0..1, of the reader.
    """

    quad: Floats
    words: str
    confidence: float

    @property
    def is_garbled(self) -> bool:
        return self.confidence < GARBLED

    @property
    def height_px(self) -> float:
        """Across the reading direction."""
        sides = np.linalg.norm(self.quad[[3, 2]] - self.quad[[0, 1]], axis=1)
        return float(sides.mean())

    @property
    def width_px(self) -> float:
        """Along the reading direction."""
        sides = np.linalg.norm(self.quad[[1, 2]] - self.quad[[0, 3]], axis=1)
        return float(sides.mean())

    @property
    def angle(self) -> float:
        """Degrees by which the reading direction is turned from level, clockwise as seen; -180..180."""
        along = self.quad[1] + self.quad[2] - self.quad[0] - self.quad[3]
        return float(np.degrees(np.arctan2(along[1], along[0])))

    def straight(self, pixels: Floats, height_px: int) -> Floats:
        """The line cut out and laid level, height_px high. pixels: height x width x channels."""
        width = max(1, round(height_px * self.width_px / max(self.height_px, 1e-6)))
        target = floats([[0, 0], [width, 0], [width, height_px], [0, height_px]])
        onto = cv2.getPerspectiveTransform(self.quad + np.float32(0.5), target)
        shift = floats([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]])
        back = floats([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
        matrix = shift @ onto @ back
        size = (width, height_px)
        return floats(cv2.warpPerspective(pixels, matrix, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE))


class Lettering:
    """The networks, loaded. folder: where `inlay models pull text` put them. Raises Unsupported below OpenCV 5."""

    def __init__(self, folder: Path) -> None:
        if int(cv2.__version__.partition(".")[0]) < OPENCV:
            raise Unsupported(f"reading text needs OpenCV {OPENCV}, this is {cv2.__version__}", field="model")
        self._finder = cv2.dnn.readNetFromONNX(str(folder / "ppocrv5_det.onnx"))
        self._reader = cv2.dnn.readNetFromONNX(str(folder / "ppocrv5_rec.onnx"))
        self._letters = (folder / "ppocr_keys_v5.txt").read_text("utf-8").removesuffix("\n").split("\n")

    def read(self, pixels: NDArray[np.generic]) -> list[Line]:
        """The lines in a picture, from the top down.

        pixels: height x width x 3, uint8, uint16 or float 0..1, sRGB-encoded.
        """
        rgb = rgb_of(pixels)
        lines = [self.line(rgb, quad) for quad in self.find(rgb)]
        return sorted((line for line in lines if _says_something(line)), key=lambda line: float(line.quad[:, 1].min()))

    def find(self, pixels: NDArray[np.generic]) -> list[Floats]:
        """The quads of lines, each 4 x 2 as `Line` has it but for which way it is read."""
        rgb = rgb_of(pixels)
        height, width = rgb.shape[:2]
        enlarged = min(MOST_ENLARGED, max(1.0, SHORTEST_PX / min(height, width)))
        scale = min(enlarged, LONGEST_PX / max(height, width))
        size = [max(_MULTIPLE, round(side * scale / _MULTIPLE) * _MULTIPLE) for side in (width, height)]
        resized = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
        self._finder.setInput(batch((resized[..., ::-1] - _MEAN) / _SPREAD))
        likely = floats(self._finder.forward()).reshape(size[1], size[0])
        back = floats([width / size[0], height / size[1]])
        return joined([quad * back - np.float32(0.5) for quad in _quads(likely)])

    def line(self, pixels: NDArray[np.generic], quad: Floats) -> Line:
        """What stands in a quad; where it makes no sense one way, the other way round is tried."""
        rgb = rgb_of(pixels)
        line = Line(quad, "", 0.0)
        if line.height_px > _UPRIGHT * line.width_px:
            quad = np.roll(quad, 1, axis=0)
        tried: list[Line] = []
        for turned in (quad, np.roll(quad, 2, axis=0)):
            words, confidence = self._words(Line(turned, "", 0.0).straight(rgb, LINE_PX))
            tried.append(Line(turned, words, confidence))
            if confidence >= GARBLED:
                break
        first, *other = tried
        return max(tried, key=lambda one: one.confidence) if other and other[0].confidence >= GARBLED else first

    def _words(self, strip: Floats) -> tuple[str, float]:
        """Words and the mean likelihood of their letters. strip: 48 x width x 3."""
        width = min(max(strip.shape[1], 1), _MOST_WIDTH)
        strip = floats(cv2.resize(strip, (width, LINE_PX))) if width != strip.shape[1] else strip
        padded = np.zeros((LINE_PX, max(_LEAST_WIDTH, -(-width // 32) * 32), 3), np.float32)
        padded[:, :width] = strip[..., ::-1] * 2 - 1
        self._reader.setInput(batch(padded))
        seen = self._reader.forward().reshape(-1, len(self._letters))
        best, sure = seen.argmax(axis=1), seen.max(axis=1)
        new = (best != 0) & (best != np.concatenate([[0], best[:-1]]))
        words = [self._letters[at] for at in best[new]]
        spaced = _spaced(strip, words, np.flatnonzero(new), floats(seen[:, self._letters.index(" ")]))
        return spaced, float(sure[new].mean()) if new.any() else 0.0


def _spaced(strip: Floats, letters: list[str], steps: NDArray[np.intp], spaces: Floats) -> str:
    """The letters that were read, with a space where the reader half heard one and the gap is clearly wider than they usually are.

    steps: of the reader's answer, where each letter begins. spaces: how likely a space is, at each step.
    """
    begins, ends = _gaps(strip)
    widths = np.zeros(max(len(letters) - 1, len(begins)), np.int64)
    widths[: len(begins)] = np.sort(ends - begins)[::-1]
    usual = float(np.median(widths[: len(letters) - 1])) if len(letters) > 1 else 0.0
    words = letters[:1]
    for letter, before, here in zip(letters[1:], steps[:-1], steps[1:], strict=True):
        heard = spaces[before + 1 : here]
        if " " not in (letter, words[-1]) and len(heard) and heard.max() > _HALF_HEARD:
            at = _STEP_PX * (before + 1 + int(heard.argmax()))
            near = (begins < at + 2 * _STEP_PX) & (ends > at - _STEP_PX)
            wide = (ends - begins)[near].max(initial=0)
            words.append(" " * bool(wide - usual > _CLEARLY_WIDER * LINE_PX))
        words.append(letter)
    return "".join(words)


def _gaps(strip: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The columns at which what is without ink between two letters begins, and ends."""
    ground = np.median(np.concatenate([strip[:2].reshape(-1, 3), strip[-2:].reshape(-1, 3)]), axis=0)
    away = np.linalg.norm(strip - ground, axis=2)
    ink = np.pad((away > _INK * max(float(np.percentile(away, 98)), 1e-3)).any(axis=0), 1).astype(np.int8)
    steps = np.diff(ink)
    return np.flatnonzero(steps < 0)[:-1], np.flatnonzero(steps > 0)[1:]


def _says_something(line: Line) -> bool:
    """A single letter that is not sure is a speck."""
    return len(line.words.strip()) > 1 or bool(line.words.strip() and line.confidence > GARBLED)


def _quads(likely: Floats) -> list[Floats]:
    """Lines in the finder's answer, in its own pixels."""
    spots, _ = cv2.findContours((likely > _LETTER).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    quads: list[Floats] = []
    for spot in spots:
        middle, (width, height), angle = cv2.minAreaRect(spot)
        if min(width, height) < _SPECK_PX or _likelihood(likely, np.asarray(spot, np.int32)) < _LINE:
            continue
        grow = 2 * _UNCLIP * width * height / (2 * (width + height))
        corners = cv2.boxPoints((middle, (width + grow, height + grow), angle))
        quads.append(_ordered(np.asarray(corners, np.float32)))
    return quads


def joined(quads: list[Floats]) -> list[Floats]:
    """Words that stand beside each other as one line: as high, level with each other, and no further apart than a wide space."""
    lines = sorted(quads, key=lambda quad: float(quad[:, 0].min()))
    at = 0
    while at < len(lines):
        after = next((one for one in range(at + 1, len(lines)) if _goes_on(lines[at], lines[one])), None)
        if after is None:
            at += 1
            continue
        both = np.concatenate([lines[at], lines.pop(after)])
        lines[at] = _ordered(np.asarray(cv2.boxPoints(cv2.minAreaRect(both)), np.float32))
    return lines


def _goes_on(line: Floats, word: Floats) -> bool:
    one, other = Line(line, "", 0.0), Line(word, "", 0.0)
    if one.height_px > one.width_px or abs(one.angle - other.angle) > _TILT:
        return False
    small, large = sorted((one.height_px, other.height_px))
    along = (line[1] - line[0]) / max(one.width_px, 1e-6)
    from_end = (word[[0, 3]].mean(axis=0) - line[[1, 2]].mean(axis=0)) @ np.stack(
        [along, floats([-along[1], along[0]])], axis=1
    )
    return bool(large < 1.7 * small and -small < from_end[0] < _SPACE * small and abs(from_end[1]) < 0.35 * large)


def _likelihood(likely: Floats, spot: NDArray[np.int32]) -> float:
    left, top, width, height = cv2.boundingRect(spot)
    inside = np.zeros((height, width), np.uint8)
    cv2.fillPoly(inside, [spot.reshape(-1, 2) - np.asarray([left, top])], 1)
    return cv2.mean(likely[top : top + height, left : left + width], inside)[0]


def _ordered(corners: Floats) -> Floats:
    """Clockwise as seen, from the top left one: of the two at the left, the upper."""
    by_x = corners[np.argsort(corners[:, 0])]
    left = by_x[:2][np.argsort(by_x[:2, 1])]
    right = by_x[2:][np.argsort(by_x[2:, 1])]
    return floats([left[0], right[0], right[1], left[1]])
