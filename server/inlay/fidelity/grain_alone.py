"""Grain where the surroundings were not repainted: what new pixels lack against calm places of their own tone beside them.

An engine that copies the document's pixels brings their grain along; one that paints and gives the surroundings back untouched
brings none. Both are told apart by the new pixels alone. Lines, lettering and edges are no grain: a median filter leaves them
standing, and what it removes of grain has no quiet places in between.
"""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.fidelity.grain import INVISIBLE, LEVEL_RANGE, Grain, measure_grain
from inlay.fidelity.raster import F32, Flags, blur, distance_px, luma

MEDIAN_PX = 5
COARSE_SIGMA_PX = 2.0
"""What this Gaussian removes of a calm place is grain."""
TONES = 64
"""Grain is compared within as many tones; the last one holds white alone, or nearly."""
CALM = 0.3
"""Quantile of fine detail that tells of grain: the calmest pixels of a tone."""
NEAR_PX = 48.0
"""Surroundings up to here are asked first: a document may have grain in a photograph and none in the panel beside it."""
TONE_SIGMA = 3.0
"""Neighbouring tones are judged together: a single one rests on few pixels."""
FEWEST = 40
"""Pixels of a tone that tell how calm it is."""
MOST = 120_000
LOUD = 12.0
"""Detail above so many times its tone's calm level is a line or an edge."""
LOUD_FLOOR = 2 / 255
LEAST_LACKING = 0.3
"""Share of grain variance that must be missing: less is the chance of a few pixels."""


def measure_grain_alone(
    original: F32, paint: F32, known: Flags, inside: Flags, random: np.random.Generator
) -> Grain | None:
    """The grain of the `original` (HxWx3 encoded) that `paint` lacks, None where it lacks none that one could see.

    known: HxW, pixels of the original to learn from; inside: HxW, the new pixels.
    """
    whole = np.where(known[..., None], original, paint).astype(np.float32, copy=False)
    calm = cast(F32, cv2.medianBlur(whole, MEDIAN_PX))
    detail = np.sqrt(np.square(whole - calm).sum(-1))
    tone = np.clip(np.rint(luma(calm) * (TONES - 1)), 0, TONES - 1).astype(np.intp)
    near = known & (distance_px(~inside) <= NEAR_PX)
    there = _calmness(detail, tone, near)
    everywhere = _calmness(detail, tone, known)
    there = np.where(np.isnan(there), everywhere, there)
    lacking = _lacking(there, _calmness(detail, tone, inside), detail, tone, near if near.any() else known, inside)
    if lacking is None or not lacking.any():
        return None
    usual = np.nan_to_num(everywhere, nan=0.0)
    grainy = known & (detail <= LOUD * usual[tone] + LOUD_FLOOR)
    found = measure_grain(original, blur(original, COARSE_SIGMA_PX), grainy, random)
    return None if found is None else _as_lacking(found, lacking)


def brightness_of(rgb: F32) -> F32:
    """What steers the level of such grain: luma HxW, with the tones beside a line kept apart from the line."""
    return luma(cast(F32, cv2.medianBlur(rgb, MEDIAN_PX)))


def _calmness(detail: F32, tone: NDArray[np.intp], where: Flags) -> NDArray[np.float64]:
    """How much fine detail the calmest pixels `where` have, by tone; NaN where a tone is too rare to tell."""
    pixels = np.flatnonzero(where)
    pixels = pixels[:: -(-pixels.size // MOST) if pixels.size else 1]
    values, tones = detail.ravel()[pixels], tone.ravel()[pixels]
    order = np.argsort(tones, kind="stable")
    groups = np.split(values[order], np.searchsorted(tones[order], np.arange(1, TONES)))
    return np.array([float(np.quantile(group, CALM)) if group.size >= FEWEST else np.nan for group in groups])


def _lacking(
    there: NDArray[np.float64],
    here: NDArray[np.float64],
    detail: F32,
    tone: NDArray[np.intp],
    near: Flags,
    inside: Flags,
) -> NDArray[np.float64] | None:
    """Share of the surroundings' grain variance that the inside lacks, by tone; None where neither can be compared."""
    both = np.flatnonzero(~np.isnan(there) & ~np.isnan(here))
    if both.size:
        near_tone = np.exp(-0.5 * ((both[:, None] - both) / TONE_SIGMA) ** 2)
        theirs, ours = (np.sqrt(near_tone @ x[both] ** 2 / near_tone.sum(1)) for x in (there, here))
        visible = there[both] >= CALM * INVISIBLE
        shares = [_missing(*pair) if seen else 0.0 for *pair, seen in zip(theirs, ours, visible, strict=True)]
        return np.interp(np.arange(TONES), both, shares)
    tones = np.unique(tone[inside])
    alike = near & (tone >= tones.min(initial=TONES)) & (tone <= tones.max(initial=0))
    if alike.sum() < FEWEST or not inside.any():
        return None
    theirs, ours = (float(np.quantile(detail[where], CALM)) for where in (alike, inside))
    return np.full(TONES, _missing(theirs, ours))


def _missing(theirs: float, ours: float) -> float:
    if theirs < CALM * INVISIBLE:
        return 0.0
    share = 1 - (ours / theirs) ** 2
    return share if share >= LEAST_LACKING else 0.0


def _as_lacking(found: Grain, lacking: NDArray[np.float64]) -> Grain | None:
    """`found`, which is all of the original's grain, as far as it is lacking."""
    nodes = np.linspace(0, 1, len(found.levels))
    tones = np.linspace(0, 1, TONES)
    levels = np.stack([np.interp(tones, nodes, found.levels[:, k]) for k in range(3)], -1)
    levels *= np.sqrt(lacking)[:, None]
    levels[levels * found.strength < INVISIBLE] = 0
    if not levels.any():
        return None
    return found._replace(
        levels=np.clip(levels, 0, LEVEL_RANGE[1]).astype(np.float32),
        strength=found.strength * float(np.sqrt(lacking[lacking > 0].mean())),
        present=0.0,
        shared=0.0,
    )
