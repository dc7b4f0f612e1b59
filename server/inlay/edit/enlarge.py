"""From what enlarges to a larger picture that is still the same: tile by tile, each brought to agree with the document.

Every answer of the verb goes this way. Brought back to its own size, in linear light, the result is what the document shows; how
much of what an engine adds may stay is the tier's.
"""

import dataclasses
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay import color, variation
from inlay.color.raster import Raster, SampleType
from inlay.edit.sight import Blobs, Sight
from inlay.engines.interface import Enlargement, Progress
from inlay.fidelity.block_rounding import rounded_by_blocks
from inlay.fidelity.cielab import encoded_of, linear_of
from inlay.fidelity.enlargement import UNKNOWN_CODES, agreeing, enlarged_cover
from inlay.fidelity.light import pull_push
from inlay.fidelity.raster import mix_channels
from inlay.fidelity.softness import as_sharp
from inlay.fidelity.tile_borders import levelled
from inlay.recipe import Recipe, Tier
from inlay.region import Rect, Size

F32 = NDArray[np.float32]

INVENTED = {Tier.DRAFT: 0.0, Tier.STANDARD: 0.5, Tier.FINAL: 1.0}
"""What part of the detail that an engine adds to a plain enlargement a tier keeps."""

TILE_PX = {2: 640, 4: 320}
"""The document's pixels in a tile, a side: some 300 MB while one is made."""
RAMP_PX = 16
"""Over so many of the document's pixels two tiles are blended, half of them on either side."""
RIM_PX = 12
"""What a tile sees beyond that: a correction rings at the border that it mirrors."""
STRIPE_PX = 64
"""The document's rows that are put into samples at a time."""
ROUNDING = 1e-4
"""Values this little below 0 are a conversion's, and 0."""
LEAST_TRUST = 1e-4
"""What is seen at all decides what is carried to where nothing is."""


def enlarged(recipe: Recipe, sight: Sight, answer: Enlargement, blobs: Blobs, progress: Progress) -> variation.Picture:
    """The recipe's region, enlarged as `answer` has it, in the document's own samples. Raises Cancelled."""
    window, scale = recipe.canvas.window, answer.scale
    region = recipe.where.region.relative_to(window)
    like = recipe.canvas.source
    light = _Light.of(sight, like)
    larger = np.empty((region.height * scale, region.width * scale, like.channels), like.sample_type.dtype)
    tile_px = TILE_PX.get(scale, TILE_PX[4])
    total = len(_stretches(region.width, tile_px)) * len(_stretches(region.height, tile_px))
    done = 0

    def made(tile: Rect) -> F32:
        nonlocal done
        progress.check()
        pixels = _tile(light, sight, answer, tile, INVENTED[recipe.sampling.tier], like)
        done += 1
        progress.step(done, total, "painting")
        return pixels

    for top, band in _bands(region, window.size, scale, tile_px, 3 if sight.alpha is None else 4, made):
        _write(larger[top : top + len(band)], light, band, scale, like)
    raster = dataclasses.replace(like, width=region.width * scale, height=region.height * scale)
    return variation.Picture(dataclasses.replace(raster, blob=blobs.add(larger.reshape(-1).view(np.uint8).data)))


class _Light(NamedTuple):
    """The window's colours as corrections compute with them: of the document's own primaries, which are not negative there.

    encoded: height x width x 3, 0 .. white, the darkest light at 0. darkest: linear, of each channel, 0 or below. to_working: from
    the document's primaries to the working space's; None where they are the same.
    """

    encoded: F32
    darkest: F32
    white: float
    to_working: F32 | None

    @classmethod
    def of(cls, sight: Sight, like: Raster) -> "_Light":
        pixels = sight.pixels
        if not sight.known.all():  # nothing that nobody sees is mixed into what is beside it
            carried = pull_push(pixels, sight.known.astype(np.float32), LEAST_TRUST)
            pixels = np.where(sight.known[..., None], pixels, carried)
        primaries = color.primaries_of(like)
        to_working = None if primaries is None else primaries.astype(np.float32)
        if primaries is not None:
            pixels = encoded_of(mix_channels(linear_of(pixels), np.linalg.inv(primaries).astype(np.float32)))
        least = pixels.min(axis=(0, 1))
        darkest = linear_of(np.where(least < -ROUNDING, least, np.float32(0)).astype(np.float32))
        if darkest.any():
            pixels = encoded_of(linear_of(pixels) - darkest)
        return cls(np.maximum(pixels, 0), darkest, max(1.0, float(pixels.max())), to_working)

    def pixels_of(self, linear: F32) -> F32:
        """The working space's, of linear light as corrections leave it."""
        light = np.ascontiguousarray(linear + self.darkest)
        return encoded_of(light if self.to_working is None else mix_channels(light, self.to_working))


def _tile(light: _Light, sight: Sight, answer: Enlargement, tile: Rect, share: float, like: Raster) -> F32:
    """A rectangle of the window, enlarged: linear light, and alpha where the document has it."""
    source = light.encoded[tile.slices]
    shown = _plain(source, answer.scale)
    if share > 0:
        seen = tile.padded(answer.reach_px).intersection(Rect(0, 0, light.encoded.shape[1], light.encoded.shape[0]))
        inside = np.clip(light.encoded[seen.slices], 0, 1)
        shown_by_it = as_sharp(levelled(answer.enlarge(inside), inside, answer.scale), inside, answer.scale)
        added = shown_by_it - _plain(inside, answer.scale)
        cut = tile.relative_to(seen)
        rows = slice(cut.y * answer.scale, (cut.y + cut.height) * answer.scale)
        columns = slice(cut.x * answer.scale, (cut.x + cut.width) * answer.scale)
        shown = shown + np.float32(share) * added[rows, columns]
    unknown = 0.0 if like.sample_type.is_float else UNKNOWN_CODES / like.white_level
    shown = np.nan_to_num(shown).clip(0, light.white)
    linear = agreeing(source, shown, answer.scale, unknown, light.white)
    if sight.alpha is None:
        return linear
    return np.dstack([linear, enlarged_cover(sight.alpha[tile.slices], answer.scale)])


def _plain(pixels: F32, scale: int) -> F32:
    """What is enlarged without inventing anything."""
    size = (pixels.shape[1] * scale, pixels.shape[0] * scale)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LANCZOS4), np.float32)


class _Stretch(NamedTuple):
    """What one tile contributes along an axis, in the document's pixels: its place, and where its ramps begin and end."""

    start: int
    stop: int


def _stretches(length: int, tile_px: int) -> list[_Stretch]:
    """As few equal stretches as cover `length`, none longer than a tile without its ramps."""
    count = max(1, -(-length // (tile_px - 2 * (RAMP_PX + RIM_PX))))
    edges = [round(length * number / count) for number in range(count + 1)]
    return [_Stretch(*pair) for pair in pairwise(edges)]


def _weights(stretch: _Stretch, length: int, scale: int) -> tuple[slice, F32]:
    """Which pixels of the result a stretch has a say in, and how much; over all stretches it sums up to 1."""
    half = RAMP_PX // 2
    first, last = max(0, stretch.start - half), min(length, stretch.stop + half)
    weights = np.ones((last - first) * scale, np.float32)
    rise = ((np.arange(RAMP_PX * scale) + 0.5) / (RAMP_PX * scale)).astype(np.float32)
    if stretch.start > 0:
        weights[: rise.size] *= rise
    if stretch.stop < length:
        weights[-rise.size :] *= 1 - rise
    return slice(first * scale, last * scale), weights


def _bands(
    region: Rect, window: Size, scale: int, tile_px: int, channels: int, made: Callable[[Rect], F32]
) -> Iterator[tuple[int, F32]]:
    """Whole rows of the result, as `made` makes its tiles, from the top on, with the number of their first row."""
    rows, columns = _stretches(region.height, tile_px), _stretches(region.width, tile_px)
    reach = RAMP_PX // 2 + RIM_PX
    waiting, top = np.zeros((0, region.width * scale, channels), np.float32), 0
    for row in rows:
        down, heights = _weights(row, region.height, scale)
        band: F32 = np.zeros((down.stop - top, region.width * scale, channels), np.float32)
        band[: len(waiting)] = waiting
        for column in columns:
            across, widths = _weights(column, region.width, scale)
            tile = Rect.of_edges(
                region.x + column.start, region.y + row.start, region.x + column.stop, region.y + row.stop
            )
            tile = tile.padded(reach).intersection(window.bounds)
            pixels = made(tile)
            y, x = down.start - (tile.y - region.y) * scale, across.start - (tile.x - region.x) * scale
            share = heights[:, None, None] * widths[None, :, None]
            part = pixels[y : y + len(heights), x : x + len(widths)] * share
            band[down.start - top : down.stop - top, across] += part
        ready = down.stop - top if row is rows[-1] else (row.stop - RAMP_PX // 2) * scale - top
        yield top, band[:ready]
        waiting, top = band[ready:], top + ready


def _write(out: NDArray[np.generic], light: "_Light", band: F32, scale: int, like: Raster) -> None:
    """Whole rows of the result in the document's samples, some at a time: what colours need on the way is a multiple of them."""
    for top in range(0, len(out), STRIPE_PX * scale):
        rows = slice(top, top + STRIPE_PX * scale)
        linear, cover = band[rows, :, :3], band[rows, :, 3] if band.shape[2] == 4 else None
        samples: F32 = color.encode_unrounded(light.pixels_of(linear), cover, like)
        if like.sample_type is SampleType.U8:
            samples = rounded_by_blocks(samples, scale)
        out[rows] = color.rounded(samples, like)
