"""PSD: reads what a file shows, and adds edits as groups with a layer mask above its layers.

Source: Adobe Photoshop File Formats Specification. Every existing layer, block, path and resource keeps its bytes.
"""

import struct
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

import inlay
from inlay import color
from inlay.documents import image_resources, metadata, psd_file, xmp
from inlay.documents.broken import Broken
from inlay.documents.composite import composite
from inlay.documents.document import Document, PlacedEdit, check_size, white_of
from inlay.documents.image_resources import Resource
from inlay.documents.layer_stack import Group, Layer, Losses, Stack, listed
from inlay.documents.layers import layers_of
from inlay.documents.metadata import Picture
from inlay.documents.psd_canvas import grown
from inlay.documents.psd_channels import stored_picture, unpacked
from inlay.documents.psd_file import Block, Header, PsdFile, Record
from inlay.documents.psd_layers import background, group_of
from inlay.documents.psd_notes import document_id_in
from inlay.documents.psd_stack import hidden, named, records_of
from inlay.errors import InvalidInput, Unsupported

MAX_SIDE_PX = 30_000
_MODES = ("BITMAP", "GRAYSCALE", "INDEXED", "RGB", "CMYK", "mode 5", "mode 6", "MULTICHANNEL", "DUOTONE", "LAB")
_VERSION_INFO = 1057
_HAS_MERGED_AT = 4
"""Where resource 1057 says whether the merged picture is real."""


def decode_psd(data: bytes) -> Picture:
    """What a PSD or PSB file shows.

    Raises InvalidInput where it is too large or has no merged picture, Unsupported for CMYK, Lab, 32 bit and others; Broken where
    its parts do not fit together.
    """
    header = psd_file.header_of(data)
    check_size(header.width, header.height)
    if header.mode not in (psd_file.RGB, psd_file.GRAYSCALE):
        name = _MODES[header.mode] if header.mode < len(_MODES) else f"mode {header.mode}"
        raise Unsupported(f"{name} PSD files cannot be edited; convert a copy to RGB or grayscale", field="path")
    if header.depth not in (8, 16):
        raise Unsupported(f"{header.depth} bit PSD files cannot be edited; convert a copy to 16 bit", field="path")
    file, notes = _parsed(data)
    version = image_resources.first(file.resources, _VERSION_INFO)
    if version[_HAS_MERGED_AT : _HAS_MERGED_AT + 1] == b"\0":
        raise InvalidInput("path", "without a merged picture", "save the PSD with 'maximize compatibility'")
    planes = _merged_planes(file)
    samples = np.moveaxis(planes[: file.colors + file.is_transparent], 0, -1)
    if file.is_transparent:
        samples = _without_matte(samples)
    icc = image_resources.first(file.resources, image_resources.ICC)
    return Picture(np.ascontiguousarray(samples), icc, metadata.of_resources(file.resources), notes, flat=bool(notes))


def _parsed(data: bytes) -> tuple[PsdFile, tuple[str, ...]]:
    """The file's parts; where its layers or resources are damaged, or of a time before them, only the picture it shows."""
    try:
        return psd_file.parse(data), ()
    except (Broken, struct.error):
        sections = psd_file.sections_of(data)
        note = "the PSD's layers and resources cannot be read; only the picture it shows was taken"
        return PsdFile(sections.header, merged=sections.merged), (note,)


def encode_psd(
    document: Document, placed: Sequence[PlacedEdit], groups: Sequence[Group] = ()
) -> tuple[bytes, tuple[str, ...]]:
    """`document` with every edit as a group on top: named for the prompt, the layer mask on the group, the variations inside; then
    `groups`.

    A PSD original keeps its layers; any other document becomes one layer. The merged picture is the original's wherever nothing
    of them shows. Returns the file and notes on what of the original is not in it. Raises Unsupported for documents larger than
    a PSD can be.
    """
    if max(document.size) > MAX_SIDE_PX and document.layered != "psd":
        raise Unsupported(f"a PSD file ends at {MAX_SIDE_PX} px a side; write .tif or .ora", field="path")
    edits = [edit.at_depth_of(document) for edit in placed]
    recipes = [edit.recipe_json for edit in edits]
    file, notes = _original(document) if document.layered == "psd" else _made(document, layers_of(document))
    kept = tuple(own for own in file.resources if own.number not in image_resources.THUMBNAILS)
    resources = _saying(kept, document, recipes)
    version = file.header.version
    jobs = (edit.memory.job_id for edit in edits if edit.memory)
    document_id = document_id_in(file.records) or next(jobs, "")
    results = (record for edit in edits for record in group_of(document, edit, version, document_id))
    above = records_of(tuple(reversed(groups)), document.samples.shape[2] - document.has_alpha, version, Losses())
    records = (*file.records, *results, *above)
    merged = _merged(file, document, composite(document, edits, groups))
    return psd_file.assemble(replace(file, records=records, resources=resources, merged=merged)), notes


def encode_above(
    document: Document, name: str, made: Layer, shown: NDArray[np.generic]
) -> tuple[bytes, tuple[str, ...]]:
    """A PSD original with `made` above its layer `name`, which is hidden; `shown`: what the whole shows then."""
    file, losses = psd_file.parse(document.original), Losses()
    version, at = file.header.version, named(file, name)
    new = records_of((made,), document.samples.shape[2] - document.has_alpha, version, losses)
    records = (*file.records[:at], hidden(file.records[at], version), *new, *file.records[at + 1 :])
    resources = _saying(file.resources, document, [])
    merged = _merged(file, document, shown)
    return psd_file.assemble(replace(file, records=records, resources=resources, merged=merged)), losses.notes


def encode_stack(document: Document, stack: Stack, shown: NDArray[np.generic]) -> tuple[bytes, tuple[str, ...]]:
    """A PSD of these layers alone; `shown`: what they show."""
    file, notes = _made(document, stack)
    file = replace(file, resources=_saying(file.resources, document, []))
    return psd_file.assemble(replace(file, merged=_merged(file, document, shown))), notes


def selections_left_out(document: Document, suffix: str) -> tuple[str, ...]:
    """A note on the saved selections of a PSD original, for a file of another format."""
    file = psd_file.parse(document.original)
    if file.saved_selections < 1:
        return ()
    names = image_resources.channel_names(file.resources)[-file.saved_selections :]
    which = f" ({listed(names)})" if names else ""
    return (f"the original's saved selections{which} are not in the {suffix} file; a .psd keeps them",)


def _saying(resources: tuple[Resource, ...], document: Document, recipes: list[str]) -> tuple[Resource, ...]:
    """With the recipes of all edits and, of an original, the XMP that the document has by now; what says so already stays."""
    packet, remembered = document.metadata.xmp, document.metadata.all_recipes(recipes).encode()
    settled = xmp.settled(image_resources.first(resources, image_resources.XMP), document.size)
    changed = document.layered == "psd" and packet != settled
    new = {image_resources.RECIPES: remembered} | ({image_resources.XMP: packet} if changed else {})
    same = {number for number, data in new.items() if data == image_resources.first(resources, number)}
    kept = (own for own in resources if own.number in same or own.number not in new)
    return (*kept, *(Resource.of(number, data) for number, data in new.items() if data and number not in same))


def _original(document: Document) -> tuple[PsdFile, tuple[str, ...]]:
    """The parts of a PSD original on the document's canvas; a flat one gets its picture as a layer."""
    file = psd_file.parse(document.original)
    if (file.header.width, file.header.height) == tuple(document.size) and not any(document.origin):
        return _with_layers(file, [background(document, file.header.version)] if not file.records else [], document), ()
    if not file.records:
        return _with_layers(grown(file, document)[0], [background(document, file.header.version)], document), ()
    return grown(file, document)


def _made(document: Document, stack: Stack) -> tuple[PsdFile, tuple[str, ...]]:
    """A new file: with the layers of another original, or where it has none, the picture as one; and what could not come along."""
    said, notes = metadata.with_texts_as_xmp(document.metadata, "PSD")
    file = _new(document)
    file = replace(file, resources=(*file.resources, *metadata.resources_of(said, [])))
    if not stack.items:
        return _with_layers(file, [background(document, 1)], document), (*notes, *stack.notes)
    losses = Losses()
    colors = document.samples.shape[2] - document.has_alpha
    records = list(records_of(stack.items, colors, 1, losses))
    return _with_layers(file, records, document), (*notes, *stack.notes, *losses.notes)


def _new(document: Document) -> PsdFile:
    """A file without layers and pixels."""
    mode = psd_file.GRAYSCALE if document.order.startswith("Y") else psd_file.RGB
    height, width, channels = document.samples.shape
    header = Header(1, channels, height, width, document.samples.dtype.itemsize * 8, mode)
    writer = _unicode(f"Inlay {inlay.__version__}")
    version = struct.pack(">IB", 1, 1) + writer + writer + struct.pack(">I", 1)
    icc = document.icc or color.profile_bytes(document.raster(document.size, ""))
    return PsdFile(header, resources=(Resource.of(_VERSION_INFO, version), Resource.of(image_resources.ICC, icc)))


def _unicode(text: str) -> bytes:
    encoded = text.encode("utf-16-be")
    return struct.pack(">I", len(encoded) // 2) + encoded


def _with_layers(file: PsdFile, records: list[Record], document: Document) -> PsdFile:
    """A flat file with these layers: those of 16 bit files are in a tagged block, others in the layer section."""
    if not records:
        return file
    layered = replace(file, records=tuple(records), transparency_first=document.has_alpha)
    if file.header.depth == 8:
        return layered
    blocks = [block for block in file.blocks if block.key != psd_file.LAYERS_16]
    blocks.append(Block.of(psd_file.LAYERS_16, b"", file.header.version))
    if document.has_alpha and not any(block.key == psd_file.MERGED_TRANSPARENCY_16 for block in blocks):
        blocks.append(Block.of(psd_file.MERGED_TRANSPARENCY_16, b"", file.header.version))
    return replace(layered, layers_in=psd_file.LAYERS_16, blocks=tuple(blocks))


def _merged_planes(file: PsdFile) -> NDArray[np.generic]:
    """channels x height x width, as stored."""
    _, channels, height, width, depth, _ = file.header
    try:
        rows = unpacked(file.merged, channels * height, width, depth, file.header.version)
    except Broken as broken:
        raise InvalidInput("path", "a merged picture that ends early", "it must be a whole PSD file") from broken
    return rows.reshape(channels, height, width)


def _merged(file: PsdFile, document: Document, merged: NDArray[np.generic]) -> bytes:
    """The merged picture, new where it changed; every other sample, saved selections too, stays as it is."""
    shown = _with_matte(merged) if document.has_alpha else merged
    if document.layered != "psd":
        return stored_picture(list(np.moveaxis(shown, -1, 0)), file.header.version)
    planes = _merged_planes(file)
    changed = np.any(merged != document.samples, axis=-1)
    for channel in range(shown.shape[2]):
        planes[channel][changed] = shown[..., channel][changed]
    return stored_picture(list(planes), file.header.version)


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
