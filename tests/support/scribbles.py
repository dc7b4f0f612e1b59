"""A transparent layer to scribble on, with Pillow, and what the scribbles mean."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

FINER = 4
"""Drawn so much larger and made small again: soft edges, as a brush has them."""


class Sheet:
    """pixels: height x width x 3 float32, the colours; shows: height x width float32, how opaque.

    Each call draws and says, height x width bool, what it covers or encloses.
    """

    def __init__(self, width: int, height: int) -> None:
        self.size = (width, height)
        self.pixels = np.zeros((height, width, 3), np.float32)
        self.shows = np.zeros((height, width), np.float32)

    @property
    def rgba(self) -> np.ndarray:
        """height x width x 4, 0..1."""
        return np.dstack([self.pixels, self.shows])

    def line(self, points: Sequence[tuple[float, float]], color: str, width: float) -> np.ndarray:
        large, draw = self._larger()
        scaled = [(x * FINER, y * FINER) for x, y in points]
        draw.line(scaled, fill=255, width=round(width * FINER), joint="curve")
        for x, y in scaled:
            reach = width * FINER / 2
            draw.ellipse([x - reach, y - reach, x + reach, y + reach], fill=255)
        return self._laid(large, color) > 0.5

    def circle(
        self,
        middle: tuple[float, float],
        across: float,
        down: float,
        color: str,
        width: float,
        drawn: float = 1.0,
        wobble: float = 0.0,
    ) -> np.ndarray:
        turns = np.linspace(0, 2 * np.pi * drawn, 120)
        reach = wobble * np.sin(5 * turns)
        points = [
            (middle[0] + (across + by) * np.cos(turn), middle[1] + (down + by) * np.sin(turn))
            for turn, by in zip(turns, reach, strict=True)
        ]
        covered = self.line(points, color, width)
        large, draw = self._larger()
        draw.polygon([(x * FINER, y * FINER) for x, y in points], fill=255)
        return covered | (_small(large, self.size) > 0.5)

    def arrow(
        self, tail: tuple[float, float], way: float, length: float, color: str, width: float, filled: bool
    ) -> tuple[float, float]:
        """Where its tip is. way: degrees, clockwise as seen."""
        turn = np.radians(way)
        tip = (tail[0] + length * np.cos(turn), tail[1] + length * np.sin(turn))
        barb = max(5 * width, 30)
        ends = [(tip[0] - barb * np.cos(turn + side), tip[1] - barb * np.sin(turn + side)) for side in (-0.5, 0.5)]
        if filled:
            large, draw = self._larger()
            draw.polygon([(x * FINER, y * FINER) for x, y in (tip, *ends)], fill=255)
            self._laid(large, color)
            short = length - 0.8 * barb
            self.line([tail, (tail[0] + short * np.cos(turn), tail[1] + short * np.sin(turn))], color, width)
        else:
            self.line([tail, tip], color, width)
            for end in ends:
                self.line([tip, end], color, width)
        return tip

    def write(self, at: tuple[float, float], words: str, color: str, size_px: float = 40) -> np.ndarray:
        large, draw = self._larger()
        draw.text((at[0] * FINER, at[1] * FINER), words, fill=255, font=ImageFont.load_default(size_px * FINER))
        return self._laid(large, color) > 0.5

    def erase(self, box: tuple[int, int, int, int]) -> None:
        """left, top, right, bottom."""
        left, top, right, bottom = box
        self.shows[top:bottom, left:right] = 0

    def _larger(self) -> tuple[Image.Image, ImageDraw.ImageDraw]:
        large = Image.new("L", (self.size[0] * FINER, self.size[1] * FINER), 0)
        return large, ImageDraw.Draw(large)

    def _laid(self, large: Image.Image, color: str) -> np.ndarray:
        """Over what is there, straight alpha."""
        cover = _small(large, self.size)
        ink = np.array([int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)], np.float32)
        shown = cover + self.shows * (1 - cover)
        share = np.divide(cover, shown, out=np.zeros_like(cover), where=shown > 0)[..., None]
        self.pixels[:] = ink * share + self.pixels * (1 - share)
        self.shows[:] = shown
        return cover


def _small(large: Image.Image, size: tuple[int, int]) -> np.ndarray:
    return np.asarray(large.resize(size, Image.Resampling.BOX), np.float32) / 255
