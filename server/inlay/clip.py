"""How long a clip is: from what a recipe says to a number of pictures that a model can paint."""

from collections.abc import Mapping
from dataclasses import dataclass

SECONDS, FRAMES, HOLD = "seconds", "frames", "hold_light"
"""The options of a recipe: how long; how many pictures, 0: as `seconds` says; how much of a drift is taken back, 0 .. 1."""

DEFAULT_S, LEAST_S, MOST_S = 5.0, 0.25, 10.0
MOST_FRAMES = 257
MOST_BYTES = 4 * 2**30
"""Of all pictures of a clip together, in the document's samples."""


@dataclass(frozen=True)
class ClipGrid:
    """What clips a model paints: 1 + a multiple of `step` pictures, `fps` of them a second."""

    fps: int
    step: int

    def frames_of(self, options: Mapping[str, float | str | bool]) -> int:
        """The number of pictures that is nearest to what is asked for, 1 + `step` at least."""
        wanted = float(options.get(FRAMES, 0)) - 1
        if wanted < 0:
            wanted = float(options.get(SECONDS, DEFAULT_S)) * self.fps
        return 1 + self.step * max(1, round(wanted / self.step))
