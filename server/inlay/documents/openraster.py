"""OpenRaster: reads what a file shows, and adds edits as groups above its layers. Source: the OpenRaster specification 0.0.6.

OpenRaster has no layer masks. A group here holds the variations and, uppermost, a layer named Mask whose alpha is the mask and
whose composite operation is svg:dst-in: the group shows only where that layer is opaque, and painting on it edits the mask.
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
from inlay.documents.composite import composite
from inlay.documents.document import Document, PlacedEdit, check_size, white_of
from inlay.documents.metadata import Picture, paths_left_out
from inlay.documents.png import decode_png, encode_png
from inlay.errors import InvalidInput
from inlay.region import Rect

MIME_TYPE = b"image/openraster"
MASK_LAYER = "Mask"
THUMBNAIL_PX = 256
_MAX_STACK_BYTES = 8 * 2**20
_MAX_ENTRY_BYTES = 4 * 2**30
_MAX_ENTRIES = 4096
_MAX_PIXELS_PER_INCH = 65_535


def decode_openraster(data: bytes) -> Picture:
    """What an OpenRaster file shows. Raises InvalidInput where something needed is missing, too large or contradictory."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        stack = _stack_of(archive)
        width, height = int(stack.get("w", "0")), int(stack.get("h", "0"))
        check_size(width, height)
        if "mergedimage.png" not in archive.namelist():
            raise InvalidInput("path", "without mergedimage.png", "an OpenRaster file must hold its merged picture")
        merged = decode_png(_entry(archive, "mergedimage.png"))
    if merged.samples.shape[:2] != (height, width):
        found = f"a merged picture of {merged.samples.shape[1]} x {merged.samples.shape[0]} px"
        raise InvalidInput("path", found, f"stack.xml says {width} x {height} px")
    return merged._replace(metadata=replace(merged.metadata, pixels_per_inch=_resolution(stack)))


def _resolution(image: ElementTree.Element) -> tuple[float, float] | None:
    """Pixels per inch; 72 where the file does not say, which is as good as nothing."""
    try:
        across, down = float(image.get("xres", "")), float(image.get("yres", ""))
    except ValueError:
        return None
    return (across, down) if 0 < across < _MAX_PIXELS_PER_INCH and 0 < down < _MAX_PIXELS_PER_INCH else None


def encode_openraster(document: Document, placed: Sequence[PlacedEdit]) -> tuple[bytes, tuple[str, ...]]:
    """`document` with every edit as a group on top.

    The layers of an OpenRaster original are kept byte for byte; any other document becomes one layer named Background. Every
    layer carries the profile, and every edit its recipe, as inlay/recipe-<n>.json named by the group's inlay-recipe attribute.
    """
    icc = document.icc or color.profile_bytes(document.raster(document.size, ""))
    edits = [edit.at_depth_of(document) for edit in placed]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("mimetype", MIME_TYPE)
        image = _kept_layers(archive, document) if document.layered == "ora" else _background(archive, document, icc)
        root = image.find("stack")
        assert root is not None
        taken = set(archive.namelist())
        for edit in edits:
            root.insert(0, _group(archive, document, edit, icc, taken))
        if document.metadata.pixels_per_inch:
            across, down = document.metadata.pixels_per_inch
            image.attrib |= {"xres": f"{across:g}", "yres": f"{down:g}"}
        merged = composite(document, edits)
        archive.writestr("mergedimage.png", encode_png(merged, icc, document.metadata))
        archive.writestr("Thumbnails/thumbnail.png", encode_png(_thumbnail(merged)))
        archive.writestr("stack.xml", ElementTree.tostring(image, "utf-8", xml_declaration=True))
    return file.getvalue(), paths_left_out(document.metadata, "OpenRaster")


def _stack_of(archive: zipfile.ZipFile) -> ElementTree.Element:
    if len(archive.namelist()) > _MAX_ENTRIES:
        raise InvalidInput("path", f"{len(archive.namelist())} entries", f"at most {_MAX_ENTRIES} are allowed")
    xml = _entry(archive, "stack.xml", _MAX_STACK_BYTES)
    if b"<!" in xml.replace(b"<!--", b""):
        raise InvalidInput("path", "a document type in stack.xml", "none is allowed")
    image = ElementTree.fromstring(xml)
    if image.tag != "image" or image.find("stack") is None:
        raise InvalidInput("path", f"<{image.tag}> in stack.xml", "it must hold an <image> with a <stack>")
    return image


def _entry(archive: zipfile.ZipFile, name: str, limit: int = _MAX_ENTRY_BYTES) -> bytes:
    """An entry's bytes, however small they claim to be: at most `limit` are ever unpacked."""
    with archive.open(name) as entry:
        data = entry.read(limit + 1)
    if len(data) > limit:
        raise InvalidInput("path", f"{name} unpacks to more than {limit} bytes", f"at most {limit} are allowed")
    return data


def _kept_layers(archive: zipfile.ZipFile, document: Document) -> ElementTree.Element:
    """Copy everything of the original that is not written anew; return its stack."""
    written_anew = {"mimetype", "stack.xml", "mergedimage.png", "Thumbnails/thumbnail.png"}
    with zipfile.ZipFile(io.BytesIO(document.original)) as original:
        for name in dict.fromkeys(original.namelist()):
            if name not in written_anew and not name.endswith("/"):
                archive.writestr(name, _entry(original, name))
        return _stack_of(original)


def _background(archive: zipfile.ZipFile, document: Document, icc: bytes) -> ElementTree.Element:
    width, height = document.size
    image = ElementTree.Element("image", {"version": "0.0.6", "w": str(width), "h": str(height)})
    root = ElementTree.SubElement(image, "stack", {"name": "root"})
    archive.writestr("data/background.png", encode_png(document.samples, icc))
    root.append(_layer("Background", "data/background.png", document.size.bounds, visible=True))
    return image


def _group(
    archive: zipfile.ZipFile, document: Document, edit: PlacedEdit, icc: bytes, taken: set[str]
) -> ElementTree.Element:
    number = next(n for n in range(1, _MAX_ENTRIES) if f"inlay/recipe-{n}.json" not in taken)
    recipe = f"inlay/recipe-{number}.json"
    taken.add(recipe)
    archive.writestr(recipe, json.dumps(json.loads(edit.recipe_json), sort_keys=True, indent=1))
    group = ElementTree.Element(
        "stack",
        {
            "name": edit.name,
            "x": "0",
            "y": "0",
            "opacity": "1.0",
            "visibility": "visible",
            "composite-op": "svg:src-over",
            "isolation": "isolate",
            "inlay-recipe": recipe,
        },
    )
    mask = f"data/inlay-{number}-mask.png"
    archive.writestr(mask, encode_png(_mask_pixels(document, edit), icc))
    group.append(_layer(MASK_LAYER, mask, edit.bounds, visible=True, operation="svg:dst-in"))
    for index, (name, samples, visible) in enumerate(edit.layers, start=1):
        source = f"data/inlay-{number}-{index}.png"
        archive.writestr(source, encode_png(samples, icc))
        group.append(_layer(name, source, edit.bounds, visible=visible))
    return group


def _mask_pixels(document: Document, edit: PlacedEdit) -> NDArray[np.generic]:
    """White of the document's kind, its alpha the mask."""
    mask = edit.mask
    colors = 1 if document.order.startswith("Y") else 3
    white = np.full((*mask.shape, colors), document.white_level, mask.dtype)
    return np.concatenate([white, mask[..., None]], axis=-1)


def _layer(
    name: str, source: str, bounds: Rect, *, visible: bool, operation: str = "svg:src-over"
) -> ElementTree.Element:
    return ElementTree.Element(
        "layer",
        {
            "name": name,
            "src": source,
            "x": str(bounds.x),
            "y": str(bounds.y),
            "opacity": "1.0",
            "visibility": "visible" if visible else "hidden",
            "composite-op": operation,
        },
    )


def _thumbnail(samples: NDArray[np.generic]) -> NDArray[np.generic]:
    """At most 256 pixels a side, 8 bit, in the document's encoding: file managers show it without a profile."""
    height, width = samples.shape[:2]
    scale = min(1.0, THUMBNAIL_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    step = max(1, max(height, width) // (4 * THUMBNAIL_PX))
    share = samples[::step, ::step].astype(np.float32) / np.float32(white_of(samples.dtype))
    small = cv2.resize(share, size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0], -1)
    return np.rint(small * 255).astype(np.uint8)
