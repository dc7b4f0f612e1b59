"""What harmonizing promises about the pixels."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from inlay.fidelity import ArrayShapeError, Intent, belong
from support.fitting import fitted

DEPTHS = [np.uint8, np.uint16, np.float32]


def low(image: np.ndarray, sigma: float = 3) -> np.ndarray:
    return cv2.GaussianBlur(image.astype(np.float32), (0, 0), sigma)


def inside(edit) -> np.ndarray:
    return cv2.erode((edit.mask == 255).astype(np.uint8), np.ones((9, 9))) > 0


@pytest.mark.parametrize("dtype", DEPTHS)
@pytest.mark.parametrize("shape", ["edit", "soft"])
def test_pixels_outside_the_mask_are_bit_identical(dtype, shape, request):
    edit = request.getfixturevalue(shape)
    original = edit.at(dtype)
    result = fitted(original, edit.generated, edit.mask)
    outside = edit.mask == 0
    assert result.composite.dtype == original.dtype
    assert np.array_equal(result.composite[outside], original[outside])


def test_foreground_goes_on_beyond_the_mask(edit):
    result = fitted(edit.at(np.uint16), edit.generated, edit.mask)
    ring = (cv2.dilate(edit.mask, np.ones((17, 17))) > 0) & (edit.mask == 0)
    assert np.abs(low(result.foreground / 65535)[ring] - low(edit.truth)[ring]).mean() < 0.03


def test_the_models_colour_shift_is_undone(edit):
    result = fitted(edit.at(np.uint16), edit.generated, edit.mask).composite
    where = inside(edit)
    before = np.abs(low(edit.generated) - low(edit.truth))[where].mean()
    after = np.abs(low(result / 65535) - low(edit.truth))[where].mean()
    assert after < 0.008 < 0.02 < before


def test_grain_is_restored(edit):
    result = fitted(edit.at(np.uint16), edit.generated, edit.mask).composite / 65535
    where = inside(edit)
    noise = (result - edit.truth) - low(result - edit.truth, 2)
    wanted = (edit.original - edit.truth) - low(edit.original - edit.truth, 2)
    outside = cv2.dilate(edit.mask, np.ones((15, 15))) == 0
    assert noise[where].std() / wanted[outside].std() == pytest.approx(1, abs=0.2)


def test_a_removed_object_does_not_shine_through(edit):
    result = fitted(edit.at(np.uint8), edit.generated, edit.mask).composite / 255
    opened = edit.mask == 255
    assert np.quantile(np.abs(low(result, 1.5) - low(edit.truth, 1.5))[opened], 0.99) < 0.1


def test_drift_is_undone(edit):
    moved = cv2.warpAffine(
        edit.generated, np.float32([[1, 0, 2.3], [0, 1, -1.6]]), (224, 224), borderMode=cv2.BORDER_REPLICATE
    )
    result = fitted(edit.at(np.uint16), moved, edit.mask)
    assert result.report.registration.applied
    assert result.report.registration.dx_px == pytest.approx(2.3, abs=0.25)
    assert result.report.registration.dy_px == pytest.approx(-1.6, abs=0.25)


def test_a_wanted_recolour_survives(edit):
    truth = edit.truth
    wanted = truth.copy()
    opened = edit.mask > 127
    wanted[opened] = np.clip(wanted[opened] * np.float32([0.6, 0.9, 1.3]), 0, 1)
    generated = cv2.GaussianBlur(wanted, (0, 0), 0.6) * np.float32([1.05, 1, 0.94]) + np.float32(0.02)
    original = np.rint(truth * 65535).astype(np.uint16)
    result = fitted(original, generated.astype(np.float32), edit.mask, intent=Intent.EDIT).composite / 65535
    where = inside(edit)
    change, kept = (low(wanted) - low(truth))[where], (low(result) - low(truth))[where]
    assert (change * kept).sum() / (change**2).sum() == pytest.approx(1, abs=0.08)


def test_a_small_wanted_recolour_survives_when_the_operation_is_edit(edit):
    wanted = edit.truth + np.float32([0.03, 0.0, -0.02]) * (edit.mask[..., None] / np.float32(255))
    original = np.rint(edit.truth * 65535).astype(np.uint16)
    result = fitted(original, wanted.astype(np.float32), edit.mask, intent=Intent.EDIT).composite / 65535
    where = inside(edit)
    change, kept = (wanted - edit.truth)[where], (low(result) - low(edit.truth))[where]
    assert (change * kept).sum() / (change**2).sum() > 0.8


def test_a_faint_blemish_is_removed_altogether(edit):
    original = edit.truth.copy()
    spot = np.zeros((224, 224), np.float32)
    cv2.circle(spot, (112, 112), 6, 1.0, -1, cv2.LINE_AA)
    original -= low(spot, 1.5)[..., None] * 0.03
    result = fitted(np.rint(original * 65535).astype(np.uint16), edit.generated, edit.mask).composite / 65535
    assert np.abs(low(result, 2) - low(edit.truth, 2))[spot > 0.9].mean() < 0.01


def test_sixteen_bit_results_use_sixteen_bits(edit):
    result = fitted(edit.at(np.uint16), edit.generated, edit.mask).composite
    assert (result[edit.mask == 255] % 257 == 0).mean() < 0.02


def test_float_documents_keep_values_beyond_white_and_black_outside(edit):
    original = edit.original.copy()
    original[:20] *= 4
    original[-20:] -= 1.5
    result = fitted(original, edit.generated, edit.mask)
    outside = edit.mask == 0
    assert np.array_equal(result.composite[outside], original[outside])
    assert np.isfinite(result.composite).all()
    assert result.composite[edit.mask > 0].max() < 1.5


def test_the_same_seed_gives_the_same_pixels_and_another_seed_other_grain(edit):
    original = edit.at(np.uint8)
    first, again, other = (fitted(original, edit.generated, edit.mask, seed=s).composite for s in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_inputs_are_left_alone(soft):
    arrays = [soft.at(np.uint8), soft.generated.copy(), soft.mask.copy()]
    copies = [a.copy() for a in arrays]
    fitted(*arrays)
    assert all(np.array_equal(a, b) for a, b in zip(arrays, copies, strict=True))


@pytest.mark.parametrize("intent", list(Intent))
def test_a_mask_of_any_depth_shows_every_one_of_its_levels(edit, intent):
    levels = 1100
    mask = np.linspace(0, 65535, levels).astype(np.uint16)[None].repeat(40, 0)
    original = np.zeros((40, levels, 3), np.uint16)
    generated = np.where(mask[..., None] > 0, np.float32(1), np.float32(0)).repeat(3, 2)
    result = fitted(original, generated, mask, intent=intent)
    assert len(np.unique(result.composite[20, :, 0])) == levels
    assert np.abs(result.composite[20, :, 0].astype(int) - mask[20]).max() <= 1


def test_wrong_arrays_name_themselves(edit):
    share = edit.mask / np.float32(255)
    with pytest.raises(ArrayShapeError, match="generated"):
        belong(edit.original, edit.generated[:-1], share, intent=Intent.FILL)
    with pytest.raises(ArrayShapeError, match="share"):
        belong(edit.original, edit.generated, edit.mask, intent=Intent.FILL)


def test_the_report_is_plain_json(edit):
    report = fitted(edit.at(np.uint8), edit.generated, edit.mask).report
    assert report.trust.trusted
    assert report.ring_delta_e_after < 1.0 < report.ring_delta_e_before
    assert json.loads(json.dumps(report.as_dict()))["grain_level"] == pytest.approx(0.03, abs=0.01)
    assert all(type(v) is float for v in report.seconds.values())


def stripes(axis: int) -> np.ndarray:
    """A fine weave of equal mean colour, along one axis; HxWx1."""
    wave = np.sin(np.arange(224, dtype=np.float32) * np.float32(2 * np.pi / 8)) * np.float32(0.06)
    return np.broadcast_to(wave[:, None] if axis == 0 else wave[None, :], (224, 224))[..., None]


@pytest.mark.parametrize("intent", [Intent.FILL, Intent.EDIT])
def test_a_change_of_texture_alone_survives(edit, intent):
    share = edit.mask[..., None] / np.float32(255)
    base = np.full_like(edit.truth, 0.5)
    original = base + stripes(0)
    generated = base + stripes(0) * (1 - share) + stripes(1) * share
    result = fitted(np.rint(original * 65535).astype(np.uint16), generated, edit.mask, intent=intent).composite / 65535
    where = inside(edit)
    wanted = (stripes(1) * np.ones(3, np.float32))[where]
    kept = ((result - base)[where] * wanted).sum() / (wanted**2).sum()
    assert kept > 0.9


def test_a_clipped_colour_the_surroundings_do_not_show_is_not_greyed():
    random = np.random.default_rng(3)
    truth = np.clip(cv2.GaussianBlur(random.normal(0.12, 0.15, (224, 224, 1)).astype(np.float32), (0, 0), 3), 0.05, 0.3)
    truth = truth[..., None].repeat(3, 2)
    mask = np.zeros((224, 224), np.uint8)
    cv2.circle(mask, (112, 112), 50, 255, -1, cv2.LINE_AA)
    share = mask[..., None] / np.float32(255)
    wanted = truth * (1 - share) + np.float32([0.01, 0.12, 0.3]) * share
    generated = np.clip(wanted - np.float32([0.06, 0.0, 0.0]), 0, 1)
    result = fitted(np.rint(truth * 65535).astype(np.uint16), generated, mask, intent=Intent.EDIT).composite / 65535
    assert np.abs(result[mask == 255].mean(0) - [0.01, 0.12, 0.3]).max() < 0.03


def test_pasted_surroundings_still_give_the_inside_their_light_and_grain(edit):
    share = edit.mask[..., None] / np.float32(255)
    random = np.random.default_rng(8)
    grain = random.normal(0, 0.02, edit.truth.shape).astype(np.float32)
    surroundings = low(edit.truth, 8) + grain
    pasted = surroundings * (1 - share) + (low(edit.truth, 8) - np.float32(0.02)) * share
    result = fitted(np.rint(surroundings * (1 - share) * 65535).astype(np.uint16), pasted, edit.mask)
    where = inside(edit)
    composite = result.composite / 65535
    assert np.abs((composite - low(edit.truth, 8))[where].mean()) < 0.008
    assert (composite - low(composite, 2))[where].std() == pytest.approx((grain - low(grain, 2)).std(), rel=0.2)
    assert result.report.hints == ()
    assert (result.report.ring_delta_e_before, result.report.ring_delta_e_after) == (0.0, 0.0)
