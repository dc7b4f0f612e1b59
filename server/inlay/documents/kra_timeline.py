"""A clip as Krita's own file: one layer that has its pictures as frames on the timeline. Source: what Krita 5.1.5 saved."""

import json
import uuid
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inlay import color
from inlay.documents.document import Document, white_of
from inlay.documents.kra_tiles import SPACES, Space, packed
from inlay.documents.metadata import KRITA_PROVENANCE
from inlay.documents.openraster import thumbnail
from inlay.documents.png import encode_png
from inlay.documents.write import check_integer, storing

_FOLDER, _LAYER = "clip", "layer2"
_DOCTYPE = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE {0} PUBLIC "-//KDE//DTD {1}//EN" "http://www.calligra.org/DTD/{2}.dtd">\n'
_SPACE_NAMES = {("RGB", 1): "RGBA", ("RGB", 2): "RGBA16", ("Y", 1): "GRAYA", ("Y", 2): "GRAYAU16"}
_INCH_PX = 72.0
"""Where a document says nothing of its resolution."""


def write_timeline(
    path: Path, like: Document, frames: Iterable[NDArray[np.generic]], fps: int, acts: Mapping[str, Any] | None = None
) -> None:
    """Write a .kra whose pictures are at 0, 1, 2 ... of the timeline; the playback range is all of them.

    like: whose profile, resolution and, for the layer, file name it gets. frames: at least one, height x width x channels of
    `like`, 8 or 16 bit, kept bit for bit; they are taken one by one. fps: at least 1; Krita counts whole pictures a second.
    acts: what was done to it, as `provenance.acts_in` takes it; None: nothing. A file that is there is replaced only once the
    new one is complete. Raises Unsupported for float samples, InvalidInput where the place cannot be written to.
    """
    check_integer(like, "animated Krita")
    named = _SPACE_NAMES[like.order.removesuffix("A"), like.samples.dtype.itemsize]
    space, icc = SPACES[named], like.icc or color.profile_bytes(like.raster(like.size, ""))
    identity = "{" + str(uuid.uuid5(uuid.NAMESPACE_OID, like.path.stem)) + "}"
    entries: list[str] = []
    with storing(path) as beside, zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/x-krita", zipfile.ZIP_STORED)
        for samples in frames:
            if not entries:
                _show(archive, samples, icc)
            entries.append(f"{_LAYER}.f{len(entries)}" if entries else _LAYER)
            _add_pixels(archive, entries[-1], samples, space)
        _add_xml(archive, f"{_FOLDER}/layers/{_LAYER}.keyframes.xml", _keyframes(entries), "krita-keyframes 1.0")
        _add_xml(
            archive, f"{_FOLDER}/animation/index.xml", _playback("animation-metadata", len(entries), fps), "krita 1.1"
        )
        _add_xml(
            archive, "maindoc.xml", _main(like, named, identity, len(entries), fps, says=acts is not None), "krita 2.0"
        )
        archive.writestr(f"{_FOLDER}/layers/{_LAYER}.icc", icc)
        archive.writestr(f"{_FOLDER}/annotations/icc", icc)
        if acts is not None:
            archive.writestr(f"{_FOLDER}/annotations/{KRITA_PROVENANCE}", json.dumps({identity: acts}, sort_keys=True))


def _show(archive: zipfile.ZipFile, first: NDArray[np.generic], icc: bytes) -> None:
    """What file managers and other programs show of it; 8 bit, as Krita has it."""
    eight = np.rint(first.astype(np.float32) * np.float32(255 / white_of(first.dtype))).astype(np.uint8)
    archive.writestr("mergedimage.png", encode_png(eight, icc), zipfile.ZIP_STORED)
    archive.writestr("preview.png", encode_png(thumbnail(first)), zipfile.ZIP_STORED)


def _add_pixels(archive: zipfile.ZipFile, entry: str, samples: NDArray[np.generic], space: Space) -> None:
    channels = len(space.order)
    if samples.shape[2] < channels:
        opaque = np.full((*samples.shape[:2], 1), white_of(samples.dtype), samples.dtype)
        samples = np.concatenate([samples, opaque], axis=2)
    name = f"{_FOLDER}/layers/{entry}"
    archive.writestr(name, packed(samples, space), zipfile.ZIP_STORED)  # They are packed already.
    archive.writestr(f"{name}.defaultpixel", bytes(channels * space.dtype.itemsize))


def _add_xml(archive: zipfile.ZipFile, name: str, root: ElementTree.Element, kind: str) -> None:
    said = _DOCTYPE.format(root.tag, kind, kind.replace(" ", "-")) + ElementTree.tostring(root, "unicode") + "\n"
    archive.writestr(name, said)


def _main(like: Document, space: str, identity: str, count: int, fps: int, *, says: bool) -> ElementTree.Element:
    across, down = like.metadata.pixels_per_inch or (_INCH_PX, _INCH_PX)
    root = ElementTree.Element(
        "DOC", {"xmlns": "http://www.calligra.org/DTD/krita", "editor": "Inlay", "syntaxVersion": "2.0"}
    )
    about = {
        "mime": "application/x-kra",
        "name": _FOLDER,
        "description": "",
        "width": str(like.size.width),
        "height": str(like.size.height),
        "colorspacename": space,
        "profile": like.profile,
        "x-res": f"{across:g}",
        "y-res": f"{down:g}",
    }
    image = ElementTree.SubElement(root, "IMAGE", about)
    layer = {
        "name": like.path.stem,
        "uuid": identity,
        "nodetype": "paintlayer",
        "filename": _LAYER,
        "keyframes": f"{_LAYER}.keyframes.xml",
        "colorspacename": space,
        "compositeop": "normal",
        "opacity": "255",
        "visible": "1",
        "x": "0",
        "y": "0",
        "intimeline": "1",
        "selected": "true",
    }
    ElementTree.SubElement(ElementTree.SubElement(image, "layers"), "layer", layer)
    image.append(_playback("animation", count, fps))
    if says:
        what = {
            "type": KRITA_PROVENANCE,
            "description": "Inlay: what was done to the picture, for its Content Credentials",
        }
        ElementTree.SubElement(ElementTree.SubElement(image, "Annotations"), "Annotation", what)
    return root


def _keyframes(entries: list[str]) -> ElementTree.Element:
    root = ElementTree.Element("keyframes", {"xmlns": "http://www.calligra.org/DTD/krita-keyframes"})
    channel = ElementTree.SubElement(root, "channel", {"name": "content"})
    for time, entry in enumerate(entries):
        frame = ElementTree.SubElement(channel, "keyframe", {"time": str(time), "color-label": "0", "frame": entry})
        ElementTree.SubElement(frame, "offset", {"type": "point", "x": "0", "y": "0"})
    return root


def _playback(tag: str, count: int, fps: int) -> ElementTree.Element:
    """How fast it plays, from where to where, and where it stands."""
    root = ElementTree.Element(tag)
    ElementTree.SubElement(root, "framerate", {"type": "value", "value": str(fps)})
    ElementTree.SubElement(root, "range", {"type": "timerange", "from": "0", "to": str(count - 1)})
    ElementTree.SubElement(root, "currentTime", {"type": "value", "value": "0"})
    return root
