"""Match: a pasted layer is made to belong to what lies below it. Nothing is invented; alpha stays as it is.

First what the pixels themselves tell: the old background in soft edges, the lattice of JPEG, grain and blur. Light and colour
follow the same thing in the document where it shows there too; else the look that its colours make likely, and not at all where all
of that is the document's own: such a layer was never elsewhere.
Constants and what did not work: docs/facts/fidelity.md#match.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.fidelity.compression import rounding_of, without_lattice
from inlay.fidelity.fringe import without_fringe
from inlay.fidelity.light import pull_push
from inlay.fidelity.look import NONE_ADDED, likely_tones
from inlay.fidelity.mosaic import flags_of, mosaic_of, tiles_of
from inlay.fidelity.mottle import without_mottle
from inlay.fidelity.raster import F32, Flags, blur, masked_blur, put, stripes
from inlay.fidelity.seen_twice import tones_between
from inlay.fidelity.texture import Texture, retextured, texture_of
from inlay.fidelity.tones import Tones

MARGIN_PX = 24
CONTEXT_PX = (64, 384)
"""How far around the layer the document's grain and blur are looked for: the root of its box, within these."""
SEEN_WITHIN_PX = (256, 8192)
"""The same for what the document shows too, within twice that root."""
OPAQUE = 0.98
NOTHING_THERE = 0.01
COARSER = 1.25
"""The rounding of a layer by JPEG is foreign where it is coarser by so much than that of the document."""
NOTHING_ELSE = 0.99
"""How likely it is that a layer has no other look, where nothing else is foreign but perhaps a little of its grain."""
LOOK_SIGMA_PX = 1.5
MOST_FOR_LOOK = 200_000


@dataclass(frozen=True)
class Amounts:
    """How much of each difference is taken away, 0..1; 0 leaves it as it is."""

    light: float = 1.0
    color: float = 1.0
    sharpness: float = 1.0
    grain: float = 1.0
    fringe: float = 1.0


@dataclass(frozen=True)
class Matched:
    """rgb: HxWx3, encoded. fringe, compression: whether there was any. belongs: nothing was foreign. tones: of light and colour.
    seen_twice: the document shows the same thing, and light and colour are those it has there.

    grain: the document's against the layer's own, as standard deviations; blur: px² by which the layer is too sharp. Both are None
    where the layer is too small to tell.
    """

    rgb: F32
    fringe: bool = False
    compression: bool = False
    grain: float | None = None
    blur: float | None = None
    belongs: bool = False
    tones: Tones | None = None
    seen_twice: bool = False


def match(
    background: NDArray[Any],
    layer: NDArray[Any],
    *,
    light: float = 1.0,
    color: float = 1.0,
    sharpness: float = 1.0,
    grain: float = 1.0,
    fringe: float | None = None,
    seed: int = 0,
) -> NDArray[Any]:
    """`layer` made to belong to `background`, of its own type; with all amounts 0, bit for bit as it was.

    background: HxWx3 uint8 or uint16, sRGB-encoded, without the layer. layer: HxWx4 of the same size and type, straight alpha,
    which stays. light, color, sharpness, grain, fringe: 0..1, how much of each difference is taken away; fringe: as the largest of
    the others if it is None. seed: of the new grain. Raises ValueError where size or type differ.
    """
    if background.shape != (*layer.shape[:2], 3) or layer.shape[2:] != (4,) or background.dtype != layer.dtype:
        raise ValueError(
            f"a layer {layer.shape} {layer.dtype} is none for a background {background.shape} {background.dtype}"
        )
    amounts = Amounts(light, color, sharpness, grain, max(light, color, sharpness, grain) if fringe is None else fringe)
    place = _box(layer[..., 3] > 0, MARGIN_PX)
    if place is None:
        return layer.copy()
    white = np.float32(np.iinfo(layer.dtype).max)
    alpha = _encoded(layer[place][..., 3], white)
    part = _encoded(layer[place][..., :3], white)
    found = matched(_encoded(background, white), None, part, alpha, place, amounts, np.random.default_rng(seed))
    del part
    out = layer.copy()
    for rows in stripes(*alpha.shape):
        samples = np.rint(np.clip(found.rgb[rows], 0, 1) * white).astype(layer.dtype)
        for channel in range(3):
            np.copyto(out[place][rows, :, channel], samples[..., channel], where=alpha[rows] > 0)
    return out


def _encoded(samples: NDArray[Any], white: np.float32) -> F32:
    return np.divide(samples, white, dtype=np.float32)


def matched(
    below: F32,
    known: Flags | None,
    rgb: F32,
    alpha: F32,
    place: tuple[slice, slice],
    amounts: Amounts,
    random: np.random.Generator,
) -> Matched:
    """Layer `rgb` (HxWx3 encoded, straight) with `alpha` (HxW, 0..1) made to belong to `below` (the document, where `known`).

    place: rows and columns of the document where the layer lies.
    """
    if not any((amounts.light, amounts.color, amounts.sharpness, amounts.grain, amounts.fringe)) or not alpha.any():
        return Matched(rgb)
    visible, opaque = alpha > 0, alpha > OPAQUE
    inside = np.asarray(cv2.erode(opaque.astype(np.uint8), np.ones((3, 3), np.uint8))) > 0
    known = np.ones(below.shape[:2], np.bool_) if known is None else known
    original = rgb
    rgb = np.zeros(original.shape, np.float32)
    put(original, visible, rgb)
    is_jpeg = bool(amounts.fringe) and rounding_of(rgb, opaque) > 0
    clean = without_fringe(rgb, alpha, is_jpeg) if amounts.fringe else None
    has_fringe = clean is not None
    if clean is not None:
        rgb = _between(rgb, clean, amounts.fringe)
    del clean
    rgb = _carried_on(rgb, alpha)
    near = _around(place, below.shape[:2], CONTEXT_PX)
    rounding = rounding_of(rgb, opaque) if amounts.grain else 0.0
    compressed = rounding > COARSER * rounding_of(below[near], known[near]) if rounding else False
    if compressed:
        rgb = _between(rgb, without_lattice(rgb, rounding), amounts.grain)
    texture = texture_of(below[near], known[near], rgb, visible, inside)
    found = Matched(original, has_fringe, compressed)
    around = _around(place, below.shape[:2], SEEN_WITHIN_PX, 2.0)
    tones = tones_between(below[around], known[around], rgb, inside) if amounts.light or amounts.color else None
    if texture is not None:
        ratio = (texture.theirs.deviation + 1e-5) / (texture.own.deviation + 1e-5)
        alike = texture.grain_is_alike
        found = replace(
            found,
            grain=ratio,
            blur=texture.blur,
            belongs=alike and not (texture.blur or found.fringe or found.compression or tones),
        )
        if found.belongs:
            return found
        if amounts.grain and not alike:
            rgb = without_mottle(rgb, visible, texture.own, texture.theirs, amounts.grain)
            if texture.is_whole:
                clean_of = without_mottle(texture.clean, visible, texture.own, texture.theirs, amounts.grain)
                texture = texture._replace(clean=clean_of)
    found = replace(found, seen_twice=tones is not None)
    if tones is None and (amounts.light or amounts.color):
        shown = (texture.clean, texture.inside) if texture else (rgb, inside)
        nothing_else = texture and not (texture.blur or found.fringe or found.compression) and texture.grain_is_near
        tones = _likely(below, known, *shown, NOTHING_ELSE if nothing_else else NONE_ADDED)
    toned = partial(tones.applied, light=amounts.light, color=amounts.color) if tones else _as_it_is
    slope = 1 + amounts.light * (tones.slope - 1) if tones else 1.0
    found = replace(found, tones=tones)
    if texture is not None:
        texture = texture._replace(own=texture.own.scaled(slope), clean=toned(texture.clean))
    del below, known
    new = _retextured(rgb, visible, texture, amounts, random, toned)
    put(original, ~visible, new)
    return replace(found, rgb=new)


def _between(old: F32, new: F32, share: float) -> F32:
    """`old`, written over, as far towards `new` as 0..1 says."""
    return new if share == 1 else np.asarray(cv2.addWeighted(old, 1 - share, new, share, 0, dst=old), np.float32)


def _carried_on(rgb: F32, alpha: F32) -> F32:
    """`rgb` with its colours carried on to where `alpha` is 0: to a block across the contour it is one surface."""
    out = pull_push(rgb, alpha, NOTHING_THERE)
    put(rgb, alpha > 0, out)
    return out


def _retextured(
    rgb: F32,
    visible: Flags,
    texture: Texture | None,
    amounts: Amounts,
    random: np.random.Generator,
    toned: Callable[[F32], F32],
) -> F32:
    grain = amounts.grain if texture and not texture.grain_is_alike else 0.0
    change = texture.blur * amounts.sharpness if texture else 0.0
    if texture and (grain or change):
        return retextured(rgb, visible, texture, grain, change, random, toned)
    for rows in stripes(*visible.shape):
        rgb[rows] = toned(rgb[rows])
    return rgb


def _as_it_is(rgb: F32) -> F32:
    return rgb


def _likely(below: F32, known: Flags, clean: F32, inside: Flags, none_added: float) -> Tones | None:
    """What takes a look off the layer, as far as its colours and the document's tell."""
    tiles = tiles_of(known)
    step = 2 if tiles else max(1, int(np.sqrt(known.size / MOST_FOR_LOOK)))
    part = blur(mosaic_of(below, tiles), LOOK_SIGMA_PX)
    document = part[::step, ::step][flags_of(known, tiles)[::step, ::step]]
    tiles = tiles_of(inside)
    clean, inside = mosaic_of(clean, tiles), flags_of(inside, tiles)
    own, _ = masked_blur(clean, inside.astype(np.float32), LOOK_SIGMA_PX)
    return likely_tones(document, own[inside], none_added)


def _box(where: Flags, margin: int) -> tuple[slice, slice] | None:
    rows, columns = (np.flatnonzero(where.any(axis)) for axis in (1, 0))
    if not rows.size:
        return None
    top, left = max(0, int(rows[0]) - margin), max(0, int(columns[0]) - margin)
    return slice(top, min(where.shape[0], int(rows[-1]) + 1 + margin)), slice(
        left, min(where.shape[1], int(columns[-1]) + 1 + margin)
    )


def _around(
    place: tuple[slice, slice], size: tuple[int, int], limits: tuple[int, int], times: float = 1.0
) -> tuple[slice, slice]:
    rows, columns = place
    reach = int(np.clip(times * np.sqrt((rows.stop - rows.start) * (columns.stop - columns.start)), *limits))
    high, wide = (slice(max(0, s.start - reach), min(end, s.stop + reach)) for s, end in zip(place, size, strict=True))
    return high, wide
