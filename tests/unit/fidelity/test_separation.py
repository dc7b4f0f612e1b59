"""Layers that nearly make up a picture make it up, bit for bit. The oracle composites sample by sample, in Python's own numbers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inlay.fidelity import reconcile

Picture = NDArray[Any]


def rounded_at_each_layer(layers: list[Picture]) -> Picture:
    """Normal blending as people write it down: each layer onto what is below, to the nearest code value, by fractions."""
    white = int(np.iinfo(layers[0].dtype).max)
    result = layers[0][..., :3].astype(object)
    for layer in layers[1:]:
        for y, x, c in np.ndindex(result.shape):
            alpha = Fraction(int(layer[y, x, 3]), white)
            exact = int(layer[y, x, c]) * alpha + int(result[y, x, c]) * (1 - alpha)
            result[y, x, c] = (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
    return result.astype(layers[0].dtype)


def rounded_once(layers: list[Picture]) -> Picture:
    """One composite of real numbers, rounded at the end."""
    white = int(np.iinfo(layers[0].dtype).max)
    result = layers[0][..., :3].astype(np.longdouble)
    for layer in layers[1:]:
        alpha = layer[..., 3:].astype(np.longdouble) / white
        result = result * (1 - alpha) + layer[..., :3] * alpha
    return np.rint(result).astype(layers[0].dtype)


def krita(layers: list[Picture]) -> Picture:
    """Krita 5.1.5's 'over', as it was measured: float32 at each layer, multiplied and added at once."""
    white = np.float32(np.iinfo(layers[0].dtype).max)
    result = layers[0][..., :3].astype(np.float64)
    for layer in layers[1:]:
        alpha = (layer[..., 3:].astype(np.float32) * (np.float32(1) / white)).astype(np.float64)
        result = np.rint(((layer[..., :3] - result) * alpha + result).astype(np.float32)).astype(np.float64)
    return result.astype(layers[0].dtype)


def assert_is(layers: list[Picture], source: Picture) -> None:
    assert all(layer.dtype == source.dtype for layer in layers)
    assert (layers[0][..., 3] == np.iinfo(source.dtype).max).all()
    for host in (rounded_at_each_layer, rounded_once, krita):
        assert np.array_equal(host(layers), source), host.__name__


def scene(size: int, seed: int, dtype: type[Any], lie: float) -> tuple[Picture, list[Picture], list[Picture]]:
    """A background, a disc and a pane of glass: the picture, the true layers and what a decomposer said of them."""
    random = np.random.default_rng(seed)
    white = np.iinfo(dtype).max
    y, x = np.mgrid[0:size, 0:size] / size
    back = np.stack([0.2 + 0.6 * x, 0.7 - 0.4 * y, 0.4 + 0.2 * np.sin(9 * x)], 2)
    disc = np.clip((0.3 - np.hypot(x - 0.4, y - 0.45)) * size / 3, 0, 1)
    pane = 0.4 * ((x > 0.5) & (y > 0.3) & (y < 0.8))
    truth = [
        np.dstack([color, np.rint(alpha * white) / white])
        for color, alpha in (
            (back, np.ones_like(x)),
            (np.full_like(back, 0.9), disc),
            (np.full_like(back, [0.1, 0.5, 0.3]), pane),
        )
    ]
    source = rounded_once([np.rint(layer * white).astype(dtype) for layer in truth])
    said = [layer.copy() for layer in truth]
    for layer in said:
        layer[..., :3] += lie * random.normal(0, 1, 3) + 0.2 * lie * random.normal(0, 1, layer[..., :3].shape)
        layer[..., 3] = np.clip(layer[..., 3] * (1 + lie * random.normal()), 0, 1)
    return source, truth, [layer.clip(0, 1).astype(np.float32) for layer in said]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("lie", [0.0, 0.03, 0.3])
def test_the_stack_is_the_picture_in_every_host_however_much_the_layers_lie(dtype: type[Any], lie: float):
    source, _, said = scene(48, 5, dtype, lie)
    assert_is(reconcile(source, said), source)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1), st.sampled_from([np.uint8, np.uint16]), st.integers(1, 4))
def test_any_layers_at_all_are_made_to_add_up(seed: int, dtype: type[Any], count: int):
    random = np.random.default_rng(seed)
    white = np.iinfo(dtype).max
    source = random.choice([0, 1, white // 2, white - 1, white, int(random.integers(white))], (7, 9, 3)).astype(dtype)
    layers = random.random((count, 7, 9, 4)).astype(np.float32)
    layers[..., 3] = random.choice([0, 1 / white, 0.003, 0.5, 1 - 1 / white, 1, np.nan], (count, 7, 9))
    assert_is(reconcile(source, list(layers)), source)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_layers_that_tell_the_truth_stay_as_they_are(dtype: type[Any]):
    source, truth, _ = scene(64, 7, dtype, 0.0)
    white = np.iinfo(dtype).max
    for layer, true in zip(reconcile(source, [t.astype(np.float32) for t in truth]), truth, strict=True):
        assert np.array_equal(layer[..., 3], np.rint(true[..., 3] * white))
        seen = true[..., 3] > 0.2
        assert np.abs(layer[..., :3] / white - true[..., :3])[seen].max() < 3.5 / 255


def test_a_tint_of_the_background_is_taken_off_behind_the_object_too():
    source, truth, _ = scene(160, 9, np.uint16, 0.0)
    said = [layer.astype(np.float32) for layer in truth]
    said[0][..., :3] += [0.04, -0.03, 0.02]
    back = reconcile(source, said)[0][..., :3] / 65535
    hidden = truth[1][..., 3] == 1
    assert np.abs(back - truth[0][..., :3])[hidden].mean() < 0.25 * 0.03


def behind_a_lid(size: int, lid: Picture, tint: Picture) -> tuple[Picture, list[Picture]]:
    """A grey picture under an opaque lid, and layers of which the lower lies by `tint` where it is seen."""
    back = np.dstack([np.full((size, size, 3), 0.5), np.ones((size, size))])
    cover = np.dstack([np.full((size, size, 3), 0.2), lid])
    source = rounded_once([np.rint(layer * 65535).astype(np.uint16) for layer in (back, cover)])
    said = [layer.astype(np.float32) for layer in (back, cover)]
    said[0][..., :3] += tint
    return source, said


def test_blotches_of_what_a_layer_lost_are_not_carried_behind_what_covers_it():
    y, x = np.mgrid[0:320, 0:320]
    lid = (np.hypot(x - 160, y - 160) < 60).astype(float)
    blotches = 0.05 * np.sign(np.sin(x / 9) * np.sin(y / 9))
    source, said = behind_a_lid(320, lid, (0.03 + blotches)[..., None])
    carried = (said[0][..., :3] - reconcile(source, said)[0][..., :3] / 65535)[lid == 1]
    assert abs(carried.mean() - 0.03) < 0.012
    assert carried.std() < 0.0028


def test_what_the_layers_do_not_know_does_not_draw_the_object_into_what_it_hides():
    source, _, said = scene(160, 11, np.uint16, 0.03)
    back = reconcile(source, said)[0][..., :3] / 65535 - said[0][..., :3]
    inside = np.hypot(*(np.mgrid[0:160, 0:160] - 160 * np.array([0.45, 0.4])[:, None, None])) < 0.24 * 160
    steps = np.abs(np.diff(back, axis=1))[:, :, 1][inside[:, 1:]]
    assert steps.max() < 0.01


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_an_edge_said_a_pixel_beside_where_it_is_moves_there_and_is_not_drawn_into_the_background(dtype: type[Any]):
    source, truth, _ = scene(160, 13, dtype, 0.0)
    said = [layer.astype(np.float32) for layer in truth]
    said[1][..., 3] = np.roll(said[1][..., 3], (1, 1), (0, 1))
    back, disc, _ = reconcile(source, said)
    white = np.iinfo(dtype).max
    off = [np.abs(alpha - truth[1][..., 3]).mean() for alpha in (disc[..., 3] / white, said[1][..., 3])]
    assert off[0] < 0.5 * off[1]
    seen = truth[1][..., 3] > 0.02
    around = seen & (said[1][..., 3] < 0.98)
    assert np.abs(back[..., :3] / white - truth[0][..., :3])[around].mean() < 0.01
    assert_is([back, disc, _], source)


def test_a_faint_veil_over_black_is_thinned_rather_than_made_opaque():
    source = np.zeros((40, 40, 3), np.uint8)
    veil = np.dstack([np.full((40, 40, 3), 0.5), np.full((40, 40), 0.03)]).astype(np.float32)
    back = np.dstack([np.zeros((40, 40, 3)), np.ones((40, 40))]).astype(np.float32)
    layers = reconcile(source, [back, veil])
    assert_is(layers, source)
    assert layers[1][..., 3].max() < 0.03 * 255 + 1


def test_an_object_that_is_too_dark_to_reach_the_picture_covers_more_and_leaves_what_it_hides_alone():
    spot = np.s_[18:22, 18:22]
    source = np.full((40, 40, 3), round(0.9 * 65535 + 0.1 * 0.2 * 65535), np.uint16)
    source[spot] = round(0.95 * 65535)
    back = np.dstack([np.full((40, 40, 3), 0.2), np.ones((40, 40))]).astype(np.float32)
    light = np.dstack([np.full((40, 40, 3), 1.0), np.full((40, 40), 0.9)]).astype(np.float32)
    layers = reconcile(source, [back, light])
    assert_is(layers, source)
    assert 0.93 < layers[1][spot][..., 3].max() / 65535 < 0.95
    assert np.abs(layers[0][spot][..., :3] / 65535 - 0.2).max() < 0.03


@pytest.mark.parametrize(
    "layers",
    [[], [np.zeros((4, 4, 4), np.float32), np.zeros((4, 5, 4), np.float32)], [np.zeros((4, 4, 3), np.float32)]],
)
def test_layers_of_another_size_are_refused(layers: list[Picture]):
    with pytest.raises(ValueError, match="source of"):
        reconcile(np.zeros((4, 4, 3), np.uint8), layers)
