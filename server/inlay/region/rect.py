"""Rectangles and sizes in document pixels: small values with pure operations."""

from typing import NamedTuple

from inlay.errors import InvalidInput

MAX_SIDE_PX = 65_536
MAX_DOCUMENT_PX = 300_000_000
"""The area of a canvas."""


class Size(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int

    def check(self, field: str) -> None:
        """Raise InvalidInput, naming `field`, unless both sides are 1 .. MAX_SIDE_PX."""
        if not (0 < self.width <= MAX_SIDE_PX and 0 < self.height <= MAX_SIDE_PX):
            raise InvalidInput(field, f"{self.width} x {self.height}", f"each side must be 1..{MAX_SIDE_PX} px")

    @property
    def area(self) -> int:
        return self.width * self.height

    @property
    def bounds(self) -> "Rect":
        return Rect(0, 0, self.width, self.height)


class Rect(NamedTuple):
    """A half-open rectangle: columns x..x+width-1, rows y..y+height-1."""

    x: int
    y: int
    width: int
    height: int

    def check(self, field: str) -> None:
        """Raise InvalidInput, naming `field`, unless both sides are 1 .. MAX_SIDE_PX; its place is not checked here."""
        self.size.check(field)

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def size(self) -> Size:
        return Size(self.width, self.height)

    @property
    def area(self) -> int:
        return self.width * self.height

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns, to index an image whose origin is this rectangle's origin."""
        return slice(self.y, self.bottom), slice(self.x, self.right)

    @classmethod
    def of_edges(cls, left: int, top: int, right: int, bottom: int) -> "Rect":
        return cls(left, top, right - left, bottom - top)

    def padded(self, px: int) -> "Rect":
        return Rect(self.x - px, self.y - px, self.width + 2 * px, self.height + 2 * px)

    def moved(self, dx: int, dy: int) -> "Rect":
        return Rect(self.x + dx, self.y + dy, self.width, self.height)

    def relative_to(self, outer: "Rect") -> "Rect":
        return self.moved(-outer.x, -outer.y)

    def intersection(self, other: "Rect") -> "Rect":
        """The common part; zero width and height where there is none."""
        left, top = max(self.x, other.x), max(self.y, other.y)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Rect.of_edges(left, top, max(left, right), max(top, bottom))

    def contains(self, other: "Rect") -> bool:
        return self.intersection(other) == other
