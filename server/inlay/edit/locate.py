"""Where what an edit saw lies in a picture as it is now: where it was, moved with a crop, or nowhere, and then why.

The host shows part after part of its picture, each as it is asked for: first where it expects the window to be, then where that
would lie in a mirrored or turned picture, and all of it only where neither answers.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay.color.raster import Raster
from inlay.errors import BlobMissing
from inlay.recipe import Canvas
from inlay.region import Rect, Size

PIECE_PX = 8
"""Pixels side by side that are compared as one: a brush stroke changes some of them, a mirrored picture nearly all."""

SAME_SHARE = 0.3
"""From this share of equal pieces on, two pictures may be one that was painted on."""

SURE_SHARE = 0.9
"""From this share on they are, and nothing else has to be looked at."""

ANCHORS = 6
ANCHOR_PX = 24
"""What is looked for in a whole picture: pieces of a window that have the most different bytes."""

GRID = 9
"""They are chosen from so many places across the window, and as many down."""

MOST_PLACES = 8
"""Where so many places begin alike, the picture is too plain to tell them apart."""

Read = Callable[[str], bytes | memoryview]
"""A blob's bytes; raises BlobMissing."""

Pixels = NDArray[np.uint8]
"""Height x width x bytes of a pixel."""


class Located(NamedTuple):
    """What is known so far. Without `offset` and `wanted` it is nowhere."""

    offset: tuple[int, int] | None = None
    """To add to the recipe's coordinates, px."""
    said: tuple[str, ...] = ()
    """Keys of `changed` sentences: what there is to say of the place, or why there is none."""
    wanted: Rect | None = None
    """The part of the picture that has to be seen next."""


class _Form(NamedTuple):
    """A way to turn or mirror a whole picture."""

    said: str
    transposes: bool
    """Whether x and y change places first."""
    flips_x: bool
    flips_y: bool

    def size(self, size: Size) -> Size:
        """The size of a picture afterwards."""
        return Size(size.height, size.width) if self.transposes else size

    def rect(self, rect: Rect, size: Size) -> Rect:
        """Where a part of a picture of this size lies afterwards."""
        if self.transposes:
            rect, size = Rect(rect.y, rect.x, rect.height, rect.width), self.size(size)
        x = size.width - rect.right if self.flips_x else rect.x
        y = size.height - rect.bottom if self.flips_y else rect.y
        return Rect(x, y, rect.width, rect.height)

    def pixels(self, pixels: Pixels) -> Pixels:
        """A picture afterwards."""
        turned = pixels.swapaxes(0, 1) if self.transposes else pixels
        return turned[:: -1 if self.flips_y else 1, :: -1 if self.flips_x else 1]


_FORMS = (
    _Form("mirrored", False, True, False),
    _Form("mirrored", False, False, True),
    _Form("turned_180", False, True, True),
    _Form("turned_90", True, True, False),
    _Form("turned_90", True, False, True),
)


def locate(
    canvas: Canvas,
    document: Size,
    expected: Sequence[Rect],
    veiled: Sequence[Rect],
    parts: Mapping[Rect, Raster],
    read: Read,
) -> Located:
    """Finds the window of `canvas` in a picture that is `document` large now.

    expected: where it may lie, the likeliest first. veiled: where results of later edits lie, which are not compared. parts:
    what the picture shows, as far as the host was asked for it. Raises BlobMissing for a part that is not in the store,
    InvalidInput for one that is not as its raster says.
    """
    if any(_kind(part) != _kind(canvas.source) for part in parts.values()):
        return Located(said=("converted",))
    window, was = canvas.window, canvas.document
    try:
        source = _bytes_of(canvas.source, read)
    except BlobMissing:
        is_there = was == document and expected[:1] == (window,)
        return Located((0, 0)) if is_there else Located(said=("cropped",))
    share, offset = 0.0, (0, 0)
    for rect in expected:
        common = rect.intersection(document.bounds)
        if not common.area:
            continue
        if common not in parts:
            return Located(wanted=common)
        share, offset = _likeness(source, rect, _bytes_of(parts[common], read), common, veiled), _from(window, rect)
        if share >= SURE_SHARE:
            break
    for form in _FORMS:
        if share < 1 and form.size(was) == document:
            rect = form.rect(window, was)
            if rect not in parts:
                return Located(wanted=rect)
            turned = form.pixels(source)
            if _likeness(turned, rect, _bytes_of(parts[rect], read), rect, veiled) > max(share, SAME_SHARE):
                return Located(said=(form.said,))
    if share >= SURE_SHARE:
        return Located(offset, ("painted",) * (share < 1) + ("moved",) * any(offset))
    if document.bounds not in parts:
        return Located(wanted=document.bounds)
    whole = _bytes_of(parts[document.bounds], read)
    found = _elsewhere(source, window, whole, veiled, max(share, SAME_SHARE))
    if len(found) == 1:
        return Located(found[0], ("moved",))
    if share >= SAME_SHARE:
        return Located(offset, ("painted",))
    return Located(said=("ambiguous" if found else "gone" if expected else "cropped",))


def _kind(raster: Raster) -> tuple[str, str, str]:
    return raster.order, raster.sample_type, raster.profile


def _bytes_of(raster: Raster, read: Read) -> Pixels:
    return raster.array(read(raster.blob), "pixels").view(np.uint8)


def _from(window: Rect, rect: Rect) -> tuple[int, int]:
    return rect.x - window.x, rect.y - window.y


def _likeness(picture: Pixels, rect: Rect, there: Pixels, place: Rect, veiled: Sequence[Rect]) -> float:
    """How many of the pieces are equal, 0 .. 1, of a picture that would lie at `rect`; 1 where results lie over all of it.

    there: the pixels at `place`. What lies outside of that is not compared.
    """
    common = rect.intersection(place)
    if not common.area:
        return 0.0
    mine, theirs = picture[common.relative_to(rect).slices], there[common.relative_to(place).slices]
    seen = np.ones(mine.shape[:2], np.bool_)
    for veil in veiled:
        seen[veil.intersection(common).relative_to(common).slices] = False
    starts = np.arange(0, common.width, PIECE_PX)
    equal = np.logical_and.reduceat((mine == theirs).all(-1), starts, axis=1)
    compared = np.logical_and.reduceat(seen, starts, axis=1)
    return float(equal[compared].mean()) if compared.any() else 1.0


def _elsewhere(
    picture: Pixels, window: Rect, whole: Pixels, veiled: Sequence[Rect], least: float
) -> list[tuple[int, int]]:
    """The offsets at which all of a document shows more than `least` of the picture."""
    width, size = whole.shape[1:]
    data, votes = whole.tobytes(), Counter[tuple[int, int]]()
    for x, y, piece in _anchors(picture):
        start, count = data.find(piece), 0
        while start >= 0 and count < MOST_PLACES:
            row, column = divmod(start // size, width)
            if start % size == 0 and column + len(piece) // size <= width:
                votes[column - x - window.x, row - y - window.y] += 1
                count += 1
            start = data.find(piece, start + 1)
    bounds = Rect(0, 0, width, len(whole))
    best = [offset for offset, _ in votes.most_common(MOST_PLACES)]
    return [one for one in best if _likeness(picture, window.moved(*one), whole, bounds, veiled) > least]


def _anchors(picture: Pixels) -> list[tuple[int, int, bytes]]:
    """Pieces by which a picture is found, and where in it (x, y) each lies."""
    height, across = len(picture), min(ANCHOR_PX, picture.shape[1])
    rows = [(2 * row + 1) * height // (2 * GRID) for row in range(GRID)]
    columns = [column * (picture.shape[1] - across) // (GRID - 1) for column in range(GRID)]
    pieces = [(x, y, picture[y, x : x + across].tobytes()) for y in rows for x in columns]
    return sorted(pieces, key=lambda piece: len(set(piece[2])), reverse=True)[:ANCHORS]
