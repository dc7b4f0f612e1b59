"""The layer records of a PSD file: a picture as a layer, layers as a group, an edit as a group with a layer mask."""

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay.documents.document import Document, PlacedEdit
from inlay.documents.psd_channels import stored_channel
from inlay.documents.psd_file import Block, Record
from inlay.documents.psd_notes import note_of_group, note_of_layer
from inlay.region import Rect

END_OF_GROUP = "</Layer group>"
"""What Photoshop calls the invisible record below a group's lowest layer."""
TRANSPARENCY, MASK = -1, -2
OPEN_GROUP, CLOSED_GROUP, END = 1, 2, 3
NORMAL, PASS_THROUGH = b"norm", b"pass"
PROTECTED, HIDDEN, KNOWS_IRRELEVANCE, IRRELEVANT = 1, 2, 8, 16
"""Bits of a record's flags: transparency locked, not visible, and whether pixels mean nothing, which is known since version 5."""
_MAX_NAME_BYTES = 255
_EMPTY_CHANNEL = struct.pack(">H", 0)

Planes = Mapping[int, NDArray[np.generic]]


class Mask(NamedTuple):
    """A layer mask: where it lies, its samples (height x width), and 0 or 255 for everywhere else."""

    bounds: Rect
    samples: NDArray[np.generic]
    outside: int = 0
    disabled: bool = False


@dataclass(frozen=True)
class Look:
    """How a layer is shown. opacity: 0..1; blend: a key of four bytes."""

    opacity: float = 1.0
    visible: bool = True
    blend: bytes = NORMAL
    flags: int = KNOWS_IRRELEVANCE


def background(document: Document, version: int) -> Record:
    """The document's own picture: Photoshop's locked Background, or a common layer where there is transparency."""
    name = "Layer 0" if document.has_alpha else "Background"
    look = Look() if document.has_alpha else Look(flags=KNOWS_IRRELEVANCE | PROTECTED)
    planes = _color_planes(document.samples, document)
    if document.has_alpha:
        planes = {TRANSPARENCY: document.samples[..., -1]} | dict(planes)
    return layer(name, document.size.bounds, planes, version, look)


def group_of(document: Document, edit: PlacedEdit, version: int, document_id: str = "") -> Iterator[Record]:
    """An edit's records from the bottom up. The mask must have the document's depth.

    document_id: what the panel knows the file's results by; where it is empty, the edit's own job.
    """
    layers: list[Record] = []
    results = edit.memory.results if edit.memory else (b"",) * len(edit.layers)
    for (name, samples, visible), result in zip(reversed(edit.layers), reversed(results), strict=True):
        opaque = np.full(samples.shape[:2], document.white_level, samples.dtype)
        alpha = samples[..., -1] if document.has_alpha else opaque
        planes = {TRANSPARENCY: alpha, **_color_planes(samples, document)}
        stored = np.stack([*(planes[index] for index in range(len(planes) - 1)), alpha], axis=-1)
        blocks = (note_of_layer(result, document, stored, edit.bounds),) if edit.memory else ()
        layers.append(layer(name, edit.bounds, planes, version, Look(visible=visible), blocks=blocks))
    colors = document.samples.shape[2] - document.has_alpha
    mask = Mask(edit.bounds, edit.mask)
    if edit.memory is None:
        return group(edit.name, layers, colors, version, Look(), mask)
    note = note_of_group(edit.memory, document_id or edit.memory.job_id)
    return group(edit.name, layers, colors, version, Look(), mask, (note,))


def group(
    name: str,
    layers: Iterable[Record],
    colors: int,
    version: int,
    look: Look,
    mask: Mask | None = None,
    blocks: tuple[Block, ...] = (),
) -> Iterator[Record]:
    """A group's records from the bottom up, around those of its layers. colors: channels of colour that the document has."""
    yield _divider(END_OF_GROUP, END, colors, version, Look())
    yield from layers
    yield _divider(name, OPEN_GROUP, colors, version, look, mask, blocks)


def layer(
    name: str,
    bounds: Rect,
    planes: Planes,
    version: int,
    look: Look,
    mask: Mask | None = None,
    blocks: tuple[Block, ...] = (),
) -> Record:
    """A record and its channels: `planes` by channel number, each height x width of `bounds`, uint8 or uint16."""
    stored = {
        number: stored_channel(plane, version) if plane.size else _EMPTY_CHANNEL for number, plane in planes.items()
    }
    if mask is not None:
        stored[MASK] = stored_channel(mask.samples, version)
    form = ">hI" if version == 1 else ">hQ"
    channels = b"".join(struct.pack(form, number, len(data)) for number, data in stored.items())
    flags = look.flags | (0 if look.visible else HIDDEN)
    extra = b"".join(
        [
            _mask_data(mask),
            _blending_ranges(len(planes)),
            _pascal_name(name),
            Block.of(b"luni", _unicode(name)).raw,
            *(block.raw for block in blocks),
        ]
    )
    head = b"".join(
        [
            struct.pack(">4iH", bounds.y, bounds.x, bounds.bottom, bounds.right, len(stored)),
            channels,
            b"8BIM" + look.blend,
            struct.pack(">BBBB", round(look.opacity * 255), 0, flags, 0),
            struct.pack(">I", len(extra)),
            extra,
        ]
    )
    return Record(head, b"".join(stored.values()))


def _color_planes(samples: NDArray[np.generic], document: Document) -> Planes:
    colors = samples.shape[2] - document.has_alpha
    return {index: samples[..., index] for index in range(colors)}


def _divider(
    name: str,
    kind: int,
    colors: int,
    version: int,
    look: Look,
    mask: Mask | None = None,
    blocks: tuple[Block, ...] = (),
) -> Record:
    empty = np.zeros((0, 0), np.uint8)
    planes = dict.fromkeys((TRANSPARENCY, *range(colors)), empty)
    section = Block.of(b"lsct", struct.pack(">I4s4s", kind, b"8BIM", look.blend))
    return layer(name, Rect(0, 0, 0, 0), planes, version, look, mask, (section, *blocks))


def _mask_data(mask: Mask | None) -> bytes:
    if mask is None:
        return struct.pack(">I", 0)
    box = mask.bounds
    disabled = 2 if mask.disabled else 0
    return struct.pack(">I4iBBH", 20, box.y, box.x, box.bottom, box.right, mask.outside, disabled, 0)


def _blending_ranges(channels: int) -> bytes:
    """Everything blends, in the composite gray and in each channel."""
    ranges = struct.pack(">4H", 0, 65_535, 0, 65_535) * (1 + channels)
    return struct.pack(">I", len(ranges)) + ranges


def _pascal_name(name: str) -> bytes:
    """Mac Roman, padded to a multiple of four with its length byte."""
    encoded = name.encode("mac_roman", "replace")[:_MAX_NAME_BYTES]
    text = bytes([len(encoded)]) + encoded
    return text + bytes(-len(text) % 4)


def _unicode(name: str) -> bytes:
    encoded = name.encode("utf-16-be", "replace")
    text = struct.pack(">I", len(encoded) // 2) + encoded
    return text + bytes(-len(text) % 4)
