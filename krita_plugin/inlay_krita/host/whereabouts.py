"""Compares pixels as bytes, without numpy, which Krita does not bring: how alike two rectangles are, and where one lies."""

from typing import NamedTuple

from .capture import Rect

ROWS = 48
"""Rows of a window that are compared, spread over its height."""

PIECE_PX = 8
"""Pixels that are compared as one: a brush stroke changes some of them, a mirrored picture nearly all."""

SAME_SHARE = 0.3
"""From this share of equal pieces on, two pictures may be one that was painted on."""

SURE_SHARE = 0.9
"""From this share on they are, and nothing else has to be looked at."""

ANCHORS = 6
ANCHOR_PX = 24
"""What is looked for in a whole picture: pieces of a window that have the most different bytes."""

MOST_PLACES = 8
"""Where so many places begin alike, the picture is too plain to tell them apart."""


class Form(NamedTuple):
    """A way to turn or mirror a whole picture."""

    name: str
    """Of the sentence that says so."""
    transposes: bool
    """Whether x and y change places first."""
    flips_x: bool
    flips_y: bool

    def size(self, size: "tuple[int, int]") -> "tuple[int, int]":
        """The size of a picture afterwards."""
        return (size[1], size[0]) if self.transposes else size

    def rect(self, rect: Rect, size: "tuple[int, int]") -> Rect:
        """Where a part of a picture of this size lies afterwards."""
        if self.transposes:
            rect, size = Rect(rect.y, rect.x, rect.height, rect.width), (size[1], size[0])
        x = size[0] - rect.x - rect.width if self.flips_x else rect.x
        y = size[1] - rect.y - rect.height if self.flips_y else rect.y
        return Rect(x, y, rect.width, rect.height)


AS_IT_WAS = Form("", False, False, False)
FORMS = (
    Form("mirrored", False, True, False),
    Form("mirrored", False, False, True),
    Form("turned_180", False, True, True),
    Form("turned_90", True, True, False),
    Form("turned_90", True, False, True),
)


class Picture(NamedTuple):
    """Pixels, row by row, seen in a form."""

    data: bytes
    width: int
    height: int
    pixel_bytes: int
    form: Form = AS_IT_WAS

    def row(self, y: int) -> bytes:
        """A row of the picture in its form."""
        size, form = self.pixel_bytes, self.form
        width, height = form.size((self.width, self.height))
        y = height - 1 - y if form.flips_y else y
        first, step = (y * size, self.width * size) if form.transposes else (y * width * size, size)
        if form == AS_IT_WAS:
            return self.data[first : first + width * size]
        made = bytearray(width * size)
        for part in range(size):
            samples = self.data[first + part : first + part + step * (width - 1) + 1 : step]
            made[part::size] = samples[::-1] if form.flips_x else samples
        return bytes(made)


def likeness(picture: Picture, rect: Rect, there: bytes, common: Rect, veiled: "list[Rect]") -> float:
    """How many of the pieces that are compared are equal, 0 .. 1; 1 where results lie over all of it.

    The picture would lie at `rect`; `there` are the pixels of `common`, a part of it. veiled: what is not compared, because
    results of later edits lie there.
    """
    size, equal, compared = picture.pixel_bytes, 0, 0
    stride = common.width * size
    step = max(1, common.height // ROWS)
    for y in range(common.y + (step - 1) // 2, common.y + common.height, step):
        start = (common.x - rect.x) * size
        mine = picture.row(y - rect.y)[start : start + stride]
        theirs = there[(y - common.y) * stride : (y - common.y + 1) * stride]
        across = [veil for veil in veiled if veil.y <= y < veil.y + veil.height]
        for x in range(0, common.width, PIECE_PX):
            left = common.x + x
            if not any(veil.x < left + PIECE_PX and left < veil.x + veil.width for veil in across):
                piece = slice(x * size, (x + PIECE_PX) * size)
                compared += 1
                equal += mine[piece] == theirs[piece]
    return equal / compared if compared else 1.0


def anchors(picture: Picture) -> "list[tuple[int, int, bytes]]":
    """Pieces by which a picture is found, and where in it (x, y) each lies; none where all of it is plain."""
    width, size = min(ANCHOR_PX, picture.width), picture.pixel_bytes
    pieces = []
    for row in range(9):
        y = (2 * row + 1) * picture.height // 18
        for x in (column * (picture.width - width) // 8 for column in range(9)):
            pieces.append((x, y, picture.row(y)[x * size : (x + width) * size]))
    return sorted(pieces, key=lambda piece: len(set(piece[2])), reverse=True)[:ANCHORS]


def hits(anchors, pixels: bytes, band: Rect, picture: Picture) -> "list[tuple[int, int]]":
    """Where the picture's corner would lie by each anchor that is found in a band of the document; at most a few for each."""
    size, found = picture.pixel_bytes, []
    for x, y, piece in anchors:
        start, count = pixels.find(piece), 0
        while start >= 0 and count < MOST_PLACES:
            row, column = divmod(start // size, band.width)
            if start % size == 0 and column + len(piece) // size <= band.width:
                found.append((band.x + column - x, band.y + row - y))
                count += 1
            start = pixels.find(piece, start + 1)
    return found
