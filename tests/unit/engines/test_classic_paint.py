"""What the classic engine paints into a hole, judged as a retoucher would: texture, lines, tones, sources."""

import cv2
import numpy as np
import pytest
from skimage import data

from inlay.recipe import Tier, Verb
from support.classic_scenes import Witness, disk, paint, painted, photo, texture_energy


@pytest.mark.parametrize("name", ["grass", "gravel"])
@pytest.mark.parametrize("tier", list(Tier))
def test_a_filled_hole_is_as_busy_as_what_was_there(name: str, tier: Tier) -> None:
    pixels = photo(getattr(data, name)()[:256, :256])
    mask = disk(pixels, 128, 128, 40)
    filled = painted(pixels, mask, tier=tier)
    ratio = texture_energy(filled, mask > 0) / texture_energy(pixels, mask > 0)
    assert 0.65 < ratio < 1.4, f"texture energy in the hole is {ratio:.2f} times that of what was there"


def test_telea_would_fail_the_texture_test() -> None:
    pixels = photo(data.gravel()[:256, :256])
    mask = disk(pixels, 128, 128, 40)
    assert texture_energy(telea(pixels, mask), mask > 0) / texture_energy(pixels, mask > 0) < 0.5


def test_a_straight_edge_goes_on_through_the_hole() -> None:
    y, x = np.mgrid[:160, :160].astype(np.float32)
    light = np.clip((0.5 * x + y - 120) / 1.5 + 0.5, 0, 1) * 0.6 + 0.2
    pixels = np.repeat(light[..., None], 3, axis=2) + grain((160, 160, 3), 0.01)
    mask = disk(pixels, 80, 80, 24)
    filled = painted(pixels, mask)
    assert np.abs(filled - pixels)[mask > 0].mean() < 0.03
    middle = (0.5 * x + y - 120 > 6) & (mask > 0)
    assert np.abs(filled[middle].mean() - 0.8) < 0.03, "the light side stays light right up to the edge"


def test_a_smooth_sky_is_continued_without_a_step() -> None:
    y, x = np.mgrid[:200, :200].astype(np.float32)
    sky = np.stack([0.2 + 0.0010 * x, 0.3 + 0.0008 * y, 0.5 + 0.0005 * (x + y)], axis=2)
    sky += grain(sky.shape, 0.004)
    mask = disk(sky, 100, 100, 36)
    filled = painted(sky, mask)
    assert np.abs(filled - sky)[mask > 0].mean() < 0.02
    rows = filled[40:160, 40:160].reshape(12, 10, 12, 10, 3).mean(axis=(1, 3))
    assert np.abs(np.diff(rows, axis=0)).max() < 0.03
    assert np.abs(np.diff(rows, axis=1)).max() < 0.03


def test_a_far_object_is_not_copied_into_plain_surroundings() -> None:
    pixels = np.full((200, 200, 3), 0.6, np.float32) + grain((200, 200, 3), 0.01)
    pixels[10:50, 10:50] = (0.9, 0.1, 0.1)
    filled = painted(pixels, disk(pixels, 120, 120, 40))
    assert np.abs(filled[80:160, 80:160] - 0.6).max() < 0.1


def test_grain_of_a_16_bit_document_survives() -> None:
    levels = np.random.default_rng(3).integers(20_000, 40_000, (160, 160, 3))
    pixels = (levels / 65535).astype(np.float32)
    mask = disk(pixels, 80, 80, 24)
    filled = painted(pixels, mask)
    samples = np.round(filled[mask > 0] * 65535).astype(int)
    replicas = np.mean(samples % 257 == 0)
    assert replicas < 0.02, "8-bit replicas would be multiples of 257"
    assert 0.8 < filled[mask > 0].std() / pixels[mask == 0].std() < 1.2


def test_values_beyond_white_and_below_black_survive() -> None:
    pixels = photo(data.gravel()[:160, :160]) * 6 - 0.5
    filled = painted(pixels, disk(pixels, 80, 80, 24))
    inside = filled[60:100, 60:100]
    assert np.isfinite(filled).all()
    assert inside.max() > 2.0
    assert inside.min() < 0.0


def test_everything_outside_the_mask_is_returned_as_it_came() -> None:
    pixels = photo(data.astronaut()[:160, :200])
    mask = disk(pixels, 80, 100, 24) * 0.3
    filled = painted(pixels, mask)
    assert np.array_equal(filled[mask == 0], pixels[mask == 0])


def test_what_a_soft_fringe_still_shows_is_not_a_source() -> None:
    pixels = np.full((120, 120, 3), 0.5, np.float32) + grain((120, 120, 3), 0.01)
    pixels[45:75, 45:75] = (0.0, 0.9, 0.0)
    mask = np.zeros((120, 120), np.float32)
    mask[38:82, 38:82] = 0.02
    mask[46:74, 46:74] = 1.0
    assert np.abs(painted(pixels, mask)[38:82, 38:82] - 0.5).max() < 0.1


def test_unknown_pixels_are_filled_and_never_copied() -> None:
    pixels = photo(data.gravel()[:160, :160])
    known = np.ones((160, 160), np.bool_)
    known[:, 120:] = False
    pixels[~known] = (1.0, 0.0, 1.0)
    mask = np.zeros((160, 160), np.float32)
    mask[60:100, 80:140] = 1
    filled = painted(pixels, mask, known)
    assert (np.ptp(filled[mask > 0], axis=1) < 0.02).all(), "gravel is gray; the unknown pixels were magenta"


def test_a_square_canvas_grows_to_16_by_9() -> None:
    square = photo(data.grass()[:180, :180])
    pixels = np.zeros((180, 320, 3), np.float32)
    known = np.zeros((180, 320), np.bool_)
    pixels[:, 70:250], known[:, 70:250] = square, True
    filled = painted(pixels, (~known).astype(np.float32), known, verb=Verb.EXPAND)
    assert 0.6 < texture_energy(filled, ~known) / texture_energy(filled, known) < 1.4
    assert abs(filled[~known].mean() - square.mean()) < 0.05


def test_recolor_leaves_the_pixels_to_the_colour_step() -> None:
    pixels = photo(data.astronaut()[:96, :96])
    painting = paint(pixels, disk(pixels, 48, 48, 20), verb=Verb.RECOLOR, target_color="#ff0000")[0]
    assert np.array_equal(painting.pixels, pixels)


def grain(shape: tuple[int, ...], sigma: float) -> np.ndarray:
    return np.random.default_rng(0).normal(0, sigma, shape).astype(np.float32)


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee"])
def test_hair_over_something_small_leaves_no_other_material_there(name: str) -> None:
    top, left = {"astronaut": (20, 130), "chelsea": (40, 100), "coffee": (90, 200)}[name]
    pixels = photo(getattr(data, name)()[top : top + 200, left : left + 220])
    strands = hair(pixels.shape[:2], strands=14)
    covered = np.where(strands[..., None] > 0, np.float32(0.1), pixels)
    filled, plain = painted(covered, strands), telea(covered, strands)
    assert rms(filled, pixels, strands) < 1.15 * rms(plain, pixels, strands)


@pytest.mark.parametrize("name", ["gravel", "grass"])
def test_hair_over_texture_is_filled_with_texture(name: str) -> None:
    pixels = photo(getattr(data, name)()[:200, :220])
    strands = hair(pixels.shape[:2], strands=6)
    covered = np.where(strands[..., None] > 0, np.float32(0.1), pixels)
    assert detail(painted(covered, strands), strands) > 1.3 * detail(telea(covered, strands), strands)


def test_thin_masks_are_searched_no_longer_at_full_size_than_wide_ones() -> None:
    pixels = photo(data.gravel()[:200, :220])
    wires = np.zeros(pixels.shape[:2], np.float32)
    wires[20::30, :] = wires[21::30, :] = wires[22::30, :] = 1
    witness = Witness()
    paint(pixels, wires, progress=witness)
    assert witness.steps[-1][1] <= 2, "rounds; a wide hole has two at full size, too"


def hair(shape: tuple[int, int], *, strands: int) -> np.ndarray:
    """A mask of curved strands, 5 px wide, across the middle."""
    random = np.random.default_rng(4)
    drawn = np.zeros(shape, np.uint8)
    for _ in range(strands):
        turns = np.cumsum(random.normal(0, 0.25, 16)) + random.uniform(0, 2 * np.pi)
        path = np.cumsum(np.stack([np.cos(turns), np.sin(turns)], axis=1) * 8, axis=0)
        path += np.array(shape)[::-1] / 2 + random.uniform(-45, 45, 2) - path.mean(axis=0)
        cv2.polylines(drawn, [np.round(path).astype(np.int32)], False, 1, 5)
    return drawn.astype(np.float32)


def detail(pixels: np.ndarray, mask: np.ndarray) -> float:
    gray = pixels.mean(axis=2)
    return float((gray - cv2.GaussianBlur(gray, (0, 0), 1.5))[mask > 0].std())


def telea(pixels: np.ndarray, mask: np.ndarray) -> np.ndarray:
    samples = np.round(pixels * 255).astype(np.uint8)
    return cv2.inpaint(samples, (mask > 0).astype(np.uint8), 3, cv2.INPAINT_TELEA).astype(np.float32) / 255


def rms(filled: np.ndarray, truth: np.ndarray, mask: np.ndarray) -> float:
    return float(np.sqrt(np.square(filled - truth)[mask > 0].mean()))
