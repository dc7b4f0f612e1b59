"""What a retoucher drew on a layer of marks: circles, strokes, arrows, notes. Each colour is one edit, with its mask and words."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.edit.shapes import Shape, shape_of
from inlay.engines.eyes.lettering import Lettering, Line
from inlay.errors import InvalidInput
from inlay.region import Rect

F32 = NDArray[np.float32]
Flags = NDArray[np.bool_]

FIELD = "inputs.marks"
MOST_MARKS = 12
"""Colours that are told apart, each an edit of its own."""
DRAWN = 0.25
"""From this opacity on something is drawn; what shows less is the soft edge of a brush."""
ALIKE = 24.0
"""Colours that are no further apart (CIE76) are one: a brush's own variation."""
SPECK_PX = 16
"""Fewer pixels than this are no mark."""
SOFT_PX = 1.5
"""Sigma of a mask's edge."""
NOTE = 0.6
"""A note is read at least so surely."""
TIP_PX = 4.0
"""Where an arrow points at nothing that is drawn, so many widths of its line around the tip are meant, and at least `TIP_SHARE` of
its length."""
TIP_SHARE = 0.25


class Mark(NamedTuple):
    """One edit. bounds: in the window. mask: height x width float32 0..1, over `bounds`. color: `#RRGGBB`. words: of its notes."""

    color: str
    bounds: Rect
    mask: F32
    words: str
    kinds: tuple[str, ...]


class Read(NamedTuple):
    """The marks, in the order of their topmost pixels, and the words of notes in colours that mark nothing."""

    marks: tuple[Mark, ...]
    astray: tuple[str, ...]


def read(pixels: F32, shows: F32, reader: Lettering | None) -> Read:
    """pixels: height x width x 3 sRGB, the layer's colours. shows: height x width 0..1, its alpha. reader: of notes, if any.

    Raises InvalidInput where nothing is drawn, or in too many colours.
    """
    drawn = shows >= DRAWN
    if int(drawn.sum()) < SPECK_PX:
        raise InvalidInput(FIELD, "empty", "nothing is drawn on it where the edit looks; draw what shall change")
    x, y, width, height = cv2.boundingRect(drawn.astype(np.uint8))
    box = Rect(x, y, width, height).padded(SPECK_PX).intersection(Rect(0, 0, shows.shape[1], shows.shape[0]))
    drawn, pixels = drawn[box.slices], np.clip(pixels[box.slices], 0, 1)
    colors, owner = _colors(pixels, drawn)
    notes = _notes(shows[box.slices], owner, reader) if reader else []
    found: list[Mark] = []
    astray: list[str] = []
    for number, color in enumerate(colors):
        mine = [(line, letters) for line, letters, whose in notes if whose == number]
        own = owner == number
        for _, letters in mine:
            own &= ~letters
        words = " ".join(line.words.strip() for line, _ in mine)
        mark = _mark(color, _shapes(own), words, box, shows.shape)
        if mark:
            found.append(mark)
        elif words:
            astray.append(words)
    if not found:
        raise InvalidInput(
            FIELD, "only notes", "nothing but notes is drawn on it; circle what they are about, in their colour"
        )
    return Read(tuple(sorted(found, key=lambda mark: (mark.bounds.y, mark.bounds.x))), tuple(astray))


def _colors(pixels: F32, drawn: Flags) -> tuple[list[str], NDArray[np.intp]]:
    """The colours of what is drawn, and which of them each pixel has; -1 where nothing is drawn."""
    lab = np.asarray(cv2.cvtColor(pixels[None][0], cv2.COLOR_RGB2LAB))[drawn]
    left, middles, sizes = lab, [], []
    while len(left) >= SPECK_PX:
        cells, counts = np.unique(np.floor(left / 8).astype(np.int32), axis=0, return_counts=True)
        cell = (cells[int(np.argmax(counts))] + 0.5) * 8
        near = np.linalg.norm(left - cell, axis=1) <= ALIKE
        middle = np.median(left[near], axis=0)
        near |= np.linalg.norm(left - middle, axis=1) <= ALIKE
        middles.append(middle)
        sizes.append(int(near.sum()))
        left = left[~near]
    enough = [middle for middle, size in zip(middles, sizes, strict=True) if size >= max(SPECK_PX, 0.002 * len(lab))]
    if len(enough) > MOST_MARKS:
        raise InvalidInput(
            FIELD, f"{len(enough)} colours", f"at most {MOST_MARKS} are told apart; draw with fewer, and no gradients"
        )
    distance = np.stack([np.linalg.norm(lab - middle, axis=1) for middle in enough])
    owner = np.full(drawn.shape, -1, np.intp)
    owner[drawn] = np.argmin(distance, axis=0)
    rgb = np.asarray(cv2.cvtColor(np.asarray(enough, np.float32)[None], cv2.COLOR_LAB2RGB))[0]
    return [_hex(color) for color in rgb], owner


def _hex(color: F32) -> str:
    return "#" + "".join(f"{round(255 * float(np.clip(value, 0, 1))):02X}" for value in color)


def _notes(shows: F32, owner: NDArray[np.intp], reader: Lettering) -> list[tuple[Line, Flags, int]]:
    """Lines of lettering among the marks, from the top down: with their letters, and their colour."""
    paper = np.repeat((1 - shows)[..., None], 3, axis=2).astype(np.float32)
    count, labels, boxes, _ = cv2.connectedComponentsWithStats((owner >= 0).astype(np.uint8), connectivity=8)
    found: list[tuple[Line, Flags, int]] = []
    for line in reader.read(paper):
        if line.confidence < NOTE or sum(letter.isalpha() for letter in line.words) < 2:
            continue
        inside = np.zeros(owner.shape, np.uint8)
        cv2.fillPoly(inside, [np.round(line.quad).astype(np.int32)], 1)
        shared = np.bincount(labels[inside > 0], minlength=count)
        letters = [one for one in range(1, count) if shared[one] >= 0.6 * boxes[one, cv2.CC_STAT_AREA]]
        if not letters:
            continue
        theirs = np.isin(labels, letters)
        found.append((line, theirs, int(np.bincount(owner[theirs]).argmax())))
    return found


def _shapes(drawn: Flags) -> list[tuple[Rect, Shape]]:
    """Each thing that was drawn in one go, and where it was looked at."""
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(drawn.astype(np.uint8), connectivity=8)
    bounds, found = Rect(0, 0, drawn.shape[1], drawn.shape[0]), []
    for number in range(1, count):
        x, y, width, height, area = (int(value) for value in boxes[number])
        if area < SPECK_PX:
            continue
        room = Rect(x, y, width, height).padded(2 + min(width, height))
        seen = room.intersection(bounds)
        cut = labels[seen.slices] == number
        around = ((seen.y - room.y, room.bottom - seen.bottom), (seen.x - room.x, room.right - seen.right))
        found.append((room, shape_of(np.pad(cut, around))))
    return found


def _mark(
    color: str, shapes: Sequence[tuple[Rect, Shape]], words: str, box: Rect, size: tuple[int, ...]
) -> Mark | None:
    """One colour's shapes as one mask. box: where they were looked for. size: of the window, height and width."""
    if not shapes:
        return None
    window = Rect(0, 0, size[1], size[0])
    areas = [(room, shape.area) for room, shape in shapes if shape.kind != "arrow"]
    for room, arrow in shapes:
        if arrow.kind == "arrow" and not _points_at(areas, room, arrow):
            areas.append(_tip(room, arrow))
    pad = round(4 * SOFT_PX)
    rooms = [room for room, _ in areas]
    whole = Rect.of_edges(
        min(room.x for room in rooms),
        min(room.y for room in rooms),
        max(room.right for room in rooms),
        max(room.bottom for room in rooms),
    ).padded(pad)
    mask = np.zeros((whole.height, whole.width), np.float32)
    for room, area in areas:
        part = mask[room.relative_to(whole).slices]
        np.maximum(part, area, out=part)
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), SOFT_PX), np.float32)
    mask[mask < 1 / 512] = 0
    seen = whole.moved(box.x, box.y).intersection(window)
    if not seen.area:
        return None
    mask = mask[seen.moved(-box.x, -box.y).relative_to(whole).slices]
    if not mask.any():
        return None
    x, y, width, height = cv2.boundingRect((mask > 0).astype(np.uint8))
    tight = Rect(x, y, width, height)
    return Mark(
        color, tight.moved(seen.x, seen.y), mask[tight.slices].copy(), words, tuple(shape.kind for _, shape in shapes)
    )


def _points_at(areas: Sequence[tuple[Rect, Flags]], room: Rect, arrow: Shape) -> bool:
    """Whether an arrow's tip touches something else of its colour, or lies within four half widths of it."""
    near = round(4 * arrow.half_px)
    x, y = round(arrow.tip[0]) + room.x, round(arrow.tip[1]) + room.y
    spot = Rect(x - near, y - near, 2 * near + 1, 2 * near + 1)
    for other, area in areas:
        common = spot.intersection(other)
        if common.area and area[common.relative_to(other).slices].any():
            return True
    return False


def _tip(room: Rect, arrow: Shape) -> tuple[Rect, Flags]:
    """A disc around the tip."""
    length = float(np.hypot(arrow.tip[0] - arrow.tail[0], arrow.tip[1] - arrow.tail[1]))
    radius = max(1, round(max(2 * TIP_PX * arrow.half_px, TIP_SHARE * length)))
    x, y = round(arrow.tip[0]) + room.x, round(arrow.tip[1]) + room.y
    side = 2 * radius + 1
    disc = np.zeros((side, side), np.uint8)
    cv2.circle(disc, (radius, radius), radius, 1, -1)
    return Rect(x - radius, y - radius, side, side), disc > 0
