"""What a TIFF says about its picture: read from its first page, and written into a new file's tags."""

import io
import struct
from typing import NamedTuple

import tifffile

from inlay.documents import exif, image_resources, metadata
from inlay.documents.exif import Exif, Tags
from inlay.documents.metadata import Metadata

XMP_TAG, IPTC_TAG, CREDENTIALS_TAG = 700, 33723, 52545
_DESCRIPTIVE = frozenset({270, 271, 272, 285, 305, 306, 315, 316, 18246, 18249, 33432, *range(40091, 40096)})
"""ImageDescription, make, model, names, dates, artist, rating, copyright and Windows' texts: true of any file of the picture."""
_SOFTWARE = 305
_STAND_INS = {exif.PHOTO_IFD: 34666, exif.GPS_IFD: 34854}
"""tifffile writes no tags that point at directories: these unused numbers keep their places in the sorted list."""
_LAST_SMALL = 2**32 - 2**25
"""From here on tifffile writes BigTIFF."""


class TiffTag(NamedTuple):
    """A tag as tifffile takes it."""

    code: int
    kind: int
    values: int
    data: bytes
    once: bool = True


def metadata_of(data: bytes, page: tifffile.TiffPage) -> tuple[Metadata, tuple[str, ...]]:
    """What the first page of the file `data` says, and notes on what is left out."""
    found = exif.parse(data)  # a TIFF file is an Exif block with pixels; a BigTIFF is not
    photo = {tag: value for tag, value in found.photo.items() if tag != exif.MAKER_NOTE}
    described = {tag: value for tag, value in found.image.items() if tag in _DESCRIPTIVE}
    resources = image_resources.tolerant(_bytes(page, image_resources.TIFF_TAG))
    stated = metadata.of_resources(resources)
    block = exif.block_of(Exif(described, photo, found.gps, found.interoperability))
    notes: tuple[str, ...] = ()
    if CREDENTIALS_TAG in page.tags:
        notes += (metadata.CREDENTIALS,)
    if exif.MAKER_NOTE in found.photo:
        notes += (MAKER_NOTES_LEFT_OUT,)
    return Metadata(
        _resolution(page) or stated.pixels_per_inch,
        block,
        _bytes(page, XMP_TAG) or stated.xmp,
        _iptc(found.image) or stated.iptc,
        photoshop=stated.photoshop,
        recipes=stated.recipes,
    ), notes


MAKER_NOTES_LEFT_OUT = (
    "the camera maker's own notes (Exif MakerNote) were left out: they only hold in the place they were written"
)


def tags_of(said: Metadata, recipes: list[str]) -> tuple[list[TiffTag], Exif, tuple[str, ...]]:
    """The tags of a new file, the directories that `with_directories` adds afterwards, and notes on what is left out.

    recipes: of this edit.
    """
    found = exif.parse(said.exif)
    notes = (MAKER_NOTES_LEFT_OUT,) if exif.MAKER_NOTE in found.photo else ()
    photo = {tag: value for tag, value in found.photo.items() if tag != exif.MAKER_NOTE}
    tags = [TiffTag(tag, *found.image[tag]) for tag in sorted(_DESCRIPTIVE - {_SOFTWARE}) if tag in found.image]
    if said.xmp:
        tags.append(TiffTag(XMP_TAG, 1, len(said.xmp), said.xmp))
    if said.iptc:
        tags.append(TiffTag(IPTC_TAG, exif.UNDEFINED, len(said.iptc), said.iptc))
    in_tags = (image_resources.EXIF, image_resources.XMP)
    resources = [own for own in metadata.resources_of(said, recipes) if own.number not in in_tags]
    if resources:
        blocks = b"".join(own.raw for own in resources)
        tags.append(TiffTag(image_resources.TIFF_TAG, exif.UNDEFINED, len(blocks), blocks))
    directories = Exif({}, photo, found.gps, found.interoperability)
    if photo:
        tags.append(TiffTag(_STAND_INS[exif.PHOTO_IFD], exif.LONG, 1, bytes(4)))
    if found.gps:
        tags.append(TiffTag(_STAND_INS[exif.GPS_IFD], exif.LONG, 1, bytes(4)))
    return tags, directories, notes


def with_directories(encoded: bytes, directories: Exif) -> tuple[bytes, tuple[str, ...]]:
    """A little-endian file written with the tags of `tags_of`, and its Exif and GPS directories behind everything else."""
    if directories == Exif():
        return encoded, ()
    base = len(encoded) + len(encoded) % 2
    added, photo_at, gps_at = exif.build(directories, base)
    changed = bytearray(encoded.ljust(base, b"\0"))
    fits = base + len(added) < _LAST_SMALL
    with tifffile.TiffFile(io.BytesIO(encoded)) as file:
        tags = file.pages.first.tags
        for code, at in ((exif.PHOTO_IFD, photo_at), (exif.GPS_IFD, gps_at)):
            stand_in = tags.get(_STAND_INS[code])
            if stand_in is not None and fits:
                struct.pack_into("<H", changed, stand_in.offset, code)
                struct.pack_into("<I", changed, stand_in.valueoffset, at)
    if not fits:
        return encoded, ("Exif was left out: the file is too large for it",)
    return bytes(changed) + added, ()


def _resolution(page: tifffile.TiffPage) -> tuple[float, float] | None:
    tags: Tags = {}
    for code in (exif.X_RESOLUTION, exif.Y_RESOLUTION):
        value = page.tags[code].value if code in page.tags else None
        if isinstance(value, tuple) and len(value) == 2 and all(0 <= part < 2**32 for part in value):
            tags[code] = exif.Value(exif.RATIONAL, 1, struct.pack("<II", *value))
    unit = page.tags.get(exif.RESOLUTION_UNIT)
    if unit is not None:
        tags[exif.RESOLUTION_UNIT] = exif.Value(exif.SHORT, 1, struct.pack("<H", int(unit.value)))
    return exif.pixels_per_inch(tags)


def _iptc(tags: Tags) -> bytes:
    """Some programs write it as numbers of four bytes, in the file's order: the record's marker 0x1C tells which way round."""
    if IPTC_TAG not in tags:
        return b""
    kind, _, data = tags[IPTC_TAG]
    swapped = exif.little_endian(data, kind, ">")
    return swapped if swapped[:1] == b"\x1c" and data[:1] != b"\x1c" else data


def _bytes(page: tifffile.TiffPage, code: int) -> bytes:
    value = page.tags[code].value if code in page.tags else b""
    return value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else b""
