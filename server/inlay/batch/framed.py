"""A master as a format shows it: its pixels and its mask on the format's canvas, and what of both is the master's."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay.batch.formats import apply, missing
from inlay.batch.outside import Outside
from inlay.client.edit import region_of
from inlay.documents import Document
from inlay.formats import Format, framing
from inlay.region import Rect


class Framed(NamedTuple):
    """document, mask: on the canvas. own: where the master lies on it, shows: which part of the master that is; in px.

    missing: the mask of what has to be painted first, None where the master covers all of it. safe: what a platform leaves free.
    """

    document: Document
    mask: NDArray[np.generic]
    own: Rect
    shows: Rect
    missing: NDArray[np.uint8] | None = None
    safe: Rect | None = None
    flags: tuple[str, ...] = ()

    def kept(self, outside: Outside) -> Outside:
        """Of what lies outside of a mask on the canvas, what the master shows."""
        inside = np.zeros_like(outside)
        inside[self.own.slices] = outside[self.own.slices]
        return inside


def as_it_is(document: Document, mask: NDArray[np.generic]) -> Framed:
    """On the master's own canvas."""
    return Framed(document, mask, document.size.bounds, document.size.bounds)


def in_format(document: Document, mask: NDArray[np.generic], format: Format) -> Framed:
    """Around the mask's region, which stays in the format's safe area. Raises as `inlay.formats.framing` does."""
    found = framing(document.size, region_of(mask), format)
    crop, own = found.crop, found.canvas
    shows = crop.intersection(document.size.bounds)
    moved = np.zeros((crop.height, crop.width), mask.dtype)
    moved[own.slices] = mask[shows.slices]
    return Framed(
        apply(document, found),
        moved,
        own,
        shows,
        missing(found) if found.grows else None,
        found.safe.moved(-crop.x, -crop.y),
        found.flags,
    )


def on_canvas(master: Document, framed: Framed, channels: int) -> NDArray[np.generic]:
    """The master's samples where they lie on the format's canvas, 0 beyond; opaque where it gets an alpha that it has not."""
    height, width = framed.mask.shape
    samples = np.zeros((height, width, channels), master.samples.dtype)
    if channels > master.samples.shape[2]:
        samples[(*framed.own.slices, -1)] = master.white_level
    samples[framed.own.slices][..., : master.samples.shape[2]] = master.samples[framed.shows.slices]
    return samples
