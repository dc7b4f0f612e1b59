"""How much larger a canvas becomes."""

from typing import NamedTuple


class Margins(NamedTuple):
    """New canvas on each side, in px."""

    left: int
    top: int
    right: int
    bottom: int
