"""A PSD's layers as a stack, and a stack as a PSD's records. Source: Adobe Photoshop File Formats; the W3C's blend modes."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from inlay.documents.document import white_of
from inlay.documents.layer_stack import NORMAL, Group, Item, Layer, LayerMask, Losses, Stack
from inlay.documents.psd_channels import unpacked
from inlay.documents.psd_file import PsdFile, Record, blocks_of
from inlay.documents.psd_layers import END, HIDDEN, MASK, PASS_THROUGH, TRANSPARENCY, Look, Mask, group, layer
from inlay.region import Rect, Size

BLENDS = {
    b"norm": NORMAL,
    b"mul ": "svg:multiply",
    b"scrn": "svg:screen",
    b"over": "svg:overlay",
    b"dark": "svg:darken",
    b"lite": "svg:lighten",
    b"div ": "svg:color-dodge",
    b"idiv": "svg:color-burn",
    b"hLit": "svg:hard-light",
    b"sLit": "svg:soft-light",
    b"diff": "svg:difference",
    b"colr": "svg:color",
    b"lum ": "svg:luminosity",
    b"hue ": "svg:hue",
    b"sat ": "svg:saturation",
    b"lddg": "svg:plus",
}
_KEYS = {name: key for key, name in BLENDS.items()}
_DIVIDERS = (b"lsct", b"lsdk")
_ADJUSTMENTS = frozenset(
    b"brit levl curv expA vibA hue hue2 blnc BlnW blwh phfl mixr clrL nvrt post thrs selc grdm CgEd SoCo GdFl PtFl".split()
)
_BECAME_PIXELS = {
    b"TySh": "text",
    b"tySh": "text",
    b"SoLd": "smart object",
    b"SoLE": "smart object",
    b"PlLd": "smart object",
}
_EFFECTS = (b"lfx2", b"lrFX", b"lmfx")
_VECTOR_MASKS = (b"vmsk", b"vsms")
_FILL_OPACITY = b"iOpa"
_MASK_IS_OFF = 2


@dataclass(frozen=True)
class _Told:
    """What a record says."""

    name: str
    bounds: Rect
    channels: dict[int, bytes | memoryview]
    blend: bytes
    opacity: float
    clipped: bool
    visible: bool
    mask: tuple[Rect, bool] | None
    """Where a mask lies, and whether everything outside it shows; None where there is none, or it is off."""
    blocks: dict[bytes, bytes]

    @property
    def divider(self) -> int:
        """1, 2 the head of a group, 3 its end, 0 a layer."""
        data = next((self.blocks[key] for key in _DIVIDERS if key in self.blocks), bytes(4))
        return struct.unpack_from(">I", data)[0] if len(data) >= 4 else 0


def stack_of(file: PsdFile) -> Stack:
    """The file's layers with their pixels; adjustments, effects, clipping and what else OpenRaster cannot say are named."""
    losses = Losses()
    levels: list[list[Item]] = [[]]
    base: Layer | None = None
    for record in file.records:
        told = _told(record, file.header.version)
        if told.divider == END:
            levels.append([])
            continue
        if told.divider and len(levels) > 1:
            items = tuple(reversed(levels.pop()))
            levels[-1].append(_group(told, items, file, losses))
            base = None
            continue
        found = _layer(told, file, losses)
        if found is None:
            continue
        if told.clipped and base is not None:
            losses.add("clipping to the layer below was applied to the pixels of", told.name)
            found = _clipped(found, base)
        else:
            base = found
        levels[-1].append(found)
    return Stack(tuple(reversed(levels[0])), losses.notes)


def named(file: PsdFile, name: str) -> int:
    """Which of the file's records is the uppermost layer of that name that is in no group; there is one."""
    depth, found = 0, list[int]()
    for number, record in enumerate(file.records):
        told = _told(record, file.header.version)
        if told.divider:
            depth += 1 if told.divider == END else -1
        elif not depth and told.name == name:
            found.append(number)
    return found[-1]


def hidden(record: Record, version: int) -> Record:
    """The same layer, hidden."""
    (count,) = struct.unpack_from(">H", record.head, 16)
    flags = 18 + count * struct.calcsize(">hI" if version == 1 else ">hQ") + 10
    return record._replace(head=record.head[:flags] + bytes([record.head[flags] | HIDDEN]) + record.head[flags + 1 :])


def records_of(items: Sequence[Item], colors: int, version: int, losses: Losses) -> Iterator[Record]:
    """The records of a stack from the bottom up; its samples are at the file's depth, with `colors` channels and alpha."""
    for item in reversed(items):
        key = _KEYS.get(item.blend)
        if key is None:
            losses.add("a blend mode that Photoshop does not have became Normal", item.name)
        look = Look(min(max(item.opacity, 0.0), 1.0), item.visible, key or b"norm")
        mask = _mask_of(item.mask)
        if isinstance(item, Group):
            look = look if item.isolated else replace(look, blend=PASS_THROUGH)
            yield from group(item.name, records_of(item.items, colors, version, losses), colors, version, look, mask)
            continue
        height, width = item.samples.shape[:2]
        planes = {TRANSPARENCY: item.samples[..., -1], **{index: item.samples[..., index] for index in range(colors)}}
        yield layer(item.name, Rect(item.x, item.y, width, height), planes, version, look, mask)


def _mask_of(mask: LayerMask | None) -> Mask | None:
    if mask is None:
        return None
    height, width = mask.samples.shape
    return Mask(Rect(mask.x, mask.y, width, height), mask.samples, 255 if mask.white_outside else 0)


def _told(record: Record, version: int) -> _Told:
    head = record.head
    top, left, bottom, right, count = struct.unpack_from(">4iH", head)
    form, channels, at = (">hI" if version == 1 else ">hQ"), dict[int, bytes | memoryview](), 0
    position = 18
    for _ in range(count):
        number, length = struct.unpack_from(form, head, position)
        channels[number] = record.channels[at : at + length]
        at, position = at + length, position + struct.calcsize(form)
    blend, opacity, clipping, flags = struct.unpack_from(">4sBBB", head, position + 4)
    extra = head[position + 16 :]
    mask, position = _mask_told(extra)
    position += 4 + struct.unpack_from(">I", extra, position)[0]
    named = 1 + extra[position]
    pascal = extra[position + 1 : position + named].decode("mac_roman")
    blocks = {block.key: block.data for block in blocks_of(extra[position + named + -named % 4 :], version)}
    fill = blocks.get(_FILL_OPACITY, b"\xff")[0] / 255
    bounds = Rect(left, top, max(0, right - left), max(0, bottom - top))
    name = _unicode_name(blocks.get(b"luni", b"")) or pascal
    visible = not flags & HIDDEN
    return _Told(name, bounds, channels, blend, opacity / 255 * fill, bool(clipping), visible, mask, blocks)


def _mask_told(extra: bytes) -> tuple[tuple[Rect, bool] | None, int]:
    (length,) = struct.unpack_from(">I", extra)
    if length < 18:
        return None, 4 + length
    top, left, bottom, right, outside, flags = struct.unpack_from(">4iBB", extra, 4)
    box = Rect(left, top, max(0, right - left), max(0, bottom - top))
    return (None if flags & _MASK_IS_OFF else (box, outside > 127)), 4 + length


def _unicode_name(data: bytes) -> str:
    if len(data) < 4:
        return ""
    (length,) = struct.unpack_from(">I", data)
    return data[4 : 4 + 2 * length].decode("utf-16-be", "replace").rstrip("\0")


def _layer(told: _Told, file: PsdFile, losses: Losses) -> Layer | None:
    """None for what has no pixels of its own."""
    if _ADJUSTMENTS & told.blocks.keys() and not told.bounds.area:
        losses.add("adjustment and fill layers cannot be kept", told.name)
        return None
    _name_losses(told, losses)
    width, height = max(told.bounds.width, 1), max(told.bounds.height, 1)
    empty = not told.bounds.area
    dtype = np.uint8 if file.header.depth == 8 else np.uint16
    samples = np.zeros((height, width, file.colors + 1), dtype)
    samples[..., -1] = 0 if empty or TRANSPARENCY in told.channels else white_of(samples.dtype)
    for channel in (*range(file.colors), TRANSPARENCY):
        if channel in told.channels and not empty:
            samples[..., channel] = _channel(told.channels[channel], Size(width, height), file)
    mask = _layer_mask(told, file)
    return Layer(
        told.name, told.bounds.x, told.bounds.y, samples, told.opacity, told.visible, _blend(told, losses), mask
    )


def _group(told: _Told, items: tuple[Item, ...], file: PsdFile, losses: Losses) -> Group:
    _name_losses(told, losses)
    data = next((told.blocks[key] for key in _DIVIDERS if key in told.blocks), b"")
    key = data[8:12] or told.blend
    passes = key == PASS_THROUGH
    blend = NORMAL if passes else _blend(replace(told, blend=key), losses)
    return Group(told.name, items, told.opacity, told.visible, blend, not passes, _layer_mask(told, file))


def _layer_mask(told: _Told, file: PsdFile) -> LayerMask | None:
    if told.mask is None or MASK not in told.channels:
        return None
    box, white_outside = told.mask
    if not box.area:
        dtype = np.uint8 if file.header.depth == 8 else np.uint16
        return LayerMask(0, 0, np.full((1, 1), white_of(np.dtype(dtype)) if white_outside else 0, dtype), white_outside)
    return LayerMask(box.x, box.y, _channel(told.channels[MASK], Size(box.width, box.height), file), white_outside)


def _channel(stored: bytes | memoryview, size: Size, file: PsdFile) -> NDArray[np.generic]:
    return unpacked(stored, size.height, size.width, file.header.depth, file.header.version)


def _blend(told: _Told, losses: Losses) -> str:
    if told.blend not in BLENDS:
        losses.add("a blend mode that OpenRaster does not have became Normal", told.name)
    return BLENDS.get(told.blend, NORMAL)


def _name_losses(told: _Told, losses: Losses) -> None:
    for kind in dict.fromkeys(what for key, what in _BECAME_PIXELS.items() if key in told.blocks):
        losses.add(f"{kind} became pixels", told.name)
    if any(key in told.blocks for key in _EFFECTS):
        losses.add("layer effects cannot be kept", told.name)
    if any(key in told.blocks for key in _VECTOR_MASKS):
        losses.add("vector masks cannot be kept", told.name)


def _clipped(found: Layer, base: Layer) -> Layer:
    """A layer that shows only where the one below does."""
    height, width = found.samples.shape[:2]
    alpha = LayerMask(base.x, base.y, base.samples[..., -1]).over(found.x, found.y, Size(width, height))
    white = white_of(alpha.dtype)
    samples = found.samples.copy()
    shown: NDArray[np.float64] = samples[..., -1].astype(np.float64) * (alpha.astype(np.float64) / white)
    if base.mask is not None:
        shown *= base.mask.over(found.x, found.y, Size(width, height)).astype(np.float64) / white
    samples[..., -1] = np.rint(shown)
    return replace(found, samples=samples, visible=found.visible and base.visible)


def shown_heads(file: PsdFile) -> Iterator[bytes]:
    """The records, without pixels, of groups and layers that show: neither they nor a group around them are hidden; the uppermost
    first."""
    open_groups: list[bool] = []
    for record in reversed(file.records):
        told = _told(record, file.header.version)
        if told.divider == END:
            if open_groups:
                open_groups.pop()
            continue
        if told.visible and all(open_groups):
            yield record.head
        if told.divider:
            open_groups.append(told.visible)
