"""A pasted layer is made to belong: what is foreign goes, what is its own stays.

The scenes' truths are known; measures are NumPy's."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from inlay.fidelity import match
from inlay.fidelity.blurring import BELIEVED, LARGEST_SHARPENING, Edges, wanted_change
from inlay.fidelity.compression import rounding_of, without_lattice
from support.pasted import (
    HEIGHT,
    MIDDLE,
    NOTHING,
    WIDTH,
    Picture,
    blurred,
    disc,
    fine,
    grain,
    layer_of,
    of,
    samples,
    scene,
    things,
)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_with_all_amounts_0_nothing_changes_by_a_bit(dtype: Any):
    layer = layer_of(scene(1) + grain(0.03, 0, 1), disc(), dtype)
    assert np.array_equal(match(samples(scene(2), dtype), layer, **NOTHING), layer)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_alpha_stays_as_it_is_and_so_does_what_cannot_be_seen(dtype: Any):
    layer = layer_of(scene(1) + grain(0.03, 0, 1), disc(), dtype)
    new = match(samples(scene(2) + grain(0.01, 1.2, 2), dtype), layer)
    assert (new.shape, new.dtype) == (layer.shape, layer.dtype)
    assert np.array_equal(new[..., 3], layer[..., 3])
    assert np.array_equal(new[layer[..., 3] == 0], layer[layer[..., 3] == 0])
    assert not np.array_equal(new, layer)


@pytest.mark.parametrize(
    ("own", "theirs"), [((0.004, 0), (0.03, 1.0)), ((0.05, 0), (0.012, 1.0)), ((0.03, 1.2), (0.03, 0))]
)
def test_grain_becomes_the_documents_whichever_has_more(own: tuple[float, float], theirs: tuple[float, float]):
    document, below = samples(scene(2) + grain(*theirs, seed=2)), scene(2) + grain(*theirs, seed=3)
    new = of(match(document, layer_of(scene(1) + grain(*own, seed=1), disc()), light=0, color=0, sharpness=0))
    truth = fine(below - scene(2), MIDDLE)
    assert abs(np.log2(fine(new - scene(1), MIDDLE) / truth)) < 0.35
    assert np.abs(blurred(new - scene(1), 6)[MIDDLE]).mean() < 0.006


def test_a_layer_too_sharp_is_blurred_as_the_document_is_and_a_soft_one_sharpened():
    noise = grain(0.004, 0, 2)
    edges = blurred(np.abs(blurred(scene(1) @ [0.3, 0.6, 0.1], 1.5) - blurred(scene(1) @ [0.3, 0.6, 0.1], 3)), 1)
    where = MIDDLE & (edges > np.quantile(edges, 0.93))

    def sharpness(picture: Picture) -> float:
        y = picture @ [0.299, 0.587, 0.114]
        return float((y - blurred(y, 1.0))[where].std())

    soft_document, sharp_document = samples(blurred(scene(2), 1.6) + noise), samples(scene(2) + noise)
    sharp, soft = scene(1) + grain(0.004, 0, 1), blurred(scene(1), 1.4) + grain(0.004, 0, 1)
    softened = of(match(soft_document, layer_of(sharp, disc()), light=0, color=0))
    sharpened = of(match(sharp_document, layer_of(soft, disc()), light=0, color=0))
    assert sharpness(softened) < 0.75 * sharpness(sharp)
    assert sharpness(sharpened) > 1.15 * sharpness(soft)


def test_sharpening_brings_up_no_grain():
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]

    def chequered(seed: int) -> Picture:
        return blurred(scene(seed) * np.where((x // 36 + y // 36) % 2, 1, 0.4)[..., None], 0.5)

    soft, wanted = blurred(chequered(1), 1.6), grain(0.012, 0.9, 3)
    layer = layer_of(soft + grain(0.03, 0.35, 1), disc())
    matched = of(match(samples(chequered(2) + grain(0.012, 0.9, 2)), layer, light=0, color=0))
    calm = MIDDLE & (np.maximum(abs(x % 36 - 18), abs(y % 36 - 18)) < 9)
    assert fine(matched, MIDDLE & ~calm) > 1.1 * fine(soft + wanted, MIDDLE & ~calm)
    assert fine(matched, calm) < 1.28 * fine(soft + wanted, calm)


def test_the_old_backgrounds_colour_leaves_soft_pixels_and_clean_ones_stay():
    document, alpha = samples(scene(2) + grain(0.01, 0, 2)), disc(3.0)
    own, noise = np.broadcast_to([0.55, 0.35, 0.3], (HEIGHT, WIDTH, 3)), grain(0.01, 0, 1)
    mixed = own * alpha[..., None] + np.array([0.2, 0.4, 0.9]) * (1 - alpha[..., None])
    soft = (alpha > 0.1) & (alpha < 0.9)
    clean = of(match(document, layer_of(mixed + noise, alpha), light=0, color=0, sharpness=0, grain=0, fringe=1))
    share = ((clean - own) * (mixed - own))[soft].sum() / np.square((mixed - own)[soft]).sum()
    assert abs(share) < 0.15
    kept = layer_of(own + 0.04 * (1 - alpha[..., None]) + noise / 8, alpha)
    assert np.array_equal(match(document, kept, light=0, color=0, sharpness=0, grain=0, fringe=1), kept)


def test_blotches_of_colour_go_though_they_are_larger_than_grain():
    noise = blurred(np.random.default_rng(1).normal(0, 1, (HEIGHT, WIDTH, 3)), 2.5)
    noise -= noise.mean(2, keepdims=True)
    pasted = 0.45 + noise * 0.05 / noise.std()
    new = of(match(samples(scene(2) + grain(0.004, 0, 2)), layer_of(pasted, disc()), light=0, color=0, sharpness=0))
    blotches = [float(blurred(picture - 0.45, 3)[MIDDLE].std()) for picture in (pasted, new)]
    assert blotches[1] < 0.75 * blotches[0]


def test_grain_goes_up_to_the_contour_as_it_goes_inside():
    layer = layer_of(0.5 + grain(0.04, 0, 1), disc(0.6))
    new = of(match(samples(scene(2) + grain(0.002, 0, 2)), layer, light=0, color=0, sharpness=0))
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    from_contour = 90 - np.hypot(x - 150, y - 130)
    inside, rim = (float((new - 0.5)[where].std()) for where in (from_contour > 20, abs(from_contour - 6) < 3))
    assert rim < 1.35 * inside


def test_new_grain_has_no_seam_anywhere_in_a_high_layer():
    coarse = blurred(np.random.default_rng(2).normal(0, 1, (1100, 200, 3)), 1.6)
    document, flat = samples(0.45 + 0.03 * coarse / coarse.std()), np.full((1100, 200, 3), 0.45)
    new = of(match(document, layer_of(flat, np.ones((1100, 200))), light=0, color=0))
    steps = np.abs(np.diff(new @ [0.299, 0.587, 0.114], axis=0)).mean(1)
    assert np.median(steps) > 0.004
    assert steps.max() < 1.6 * np.median(steps)


@pytest.mark.parametrize("offset", [0, 3])
def test_the_lattice_of_jpeg_goes_wherever_it_lies(offset: int):
    pasted = np.roll(jpeg(scene(1) + grain(0.01, 1.0, 1), 25), offset, 1)

    def steps(picture: Picture) -> float:
        y = np.abs(np.diff(picture @ [0.299, 0.587, 0.114], axis=1))
        on = (np.arange(y.shape[1]) - offset) % 8 == 7
        there = MIDDLE[:, 1:]
        return float(y[there & on].mean() / y[there & ~on].mean())

    new = of(match(samples(scene(2) + grain(0.008, 0, 2)), layer_of(pasted, disc()), light=0, color=0, sharpness=0))
    assert steps(pasted) > 1.35
    assert steps(new) < 1.1
    found = rounding_of(pasted.astype(np.float32), MIDDLE)
    assert steps(without_lattice(pasted.astype(np.float32), found)) < 1.1


FIRST_LUMA_STEPS = (11, 12, 12, 14, 10, 13, 14, 16)
"""JPEG's table for luma, ITU-T T.81, Annex K, at the cosines beside the mean; of quality 50."""


def jpeg(picture: Picture, quality: int) -> Picture:
    ok, data = cv2.imencode(".jpg", samples(picture, np.uint8)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert ok
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert decoded is not None
    return decoded[..., ::-1] / 255


@pytest.mark.parametrize(("quality", "loud"), [(35, 0.0), (35, 0.066), (60, 0.01), (60, 0.066), (85, 0.01)])
@pytest.mark.parametrize("offset", [0, 3])
def test_how_coarsely_jpeg_has_rounded_is_found_also_under_loud_grain(quality: int, loud: float, offset: int):
    scale = 50 / quality if quality < 50 else 2 - quality / 50
    plain = (things(1) + (grain(loud, 0, 1) if loud else 0)).astype(np.float32)
    pasted = np.roll(jpeg(plain, quality), (2, offset), (0, 1)).astype(np.float32)
    there = disc() > 0.98
    assert rounding_of(pasted, there) * 255 == pytest.approx(np.median(FIRST_LUMA_STEPS) * scale, rel=0.25)
    assert rounding_of(plain, there) == 0


def test_jpeg_in_a_picture_that_is_jpeg_itself_is_not_foreign():
    document = samples(jpeg(scene(2) + grain(0.02, 0.9, 2), 85))
    layer = layer_of(jpeg(scene(1) + grain(0.02, 0.9, 1), 85), disc())
    assert np.array_equal(match(document, layer), layer)
    coarser = layer_of(jpeg(scene(1) + grain(0.02, 0.9, 1), 50), disc())
    assert not np.array_equal(match(document, coarser), coarser)


@pytest.mark.parametrize("sigma", [0, 0.5, 0.9, 1.6])
@pytest.mark.parametrize("seed", [1, 7, 11])
def test_what_belongs_is_left_alone_to_the_bit(sigma: float, seed: int):
    document = samples(scene(2) + grain(0.02, sigma, 2))
    layer = layer_of(scene(1) + grain(0.02, sigma, seed), disc())
    assert np.array_equal(match(document, layer), layer)


def test_texture_of_one_colour_is_not_taken_for_grain():
    document = samples(scene(2) + grain(0.02, 0.5, 2))
    rough = blurred(np.random.default_rng(4).normal(0, 1, (HEIGHT, WIDTH)), 0.9)
    fur = rough[..., None] / rough.std() * [0.06, 0.05, 0.035]
    new = of(match(document, layer_of(0.5 + fur + grain(0.006, 0, 1), disc()), light=0, color=0, sharpness=0))
    kept = ((new - 0.5) * fur)[MIDDLE].sum() / np.square(fur)[MIDDLE].sum()
    assert 0.85 < kept < 1.1


def test_grain_of_a_grey_picture_is_grain_though_it_has_no_colour():
    document = samples(scene(2) + grain(0.012, 0.5, 2))
    grey = np.repeat(grain(0.05, 0.5, 1)[..., :1], 3, 2)
    new = of(match(document, layer_of(0.5 + grey, disc()), light=0, color=0, sharpness=0))
    assert fine(new, MIDDLE) < 0.5 * fine(0.5 + grey, MIDDLE)


def test_a_deliberate_look_stays_where_light_and_color_are_off():
    look = np.clip(scene(1) * [1.3, 0.8, 0.6] + 0.1, 0, 1)
    layer = layer_of(look + grain(0.004, 0, 1), disc())
    new = of(match(samples(scene(2) + grain(0.02, 0.9, 2)), layer, light=0, color=0))
    assert np.abs(blurred(new - look, 4)[MIDDLE]).mean() < 0.005


def test_the_same_seed_gives_the_same_pixels_and_another_only_other_grain():
    document, layer = samples(scene(2) + grain(0.03, 1.0, 2)), layer_of(scene(1), disc())
    first, again, other = (match(document, layer, seed=s) for s in (5, 5, 6))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.abs(blurred(of(first) - of(other), 5)[MIDDLE]).mean() < 0.006


def test_a_layer_of_few_pixels_or_none_comes_back():
    document = samples(scene(2) + grain(0.03, 1.0, 2), np.uint8)
    empty = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    assert np.array_equal(match(document, empty), empty)
    empty[40:46, 50:58] = 200
    assert np.array_equal(match(document, empty)[..., 3], empty[..., 3])


def test_a_layer_of_another_size_or_depth_is_refused():
    with pytest.raises(ValueError, match="is none for a background"):
        match(samples(scene(2)), layer_of(scene(1), disc())[:50])
    with pytest.raises(ValueError, match="is none for a background"):
        match(samples(scene(2), np.uint8), layer_of(scene(1), disc()))


def hair(seed: int) -> Picture:
    """HxW, strands a pixel or two wide, as detail of photographs mostly is; values as in `scene`, no noise."""
    random, there = np.random.default_rng(seed), np.full((2 * HEIGHT, 2 * WIDTH), 0.45, np.float32)
    for _ in range(90):
        first, last = random.integers(0, (2 * WIDTH, 2 * HEIGHT), (2, 2))
        cv2.line(
            there, first.tolist(), last.tolist(), random.uniform(0.2, 0.8), int(random.integers(2, 5)), cv2.LINE_AA
        )
    return cv2.resize(there, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("sigma", [0.9, 1.2, 2.0])
def test_how_much_a_thing_of_hair_is_blurred_is_found_though_hair_has_no_edges(sigma: float):
    def edges(y: Picture) -> Edges:
        return Edges(y, np.ones(y.shape, np.bool_), 0.001)

    sharp, soft = edges(hair(1)), edges(blurred(hair(2), sigma))
    softer, sharper = wanted_change(soft, sharp), wanted_change(sharp, soft)
    assert softer / BELIEVED == pytest.approx(sigma**2, rel=0.3)
    assert -sharper / BELIEVED == pytest.approx(min(sigma**2, LARGEST_SHARPENING / BELIEVED), rel=0.3)
    assert wanted_change(edges(hair(3)), sharp) == 0


@pytest.mark.parametrize("quality", [35, 60])
def test_the_old_backgrounds_colour_leaves_also_what_jpeg_has_smeared(quality: int):
    alpha = disc(0.6)
    own = np.broadcast_to([0.55, 0.35, 0.3], (HEIGHT, WIDTH, 3))
    mixed = own * alpha[..., None] + np.array([0.2, 0.4, 0.9]) * (1 - alpha[..., None])
    saved = jpeg(mixed + grain(0.02, 0, 1), quality)
    new = of(match(samples(scene(2) + grain(0.01, 0, 2)), layer_of(saved, alpha), light=0, color=0, sharpness=0))
    soft = (alpha > 0.1) & (alpha < 0.9)
    share = ((new - own) * (mixed - own))[soft].sum() / np.square((mixed - own)[soft]).sum()
    assert abs(share) < 0.08
