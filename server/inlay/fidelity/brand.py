"""Exact brand colour: a masked material takes a target as the mean an averaging eyedropper reads, and stays that material.

The material is taken apart (`brand_split`), its colour replaced, and the replacement adjusted until the mean of what the
document will hold is the target. Where the document has no room for the material's shading around the target (a pure red in
8 bit), shading gives way first: as much as the mean needs and no more.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from inlay.errors import InvalidInput
from inlay.fidelity.brand_edge import moved_with_material
from inlay.fidelity.brand_gamut import Gamut, Quantise, gamut_of
from inlay.fidelity.brand_probe import Probe, material_weight, probe
from inlay.fidelity.brand_split import Ease, Material, split
from inlay.fidelity.brand_target import Target, hex_of, parse_target
from inlay.fidelity.cielab import F64, encoded_of, lab_of, lightness_of, linear_of
from inlay.fidelity.difference import delta_e_2000
from inlay.fidelity.raster import F32, stripes

__all__ = ["BrandReport", "Probe", "Quantise", "Recolored", "Target", "parse_target", "probe", "recolored"]

TOLERANCE = 0.35
"""Largest dE2000 of the mean that is aimed for; 0.5 is promised."""
_ROOM = 0.3
"""dE2000 of that tolerance that a target on the gamut's limit may spend on room for shading."""
_SHADING = 0.915
"""Correlation of lightness before and after that shading keeps where the document allows; 0.9 is promised."""
_STEPS = (0, 0.15, 0.3, 0.45, 0.6, 0.7, 0.8, 0.88, 0.94, 0.97), (0, 0.25, 0.5, 0.65, 0.75, 0.85, 0.92, 1)
_EASES = sorted(
    (Ease(*both) for both in itertools.product(*_STEPS)),
    key=lambda ease: ease.shading + 0.5 * ease.gloss + 0.3 * (ease.gloss == 1),
)
"""From what is missed least to what is missed most; a last trace of the highlights is worth much."""
_SAMPLE = 2048
"""Pixels on which a colour is tried; the mean of all is corrected afterwards."""
_LIGHTNESS_SPREAD = 0.5
"""Standard deviation of L below which a material is flat and has no shading to keep."""
_OUTSIDE = 0.2
"""dE2000 between a target and the nearest colour of the document from which on the target counts as out of gamut."""
_PROMISED, _SHADING_PROMISED = 0.5, 0.9
_TOLD = Ease(0.5, 0.7)
"""What may be given up without a word."""
_REPORTED = 60_000
_GRAY_CODES = 2
"""A colour whose channels lie no further apart is the gray of a document without colours."""
_CLOSE = 0.05
"""dE2000 of the mean of all pixels that needs no further correction."""
_BLACK = 0.01
_CODE = 1 / 255
_LEAST, _MOST = 0.02, 1.5
"""How far below 0 and above white a colour's channel may go; beyond, its hue would drift where the shading is dark."""


@dataclass(frozen=True)
class BrandReport:
    """What was asked for and what the eyedropper reads; Lab is D50, shares and correlations 0..1.

    shading_correlation: of lightness before and after; None on a flat material. clipped_share: material pixels that the
    document's limits changed. nearest: the colour aimed for, `#RRGGBB`, where the target is out of gamut.
    """

    target: str
    target_lab: tuple[float, float, float]
    reached_lab: tuple[float, float, float]
    delta_e: float
    shading_correlation: float | None
    clipped_share: float
    out_of_gamut: bool
    nearest: str
    hints: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {
            **vars(self),
            "target_lab": list(self.target_lab),
            "reached_lab": list(self.reached_lab),
            "hints": list(self.hints),
        }


@dataclass(frozen=True)
class Recolored:
    """pixels: HxWx3 float32 working space, recoloured wherever the mask is open; `report`: what came of it."""

    pixels: F32
    report: BrandReport


def recolored(
    pixels: F32, mask: F32, target: Target, *, opacity: F32 | None = None, quantise: Quantise | None = None
) -> Recolored:
    """Give the masked material the target colour as its mean; shading, texture, highlights and grain stay.

    pixels: HxWx3 float32, sRGB-encoded, unbounded. mask: HxW float32 0..1. opacity: HxW float32 0..1, how much of a pixel is there
    at all; None for all of each. quantise: what the document will hold of N x 1 x 3
    working pixels, in working space; None where it holds every value (float). The mean is that of linear light over the
    material (`material_weight`), after `quantise`. Outside the mask the result is the original; inside it is not blended.

    Raises InvalidInput where the shapes do not fit or the mask opens nothing that is there.
    """
    if pixels.ndim != 3 or pixels.shape[2] != 3 or mask.shape != pixels.shape[:2]:
        raise InvalidInput("mask", f"{mask.shape} for pixels {pixels.shape}", "pixels are HxWx3 and the mask HxW")
    there = mask > 0 if opacity is None else (mask > 0) & (opacity > 0)
    weight = material_weight(mask if opacity is None else mask * opacity)
    rows, columns = np.flatnonzero(there.any(1)), np.flatnonzero(there.any(0))
    cut = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    inside = there[cut]
    ask = _Ask(target, quantise, gamut_of(quantise))
    original = pixels[cut][inside]
    material = split(ask.to_document(pixels[cut]), inside, weight[cut][inside])
    fitted, report = _fit(material, original, weight[cut][inside], ask)
    out, painted = pixels.copy(), pixels[cut].copy()
    painted[inside] = fitted
    shading = np.zeros(inside.shape, np.float32)
    shading[inside] = material.shading
    out[cut] = moved_with_material(pixels[cut], painted, shading, mask[cut], weight[cut] > 0)
    return Recolored(out, report)


@dataclass(frozen=True)
class _Ask:
    """The target as this document can hold it."""

    target: Target
    quantise: Quantise | None
    gamut: Gamut

    @property
    def hue(self) -> F32:
        """The target in document linear light, scaled to a largest channel of 1; black has the hue of grey."""
        color = np.maximum(self.gamut.document(np.array(self.target.linear)), 0) + _BLACK
        return (color / color.max()).astype(np.float32)

    @property
    def is_srgb(self) -> bool:
        return bool(np.abs(self.gamut.matrix - np.eye(3)).max() < 2e-3)

    def to_document(self, working: F32) -> F32:
        """Working-space pixels (..., 3) to the document's channels under the sRGB curve."""
        if self.is_srgb:
            return working
        turned = linear_of(working) @ np.linalg.inv(self.gamut.matrix).T.astype(np.float32)
        return encoded_of(turned)

    def to_working(self, document: F32) -> F32:
        """And back."""
        if self.is_srgb:
            return document
        return encoded_of(linear_of(document) @ self.gamut.matrix.T.astype(np.float32))

    def held(self, working: F32) -> F32:
        """What the document holds of N x 3 working pixels."""
        return working if self.quantise is None else self.quantise(working[:, None])[:, 0]

    def difference(self, linear: F64) -> float:
        """dE2000 of a colour (3 linear sRGB primaries) to the target."""
        return float(delta_e_2000(lab_of(linear), np.array(self.target.lab)))


@dataclass(frozen=True)
class _Trial:
    """One colour tried on a sample: the mean it gives in document linear light, and how well it serves."""

    color: F64
    ease: Ease
    mean: F64
    difference: float
    correlation: float | None

    @property
    def serves(self) -> bool:
        return self.difference <= TOLERANCE and (self.correlation is None or self.correlation >= _SHADING)

    @property
    def loss(self) -> float:
        """Smaller is better: the mean first, then shading."""
        shading = 0.0 if self.correlation is None else max(0.0, _SHADING - self.correlation)
        return 10 * max(0.0, self.difference - TOLERANCE) + shading + 0.02 * (self.ease.shading + self.ease.gloss)


class _Sample:
    """A few thousand material pixels on which colours are tried."""

    def __init__(self, material: Material, original: F32, weight: F32, ask: _Ask, reachable: F64) -> None:
        sure = np.flatnonzero(weight > 0)
        sure = sure[:: max(1, len(sure) // (16 * _SAMPLE))]
        brightness = original[sure].sum(1)
        picked = sure[np.argsort(brightness, kind="stable")][:: max(1, len(sure) // _SAMPLE)]  # evenly by brightness
        self.material, self.ask = material.take(picked), ask
        self.weight = weight[picked] / weight[picked].sum()
        self.before = lightness_of(linear_of(original[picked]))
        self.reachable, self.aim = reachable, ask.gamut.aim(reachable, _ROOM)
        self.reachable_lab = lab_of(ask.gamut.working(reachable))

    def mean_of(self, color: F64, ease: Ease) -> tuple[F64, F32]:
        shown = self.ask.to_working(
            self.material.recolored(color.astype(np.float32), self.ask.hue, ease, self.ask.gamut.bounded)
        )
        held = linear_of(self.ask.held(shown))
        return self.ask.gamut.document(self.weight.astype(np.float64) @ held), held

    def trial(self, aim: F64, ease: Ease, start: F64) -> _Trial:
        """The colour whose mean is `aim`: a secant for each channel, kept between what was too dark and what was too bright."""
        level = max(self.material.level, 1e-3)
        least, most = (-_LEAST / level, _MOST / level) if self.ask.gamut.bounded else (-64.0, 64.0)
        low, high = np.full(3, least), np.full(3, most)
        color, slope = np.clip(start, least, most), np.full(3, level)
        mean, held = self.mean_of(color, ease)
        for _ in range(12):
            miss = aim - mean
            if np.abs(miss).max() < 2e-5 + 2e-4 * aim.max():
                break
            low, high = np.where(miss > 0, color, low), np.where(miss > 0, high, color)
            step = color + miss / slope
            step = np.where((step < low) | (step > high), (low + high) / 2, step)
            before, previous = mean, color
            color = step
            mean, held = self.mean_of(color, ease)
            moved = color - previous
            with np.errstate(divide="ignore", invalid="ignore"):
                secant = (mean - before) / moved
            slope = np.where((np.abs(moved) > 1e-7) & (secant > 0.02) & (secant < 50), secant, slope)
        difference = float(delta_e_2000(lab_of(self.ask.gamut.working(mean)), self.reachable_lab))
        return _Trial(color, ease, mean, difference, _correlation(self.before, lightness_of(held)))

    def best(self) -> _Trial:
        """The trial that gives up least: the first that serves, or else the one with the smallest loss."""
        trials = [self.trial(self.reachable, Ease(), self.reachable / self.material.level)]
        for ease in _EASES if self.ask.gamut.bounded else ():
            if trials[-1].serves:
                return trials[-1]
            trials.append(self.trial(self.aim, ease, self.aim / self.material.level))
        return min(trials, key=lambda trial: trial.loss)


class _Fit(NamedTuple):
    """What came out: pixels as painted and as held (N x 3, working space), the held mean and what was given up."""

    shown: F32
    held: F32
    mean: F64
    difference: float
    ease: Ease


def _fit(material: Material, original: F32, weight: F32, ask: _Ask) -> tuple[F32, BrandReport]:
    """The recoloured pixels (N x 3) whose mean over all of the material is the target, and the report on them."""
    reachable = ask.gamut.nearest(np.array(ask.target.linear))
    sample = _Sample(material, original, weight, ask, reachable)
    trial = sample.best()
    share = weight.astype(np.float64) / weight.sum()
    wanted, color = trial.mean, trial.color
    best = latest = _painted(material, color, share, trial.ease, ask, sample)
    for _ in range(2):
        if latest.difference <= max(trial.difference, _CLOSE):
            break
        wanted = wanted + trial.mean - ask.gamut.document(latest.mean)
        color = sample.trial(wanted, trial.ease, color).color
        latest = _painted(material, color, share, trial.ease, ask, sample)
        best = min(best, latest, key=lambda fit: fit.difference)
    return best.shown, _report(best, ask, reachable, original, weight)


def _painted(material: Material, color: F64, share: F64, ease: Ease, ask: _Ask, sample: _Sample) -> _Fit:
    """All of the material in `color`, a band at a time; share: N, each pixel's part in the mean."""
    shown = np.empty_like(material.rest)
    held = shown if ask.quantise is None else np.empty_like(shown)
    mean = np.zeros(3)
    for band in stripes(len(shown), 1):
        part = material.take(band).recolored(color.astype(np.float32), ask.hue, ease, ask.gamut.bounded)
        shown[band] = ask.to_working(part)
        held[band] = ask.held(shown[band])
        mean += share[band] @ linear_of(held[band])
    return _Fit(shown, held, mean, float(delta_e_2000(lab_of(mean), sample.reachable_lab)), ease)


def _report(fit: _Fit, ask: _Ask, reachable: F64, original: F32, weight: F32) -> BrandReport:
    sure = np.flatnonzero(weight > 0)
    sure = sure[:: max(1, len(sure) // _REPORTED)]
    nearest = ask.gamut.working(reachable)
    outside = ask.difference(nearest) > _OUTSIDE
    reached = lab_of(fit.mean)
    report = BrandReport(
        target=ask.target.text,
        target_lab=ask.target.lab,
        reached_lab=(float(reached[0]), float(reached[1]), float(reached[2])),
        delta_e=ask.difference(fit.mean),
        shading_correlation=_correlation(
            lightness_of(linear_of(original[sure])), lightness_of(linear_of(fit.held[sure]))
        ),
        clipped_share=float((np.abs(fit.held[sure] - fit.shown[sure]).max(1) > _CODE).mean()),
        out_of_gamut=outside,
        nearest=hex_of((float(nearest[0]), float(nearest[1]), float(nearest[2]))) if outside else "",
        hints=(),
    )
    return dataclasses.replace(report, hints=tuple(_hints(report, fit.ease, ask.difference(nearest))))


def _is_gray(hex_color: str) -> bool:
    codes = [int(hex_color[start : start + 2], 16) for start in (1, 3, 5)]
    return max(codes) - min(codes) <= _GRAY_CODES


def _hints(report: BrandReport, ease: Ease, gap: float) -> Iterator[str]:
    if report.out_of_gamut:
        cure = (
            "An RGB document holds colours." if _is_gray(report.nearest) else "One with a wider profile comes closer."
        )
        nearest = f"the nearest colour it holds is {report.nearest}, dE {gap:.1f} away"
        yield f"The document cannot hold {report.target}; {nearest}. {cure}"
    elif report.delta_e > _PROMISED:
        yield f"The mean is dE {report.delta_e:.1f} from {report.target}: the mask holds too little of the material's own colour."
    if ease.shading >= _TOLD.shading:
        yield (
            f"{report.target} lies at the end of what the document holds: the material's shading was reduced to "
            f"{100 * (1 - ease.shading):.0f} %. A floating-point or wide-gamut document keeps more of it."
        )
    if ease.gloss >= _TOLD.gloss:
        yield f"White highlights would have kept the mean from {report.target}: they were toned down."
    if report.shading_correlation is not None and report.shading_correlation < _SHADING_PROMISED:
        why = "is more than one material selected?" if ease == Ease() else f"{report.target} leaves little room for it."
        yield f"The new shading follows the old one only in part (r {report.shading_correlation:.2f}): {why}"


def _correlation(before: F32, after: F32) -> float | None:
    """Pearson's r of two sets of lightness; None where the first has no shading, 0 where the second has none."""
    if before.std() < _LIGHTNESS_SPREAD:
        return None
    if after.std() < 1e-6:
        return 0.0
    return float(np.corrcoef(before, after)[0, 1])
