"""A master as a format shows it: its pixels and its mask on the format's canvas, and what of both is the master's."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay.batch.formats import apply, missing
from inlay.batch.outside import Outside, outside_of
from inlay.batch.resampling import at_size, only_of, resampled
from inlay.client.edit import region_of
from inlay.documents import Document
from inlay.formats import Format, framing
from inlay.region import Rect, Size


class Framed(NamedTuple):
    """document, mask: on the canvas. own: where the master lies on it, shows: which part of the master that is; in px.

    missing: the mask of what has to be painted first, None where the master covers all of it. safe: what a platform leaves free.
    resampled: the size of the file where it is not the canvas'.
    """

    document: Document
    mask: NDArray[np.generic]
    own: Rect
    shows: Rect
    missing: NDArray[np.uint8] | None = None
    safe: Rect | None = None
    flags: tuple[str, ...] = ()
    resampled: Size | None = None

    @property
    def written(self) -> Size:
        """Of the file, in px."""
        return self.resampled or Size(self.mask.shape[1], self.mask.shape[0])

    def outside(self, grow_px: int, feather_px: int) -> Outside:
        """Of the file's px, those that take in nothing that a mask that is grown and softened by so much can reach."""
        return only_of(outside_of(self.mask, grow_px, feather_px), self.written)

    def kept(self, grow_px: int, feather_px: int) -> Outside:
        """Of these, those that take in what the master shows and nothing else."""
        outside = outside_of(self.mask, grow_px, feather_px)
        inside = np.zeros_like(outside)
        inside[self.own.slices] = outside[self.own.slices]
        return only_of(inside, self.written)

    def mask_written(self) -> NDArray[np.generic]:
        """The mask in px of the file."""
        return resampled(self.mask[..., None], self.written, has_alpha=False)[..., 0]


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
    size = format.resampled_from(crop.size)
    flags = found.flags
    if format.size and format.resample != "never":
        larger = max(format.size.width / crop.width, format.size.height / crop.height)
        if larger > 1:
            done = "it is enlarged" if size else f"it has {crop.width} x {crop.height} px: it would be enlarged"
            flags = (*flags, f"{done} {larger:.2f} times, the master has no more pixels there")
    return Framed(
        apply(document, found),
        moved,
        own,
        shows,
        missing(found) if found.grows else None,
        _scaled(found.safe.moved(-crop.x, -crop.y), crop.size, size),
        flags,
        size,
    )


def _scaled(rect: Rect, canvas: Size, size: Size | None) -> Rect:
    """As it lies in the file."""
    if size is None:
        return rect
    across, down = size.width / canvas.width, size.height / canvas.height
    return Rect.of_edges(
        round(rect.x * across), round(rect.y * down), round(rect.right * across), round(rect.bottom * down)
    )


def as_written(master: Document, framed: Framed, written: Document) -> NDArray[np.generic]:
    """The master's samples where they lie in a file, at its size; beyond, whatever."""
    samples = on_canvas(master, framed, written.samples.shape[2])
    return at_size(replace(written, samples=samples), framed.written).samples


def on_canvas(master: Document, framed: Framed, channels: int) -> NDArray[np.generic]:
    """The master's samples where they lie on the format's canvas, 0 beyond; opaque where it gets an alpha that it has not."""
    height, width = framed.mask.shape
    samples = np.zeros((height, width, channels), master.samples.dtype)
    if channels > master.samples.shape[2]:
        samples[(*framed.own.slices, -1)] = master.white_level
    samples[framed.own.slices][..., : master.samples.shape[2]] = master.samples[framed.shows.slices]
    return samples
