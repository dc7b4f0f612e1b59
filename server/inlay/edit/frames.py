"""From a clip as an engine paints it to pictures of the document: each with the light of the first, which is the document itself.

Where the mask is 0 every picture is the document, bit for bit; where it is soft, they are mixed as a layer shows through its mask.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay import color, variation
from inlay.clip import HOLD
from inlay.color.blend import blended
from inlay.color.raster import Raster
from inlay.edit.sight import Blobs, Sight, resized, stored
from inlay.engines.interface import Clip, Progress
from inlay.fidelity.drift import LEAST_FOUND, Steady
from inlay.recipe import Recipe
from inlay.region import Rect, Size

SOFTER = "The clip was painted at {percent} % of the document's size: all pictures but the first are that much softer."
LOST = "In {number} of its pictures hardly anything of the first was found again: their light is as in the last one where it was."
SHARP = 0.99
"""Working pixels per document pixel, from which nobody sees that it was painted smaller."""


class Animated(NamedTuple):
    """A clip whose pictures are in the store, with what is to be told of it."""

    frames: variation.Frames
    notes: tuple[str, ...]
    details: dict[str, Any]


def animated(recipe: Recipe, sight: Sight, answer: Clip, blobs: Blobs, progress: Progress) -> Animated:
    """The clip in the document's own samples. Raises Cancelled, between two pictures."""
    like, window = recipe.canvas.source, recipe.canvas.window
    moving = _around(sight.mask > 0)
    place = moving.slices
    first = sight.samples[place]
    share = np.where(sight.known[place], sight.mask[place], np.float32(0))
    alpha = None if sight.alpha is None else sight.alpha[place]
    count, height, width = answer.frames.shape[:3]
    steady = Steady(resized(sight.pixels, Size(width, height)))
    hold = float(recipe.options.get(HOLD, 1.0))
    rasters = [stored(first, like, blobs)]
    gone: list[float] = []
    lost = 0
    for number in range(1, count):
        progress.check()
        picture = answer.frames[number]
        drift = steady.drift_of(picture)
        lost += drift.found < LEAST_FOUND
        change = drift.change_of(picture)
        gone.append(float(np.abs(change).mean()))
        shown = resized(picture + np.float32(hold) * change, window.size)[place]
        new = color.encode_unrounded(np.ascontiguousarray(shown), alpha, like)
        rasters.append(stored(_through(share, first, new, like), like, blobs))
        progress.step(number, count - 1, "harmonizing")
    scale = min(width / window.width, height / window.height)
    notes = (
        *((SOFTER.format(percent=round(100 * scale)),) if scale < SHARP else ()),
        *((LOST.format(number=lost),) if lost else ()),
    )
    details = {"frames": count, "fps": answer.fps, "drift": [round(value, 5) for value in gone], "hold_light": hold}
    return Animated(variation.Frames(moving.moved(window.x, window.y), tuple(rasters), answer.fps), notes, details)


def _through(
    share: NDArray[np.float32], first: NDArray[np.generic], new: NDArray[np.float32], like: Raster
) -> NDArray[np.generic]:
    """`new` over `first` through a mask, in the document's encoding; exactly `first` where the mask is 0."""
    mixed = color.rounded(blended(first.astype(np.float32), new, share), like)
    return np.where(share[..., None] > 0, mixed, first)


def _around(moves: NDArray[np.bool_]) -> Rect:
    """The smallest rectangle that holds all that moves; something does."""
    rows, columns = np.flatnonzero(moves.any(axis=1)), np.flatnonzero(moves.any(axis=0))
    return Rect.of_edges(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
