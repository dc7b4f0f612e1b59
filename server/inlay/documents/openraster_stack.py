"""An OpenRaster's layers as a stack, and a stack as its elements. Source: the OpenRaster specification 0.0.6.

OpenRaster has no layer masks. A group whose uppermost layer has the operation svg:dst-in shows only where that layer is opaque:
that is a mask here, and how masks are written.
"""

import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inlay.documents import openraster_archive as archives
from inlay.documents.document import Document, white_of
from inlay.documents.layer_stack import NORMAL, Group, Item, Layer, LayerMask, Losses, Stack, shifted
from inlay.documents.png import decode_png
from inlay.region import Size

MASK_LAYER = "Mask"
MASKS = "svg:dst-in"
_MAX_OFFSET_PX = 10_000_000

Save = Callable[[NDArray[np.generic]], str]
"""Writes a layer's pixels into the archive, and returns the entry's name."""


def stack_of(document: Document) -> Stack:
    """The layers of an OpenRaster original, at the document's depth, with its channels of colour and alpha, on its canvas."""
    colors = 1 if document.order.startswith("Y") else 3
    with archives.opened(document.original) as archive:
        image = archives.stack_of(archive)
        stack = read_stack(archive, image, colors, document.samples.dtype)
    return Stack(shifted(stack.items, *document.origin), stack.notes)


def read_stack(archive: zipfile.ZipFile, image: ElementTree.Element, colors: int, dtype: np.dtype[np.generic]) -> Stack:
    """The layers of an archive with samples of `dtype`, `colors` channels and alpha."""
    losses = Losses()
    limit = archives.entry_limit(archives.size_of(image))
    root = image.find("stack")
    assert root is not None

    def read(parent: ElementTree.Element) -> tuple[Item, ...]:
        return tuple(item for element in parent if (item := item_of(element)) is not None)

    def item_of(element: ElementTree.Element) -> Item | None:
        name, opacity = element.get("name", ""), _number(element, "opacity", 1.0)
        visible, blend = element.get("visibility") != "hidden", element.get("composite-op", NORMAL)
        if element.tag == "stack":
            items = read(element)
            mask = None
            if items and isinstance(items[0], Layer) and items[0].blend == MASKS and items[0].visible:
                mask = LayerMask(items[0].x, items[0].y, items[0].samples[..., -1])
                items = items[1:]
            isolated = mask is not None or blend != NORMAL or opacity < 1 or element.get("isolation") == "isolate"
            return Group(name, items, opacity, visible, blend, isolated, mask)
        if element.tag != "layer" or element.get("src", "") not in archive.namelist():
            losses.add("layers without pixels cannot be kept", name)
            return None
        picture = decode_png(archives.entry(archive, element.get("src", ""), limit)).samples
        if picture.dtype.itemsize > dtype.itemsize:
            losses.add("16 bit layers became 8 bit, as the document is", name)
        samples = _as(picture, colors, dtype)
        x, y = (round(_number(element, axis, 0)) for axis in ("x", "y"))
        return Layer(name, x, y, samples, opacity, visible, blend)

    return Stack(read(root), losses.notes)


def elements_of(items: Sequence[Item], size: Size, save: Save) -> list[ElementTree.Element]:
    """The elements of a stack; `size`: of the canvas, which a mask that is white outside has to cover."""
    return [_element(item, size, save) for item in items]


def layer_element(
    name: str, source: str, x: int, y: int, *, visible: bool, opacity: float = 1.0, operation: str = NORMAL
) -> ElementTree.Element:
    attributes = {
        "name": name,
        "src": source,
        "x": str(x),
        "y": str(y),
        "opacity": f"{opacity:.6g}" if opacity < 1 else "1.0",
        "visibility": "visible" if visible else "hidden",
        "composite-op": operation,
    }
    return ElementTree.Element("layer", attributes)


def group_element(
    name: str, *, visible: bool = True, opacity: float = 1.0, operation: str = NORMAL, isolated: bool = True
) -> ElementTree.Element:
    attributes = {
        "name": name,
        "x": "0",
        "y": "0",
        "opacity": f"{opacity:.6g}" if opacity < 1 else "1.0",
        "visibility": "visible" if visible else "hidden",
        "composite-op": operation,
        "isolation": "isolate" if isolated else "auto",
    }
    return ElementTree.Element("stack", attributes)


def mask_pixels(mask: NDArray[np.generic], colors: int) -> NDArray[np.generic]:
    """White, its alpha the mask (height x width)."""
    white = np.full((*mask.shape, colors), white_of(mask.dtype), mask.dtype)
    return np.concatenate([white, mask[..., None]], axis=-1)


def _element(item: Item, size: Size, save: Save) -> ElementTree.Element:
    look: Any = {"visible": item.visible, "opacity": item.opacity, "operation": item.blend}
    if isinstance(item, Layer) and item.mask is None:
        return layer_element(item.name, save(item.samples), item.x, item.y, **look)
    if isinstance(item, Layer):
        group = group_element(item.name, **look)
        group.append(layer_element(item.name, save(item.samples), item.x, item.y, visible=True))
        colors = item.samples.shape[2] - 1
    else:
        group = group_element(item.name, isolated=item.isolated or item.mask is not None, **look)
        group.extend(elements_of(item.items, size, save))
        colors = 3
    if item.mask is not None:
        mask = item.mask
        if mask.white_outside:
            mask = LayerMask(0, 0, mask.over(0, 0, size))
        source = save(mask_pixels(mask.samples, colors))
        group.insert(0, layer_element(MASK_LAYER, source, mask.x, mask.y, visible=True, operation=MASKS))
    return group


def _as(picture: NDArray[np.generic], colors: int, dtype: np.dtype[np.generic]) -> NDArray[np.generic]:
    """Any PNG's samples as Y or RGB with alpha."""
    white = white_of(picture.dtype)
    alpha = picture[..., -1:] if picture.shape[2] in (2, 4) else np.full_like(picture[..., :1], white)
    color = picture[..., : 3 if picture.shape[2] >= 3 else 1]
    if color.shape[2] < colors:
        color = np.repeat(color, colors, axis=-1)
    elif color.shape[2] > colors:
        color = np.rint(color.mean(axis=-1, keepdims=True)).astype(picture.dtype)
    samples = np.concatenate([color, alpha], axis=-1)
    if samples.dtype == dtype:
        return samples
    return np.rint(samples.astype(np.float64) * (white_of(dtype) / white)).astype(dtype)


def _number(element: ElementTree.Element, name: str, default: float) -> float:
    try:
        found = float(element.get(name, default))
    except ValueError:
        return default
    return found if abs(found) <= _MAX_OFFSET_PX else default
