"""A document's pixels in memory, and what an edit places on top of them."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inlay.color.raster import MAX_SIDE_PX, Raster, SampleType
from inlay.documents.metadata import NOTHING, Metadata
from inlay.errors import InvalidInput
from inlay.region import MAX_DOCUMENT_PX, Rect, Size

LAYERED = ("ora", "psd", "kra")
"""Formats whose layers are read."""
UNTAGGED_RGB = "sRGB IEC61966-2.1"
UNTAGGED_GRAY = "sGray"
"""What samples without a profile mean in files: the sRGB curve."""

_SAMPLE_TYPES = {"uint8": SampleType.U8, "uint16": SampleType.U16, "float16": SampleType.F16, "float32": SampleType.F32}
_WHITE = {SampleType.U8: 255.0, SampleType.U16: 65_535.0, SampleType.F16: 1.0, SampleType.F32: 1.0}


@dataclass(frozen=True, eq=False)
class Document:
    """What a file shows, in its own samples; layered files also keep their bytes, so that no layer is lost.

    samples: height x width x channels; uint8, uint16, float16 or float32. Straight (not premultiplied) alpha.
    """

    samples: NDArray[np.generic]
    order: str
    """Y, YA, RGB or RGBA."""
    profile: str
    """The profile's name; that of the sRGB curve where the file has none."""
    icc: bytes
    """The file's profile; empty where it has none."""
    path: Path
    format: str
    """png, tiff, jpeg, ora, psd or kra."""
    original: bytes = field(default=b"", repr=False)
    """The whole file, for layered formats."""
    origin: tuple[int, int] = (0, 0)
    """Where the original's upper left corner lies on this canvas, which may be another than the original's: across, down in px."""
    metadata: Metadata = NOTHING
    """What the file says about its picture."""
    notes: tuple[str, ...] = ()
    """What of the file is not in here, whatever it will be written as."""

    @property
    def layered(self) -> str:
        """ora, psd or kra where the original's layers are here to be kept; else empty."""
        return self.format if self.original else ""

    @property
    def size(self) -> Size:
        return Size(self.samples.shape[1], self.samples.shape[0])

    @property
    def sample_type(self) -> SampleType:
        return _SAMPLE_TYPES[self.samples.dtype.name]

    @property
    def white_level(self) -> float:
        return white_of(self.samples.dtype)

    @property
    def has_alpha(self) -> bool:
        return self.order.endswith("A")

    def saying(self, metadata: Metadata) -> "Document":
        """The same with that said about it."""
        return replace(self, metadata=metadata)

    def raster(self, size: Size, blob: str) -> Raster:
        """How samples of this document lie in bytes, for a piece of `size` whose bytes have the SHA-256 `blob`."""
        return Raster(*size, self.order, self.sample_type, self.white_level, self.profile, blob, self.icc)


@dataclass(frozen=True)
class Memory:
    """What the Photoshop panel has to know of a result.

    region: of the mask that was asked for. results: the contract's ResultMemory of each layer in its order, in bytes.
    """

    job_id: str
    region: Rect
    results: tuple[bytes, ...]


@dataclass(frozen=True, eq=False)
class PlacedEdit:
    """An edit as the document gets it: a group of layers under one mask.

    mask: height x width of `bounds`, uint8 (white 255), uint16 (white 65535) or float32 (white 1).
    layers: name, samples (height x width x channels in the document's format, over `bounds`), visible; the uppermost first.
        Each hides what lies below it, so the uppermost visible one is what the document shows through the mask.
    """

    name: str
    """Of the group: the prompt, or the verb."""
    bounds: Rect
    mask: NDArray[np.generic]
    layers: tuple[tuple[str, NDArray[np.generic], bool], ...]
    recipe_json: str = "{}"
    memory: Memory | None = None

    @property
    def shown(self) -> NDArray[np.generic] | None:
        """The samples that show through the mask; None where every layer is hidden."""
        return next((samples for _, samples, visible in self.layers if visible), None)

    def at_depth_of(self, document: Document) -> "PlacedEdit":
        """The same edit, its mask as a layer mask of `document` can hold it."""
        return replace(self, mask=mask_as(self.mask, document.sample_type))

    def check(self, document: Document) -> None:
        """Raise InvalidInput unless this can be placed in `document`."""
        if self.bounds.area <= 0 or not document.size.bounds.contains(self.bounds):
            raise InvalidInput(
                "bounds", tuple(self.bounds), f"it must lie inside the document, {_times(document.size)}"
            )
        expected = (self.bounds.height, self.bounds.width)
        if self.mask.shape != expected:
            raise InvalidInput("mask", f"{self.mask.shape}", f"its shape must be {expected} (height, width)")
        for name, samples, _ in self.layers:
            if samples.shape != (*expected, document.samples.shape[2]) or samples.dtype != document.samples.dtype:
                raise InvalidInput(
                    "layers",
                    f"{name!r}: {samples.shape} {samples.dtype}",
                    f"each must be {(*expected, document.samples.shape[2])} {document.samples.dtype}",
                )


def white_of(dtype: np.dtype[np.generic]) -> float:
    """The sample that means 1.0 in files: 255, 65535, or 1.0 for floats."""
    return _WHITE[_SAMPLE_TYPES[dtype.name]]


def mask_share(mask: NDArray[np.generic]) -> NDArray[np.float64]:
    """A mask's samples as float64 0..1."""
    return np.clip(mask.astype(np.float64) / white_of(mask.dtype), 0.0, 1.0)


def mask_as(mask: NDArray[np.generic], sample_type: SampleType) -> NDArray[np.generic]:
    """A mask's samples at another integer depth, rounded to nearest; the same values where the depth is the same."""
    if mask.dtype == sample_type.dtype:
        return mask
    return np.rint(mask_share(mask) * _WHITE[sample_type]).astype(sample_type.dtype)


def check_size(width: int, height: int) -> None:
    """Raise InvalidInput unless a document may have this size; called before anything is decompressed."""
    if not (0 < width <= MAX_SIDE_PX and 0 < height <= MAX_SIDE_PX):
        raise InvalidInput("document", f"{width} x {height} px", f"each side must be 1..{MAX_SIDE_PX} px")
    if width * height > MAX_DOCUMENT_PX:
        raise InvalidInput(
            "document", f"{width} x {height} px", f"it must have at most {MAX_DOCUMENT_PX // 10**6} megapixels"
        )


def _times(size: Size) -> str:
    return f"{size.width} x {size.height} px"
