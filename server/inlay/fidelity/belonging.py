"""Make generated pixels belong: light, colour, sharpness, grain and edge as their surroundings have them.

Everything is learned from pixels the mask protects, which the engine has painted too. The result is a layer: what the host blends
through the mask.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from inlay.fidelity import edge, grain, light, registration, sharpness, step, trust
from inlay.fidelity.difference import delta_e_2000, to_cielab
from inlay.fidelity.grain_alone import measure_grain_alone
from inlay.fidelity.intent import Intent
from inlay.fidelity.mixing import mixed
from inlay.fidelity.oklab import shift_in_oklab, to_oklab
from inlay.fidelity.raster import F32, Flags, blur, distance_px, grow, luma, masked_blur, resize, thrice, warp
from inlay.fidelity.report import Report, Stopwatch, Surroundings, Trust, word_hints
from inlay.fidelity.view import View, view_of

RING_PX = 24.0
"""The reported ring reaches at least this far from the mask."""
RING_LOW_PASS_PX = 5.0
"""The reported difference is one of light and colour: grain is averaged away."""
MANY_PIXELS = 100_000
"""From more known pixels than this, sharpness is learned from every second of each row and column."""


class Belonging(NamedTuple):
    """layer: HxWx3 float32, what a host blends through the mask; a full picture, also where the mask is 0.
    report: what was found and done.
    """

    layer: F32
    report: Report


class ArrayShapeError(ValueError):
    """An array does not fit the others."""

    def __init__(self, name: str, expected: str, got: str) -> None:
        super().__init__(f"{name}: expected {expected}, got {got}")
        self.name, self.expected, self.got = name, expected, got


def belong(
    original: F32,
    generated: F32,
    share: F32,
    *,
    intent: Intent,
    visible: Flags | None = None,
    own_pixels: bool = False,
    seed: int = 0,
) -> Belonging:
    """Fit raw generated pixels into the original.

    original: HxWx3 float32, sRGB-encoded, may leave 0..1. generated: HxWx3 float32, the whole raw window, never pasted into the
    original. share: HxW float32, the mask 0..1; 0 protects. visible: HxW, False where the document shows nothing, so that nothing
    is learned there; None for everywhere. own_pixels: generated is made of the original's own pixels, whose light and colour are
    right. seed: of the grain. Raises ArrayShapeError.
    """
    _check(original, generated, share)
    watch = Stopwatch()
    share = np.clip(np.nan_to_num(share, nan=0.0), 0, 1).astype(np.float32, copy=False)
    if not share.any():
        return _as_it_is(original.copy(), "Nothing is selected.", watch)
    view = view_of(original, generated, share, visible)
    if not view.known.any():
        layer = np.nan_to_num(generated).astype(np.float32, copy=False)
        return _as_it_is(
            layer, "The selection leaves no untouched picture to match to. The result is as generated.", watch
        )
    painted, report = _fit(view, intent, own_pixels, np.random.Generator(np.random.SFC64(seed)), watch)
    layer = original.copy()
    layer[view.place] = painted
    return Belonging(layer, report)


def _check(original: F32, generated: F32, share: F32) -> None:
    if original.ndim != 3 or original.shape[2] != 3:
        raise ArrayShapeError("original", "HxWx3", str(original.shape))
    if generated.shape != original.shape:
        raise ArrayShapeError("generated", str(original.shape), str(generated.shape))
    if share.shape != original.shape[:2] or share.dtype.kind != "f":
        raise ArrayShapeError("share", f"{original.shape[:2]} of floats", f"{share.shape} of {share.dtype}")


def _as_it_is(layer: F32, why: str, watch: Stopwatch) -> Belonging:
    nothing = Trust(Surroundings.MISSING)
    return Belonging(layer, Report(None, None, registration.STILL.found, nothing, 0.0, watch.seconds, (why,)))


def _fit(
    view: View, intent: Intent, own_pixels: bool, random: np.random.Generator, watch: Stopwatch
) -> tuple[F32, Report]:
    """The layer of the looked-at part, and the report."""
    with watch.stage("registration"):
        judged, moved = None, registration.STILL
        if own_pixels or trust.are_copies(view.small_original, view.small_generated, view.small_known):
            judged = Trust(Surroundings.COPIED, 1.0)
        else:
            moved = registration.register(
                view.small_original, view.small_generated, view.small_known, view.reduction, random
            )
            if moved.found.applied:
                view = view.with_generated(warp(view.generated, moved.matrix))
    with watch.stage("trust"):
        judged = judged or trust.judge(view.small_original, view.small_generated, view.small_known, view.reduction)
    with watch.stage("light"):
        target, lab = to_oklab(view.small_original), to_oklab(view.small_generated)
        fitted = None if own_pixels else _light(view, target, lab, judged, intent, random)
    with watch.stage("apply"):
        paint = view.generated if fitted is None else _apply(view, fitted, lab, intent)
    with watch.stage("sharpness"):
        if judged.trusted:
            paint = _sharpen(view, paint)
    with watch.stage("grain"):
        found = _measure_grain(view, paint, judged, random)
    with watch.stage("edge"):
        old = np.zeros_like(view.share)
        if _may_stay(judged, intent):
            corrected = lab if fitted is None else fitted.apply(lab)
            old = edge.old_share(target, corrected, view.share, view.small_known, intent, view.reduction)
    with watch.stage("write"):
        layer = mixed(view, paint, old, found, intent, judged.copied, random)
    with watch.stage("report"):
        before, after = (0.0, 0.0) if judged.copied else _ring_difference(view, paint)
        hints = word_hints(judged, moved.found, before, after, float(view.known.mean()))
    level = found.strength if found else 0.0
    return layer, Report(before, after, moved.found, judged, level, watch.seconds, hints)


def _may_stay(judged: Trust, intent: Intent) -> bool:
    """Whether the original inside the mask has a say where the new pixels agree with it.

    Not where it is to go: what is faint agrees with everything. Nor where the engine copied: how closely it repeats what it
    means to keep shows only in surroundings that it has painted.
    """
    return intent is not Intent.ERASE and not judged.copied


def _light(
    view: View, target: F32, lab: F32, judged: Trust, intent: Intent, random: np.random.Generator
) -> light.Light | None:
    """The correction of the generated window; None where there is none."""
    reduction = view.reduction
    low_target, low_lab = (blur(x, light.LOW_PASS_PX / reduction) for x in (target, lab))
    fitted = None
    if judged.trusted:
        distance = distance_px(view.small_known) * np.float32(reduction)
        clean = ~grow(~view.small_known, int(np.ceil(2 * light.LOW_PASS_PX / reduction)))
        weight = light.pixel_weights(low_target, view.small_original, clean, distance, view.context_px, reduction)
        fitted = light.fit_light(low_target, low_lab, weight, random)
        if fitted is not None:
            fitted = _with_local(fitted, low_target, low_lab, weight, reduction)
    if intent is Intent.EDIT or (fitted is None and not judged.copied):
        return fitted
    base = fitted or light.no_light(*view.small_known.shape)
    corrected = base.apply(low_lab)
    same = _may_stay(judged, intent) and step.shows_the_same(low_target, corrected, view.small_inside)
    found = step.inside_step(
        low_target, corrected, base.apply(lab), view.small_inside, view.small_known, same, reduction
    )
    if found is not None:
        fitted = base._replace(offset=base.offset - step.rise(view.small_inside, reduction)[..., None] * found)
    if same:
        fitted = _with_local(fitted or base, low_target, low_lab, np.ones_like(lab[..., 0]), reduction)
    return fitted


def _with_local(fitted: light.Light, target: F32, lab: F32, weight: F32, reduction: float) -> light.Light:
    rest = light.local_field(target - fitted.apply(lab), weight, light.LOCAL_SIGMA_PX / reduction)
    return fitted._replace(offset=fitted.offset + rest)


def _apply(view: View, fitted: light.Light, lab: F32, intent: Intent) -> F32:
    height, width = view.share.shape
    offset = resize(fitted.offset, height, width)
    slope = None if fitted.slope is None else resize(fitted.slope, height, width)
    paint = shift_in_oklab(view.generated, fitted.matrix, offset, slope)
    strange = light.strangeness(blur(lab, light.LOW_PASS_PX / view.reduction), view.small_known.astype(np.float32))
    strange = resize(np.where(view.small_known, 0, strange).astype(np.float32), height, width)
    rows, columns = (np.flatnonzero(strange.any(axis)) for axis in (1, 0))
    if rows.size:
        box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        light.hold_limits(paint[box], view.generated[box], strange[box], light.HELD[intent])
    return light.hold_gradation(paint, view.generated)


def _sharpen(view: View, paint: F32) -> F32:
    ours = sharpness.bands(luma(paint))
    theirs = sharpness.bands(luma(view.original))
    known = ~grow(~view.known, 6)
    if known.sum() > MANY_PIXELS:
        known[1::2], known[:, 1::2] = False, False
    detail = sharpness.added_detail(ours, sharpness.band_gains(theirs, ours, known))
    return paint if detail is None else paint + thrice(detail)


def _measure_grain(view: View, paint: F32, judged: Trust, random: np.random.Generator) -> grain.Grain | None:
    if judged.trusted:
        return grain.measure_grain(view.original, paint, view.known, random)
    return measure_grain_alone(view.original, paint, view.known, view.share > 0, random)


def _ring_difference(view: View, paint: F32) -> tuple[float | None, float | None]:
    """Mean CIEDE2000 of the low-passed protected pixels near the mask, as generated and as fitted."""
    away = distance_px(~view.small_inside) * view.reduction
    near = view.small_known & (away < max(RING_PX, 0.25 * view.context_px))
    where = np.flatnonzero(near)
    if where.size < trust.FEWEST_PIXELS:
        return None, None
    where = where[:: max(1, where.size // 4000)]
    weight = view.small_known.astype(np.float32)
    fitted = resize(paint, *view.small_known.shape)
    truth, was, now = (
        to_cielab(masked_blur(x, weight, RING_LOW_PASS_PX / view.reduction)[0].reshape(-1, 3)[where])
        for x in (view.small_original, view.small_generated, fitted)
    )
    first, second = float(delta_e_2000(truth, was).mean()), float(delta_e_2000(truth, now).mean())
    return round(first, 3), round(second, 3)
