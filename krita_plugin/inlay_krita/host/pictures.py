"""Pictures that go along as references: layers, read when a run begins, and what was taken before: seen, copied, from a file."""

import uuid
from typing import NamedTuple

from krita import Krita

from ..qt import Qt, QtCore, QtGui, QtWidgets
from ..words import say
from . import capture, identity, place
from .capture import Rect
from .facts import CannotEdit, Facts, facts_of
from .scratch import undisturbed

CLIPPED = ("RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc")
"""What Qt's clipboard gives: 8-bit sRGB."""

THUMBNAIL_PX = 64
LOOKED_AT_PX = 1024

PALETTE = "palette"
"""The role of a picture that only lends its colours: no model is shown it."""


class Picture(NamedTuple):
    """pixels: in the samples of `facts`, whose canvas is the picture. shown: small, in sRGB."""

    name: str
    facts: Facts
    pixels: bytes
    shown: QtGui.QImage = QtGui.QImage()


_taken: "dict[str, Picture]" = {}
"""What is no layer, by the key that a form holds; as long as Krita runs."""


def seen(document) -> str:
    """Takes what is selected of what a picture shows, or all of it; returns its key. Raises CannotEdit."""
    facts, region = facts_of(document), capture.region_of(document) or capture.canvas_of(document)
    shown = document.projection(*region)
    own = facts._replace(width=region.width, height=region.height)
    return _keep(Picture(document.name(), own, capture.composite_of(document, region), small(shown)))


def copied() -> str:
    """Takes what the clipboard holds; returns its key. Raises CannotEdit where that is no picture."""
    image = QtWidgets.QApplication.clipboard().image()
    if image.isNull():
        raise CannotEdit(say("references.nothing_copied"))
    return _keep(_of_image(say("references.clipboard"), image)._replace(shown=small(image)))


def looked_at(document) -> Picture:
    """All of what a document shows, no larger than anybody looks at to find something in it."""
    image = document.projection(*capture.canvas_of(document))
    if max(image.width(), image.height()) > LOOKED_AT_PX:
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        image = image.scaled(LOOKED_AT_PX, LOOKED_AT_PX, keep, smooth)
    return _of_image(document.name(), image)


def _of_image(name: str, image: QtGui.QImage) -> Picture:
    image = image.convertToFormat(QtGui.QImage.Format.Format_ARGB32)
    facts = Facts(image.width(), image.height(), *CLIPPED)
    return Picture(name, facts, image.bits().asstring(image.sizeInBytes()))


def from_file(path: str) -> str:
    """Takes what Krita shows of a file, whatever it can open; returns its key. Raises CannotEdit."""
    with undisturbed():
        document = Krita.instance().openDocument(path)
        if document is None:
            raise CannotEdit(say("references.unreadable", file=QtCore.QFileInfo(path).fileName()))
        try:
            document.setBatchmode(True)
            document.waitForDone()
            facts, canvas = facts_of(document), capture.canvas_of(document)
            pixels, shown = capture.composite_of(document, canvas), document.projection(*canvas)
        finally:
            document.setModified(False)
            document.close()
    return _keep(Picture(QtCore.QFileInfo(path).fileName(), facts, pixels, small(shown)))


def is_there(document, key: str) -> bool:
    """Whether what a key stands for can be read."""
    return key in _taken or (document is not None and place.layer_with(document, key) is not None)


def name_of(document, key: str) -> str:
    """For people."""
    layer = None if key in _taken else place.layer_with(document, key)
    return layer.name() if layer is not None else _taken[key].name


def thumbnail(document, key: str) -> QtGui.QImage:
    """At most `THUMBNAIL_PX` wide and high."""
    layer = None if key in _taken else place.layer_with(document, key)
    return layer.thumbnail(THUMBNAIL_PX, THUMBNAIL_PX) if layer is not None else _taken[key].shown


def sizes(document, wish) -> "tuple[tuple[int, int], ...]":
    """Widths and heights of the pictures of a wish that a model looks at."""
    found = []
    for one in wish.references():
        if one["role"] == PALETTE or not one["weight"]:
            continue
        if one["picture"] in _taken:
            found.append(_taken[one["picture"]].facts[:2])
        elif (layer := place.layer_with(document, one["picture"])) is not None:
            bounds = _inside(document, layer)
            found.append((bounds.width, bounds.height) if bounds else (0, 0))
    return tuple(size for size in found if all(size))


async def read(document, key: str) -> Picture:
    """A picture with its pixels: of a layer, what of it lies in the canvas. Raises CannotEdit where there is nothing any more."""
    if key in _taken:
        return _taken[key]
    identity.must_be_open(document)
    layer = place.layer_with(document, key)
    bounds = _inside(document, layer) if layer is not None else None
    if layer is None or bounds is None:
        raise CannotEdit(say("references.gone"))
    facts = Facts(bounds.width, bounds.height, layer.colorModel(), layer.colorDepth(), layer.colorProfile())
    return Picture(layer.name(), facts, await capture.pixels_of(document, bounds, layer))


def _inside(document, layer) -> "Rect | None":
    return place.bounds_of(layer).intersection(capture.canvas_of(document))


def _keep(picture: Picture) -> str:
    key = str(uuid.uuid4())
    _taken[key] = picture
    return key


def small(image: QtGui.QImage) -> QtGui.QImage:
    """At most `THUMBNAIL_PX` wide and high."""
    keep = Qt.AspectRatioMode.KeepAspectRatio
    return image.scaled(THUMBNAIL_PX, THUMBNAIL_PX, keep, Qt.TransformationMode.SmoothTransformation)
