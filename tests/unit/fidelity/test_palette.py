"""A palette gives its hues and chromas, and takes nothing of the light: measured by another implementation of OKLab."""

import numpy as np
import pytest

from inlay.fidelity.palette import with_palette


def oklab(rgb: np.ndarray) -> np.ndarray:
    """https://bottosson.github.io/posts/oklab/, with the whole sRGB curve, in double."""
    rgb = rgb.astype(np.float64)
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((np.maximum(rgb, 0) + 0.055) / 1.055) ** 2.4)
    to_cones = [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
    to_lab = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
    return np.cbrt(linear @ np.transpose(to_cones)) @ np.transpose(to_lab)


def noise(seed: int, middle: tuple[float, float, float], spread: float, size: tuple[int, int] = (60, 80)) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.clip(np.asarray(middle) + spread * random.standard_normal((*size, 3)), 0.02, 0.98).astype(np.float32)


PAINTED, PALETTE = noise(1, (0.5, 0.42, 0.38), 0.06), noise(2, (0.33, 0.5, 0.55), 0.07, (40, 33))
EVERYWHERE = np.ones(PAINTED.shape[:2], np.float32)


def moments(pixels: np.ndarray, share: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    chosen = oklab(pixels).reshape(-1, 3)[..., 1:]
    weights = np.ones(len(chosen)) if share is None else share.reshape(-1).astype(np.float64)
    return np.average(chosen, axis=0, weights=weights), np.cov(chosen.T, aweights=weights)


def test_the_result_has_the_palettes_colours_at_its_own_lightness() -> None:
    made = with_palette(PAINTED, EVERYWHERE, PALETTE)
    for found, wanted in zip(moments(made), moments(PALETTE), strict=True):
        np.testing.assert_allclose(found, wanted, atol=2e-3)
    before = moments(PAINTED)[0]
    assert np.linalg.norm(before - moments(PALETTE)[0]) > 0.05
    lost = np.abs(oklab(made)[..., 0] - oklab(PAINTED)[..., 0])
    assert np.quantile(lost, 0.99) < 1e-3  # a few colours are beyond sRGB at their lightness


def test_only_what_is_selected_counts_as_far_as_it_is_selected() -> None:
    share = np.zeros_like(EVERYWHERE)
    share[:, 40:], share[:, 60:] = 1, 0.5
    spoilt = PAINTED.copy()
    spoilt[:, :40] = (0.9, 0.1, 0.1)
    made = with_palette(spoilt, share, PALETTE)
    np.testing.assert_allclose(moments(made[:, 40:], share[:, 40:])[0], moments(PALETTE)[0], atol=2e-3)


def test_weights_act_monotonically_and_none_changes_nothing() -> None:
    target = moments(PALETTE)[0]
    apart = [
        np.linalg.norm(moments(with_palette(PAINTED, EVERYWHERE, PALETTE, weight))[0] - target)
        for weight in np.linspace(0, 1, 6)
    ]
    assert (np.diff(apart) < -0.01).all()
    np.testing.assert_allclose(with_palette(PAINTED, EVERYWHERE, PALETTE, 0.0), PAINTED, atol=1e-3)
    assert with_palette(PAINTED, EVERYWHERE * 0, PALETTE) is PAINTED


@pytest.mark.parametrize(
    "picture", [np.full((50, 50, 3), 0.5, np.float32), noise(4, (0.5, 0.5, 0.5), 0.0005, (50, 50))]
)
def test_a_grey_picture_becomes_one_coloured_and_no_coloured_noise(picture: np.ndarray) -> None:
    made = with_palette(picture, np.ones((50, 50), np.float32), PALETTE)
    mean, spread = moments(made)
    np.testing.assert_allclose(mean, moments(PALETTE)[0], atol=2e-3)
    assert np.sqrt(np.trace(spread)) < 4.5 * np.sqrt(np.trace(moments(picture)[1])) + 1e-4


def test_a_palette_of_one_colour_is_that_colour() -> None:
    one = np.broadcast_to(np.float32([0.8, 0.3, 0.2]), (8, 8, 3)).copy()
    mean, spread = moments(with_palette(PAINTED, EVERYWHERE, one))
    np.testing.assert_allclose(mean, oklab(one)[0, 0, 1:], atol=2e-3)
    assert np.trace(spread) < 0.05 * np.trace(moments(PAINTED)[1])
