"""What a file says about its picture, as a value that travels from format to format."""

import json
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay.documents import exif, image_resources, xmp
from inlay.documents.image_resources import Resource, Shift
from inlay.region import Size

KRITA_PROVENANCE = "inlay/provenance"
"""The annotation in which a .kra says what was done to it, by the unique ids of its layers; so has the Krita plugin it."""

CREDENTIALS = "Content Credentials (C2PA) were left out: the original's manifest is signed for its own pixels only"


@dataclass(frozen=True)
class Metadata:
    """Everything but pixels and profile."""

    pixels_per_inch: tuple[float, float] | None = None
    """Horizontally and vertically; None where the file has no resolution."""
    exif: bytes = b""
    """A block as in JPEG, without its "Exif" header."""
    xmp: bytes = b""
    """A packet."""
    iptc: bytes = b""
    """IIM records."""
    texts: tuple[tuple[str, str], ...] = ()
    """PNG texts and JPEG comments: keyword, text."""
    photoshop: tuple[Resource, ...] = ()
    """Paths, guides and what else of Photoshop's resources means the same in another file."""
    recipes: tuple[str, ...] = ()
    """Of earlier edits, JSON each."""

    def settled(self, size: Size) -> "Metadata":
        """Of an upright picture of `size`: no orientation, dimension or thumbnail that is untrue of it."""
        return replace(self, exif=exif.settled(self.exif, size), xmp=xmp.settled(self.xmp, size))

    def on_canvas(self, shift: Shift) -> "Metadata":
        """Of the same picture on another canvas."""
        moved = tuple(image_resources.shifted(resource, shift) for resource in self.photoshop)
        return replace(self.settled(Size(shift.width, shift.height)), photoshop=moved)

    def all_recipes(self, more: list[str]) -> str:
        """The recipes of all edits as a JSON list; empty where there are none."""
        recipes = [json.loads(recipe) for recipe in (*self.recipes, *more)]
        return json.dumps(recipes, sort_keys=True) if recipes else ""


NOTHING = Metadata()
"""A file that says nothing."""


class Picture(NamedTuple):
    """What a decoder finds in a file.

    samples: height x width x 1..4 channels, uint8, uint16, float16 or float32, upright; straight alpha.
    icc: empty where the file has none. notes: what of the file is not in here, in sentences for people.
    """

    samples: NDArray[np.generic]
    icc: bytes = b""
    metadata: Metadata = NOTHING
    notes: tuple[str, ...] = ()
    flat: bool = False
    """Whether a file of a layered format is to count as flat: its layers cannot be kept."""


def of_resources(resources: tuple[Resource, ...]) -> Metadata:
    """What Photoshop's resources say."""
    return Metadata(
        pixels_per_inch=image_resources.resolution_of(image_resources.first(resources, image_resources.RESOLUTION)),
        exif=image_resources.first(resources, image_resources.EXIF),
        xmp=image_resources.first(resources, image_resources.XMP),
        iptc=image_resources.first(resources, image_resources.IPTC),
        photoshop=image_resources.travellers(resources),
        recipes=recipes_of(image_resources.first(resources, image_resources.RECIPES)),
    )


def resources_of(metadata: Metadata, more: list[str]) -> tuple[Resource, ...]:
    """What a new file says in Photoshop's resources; `more`: recipes of this edit."""
    blocks = {
        image_resources.IPTC: metadata.iptc,
        image_resources.EXIF: metadata.exif,
        image_resources.XMP: metadata.xmp,
        image_resources.RECIPES: metadata.all_recipes(more).encode(),
    }
    if metadata.pixels_per_inch:
        blocks[image_resources.RESOLUTION] = image_resources.resolution_block(metadata.pixels_per_inch)
    return (*metadata.photoshop, *(Resource.of(number, data) for number, data in blocks.items() if data))


def recipes_of(data: bytes | str) -> tuple[str, ...]:
    """The recipes in a JSON list; none where it is damaged, as other programs may have left it."""
    try:
        found = json.loads(data) if data else []
    except (ValueError, RecursionError):
        return ()
    return tuple(json.dumps(recipe, sort_keys=True) for recipe in found) if isinstance(found, list) else ()


def with_texts_as_xmp(metadata: Metadata, format_name: str) -> tuple[Metadata, tuple[str, ...]]:
    """For formats without texts: what XMP can say of them is said there, the rest is named in a note."""
    said, left = (b"", tuple(dict(metadata.texts))) if metadata.xmp else xmp.of_texts(metadata.texts)
    notes = (f"{format_name} has no place for the original's text {_listed(left)}",) if left else ()
    return replace(metadata, xmp=metadata.xmp or said, texts=()), notes


def paths_left_out(metadata: Metadata, format_name: str) -> tuple[str, ...]:
    """For formats without paths."""
    if not any(image_resources.is_path(resource) for resource in metadata.photoshop):
        return ()
    return (f"{format_name} has no place for the original's paths (clipping path included); .psd and .tif have",)


def _listed(keywords: tuple[str, ...]) -> str:
    quoted = [repr(keyword[:40]) for keyword in keywords]
    return ", ".join(quoted[:5]) + (f" and {len(quoted) - 5} more" if len(quoted) > 5 else "")
