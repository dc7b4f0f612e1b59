"""A draft's picture and what was there before: fitted into a window as JPEG, or pixel by pixel as tiles of PNG.

Both show the window that the edit saw. After is what an editor shows with the result's layer above it, in the document's own
encoding: exactly the document where the mask is 0, exactly the result where it is full and the result opaque.
"""

import io
import struct
import zlib
from dataclasses import replace
from typing import Any, Protocol

import cv2
import imagecodecs
import numpy as np
from numpy.typing import NDArray

from inlay import color
from inlay.color.blend import blended
from inlay.color.raster import Raster, SampleType
from inlay.errors import BlobMissing, InvalidInput, NotFound
from inlay.region import Size
from inlay.review.views import LEAST_FIT_PX, MOST_FIT_PX, Encoded, Fit, Shown, Tile

TILE_PX = 512

QUALITY = 95
"""Of the JPEG, at full colour resolution: red on skin is what a retoucher is asked about.
At 92 the dither is gone."""

UNDER_GLASS = 0.5
"""The gray, sRGB-encoded, that a JPEG has where the document is transparent."""

GAMUTS = {"srgb": "sRGB-elle-V2-srgbtrc.icc", "display_p3": "Display P3"}
"""Names of profiles."""

_PNG_HEAD = 8 + 25
_LEVEL = 4


class Reads(Protocol):
    """Where pixels are, by SHA-256."""

    def read(self, sha256: str) -> bytes | memoryview: ...


def picture_asked(asked: tuple[Shown, Fit | Tile], blobs: Reads) -> Encoded:
    """The picture that is asked for. Raises NotFound where its pixels are gone or there is no such tile, InvalidInput for a size
    that is none."""
    shown, view = asked
    try:
        samples = _remembered(shown, blobs)
    except BlobMissing as missing:
        hint = "the server dropped its pixels since; have it painted again"
        raise NotFound("picture", missing.sha256, hint=hint) from missing
    return fitted(samples, shown.source, view) if isinstance(view, Fit) else tile(samples, shown.source, view)


def composed(shown: Shown, blobs: Reads) -> NDArray[np.generic]:
    """The window's samples, height x width x channels as its raster says, with the result if there is one."""
    source = shown.source
    before = source.array(blobs.read(source.blob), "source")
    if shown.patch is None:
        return before
    place = shown.patch.bounds.relative_to(shown.window).slices
    layer = shown.patch.pixels.array(blobs.read(shown.patch.pixels.blob), "pixels")
    mask = shown.patch.mask.array(blobs.read(shown.patch.mask.blob), "mask")[..., 0]
    share = mask.astype(np.float32) / np.float32(shown.patch.mask.white_level)
    after = before.copy()
    over = _over if source.has_alpha else blended
    white = np.float32(source.white_level)
    found = over(before[place].astype(np.float32) / white, layer.astype(np.float32) / white, share) * white
    new = color.rounded(np.asarray(found, np.float32), source)
    after[place] = np.where(share[..., None] == 0, before[place], new)
    return after


def fitted(samples: NDArray[np.generic], raster: Raster, view: Fit) -> Encoded:
    """A JPEG of `samples`. Raises InvalidInput for a size beyond the limits."""
    from PIL import Image

    if not LEAST_FIT_PX <= view.px <= MOST_FIT_PX:
        raise InvalidInput("fit_px", view.px, f"it must be {LEAST_FIT_PX} .. {MOST_FIT_PX}")
    scale = min(1.0, view.px / max(raster.width, raster.height))
    if scale < 1:
        size = max(1, round(raster.width * scale)), max(1, round(raster.height * scale))
        wide: Any = samples.astype(np.float32) if raster.sample_type.is_float else samples
        small = cv2.resize(np.ascontiguousarray(wide), size, interpolation=cv2.INTER_AREA)
        samples = small.reshape(size[1], size[0], raster.channels).astype(samples.dtype)
    decoded = color.decode(samples, raster)
    pixels = decoded.pixels
    if decoded.alpha is not None:
        pixels = blended(np.full_like(pixels, UNDER_GLASS), pixels, np.clip(decoded.alpha, 0, 1))
    target = replace(
        raster, order="RGB", sample_type=SampleType.F32, white_level=255.0, profile=GAMUTS[view.gamut], icc=b""
    )
    values = color.encode_unrounded(np.ascontiguousarray(pixels, np.float32), None, target)
    if raster.sample_type is not SampleType.U8:  # else bands show that are not in the document
        values = values + np.random.default_rng(0).uniform(-0.5, 0.5, (*values.shape[:2], 1)).astype(np.float32)
    image = Image.fromarray(np.rint(np.clip(values, 0, 255)).astype(np.uint8))
    written = io.BytesIO()
    image.save(written, "JPEG", quality=QUALITY, subsampling=0, icc_profile=color.profile_bytes(target))
    return Encoded(written.getvalue(), "image/jpeg", Size(*image.size))


def tile(samples: NDArray[np.generic], raster: Raster, view: Tile) -> Encoded:
    """A PNG of one tile of `samples`. Raises NotFound where there is none at that place."""
    top, left = view.row * TILE_PX, view.column * TILE_PX
    if top >= samples.shape[0] or left >= samples.shape[1]:
        columns, rows = -(-samples.shape[1] // TILE_PX), -(-samples.shape[0] // TILE_PX)
        raise NotFound("tile", f"{view.column}, {view.row}", field="tile", hint=f"there are {columns} x {rows}")
    part = samples[top : top + TILE_PX, left : left + TILE_PX]
    if raster.sample_type.is_float or raster.order.startswith("LAB"):
        part, raster = _in_display_p3(part, raster)
    whole = _whole_range(part, raster)
    if raster.order.startswith("BGR"):
        whole = whole[..., [2, 1, 0, 3][: whole.shape[-1]]]
    plain = np.ascontiguousarray(whole[..., 0] if whole.shape[-1] == 1 else whole)
    data = bytes(imagecodecs.png_encode(plain, _LEVEL))
    profile = _chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(color.profile_bytes(raster)))
    data = data[:_PNG_HEAD] + profile + data[_PNG_HEAD:]
    return Encoded(data, "image/png", Size(part.shape[1], part.shape[0]))


def _in_display_p3(samples: NDArray[np.generic], raster: Raster) -> tuple[NDArray[np.generic], Raster]:
    decoded = color.decode(samples, raster)
    target = replace(
        raster,
        order="RGB" if decoded.alpha is None else "RGBA",
        sample_type=SampleType.U16,
        white_level=65_535.0,
        profile=GAMUTS["display_p3"],
        icc=b"",
    )
    return color.encode(decoded.pixels, decoded.alpha, target), target


def _whole_range(samples: NDArray[np.generic], raster: Raster) -> NDArray[Any]:
    """Samples whose white is the largest number that they can be."""
    largest = np.iinfo(raster.sample_type.dtype.name).max
    if raster.white_level == largest:
        return samples
    wide = samples.astype(np.float64) * (largest / raster.white_level)
    return np.clip(np.rint(wide), 0, largest).astype(samples.dtype)


def _over(below: NDArray[np.float32], layer: NDArray[np.float32], share: NDArray[np.float32]) -> NDArray[np.float32]:
    """Porter and Duff's over for samples whose last channel is alpha, and colours that are not multiplied by it."""
    under, above = below[..., -1:], layer[..., -1:] * share[..., None]
    alpha = above + under * (1 - above)
    colors = blended(below[..., :-1] * under, layer[..., :-1], above[..., 0])
    colors = np.divide(colors, alpha, out=np.zeros_like(colors), where=alpha > 0)
    return np.concatenate([colors, alpha], axis=-1, dtype=np.float32)


_last: list[tuple[Shown, NDArray[np.generic]]] = []


def _remembered(shown: Shown, blobs: Reads) -> NDArray[np.generic]:
    """What was composed last: whoever looks at one tile looks at the next, before and after."""
    for known, samples in _last:
        if known == shown:
            return samples
    samples = composed(shown, blobs)
    _last.insert(0, (shown, samples))
    del _last[2:]
    return samples


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
