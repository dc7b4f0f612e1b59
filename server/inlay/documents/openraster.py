"""OpenRaster: reads what a file shows, and adds edits as groups above its layers. Source: the OpenRaster specification 0.0.6.

A group of an edit holds the variations and, uppermost, a layer named Mask whose alpha is the mask and whose composite operation
is svg:dst-in: the group shows only where that layer is opaque, and painting on it edits the mask.
"""

import io
import json
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay import color
from inlay.documents import openraster_archive as archives
from inlay.documents.composite import composite
from inlay.documents.document import Document, PlacedEdit, white_of
from inlay.documents.layer_stack import Group, Layer, Stack, composed
from inlay.documents.layers import layers_of
from inlay.documents.metadata import Picture, paths_left_out
from inlay.documents.openraster_stack import (
    MASK_LAYER,
    MASKS,
    Save,
    elements_of,
    group_element,
    layer_element,
    mask_pixels,
    read_stack,
)
from inlay.documents.png import decode_png, encode_png
from inlay.errors import InvalidInput
from inlay.region import Size

MIME_TYPE = b"image/openraster"
THUMBNAIL_PX = 256
_MERGED = "mergedimage.png"
_WRITTEN_ANEW = frozenset({"mimetype", "stack.xml", _MERGED, "Thumbnails/thumbnail.png"})
_MAX_PIXELS_PER_INCH = 65_535


def decode_openraster(data: bytes) -> Picture:
    """What an OpenRaster file shows: its merged picture, or where it has none of its size, what its layers show.

    Raises InvalidInput where something needed is missing, too large or contradictory.
    """
    with archives.opened(data) as archive:
        image = archives.stack_of(archive)
        size = archives.size_of(image)
        found = None
        if _MERGED in archive.namelist():
            found = decode_png(archives.entry(archive, _MERGED, archives.entry_limit(size)))
        if found is None or found.samples.shape[:2] != (size.height, size.width):
            found = _composed(archive, image, size, found)
    return found._replace(metadata=replace(found.metadata, pixels_per_inch=_resolution(image)))


def encode_openraster(
    document: Document, placed: Sequence[PlacedEdit], groups: Sequence[Group] = ()
) -> tuple[bytes, tuple[str, ...]]:
    """`document` with every edit as a group on top, then `groups`; and notes on what of the original is not in the file.

    The layers of an OpenRaster original are kept byte for byte, a PSD's become layers; any other document becomes one layer named
    Background. Every layer carries the profile, and every edit its recipe, as inlay/recipe-<n>.json named by the group's
    inlay-recipe attribute.
    """
    icc = document.icc or color.profile_bytes(document.raster(document.size, ""))
    edits = [edit.at_depth_of(document) for edit in placed]
    notes = paths_left_out(document.metadata, "OpenRaster")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("mimetype", MIME_TYPE)
        if document.layered == "ora":
            image, more = _kept_layers(archive, document)
        elif document.layered:
            image, more = _of_stack(archive, document, icc, layers_of(document))
        else:
            image, more = _background(archive, document, icc), ()
        root = image.find("stack")
        assert root is not None
        taken = set(archive.namelist())
        for edit in edits:
            root.insert(0, _group(archive, document, edit, icc, taken))
        for group in groups:
            root.insert(0, elements_of([group], document.size, _saving(archive, icc))[0])
        if document.metadata.pixels_per_inch:
            across, down = document.metadata.pixels_per_inch
            image.attrib |= {"xres": f"{across:g}", "yres": f"{down:g}"}
        _finish(archive, document, image, composite(document, edits, groups), icc)
    return file.getvalue(), (*notes, *more)


def encode_above(
    document: Document, name: str, made: Layer, shown: NDArray[np.generic]
) -> tuple[bytes, tuple[str, ...]]:
    """An OpenRaster original with `made` above its layer `name`, which is hidden; `shown`: what the whole shows then."""
    icc = document.icc or color.profile_bytes(document.raster(document.size, ""))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("mimetype", MIME_TYPE)
        image, notes = _kept_layers(archive, document)
        root = image.find("stack")
        assert root is not None
        own = next(element for element in root if element.tag == "layer" and element.get("name", "") == name)
        own.set("visibility", "hidden")
        root.insert(list(root).index(own), elements_of([made], document.size, _saving(archive, icc))[0])
        _finish(archive, document, image, shown, icc)
    return file.getvalue(), notes


def encode_stack(document: Document, stack: Stack, shown: NDArray[np.generic]) -> tuple[bytes, tuple[str, ...]]:
    """An OpenRaster of these layers alone; `shown`: what they show."""
    icc = document.icc or color.profile_bytes(document.raster(document.size, ""))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("mimetype", MIME_TYPE)
        image, notes = _of_stack(archive, document, icc, stack)
        _finish(archive, document, image, shown, icc)
    return file.getvalue(), notes


def _finish(
    archive: zipfile.ZipFile, document: Document, image: ElementTree.Element, shown: NDArray[np.generic], icc: bytes
) -> None:
    archive.writestr(_MERGED, _merged_png(document, shown, icc))
    archive.writestr("Thumbnails/thumbnail.png", encode_png(thumbnail(shown)))
    archive.writestr("stack.xml", ElementTree.tostring(image, "utf-8", xml_declaration=True))


def _merged_png(document: Document, shown: NDArray[np.generic], icc: bytes) -> bytes:
    """With what the document says, and the recipes of edits that are no groups of its own."""
    return encode_png(shown, icc, document.metadata, document.metadata.all_recipes([]))


def _composed(archive: zipfile.ZipFile, image: ElementTree.Element, size: Size, merged: Picture | None) -> Picture:
    """What layers show that only lie over each other, as MyPaint's mostly do."""
    stack = read_stack(archive, image, 3, np.dtype(np.uint8))
    samples = composed(stack.items, size, 4, np.dtype(np.uint8)) if stack.items else None
    if samples is None:
        has = "none" if merged is None else f"one of {merged.samples.shape[1]} x {merged.samples.shape[0]} px"
        found = f"an OpenRaster without its merged picture ({has}; stack.xml says {size.width} x {size.height} px)"
        raise InvalidInput("path", found, "its layers blend in ways that Inlay does not compute; save it once in Krita")
    note = "the file has no merged picture of its size: its layers were put together"
    return Picture(samples, merged.icc if merged else b"", notes=(note, *stack.notes))


def _resolution(image: ElementTree.Element) -> tuple[float, float] | None:
    try:
        across, down = float(image.get("xres", "")), float(image.get("yres", ""))
    except ValueError:
        return None
    return (across, down) if 0 < across < _MAX_PIXELS_PER_INCH and 0 < down < _MAX_PIXELS_PER_INCH else None


def _kept_layers(archive: zipfile.ZipFile, document: Document) -> tuple[ElementTree.Element, tuple[str, ...]]:
    """Copy everything of the original that is not written anew; return its stack on the document's canvas, and notes."""
    left_out: list[str] = []
    with archives.opened(document.original) as original:
        image = archives.stack_of(original)
        limit = archives.entry_limit(archives.size_of(image))
        for name in dict.fromkeys(original.namelist()):
            if name in _WRITTEN_ANEW or name.endswith("/"):
                continue
            if archives.is_inside(name):
                archives.copy(original, name, archive, limit)
            else:
                left_out.append(repr(name[:40]))
    image.attrib |= {"w": str(document.size.width), "h": str(document.size.height)}
    for layer in image.iter("layer") if any(document.origin) else ():
        for axis, distance in zip("xy", document.origin, strict=True):
            layer.set(axis, str(round(float(layer.get(axis) or 0)) + distance))
    note = f"entries whose names lead out of the file were left out: {', '.join(left_out[:5])}"
    return image, (note,) if left_out else ()


def _of_stack(
    archive: zipfile.ZipFile, document: Document, icc: bytes, stack: Stack
) -> tuple[ElementTree.Element, tuple[str, ...]]:
    if not stack.items:
        return _background(archive, document, icc), stack.notes
    image, root = _image(document)
    root.extend(elements_of(stack.items, document.size, _saving(archive, icc)))
    return image, stack.notes


def _saving(archive: zipfile.ZipFile, icc: bytes) -> Save:
    def save(samples: NDArray[np.generic]) -> str:
        name = f"data/layer-{len(archive.namelist())}.png"
        archive.writestr(name, encode_png(samples, icc))
        return name

    return save


def _image(document: Document) -> tuple[ElementTree.Element, ElementTree.Element]:
    width, height = document.size
    image = ElementTree.Element("image", {"version": "0.0.6", "w": str(width), "h": str(height)})
    return image, ElementTree.SubElement(image, "stack", {"name": "root"})


def _background(archive: zipfile.ZipFile, document: Document, icc: bytes) -> ElementTree.Element:
    image, root = _image(document)
    archive.writestr("data/background.png", encode_png(document.samples, icc))
    root.append(layer_element("Background", "data/background.png", 0, 0, visible=True))
    return image


def _group(
    archive: zipfile.ZipFile, document: Document, edit: PlacedEdit, icc: bytes, taken: set[str]
) -> ElementTree.Element:
    number = next(n for n in range(1, archives.MAX_ENTRIES) if f"inlay/recipe-{n}.json" not in taken)
    recipe = f"inlay/recipe-{number}.json"
    taken.add(recipe)
    archive.writestr(recipe, json.dumps(json.loads(edit.recipe_json), sort_keys=True, indent=1))
    group = group_element(edit.name)
    group.set("inlay-recipe", recipe)
    mask = f"data/inlay-{number}-mask.png"
    x, y = edit.bounds.x, edit.bounds.y
    archive.writestr(mask, encode_png(mask_pixels(edit.mask, 1 if document.order.startswith("Y") else 3), icc))
    group.append(layer_element(MASK_LAYER, mask, x, y, visible=True, operation=MASKS))
    for index, (name, samples, visible) in enumerate(edit.layers, start=1):
        source = f"data/inlay-{number}-{index}.png"
        archive.writestr(source, encode_png(samples, icc))
        group.append(layer_element(name, source, x, y, visible=visible))
    return group


def thumbnail(samples: NDArray[np.generic]) -> NDArray[np.generic]:
    """At most 256 pixels a side, 8 bit, in the document's encoding: file managers show it without a profile."""
    height, width = samples.shape[:2]
    scale = min(1.0, THUMBNAIL_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    step = max(1, max(height, width) // (4 * THUMBNAIL_PX))
    share = samples[::step, ::step].astype(np.float32) / np.float32(white_of(samples.dtype))
    small = cv2.resize(share, size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0], -1)
    return np.rint(small * 255).astype(np.uint8)
