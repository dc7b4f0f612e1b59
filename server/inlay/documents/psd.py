"""PSD: reads what a file shows, and adds edits as groups with a layer mask above its layers.

Source: Adobe Photoshop File Formats Specification. Existing layers, channels, paths and resources are carried over as they are.
"""

import io
import json
import struct
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from psd_tools.constants import ColorMode, Compression, Resource, Tag
from psd_tools.psd import PSD
from psd_tools.psd.header import FileHeader
from psd_tools.psd.image_data import ImageData
from psd_tools.psd.image_resources import ImageResource, ImageResources, VersionInfo
from psd_tools.psd.layer_and_mask import GlobalLayerMaskInfo, LayerAndMaskInformation, LayerInfo
from psd_tools.psd.tagged_blocks import TaggedBlocks

import inlay
from inlay import color
from inlay.documents.composite import composite
from inlay.documents.document import Document, PlacedEdit, check_size, white_of
from inlay.documents.psd_layers import Layer, background, group
from inlay.errors import InvalidInput, Unsupported

RECIPES_RESOURCE = 4990
"""One of the resources that belong to plug-ins (4000 to 4999): the recipes of every edit, a JSON list."""
MAX_SIDE_PX = 30_000
_COLORS = {ColorMode.RGB: 3, ColorMode.GRAYSCALE: 1}
_STALE = (Resource.THUMBNAIL_RESOURCE, Resource.THUMBNAIL_RESOURCE_PS4)


class PsdImage(NamedTuple):
    """The merged picture: height x width x channels, uint8 or uint16, and its profile."""

    samples: NDArray[np.generic]
    icc: bytes


def decode_psd(data: bytes) -> PsdImage:
    """What a PSD or PSB file shows.

    Raises InvalidInput where it is too large or has no merged picture, Unsupported for CMYK, Lab, 32 bit and others; what the
    parser raises where it is broken.
    """
    _, _, _, height, width, depth, mode = struct.unpack_from(">4sH6xHIIHH", data)
    check_size(width, height)
    if mode not in list(ColorMode) or ColorMode(mode) not in _COLORS:
        name = ColorMode(mode).name if mode in list(ColorMode) else f"mode {mode}"
        raise Unsupported(f"{name} PSD files cannot be edited; convert a copy to RGB or grayscale", field="path")
    if depth not in (8, 16):
        raise Unsupported(f"{depth} bit PSD files cannot be edited; convert a copy to 16 bit", field="path")
    psd = PSD.read(io.BytesIO(data))
    version = psd.image_resources.get_data(Resource.VERSION_INFO)
    if isinstance(version, VersionInfo) and not version.has_composite:
        raise InvalidInput("path", "without a merged picture", "save the PSD with 'maximize compatibility'")
    planes = _merged_planes(psd)
    colors = _COLORS[psd.header.color_mode]
    samples = np.moveaxis(planes[: colors + _is_transparent(psd)], 0, -1)
    if _is_transparent(psd):
        samples = _without_matte(samples)
    icc = psd.image_resources.get_data(Resource.ICC_PROFILE)
    native = samples.astype(samples.dtype.newbyteorder("="))
    return PsdImage(np.ascontiguousarray(native), icc if isinstance(icc, bytes) else b"")


def encode_psd(document: Document, placed: Sequence[PlacedEdit]) -> bytes:
    """`document` with every edit as a group on top: named for the prompt, the layer mask on the group, the variations inside.

    A PSD original keeps its layers; any other document becomes one layer. The merged picture outside the masks is the
    original's. Raises Unsupported for documents larger than a PSD can be.
    """
    if max(document.size) > MAX_SIDE_PX and document.format != "psd":
        raise Unsupported(f"a PSD file ends at {MAX_SIDE_PX} px a side; write .tif or .ora", field="path")
    edits = [edit.at_depth_of(document) for edit in placed]
    psd = PSD.read(io.BytesIO(document.original)) if document.format == "psd" else _new(document)
    layers = _layer_list(psd, document)
    for edit in edits:
        for layer in group(document, edit, psd.header.version):
            _append(layers, layer)
    _write_merged(psd, document, composite(document, edits))
    _remember(psd, [json.loads(edit.recipe_json) for edit in edits])
    file = io.BytesIO()
    psd.write(file)
    return file.getvalue()


def _new(document: Document) -> PSD:
    header = FileHeader(
        version=1,
        channels=document.samples.shape[2],
        height=document.size.height,
        width=document.size.width,
        depth=document.samples.dtype.itemsize * 8,
        color_mode=ColorMode.GRAYSCALE if document.order.startswith("Y") else ColorMode.RGB,
    )
    psd = PSD(header=header, image_resources=ImageResources.new(), image_data=ImageData(Compression.RLE))
    writer = f"Inlay {inlay.__version__}"
    _set_resource(psd, Resource.VERSION_INFO, VersionInfo(has_composite=True, writer=writer, reader=writer))
    icc = document.icc or color.profile_bytes(document.raster(document.size, ""))
    _set_resource(psd, Resource.ICC_PROFILE, icc)
    return psd


def _layer_list(psd: PSD, document: Document) -> LayerInfo:
    """Where the file keeps its layers: 16 bit files in a tagged block, others in the layer section. A flat file gets its picture
    as one layer first."""
    section = psd.layer_and_mask_information
    if section.tagged_blocks is None:
        section.tagged_blocks = TaggedBlocks()
    if section.global_layer_mask_info is None:
        section.global_layer_mask_info = GlobalLayerMaskInfo()
    if section.layer_info is None:
        section.layer_info = LayerInfo()
    layers = _found_layers(section)
    if layers is None:
        layers = section.layer_info
        if psd.header.depth == 16:
            section.tagged_blocks.set_data(Tag.LAYER_16)
            layers = section.tagged_blocks.get_data(Tag.LAYER_16)
            if document.has_alpha:
                section.tagged_blocks.set_data(Tag.SAVING_MERGED_TRANSPARENCY16)
        _append(layers, background(document, psd.header.version))
        if document.has_alpha:
            layers.layer_count = -layers.layer_count
    return layers


def _found_layers(section: LayerAndMaskInformation) -> LayerInfo | None:
    block = section.tagged_blocks.get_data(Tag.LAYER_16) if section.tagged_blocks is not None else None
    for layers in (block, section.layer_info):
        if isinstance(layers, LayerInfo) and len(layers.layer_records):
            return layers
    return None


def _append(layers: LayerInfo, layer: Layer) -> None:
    layers.layer_records.append(layer.record)
    layers.channel_image_data.append(layer.channels)
    # A negative count says that the merged picture's first extra channel is its transparency.
    layers.layer_count += -1 if layers.layer_count < 0 else 1


def _is_transparent(psd: PSD) -> bool:
    """Whether the merged picture's first extra channel is its transparency, and not a saved selection."""
    if psd.header.channels <= _COLORS[psd.header.color_mode]:
        return False
    section = psd.layer_and_mask_information
    marks = (Tag.SAVING_MERGED_TRANSPARENCY, Tag.SAVING_MERGED_TRANSPARENCY16)
    if section.tagged_blocks is not None and any(mark in section.tagged_blocks for mark in marks):
        return True
    layers = _found_layers(section)
    return layers is not None and layers.layer_count < 0


def _merged_planes(psd: PSD) -> NDArray[np.generic]:
    """channels x height x width, big-endian as in the file."""
    header = psd.header
    if len(psd.image_data.data) < _stored_bytes(psd):
        raise InvalidInput("path", "a merged picture that ends early", "it must be a whole PSD file")
    data = psd.image_data.get_data(header, split=False)
    assert isinstance(data, bytes)
    return np.frombuffer(data, f">u{header.depth // 8}").reshape(header.channels, header.height, header.width)


def _stored_bytes(psd: PSD) -> int:
    """How long the merged picture is in the file; the parser fills up what is missing, and nobody would notice."""
    header, stored = psd.header, psd.image_data
    rows = header.channels * header.height
    if stored.compression is Compression.RAW:
        return rows * header.width * header.depth // 8
    if stored.compression is Compression.RLE:
        lengths = np.frombuffer(stored.data[: rows * 2 * header.version], f">u{2 * header.version}")
        return rows * 2 * header.version + int(lengths.sum(dtype=np.int64))
    return 1


def _write_merged(psd: PSD, document: Document, merged: NDArray[np.generic]) -> None:
    """Replace the merged picture where it changed; every other sample, saved selections too, stays as it is."""
    header = psd.header
    fresh = document.format != "psd"
    transparent = document.has_alpha
    shown = _with_matte(merged) if transparent else merged
    if fresh:
        planes = np.moveaxis(shown, -1, 0)
    else:
        planes = _merged_planes(psd).astype(merged.dtype)
        changed = np.any(merged != document.samples, axis=-1)
        for channel in range(shown.shape[2]):
            planes[channel][changed] = shown[..., channel][changed]
    psd.image_data.compression = Compression.RLE
    psd.image_data.set_data([np.ascontiguousarray(planes).astype(f">u{header.depth // 8}").tobytes()], header)


def _without_matte(samples: NDArray[np.generic]) -> NDArray[np.generic]:
    """Photoshop shows its merged picture on white: undo that where a pixel is partly transparent."""
    white = white_of(samples.dtype)
    alpha = samples[..., -1:].astype(np.float64) / white
    colors = samples[..., :-1].astype(np.float64)
    unmixed = np.divide(colors - (1 - alpha) * white, alpha, out=colors.copy(), where=alpha > 0)
    return np.concatenate([np.rint(np.clip(unmixed, 0, white)).astype(samples.dtype), samples[..., -1:]], axis=-1)


def _with_matte(samples: NDArray[np.generic]) -> NDArray[np.generic]:
    """The inverse of `_without_matte`."""
    white = white_of(samples.dtype)
    alpha = samples[..., -1:].astype(np.float64) / white
    mixed = samples[..., :-1].astype(np.float64) * alpha + (1 - alpha) * white
    return np.concatenate([np.rint(mixed).astype(samples.dtype), samples[..., -1:]], axis=-1)


def _remember(psd: PSD, recipes: list[object]) -> None:
    earlier = psd.image_resources.get_data(RECIPES_RESOURCE)
    known = json.loads(earlier) if isinstance(earlier, bytes) else []
    _set_resource(psd, RECIPES_RESOURCE, json.dumps([*known, *recipes], sort_keys=True).encode())
    for stale in _STALE:
        if stale in psd.image_resources:
            del psd.image_resources[stale]


def _set_resource(psd: PSD, key: int, data: object) -> None:
    psd.image_resources[key] = ImageResource(key=key, data=data)  # pyright: ignore[reportArgumentType]
