"""Make generated pixels belong: light, colour, sharpness, grain and edge as their surroundings have them.

One computation gives the layer's pixels (`foreground`) and what the document will look like (`composite`); the second is always the
host's own blend of the first. Everything is learned from pixels the mask protects, which the engine has painted too.
Method and constants: docs of the stages; facts/quality.md section 2.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from inlay.fidelity import edge, grain, light, registration, samples, sharpness, step, trust
from inlay.fidelity.difference import delta_e_2000, to_cielab
from inlay.fidelity.oklab import shift_in_oklab, to_oklab
from inlay.fidelity.raster import (
    F32,
    U8,
    Flags,
    Samples,
    blur,
    distance_px,
    grow,
    luma,
    masked_blur,
    resize,
    stripes,
    thrice,
    warp,
)
from inlay.fidelity.report import Report, Stopwatch, Trust, word_hints

Op = Literal["fill", "edit"]

CONTEXT_PX = (64, 384)
"""How far around the mask is looked: the root of its bounding box, within these."""
REDUCTION = 2
"""Light, movement and agreement are found at half size."""
SMALL_PX = 48
"""Windows with a shorter side than this are not reduced."""
RING_PX = 24.0
"""The reported ring reaches at least this far from the mask."""
RING_LOW_PASS_PX = 5.0
"""The reported difference is one of light and colour: grain is averaged away."""
MANY_PIXELS = 100_000
"""From more known pixels than this, sharpness is learned from every second of each row and column."""
NOISE_GROWTH = 2.0
"""Most that grain is raised under a soft mask to come through at full strength; more would show if the mask is opened."""


class Harmonized(NamedTuple):
    """The result of one computation; pixels in the original's sample type.

    composite: HxWx3, bit-identical to the original where the mask is 0. foreground: HxWx3, what a host blends through
    the mask to get
    the composite; a full picture of harmonized paint, also where the mask is 0. report: what was found and done.
    """

    composite: Samples
    foreground: Samples
    report: Report


def harmonize(
    original: Samples, generated: F32, mask: Samples, *, core: Samples | None = None, op: Op = "fill", seed: int = 0
) -> Samples:
    """The composite of `belong`."""
    return belong(original, generated, mask, core=core, op=op, seed=seed).composite


def belong(
    original: Samples, generated: F32, mask: Samples, *, core: Samples | None = None, op: Op = "fill", seed: int = 0
) -> Harmonized:
    """Fit raw generated pixels into the original.

    original: HxWx3 uint8, uint16 or float32 (float may leave 0..1), sRGB-encoded. generated: HxWx3 float32, the whole
    raw window, never
    pasted into the original. mask: HxW uint8 or float32 0..1; 0 protects. core: HxW like mask, the part of the mask whose original
    content is to go (outside it, the original is true); None if not known. op: "fill" (remove, fill, refine) or
    "edit" (a recolour, a
    relight, an instruction: the change is wanted). seed: of the grain. Raises `SampleTypeError` and ValueError.
    """
    samples.check(original, generated, mask)
    if op not in edge.FEATHER_PX:
        raise ValueError(f"op must be one of {sorted(edge.FEATHER_PX)}, not {op!r}")
    watch = Stopwatch()
    codes = samples.mask_codes(mask)
    if not codes.any():
        return _nothing_to_do(original, watch)
    return _belong(original, generated, codes, core, op, seed, watch)


class _View(NamedTuple):
    """The looked-at part of the window: full-size floats and their reduced companions."""

    original: F32
    generated: F32
    codes: U8
    margin: Flags | None  # inside the mask, original content still true; reduced
    small_original: F32
    small_known: Flags  # protected, reduced
    reduction: float
    context_px: float


def _nothing_to_do(original: Samples, watch: Stopwatch) -> Harmonized:
    report = Report(
        None,
        None,
        registration.STILL.found,
        Trust(False, "Nothing is selected."),
        0.0,
        watch.seconds,
        ("Nothing is selected.",),
    )
    return Harmonized(original.copy(), original.copy(), report)


def _paste(original: Samples, generated: F32, codes: U8, watch: Stopwatch) -> Harmonized:
    reason = "The selection leaves no untouched picture to match to."
    foreground = samples.from_float(np.nan_to_num(generated), original)
    report = Report(
        None,
        None,
        registration.STILL.found,
        Trust(False, reason),
        0.0,
        watch.seconds,
        (f"{reason} The result is as generated.",),
    )
    return Harmonized(samples.blend_as_host(original, foreground, codes), foreground, report)


def _look(codes: U8) -> tuple[slice, slice, float]:
    rows, columns = (np.flatnonzero(codes.max(axis)) for axis in (1, 0))
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    reach = int(np.clip(np.sqrt((bottom - top) * (right - left)), *CONTEXT_PX))
    return slice(max(0, top - reach), bottom + reach), slice(max(0, left - reach), right + reach), float(reach)


def _reduced_flags(flags: Flags, height: int, width: int) -> Flags:
    return resize(flags.astype(np.float32), height, width) > 0.999


def _view(
    original: Samples, generated: F32, codes: U8, core: Samples | None, op: Op
) -> tuple[_View, tuple[slice, slice]]:
    rows, columns, context = _look(codes)
    o, m = samples.to_float(original[rows, columns]), codes[rows, columns]
    g = np.nan_to_num(generated[rows, columns].astype(np.float32, copy=False), nan=0.0, posinf=1.0, neginf=0.0)
    height, width = m.shape
    shrink = REDUCTION if min(height, width) >= SMALL_PX else 1
    h, w = height // shrink, width // shrink
    margin = None
    if core is not None and op == "fill":
        margin = _reduced_flags((m > 0) & (samples.mask_codes(core)[rows, columns] == 0), h, w)
    known = _reduced_flags(m == 0, h, w)
    return _View(o, g, m, margin, resize(o, h, w), known, float(np.sqrt(height * width / (h * w))), context), (
        rows,
        columns,
    )


def _belong(
    original: Samples, generated: F32, codes: U8, core: Samples | None, op: Op, seed: int, watch: Stopwatch
) -> Harmonized:
    random = np.random.Generator(np.random.SFC64(seed))
    with watch.stage("read"):
        view, place = _view(original, generated, codes, core, op)
    ring_share = float((view.codes == 0).mean())
    if not ring_share:
        return _paste(original, generated, codes, watch)
    h, w = view.small_known.shape
    with watch.stage("registration"):
        movement = registration.register(
            view.small_original, resize(view.generated, h, w), view.small_known, view.reduction, random
        )
        if movement.found.applied:
            view = view._replace(generated=warp(view.generated, movement.matrix))
        small = resize(view.generated, h, w)
    with watch.stage("trust"):
        judged = trust.judge(view.small_original, small, view.small_known, view.reduction)
    with watch.stage("light"):
        target, lab = to_oklab(view.small_original), to_oklab(small)
        fitted = _light(view, target, lab, judged, op, random)
        corrected = fitted.apply(lab)
    with watch.stage("apply"):
        paint = _apply(view, fitted, lab, op) if fitted.inliers >= 0 else view.generated
    with watch.stage("sharpness"):
        if judged.trusted:
            paint = _sharpen(view, paint)
    with watch.stage("grain"):
        found = _measure_grain(view, paint, judged, random)
    with watch.stage("edge"):
        share = edge.old_share(target, corrected, view.codes, op, view.reduction)
    with watch.stage("write"):
        foreground = original.copy()
        _write_foreground(view, paint, found, share, op, foreground[place], random)
        composite = samples.blend_as_host(original, foreground, codes)
    with watch.stage("report"):
        before, after = (0.0, 0.0) if judged.pasted else _ring_difference(view, small, resize(paint, h, w))
        hints = word_hints(judged, movement.found, before, after, ring_share)
    report = Report(before, after, movement.found, judged, found.strength if found else 0.0, watch.seconds, hints)
    return Harmonized(composite, foreground, report)


def _light(view: _View, target: F32, lab: F32, judged: Trust, op: Op, random: np.random.Generator) -> light.Light:
    """The correction of the generated window; inliers < 0: none found."""
    h, w = view.small_known.shape
    red = view.reduction
    unchanged = light.no_light(h, w)
    inside = ~view.small_known
    low_target, low_lab = (blur(x, light.LOW_PASS_PX / red) for x in (target, lab))
    fitted = None
    if judged.trusted:
        distance = distance_px(view.small_known) * np.float32(red)
        clean = ~grow(inside, int(np.ceil(2 * light.LOW_PASS_PX / red)))
        weight = light.pixel_weights(low_target, view.small_original, clean, distance, view.context_px, red)
        fitted = light.fit_light(low_target, low_lab, weight, random)
        if fitted is not None:
            rest = light.local_field(low_target - fitted.apply(low_lab), weight, light.LOCAL_SIGMA_PX / red)
            fitted = fitted._replace(offset=fitted.offset + rest)
    if op == "fill" and (fitted is not None or judged.pasted):
        fitted = fitted or unchanged
        corrected = fitted.apply(low_lab)
        same = step.shows_the_same(low_target, corrected, inside)
        margin = inside if same else view.margin
        found = step.inside_step(low_target, corrected, fitted.apply(lab), inside, margin, red)
        if found is not None:
            fitted = fitted._replace(offset=fitted.offset - step.rise(inside, red)[..., None] * found)
        if same:
            rest = light.local_field(
                low_target - fitted.apply(low_lab), np.ones_like(inside, np.float32), light.LOCAL_SIGMA_PX / red
            )
            fitted = fitted._replace(offset=fitted.offset + rest)
    return fitted or unchanged._replace(inliers=-1.0)


def _apply(view: _View, fitted: light.Light, lab: F32, op: Op) -> F32:
    height, width = view.codes.shape
    offset = resize(fitted.offset, height, width)
    slope = None if fitted.slope is None else resize(fitted.slope, height, width)
    paint = shift_in_oklab(view.generated, fitted.matrix, offset, slope)
    strange = light.strangeness(blur(lab, light.LOW_PASS_PX / view.reduction), view.small_known.astype(np.float32))
    strange = resize(np.where(view.small_known, 0, strange).astype(np.float32), height, width)
    rows, columns = (np.flatnonzero(strange.any(axis)) for axis in (1, 0))
    if rows.size:
        box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        light.hold_limits(paint[box], view.generated[box], strange[box], light.HELD[op])
    return light.hold_gradation(paint)


def _sharpen(view: _View, paint: F32) -> F32:
    ours = sharpness.bands(luma(paint))
    theirs = sharpness.bands(luma(view.original))
    known = ~grow(view.codes > 0, 6)
    if known.sum() > MANY_PIXELS:
        known[1::2], known[:, 1::2] = False, False
    detail = sharpness.added_detail(ours, sharpness.band_gains(theirs, ours, known))
    return paint if detail is None else paint + thrice(detail)


def _measure_grain(view: _View, paint: F32, judged: Trust, random: np.random.Generator) -> grain.Grain | None:
    known = view.codes == 0
    if judged.trusted:
        return grain.measure_grain(view.original, paint, known, random)
    return grain.measure_grain_alone(view.original, paint, known, random)


def _rim(codes: U8) -> Flags:
    """The fringe, looked for around the mask only."""
    rim = np.zeros(codes.shape, np.bool_)
    beyond = int(np.ceil(edge.FRINGE_PX)) + 1
    rows, columns = (np.flatnonzero(codes.max(axis)) for axis in (1, 0))
    box = tuple(slice(max(0, int(i[0]) - beyond), int(i[-1]) + 1 + beyond) for i in (rows, columns))
    rim[box] = edge.fringe(codes[box])
    return rim


def _write_foreground(
    view: _View,
    paint: F32,
    found: grain.Grain | None,
    share: F32,
    op: Op,
    out: Samples,
    random: np.random.Generator,
) -> None:
    """Mix the old pixels in where they may stay, add grain or dither, and write document samples into `out`, HxWx3."""
    rim = _rim(view.codes) if op == "fill" else None
    noise = None if found is None else grain.make_grain(found, paint, random)
    for rows in stripes(*view.codes.shape):
        m = view.codes[rows].astype(np.float32) * np.float32(1 / 255)
        new = 1 - share[rows]
        replaced = new
        if rim is not None and rim[rows].any():
            here = rim[rows]
            replaced = new.copy()
            replaced[here] *= 1 + new[here] * (1 / np.maximum(m[here], 0.1) - 1)
        values = paint[rows] - view.original[rows]
        values *= thrice(replaced)
        values += view.original[rows]
        if found is not None and noise is not None:
            inside = m > 0
            wanted = found.needed(np.where(inside, m * new, new))
            most = 1 + (NOISE_GROWTH - 1) * np.minimum(m * 10, 1)
            strength = np.where(inside, np.minimum(wanted / np.maximum(m, 1 / 255), most), wanted)
            values += noise[rows] * thrice(strength.astype(np.float32, copy=False))
        elif out.dtype == np.uint8:
            dither = random.random(values.shape, np.float32) - random.random(values.shape, np.float32)
            values += dither * thrice(new * np.float32(1 / 255))
        out[rows] = samples.from_float(values, out)


def _ring_difference(view: _View, before: F32, after: F32) -> tuple[float | None, float | None]:
    """Mean CIEDE2000 of the low-passed protected pixels near the mask, as generated and as harmonized."""
    red = view.reduction
    near = view.small_known & (distance_px(view.small_known) * red < max(RING_PX, 0.25 * view.context_px))
    where = np.flatnonzero(near)
    if where.size < trust.FEWEST_PIXELS:
        return None, None
    where = where[:: max(1, where.size // 4000)]
    weight = view.small_known.astype(np.float32)
    truth, was, now = (
        to_cielab(masked_blur(x, weight, RING_LOW_PASS_PX / red)[0].reshape(-1, 3)[where])
        for x in (view.small_original, before, after)
    )
    first, second = float(delta_e_2000(truth, was).mean()), float(delta_e_2000(truth, now).mean())
    return round(first, 3), round(second, 3)
