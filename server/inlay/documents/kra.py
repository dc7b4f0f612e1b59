"""Krita's own files: what a .kra shows, and its layers. Source: files that Krita 5.1.5 and 5.2 wrote.

What a file shows is in it once more, with 8 bit only: pictures of more are put together of their layers. Of an animation it is the
first frame.
"""

import xml.etree.ElementTree as ElementTree
import zipfile
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inlay.documents import openraster_archive as archives
from inlay.documents.broken import Broken
from inlay.documents.document import Document, white_of
from inlay.documents.kra_tiles import SPACES, TILE, Space, unpacked
from inlay.documents.layer_stack import (
    NORMAL,
    Group,
    Item,
    Layer,
    LayerMask,
    Losses,
    Stack,
    composed,
    put,
    shifted,
)
from inlay.documents.metadata import NOTHING, Picture
from inlay.documents.png import decode_png
from inlay.errors import InvalidInput, Unsupported

_MAIN, _MERGED = "maindoc.xml", "mergedimage.png"
_DOCUMENT_TYPE = "DOC"
_PROFILE = "/annotations/icc"
_MAX_OFFSET_PX = 10_000_000

_BLENDS = {
    "normal": NORMAL,
    "add": "svg:plus",
    "dodge": "svg:color-dodge",
    "burn": "svg:color-burn",
    "diff": "svg:difference",
    "soft_light_svg": "svg:soft-light",
    "hue_hsl": "svg:hue",
    "saturation_hsl": "svg:saturation",
    "color_hsl": "svg:color",
    "lighten": "svg:lighten",
    "darken": "svg:darken",
    "multiply": "svg:multiply",
    "screen": "svg:screen",
    "overlay": "svg:overlay",
    "hard_light": "svg:hard-light",
}
"""Other operations keep Krita's own name behind `krita:`."""


def decode_kra(data: bytes) -> Picture:
    """What a .kra shows: its own merged picture at 8 bit, else its layers put together.

    Raises InvalidInput for what is no such file, Unsupported for CMYK and other colours, and where more than 8 bit blend in ways
    that nobody here computes.
    """
    with archives.opened(data) as archive:
        file = _File(archive)
        stack = file.stack()
        if file.space.dtype == np.uint8 and _MERGED in archive.namelist():
            samples = _merged(archive, file)
            notes = stack.notes
        else:
            samples, notes = _put_together(file, stack), stack.notes
        return Picture(samples, file.profile(), replace(NOTHING, pixels_per_inch=file.resolution), notes)


def stack_of(document: Document) -> Stack:
    """The layers of a .kra original, at the document's depth, on its canvas."""
    with archives.opened(document.original) as archive:
        stack = _File(archive).stack()
    return Stack(shifted(stack.items, *document.origin), stack.notes)


class _File:
    """An open .kra. Raises InvalidInput and Unsupported as `decode_kra` says, Broken for what is not whole."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._image = _image_of(archive)
        self.size = archives.size_of(self._image, "width", "height")
        self._limit = archives.entry_limit(self.size)
        named = self._image.get("colorspacename", "")
        if named not in SPACES:
            raise Unsupported(
                f"a Krita picture of {named[:40]} cannot be edited; convert it to RGB or gray", field="path"
            )
        self.space_name, self.space = named, SPACES[named]
        self._losses = Losses()

    @property
    def resolution(self) -> tuple[float, float] | None:
        across, down = (_number(self._image, name, 0) for name in ("x-res", "y-res"))
        return (across, down) if 0 < across < 65_535 and 0 < down < 65_535 else None

    def profile(self) -> bytes:
        name = next((name for name in self._archive.namelist() if name.endswith(_PROFILE)), "")
        return archives.entry(self._archive, name, self._limit) if name else b""

    def stack(self) -> Stack:
        layers = self._image.find("layers")
        items = tuple(self._items(layers)) if layers is not None else ()
        return Stack(items, self._losses.notes)

    def _items(self, layers: ElementTree.Element) -> list[Item]:
        return [item for element in layers.findall("layer") if (item := self._item(element)) is not None]

    def _item(self, element: ElementTree.Element) -> Item | None:
        name, kind = element.get("name", ""), element.get("nodetype", "")
        opacity = min(max(_number(element, "opacity", 255), 0), 255) / 255
        visible, blend = element.get("visible") != "0", _blend_of(element)
        if kind == "grouplayer":
            inner = element.find("layers")
            mask = self._mask_of(element, name)
            items = tuple(self._items(inner)) if inner is not None else ()
            isolated = element.get("passthrough") != "1" or mask is not None
            return Group(name, items, opacity, visible, blend, isolated, mask)
        if kind != "paintlayer" or element.get("colorspacename", self.space_name) != self.space_name:
            lost = (
                "layers without pixels of their own"
                if kind != "paintlayer"
                else "layers of other colours than the picture"
            )
            self._losses.add(f"{lost} cannot be kept" + ("" if visible else ", hidden ones"), name)
            return None
        x, y, samples = self._pixels(element, self.space)
        return Layer(name, x, y, samples, opacity, visible, blend, self._mask_of(element, name))

    def _mask_of(self, element: ElementTree.Element, name: str) -> LayerMask | None:
        """The one mask of a layer that says how much of it shows; of several, all of them together."""
        shows: list[LayerMask] = []
        for mask in (*element.findall("masks/mask"), *element.findall("layers/mask")):  # of a layer, of a group
            if mask.get("visible") == "0" or mask.get("nodetype") == "selectionmask":
                continue
            if mask.get("nodetype") != "transparencymask":
                self._losses.add("masks that change a layer's pixels cannot be kept", name)
                continue
            x, y, samples = self._pixels(mask, Space(np.dtype("u1"), (0,)))
            outside = self._default(mask)[:1] == b"\xff"
            shows.append(LayerMask(x, y, self._deep(samples[..., 0].astype(np.float64) / 255), outside))
        if len(shows) < 2:
            return shows[0] if shows else None
        together = np.ones((self.size.height, self.size.width), np.float64)
        for one in shows:
            together *= one.over(0, 0, self.size).astype(np.float64) / white_of(self.space.dtype)
        return LayerMask(0, 0, self._deep(together))

    def _deep(self, share: NDArray[np.float64]) -> NDArray[np.generic]:
        """0..1 as samples of the picture's type."""
        if self.space.dtype.kind == "f":
            return share.astype(self.space.dtype)
        return np.rint(share * white_of(self.space.dtype)).astype(self.space.dtype)

    def _default(self, element: ElementTree.Element) -> bytes:
        name = self._entry_of(element) + ".defaultpixel"
        return archives.entry(self._archive, name, 64) if name in self._archive.namelist() else b""

    def _entry_of(self, element: ElementTree.Element) -> str:
        wanted = f"/layers/{element.get('filename', '')}" + (".pixelselection" if element.tag == "mask" else "")
        return next((name for name in self._archive.namelist() if name.endswith(wanted)), "")

    def _pixels(self, element: ElementTree.Element, space: Space) -> tuple[int, int, NDArray[np.generic]]:
        """Where a layer's tiles lie on the canvas, and their samples, height x width x `space.order`; its default between them."""
        entry = self._entry_of(element)
        tiles = unpacked(archives.entry(self._archive, entry, self._limit), space) if entry else {}
        default = self._default(element)
        blank = np.frombuffer(default, space.dtype) if len(default) == space.dtype.itemsize * len(space.order) else None
        x, y = (round(_number(element, axis, 0)) for axis in ("x", "y"))
        filled = blank is not None and bool(blank.any()) and len(space.order) > 1
        places = [(column + x, row + y) for column, row in tiles]
        places += [(0, 0), (self.size.width - TILE, self.size.height - TILE)] if filled else []
        if not places:
            return x, y, np.zeros((1, 1, len(space.order)), space.dtype)  # No format has a layer of no pixel.
        left, top = (min(place[axis] for place in places) for axis in (0, 1))
        right, bottom = (max(place[axis] for place in places) + TILE for axis in (0, 1))
        if (right - left) * (bottom - top) * space.dtype.itemsize * len(space.order) > 4 * self._limit:
            raise InvalidInput(
                "path", f"a layer of {right - left} x {bottom - top} px", "it must be as large as its picture"
            )
        canvas = np.zeros((bottom - top, right - left, len(space.order)), space.dtype)
        if blank is not None:
            canvas[:] = blank
        for (column, row), tile in tiles.items():
            put(canvas, tile, column + x - left, row + y - top)
        return left, top, canvas[..., list(space.order)]


def _merged(archive: zipfile.ZipFile, file: _File) -> NDArray[np.generic]:
    samples = decode_png(archives.entry(archive, _MERGED, archives.entry_limit(file.size))).samples
    if samples.shape[:2] != (file.size.height, file.size.width) or samples.dtype != np.uint8:
        raise Broken("its merged picture is of another size")
    alpha = samples[..., -1:] if samples.shape[2] in (2, 4) else np.full_like(samples[..., :1], 255)
    colors = samples[..., :1] if len(file.space.order) == 2 else samples[..., :3]
    if colors.shape[2] != len(file.space.order) - 1:
        colors = np.repeat(colors[..., :1], len(file.space.order) - 1, -1)
    return np.concatenate([colors, alpha], -1)


def _put_together(file: _File, stack: Stack) -> NDArray[np.generic]:
    samples = composed(stack.items, file.size, len(file.space.order), file.space.dtype) if stack.items else None
    if samples is None or any("cannot be kept" in note and ", hidden ones" not in note for note in stack.notes):
        raise Unsupported(
            f"a Krita picture of {file.space.dtype.itemsize * 8} bit whose layers do more than lie over each other shows what only"
            " Krita can compute; save a copy as .psd, .tif or flattened",
            field="path",
        )
    return samples


def _image_of(archive: zipfile.ZipFile) -> ElementTree.Element:
    """maindoc.xml's image, without the namespace of its names."""
    root = archives.parsed(archives.entry(archive, _MAIN, archives.MAX_XML_BYTES), _MAIN, _DOCUMENT_TYPE)
    for element in root.iter() if root is not None else ():
        element.tag = element.tag.rpartition("}")[2]
    image = root.find("IMAGE") if root is not None else None
    if image is None:
        raise InvalidInput("path", f"no <IMAGE> in {_MAIN}", "it must be there")
    return image


def _blend_of(element: ElementTree.Element) -> str:
    own = element.get("compositeop", "normal")
    return _BLENDS.get(own, f"krita:{own}")


def _number(element: ElementTree.Element, name: str, default: float) -> float:
    try:
        found = float(element.get(name, default))
    except ValueError:
        return default
    return found if abs(found) <= _MAX_OFFSET_PX else default
