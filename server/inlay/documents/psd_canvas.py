"""A PSD on another canvas: every layer, mask, path, text and guide stays at its pixels. Source: Adobe Photoshop File Formats."""

import struct
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inlay.documents import image_resources
from inlay.documents.document import Document, white_of
from inlay.documents.image_resources import Shift
from inlay.documents.layer_stack import Losses, put
from inlay.documents.psd_channels import stored_channel, stored_picture, unpacked
from inlay.documents.psd_file import MERGED_TRANSPARENCY_16, Block, Header, PsdFile, Record, blocks_of
from inlay.documents.psd_layers import PROTECTED, TRANSPARENCY
from inlay.errors import Unsupported

_MAX_SIDE_PX = {1: 30_000, 2: 300_000}
_VECTOR_MASKS = (b"vmsk", b"vsms")
_PATH_START = 8
_TEXT_PLACE = 34
"""Where a TySh block has the last two of its transform's six numbers: across and down."""
_CORNERS = (b"TrnfVlLs\0\0\0\x08", b"nonAffineTransformVlLs\0\0\0\x08")
"""Before the eight numbers of a smart object's corners in its descriptor."""
_NAMED = {b"artb": "artboards stay at the old canvas", b"vogk": "live shapes stay editable as paths only"}


def grown(file: PsdFile, document: Document) -> tuple[PsdFile, tuple[str, ...]]:
    """`file` on the canvas of `document`, its upper left corner at `document.origin`; and what could not come along.

    What is new is transparent: a Background becomes a common layer. Raises Unsupported where no such file can be that large.
    """
    old = file.header
    limit = _MAX_SIDE_PX[old.version]
    if max(document.size) > limit:
        raise Unsupported(f"a PSD file of its kind ends at {limit} px a side; write .tif or .ora", field="path")
    shift = Shift(old.width, old.height, *document.size, *document.origin)
    losses = Losses()
    records = tuple(_moved(record, shift, old, losses) for record in file.records)
    channels = old.channels + (not file.is_transparent)
    blocks = file.blocks
    if old.depth == 16 and not any(block.key == MERGED_TRANSPARENCY_16 for block in blocks):
        blocks = (*blocks, Block.of(MERGED_TRANSPARENCY_16, b"", old.version))
    kept = [own for own in file.resources if own.number != image_resources.SLICES]
    moved = replace(
        file,
        header=old._replace(width=shift.width, height=shift.height, channels=channels),
        resources=tuple(image_resources.shifted(own, shift) for own in kept),
        records=records,
        transparency_first=True,
        blocks=blocks,
        merged=_merged(file, shift),
    )
    slices = image_resources.slices_in(image_resources.first(file.resources, image_resources.SLICES))
    left_out = (f"the original's {slices} slices were left out: they divide the old canvas",) if slices > 1 else ()
    return moved, losses.notes + left_out


def _merged(file: PsdFile, shift: Shift) -> bytes:
    """The merged picture with transparency; white and empty where it is new, saved selections black there."""
    _, channels, height, width, depth, _ = file.header
    stored = unpacked(file.merged, channels * height, width, depth, file.header.version).reshape(
        channels, height, width
    )
    white = white_of(stored.dtype)
    planes = list(stored)
    if not file.is_transparent:
        planes.insert(file.colors, np.full_like(stored[0], white))
    larger: list[NDArray[np.generic]] = []
    for number, plane in enumerate(planes):
        canvas = np.full((shift.height, shift.width), white if number < file.colors else 0, plane.dtype)
        put(canvas, plane, shift.left, shift.top)
        larger.append(canvas)
    return stored_picture(larger, file.header.version)


def _moved(record: Record, shift: Shift, header: Header, losses: Losses) -> Record:
    head, form = record.head, ">hI" if header.version == 1 else ">hQ"
    dtype = np.dtype(f"u{header.depth // 8}")
    top, left, bottom, right, count = struct.unpack_from(">4iH", head)
    table = 18 + count * struct.calcsize(form)
    numbers = [struct.unpack_from(form, head, at)[0] for at in range(18, table, struct.calcsize(form))]
    fixed = bytearray(head[table : table + 12])
    listed, channels = head[18:table], record.channels
    if right > left and bottom > top:
        if TRANSPARENCY not in numbers:
            # A Background: it does not cover the new canvas exactly.
            alpha = stored_channel(np.full((bottom - top, right - left), np.iinfo(dtype).max, dtype), header.version)
            listed, channels = struct.pack(form, TRANSPARENCY, len(alpha)) + listed, alpha + bytes(channels)
            count, fixed[10] = count + 1, fixed[10] & ~PROTECTED
        top, bottom, left, right = top + shift.top, bottom + shift.top, left + shift.left, right + shift.left
    extra = _extra(head[table + 16 :], shift, header.version, losses)
    moved = struct.pack(">4iH", top, left, bottom, right, count) + listed + bytes(fixed)
    return Record(moved + struct.pack(">I", len(extra)) + extra, channels)


def _extra(extra: bytes, shift: Shift, version: int, losses: Losses) -> bytes:
    """A record's extra data: its mask's rectangles and the blocks that hold places, moved."""
    moved = bytearray(extra)
    (length,) = struct.unpack_from(">I", extra)
    if length >= 18:
        _move_box(moved, 4, shift)
    if length >= 36:
        _move_box(moved, 4 + length - 16, shift)
    position = 4 + length
    position += 4 + struct.unpack_from(">I", extra, position)[0]
    named = 1 + extra[position]
    name = extra[position + 1 : position + named].decode("mac_roman")
    position += named + -named % 4
    for block in blocks_of(extra[position:], version):
        start = position + block.raw.index(block.data, 12) if block.data else position
        moved[start : start + len(block.data)] = _block(block, shift)
        if block.key in _NAMED:
            losses.add(_NAMED[block.key], name)
        position += len(block.raw)
    return bytes(moved)


def _move_box(moved: bytearray, at: int, shift: Shift) -> None:
    top, left, bottom, right = struct.unpack_from(">4i", moved, at)
    if right > left and bottom > top:
        across, down = shift.left, shift.top
        struct.pack_into(">4i", moved, at, top + down, left + across, bottom + down, right + across)


def _block(block: Block, shift: Shift) -> bytes:
    """The block's data, of the same length, with its places on the larger canvas."""
    data = bytearray(block.data)
    if block.key in _VECTOR_MASKS:
        return image_resources.shifted_path(block.data, shift, _PATH_START)
    if block.key == b"TySh" and len(data) >= _TEXT_PLACE + 16:
        _move_numbers(data, _TEXT_PLACE, 1, 8, shift)
    if block.key in (b"SoLd", b"SoLE"):
        for mark in _CORNERS:
            at = data.find(mark)
            if at >= 0 and len(data) >= at + len(mark) + 8 * 12:
                _move_numbers(data, at + len(mark) + 4, 4, 12, shift)
    if block.key in (b"PlLd", b"plLd") and len(data) > 8:
        corners = 8 + 1 + data[8] + 16
        if len(data) >= corners + 64:
            _move_numbers(data, corners, 4, 8, shift)
    return bytes(data)


def _move_numbers(data: bytearray, at: int, points: int, step: int, shift: Shift) -> None:
    """Points of two floats, `step` bytes from one number to the next."""
    for number in range(2 * points):
        (value,) = struct.unpack_from(">d", data, at + number * step)
        struct.pack_into(">d", data, at + number * step, value + (shift.top if number % 2 else shift.left))
