"""Reads lettering; takes it away as the classic engine erases; sets it anew as type that the editor can edit."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from inlay.capabilities import Capabilities
from inlay.engines.classic.engine import ClassicEngine
from inlay.engines.eyes import Eyes
from inlay.engines.eyes.lettering import NAME, Lettering, Line
from inlay.engines.eyes.squares import Floats, floats
from inlay.engines.interface import Answer, Layers, Mask, Painting, Progress, Scene, Sheet
from inlay.engines.lettering.facts import LETTERING
from inlay.engines.lettering.measure import Setting, hex_of, measured
from inlay.engines.lettering.render import shown, width_of
from inlay.errors import Unsupported
from inlay.recipe import Recipe, TypeStyle, Verb
from inlay.variation import LiveType, Point

RETYPE, CLEAN, FIND = "retype", "clean", "find"
"""What `options.lettering` may be."""

MOST_LINES = 64
_SELECTED = 0.5
"""Of a line's area, how much must be selected for it to be meant."""

CLEAN_SURFACE = "Clean surface"


class LetteringEngine:
    """What it answers follows from `options.lettering`.

    * retype: a clean surface, and on it a layer of live type for each line: with the words of `options.words`, one line each,
      or else with those that were read.
    * clean: the clean surface alone.
    * find: a selection of the letters.
    """

    def __init__(self, eyes: Eyes) -> None:
        self._eyes = eyes
        self._reader: Lettering | None = None

    def capabilities(self) -> Capabilities:
        return LETTERING

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Answer]:
        """Yield one answer for each variation; they differ in how the surface is continued.

        Raises Unsupported where the network that reads is not here, saying what to type; Cancelled.
        """
        if recipe.verb != Verb.TEXT:
            raise Unsupported(f"the lettering engine cannot {recipe.verb.replace('_', ' ')}", field="verb")
        if self._reader is None:
            self._reader = Lettering(self._eyes.place(NAME))
        progress.check()
        pixels = floats(np.clip(scene.pixels, 0, 1))
        lines = _selected(self._reader.read(pixels), scene.mask)[:MOST_LINES]
        settings = [measured(pixels, line) for line in lines]
        letters = floats(np.max([setting.ink for setting in settings], axis=0)) if lines else floats(scene.mask * 0)
        letters = np.minimum(letters, scene.mask)
        receipt = {"reader_sha256": self._eyes.sha256(NAME), "lines": json.dumps(_told(lines, settings))}
        notes = tuple(_sentence(line, setting) for line, setting in zip(lines, settings, strict=True))
        if not lines or recipe.options.get("lettering") == FIND:
            for variation in range(recipe.sampling.count):
                yield Mask(variation, recipe.sampling.seed_of(variation), letters, notes, receipt)
            return
        erase = replace(recipe, verb=Verb.ERASE, options={})
        for painting in ClassicEngine().paint(replace(scene, mask=letters), erase, progress):
            sheets = [Sheet(CLEAN_SURFACE, np.dstack([painting.pixels, letters]))]
            if recipe.options.get("lettering") != CLEAN:
                scale = scene.size.width / recipe.canvas.window.width
                wanted = (recipe.styled and recipe.styled.type) or TypeStyle()
                typed = _typed(lines, settings, str(recipe.options.get("words", "")), letters.shape, wanted, scale)
                sheets += typed[::-1]  # The first line is the topmost layer, as it is read.
            yield _layers(painting, sheets, notes, receipt)


def _layers(painting: Painting, sheets: list[Sheet], notes: tuple[str, ...], receipt: dict[str, str]) -> Layers:
    told = (*notes, *painting.notes)
    return Layers(painting.variation, painting.seed, tuple(sheets), told, {**painting.receipt, **receipt})


def _selected(lines: Sequence[Line], mask: Floats) -> list[Line]:
    """Those that lie mostly in the selection."""
    import cv2

    found: list[Line] = []
    for line in lines:
        inside = np.zeros(mask.shape, np.uint8)
        cv2.fillPoly(inside, [np.round(line.quad).astype(np.int32)], 1)
        if inside.any() and float(mask[inside > 0].mean()) >= _SELECTED:
            found.append(line)
    return found


def _typed(
    lines: Sequence[Line],
    settings: Sequence[Setting],
    wanted: str,
    size: tuple[int, ...],
    style: TypeStyle,
    scale: float,
) -> list[Sheet]:
    """A sheet of live type for each line that has words; further words than lines go on the last line.

    style: its font, and the least and the largest size, in px of the document, which are scale times as many here.
    """
    given = wanted.strip("\n").split("\n") if wanted.strip() else [line.words for line in lines]
    if len(given) > len(lines):
        given = [*given[: len(lines) - 1], " ".join(given[len(lines) - 1 :])]
    sheets: list[Sheet] = []
    for line, setting, words in zip(lines, settings, given, strict=False):
        if not words.strip():
            continue
        face = setting.face._replace(family=style.font, stretch=0.0) if style.font else setting.face
        long = width_of(words, setting.size_px, face)
        size_px = setting.size_px * min(1.0, setting.width_px / long) if long > 0 else setting.size_px
        size_px = max(style.least_px * scale, min(size_px, style.most_px * scale or size_px))
        cover = shown(words, size_px, setting.origin, setting.angle, size[0], size[1], face)
        ink = np.broadcast_to(floats(setting.color), (*cover.shape, 3))
        live = LiveType(
            words,
            face.family,
            size_px,
            setting.angle,
            hex_of(setting.color),
            Point(*setting.origin),
            tuple(Point(float(x), float(y)) for x, y in line.quad),
            face.bold,
            face.slant,
            face.stretch,
        )
        sheets.append(Sheet(words[:80], floats(np.dstack([ink, cover])), type=live))
    return sheets


def _told(lines: Sequence[Line], settings: Sequence[Setting]) -> list[dict[str, object]]:
    """The lines as JSON values, in the scene's pixels."""
    return [
        {
            "words": line.words,
            "confidence": round(line.confidence, 3),
            "garbled": line.is_garbled,
            "size_px": round(setting.size_px, 1),
            "angle": round(setting.angle, 1),
            "family": setting.face.family,
            "bold": setting.face.bold,
            "slant": round(setting.face.slant, 1),
            "stretch": round(setting.face.stretch, 2),
            "color": hex_of(setting.color),
            "corners": [[round(float(x), 1), round(float(y), 1)] for x, y in line.quad],
        }
        for line, setting in zip(lines, settings, strict=True)
    ]


def _sentence(line: Line, setting: Setting) -> str:
    sure, size = round(100 * line.confidence), round(setting.size_px)
    if line.is_garbled:
        return f"Read, but garbled: {line.words} ({size} px; the reader is {sure} % sure)."
    return f"Read: {line.words} ({size} px; the reader is {sure} % sure)."
