"""A mask of one picture on another that shows the same thing, or that a person must look."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay import color
from inlay.color.raster import Raster, SampleType
from inlay.edit.sight import Blobs
from inlay.errors import InvalidInput
from inlay.region import MAX_DOCUMENT_PX, Rect, Size
from inlay.siblings import LEAST_SURE, propagate
from inlay.variation import Selection

FEWEST_PX = 64
"""Of the document, selected by half, below which there is nothing to look for."""


class Carried(NamedTuple):
    """found: None where nothing was. alike: what lies under both masks, 0..1."""

    found: Selection | None
    alike: float

    @property
    def is_sure(self) -> bool:
        """Whether it can be painted through."""
        return self.found is not None and self.alike >= LEAST_SURE


def carry_asked(asked: tuple[Raster, Size, Rect, Raster, Raster, Size], blobs: Blobs) -> Carried:
    """Find the mask of the master on the sibling. All are in the store: master, its document's size, the mask's region in that, the
    mask, sibling, its document's size.

    Raises InvalidInput, BlobMissing, UnknownProfile, Unsupported.
    """
    master, master_size, region, mask, sibling, sibling_size = asked
    for field, size in (("master_size", master_size), ("sibling_size", sibling_size)):
        size.check(field)
        if size.area > MAX_DOCUMENT_PX:
            limit = f"the area must be at most {MAX_DOCUMENT_PX} px"
            raise InvalidInput(field, f"{size.width} x {size.height}", limit)
    whole = _whole(master_size, region, mask, blobs)
    here, there = _shown(master, "master", blobs), _shown(sibling, "sibling", blobs)
    found, alike = propagate(here, whole, there, (sibling_size.height, sibling_size.width))
    return Carried(None if found is None else _selection(found, blobs), alike)


def _whole(size: Size, region: Rect, mask: Raster, blobs: Blobs) -> NDArray[np.uint8]:
    """The mask of all of the document, height x width, 255 inside."""
    if region.area <= 0 or not size.bounds.contains(region):
        limit = f"it must lie inside the document, {size.width} x {size.height} px"
        raise InvalidInput("region", ",".join(map(str, region)), limit)
    mask.check("mask")
    if mask.channels != 1 or (mask.width, mask.height) != region.size:
        raise InvalidInput(
            "mask", f"{mask.width} x {mask.height} {mask.order}", f"it must be {region.width} x {region.height} Y"
        )
    samples = mask.array(blobs.read(mask.blob), "mask")[..., 0]
    share = np.clip(samples.astype(np.float32) / np.float32(mask.white_level), 0, 1)
    opened = int(np.count_nonzero(share >= 0.5))
    if opened < FEWEST_PX:
        limit = f"at least {FEWEST_PX} px have to be selected to find them elsewhere"
        raise InvalidInput("mask", f"open over {opened} px", limit)
    whole = np.zeros((size.height, size.width), np.uint8)
    whole[region.slices] = np.rint(255 * share)
    return whole


def _shown(raster: Raster, field: str, blobs: Blobs) -> NDArray[np.uint8]:
    """As a screen shows it: height x width x 3, sRGB, transparent pixels as they are below their alpha."""
    raster.check(field)
    pixels = color.decode(raster.array(blobs.read(raster.blob), field), raster).pixels
    return np.rint(255 * np.clip(pixels, 0, 1)).astype(np.uint8)


def _selection(found: NDArray[np.uint8], blobs: Blobs) -> Selection | None:
    """What is open of it; None where nothing is."""
    rows, columns = np.flatnonzero(found.any(axis=1)), np.flatnonzero(found.any(axis=0))
    if not len(rows):
        return None
    bounds = Rect.of_edges(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    cut = np.ascontiguousarray(found[bounds.slices])
    return Selection(bounds, Raster(*bounds.size, "Y", SampleType.U8, 255, "", blobs.add(cut.reshape(-1).data)))
