"""Masks, windows and models that do not play along."""

from __future__ import annotations

import numpy as np
import pytest

from inlay.fidelity import Intent
from support.fitting import fitted

SHAPES = [(1, 1), (1, 9), (8, 8), (40, 3), (64, 64), (130, 37)]


def assert_sound(original: np.ndarray, result, mask: np.ndarray) -> None:
    assert result.composite.shape == result.foreground.shape == original.shape
    assert result.composite.dtype == result.foreground.dtype == original.dtype
    assert np.array_equal(result.composite[mask == 0], original[mask == 0])
    assert np.isfinite(result.foreground.astype(np.float64)).all()


@pytest.mark.parametrize("intent", list(Intent))
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_tiny_windows_work(shape, dtype, intent):
    random = np.random.default_rng(1)
    original = (random.random((*shape, 3)) * {np.uint8: 255, np.uint16: 65535}.get(dtype, 1)).astype(dtype)
    generated = random.random((*shape, 3), np.float32)
    for mask in (random.integers(0, 2, shape) * 255, random.integers(0, 256, shape), np.full(shape, 255)):
        codes = mask.astype(np.uint8)
        assert_sound(original, fitted(original, generated, codes, intent=intent), codes)


def test_a_mask_over_the_whole_window_is_left_as_generated_and_says_so(edit):
    original = edit.at(np.uint8)
    result = fitted(original, edit.generated, np.full(edit.mask.shape, 255, np.uint8))
    assert np.abs(result.composite - np.clip(edit.generated, 0, 1) * 255.0).max() <= 0.51
    assert not result.report.trust.trusted
    assert "no untouched picture" in result.report.hints[0]


def test_an_empty_mask_changes_nothing(edit):
    original = edit.at(np.uint8)
    result = fitted(original, edit.generated, np.zeros_like(edit.mask))
    assert np.array_equal(result.composite, original)


def masks(side: int):
    one = np.zeros((side, side), np.uint8)
    one[100, 100] = 255
    border = np.zeros_like(one)
    border[:, :40] = 255
    corner = np.zeros_like(one)
    corner[-30:, -30:] = 128
    islands = np.zeros_like(one)
    islands[::16, ::16] = 255
    nearly_all = np.full_like(one, 255)
    nearly_all[:3] = 0
    return {"one pixel": one, "border": border, "corner": corner, "islands": islands, "nearly all": nearly_all}


@pytest.mark.parametrize("name", ["one pixel", "border", "corner", "islands", "nearly all"])
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_odd_masks_work(name, edit):
    mask = masks(edit.mask.shape[0])[name]
    original = edit.at(np.uint16)
    assert_sound(original, fitted(original, edit.generated, mask), mask)


def test_a_tight_mask_gets_a_hint(edit):
    report = fitted(edit.at(np.uint8), edit.generated, masks(224)["nearly all"]).report
    assert any("mask is tight" in hint for hint in report.hints)


def test_nothing_is_learned_from_another_picture(edit, another_picture):
    other = another_picture
    result = fitted(edit.at(np.uint16), other, edit.mask)
    assert not result.report.trust.trusted
    assert result.report.hints
    deep = edit.mask == 255
    difference = result.foreground.astype(np.float32) / 65535 - other
    assert np.abs(difference[deep].mean(0)).max() < 0.01


def test_surroundings_that_were_pasted_back_are_noticed(edit):
    share = edit.mask[..., None] / np.float32(255)
    pasted = edit.original * (1 - share) + edit.generated * share
    result = fitted(edit.at(np.uint16), pasted.astype(np.float32), edit.mask)
    assert not result.report.trust.trusted
    assert "copies" in result.report.trust.reason
    assert_sound(edit.at(np.uint16), result, edit.mask)


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_broken_samples_do_not_spread(edit):
    generated = edit.generated.copy()
    generated[100:104, 100:104] = np.nan
    generated[60, 60] = np.inf
    original = edit.at(np.float32)
    original[5, 5] = 1e6
    assert_sound(original, fitted(original, generated, edit.mask), edit.mask)


def test_black_and_white_pictures_work(edit):
    for value in (0, 255):
        original = np.full((*edit.mask.shape, 3), value, np.uint8)
        result = fitted(original, original.astype(np.float32) / 255, edit.mask)
        assert np.abs(result.composite.astype(int) - value).max() <= 2
