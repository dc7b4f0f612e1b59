"""The layer records of a PSD file: a picture as a layer, an edit as a group with a layer mask."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from psd_tools.constants import BlendMode, ChannelID, Compression, SectionDivider, Tag
from psd_tools.psd.layer_and_mask import (
    ChannelData,
    ChannelDataList,
    ChannelInfo,
    LayerBlendingRanges,
    LayerFlags,
    LayerRecord,
    MaskData,
)
from psd_tools.psd.tagged_blocks import TaggedBlocks

from inlay.documents.document import Document, PlacedEdit
from inlay.region import Rect

END_OF_GROUP = "</Layer group>"
"""What Photoshop calls the invisible record below a group's lowest layer."""
_MAX_NAME_BYTES = 255


class Layer(NamedTuple):
    """A record and its pixels, as the two lists of a PSD file hold them."""

    record: LayerRecord
    channels: ChannelDataList


def background(document: Document, version: int) -> Layer:
    """The document's own picture: Photoshop's locked Background, or a common layer where there is transparency."""
    name = "Layer 0" if document.has_alpha else "Background"
    flags = LayerFlags(transparency_protected=not document.has_alpha)
    planes = _color_planes(document.samples, document)
    if document.has_alpha:
        planes = {ChannelID.TRANSPARENCY_MASK: document.samples[..., -1], **planes}
    return _layer(name, document.size.bounds, planes, version, flags)


def group(document: Document, edit: PlacedEdit, version: int) -> Iterator[Layer]:
    """An edit's records from the bottom up. The mask must have the document's depth."""
    yield _divider(END_OF_GROUP, SectionDivider.BOUNDING_SECTION_DIVIDER, document, version)
    for name, samples, visible in reversed(edit.layers):
        opaque = np.full(samples.shape[:2], document.white_level, samples.dtype)
        alpha = samples[..., -1] if document.has_alpha else opaque
        planes = {ChannelID.TRANSPARENCY_MASK: alpha, **_color_planes(samples, document)}
        yield _layer(name, edit.bounds, planes, version, LayerFlags(visible=visible))
    top = _divider(edit.name, SectionDivider.OPEN_FOLDER, document, version)
    top.record.mask_data = MaskData(
        top=edit.bounds.y,
        left=edit.bounds.x,
        bottom=edit.bounds.bottom,
        right=edit.bounds.right,
        background_color=0,
    )
    top.record.channel_info.append(ChannelInfo(id=ChannelID.USER_LAYER_MASK))
    top.channels.append(_channel(edit.mask, version))
    yield top


def _color_planes(samples: NDArray[np.generic], document: Document) -> dict[ChannelID, NDArray[np.generic]]:
    colors = samples.shape[2] - document.has_alpha
    return {ChannelID(index): samples[..., index] for index in range(colors)}


def _divider(name: str, kind: SectionDivider, document: Document, version: int) -> Layer:
    colors = document.samples.shape[2] - document.has_alpha
    empty = np.zeros((0, 0), document.samples.dtype)
    ids = [ChannelID.TRANSPARENCY_MASK, *(ChannelID(index) for index in range(colors))]
    layer = _layer(name, Rect(0, 0, 0, 0), dict.fromkeys(ids, empty), version, LayerFlags())
    # Normal, not pass through: the group blends as one picture through its mask.
    layer.record.tagged_blocks.set_data(
        Tag.SECTION_DIVIDER_SETTING, kind=kind, signature=b"8BIM", blend_mode=BlendMode.NORMAL
    )
    return layer


def _layer(
    name: str, bounds: Rect, planes: dict[ChannelID, NDArray[np.generic]], version: int, flags: LayerFlags
) -> Layer:
    whole_range = [(0, 65_535), (0, 65_535)]
    record = LayerRecord(
        top=bounds.y,
        left=bounds.x,
        bottom=bounds.bottom,
        right=bounds.right,
        channel_info=[ChannelInfo(id=number) for number in planes],
        blend_mode=BlendMode.NORMAL,
        flags=flags,
        blending_ranges=LayerBlendingRanges(whole_range, [whole_range] * len(planes)),
        name=name.encode("macroman", "replace")[:_MAX_NAME_BYTES].decode("macroman"),
        tagged_blocks=TaggedBlocks(),
    )
    record.tagged_blocks.set_data(Tag.UNICODE_LAYER_NAME, name)
    return Layer(record, ChannelDataList([_channel(plane, version) for plane in planes.values()]))


def _channel(plane: NDArray[np.generic], version: int) -> ChannelData:
    height, width = plane.shape
    if not plane.size:
        return ChannelData()
    depth = plane.dtype.itemsize * 8
    channel = ChannelData(compression=Compression.RLE)
    channel.set_data(plane.astype(f">u{depth // 8}").tobytes(), width, height, depth, version)
    return channel
